"""A faster backend for the renderer at hand: prepared beside it, taken over between two frames.

Eager serves at once. Weights that a training changes stay with eager, too: converting takes longer
than they last. The faster one comes back when they rest.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeAlias

import torch

from latent_studio.engine.backends.choice import Prepared, prepare, wants_preparation
from latent_studio.engine.device import Precision
from latent_studio.engine.renderer import Renderer
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator

log = logging.getLogger(__name__)

REST_S = 8.0
PREPARING = "a faster backend is being prepared"
CHANGING = "its weights are in training"
_CLOSE_S = 20.0

Prepare: TypeAlias = Callable[[Generator, torch.device, str, Precision, StopToken], Prepared]


def prepare_apart(
    generator: Generator, device: torch.device, name: str, precision: Precision, token: StopToken
) -> Prepared:
    """As a window wants it: conversion does not hold up this process."""
    return prepare(generator, device, name, precision, apart=True, token=token)


class FastLane:
    """Belongs to the thread of the renderer; only ``ring`` is called from another.

    Parameters
    ----------
    prepare
        Finds or builds a backend; None for a lane that does nothing.
    ring
        Called when one is ready.
    rest_s
        So long must followed weights rest before one is prepared for them (and four times as long
        as they ever rested between two changes).
    """

    def __init__(
        self, prepare: Prepare | None, ring: Callable[[], None], rest_s: float = REST_S
    ) -> None:
        self._prepare, self._ring, self._rest_s = prepare, ring, rest_s
        self._asked: tuple[str, Precision] | None = None
        self._due: float | None = None
        self._changed: float | None = None
        self._longest = 0.0
        self._job: _Job | None = None

    def begin(self, renderer: Renderer, name: str, precision: Precision, live: bool) -> None:
        """A new model is shown; ``live``: a training may be about to change it."""
        self.cancel()
        self._due = self._changed = self._asked = None
        self._longest = 0.0
        device = renderer.backend.device
        if self._prepare is None or not wants_preparation(name, device, precision):
            return
        self._asked = name, precision
        self._due = time.monotonic() + (self._rest_s if live else 0.0)
        if not live:
            renderer.note = PREPARING  # once the first picture is there

    def weights_changed(self, renderer: Renderer) -> None:
        """The renderer has taken other weights (and is back on eager)."""
        if self._asked is None:
            return
        self.cancel()
        now = time.monotonic()
        if self._changed is not None:
            self._longest = max(self._longest, now - self._changed)
        self._changed = now
        self._due = now + max(self._rest_s, 4 * self._longest)
        renderer.note = CHANGING

    def wait_s(self, live: bool) -> float | None:
        """Seconds until there is something to do, as far as is known; None: nothing."""
        if self._job is not None and self._job.done:
            return 0.0
        if self._due is None:
            return None
        return max(0.0, self._due - time.monotonic()) if live else 0.0

    def step(self, renderer: Renderer, live: bool, may_begin: bool = True) -> bool:
        """Begin or take over what is due. True: the renderer's label or note has changed."""
        if self._job is not None and self._job.done:
            prepared, self._job = self._job.result, None
            self._take(renderer, prepared)
            return True
        if not may_begin or self._due is None or self.wait_s(live):
            return False
        assert self._asked is not None and self._prepare is not None
        self._due = None
        name, precision = self._asked
        device, network = renderer.backend.device, renderer.frozen_copy()
        work = self._prepare
        self._job = _Job(lambda token: work(network, device, name, precision, token), self._ring)
        renderer.note = PREPARING
        return True

    def _take(self, renderer: Renderer, prepared: Prepared) -> None:
        if prepared.backend is not None:
            renderer.adopt(prepared.backend)
        renderer.note = prepared.note

    def cancel(self) -> None:
        if self._job is not None:
            self._job.token.stop()
            self._job = None

    def close(self) -> None:
        """End what is under way and wait for it."""
        job = self._job
        self.cancel()
        if job is not None:
            job.thread.join(_CLOSE_S)


class _Job:
    """One preparation on a thread of its own."""

    def __init__(self, work: Callable[[StopToken], Prepared], ring: Callable[[], None]) -> None:
        self.token = StopToken()
        self.done = False
        self.result = Prepared()
        self._work, self._ring = work, ring
        self.thread = threading.Thread(target=self._run, name="backend", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.result = self._work(self.token)
        except Exception as error:  # eager goes on serving
            log.exception("preparing a backend failed")
            self.result = Prepared(note=f"no faster backend: {type(error).__name__}")
        self.done = True
        self._ring()
