"""Turn a training run into a bundled model: weights in fp16, directions, measurements, card.

    python tests/bench/bundle_model.py RUN --name faces --data lfw-faces-64.zip \
        --attribute smiling=smile --attribute gender --made-by "latent-studio train ..."

writes ``resources/models/NAME.safetensors``, ``NAME.md`` (the card), ``NAME.png`` (seeds 0-99,
uncurated) and ``NAME.start.png`` (what the window shows first). Every number of the card comes from
this script.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from latent_studio.data.dataset import ImageDataset, open_dataset
from latent_studio.events import Event, Progress
from latent_studio.jobs.directions import add_directions
from latent_studio.jobs.opened import open_model
from latent_studio.jobs.render import export_grid, render_image
from latent_studio.latent.classifier_training import train_classifier
from latent_studio.latent.directions import Direction, measure_direction, people_halves
from latent_studio.metrics.swd import swd
from latent_studio.recipe import Recipe
from latent_studio.storage.library import resolve_model
from latent_studio.storage.model_file import load_generator, load_model, save_model, update_card
from latent_studio.storage.paths import cache_dir
from latent_studio.ui.state import start_recipe

MODELS = Path(__file__).parents[2] / "resources" / "models"
NOT_FOR = (
    "Not for identifying or imitating real people, not for judging anybody by a picture, and not "
    "as a source of facts about faces: it repeats the make-up and the faults of its data."
)


def say(event: Event) -> None:
    if not isinstance(event, Progress):
        click.echo(event)


def measured_distances(target: Path, dataset: ImageDataset, count: int) -> dict[str, Any]:
    """Sliced Wasserstein distance to real pictures, beside that of two real halves."""
    chosen = np.random.RandomState(0).permutation(len(dataset))[: 2 * count]
    count = min(count, len(chosen) // 2)
    one = np.stack([dataset.images[i] for i in chosen[:count]])
    two = np.stack([dataset.images[i] for i in chosen[count : 2 * count]])
    recipes = [Recipe.from_seed(seed) for seed in range(count)]
    fakes = open_model(target).pixels(recipes).transpose(0, 3, 1, 2)
    return {
        "pictures": count,
        "swd_real_generated": swd(one, np.ascontiguousarray(fakes)),
        "swd_real_real": swd(one, two),
    }


def judged_directions(
    target: Path,
    dataset: ImageDataset,
    directions: Sequence[Direction],
    attributes: tuple[str, ...],
) -> list[list[str]]:
    """What each slider does, by one judge trained with another seed on other people."""
    if not attributes:
        return []
    pairs = [text.partition("=")[::2] for text in attributes]
    learnt = [attribute for attribute, _ in pairs]
    others = people_halves(dataset)[1]
    judge, trained = train_classifier(dataset, learnt, indices=others, seed=1)
    reports = []
    for attribute, slider in pairs:
        report = measure_direction(
            load_generator(target),
            next(d for d in directions if d.name == (slider or attribute)),
            judge,
            attribute,
            accuracy=trained.accuracy[attribute],
        )
        click.echo("\n".join(report.lines()))
        reports.append(report.lines())
    return reports


def card_text(name: str, card: dict[str, Any]) -> str:
    rows = [f"# {name}", "", card["summary"], "", f"![100 uncurated samples]({name}.png)", ""]
    rows += ["Seeds 0-99 at psi 0.7, none chosen, none left out.", ""]
    rows += [f"- **{key}**: {card[key]}" for key in ("data", "made_by", "trained", "not_for")]
    distance = card["metrics"]
    rows += [
        "",
        "Sliced Wasserstein distance (PGGAN's, times 1000) of "
        f"{distance['pictures']:,} pictures at psi 1:",
        "",
        "| | " + " | ".join(distance["swd_real_real"]) + " |",
        "|---|" + "---|" * len(distance["swd_real_real"]),
    ]
    for title, key in (("real, generated", "swd_real_generated"), ("real, real", "swd_real_real")):
        rows.append(f"| {title} | " + " | ".join(f"{v:.1f}" for v in distance[key].values()) + " |")
    for report in card["directions"]:
        rows += ["", *(f"    {line}" for line in report)]
    return "\n".join(rows) + "\n"


@click.command()
@click.argument("run")
@click.option("--name", required=True)
@click.option("--data", required=True)
@click.option("--data-note", required=True, help="What the data are and whose.")
@click.option("--summary", required=True)
@click.option("--made-by", required=True, help="The command line of the training.")
@click.option("--hardware", required=True)
@click.option("--attribute", "attributes", multiple=True, help="NAME or NAME=SLIDER.")
@click.option("--components", default=20)
@click.option("--samples", default=10_000, help="Latents to find directions with.")
@click.option("--out", type=click.Path(path_type=Path), default=MODELS, help="Folder.")
@click.option("--count", default=2000, help="Pictures for the distances.")
def main(
    run: str, name: str, data: str, attributes: tuple[str, ...], out: Path, **facts: Any
) -> None:
    """Bundle the newest snapshot of RUN (or the model file RUN)."""
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"{name}.safetensors"
    bundle = load_model(resolve_model(run))
    training = json.loads(json.dumps(dict(bundle.training)))
    training["config"]["data"] = Path(data).name  # where it lay on this disk is nobody's business
    bundle = save_model(target, type(bundle)(bundle.spec, bundle.tensors, training=training), True)
    samples = facts["samples"]
    add_directions(target, components=facts["components"], samples=samples, emit=say)
    if attributes:
        add_directions(target, data, attributes=attributes, components=0, samples=samples, emit=say)
    bundle = load_model(target)
    side = bundle.spec.config.get("img_resolution", bundle.spec.config.get("resolution"))
    dataset = open_dataset(data, resolution=side, cache_dir=cache_dir())
    reports = judged_directions(target, dataset, bundle.directions, attributes)
    seconds = training["seconds"]
    card = {
        "summary": facts["summary"],
        "data": facts["data_note"],
        "made_by": f"`{facts['made_by']}`",
        "trained": f"{training['kimg'] * 1000:,.0f} images seen, {training['steps']:,} steps, "
        f"{seconds / 3600:.1f} hours on {facts['hardware']}",
        "not_for": NOT_FOR,
        "metrics": measured_distances(target, dataset, facts["count"]),
        "directions": reports,
    }
    update_card(target, card)
    (out / f"{name}.md").write_text(card_text(name, card), encoding="utf-8")
    recipes = [Recipe.from_seed(seed, psi=0.7) for seed in range(100)]
    export_grid(target, recipes, out / f"{name}.png", columns=10)
    render_image(target, start_recipe(open_model(target).capabilities), out / f"{name}.start.png")
    click.echo(json.dumps(card["metrics"], indent=1))


if __name__ == "__main__":
    main()
