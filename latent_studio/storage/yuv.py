"""RGB to what video codecs take.

The conversion is done here, in numpy, because FFmpeg's default matrix is BT.601 and PyAV's ways to
choose another one changed between its releases; so the pixels always agree with the BT.709 tags.
"""

import numpy as np

# Recommendation ITU-R BT.709-6, sections 3.2 and 4.6: luma weights and 8-bit "video" range.
_KR, _KB = 0.2126, 0.0722
_KG = 1.0 - _KR - _KB
_LUMA, _CHROMA = 219.0 / 255.0, 224.0 / 255.0
_MATRIX = np.array(
    [
        [_KR * _LUMA, _KG * _LUMA, _KB * _LUMA],
        [
            -_KR / (2 - 2 * _KB) * _CHROMA,
            -_KG / (2 - 2 * _KB) * _CHROMA,
            0.5 * _CHROMA,
        ],
        [
            0.5 * _CHROMA,
            -_KG / (2 - 2 * _KR) * _CHROMA,
            -_KB / (2 - 2 * _KR) * _CHROMA,
        ],
    ],
    dtype=np.float32,
)


def pad_to_even(image: np.ndarray) -> np.ndarray:
    """Repeat the last row and column of ``[H, W, 3]`` where the size is odd."""
    height, width = image.shape[:2]
    if height % 2 == 0 and width % 2 == 0:
        return image
    return np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def rgb_to_yuv420(image: np.ndarray) -> np.ndarray:
    """BT.709, video range, chroma at the left between two rows (the default of H.264 and VP9).

    Parameters
    ----------
    image
        uint8 ``[H, W, 3]``, H and W even.

    Returns
    -------
    numpy.ndarray
        uint8 ``[H * 3 / 2, W]``: the Y plane, then U and V at half size, row after row.
    """
    height, width = image.shape[:2]
    yuv = image.astype(np.float32) @ _MATRIX.T
    planes = np.empty(height * width * 3 // 2, dtype=np.uint8)
    luma, u, v = np.split(planes, [height * width, height * width * 5 // 4])
    luma[:] = _rounded(yuv[:, :, 0].ravel() + 16.0)
    chroma = _halve(yuv[:, :, 1:]) + 128.0
    u[:] = _rounded(chroma[:, :, 0].ravel())
    v[:] = _rounded(chroma[:, :, 1].ravel())
    return planes.reshape(height * 3 // 2, width)


def _halve(chroma: np.ndarray) -> np.ndarray:
    """Mean of two rows; across, weights 1 2 1 around every even column."""
    rows = (chroma[0::2] + chroma[1::2]) * 0.5
    even, odd = rows[:, 0::2], rows[:, 1::2]
    before = np.concatenate([even[:, :1], odd[:, :-1]], axis=1)
    halved: np.ndarray = even * 0.5 + (before + odd) * 0.25
    return halved


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.clip(values + 0.5, 0.0, 255.0).astype(np.uint8)
