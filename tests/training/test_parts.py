"""Schedule, statistics, randomness, optimiser, commands, fixed latents."""

import threading

import numpy as np
import pytest
import torch
from tiny_runs import tiny_config, tiny_dataset

from latent_studio.errors import OptionError
from latent_studio.models.registry import build_generator
from latent_studio.training.commands import (
    Command,
    CommandQueue,
    apply_setting,
    log_entry,
    logged_from,
)
from latent_studio.training.optim import NamedAdam, NamedRMSprop
from latent_studio.training.randomness import PURPOSES, Randomness, derive_seed
from latent_studio.training.samples import draw_pictures, fixed_latents
from latent_studio.training.schedule import Every, tick_due
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics, norm
from latent_studio.training.step import Stepper, frozen
from latent_studio.training.turns import blocks


def marks(every: Every, batch: int, total: int) -> list[int]:
    return [n for n in range(batch, total + 1, batch) if every.due(n - batch, n)]


def test_every_is_due_once_per_distance() -> None:
    assert marks(Every(1.0), 64, 4000) == [1024, 2048, 3008]
    assert marks(Every(0.01), 16, 64) == [16, 32, 48, 64]
    assert marks(Every(0.0), 16, 64) == []


def test_growing_distance() -> None:
    found = marks(Every(1.0, 0.05), 100, 400_000)
    assert found[:20] == list(range(1000, 20_001, 1000))
    assert len(found) < 100
    ratios = np.diff(found[30:]) / np.array(found[30:-1])
    np.testing.assert_allclose(ratios, 0.05, atol=0.01)


def test_statistics_are_means_since_the_last_take() -> None:
    stats = Statistics()
    stats.add("a", torch.tensor([1.0, 3.0]))
    stats.add("a", torch.tensor(5.0))
    stats.add("b", torch.tensor(7, dtype=torch.int64))
    assert stats.read() == {"a": 3.5, "b": 7.0}
    assert stats.take() == {"a": 3.5, "b": 7.0}
    assert stats.take() == {}


def test_what_went_bad_first_is_known() -> None:
    stats = Statistics()
    for step in range(4):
        stats.add("a", torch.tensor(float("nan") if step > 2 else 1.0))
        stats.add("b", torch.tensor(float("inf") if step > 1 else 1.0))
        if step == 1:
            assert stats.first_bad() is None
    stats.take()
    assert stats.first_bad() == "b"


def test_norm_is_that_of_all_together() -> None:
    assert norm([torch.tensor([3.0]), torch.tensor([[4.0]])]).item() == 5.0


def test_purposes_do_not_disturb_each_other() -> None:
    one, two = (Randomness(7, torch.device("cpu")) for _ in range(2))
    torch.randn(100, generator=one["noise"])
    assert torch.equal(
        torch.randn(5, generator=one["latents"]), torch.randn(5, generator=two["latents"])
    )
    assert len({derive_seed(seed, p) for p in PURPOSES for seed in range(50)}) == 50 * len(PURPOSES)


def test_random_state_round_trip() -> None:
    random = Randomness(1, torch.device("cpu"))
    torch.randn(3, generator=random["latents"])
    saved = random.state_dict()
    expected = torch.randn(4, generator=random["latents"])
    other = Randomness(99, torch.device("cpu"))
    other.load_state_dict(saved)
    assert torch.equal(torch.randn(4, generator=other["latents"]), expected)


def test_adam_follows_the_paper() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    adam = NamedAdam(network, 0.1, (0.5, 0.9), 0.0)
    weight, m, v = network.weight.item(), 0.0, 0.0
    for step, gradient in enumerate([1.0, -2.0, 0.5], start=1):
        network.weight.grad = torch.full((1, 1), gradient)
        adam.step()
        m, v = 0.5 * m + 0.5 * gradient, 0.9 * v + 0.1 * gradient**2
        weight -= 0.1 * (m / (1 - 0.5**step)) / (v / (1 - 0.9**step)) ** 0.5
        assert network.weight.item() == pytest.approx(weight, rel=1e-5)


