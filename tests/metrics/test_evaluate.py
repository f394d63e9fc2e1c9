"""Runner, registry and cache, with a generator that is a known set of pictures."""

import numpy as np
import pytest
import torch

from latent_studio.errors import Cancelled, OptionError
from latent_studio.events import Notice, Progress
from latent_studio.mailbox import StopToken
from latent_studio.metrics import evaluate as runner
from latent_studio.metrics.evaluate import evaluate_generator, real_order
from latent_studio.metrics.feature_cache import FeatureCache
from latent_studio.metrics.frechet import frechet_distance, moments
from latent_studio.metrics.inception_score import inception_score
from latent_studio.metrics.registry import (
    ALIASES,
    FAMILIES,
    METRICS,
    find_metrics,
    kinds_of,
    metric_names,
)
from latent_studio.metrics.sampling import GeneratorSampler
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator

SIDE = 16


class Tiny:
    """An extractor that counts its pictures: mean colours, and four classes by brightness."""

    name = "tiny"
    dims = 6

    def __init__(self, kind="random", digest="1"):
        self.kind, self.digest, self.seen, self.calls = kind, digest, 0, 0

    def __call__(self, images):
        self.seen += len(images)
        self.calls += 1
        x = images.float() / 255
        return torch.cat([x.mean((2, 3)), x[..., : SIDE // 2].mean((2, 3))], 1)

    def stages(self, images):
        return [images, images.mean((2, 3), keepdim=True)]

    def probabilities(self, features):
        powers = np.exp(20 * features[:, :4].astype(np.float64))
        return powers / powers.sum(1, keepdims=True)


def pictures(count, seed, colour=0):
    rng = np.random.default_rng(seed)
    found = rng.integers(0, 100, (count, 3, SIDE, SIDE)) + rng.integers(0, 100, (count, 3, 1, 1))
    return (found + colour).astype(np.uint8)


def drawer(count=400, seed=1, colour=0):
    """A sample_fn whose latents are row numbers."""
    rows = pictures(count, seed, colour)
    return lambda n, draw: rows[torch.randint(count, (n,), generator=draw).numpy()]


def step(count, draw):
    a = torch.rand(count, 3, SIDE, SIDE, generator=draw) * 255
    return a, a + 1e-4


def test_every_metric_of_a_kind_is_computed():
    found = evaluate_generator(
        drawer(),
        pictures(300, 0),
        METRICS,
        samples=200,
        extractor=[Tiny(), Tiny("inception")],
        path_fn=step,
    )
    expected = {"fd-random", "kid-random", "pr-random/precision", "pr-random/recall", "swd"}
    expected |= {"dc-random/density", "dc-random/coverage", "ms-ssim-2", "ppl-random", "is", "fid"}
    assert expected < set(found)
    assert all(np.isfinite(value) for value in found.values())
    assert "fid" not in evaluate_generator(
        drawer(), pictures(300, 0), ["fd", "kid"], samples=50, extractor=Tiny()
    )


def test_numbers_are_those_of_the_steps():
    real, tiny = pictures(120, 0), Tiny("inception")
    found = evaluate_generator(drawer(), real, ["fid", "is"], samples=100, extractor=tiny)
    draw = torch.Generator().manual_seed(0)
    batches = [drawer()(n, draw) for n in (64, 36)]
    made = tiny(torch.from_numpy(np.concatenate(batches))).numpy()
    chosen = tiny(torch.from_numpy(real[real_order(120)[:100]])).numpy()
    assert found["fid"] == pytest.approx(frechet_distance(moments(chosen), moments(made)))
    assert found["is"] == pytest.approx(inception_score(tiny.probabilities(made)).mean)


def test_a_worse_generator_has_worse_numbers():
    names = ["fd", "kid", "pr", "dc", "swd"]
    options = {"samples": 150, "extractor": Tiny()}
    good = evaluate_generator(drawer(), pictures(300, 0), names, **options)
    bad = evaluate_generator(drawer(colour=55), pictures(300, 0), names, **options)
    for name in ("fd-random", "kid-random"):
        assert bad[name] > 3 * abs(good[name])
    for name in ("pr-random/precision", "dc-random/coverage"):
        assert bad[name] < good[name] - 0.2
    stuck = np.repeat(pictures(1, 5), 400, axis=0)
    same = evaluate_generator(
        lambda n, draw: stuck[:n], pictures(300, 0), ["pr", "ms-ssim"], **options
    )
    assert same["pr-random/recall"] == 0
    assert same["ms-ssim-2"] == pytest.approx(1)


def test_pictures_are_drawn_and_seen_once():
    tiny, drawn = Tiny(), []

    def sample(count, draw):
        drawn.append(count)
        return drawer()(count, draw)

    evaluate_generator(sample, pictures(100, 0), METRICS_RANDOM, samples=90, extractor=tiny)
    assert sum(drawn) == 91  # one more to know the size by
    assert tiny.seen == 90 + 90


METRICS_RANDOM = ["fd", "kid", "pr", "dc", "swd", "ms-ssim"]


def test_is_a_function_of_the_seed_and_draws_nothing_else():
    before = torch.random.get_rng_state(), np.random.get_state()[1].tobytes()
    options = {"samples": 60, "extractor": Tiny()}
    real = pictures(100, 0)
    first = evaluate_generator(drawer(), real, METRICS_RANDOM, seed=3, **options)
    assert first == evaluate_generator(drawer(), real, METRICS_RANDOM, seed=3, **options)
    assert first != evaluate_generator(drawer(), real, METRICS_RANDOM, seed=4, **options)
    assert torch.equal(before[0], torch.random.get_rng_state())
    assert before[1] == np.random.get_state()[1].tobytes()


def test_features_of_real_pictures_are_kept(tmp_path):
    real, cache = pictures(100, 0), FeatureCache(tmp_path / "features")

    def run(extractor, fingerprint="abc", samples=80):
        before = extractor.seen
        found = evaluate_generator(
            drawer(),
            real,
            ["fd", "kid"],
            samples=samples,
            extractor=extractor,
            cache=cache,
            fingerprint=fingerprint,
        )
        return found, extractor.seen - before - samples

    tiny = Tiny()
    first, looked = run(tiny)
    assert looked == 80
    assert run(tiny) == (first, 0)
    assert run(Tiny()) == (first, 0)  # another run of the program
    assert run(Tiny(digest="2"))[1] == 80
    assert run(tiny, "other")[1] == 80
    assert run(tiny, samples=70)[1] == 70
    assert run(tiny, "")[1] == run(tiny, "")[1] == 80  # nothing names the pictures
    assert len(list((tmp_path / "features").iterdir())) == 4


def test_damaged_entries_are_made_again(tmp_path):
    told = []
    cache = FeatureCache(tmp_path, told.append)
    rows = np.ones((3, 2), np.float32)
    cache.save("key", rows)
    assert np.array_equal(cache.load("key", (3, 2)), rows)
    assert cache.load("key", (4, 2)) is cache.load("other", (3, 2)) is None
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    assert cache.load("key", (3, 2)) is None
    file.write_bytes(b"")
    assert cache.load("key", (3, 2)) is None
    assert not told
    blocked = FeatureCache(file / "below", told.append)
    blocked.save("key", rows)
    blocked.save("key", rows)
    assert [type(event) for event in told] == [Notice]


def test_progress_and_stopping():
    told = []
    evaluate_generator(
        drawer(), pictures(100, 0), ["fd"], samples=100, extractor=Tiny(), emit=told.append
    )
    messages = [event.message for event in told if isinstance(event, Progress)]
    assert {"Looking at real pictures", "Making pictures", "Computing fd-random"} < set(messages)
    token = StopToken()

    def sample(count, draw):
        token.stop()
        return drawer()(count, draw)

    with pytest.raises(Cancelled):
        evaluate_generator(
            sample, pictures(100, 0), ["fd"], samples=100, extractor=Tiny(), token=token
        )


def test_pictures_held_in_memory_are_limited(monkeypatch):
    monkeypatch.setattr(runner, "_PICTURE_BYTES", 1)
    told = []
    found = evaluate_generator(
        drawer(), pictures(200, 0), ["swd", "ms-ssim"], samples=150, emit=told.append
    )
    assert found["swd"] > 0
    assert any("of 64 pictures" in e.message for e in told if isinstance(e, Notice))


def test_what_cannot_be_computed():
    real = pictures(20, 0)

    def fails(match, names, sample=None, images=real, **options):
        with pytest.raises(OptionError, match=match):
            evaluate_generator(sample or drawer(), images, names, samples=20, **options)

    fails("no metric 'x'; choose fd-random", ["x"])
    fails("Name a metric", [])
    fails("fid needs the weights of Inception", ["fid"])
    fails("is needs the weights of Inception", ["is"])
    fails("needs a generator to walk", ["ppl"])
    fails("power of two from 16, not 24", ["swd"], images=np.zeros((9, 3, 24, 24), np.uint8))
    fails("at least 4 pictures", ["pr"], images=real[:3])
    fails(
        "16×16 with 1 channels and the real ones 16×16 with 3", ["swd"], lambda n, d: real[:n, :1]
    )
    fails("uint8 pictures", ["swd"], lambda n, d: real[:n].astype(float))


def test_short_names_stand_for_the_best_features():
    def names(asked, kinds=("random",)):
        return [metric.name for metric in find_metrics(asked, resolution=64, kinds=kinds)]

    assert names(["kid", "fd", "kid-random", " pr "]) == ["kid-random", "fd-random", "pr-random"]
    assert names(["kid", "fd", "kid-random"], ("random", "inception")) == [
        "kid-inception",
        "fid",
        "kid-random",
    ]
    assert names(["ssim-diversity"]) == ["ms-ssim"]
    assert set(ALIASES.values()) <= set(METRICS)
    assert {name for family in FAMILIES.values() for name in family.values()} <= set(METRICS)
    assert len(set(metric_names())) == len(metric_names())
    assert kinds_of([METRICS["is"], METRICS["swd"]]) == ["inception"]
    # Only what was computed with Inception may be called FID.
    assert [m.name for m in METRICS.values() if "fid" in m.name] == ["fid"]


@pytest.fixture(scope="module", params=["stylegan2", "mlp"])
def generator(request):
    styled = {"z_dim": 8, "c_dim": 2, "w_dim": 8, "img_resolution": SIDE, "img_channels": 3}
    styled |= {"mapping_kwargs": {"num_layers": 2}, "channel_base": 128, "channel_max": 8}
    plain = {"resolution": SIDE, "channels": 3, "z_dim": 5}
    config = styled if request.param == "stylegan2" else plain
    return build_generator(ModelSpec(request.param, config)).eval()


def test_a_generator_is_sampled(generator):
    sampler = GeneratorSampler(generator)
    first = sampler(5, torch.Generator().manual_seed(0))
    assert (first.shape, first.dtype) == ((5, 3, SIDE, SIDE), np.uint8)
    assert np.array_equal(first, sampler(5, torch.Generator().manual_seed(0)))
    assert not np.array_equal(first, sampler(5, torch.Generator().manual_seed(1)))
    found = evaluate_generator(
        sampler, pictures(40, 0), ["fd", "ppl"], samples=30, path_fn=sampler.path
    )
    assert found["fd-random"] > 0
    assert 0 < found["ppl-random"] < np.inf


@pytest.mark.parametrize("space", ["z", "w"])
@pytest.mark.parametrize("sampling", ["full", "end"])
def test_steps_are_small_and_in_proportion(generator, space, sampling):
    sampler = GeneratorSampler(generator)
    sizes = []
    for epsilon in (1e-3, 2e-3):
        draw = torch.Generator().manual_seed(0)
        a, b = sampler.path(6, draw, space=space, sampling=sampling, epsilon=epsilon)
        assert a.shape == b.shape == (6, 3, SIDE, SIDE)
        sizes.append((a - b).norm().item())
    assert sizes[0] > 0
    assert sizes[1] / sizes[0] == pytest.approx(2, rel=0.1)
