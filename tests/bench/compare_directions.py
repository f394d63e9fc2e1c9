r"""What directions found in several ways do: a table for the README.

    python tests/bench/compare_directions.py --model faces --data lfw-faces-64.zip \
        --judged smiling --judged gender
    python tests/bench/compare_directions.py --model procedural-faces --data procedural-faces
    python tests/bench/compare_directions.py --hand --model procedural-faces

By the protocol of ``latent_studio/latent/measure.py``: 500 seeds at psi 0.7; sigma the standard
deviation of the projection over 10,000 w; a judge trained with another seed on other people than
the directions. ``effect`` is the share of pictures that the judge says have the attribute at -2 and
at +2 sigma, ``leakage`` the mean change of that share for the other attributes it knows, and
``distance`` how different the pictures look to the random network, in units of the distance between
two seeds. Of the directions that were not made for an attribute, the strongest for it is shown.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch

from latent_studio.events import Event, Progress
from latent_studio.jobs.direction_quality import feature_distance
from latent_studio.jobs.judges import Judge, judge_for
from latent_studio.latent.classifier_training import ClassifierSettings
from latent_studio.latent.direction import Direction
from latent_studio.latent.directions import (
    conditional_direction,
    hand_direction,
    labelling_pool,
    next_sample,
    sefa_directions,
)
from latent_studio.latent.directions.hand import LabellingPool, auc_of
from latent_studio.latent.directions.quality import Quality, measure_quality
from latent_studio.latent.measure import random_direction
from latent_studio.latent.pictures import RecipePictures
from latent_studio.latent.resolve import LatentResolver
from latent_studio.models.base import Generator
from latent_studio.storage.library import resolve_model
from latent_studio.storage.model_file import load_generator, load_model

HEAD = ["attribute", "found by", "direction", "at −2σ", "at 0", "at +2σ", "leakage", "distance"]
HAND_SEEDS = 5
HAND_LABELS = 30
HAND_POOL = 1_200
HAND_TEST = 1_000


class Told:
    """Prints how far it is, a line a minute at most."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, event: Event) -> None:
        if isinstance(event, Progress) and event.message != self._last:
            self._last = event.message
            click.echo(f"… {event.message}", err=True)


def candidates(
    generator: Generator, known: Sequence[Direction], pca: int, sefa: int
) -> list[Direction]:
    """Labelled directions, those made conditional on all others, PCA, SeFa and one by chance."""
    labelled = [direction for direction in known if direction.kind == "attribute"]
    found = list(labelled)
    for direction in labelled:
        others = [other for other in labelled if other is not direction]
        if others:
            kept = conditional_direction(generator, direction, others)
            found.append(kept.with_info(attribute=direction.info["attribute"]))
    found += [direction for direction in known if direction.kind == "pca"][:pca]
    found += sefa_directions(generator, sefa)
    found += sefa_directions(generator, sefa, "all")
    if labelled:
        found.append(replace(random_direction(labelled[0], 0), kind="pca", info={"chance": True}))
    return found


def method_of(direction: Direction) -> str:
    if direction.info.get("chance"):
        return "chance"
    if direction.info.get("keeps"):
        return "conditional"
    if direction.kind == "sefa":
        return f"SeFa ({direction.info['group']})"
    return {"attribute": "labelled", "pca": "PCA"}[direction.kind]


def rows_of(measured: Sequence[Direction], attributes: Sequence[str]) -> list[list[str]]:
    """The best of each method, by attribute."""
    rows = []
    for attribute in attributes:
        best: dict[str, Direction] = {}
        for direction in measured:
            quality, made_for = Quality.of(direction), direction.info.get("attribute")
            assert quality is not None
            if made_for not in (None, attribute):
                continue
            method = method_of(direction)
            old = Quality.of(best[method]) if method in best else None
            if old is None or abs(quality.change(attribute)) > abs(old.change(attribute)):
                best[method] = direction
        for method, direction in best.items():
            quality = Quality.of(direction)
            assert quality is not None
            rows.append(_row(attribute, method, direction, replace(quality, attribute=attribute)))
    return rows


def _row(attribute: str, method: str, direction: Direction, quality: Quality) -> list[str]:
    ends = quality.low[attribute], quality.high[attribute]
    sign = "−" if ends[0] > ends[1] else ""
    leaks = ", ".join(f"{name} {share:.0%}" for name, share in list(quality.leakage.items())[:2])
    return [
        attribute,
        method,
        f"{sign}{direction.name}",
        f"{min(ends):.1%}",
        f"{quality.middle[attribute]:.1%}",
        f"{max(ends):.1%}",
        f"{quality.mean_leakage:.1%} ({leaks})" if leaks else "",
        f"{quality.distance:.2f}",
    ]


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


# -- thirty labels --------------------------------------------------------------------------------


def exact_scores(generator: Generator, judge: Judge, recipes: Sequence[Any]) -> np.ndarray:
    """What the judge of the exactly known attributes says, bool ``[N, attributes]``."""
    pictures = RecipePictures(LatentResolver(generator))
    logits = [judge.network.score(some) for some in pictures.of(recipes)]
    return torch.cat(logits).numpy() > 0


