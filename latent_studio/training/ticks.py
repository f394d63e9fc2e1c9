"""Statistics of the steps, once a tick: checked, judged, told."""

import math
from collections.abc import Mapping

from latent_studio.errors import RunError
from latent_studio.events import TrainTick
from latent_studio.training.config import TrainConfig
from latent_studio.training.diagnostics import derive
from latent_studio.training.output import RunOutput
from latent_studio.training.parts import Shard
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics


class Ticker:
    """Turns what the steps recorded into ticks, and into alarms where they show trouble."""

    def __init__(
        self,
        run: str,
        state: TrainState,
        stats: Statistics,
        output: RunOutput,
        shard: Shard,
    ) -> None:
        self._run, self._state, self._stats = run, state, stats
        self._output, self._shard = output, shard
        self._start = (0, 0.0)

    def start(self) -> None:
        """The first tick begins now."""
        counters = self._state.counters
        self._start = (counters.images, counters.seconds)

    def tick(self, config: TrainConfig, measured: Mapping[str, float]) -> None:
        """Tell the means since the last tick, with the metrics in ``measured`` added.

        Raises
        ------
        RunError
            If a mean is not finite; a metric says nothing of the kind about the training.
        """
        state, counters = self._state, self._state.counters
        values = self._shard.mean_of(self._stats.take())
        if config.augment != "none":
            values["augment/p"] = state.augmentation.p
        self.check(values)
        images, seconds = self._start
        speed = (counters.images - images) / max(counters.seconds - seconds, 1e-9)
        self.start()
        if not self._shard.leads:
            return
        values = {**values, **derive(values, config), **measured}
        values |= {"lr/G": state.g_adam.lr, "lr/D": state.d_adam.lr}
        left = max(0.0, config.total_kimg * 1000 - counters.images)
        self._output.tick(
            TrainTick(
                self._run,
                counters.step,
                counters.kimg,
                config.total_kimg,
                counters.seconds,
                speed,
                left / speed,
                values,
            )
        )
        for alarm in state.monitor.observe(counters.kimg, values):
            self._output.alarm(alarm, counters)
        for kind in state.monitor.cleared:
            self._output.cleared(kind, counters)

    def check(self, values: Mapping[str, float]) -> None:
        """Refuse to go on with numbers that are none.

        Raises
        ------
        RunError
            Naming what ceased to be finite first.
        """
        bad = [name for name, value in values.items() if not math.isfinite(value)]
        if bad:
            first = self._stats.first_bad() or bad[0]
            raise RunError(
                f"The training diverged at {self._state.counters.kimg:.1f} kimg: {first} is not a "
                "finite number any more. Start a new run with a lower learning rate or a higher "
                "r1_gamma; the last good checkpoint and models are kept.",
                str(dict(values)),
            )

    def check_now(self) -> None:
        """Check what was recorded since the last tick.

        Raises
        ------
        RunError
            As :meth:`check`.
        """
        self.check(self._stats.read())
