"""Do dragged points arrive? Cases whose targets are known to be reachable.

    python tests/bench/drag_cases.py --model faces --cases 20

Every case begins at a seed and makes a *known edit*: a step along one of the model's principal
components. A corner of the picture is followed through that edit, picture by picture, by matching
patches of pixels (there and back: corners that do not return are left out); where it comes to lie
is the target. Then the point alone is given to the drag, which knows nothing of the edit.

Where the point really went is judged by the same pixel matching along the way from the first to the
last latent, not by the drag's own tracking. ``features`` is how much the features at the point have
changed (0: not at all, 1: as much as features differ across the picture), by the drag and by the
known edit.
"""

import itertools
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from latent_studio.latent.drag import Drag, DragPair, DragSettings
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.whitening import Whitening, w_whitening
from latent_studio.models.base import StyledGenerator, Synthesis
from latent_studio.recipe import Recipe
from latent_studio.storage.library import resolve_model
from latent_studio.storage.model_file import load_generator, load_model

SUBSTEPS = 20
PATCH = 3
SEARCH = 2.0
FINE = 0.25
LEAST, MOST = 3.0, 10.0
AMOUNTS = (1.5, -1.5, 2.5, -2.5)
COMPONENTS = 6
PSI = 0.7


@dataclass(frozen=True)
class Case:
    seed: int
    edit: str
    start: Tensor
    edited: Tensor
    pair: DragPair


def patches(image: Tensor, places: Tensor, side: int) -> Tensor:
    """Patches of pixels around places ``[N, M, 2]``: ``[N, M, C * patch]``, bilinear."""
    steps = torch.arange(-PATCH, PATCH + 1, dtype=torch.float32)
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    around = torch.stack([x.flatten(), y.flatten()], 1)
    grid = (places[:, :, None] + around + 0.5) / side * 2 - 1
    flat = grid.reshape(1, places.shape[0] * places.shape[1], -1, 2)
    found = F.grid_sample(image, flat, padding_mode="border", align_corners=False)
    return found[0].permute(1, 0, 2).reshape(*places.shape[:2], -1)


def follow(images: list[Tensor], points: Tensor, side: int) -> Tensor:
    """Where what lies at ``points`` ``[N, 2]`` of the first picture lies in the last."""
    reach = int(SEARCH / FINE)
    steps = torch.arange(-reach, reach + 1) * FINE
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    offsets = torch.stack([x.flatten(), y.flatten()], 1)
    offsets = offsets[offsets.norm(dim=1).argsort(stable=True)]
    places = points.clone()
    for before, after in itertools.pairwise(images):
        wanted = patches(before, places[:, None], side)
        seen = patches(after, places[:, None] + offsets, side)
        nearest = (seen - wanted).square().mean(2).argmin(1)
        places = (places + offsets[nearest]).clamp(0, side - 1)
    return places


@torch.no_grad()
def pictures(synthesis: Synthesis, first: Tensor, last: Tensor) -> list[Tensor]:
    """Along the straight way between two latents."""
    shares = torch.linspace(0, 1, SUBSTEPS + 1)
    return list(synthesis(torch.cat([first.lerp(last, s) for s in shares])).split(1))


