"""An independent judge of digits: a small classifier trained on real ones.

Not part of the program; :mod:`compare_objectives` uses it.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.data.dataset import open_dataset

HELD_OUT = 2000


class DigitJudge(nn.Module):
    """Three convolutions and two dense layers on 28x28."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(64, 96, 3, padding=1), nn.BatchNorm2d(96), nn.ReLU(), nn.Flatten(),
            nn.Linear(96 * 49, 128), nn.ReLU(), nn.Linear(128, 10),
        )  # fmt: skip

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits ``[N, 10]`` of ``[N, 1, 28, 28]`` in [-1, 1]."""
        logits: Tensor = self.body(pictures)
        return logits


def judge(data: str, epochs: int = 8, seed: int = 0) -> tuple[DigitJudge, float]:
    """A trained judge, and its accuracy on digits that it has not seen."""
    dataset = open_dataset(data, resolution=28, channels=1)
    assert dataset.labels is not None
    pictures = torch.from_numpy(np.array(dataset.images)).float().div(127.5).sub(1)
    labels = torch.from_numpy(np.array(dataset.labels))
    draws = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(labels), generator=draws)
    seen, held = order[HELD_OUT:], order[:HELD_OUT]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = DigitJudge()
    steps = epochs * (len(seen) // 64)
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, steps)
    for _ in range(steps):
        rows = seen[torch.randint(len(seen), (64,), generator=draws)]
        loss = F.cross_entropy(network(_wiggle(pictures[rows], draws)), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    network.eval()
    with torch.no_grad():
        right = (network(pictures[held]).argmax(1) == labels[held]).float().mean().item()
    return network, right


def _wiggle(pictures: Tensor, draws: torch.Generator) -> Tensor:
    """Shifts of up to two pixels, small rotations and scalings."""
    n = len(pictures)
    angle = (torch.rand(n, generator=draws) - 0.5) * 0.5
    scale = 1 + (torch.rand(n, generator=draws) - 0.5) * 0.3
    shift = (torch.rand(n, 2, generator=draws) - 0.5) * 0.28
    matrix = torch.stack(
        [
            torch.stack([angle.cos() * scale, -angle.sin() * scale, shift[:, 0]], 1),
            torch.stack([angle.sin() * scale, angle.cos() * scale, shift[:, 1]], 1),
        ],
        1,
    )
    grid = F.affine_grid(matrix, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


@torch.no_grad()
def verdict(network: DigitJudge, pictures: np.ndarray, confidence: float = 0.9) -> dict[str, float]:
    """What the judge makes of uint8 ``[N, H, W, 1]``.

    Returns
    -------
    dict
        ``recognised``: share with at least ``confidence``; ``smallest``: the share of all pictures
        that the rarest digit has among the recognised.
    """
    images = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    if images.shape[-1] != 28:
        images = F.interpolate(images, (28, 28), mode="bilinear", antialias=True)
    sure, digit = network(images).softmax(1).max(1)
    known = digit[sure >= confidence]
    counts = torch.bincount(known, minlength=10)
    return {
        "recognised": len(known) / len(images),
        "smallest": counts.min().item() / len(images),
    }


def load_or_train(data: str, path: Path) -> tuple[DigitJudge, float]:
    """The judge of an earlier run, or a new one kept at ``path``."""
    network = DigitJudge()
    if path.is_file():
        saved = torch.load(path, weights_only=True)
        network.load_state_dict(saved["weights"])
        return network.eval(), float(saved["accuracy"])
    network, accuracy = judge(data)
    torch.save({"weights": network.state_dict(), "accuracy": torch.tensor(accuracy)}, path)
    return network, accuracy
