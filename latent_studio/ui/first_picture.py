"""The picture to look at while torch is being loaded.

A bundled model comes with its first picture, ``NAME.start.png``: the scene that the window starts
with, rendered by the same program. It stands on the canvas until the engine has drawn the first one
of its own. Reading it takes no torch.
"""

import logging

import numpy as np
from PIL import Image

from latent_studio.storage.resources import resource_path
from latent_studio.ui.canvas.picture import Picture

log = logging.getLogger(__name__)

MAX_BYTES = 256 << 10


def stored_picture(name: str) -> Picture | None:
    """The stored first picture of a bundled model, or None."""
    path = resource_path("models", f"{name}.start.png")
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        with Image.open(path) as image:
            red, green, blue = np.moveaxis(np.asarray(image.convert("RGB")), -1, 0)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("%s: %s", path, error)
        return None
    return Picture(np.stack([blue, green, red, np.full_like(red, 255)], axis=-1))
