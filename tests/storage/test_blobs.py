"""Content by its hash, and the pictures that bring it along."""

from dataclasses import replace

import numpy as np
import pytest

from latent_studio.engine.plan import noise_key
from latent_studio.errors import ExportError, OptionError
from latent_studio.latent.noise import learned_maps, noise_input, pack_maps
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.recipe import ModelRef, Recipe, Scene
from latent_studio.storage import blobs
from latent_studio.storage.blobs import (
    MissingBlobError,
    adopt_blob,
    blob_name,
    fetch_blob,
    forget_blobs,
    keep_blob,
)
from latent_studio.storage.images import read_scene, write_image

PIXELS = np.zeros((4, 4, 3), np.uint8)
SHAPES = [(1, 1, 4, 4), (1, 1, 8, 8)]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))
    forget_blobs()
    yield tmp_path / "home"
    forget_blobs()


def maps_bytes(seed: int = 0) -> bytes:
    rng = np.random.default_rng(seed)
    return pack_maps([rng.standard_normal(shape[2:]) for shape in SHAPES])


def stored_file(home, name):
    return home / "data" / "blobs" / name[:2] / name


def test_content_is_found_by_its_name_in_another_process(home) -> None:
    name = keep_blob(b"abc")
    assert name == blob_name(b"abc") == keep_blob(b"abc")
    forget_blobs()
    assert fetch_blob(name) == b"abc"


def test_damaged_or_missing_content_is_refused(home) -> None:
    name = keep_blob(b"abc")
    stored_file(home, name).write_bytes(b"abd")
    forget_blobs()
    for wrong in (name, blob_name(b"never"), "../../secret"):
        with pytest.raises(MissingBlobError, match="another noise"):
            fetch_blob(wrong)


def test_a_full_store_only_forgets_later(home, monkeypatch) -> None:
    def refuse(*_args, **_kwargs):
        raise ExportError("full")

    monkeypatch.setattr(blobs.atomic, "write_bytes", refuse)
    assert adopt_blob(blob_name(b"x"), b"x") and not adopt_blob(blob_name(b"x"), b"y")
    assert fetch_blob(blob_name(b"x")) == b"x"


def test_a_picture_brings_its_noise_to_another_computer(home, tmp_path) -> None:
    name = keep_blob(maps_bytes())
    scene = Scene(ModelRef("bundled", "faces"), Recipe(noise_mode="maps", noise_maps=name))
    write_image(tmp_path / "a.png", PIXELS, scene)
    stored_file(home, name).unlink()
    forget_blobs()
    assert read_scene(tmp_path / "a.png") == scene
    forget_blobs()
    assert fetch_blob(name) == maps_bytes()


def test_a_scene_without_its_maps_is_still_written(tmp_path) -> None:
    scene = Scene(ModelRef(), Recipe(noise_mode="maps", noise_maps=blob_name(b"lost")))
    write_image(tmp_path / "a.png", PIXELS, scene)
    assert read_scene(tmp_path / "a.png") == scene


def test_recipes_name_their_maps() -> None:
    recipe = Recipe(noise_mode="maps", noise_maps=blob_name(b"a"))
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert "noise_maps" not in Recipe().to_json()
    assert noise_key(recipe) != noise_key(replace(recipe, noise_maps=blob_name(b"b")))
    for wrong in ("ABC", "0" * 63, 7):
        with pytest.raises(OptionError, match="noise_maps"):
            Recipe.from_json({"noise_maps": wrong})


def test_stored_maps_reach_the_network() -> None:
    name = keep_blob(maps_bytes())
    recipe = Recipe(noise_mode="maps", noise_maps=name, noise_strength=0.5)
    found = noise_input(recipe, SHAPES, "cpu", fetch_blob)
    assert found.mode == "random" and found.strength == 0.5
    assert found.maps is not None and [tuple(m.shape) for m in found.maps] == SHAPES
    assert pack_maps([m.numpy() for m in found.maps]) == maps_bytes()
    with pytest.raises(OptionError, match="another model"):
        noise_input(recipe, SHAPES[:1], "cpu", fetch_blob)
    assert noise_input(Recipe(noise_mode="maps"), SHAPES, "cpu", fetch_blob).mode == "const"


def test_learned_maps_are_those_of_constant_noise() -> None:
    config = {"z_dim": 4, "w_dim": 4, "img_resolution": 8, "channel_base": 32, "channel_max": 4}
    synthesis = build_generator(ModelSpec("stylegan2", config)).synthesis
    assert [m.shape for m in learned_maps(synthesis)] == [s for s in synthesis.noise_shapes]