def test_adam_equals_the_librarys() -> None:
    random = torch.Generator().manual_seed(1)
    ours, theirs = torch.nn.Linear(7, 5), torch.nn.Linear(7, 5)
    theirs.load_state_dict(ours.state_dict())
    adam = NamedAdam(ours, 0.01, (0.5, 0.99), 1e-8)
    reference = torch.optim.Adam(theirs.parameters(), 0.01, (0.5, 0.99), 1e-8, fused=True)
    for step in range(4):
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            a.grad = torch.randn(a.shape, generator=random)
            b.grad = a.grad.clone()
        if step == 2:
            ours.bias.grad = theirs.bias.grad = None  # one that had no part in the step
        adam.step()
        reference.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)
    adam.zero_grad()
    assert not adam.gradients()


def test_rmsprop_equals_the_librarys() -> None:
    random = torch.Generator().manual_seed(1)
    ours, theirs = torch.nn.Linear(7, 5), torch.nn.Linear(7, 5)
    theirs.load_state_dict(ours.state_dict())
    mine = NamedRMSprop(ours, 0.01, (0.0, 0.9), 1e-8)
    reference = torch.optim.RMSprop(theirs.parameters(), 0.01, alpha=0.9)
    for _ in range(4):
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            a.grad = torch.randn(a.shape, generator=random)
            b.grad = a.grad.clone()
        mine.step()
        reference.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-7)
    mine.clip_weights(0.01)
    assert max(p.abs().max().item() for p in ours.parameters()) <= 0.01


def test_lazy_correction() -> None:
    adam = NamedAdam(torch.nn.Linear(1, 1), 2e-3, (0.0, 0.99), 1e-8, interval=16)
    assert adam.step_size == pytest.approx(2e-3 * 16 / 17)
    assert adam.betas == (0.0, pytest.approx(0.99 ** (16 / 17)))
    adam.lr = 1e-3
    assert adam.step_size == pytest.approx(1e-3 * 16 / 17) and adam.lr == 1e-3


