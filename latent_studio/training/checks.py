"""What can go wrong in a training, one function each: how bad it is, why, and what to change.

The numbers they look at are explained in ``latent_studio.training.diagnostics``.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import TypeAlias

from latent_studio.training.config import TrainConfig
from latent_studio.training.losses import find_objective
from latent_studio.training.thresholds import Thresholds


@dataclass(frozen=True)
class Finding:
    """How bad something is: from 1 on it goes wrong."""

    severity: float
    message: str = ""
    evidence: str = ""
    proposal: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outlook:
    """What a check may look at: this tick, earlier ones (oldest first), and the settings."""

    values: Mapping[str, float]
    past: Mapping[str, list[float]]
    config: TrainConfig
    limits: Thresholds
    epochs: float | None

    def get(self, name: str) -> float | None:
        return self.values.get(name)


Check: TypeAlias = Callable[[Outlook], Finding]
_FINE = Finding(0.0)


def mode_collapse(seen: Outlook) -> Finding:
    found = seen.get("diversity")
    if found is None:
        return _FINE
    past = seen.past.get("diversity", [])
    if max(past, default=0.0) < seen.limits.varied and (
        len(past) < seen.limits.slow_start or _spreading(seen, found, past)
    ):
        return _FINE
    alike = seen.get("likeness")
    more = "" if alike is None else f"; by structural similarity {alike:.2f}"
    return Finding(
        (1 - found) / (1 - seen.limits.diversity),
        "The generator makes nearly the same picture again and again.",
        f"generated pictures differ {found:.2f} times as much as real ones "
        f"(alarm below {seen.limits.diversity:g}){more}",
        _scaled(seen.config, g_lr=0.5, r1_gamma=2),
    )


def _spreading(seen: Outlook, found: float, past: list[float]) -> bool:
    """Whether pictures that have never been varied are getting there: slowly, but pushed by a D
    that sees how alike they are."""
    advantage = seen.past.get("advantage", [])[-10:]
    pushed = not advantage or median(advantage) >= seen.limits.weak_advantage
    return pushed and found > 1.2 * median(past[:10])


def d_too_strong(seen: Outlook) -> Finding:
    critic = find_objective(seen.config.objective).critic
    perfect, vanished = _FINE if critic else _perfect(seen), _vanished(seen)
    return max(perfect, vanished, key=lambda finding: finding.severity)


def _perfect(seen: Outlook) -> Finding:
    share, certainty = seen.get("share"), seen.get("certainty")
    if share is None or certainty is None:
        return _FINE
    limits, gap = seen.limits, seen.values.get("gap", 1.0)
    return Finding(
        min(
            _below(share, limits.strong_share),
            _above(certainty, limits.strong_certainty),
            _above(gap, limits.strong_gap),
        ),
        "The discriminator is nearly always right, so that the generator learns little from it.",
        f"its loss is {share:.1%} of a guess (alarm below {limits.strong_share:.0%}), and it is "
        f"right on {_accuracy(certainty)} of the harder kind "
        f"(alarm above {_accuracy(limits.strong_certainty)})",
        _weaker(seen.config),
    )


def _vanished(seen: Outlook) -> Finding:
    now, certainty = seen.get("grad/G"), seen.get("certainty")
    peak = max(seen.past.get("grad/G", ()), default=0.0)
    if now is None or certainty is None or peak <= 0:
        return _FINE
    part, limits = now / peak, seen.limits
    return Finding(
        min(_below(part, limits.vanished), _above(certainty, 0.9 * limits.strong_certainty)),
        "The generator's gradients have vanished: the discriminator is right whatever it does.",
        f"its gradient is {part:.2%} of what it was (alarm below {limits.vanished:.0%})",
        _weaker(seen.config),
    )


def d_too_weak(seen: Outlook) -> Finding:
    advantage, gap = seen.get("advantage"), seen.get("gap")
    if advantage is None or gap is None:
        return _FINE
    limits, share = seen.limits, seen.get("share")
    blind = _below(advantage, limits.weak_advantage)
    if share is not None:
        blind = max(blind, _above(share, limits.weak_share, firm=True))
    loss = "" if share is None else f" at {share:.0%} of a guess's loss"
    return Finding(
        min(blind, _above(gap, limits.weak_gap)),
        "The discriminator can't tell generated pictures from real ones, though they differ.",
        f"it is right on {_accuracy(advantage)}{loss} (alarm below "
        f"{_accuracy(limits.weak_advantage)}, or above {limits.weak_share:.0%}), while the "
        f"pictures are {gap:.2f} apart (alarm above {limits.weak_gap:g})",
        _stronger(seen.config),
    )


def overfitting(seen: Outlook) -> Finding:
    objective, sure = find_objective(seen.config.objective), seen.get("sign/real")
    if objective.critic or objective.paired or sure is None or seen.epochs is None:
        return _FINE
    limits, config = seen.limits, seen.config
    if seen.epochs < limits.overfit_epochs:
        return _FINE
    if config.augment == "ada":
        cure = " A lower target makes the augmentation stronger."
        proposal = {"ada_target": max(0.1, round(config.ada_target - 0.1, 3))}
    else:
        cure = "" if config.augment != "none" else " Augmentation (--aug ada) prevents it."
        proposal = _weaker(config)
    stuck = _progress(seen, limits.overfit_ticks)
    return Finding(
        min(_above(sure, limits.overfit_sign), _above(stuck, limits.stall_share, firm=True)),
        f"The discriminator knows the training pictures by heart.{cure}",
        f"sign of the scores of real pictures {sure:.2f} after {seen.epochs:.0f} passes over the "
        f"data (alarm above {limits.overfit_sign:g}), and the pictures get no better",
        proposal,
    )


def divergence(seen: Outlook) -> Finding:
    limits, critic = seen.limits, find_objective(seen.config.objective).critic
    candidates = [_infinite(seen.values)]
    for name in ("grad/G", "grad/D", "score/real", "score/fake"):
        candidates.append(_exploded(seen, name))
    for name in ("weight/G", "weight/D"):
        candidates.append(_growing(seen, name))
    if not critic:
        for name in ("score/real", "score/fake"):
            candidates.append(_beyond(abs(seen.get(name) or 0), limits.score, name))
        candidates.append(_beyond(seen.get("share") or 0, limits.wild_share, "D's loss in guesses"))
    burnt = seen.get("burnt") or 0
    candidates.append(_beyond(burnt, limits.burnt, "share of values at the ends of the range"))
    severity, evidence = max(candidates)
    return Finding(
        severity,
        "The training runs away: its numbers grow without bound.",
        evidence,
        _scaled(seen.config, g_lr=0.25, d_lr=0.25),
    )


def _infinite(values: Mapping[str, float]) -> tuple[float, str]:
    for name, value in values.items():
        if not math.isfinite(value):
            return math.inf, f"{name} is no longer a number"
    return 0.0, ""


def _beyond(value: float, limit: float, name: str) -> tuple[float, str]:
    return value / limit, f"{name}: {value:.3g} (alarm from {limit:g})"


def _exploded(seen: Outlook, name: str) -> tuple[float, str]:
    now, limits = seen.get(name), seen.limits
    past = [abs(value) for value in seen.past.get(name, ())]
    if now is None or len(past) < limits.warmup:
        return 0.0, ""
    # scores swing about 0, where no multiple means anything: their floor is one unit
    usual = max(median(past), 1.0 if name.startswith("score") else 1e-12)
    factor = abs(now) / usual
    text = f"{name} is {now:.3g}, {factor:.1f} times its median"
    return factor / limits.exploded, f"{text} (alarm from {limits.exploded:g})"


def _growing(seen: Outlook, name: str) -> tuple[float, str]:
    now, past, ticks = seen.get(name), seen.past.get(name, []), seen.limits.doubling_ticks
    if now is None or len(past) < ticks or past[-ticks] <= 0:
        return 0.0, ""
    factor = now / past[-ticks]
    text = f"{name} is {now:.3g}, {factor:.2f} times that of {ticks} ticks ago (alarm from 2)"
    return factor / 2, text


def stagnation(seen: Outlook) -> Finding:
    limits, gap = seen.limits, seen.get("gap")
    past = seen.past.get("gap", [])
    if gap is None or len(past) < limits.memory:
        return _FINE
    recent, stuck = min(past[-limits.stall_ticks :]), _progress(seen, limits.stall_ticks)
    return Finding(
        min(_above(stuck, limits.stall_share, firm=True), _above(recent, limits.stall_gap)),
        "The pictures have stopped getting better, and are still far from real ones.",
        f"distance from the real pictures {recent:.2f}, {stuck:.0%} of the best before the last "
        f"{limits.stall_ticks} ticks (alarm from {limits.stall_share:.0%}, above "
        f"{limits.stall_gap:g})",
        _scaled(seen.config, g_lr=0.5, d_lr=0.5),
    )


def _progress(seen: Outlook, ticks: int) -> float:
    """The best gap of the last ``ticks`` over the best before; 1 where it is not measured."""
    past = seen.past.get("gap", [])
    earlier = past[:-ticks]
    if not earlier:  # too early to say, if it is measured at all
        return 0.0 if past else 1.0
    return min(past[-ticks:]) / max(min(earlier), 1e-6)


def clipping(seen: Outlook) -> Finding:
    share, limits, bound = seen.get("clipped/D"), seen.limits, seen.config.weight_clip
    if share is None or bound <= 0:
        return _FINE
    return Finding(
        _above(share, limits.clipped),
        "The clip shapes the discriminator: it can say only simple things, and G learns slowly.",
        f"{share:.0%} of D's weights stand at the clip's ± {bound:g} (alarm from "
        f"{limits.clipped:.0%})",
        _scaled(seen.config, g_lr=4, d_lr=4),
    )


# Divergence comes first: where numbers run away, the others say nothing about the game.
CHECKS: dict[str, Check] = {
    "divergence": divergence,
    "mode-collapse": mode_collapse,
    "d-too-strong": d_too_strong,
    "d-too-weak": d_too_weak,
    "overfitting": overfitting,
    "clipping": clipping,
    "stagnation": stagnation,
}


def _above(value: float, limit: float, firm: bool = False) -> float:
    """1 at ``limit``; ``firm`` limits stand close to healthy numbers and need no release."""
    if firm:
        return 1.0 if value >= limit else 0.0
    return value / limit


def _below(value: float, limit: float) -> float:
    return limit / max(value, limit / 2)


def _accuracy(sign: float) -> str:
    return f"{(1 + sign) / 2:.0%}"


def _weaker(config: TrainConfig) -> dict[str, float]:
    """Hold D back: by its penalty where it has one, by its rate in any case."""
    return _scaled(config, d_lr=0.5, r1_gamma=2)


def _stronger(config: TrainConfig) -> dict[str, float]:
    """Let D learn faster; one that stands still gets the pace of G."""
    if config.d_lr == 0:
        return {"d_lr": config.g_lr or TrainConfig.d_lr}
    return _scaled(config, d_lr=2, r1_gamma=0.5)


def _scaled(config: TrainConfig, **factors: float) -> dict[str, float]:
    """Settings times factors; those at 0 are off and stay so."""
    values = {name: getattr(config, name) * factor for name, factor in factors.items()}
    return {name: float(f"{value:.6g}") for name, value in values.items() if value > 0}
