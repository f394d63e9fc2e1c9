"""Train an :class:`~latent_studio.latent.classifier.AttributeClassifier` on labelled pictures."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from latent_studio.events import Emit, Progress, ignore
from latent_studio.latent.classifier import (
    AttributeClassifier,
    fast_dtype,
    fit_pictures,
    working_size,
)
from latent_studio.latent.labelled import (
    LabelledPictures,
    label_targets,
    side_weights,
    split_groups,
)
from latent_studio.mailbox import StopToken

HELD_OUT = 0.15
_SHIFT = 3  # pixels at 64
_BLOCK = 512


@dataclass(frozen=True)
class ClassifierReport:
    """How good a classifier is on people it has not seen.

    ``accuracy`` and ``balanced_accuracy`` (the mean over the two sides) are per attribute, on
    ``held_out`` pictures.
    """

    accuracy: Mapping[str, float]
    balanced_accuracy: Mapping[str, float]
    trained: int
    held_out: int
    seed: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {
            "accuracy": {name: round(value, 4) for name, value in self.accuracy.items()},
            "balanced_accuracy": {
                name: round(value, 4) for name, value in self.balanced_accuracy.items()
            },
            "trained": self.trained,
            "held_out": self.held_out,
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
        }


@dataclass(frozen=True)
class ClassifierSettings:
    """How a classifier is trained; the defaults take a minute or two for 6,000 pictures."""

    epochs: int = 12
    batch: int = 64
    lr: float = 4e-3
    weight_decay: float = 0.05
    smoothing: float = 0.05
    jitter: float = 0.15


DEFAULT_SETTINGS = ClassifierSettings()


@dataclass
class _Work:
    """A training under way: pictures, targets and who learns from which."""

    images: np.ndarray
    targets: Tensor
    balance: Tensor
    train: np.ndarray
    test: np.ndarray
    settings: ClassifierSettings
    draw: torch.Generator
    device: torch.device
    started: float = field(default_factory=time.perf_counter)


def train_classifier(
    dataset: LabelledPictures,
    attributes: Sequence[str],
    *,
    indices: np.ndarray | None = None,
    seed: int = 0,
    device: torch.device | str = "cpu",
    settings: ClassifierSettings = DEFAULT_SETTINGS,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> tuple[AttributeClassifier, ClassifierReport]:
    """Train on some people, test on others.

    Parameters
    ----------
    dataset
        Pictures with ``attributes`` of 0 and 1 (nan: unknown, left out of the loss).
    attributes
        Which of them; one head each.
    indices
        Pictures to use for both; None for all.
    seed
        Of start values, order, augmentation and of who is held out.
    emit, token
        Get :class:`~latent_studio.events.Progress`; stop or pause.

    Returns
    -------
    tuple
        The classifier in eval mode, and its accuracy on the people held out.

    Raises
    ------
    OptionError
        If the data set has no such attribute.
    DataError
        If an attribute has too few pictures on one side.
    Cancelled
        If the token is stopped.
    """
    work = _prepare(dataset, attributes, indices, seed, torch.device(device), settings)
    network = AttributeClassifier(
        attributes, work.images.shape[1], work.images.shape[2], work.draw
    ).to(work.device)
    network.train()
    _learn(network, work, emit, token)
    network.eval().requires_grad_(False)
    return network, _test(network, work, seed)


def _prepare(
    dataset: LabelledPictures,
    attributes: Sequence[str],
    indices: np.ndarray | None,
    seed: int,
    device: torch.device,
    settings: ClassifierSettings,
) -> _Work:
    targets = label_targets(dataset, attributes)
    among = np.arange(len(targets)) if indices is None else np.asarray(indices, np.int64)
    among = among[~np.isnan(targets[among]).all(axis=1)]
    train, test = split_groups(dataset, HELD_OUT, seed, among)
    balance = side_weights(targets[train], attributes)
    side_weights(targets[test], attributes, minimum=1)
    return _Work(
        images=_small_images(dataset.images, device),
        targets=torch.from_numpy(targets),
        balance=balance,
        train=train,
        test=test,
        settings=settings,
        draw=torch.Generator().manual_seed(seed),
        device=device,
    )


def _small_images(images: np.ndarray, device: torch.device) -> np.ndarray:
    """uint8 ``[N, C, s, s]`` at the classifier's size (the memory map itself if it fits)."""
    size = working_size(images.shape[-1])
    if images.shape[-1] == size:
        return images
    small = np.empty((*images.shape[:2], size, size), np.uint8)
    for start in range(0, len(images), _BLOCK):
        block = torch.from_numpy(np.array(images[start : start + _BLOCK])).to(device).float()
        fitted = fit_pictures(block, size).round().clamp(0, 255)
        small[start : start + _BLOCK] = fitted.to(torch.uint8).cpu().numpy()
    return small


