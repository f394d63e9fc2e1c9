"""Generated inputs that are others in each run, beside those that are always the same."""

import os
import secrets
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, seed, settings

# The number that a failure names, to see it again.
VARIABLE = "LATENT_STUDIO_FUZZ_SEED"
_ROUND = 25


def fixed(check: Callable[[], None], count: int) -> None:
    """Run a property on so many inputs, the same each time."""
    settings(max_examples=count, deadline=None, derandomize=True, database=None)(check)()


def explore(make: Callable[[], Callable[[], None]], seconds: float = 3.0) -> None:
    """Run a property on new inputs for some seconds, or on those of one number.

    It is made anew for each round, as settings and a seed stay on the function that has them.
    """
    chosen = os.environ.get(VARIABLE)
    number = int(chosen) if chosen else secrets.randbits(32)
    end = time.monotonic() + seconds
    while True:
        try:
            _round(make(), number)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is to be seen again
            pytest.fail(f"with {VARIABLE}={number}: {type(error).__name__}: {error}\n")
        if chosen or time.monotonic() >= end:
            return
        number += 1


def _round(check: Callable[[], None], number: int) -> None:
    chosen = settings(
        max_examples=_ROUND,
        deadline=None,
        derandomize=False,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    seed(number)(chosen(check))()
