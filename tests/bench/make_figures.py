"""Make the README's pictures with the program itself.

    python tests/bench/make_figures.py [--model faces] [--data DATA] [--train-seconds 90]

opens the real window (offscreen unless a platform is chosen), drags a slider, starts a training
beside it, and writes ``resources/docs/window.png``, ``training.png`` and ``smile.gif``.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
DOCS = Path(__file__).parents[2] / "resources" / "docs"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="")
    parser.add_argument("--slider", default="smile")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--data", default="procedural-faces")
    parser.add_argument("--preset", default="dcgan-64")
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--train-seconds", type=float, default=90.0)
    parser.add_argument("--resume", default="", help="go on with this run instead of a new one")
    options = parser.parse_args()
    DOCS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["LATENT_STUDIO_HOME"] = home
        photograph(options, Path(home))


def photograph(options: argparse.Namespace, home: Path) -> None:
    from latent_studio.ui import app as window_app

    app = window_app.create_app()
    window = window_app.create_window(options.model)
    window.resize(1440, 900)
    context = window.context

    def wait(condition: Callable[[], bool], seconds: float = 120.0) -> None:
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            app.processEvents()
            time.sleep(0.005)

    def settle(seconds: float) -> None:
        wait(lambda: False, seconds)

    wait(lambda: context.render.last_frame is not None)
    context.state.edit(lambda recipe: seeded(recipe, options.seed), text="seed")
    settle(6)
    film_slider(window, options.slider, settle)
    context.state.edit(lambda recipe: recipe.with_direction(options.slider, 1.5), text="slider")
    settle(3)
    window.grab().save(str(DOCS / "window.png"))
    context.state.set_live(True)
    train(context, options, home)
    settle(options.train_seconds)
    window.grab().save(str(DOCS / "training.png"))
    context.training.shut_down(save=False)
    window.close()
    os._exit(0)


def seeded(recipe, seed):
    from dataclasses import replace

    from latent_studio.recipe import LatentSource

    return replace(recipe, source=LatentSource.from_seed(seed, recipe.source.space))


def film_slider(window, name: str, settle: Callable[[float], None]) -> None:
    """The window, small, while the slider goes there and back."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage

    from latent_studio.storage.video import VideoWriter

    amounts = np.sin(np.linspace(0, 2 * np.pi, 24, endpoint=False)) * 2.5
    with VideoWriter(DOCS / "smile.gif", 640, 400, fps=8) as video:
        for amount in amounts:
            window.context.state.edit(
                lambda recipe, a=float(amount): recipe.with_direction(name, a), merge_key="film"
            )
            settle(0.25)
            image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
            image = image.scaled(
                640,
                400,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            rows = np.frombuffer(image.constBits(), np.uint8).reshape(400, image.bytesPerLine())
            video.add(rows[:, : 640 * 3].reshape(400, 640, 3).copy())
    window.context.state.end_merge()


def train(context, options: argparse.Namespace, home: Path) -> None:
    from latent_studio.ui.training_request import TrainRequest

    changes = {"limit": options.limit, "threads": 1, "tick_kimg": 0.2, "grid_kimg": 0.5}
    folder = str(home / "runs" / "figures")
    request = TrainRequest(options.data, options.preset, folder, None, False, changes)
    if options.resume:
        request = TrainRequest("", "", options.resume, None, True)
    context.training.start(request)


if __name__ == "__main__":
    main()
