"""Film the main tools at work in the real window, for the README.

    python tests/bench/tools_animation.py [--out resources/docs/tools.webp]

Works the controls of the window (offscreen unless a platform is chosen) on the bundled model, grabs
the window while they move, and writes an animated WebP with a line of text for each tool.
"""

import argparse
import io
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
from guide_figures import DOCS, Studio

STEP_S, FRAME_MS, LAST_MS = 0.12, 130, 1200
WIDTH = 960


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=DOCS / "tools.webp")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["LATENT_STUDIO_HOME"] = home
        film = Film(Studio("en", 0.0, Path(home)))
        film.shoot()
        film.write(options.out)
        os._exit(0)


class Film:
    """What is done, and the frames of it."""

    def __init__(self, studio: Studio) -> None:
        self.studio, self.window, self.caption = studio, studio.window, ""
        self.frames: list[Image.Image] = []
        self.lasting: list[int] = []

    def shoot(self) -> None:
        self.studio.settle(8)
        for scene in (self.sliders, self.mixing, self.pulling, self.keyframes, self.map):
            scene()
        self.studio.context.training.shut_down(save=False)

    # scenes

    def sliders(self) -> None:
        self.caption = "Sliders: a direction, in standard deviations"
        self.studio.seed(42)
        for step in range(15):
            amount = 2.4 * (1 - abs(step - 7) / 7) if step else 0.0
            self.studio.edit(lambda recipe, a=amount: recipe.with_direction("smile", a))
            self.grab()
        self.hold()

    def mixing(self) -> None:
        self.caption = "Style mixing: each layer may have another source"
        mixing = self.window.host.widget("mixing")
        self.window.host.show("mixing")
        self.studio.settle(1.5)
        self.grab()
        for tile, preset in ((1, "coarse"), (2, "fine"), (1, "all")):
            mixing.tiles[tile].click()
            mixing.presets[preset].click()
            self.studio.settle(0.6)
            self.hold()
        for _ in range(3):
            self.window.undo.trigger()
        self.grab()

    def pulling(self) -> None:
        from latent_studio.ui.canvas.drag_tool import Pair

        self.caption = "Drag: pull points to where they should be"
        self.studio.seed(5)
        self.window.actions_["drag"].setChecked(True)
        tool = self.window.drag.tool
        side = tool.side
        ways = (((0.37, 0.72), (0.31, 0.68)), ((0.63, 0.72), (0.69, 0.68)))
        tool.set_pairs(
            [Pair((a * side, b * side), (c * side, d * side)) for (a, b), (c, d) in ways]
        )
        self.studio.settle(1.0)
        self.hold()
        self.window.drag.start()
        for _ in range(24):
            self.grab(0.25)
        self.window.drag.stop()
        self.studio.wait(lambda: not self.window.drag.running, 20)
        self.hold()
        self.window.actions_["drag"].setChecked(False)
        self.studio.edit(lambda recipe: replace(recipe, psi=0.7))

    def keyframes(self) -> None:
        self.caption = "Timeline: keyframes, easing, video"
        self.window.host.show("timeline")
        for seed in (42, 7, 19):
            self.studio.seed(seed)
            self.window.actions_["keyframe"].trigger()
            self.studio.settle(0.4)
            self.grab()
        dock = self.window.host.widget("timeline")
        dock.rewind.click()
        dock.play.click()
        for _ in range(22):
            self.grab()
        if self.window.desk.player.playing:
            dock.play.click()
        self.hold()

    def map(self) -> None:
        self.caption = "Map: hundreds of latents by what varies most"
        self.window.host.show("map")
        self.studio.settle(14)
        self.hold()

    # camera

    def grab(self, seconds: float = STEP_S, lasting: int = FRAME_MS) -> None:
        """Let the window work, then keep what it shows."""
        from PySide6.QtCore import QBuffer, QRect, Qt
        from PySide6.QtGui import QColor, QFont, QPainter

        self.studio.wait(lambda: False, seconds)
        shown = self.window.grab()
        painter = QPainter(shown)
        font = QFont(painter.font())
        font.setPixelSize(20)
        painter.setFont(font)
        canvas = self.window.canvas
        corner = canvas.mapTo(self.window, canvas.rect().topLeft())
        box = QRect(corner.x(), corner.y() + 8, canvas.width(), 32)
        painter.fillRect(box, QColor(0, 0, 0, 130))
        painter.setPen(QColor("white"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.caption)
        painter.end()
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        height = round(WIDTH * shown.height() / shown.width())
        smooth = Qt.TransformationMode.SmoothTransformation
        ratio = Qt.AspectRatioMode.IgnoreAspectRatio
        shown.toImage().scaled(WIDTH, height, ratio, smooth).save(buffer, "BMP")
        self.frames.append(_image(bytes(buffer.data())))
        self.lasting.append(lasting)

    def hold(self) -> None:
        self.grab(lasting=LAST_MS)

    def write(self, path: Path) -> None:
        first, *rest = self.frames
        first.save(
            path,
            save_all=True,
            append_images=rest,
            duration=self.lasting,
            loop=0,
            quality=60,
            method=4,
        )
        print(path.name, len(self.frames), path.stat().st_size)


def _image(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


if __name__ == "__main__":
    main()
