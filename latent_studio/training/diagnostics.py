"""Tells a person in plain words when a training goes wrong, from the statistics of its ticks.

What the steps must record (``Statistics.add``; a tick holds the means):

============================================  ======================================  ==========
names                                         what                                    how often
============================================  ======================================  ==========
``loss/D``, ``loss/G``                        objective alone, without penalties      each step
``score/real``, ``score/fake``                mean scores of D                        each step
``sign/real``, ``sign/fake``                  ``health.signs(real_scores,             each step
                                              fake_scores, objective)``
``grad/D``, ``grad/G``                        length of a network's whole gradient    every 8th
``spread/fake``, ``spread/real``,             ``health.diversity(fakes, reals,        every 8th
``spread/cross``, ``msssim/fake``,            extractor)``, pictures before any
``msssim/real``, ``saturated/fake``,          augmentation
``saturated/real``
``weight/D``, ``weight/G``                    ``health.weight_norm(parameters)``      every 8th
``clipped/D``                                 ``health.clipped(parameters, bound)``   every 8th
============================================  ======================================  ==========

A quantity that was never there silences the checks that need it; one that a tick did not measure
counts as it was last. From these :func:`derive` makes the
numbers that the checks look at:

``diversity``
    ``spread/fake / spread/real``: 1 when generated pictures differ from each other as real ones do.
    A generator that makes k equally frequent pictures has ``1 - 1/k``.
``likeness``
    The same by structural similarity, ``(1 - msssim/fake) / (1 - msssim/real)``.
``gap``
    Energy distance of generated to real features, ``(2 cross - fake - real) / real`` (Székely and
    Rizzo 2013, "Energy statistics"): 0 for equal distributions, about 1 for a single picture.
``advantage``
    How much better D separates than by guessing, from -1 over 0 to 1: mean of the two accuracies,
    times 2, less 1. Where one of the two matters, ``certainty`` is the smaller one.
``share``
    ``loss/D`` over the loss of a D that cannot tell.
``burnt``
    Share of values at the ends of the range, beyond what real pictures have, of what could be.
"""

import math
from collections.abc import Mapping
from typing import Any

from latent_studio.events import Alarm
from latent_studio.training.checks import CHECKS, Finding, Outlook
from latent_studio.training.config import TrainConfig
from latent_studio.training.health import blind_loss
from latent_studio.training.thresholds import Thresholds

__all__ = ["Monitor", "Thresholds", "derive"]


def derive(values: Mapping[str, float], config: TrainConfig) -> dict[str, float]:
    """The module's derived numbers, as far as ``values`` allow; good to plot, too."""
    found: dict[str, float] = {}
    fake, real, cross = (values.get(f"spread/{kind}") for kind in ("fake", "real", "cross"))
    if fake is not None and real:
        found["diversity"] = fake / real
        if cross is not None:
            found["gap"] = max(0.0, (2 * cross - fake - real) / real)
    alike, alike_real = values.get("msssim/fake"), values.get("msssim/real")
    if alike is not None and alike_real is not None and alike_real < 1:
        found["likeness"] = (1 - alike) / (1 - alike_real)
    sure, unsure = values.get("sign/real"), values.get("sign/fake")
    if sure is not None and unsure is not None:
        found["advantage"] = (sure - unsure) / 2
        found["certainty"] = min(sure, -unsure)
    blind = blind_loss(config.objective)
    if blind and "loss/D" in values:
        found["share"] = values["loss/D"] / blind
    made, given = values.get("saturated/fake"), values.get("saturated/real")
    if made is not None and given is not None and given < 1:
        found["burnt"] = max(0.0, (made - given) / (1 - given))
    return found


class Monitor:
    """Watches one run, tick by tick.

    Parameters
    ----------
    run
        Name for the alarms.
    config
        The settings of now; assign :attr:`config` when they change.
    thresholds
        From which numbers on to speak.
    dataset_size
        Number of training pictures; 0 where they are endless, which can't be overfitted.

    Attributes
    ----------
    cleared
        Kinds whose alarm has passed with the last tick.
    """

    def __init__(
        self,
        run: str,
        config: TrainConfig,
        thresholds: Thresholds | None = None,
        *,
        dataset_size: int = 0,
    ) -> None:
        self.run, self.config = run, config
        self.thresholds = Thresholds() if thresholds is None else thresholds
        self.cleared: list[str] = []
        self._size = dataset_size
        self._ticks = 0
        self._past: dict[str, list[float]] = {}
        # per check: ticks in a row that speak for a change of its state, and that state
        self._streak = dict.fromkeys(CHECKS, 0)
        self._active = dict.fromkeys(CHECKS, False)

    def observe(self, kimg: float, values: Mapping[str, float]) -> list[Alarm]:
        """Judge the means of a tick that ended at ``kimg``; alarms that are new."""
        self._ticks += 1
        measured = {**values, **derive(values, self.config)}
        # With several steps of D for one of G a tick may fall between two measurements of health.
        last = {name: past[-1] for name, past in self._past.items()}
        known = {**last, **measured}
        epochs = kimg * 1000 / self._size if self._size else None
        seen = Outlook(known, self._past, self.config, self.thresholds, epochs)
        alarms: list[Alarm] = []
        self.cleared = []
        for kind, check in CHECKS.items():
            finding = check(seen)
            if self._turns(kind, finding.severity):
                if self._active[kind]:
                    alarms.append(_alarm(self.run, kind, finding))
                else:
                    self.cleared.append(kind)
            if kind == "divergence" and finding.severity >= 1:
                break
        if self._ticks > self.thresholds.warmup:
            self._remember(measured)
        return alarms

    def _turns(self, kind: str, severity: float) -> bool:
        """Count ``severity``; True when it turns a healthy state into an alarm, or back."""
        limits, active = self.thresholds, self._active[kind]
        if self._ticks <= limits.warmup:
            return False
        turning = severity < limits.release if active else severity >= 1
        self._streak[kind] = self._streak[kind] + 1 if turning else 0
        if self._streak[kind] < limits.patience:
            return False
        self._streak[kind], self._active[kind] = 0, not active
        return True

    def _remember(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            if math.isfinite(value):
                past = self._past.setdefault(name, [])
                past.append(float(value))
                del past[: -self.thresholds.memory]

    def state_dict(self) -> dict[str, Any]:
        """Plain values, for a checkpoint."""
        return {
            "ticks": self._ticks,
            "past": {name: list(values) for name, values in self._past.items()},
            "streak": dict(self._streak),
            "active": dict(self._active),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where ``state`` was taken; checks that it does not know begin afresh."""
        self._ticks = int(state["ticks"])
        self._past = {name: list(map(float, v)) for name, v in state["past"].items()}
        self._streak.update({k: int(v) for k, v in state["streak"].items() if k in CHECKS})
        self._active.update({k: bool(v) for k, v in state["active"].items() if k in CHECKS})


def _alarm(run: str, kind: str, finding: Finding) -> Alarm:
    return Alarm(run, kind, finding.message, finding.evidence, dict(finding.proposal))