def _learn(network: AttributeClassifier, work: _Work, emit: Emit, token: StopToken | None) -> None:
    settings = work.settings
    per_epoch = max(1, len(work.train) // settings.batch)
    total = per_epoch * settings.epochs
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=settings.lr, weight_decay=settings.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.lr, total_steps=total + 1, pct_start=0.2
    )
    for step in range(total):
        if token is not None:
            token.checkpoint()
        if step % per_epoch == 0:
            order = torch.randperm(len(work.train), generator=work.draw).numpy()
        start = step % per_epoch * settings.batch
        chosen = work.train[order[start : start + settings.batch]]
        _step(network, optimizer, work, chosen)
        schedule.step()
        if step % 10 == 0 or step + 1 == total:
            eta = (time.perf_counter() - work.started) / (step + 1) * (total - step - 1)
            emit(Progress(step + 1, total, "Learning the attributes", eta))


def _step(
    network: AttributeClassifier,
    optimizer: torch.optim.Optimizer,
    work: _Work,
    chosen: np.ndarray,
) -> None:
    pictures = _augmented(work, chosen)
    targets = work.targets[torch.from_numpy(chosen)].to(work.device)
    dtype = fast_dtype(work.device)
    with torch.autocast(work.device.type, dtype, enabled=dtype != torch.float32):
        logits = network(pictures)
    loss = masked_loss(logits, targets, work.balance.to(work.device), work.settings.smoothing)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def masked_loss(logits: Tensor, targets: Tensor, balance: Tensor, smoothing: float) -> Tensor:
    """Balanced cross entropy over the known entries of ``[N, attributes]``.

    ``targets`` holds 0, 1 and nan; ``balance`` ``[2, attributes]`` weighs the two sides.
    """
    known = ~targets.isnan()
    side = torch.where(known, targets, 0)
    weight = torch.where(side > 0.5, balance[1], balance[0]) * known
    smooth = side * (1 - smoothing) + smoothing / 2
    losses = F.binary_cross_entropy_with_logits(logits.float(), smooth, reduction="none")
    return (losses * weight).sum() / weight.sum().clamp_min(1e-6)


def _augmented(work: _Work, chosen: np.ndarray) -> Tensor:
    """A batch in [-1, 1], mirrored or not, shifted a little, of changed light and contrast."""
    images = work.images[chosen]
    count, _, size, _ = images.shape
    reach = max(1, _SHIFT * size // 64)
    padded = np.pad(images, ((0, 0), (0, 0), (reach, reach), (reach, reach)), mode="edge")
    shift = torch.randint(0, 2 * reach + 1, (count, 2), generator=work.draw).tolist()
    mirror = torch.randint(0, 2, (count,), generator=work.draw).tolist()
    batch = np.empty_like(images)
    for i, (y, x) in enumerate(shift):
        view = padded[i, :, y : y + size, x : x + size]
        batch[i] = view[:, :, ::-1] if mirror[i] else view
    tone = torch.rand((2, count, 1, 1, 1), generator=work.draw).to(work.device) * 2 - 1
    contrast, light = 1 + work.settings.jitter * tone[0], work.settings.jitter * tone[1]
    return (torch.from_numpy(batch).to(work.device).float() / 127.5 - 1) * contrast + light


def _test(network: AttributeClassifier, work: _Work, seed: int) -> ClassifierReport:
    logits = score_images(network, work.images, work.test, work.device).numpy()
    truth = work.targets[torch.from_numpy(work.test)].numpy()
    accuracy, balanced = {}, {}
    for name, column, score in zip(network.attributes, truth.T, logits.T, strict=True):
        right = (score > 0) == (column > 0.5)
        accuracy[name] = float(right[~np.isnan(column)].mean())
        balanced[name] = float(np.mean([right[column == side].mean() for side in (0, 1)]))
    seconds = time.perf_counter() - work.started
    return ClassifierReport(accuracy, balanced, len(work.train), len(work.test), seed, seconds)


@torch.no_grad()
def score_images(
    network: AttributeClassifier,
    images: np.ndarray,
    indices: np.ndarray,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Logits ``[len(indices), attributes]`` of uint8 pictures ``[N, C, H, W]``."""
    scores = []
    for start in range(0, len(indices), _BLOCK):
        block = np.array(images[indices[start : start + _BLOCK]])
        pictures = torch.from_numpy(block).to(device).float() / 127.5 - 1
        scores.append(network.score(pictures))
    return torch.cat(scores) if scores else torch.zeros(0, len(network.attributes))
