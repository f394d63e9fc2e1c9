"""One file of CIFAR: from a dictionary of its pickle, or from its bytes."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from latent_studio.errors import DataError

SIDE = 32
_PIXELS = 3 * SIDE * SIDE


@dataclass(frozen=True)
class Batch:
    """One file: pixels ``uint8 [N, 3072]``, labels and, for CIFAR-100, coarse labels int64."""

    pixels: np.ndarray
    labels: np.ndarray
    coarse: np.ndarray | None


def pickled_batch(content: dict[str, Any], name: str) -> Batch:
    pixels = content.get("data")
    labels = content.get("labels", content.get("fine_labels"))
    fits = isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8
    if not fits or pixels is None or pixels.ndim != 2 or pixels.shape[1] != _PIXELS:
        raise DataError(f"{name} is no CIFAR file: it has no 'data' of {_PIXELS} bytes an image.")
    columns = [_labels(labels, len(pixels), name)]
    if "coarse_labels" in content:
        columns.append(_labels(content["coarse_labels"], len(pixels), name))
    return Batch(pixels, columns[0], columns[1] if len(columns) > 1 else None)


def _labels(values: Any, count: int, name: str) -> np.ndarray:
    try:
        labels = np.asarray(values, dtype=np.int64)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{name} is no CIFAR file: its labels are no numbers.") from error
    if labels.shape != (count,) or not count or labels.min() < 0 or labels.max() > 999:
        raise DataError(f"{name} is damaged: its labels do not fit its {count} images.")
    return labels


def binary_batch(content: bytes, label_bytes: int, name: str) -> Batch:
    record = label_bytes + _PIXELS
    if not content or len(content) % record:
        raise DataError(f"{name} is cut off or no CIFAR file: images take {record} bytes each.")
    rows = np.frombuffer(content, dtype=np.uint8).reshape(-1, record)
    labels = rows[:, label_bytes - 1].astype(np.int64)
    coarse = rows[:, 0].astype(np.int64) if label_bytes == 2 else None
    return Batch(rows[:, label_bytes:], labels, coarse)


def text_keys(value: Any) -> dict[str, Any]:
    """Keys as texts: the published files were written by Python 2, where they are bytes."""
    if not isinstance(value, dict):
        raise DataError("This pickle holds no dictionary, so it is no CIFAR file.")
    return {
        key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key): item
        for key, item in value.items()
    }


def texts(values: Any) -> list[str]:
    if not isinstance(values, list):
        return []
    return [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in values]
