from types import SimpleNamespace

import numpy as np
import pytest
import torch

from latent_studio.errors import Cancelled, DataError, OptionError
from latent_studio.latent.classifier import AttributeClassifier, fit_pictures, working_size
from latent_studio.latent.classifier_training import (
    ClassifierSettings,
    masked_loss,
    score_images,
    train_classifier,
)
from latent_studio.latent.labelled import split_groups, usable_attributes
from latent_studio.mailbox import StopToken

QUICK = ClassifierSettings(epochs=6, batch=32)


@pytest.fixture(scope="module")
def shades():
    """Pictures whose lightness is one attribute and whose upper half's redness is another."""
    draw = np.random.RandomState(0)
    light, red = draw.randint(0, 2, 400), draw.randint(0, 2, 400)
    images = draw.randint(0, 80, (400, 3, 8, 8)) + 60 * light[:, None, None, None]
    images[:, 0, :4] += 100 * red[:, None, None]
    known = light.astype(np.float32)
    known[::5] = np.nan
    return SimpleNamespace(
        images=images.astype(np.uint8),
        attributes={"light": known, "red": red.astype(np.float32)},
        groups=[f"person {i // 4}" for i in range(400)],
    )


def test_it_learns_several_attributes_at_once(shades):
    classifier, report = train_classifier(shades, ["light", "red"], settings=QUICK)
    assert report.accuracy["light"] > 0.9 and report.accuracy["red"] > 0.9
    assert report.trained + report.held_out == 400 and 40 <= report.held_out <= 80
    assert not classifier.training
    logits = score_images(classifier, shades.images, np.arange(400))
    truth = shades.attributes["red"] > 0.5
    assert ((logits[:, 1].numpy() > 0) == truth).mean() > 0.9


def test_equal_seeds_give_equal_classifiers_without_the_default_generator(shades):
    state = torch.random.get_rng_state()
    settings = ClassifierSettings(epochs=1, batch=64)
    first, second = (
        train_classifier(shades, ["red"], seed=3, settings=settings)[0].state_dict()
        for _ in range(2)
    )
    other = train_classifier(shades, ["red"], seed=4, settings=settings)[0].state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["head.weight"], other["head.weight"])
    assert torch.equal(torch.random.get_rng_state(), state)


def test_nobody_is_on_both_sides(shades):
    first, second = split_groups(shades, 0.3, seed=1)
    people = np.array(shades.groups)
    assert not set(people[first]) & set(people[second])
    assert sorted([*first, *second]) == list(range(400))
    assert len(second) == pytest.approx(120, abs=4)
    again = split_groups(shades, 0.3, seed=1)
    assert np.array_equal(second, again[1])
    assert not np.array_equal(second, split_groups(shades, 0.3, seed=2)[1])
    inner = split_groups(shades, 0.5, 0, among=second)
    assert sorted([*inner[0], *inner[1]]) == second.tolist()


def test_pictures_without_people_are_split_one_by_one(shades):
    alone = SimpleNamespace(images=shades.images, attributes={}, groups=None)
    assert len(split_groups(alone, 0.5, 0)[1]) == 200


def test_unknown_labels_do_not_count():
    logits = torch.tensor([[2.0, 1.0], [-1.0, 5.0]], requires_grad=True)
    targets = torch.tensor([[1.0, float("nan")], [0.0, float("nan")]])
    loss = masked_loss(logits, targets, torch.ones(2, 2), 0.0)
    loss.backward()
    wanted = torch.nn.functional.softplus(torch.tensor([-2.0, -1.0])).mean()
    assert loss.item() == pytest.approx(wanted.item())
    assert logits.grad[:, 1].abs().sum() == 0


def test_both_sides_count_alike():
    logits = torch.zeros(10, 1)
    targets = torch.tensor([[1.0]] + [[0.0]] * 9)
    balance = torch.tensor([[10 / 18], [5.0]])
    logits.requires_grad_()
    masked_loss(logits, targets, balance, 0.0).backward()
    assert logits.grad[0].item() == pytest.approx(-logits.grad[1:].sum().item())


def test_usable_attributes(shades):
    mixed = SimpleNamespace(
        images=shades.images,
        groups=None,
        attributes={
            "red": shades.attributes["red"],
            "age": np.arange(400, dtype=np.float32),
            "rare": (np.arange(400) < 3).astype(np.float32),
            "unknown": np.full(400, np.nan, np.float32),
        },
    )
    assert usable_attributes(mixed) == ["red"]
    with pytest.raises(OptionError, match="other values"):
        train_classifier(mixed, ["age"])
    with pytest.raises(DataError, match="'rare' has"):
        train_classifier(mixed, ["rare"])
    with pytest.raises(OptionError, match="no attribute 'smiling'; they have red"):
        train_classifier(mixed, ["smiling"])
    with pytest.raises(OptionError, match="at least one"):
        train_classifier(mixed, [])


def test_training_can_be_cancelled(shades):
    token = StopToken()

    def stop(event):
        token.stop()

    with pytest.raises(Cancelled):
        train_classifier(shades, ["red"], settings=QUICK, emit=stop, token=token)


def test_sizes():
    assert [working_size(n) for n in (1024, 64, 48, 28, 8)] == [64, 64, 32, 16, 8]
    pictures = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert fit_pictures(pictures, 2).flatten().tolist() == [2.5, 4.5, 10.5, 12.5]
    assert fit_pictures(pictures, 8).shape == (1, 1, 8, 8)


def test_large_pictures_are_scored_at_the_working_size():
    network = AttributeClassifier(["a"], 1, 16, torch.Generator().manual_seed(0)).eval()
    small = torch.rand(3, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    large = small.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(network.score(large), network.score(small))
    torch.testing.assert_close(network.score(small.flip(3)), network.score(small))
