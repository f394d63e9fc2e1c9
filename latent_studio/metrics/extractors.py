"""The networks that metrics look through, by the file of weights that is at hand."""

from collections.abc import Sequence
from pathlib import Path

import torch

from latent_studio.metrics.features import Extractor, RandomConvExtractor
from latent_studio.metrics.inception_weights import load_inception
from latent_studio.metrics.registry import Metric, kinds_of


def kinds_with(weights: str | Path) -> list[str]:
    """Which kinds of features there are with Inception's file ``weights``; "" for none."""
    return ["random", "inception"] if str(weights) else ["random"]


def load_extractors(
    metrics: Sequence[Metric], weights: str | Path = "", device: torch.device | str = "cpu"
) -> dict[str, Extractor]:
    """Those that the metrics need, by kind; the file is read only where it is needed.

    Raises
    ------
    ModelError
        If the file is missing, can't be read or is of another network.
    """
    needed = kinds_of(metrics)
    found: dict[str, Extractor] = {}
    if "random" in needed:
        found["random"] = RandomConvExtractor(device)
    if "inception" in needed:
        found["inception"] = load_inception(weights, device)
    return found
