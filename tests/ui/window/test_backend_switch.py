"""The window begins with eager and goes over to a faster backend."""

from dataclasses import replace

import numpy as np
import pytest

from latent_studio.recipe import LatentSource
from latent_studio.ui.settings import DEFAULTS

PATIENCE_MS = 60_000


@pytest.fixture
def converts_here(monkeypatch, tmp_path) -> None:
    """OpenVINO whether faster or not, for a network of which that is not worth asking."""
    pytest.importorskip("openvino", reason="OpenVINO is not installed")
    from latent_studio.engine import fast_lane
    from latent_studio.engine.backends.choice import prepare

    def convert(network, device, _name, _precision, token):
        return prepare(network, device, "openvino", "fp32", folder=tmp_path, token=token)

    monkeypatch.setattr(fast_lane, "prepare_apart", convert)
    monkeypatch.setitem(DEFAULTS, "backend", "auto")


def test_going_over_to_a_faster_backend_is_not_seen(
    converts_here, bare_window, models, qtbot, settled
) -> None:
    render, state = bare_window.context.render, bare_window.context.state
    shown = []
    render.frame_shown.connect(lambda frame, _: shown.append((frame, frame.pixels.copy())))
    bare_window.context.models.open_first(str(models["plain"]))
    fast = lambda: any(frame.backend.startswith("openvino") for frame, _ in shown)  # noqa: E731
    qtbot.waitUntil(fast, timeout=PATIENCE_MS)
    assert render.label.startswith("openvino")
    settled(bare_window)
    labels = [frame.backend for frame, _ in shown]
    change = next(i for i, label in enumerate(labels) if label.startswith("openvino"))
    assert change > 0 and not any(frame.preview for frame, _ in shown[change:])
    (before, old), (after, new) = shown[change - 1], shown[change]
    assert before.recipe == after.recipe and before.backend == "cpu fp32"
    assert np.abs(old.astype(int) - new).max() <= 1

    state.edit(lambda recipe: replace(recipe, source=LatentSource.from_seed(5)))
    settled(bare_window)
    assert render.last_frame.backend.startswith("openvino")
