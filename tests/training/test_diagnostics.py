"""Alarms: each on its own failure and on no other, none on a healthy run, and never twice."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import pytest

from latent_studio.events import Alarm
from latent_studio.models.base import ModelSpec
from latent_studio.training.checks import CHECKS
from latent_studio.training.commands import SETTINGS, Command
from latent_studio.training.config import TrainConfig
from latent_studio.training.diagnostics import Monitor, derive
from latent_studio.training.thresholds import Thresholds

Values: TypeAlias = dict[str, float]
Series: TypeAlias = Callable[[int], Values]


def config(**options: Any) -> TrainConfig:
    spec = ModelSpec("mlp", {})
    base: dict[str, Any] = {"g_lr": 2e-3, "d_lr": 2e-3, "r1_gamma": 0.25, "weight_clip": 0.01}
    return TrainConfig(
        generator=spec, discriminator=spec, data="", resolution=16, **{**base, **options}
    )


def healthy(tick: int, **changes: float) -> Values:
    """A tick like those of a small StyleGAN2 on photographs, with its beginning and its noise."""
    noise = np.random.default_rng(tick).normal(size=20) * 0.05 + 1
    early = np.exp(-tick / 8)
    spread = 0.75 - 0.1 * early
    gap = 0.03 + 0.4 * early
    values = {
        "loss/D": (1.25 - 0.25 * early) * (0.99 + 0.01 * noise[0]),
        "loss/G": (1.2 + 0.5 * early) * noise[1],
        "score/real": (0.28 + 0.6 * early) * noise[2],
        "score/fake": (-0.27 - 0.5 * early) * noise[3],
        "sign/real": (0.3 + 0.4 * early) * noise[4],
        "sign/fake": (-0.3 - 0.4 * early) * noise[5],
        "grad/D": 1.5 * noise[6],
        "grad/G": (2.2 + 2.5 * early) * noise[7],
        "spread/real": 20 * noise[8],
        "spread/fake": 20 * noise[8] * spread,
        "spread/cross": 20 * noise[8] * (1 + spread + gap) / 2,
        "msssim/fake": 0.1 * noise[9],
        "msssim/real": 0.07 * noise[10],
        "saturated/fake": (0.01 + 0.05 * early) * noise[11],
        "saturated/real": 0.01 * noise[12],
        "weight/D": 1 + 0.002 * tick,
        "weight/G": 1 + 0.003 * tick,
    }
    return {name: float(value) for name, value in {**values, **changes}.items()}


def strong_but_learning(tick: int) -> Values:
    """D ahead, as with too little R1: large gradients for G, which gets better nevertheless."""
    up = float(1 - np.exp(-tick / 2))
    return healthy(
        tick,
        **{
            **at(0.7, 0.19 + 0.4 * float(np.exp(-tick / 15)))(0, healthy(tick)),
            "loss/D": 1.1 - 0.5 * up,
            "score/real": 0.6 + 1.9 * up,
            "score/fake": -0.5 - 1.6 * up,
            "sign/real": 0.6 + 0.28 * up,
            "sign/fake": -0.6 - 0.25 * up,
            "grad/G": 3 + (40 if tick == 2 else 18) * up,
            "grad/D": 1 + 0.1 * tick,
        },
    )


def slow_dense(tick: int) -> Values:
    """A dense generator, which leaves its first blob only after some time."""
    share = min(1.0, tick / 30)
    values = healthy(tick)
    real = values["spread/real"]
    spread, gap = 0.08 + 0.7 * share, 0.85 - 0.75 * share
    return {
        **values,
        "spread/fake": real * spread,
        "spread/cross": real * (1 + spread + gap) / 2,
        "sign/real": 0.84,
        "sign/fake": -0.78,
        "loss/D": 0.5,
    }


def after(start: int, change: Callable[[int, Values], Values]) -> Series:
    """Healthy until tick ``start``; then ``change`` gets the ticks since and the healthy values."""
    return lambda tick: {
        **healthy(tick),
        **(change(tick - start, healthy(tick)) if tick >= start else {}),
    }


def at(spread: float, gap: float) -> Callable[[int, Values], Values]:
    def change(_: int, values: Values) -> Values:
        real = values["spread/real"]
        return {"spread/fake": real * spread, "spread/cross": real * (1 + spread + gap) / 2}

    return change


def strong(since: int, values: Values) -> Values:
    return {
        **at(0.7, 0.5)(since, values),
        "loss/D": 0.02,
        "sign/real": 0.995,
        "sign/fake": -0.99,
        "score/real": 6.0,
        "score/fake": -6.5,
    }


def vanishing(since: int, values: Values) -> Values:
    return {**strong(since, values), "loss/D": 0.2, "grad/G": 2.2 * 0.2**since}


def weak(since: int, values: Values) -> Values:
    return {
        **at(0.7, 0.5)(since, values),
        "loss/D": 1.385,
        "sign/real": 0.02,
        "sign/fake": 0.01,
    }


def memorising(since: int, values: Values) -> Values:
    sure = min(0.97, 0.4 + 0.05 * since)
    worse = at(0.7, 0.15 + 0.002 * since)(since, values)
    return {**worse, "sign/real": sure, "sign/fake": -0.8, "loss/D": 0.4}


def exploding(since: int, values: Values) -> Values:
    return {name: values[name] * 1.5**since for name in ("grad/G", "grad/D", "score/real")}


def growing(since: int, values: Values) -> Values:
    return {"weight/D": values["weight/D"] * 1.2**since}


def burning(since: int, values: Values) -> Values:
    return {"saturated/fake": min(0.9, 0.1 * since)}


def stuck(since: int, values: Values) -> Values:
    return at(0.7, 0.4)(since, values)


FAILURES: dict[str, tuple[str, Series]] = {
    "one picture": ("mode-collapse", after(15, at(0.05, 0.15))),
    "two pictures": ("mode-collapse", after(15, at(0.45, 0.15))),
    "perfect D": ("d-too-strong", after(12, strong)),
    "gradients vanish": ("d-too-strong", after(12, vanishing)),
    "blind D": ("d-too-weak", after(12, weak)),
    "by heart": ("overfitting", after(12, memorising)),
    "numbers explode": ("divergence", after(15, exploding)),
    "weights grow": ("divergence", after(15, growing)),
    "pictures burn": ("divergence", after(15, burning)),
    "scores beyond reason": ("divergence", lambda t: healthy(t, **{"score/fake": -400.0})),
    "sure and wrong": ("divergence", lambda t: healthy(t, **{"loss/D": 9.0})),
    "weights at the clip": ("clipping", after(12, lambda *_: {"clipped/D": 0.6})),
    "no progress": ("stagnation", after(0, stuck)),
}


def watch(
    series: Series, ticks: int = 100, size: int = 1000, **options: Any
) -> list[tuple[int, Alarm]]:
    """Alarms with the ticks, of 1000 pictures each, that they came at."""
    monitor = Monitor("run", config(**options), dataset_size=size)
    return [(tick, alarm) for tick in range(ticks) for alarm in monitor.observe(tick, series(tick))]


@pytest.mark.parametrize("series", [healthy, strong_but_learning, slow_dense])
def test_healthy_runs_are_silent(series: Series) -> None:
    assert watch(series, 300, size=100_000) == []


@pytest.mark.parametrize(("kind", "series"), FAILURES.values(), ids=FAILURES)
def test_each_failure_is_told_once_and_by_its_name(kind: str, series: Series) -> None:
    told = [alarm for _, alarm in watch(series)]
    assert [alarm.kind for alarm in told].count(kind) == 1
    others = {alarm.kind for alarm in told} - {kind}
    # a game that is lost for good is also one that doesn't move any more
    assert others <= {"stagnation", "overfitting"}


def test_every_check_has_a_failure() -> None:
    assert {kind for kind, _ in FAILURES.values()} == set(CHECKS)


@pytest.mark.parametrize(("kind", "series"), FAILURES.values(), ids=FAILURES)
def test_an_alarm_explains_itself_and_proposes_what_can_be_done(kind: str, series: Series) -> None:
    alarm = next(alarm for _, alarm in watch(series) if alarm.kind == kind)
    assert alarm.run == "run"
    assert alarm.message.endswith(".") and len(alarm.message) < 130
    assert "alarm" in alarm.evidence and any(char.isdigit() for char in alarm.evidence)
    assert alarm.proposal
    for name, value in alarm.proposal.items():
        assert name in SETTINGS
        assert Command(name, value).is_setting  # in its range
        assert value != getattr(config(), name)


def test_proposals_start_from_the_settings_of_now() -> None:
    monitor = Monitor("run", config(), dataset_size=1000)
    monitor.config = config(d_lr=1e-4, r1_gamma=0.0)
    series = FAILURES["perfect D"][1]
    alarms = [a for tick in range(40) for a in monitor.observe(tick, series(tick))]
    assert alarms[0].proposal == {"d_lr": 5e-5}


def test_a_discriminator_that_stands_still_is_told_to_move() -> None:
    told = watch(FAILURES["blind D"][1], d_lr=0.0)
    assert told[0][1].proposal == {"d_lr": 2e-3}


def test_numbers_that_run_away_are_not_judged_as_a_game() -> None:
    def series(tick: int) -> Values:
        return {**strong(tick, healthy(tick)), "score/real": 4e4, "score/fake": -6e4}

    assert [alarm.kind for _, alarm in watch(series)] == ["divergence"]


def test_overfitting_under_ada_asks_for_more_augmentation() -> None:
    told = watch(FAILURES["by heart"][1], augment="ada", ada_target=0.6)
    assert told[0][1].proposal == {"ada_target": 0.5}


def test_endless_data_are_not_known_by_heart() -> None:
    monitor = Monitor("run", config(), dataset_size=0)
    series = FAILURES["by heart"][1]
    kinds = [a.kind for tick in range(100) for a in monitor.observe(tick, series(tick))]
    assert "overfitting" not in kinds


def test_critics_may_be_as_good_as_they_can() -> None:
    """The Wasserstein objective wants its critic trained to the end."""
    options = {"objective": "wgan-gp", "gp_weight": 10.0}
    series = after(0, lambda since, values: {**strong(since, values), "score/real": 80.0})
    learning = [a.kind for _, a in watch(series, 40, **options)]
    assert learning == []
    assert watch(FAILURES["gradients vanish"][1], 40, **options)[0][1].kind == "d-too-strong"
    assert watch(FAILURES["blind D"][1], 40, **options)[0][1].kind == "d-too-weak"


def test_one_bad_tick_is_no_alarm() -> None:
    bad = FAILURES["one picture"][1]
    assert not watch(lambda tick: bad(tick) if tick % 4 == 0 else healthy(tick))


def test_an_alarm_comes_again_only_after_recovery() -> None:
    def swinging(low: float, high: float) -> Series:
        return lambda tick: {
            **healthy(tick),
            **at(low if 20 <= tick < 30 or 40 <= tick < 50 else high, 0.1)(0, healthy(tick)),
        }

    def told(series: Series) -> list[int]:
        return [tick for tick, alarm in watch(series, 60) if alarm.kind == "mode-collapse"]

    assert len(told(swinging(0.2, 0.8))) == 2
    assert len(told(swinging(0.2, 0.55))) == 1  # 0.55 is above the threshold, but no recovery


def test_what_has_passed_is_told_once() -> None:
    monitor = Monitor("run", config(), dataset_size=1000)
    told = []
    for tick in range(60):
        low = at(0.2 if 20 <= tick < 30 else 0.8, 0.1)(0, healthy(tick))
        told += [(tick, a.kind) for a in monitor.observe(tick, {**healthy(tick), **low})]
        told += [(tick, f"no {kind}") for kind in monitor.cleared]
    assert [kind for _, kind in told] == ["mode-collapse", "no mode-collapse"]
    assert told[0][0] < 30 < told[1][0] < 40


def test_a_number_that_is_none_is_divergence() -> None:
    series = after(10, lambda since, values: {"loss/G": float("nan")})
    assert [alarm.kind for _, alarm in watch(series, 20)] == ["divergence"]


def test_missing_numbers_silence_a_check_instead_of_failing() -> None:
    full = FAILURES["blind D"][1]
    for name in full(50):
        watch(lambda tick, name=name: {k: v for k, v in full(tick).items() if k != name}, 20)
    assert watch(lambda tick: {}, 20) == []


@pytest.mark.parametrize("cut", [3, 14, 16, 30])
def test_a_continued_monitor_says_the_same(cut: int) -> None:
    def pieces() -> Iterator[tuple[int, str]]:
        for _, series in FAILURES.values():
            first = Monitor("run", config(), dataset_size=1000)
            told = [(t, a) for t in range(cut) for a in first.observe(t, series(t))]
            second = Monitor("run", config(), dataset_size=1000)
            second.load_state_dict(first.state_dict())
            told += [(t, a) for t in range(cut, 40) for a in second.observe(t, series(t))]
            assert told == watch(series, 40)
            yield from ((t, a.kind) for t, a in told)

    assert list(pieces())


def test_a_clip_that_seldom_holds_and_none_at_all_are_silent() -> None:
    few = after(12, lambda *_: {"clipped/D": 0.2})
    assert watch(few) == [] == watch(FAILURES["weights at the clip"][1], weight_clip=0.0)
    told = [alarm for _, alarm in watch(FAILURES["weights at the clip"][1])]
    assert told[0].evidence == "60% of D's weights stand at the clip's ± 0.01 (alarm from 25%)"
    assert told[0].proposal == {"g_lr": 8e-3, "d_lr": 8e-3}


def test_ticks_between_two_measurements_of_health_do_not_silence_an_alarm() -> None:
    """Five steps of D for one of G: health is measured in every other tick only."""
    series = FAILURES["weights at the clip"][1]

    def sparse(tick: int) -> Values:
        names = ("spread/", "msssim/", "saturated/", "grad/", "weight/", "clipped/")
        values = series(tick)
        return {n: v for n, v in values.items() if tick % 2 or not n.startswith(names)}

    assert [alarm.kind for _, alarm in watch(sparse)] == ["clipping"]
    assert watch(lambda tick: {**sparse(tick), "clipped/D": 0.1}) == []


def test_derived_numbers() -> None:
    found = derive(
        {
            "spread/fake": 1.0,
            "spread/real": 2.0,
            "spread/cross": 2.5,
            "msssim/fake": 0.6,
            "msssim/real": 0.2,
            "sign/real": 0.8,
            "sign/fake": -0.4,
            "loss/D": float(np.log(2)),
            "saturated/fake": 0.6,
            "saturated/real": 0.2,
        },
        config(),
    )
    expected = {
        "diversity": 0.5,
        "gap": 1.0,
        "likeness": 0.5,
        "advantage": 0.6,
        "certainty": 0.4,
        "share": 0.5,
        "burnt": 0.5,
    }
    assert found == pytest.approx(expected)
    assert derive({}, config()) == {}


def test_a_single_blob_that_never_grows_is_a_collapse() -> None:
    told = watch(lambda tick: {**healthy(tick), **at(0.1, 0.8)(0, healthy(tick))})
    assert told[0][1].kind == "mode-collapse"
    assert told[0][0] > Thresholds().slow_start


def test_a_strong_discriminator_is_not_overfitted_while_the_pictures_improve() -> None:
    def improving(tick: int) -> Values:
        values = {**healthy(tick), **memorising(tick, healthy(tick))}
        return {**values, **at(0.7, 0.6 * 0.97**tick)(0, values)}

    assert watch(improving) == []


def test_thresholds_can_be_set() -> None:
    monitor = Monitor("run", config(), Thresholds(burnt=0.001, patience=1, warmup=1))
    assert "divergence" in [a.kind for t in range(9) for a in monitor.observe(t, healthy(t))]
