"""Dragging recipes: what comes out, live frames, stopping, the command line."""

import numpy as np
import pytest
from PIL import Image

from latent_studio.errors import OptionError
from latent_studio.events import Preview
from latent_studio.jobs.drag import RecipeDrag, drag_points, parse_pair, read_mask
from latent_studio.jobs.opened import open_model
from latent_studio.latent.drag import DragPair, DragSettings
from latent_studio.mailbox import StopToken
from latent_studio.recipe import Recipe
from latent_studio.storage.images import read_scene

PAIR = DragPair((5, 6), (9, 6))
BASE = Recipe.from_seed(3, psi=0.7).with_layer(2, Recipe.from_seed(1).source)


@pytest.fixture(scope="module")
def model(styled_file):
    return open_model(styled_file)


def test_the_recipe_shows_the_dragged_picture(model, tmp_path) -> None:
    frames = []
    out = tmp_path / "a.png"
    found = drag_points(model, BASE, [PAIR], out, steps=3, emit=frames.append)
    assert found.recipe.psi == 1 and not found.recipe.mixing and found.iterations == 3
    scene = read_scene(out)
    assert scene is not None and scene.recipe == found.recipe
    last = [event for event in frames if isinstance(event, Preview)][-1]
    shown = model.pixels([found.recipe])[0].astype(int)
    assert np.abs(last.image - shown).max() <= 1
    assert last.points == found.points and last.value == pytest.approx(found.distances[0])


def test_a_stop_keeps_what_there_is_and_it_goes_on(model) -> None:
    token, renderer = StopToken(), model.renderer
    work = RecipeDrag(renderer.generator, renderer.resolver, BASE, [PAIR], DragSettings(rate=1e-5))

    def emit(event) -> None:
        if isinstance(event, Preview):
            token.stop()

    first = work.run(50, emit=emit, token=token)
    assert first.stopped and first.iterations == 1
    assert work.run(4).iterations == 5


def test_nothing_to_do_leaves_the_recipe(model) -> None:
    found = drag_points(model, BASE, [DragPair((5, 5), (5.2, 5))], steps=3)
    assert found.arrived and found.recipe == BASE and found.iterations == 0


def test_pairs_and_masks_are_read(tmp_path) -> None:
    assert parse_pair("1,2:3,4.5") == DragPair((1, 2), (3, 4.5))
    for text in ("1,2", "1:2", "a,b:c,d", "1,2:3,4:5,6"):
        with pytest.raises(OptionError, match="x,y:x2,y2"):
            parse_pair(text)
    half = np.zeros((40, 40), np.uint8)
    half[:, 20:] = 255
    Image.fromarray(half).save(tmp_path / "m.png")
    mask = read_mask(tmp_path / "m.png", 16)
    assert mask.shape == (16, 16) and mask[:, :8].max() == 0 and mask[:, 8:].min() == 1


def test_command_line(styled_file, digits_file, tmp_path, capsys) -> None:
    from latent_studio.cli.main import main

    out = tmp_path / "out.png"
    common = ["--point", "5,6:9,6", "--steps", "2", "-o", str(out)]
    assert main(["drag", "-m", str(styled_file), "--seed", "3", *common, "--layers", "0-2"]) == 0
    assert "pixels left" in capsys.readouterr().out
    scene = read_scene(out)
    assert scene is not None and scene.recipe.source.space == "w+"
    again = ["drag", "-m", str(styled_file), "--recipe", str(out), *common]
    assert main(again) == 0
    assert main(["drag", "-m", str(digits_file), "--seed", "3", *common]) == 2
    assert "style-based" in capsys.readouterr().err
    assert main([*again, "--seed", "1"]) == 2