def test_lazy_r1_weight_equals_that_of_each_step() -> None:
    """The gradient of one lazy step is interval times gamma / 2 times that of R1."""
    state = TrainState(config := tiny_config("dcgan", r1_gamma=3.0, r1_interval=5), tiny_dataset())
    stepper = Stepper(config, state, Statistics())
    real, _ = stepper._next_batch(config.batch)
    state.d_adam.lr = 0.0
    stepper._penalty_step(real, None)
    lazy = [g.clone() for g in state.d_adam.gradients()]
    images = real.clone().requires_grad_(True)
    scores = state.discriminator(images)
    (gradient,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
    r1 = gradient.square().sum(dim=(1, 2, 3)).mean()
    plain = torch.autograd.grad(r1, state.d_adam.params, allow_unused=True)
    for ours, theirs in zip(lazy, (g for g in plain if g is not None), strict=False):
        torch.testing.assert_close(ours, theirs * 3.0 / 2 * 5, rtol=1e-4, atol=1e-6)


def test_generator_step_leaves_the_discriminator_alone() -> None:
    state = TrainState(config := tiny_config("stylegan2"), tiny_dataset())
    before = {k: v.clone() for k, v in state.discriminator.state_dict().items()}
    stepper = Stepper(config, state, Statistics())
    stepper._generator_step(stepper._next_batch(config.batch)[0], None)
    assert not state.d_adam.gradients() and state.g_adam.gradients()
    assert all(torch.equal(before[k], v) for k, v in state.discriminator.state_dict().items())
    assert all(p.requires_grad for p in state.discriminator.parameters())


def test_discriminator_step_leaves_the_generator_alone() -> None:
    state = TrainState(config := tiny_config("stylegan2"), tiny_dataset())
    stepper = Stepper(config, state, Statistics())
    real, c = stepper._next_batch(config.batch)
    assert real.min() >= -1 and real.max() <= 1 and real.std() > 0.4
    before = {k: v.clone() for k, v in state.generator.named_parameters()}
    stepper._discriminator_step(real, c)
    assert not state.g_adam.gradients()
    assert all(torch.equal(before[k], v) for k, v in state.generator.named_parameters())


def test_frozen_restores() -> None:
    network = torch.nn.Linear(2, 2)
    network.bias.requires_grad_(False)
    with frozen(network):
        assert not network.weight.requires_grad
    assert network.weight.requires_grad and not network.bias.requires_grad


def test_commands_check_their_value() -> None:
    for name, value in (("g_lr", -1.0), ("r1_gamma", float("nan")), ("explode", 1.0)):
        with pytest.raises(OptionError):
            Command(name, value)


def test_queue_keeps_the_order_across_threads() -> None:
    queue = CommandQueue()
    thread = threading.Thread(target=lambda: [queue.put(Command("lr", i / 100)) for i in range(9)])
    thread.start()
    thread.join()
    assert [command.value for command in queue.drain()] == [i / 100 for i in range(9)]
    assert queue.drain() == []


def test_log_gives_back_the_settings_from_a_step_on() -> None:
    entries = [
        log_entry(3, Command("lr", 0.1)),
        log_entry(5, Command("r1_gamma", 2.0)),
        log_entry(5, Command("g_lr", 0.2)),
        log_entry(6, Command("save")),
    ]
    found = {5: [Command("r1_gamma", 2.0), Command("g_lr", 0.2)]}
    assert logged_from(entries, 4, tiny_config("mlp")) == (found, [])


def test_log_entries_that_cannot_be_applied_are_left_out() -> None:
    bad = [("accumulate", 2.5), ("g_lr", 99.0), ("g_lr", float("nan")), ("r1_gamma", 2.0)]
    entries = [{"step": 5, "name": name, "value": value} for name, value in bad]
    found, refused = logged_from(entries, 5, tiny_config("mlp"))
    assert found == {5: [Command("r1_gamma", 2.0)]}
    assert len(refused) == 3 and "a whole number" in refused[0] and "from 0 to 10" in refused[1]


def test_lr_means_both_rates() -> None:
    config = apply_setting(tiny_config("mlp"), Command("lr", 0.5))
    assert (config.g_lr, config.d_lr) == (0.5, 0.5)


def test_fixed_latents_are_those_of_the_seeds() -> None:
    z, c = fixed_latents(build_generator(tiny_config("mlp", classes=3).generator), 5)
    np.testing.assert_allclose(z[4], np.random.RandomState(4).randn(1, 8)[0], rtol=1e-6)
    assert c is not None and c.argmax(1).tolist() == [0, 1, 2, 0, 1]


def test_pictures_do_not_depend_on_the_company() -> None:
    generator = build_generator(tiny_config("stylegan2").generator).eval()
    z, c = fixed_latents(generator, 20)
    whole = draw_pictures(generator, z, c)
    assert whole.shape == (20, 8, 8, 3) and whole.dtype == np.uint8
    alone = draw_pictures(generator, z[3:4], c)
    assert np.abs(whole[3].astype(int) - alone[0]).max() <= 1


def test_blocks_cover_each_family() -> None:
    for architecture in ("mlp", "dcgan", "stylegan2"):
        generator = build_generator(tiny_config(architecture).generator)
        assert len(blocks(generator)) >= 2
        assert not any(isinstance(b, torch.nn.ModuleList) for b in blocks(generator))


def test_a_training_gives_early_signs_of_life():
    ticks = [n for n in range(16, 9000, 16) if tick_due(4.0, n - 16, n)]
    assert ticks == [128, 256, 512, 1024, 2048, 4000, 8000]
    assert [n for n in range(16, 500, 16) if tick_due(0.1, n - 16, n)] == [112, 208, 304, 400]
