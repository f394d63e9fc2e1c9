"""From the floats of a network to the bytes of a screen.

Values map as the StyleGAN tools map them: ``x * 127.5 + 128``, clamped to [0, 255], fraction cut.
"""

import numpy as np
import torch
from torch import Tensor

_OPAQUE = float(2**24)


class PixelConverter:
    """``[1, C, H, W]`` floats to B, G, R, 255 bytes.

    The three channels are packed by float arithmetic (their sum stays below 2**24, so it is exact)
    and stored by one pass of 32-bit integers; storing bytes with a stride is slower from 256 pixels
    on. Intermediate buffers are kept; the result is always new. Belongs to one thread.
    """

    def __init__(self) -> None:
        self._planes = torch.empty(0)
        self._packed = torch.empty(0)

    @torch.inference_mode()
    def bgra(self, img: Tensor) -> np.ndarray:
        """Convert one picture.

        Parameters
        ----------
        img
            ``[1, C, H, W]`` (or ``[C, H, W]``), C 1 (grey) or at least 3, any float type, any
            device. It is left as it is.

        Returns
        -------
        np.ndarray
            ``[H, W, 4]`` uint8, contiguous.
        """
        img = img[0] if img.ndim == 4 else img
        planes, packed = self._buffers(img[:3])
        torch.mul(img[:3], 127.5, out=planes)
        planes.add_(128).clamp_(0, 255).floor_()
        red, blue = planes[0], planes[-1]
        green = planes[1] if planes.shape[0] == 3 else red
        torch.add(blue, green, alpha=256, out=packed)
        # Minus 2**24 sets the byte behind red to 255.
        packed.add_(red, alpha=65536).sub_(_OPAQUE)
        pixels = packed.to(torch.int32).cpu()
        return pixels.view(torch.uint8).view(*packed.shape, 4).numpy()

    def _buffers(self, img: Tensor) -> tuple[Tensor, Tensor]:
        if self._planes.shape != img.shape or self._planes.device != img.device:
            self._planes = torch.empty(img.shape, device=img.device)
            self._packed = torch.empty(img.shape[1:], device=img.device)
        return self._planes, self._packed


@torch.inference_mode()
def to_uint8(images: Tensor) -> np.ndarray:
    """``[N, C, H, W]`` floats to ``[N, H, W, C]`` uint8 on the CPU, contiguous."""
    values = images.float().mul(127.5).add_(128).clamp_(0, 255).to(torch.uint8)
    return values.permute(0, 2, 3, 1).contiguous().cpu().numpy()