def labelled_by_chance(pool: LabellingPool, sides: np.ndarray, seed: int) -> dict[int, bool]:
    order = np.random.default_rng(seed).permutation(len(sides))[:HAND_LABELS]
    return {int(i): bool(sides[i]) for i in order}


def labelled_as_asked(pool: LabellingPool, sides: np.ndarray, seed: int) -> dict[int, bool]:
    """As the window asks: some as they come, later ones near the border."""
    order = np.random.default_rng(seed).permutation(len(sides))
    shuffled = LabellingPool(
        tuple(pool.recipes[i] for i in order), pool.points[order], pool.pictures[order]
    )
    labels: dict[int, bool] = {}
    while len(labels) < HAND_LABELS:
        mixed = (
            len(set(labels.values())) == 2
            and min(sum(labels.values()), len(labels) - sum(labels.values())) >= 2
        )
        fit = hand_direction(shuffled, labels, "x", validate=False) if mixed else None
        chosen = next_sample(shuffled, labels, fit)
        assert chosen is not None
        labels[chosen] = bool(sides[order[chosen]])
    return {int(order[i]): side for i, side in labels.items()}


def hand_rows(generator: Generator, judge: Judge, attributes: Sequence[str]) -> list[list[str]]:
    """AUC on the exact attribute of sliders made of thirty labels, over several seeds."""
    pool = labelling_pool(generator, HAND_POOL, emit=Told())
    tests = labelling_pool(generator, HAND_TEST, seeds=range(50_000, 50_000 + HAND_TEST))
    known = exact_scores(generator, judge, pool.recipes)
    truth = exact_scores(generator, judge, tests.recipes)
    ways: dict[str, Callable[[LabellingPool, np.ndarray, int], dict[int, bool]]]
    ways = {"as they come": labelled_by_chance, "as asked": labelled_as_asked}
    rows = []
    for attribute in attributes:
        column = judge.network.attributes.index(attribute)
        sides, wanted = known[:, column], truth[:, column]
        cells = [attribute, f"{judge.accuracy[attribute]:.1%}", f"{wanted.mean():.0%}"]
        for way in ways.values():
            aucs = []
            for seed in range(HAND_SEEDS):
                labels = way(pool, sides, seed)
                if min(sum(labels.values()), len(labels) - sum(labels.values())) < 2:
                    continue
                direction = hand_direction(pool, labels, attribute, validate=False).direction
                aucs.append(auc_of(tests.points @ direction.vector, wanted))
            told = f"{np.mean(aucs):.3f} ({min(aucs):.2f}–{max(aucs):.2f})" if aucs else "too rare"
            cells.append(told)
        rows.append(cells)
        click.echo(" | ".join(cells), err=True)
    return rows


@click.command()
@click.option("--model", required=True)
@click.option("--data", default="procedural-faces", show_default=True)
@click.option("--judged", multiple=True, help="Attributes; all that can be told if none.")
@click.option("--seeds", default=500, show_default=True)
@click.option("--pca", default=20, show_default=True, help="Principal components looked at.")
@click.option("--sefa", default=5, show_default=True, help="SeFa directions a group looked at.")
@click.option("--hand", is_flag=True, help="Sliders of thirty simulated labels instead.")
@click.option("--side", default=64, show_default=True, help="Of the pictures the judge sees.")
@click.option("--epochs", default=12, show_default=True, help="Of the judge's training.")
@click.option("--threads", default=0, help="Of torch; 0: its own choice.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the numbers.")
def main(
    model: str,
    data: str,
    judged: tuple[str, ...],
    seeds: int,
    pca: int,
    sefa: int,
    hand: bool,
    side: int,
    epochs: int,
    threads: int,
    json_file: Path | None,
) -> None:
    """Print a markdown table of what directions do."""
    if threads:
        torch.set_num_threads(threads)
    bundle = load_model(resolve_model(model))
    generator, told = load_generator(bundle), Told()
    made_for = [d.info["attribute"] for d in bundle.directions if d.kind == "attribute"]
    settings = ClassifierSettings(epochs=epochs)
    judge = judge_for(data, resolution=side, attributes=judged, settings=settings, emit=told)
    right = ", ".join(f"{name} {share:.1%}" for name, share in judge.accuracy.items())
    click.echo(f"judge right on pictures held out (both sides alike): {right}", err=True)
    attributes = list(judge.network.attributes)
    if hand:
        head = ["attribute", "judge right on", "have it", "AUC, as they come", "AUC, as asked"]
        click.echo(markdown(head, hand_rows(generator, judge, attributes)))
        return
    measured = measure_quality(
        generator,
        candidates(generator, bundle.directions, pca, sefa),
        feature_distance(),
        judge.network,
        seeds=seeds,
        accuracy=judge.accuracy,
        emit=told,
    )
    if json_file is not None:
        facts = [direction.to_json() for direction in measured]
        json_file.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    click.echo(markdown(HEAD, rows_of(measured, [a for a in attributes if a in made_for])))


if __name__ == "__main__":
    main()