def corners(image: Tensor, side: int, count: int = 24) -> Tensor:
    """Places ``[N, 2]`` with edges in two directions (Shi & Tomasi 1994), not near the border."""
    grey = image.mean(1, keepdim=True)
    dx = F.pad(grey[..., 2:] - grey[..., :-2], (1, 1, 0, 0))
    dy = F.pad(grey[..., 2:, :] - grey[..., :-2, :], (0, 0, 1, 1))
    xx, yy, xy = (F.avg_pool2d(v, 5, 1, 2) for v in (dx * dx, dy * dy, dx * dy))
    least = (xx + yy) / 2 - (((xx - yy) / 2) ** 2 + xy**2).sqrt()
    margin = side // 5
    least[..., :margin, :] = least[..., -margin:, :] = 0
    least[..., :margin] = least[..., -margin:] = 0
    peaks = least * (least == F.max_pool2d(least, 5, 1, 2))
    order = peaks.flatten().argsort(descending=True)[:count].tolist()
    return torch.tensor([(float(i % side), float(i // side)) for i in order])


def cases(generator: StyledGenerator, resolver: LatentResolver, count: int) -> Iterator[Case]:
    """One a seed, the edits in turn; seeds and edits without a point that moves are passed over."""
    side = generator.capabilities.resolution
    scale = side / 64
    names = [d.name for d in resolver.directions if d.name.startswith("PC")][:COMPONENTS]
    edits = [(name, amount) for amount in AMOUNTS for name in names]
    found, seed = 0, 0
    while found < count:
        recipe = Recipe.from_seed(seed, psi=PSI)
        start = resolver.ws(recipe)
        for turn in range(len(edits)):
            name, amount = edits[(seed + turn) % len(edits)]
            edited = resolver.ws(recipe.with_direction(name, amount))
            pair = moving_point(pictures(generator.synthesis, start, edited), side, scale)
            if pair is not None:
                found += 1
                yield Case(seed, f"{name} {amount:+.1f}", start, edited, pair)
                break
        seed += 1


def moving_point(images: list[Tensor], side: int, scale: float) -> DragPair | None:
    """The strongest corner that moves far enough and comes back."""
    points = corners(images[0], side)
    targets = follow(images, points, side)
    back = follow(images[::-1], targets, side)
    moved, missed = (targets - points).norm(dim=1), (back - points).norm(dim=1)
    fitting = (moved >= LEAST * scale) & (moved <= MOST * scale) & (missed <= scale)
    if not fitting.any():
        return None
    first = int(fitting.float().argmax())
    (x, y), (u, v) = points[first].tolist(), targets[first].tolist()
    return DragPair((x, y), (u, v))


def run(
    generator: StyledGenerator, case: Case, whitening: Whitening, steps: int
) -> dict[str, object]:
    side = generator.capabilities.resolution
    drag = Drag(generator, case.start, [case.pair], DragSettings(), whitening=whitening)
    began = time.perf_counter()
    for _ in range(steps):
        drag.picture()
        if drag.step().arrived:
            break
    seconds = time.perf_counter() - began
    way = pictures(generator.synthesis, case.start, drag.ws)
    ended = follow(way, torch.tensor([case.pair.handle]), side)[0].tolist()
    known = Drag(generator, case.edited, [case.pair], DragSettings(), whitening=whitening)
    return {
        "seed": case.seed,
        "edit": case.edit,
        "from": case.pair.handle,
        "to": case.pair.target,
        "moved": math.dist(case.pair.handle, case.pair.target),
        "left": math.dist(ended, case.pair.target),
        "own_left": drag.distances[0],
        "features": drag.feature_distances()[0],
        "known_features": drag.change_to(known, case.pair.target)[0],
        "steps": drag.iteration,
        "rate": drag.iteration / max(seconds, 1e-9),
    }


@click.command()
@click.option("--model", default="faces")
@click.option("--cases", "count", default=20)
@click.option("--steps", default=120, help="Most iterations of a case.")
@click.option("--out", type=click.Path(path_type=Path), help="JSON with every case.")
def main(model: str, count: int, steps: int, out: Path | None) -> None:
    torch.set_num_threads(1)
    bundle = load_model(resolve_model(model))
    generator = load_generator(bundle)
    assert isinstance(generator, StyledGenerator)
    resolver = LatentResolver(generator, bundle.directions)
    whitening = w_whitening(generator)
    rows = []
    for case in cases(generator, resolver, count):
        row = run(generator, case, whitening, steps)
        rows.append(row)
        click.echo(
            f"seed {row['seed']:>3} {row['edit']:>10}: {row['moved']:4.1f} px wanted, "
            f"{row['left']:4.1f} left (tracked {row['own_left']:4.1f}), features "
            f"{row['features']:.2f} (known edit {row['known_features']:.2f}), "
            f"{row['steps']} steps, {row['rate']:.0f} a second"
        )
    limit = 2.0 * generator.capabilities.resolution / 64
    left = np.array([row["left"] for row in rows], float)
    own = np.array([row["own_left"] for row in rows], float)
    click.echo(
        f"{np.mean(left <= limit):.0%} of {len(rows)} within {limit:g} px (tracked: "
        f"{np.mean(own <= limit):.0%}), {left.mean():.2f} px left in the mean of "
        f"{np.mean([row['moved'] for row in rows]):.2f}; features changed by "
        f"{np.mean([row['features'] for row in rows]):.2f}, by the known edits "
        f"{np.mean([row['known_features'] for row in rows]):.2f}; "
        f"{np.mean([row['rate'] for row in rows]):.1f} steps a second"
    )
    if out is not None:
        out.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
