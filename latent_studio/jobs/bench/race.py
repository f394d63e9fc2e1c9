"""Timing things side by side."""

import time
from collections.abc import Callable, Mapping

from latent_studio.jobs.meter import Meter

WARM_UP = 2
# Idle threads of a parallel loop wait for the next one at full speed, up to 20 ms in GNU's OpenMP.
REST_S = 0.03
Work = Callable[[int], object]
"""Does the thing once; takes the number of the round, so that all do the same in it."""


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def race(
    runners: Mapping[str, Work], rounds: int, meter: Meter, warm_up: int = WARM_UP
) -> dict[str, list[float]]:
    """Seconds of each runner in each round.

    In a round each runs once, beginning with another one every time: what happens to the machine
    meanwhile happens to all of them, and none always follows the one that emptied the caches. Each
    begins with all processors at rest.
    A runner that returns a number has measured itself, in seconds.
    """
    names = list(runners)
    times: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(warm_up + rounds):
        for place in range(len(names)):
            name = names[(place + turn) % len(names)]
            time.sleep(REST_S)
            began = time.perf_counter()
            result = runners[name](turn)
            spent = time.perf_counter() - began
            if turn >= warm_up:
                times[name].append(result if isinstance(result, float) else spent)
            meter.checkpoint()
        meter.step()
    return times
