"""Make the pictures of the user guide with the program itself, in one language.

    python tests/bench/guide_figures.py LANGUAGE [--only NAME …] [--train-seconds 40] [--resume RUN]

opens the real window (offscreen unless a platform is chosen), uses its tools on the bundled model
and writes ``resources/docs/guide-NAME.LANGUAGE.png``. Chinese needs a font that has its
characters, such as WenQuanYi (``fonts-wqy-microhei``).
"""

import argparse
import io
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
DOCS = Path(__file__).parents[2] / "resources" / "docs"
SIZE = (1280, 800)
LARGEST = 240_000  # bytes of a picture
PATIENCE_S = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("language", choices=["en", "zh_CN"])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--train-seconds", type=float, default=40.0)
    parser.add_argument("--resume", default="", help="go on with this run instead of a new one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["LATENT_STUDIO_HOME"] = home
        studio = Studio(options.language, options.train_seconds, Path(home))
        studio.resumed = options.resume
        studio.make(options.only)
        os._exit(0)


class Studio:
    """The window and what is done with it; each figure is a method."""

    def __init__(self, language: str, train_seconds: float, home: Path) -> None:
        from latent_studio.ui import app as window_app
        from latent_studio.ui.settings import Settings

        self.language, self.train_seconds, self.home = language, train_seconds, home
        self.resumed = ""
        settings = Settings()
        settings.set("language", language)
        settings.set("hint_seen", True)
        settings.store.sync()
        self.app = window_app.create_app()
        self.window = window_app.create_window()
        self.window.resize(*SIZE)
        self.context = self.window.context
        self.wait(lambda: self.context.render.last_frame is not None)

    def make(self, only: list[str]) -> None:
        figures: dict[str, Callable[[], Any]] = {
            "window": self.explore,
            "mixing": self.mix,
            "timeline": self.timeline,
            "map": self.map,
            "layers": self.layers,
            "drag": self.drag,
            "discover": self.discover,
            "photos": self.photos,
            "training": self.train,
        }
        for name, do in figures.items():
            if not only or name in only:
                shown = do() or self.window
                self.save(name, shown)
                if shown is not self.window:
                    shown.hide()
        self.context.training.shut_down(save=False)

    # what is done

    def explore(self) -> None:
        self.seed(42)
        self.edit(lambda recipe: recipe.with_direction("smile", 1.5))
        self.settle(10)

    def mix(self) -> None:
        mixing = self.window.host.widget("mixing")
        self.window.host.show("mixing")
        self.settle()
        mixing.tiles[1].click()
        mixing.presets["coarse"].click()
        mixing.tiles[2].click()
        mixing.presets["fine"].click()
        self.settle(4)

    def timeline(self) -> None:
        self.window.host.show("timeline")
        for seed in (42, 7, 19, 3):
            self.seed(seed)
            self.window.actions_["keyframe"].trigger()
        self.settle(3)

    def map(self) -> None:
        self.window.host.show("map")
        self.settle(20)

    def layers(self) -> None:
        self.window.host.show("layers")
        dock = self.window.host.widget("layers")
        self.settle(3)
        dock.layer.setCurrentIndex(4)
        dock.layer.value_changed.emit(dock.layer.value())
        self.settle(3)

    def drag(self) -> None:
        from latent_studio.ui.canvas.drag_tool import Pair

        self.seed(42)
        self.window.actions_["drag"].setChecked(True)
        tool = self.window.drag.tool
        corners = (((0.40, 0.70), (0.36, 0.66)), ((0.60, 0.70), (0.64, 0.66)))
        scale = lambda point: (point[0] * tool.side, point[1] * tool.side)  # noqa: E731
        tool.set_pairs([Pair(scale(handle), scale(target)) for handle, target in corners])
        self.settle(3)
        self.window.grab()

    def discover(self) -> Any:
        self.window.dialogs.show_discover()
        dialog = self.window.dialogs.made["discover"]
        dialog.resize(980, 720)
        page = dialog.candidates
        page.find.click()
        self.settle(15)
        return dialog

    def photos(self) -> Any:
        self.window.dialogs.show_photos()
        dialog = self.window.dialogs.made["photos"]
        dialog.resize(980, 640)
        dialog.add_paths([self.portrait()])
        self.wait(lambda: len(dialog.entries) == 1)
        dialog.effort.set_value(0.4)
        dialog.toggle()
        self.settle(2)
        self.wait(lambda: not dialog.running, 300)
        self.settle()
        return dialog

    def portrait(self) -> str:
        """Nobody's face, as a file from elsewhere: another seed of the model, larger."""
        from latent_studio.jobs.opened import open_model
        from latent_studio.recipe import Recipe

        recipe = Recipe.from_seed(7, psi=0.7).with_direction("smile", 1.5)
        face = Image.fromarray(open_model("faces").pixels([recipe])[0])
        photo = face.resize((320, 320), Image.Resampling.LANCZOS).crop((0, 10, 320, 310))
        path = self.home / "portrait.png"
        photo.save(path)
        return str(path)

    def train(self) -> None:
        from latent_studio.ui.training_request import TrainRequest

        self.window.actions_["compare"].setChecked(False)
        self.window.host.show("gallery")
        self.window.host.show("training")
        changes = {"limit": 2000, "threads": 1, "tick_kimg": 0.2, "grid_kimg": 0.5}
        folder = str(self.home / "runs" / "guide")
        data = "procedural-faces"
        request = TrainRequest(data, "dcgan-64", folder, None, False, changes)
        if self.resumed:
            request = TrainRequest("", "", self.resumed, None, True)
        self.context.training.start(request)
        self.settle(self.train_seconds)

    # how

    def seed(self, seed: int) -> None:
        from latent_studio.recipe import LatentSource

        space = self.context.state.recipe.source.space
        self.edit(lambda recipe: replace(recipe, source=LatentSource.from_seed(seed, space)))
        self.settle(1.5)

    def edit(self, change: Callable[[Any], Any]) -> None:
        self.context.state.edit(change, text="guide")

    def wait(self, condition: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            self.app.processEvents()
            time.sleep(0.005)

    def settle(self, seconds: float = 2.0) -> None:
        """Let the window work for a while, and until the picture is that of the scene."""
        self.wait(lambda: False, seconds)
        self.wait(lambda: not self.context.render.busy, 20)

    def save(self, name: str, shown: Any) -> None:
        """As a PNG of few colours, small enough for the package."""
        from PySide6.QtCore import QBuffer

        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        shown.grab().save(buffer, "PNG")
        picture = Image.open(io.BytesIO(bytes(buffer.data()))).convert("RGB")
        path = DOCS / f"guide-{name}.{self.language}.png"
        for colors in (256, 192, 128, 96, 64):
            picture.quantize(colors, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
            if path.stat().st_size <= LARGEST:
                break
        print(path.name, path.stat().st_size, flush=True)


if __name__ == "__main__":
    main()
