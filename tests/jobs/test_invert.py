"""Photographs to scenes: files, figures, features, stopping."""

import csv

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from latent_studio.errors import DataError, ModelError, OptionError
from latent_studio.events import Notice, Preview, Progress
from latent_studio.jobs.invert import PhotoInverter, feature_maps, invert_photos
from latent_studio.jobs.opened import open_model
from latent_studio.jobs.photos import Photo, read_photo, read_whole
from latent_studio.jobs.similarity import figures
from latent_studio.latent.alignment import ALIGNMENTS, FacePoints
from latent_studio.latent.inversion.settings import InversionSettings, StageSettings
from latent_studio.mailbox import StopToken
from latent_studio.models.base import ModelSpec
from latent_studio.models.features import DiscriminatorFeatures
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.storage.images import read_scene
from latent_studio.storage.model_file import load_model

FEW = StageSettings(4, 0.1)
QUICK = {"samples": 16, "starts": 1, "w": FEW, "plus": FEW, "noise": FEW, "tuning": FEW}


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "me.jpg"
    low = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    Image.fromarray(low).resize((60, 40), Image.Resampling.BICUBIC).save(path)
    return path


@pytest.fixture(scope="module")
def model(styled_file):
    return open_model(styled_file)


def test_the_scene_shows_what_is_claimed(model, photo) -> None:
    events = []
    settings = InversionSettings("noise", **QUICK)
    (found,) = invert_photos(model, [Photo(photo)], settings, emit=events.append)
    assert found.scene.recipe.noise_mode == "maps" and found.scene.model == model.ref
    assert np.array_equal(model.pixels([found.scene.recipe])[0], found.picture)
    assert found.figures == figures(found.target, found.picture)
    previews = [event for event in events if isinstance(event, Preview)]
    assert previews[-1].image.shape == (16, 16, 3) and previews[-1].title == "me"
    last = [event for event in events if isinstance(event, Progress)][-1]
    assert (last.done, last.total) == (12, 12)


def test_tuned_weights_become_a_model_of_their_own(model, photo, tmp_path) -> None:
    settings = InversionSettings("pti", **QUICK)
    one, two = invert_photos(model, [Photo(photo)] * 2, settings, derived=tmp_path)
    assert one.scene.model.name != two.scene.model.name
    bundle = load_model(one.scene.model.name)
    assert bundle.sha256 == one.scene.model.sha256 != model.ref.sha256
    assert bundle.card["derived_from"] == model.ref.to_json()
    again = open_model(one.scene.model.name).pixels([one.scene.recipe])[0]
    assert np.array_equal(again, one.picture)
    with pytest.raises(OptionError, match="name a folder"):
        PhotoInverter(model, settings)


def test_a_stop_ends_the_batch_with_what_there_is(model, photo) -> None:
    token, found = StopToken(), []

    def emit(event) -> None:
        if isinstance(event, Preview):
            token.stop()

    settings = InversionSettings("w", samples=16, w=StageSettings(5000, 0.1))
    invert_photos(model, [Photo(photo)] * 3, settings, done=found.append, emit=emit, token=token)
    assert len(found) == 1 and found[0].stopped


def test_files_that_are_no_photographs_are_told_of(model, photo, tmp_path) -> None:
    (tmp_path / "note.txt").write_text("no picture")
    notes = []
    photos = [Photo(tmp_path / "note.txt"), Photo(tmp_path / "none.jpg"), Photo(photo)]
    settings = InversionSettings("w", **QUICK)
    found = invert_photos(model, photos, settings, emit=notes.append)
    assert [entry.photo.path for entry in found] == [photo]
    assert sum(isinstance(note, Notice) for note in notes) == 2
    with pytest.raises(DataError, match="not an image"):
        invert_photos(model, photos[:1], settings)
    with pytest.raises(OptionError, match="at least one"):
        invert_photos(model, [])


def test_models_with_classes_and_without_w(classes_file, digits_file, photo) -> None:
    settings = InversionSettings("w+", **QUICK)
    (found,) = invert_photos(classes_file, [Photo(photo)], settings, label=2)
    assert found.scene.recipe.label == 2
    (digit,) = invert_photos(digits_file, [Photo(photo)], settings, features="none")
    assert digit.scene.recipe.source.space == "z" and digit.picture.shape == (8, 8, 1)
    with pytest.raises(OptionError, match="Class 3"):
        PhotoInverter(classes_file, settings, label=3)
    with pytest.raises(OptionError, match="no classes"):
        PhotoInverter(digits_file, settings, label=0)


def test_features_at_hand_and_not(model, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path))
    settings = InversionSettings("w", **QUICK)
    for choice, message in (("discriminator", "no discriminator"), ("lpips", "not here")):
        with pytest.raises(OptionError, match=message):
            PhotoInverter(model, settings, features=choice)
    save_file({"a": torch.zeros(1)}, tmp_path / "w.safetensors")
    for name, message in (("w.safetensors", "missing"), ("none.pth", "no .*none.pth")):
        with pytest.raises(ModelError, match=message):
            PhotoInverter(model, settings, features=tmp_path / name)


@pytest.mark.parametrize("judged", [True, False])
def test_another_programs_file_lends_its_discriminator(tmp_path, photo, judged) -> None:
    config = {"z_dim": 8, "w_dim": 8, "img_resolution": 16, "widths": [8, 8, 8]}
    generator = build_generator(ModelSpec("stylegan2", config))
    sizes = {"img_resolution": 16, "widths": [6, 6, 6], "architecture": "resnet"}
    judge = build_discriminator(ModelSpec("stylegan2", sizes))
    content = {"g_ema": generator.state_dict()} | ({"D": judge.state_dict()} if judged else {})
    torch.save(content, tmp_path / "theirs.pt")
    settings = InversionSettings("w", **QUICK)
    if not judged:
        with pytest.raises(OptionError, match="no discriminator beside it"):
            PhotoInverter(str(tmp_path / "theirs.pt"), settings, features="discriminator")
        return
    model = open_model(str(tmp_path / "theirs.pt"))
    compare = feature_maps(model, "discriminator")
    images = torch.rand(1, 3, 16, 16) * 2 - 1
    wanted = DiscriminatorFeatures(judge)(images)
    for found, own in zip(compare(images), wanted, strict=True):
        assert torch.allclose(found, own, atol=1e-6)
    (found,) = invert_photos(model, [Photo(photo)], settings, features="discriminator")
    assert found.picture.shape == (16, 16, 3)


def test_an_aligned_photo_is_cut_where_its_face_is(model, photo) -> None:
    lfw = ALIGNMENTS["lfw"]
    square = FacePoints(*((10 + x * 40, y * 40) for x, y in lfw.array().tolist()))
    aligned = read_photo(Photo(photo, square), model.capabilities, lfw)
    centre = read_photo(Photo(photo), model.capabilities, lfw)
    assert np.abs(aligned.astype(int) - centre).mean() < 4
    whole, factor = read_whole(photo, largest=30)
    assert whole.shape == (20, 30, 3) and factor == 2


def test_command_line(styled_file, photo, tmp_path, capsys, monkeypatch) -> None:
    from latent_studio.cli.main import main

    common = ["-m", str(styled_file), "--effort", "0.01", "--features", "none"]
    one = tmp_path / "one.png"
    face = ["--face", "20,15", "40,15", "30,30"]
    assert main(["invert", str(photo), *common, "--space", "w", *face, "-o", str(one)]) == 0
    scene = read_scene(one)
    assert scene is not None and scene.recipe.source.space == "w"
    assert "PSNR" in capsys.readouterr().out
    out = tmp_path / "many"
    assert main(["invert", str(photo), str(photo), *common, "-o", str(out)]) == 0
    with (out / "inversion.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["photo"] for row in rows] == ["me.jpg", "me.jpg"]
    assert (out / "me.png").is_file() and (out / "me-2.png").is_file()
    assert main(["invert", str(photo), str(photo), *common, *face, "-o", str(out)]) == 2
    assert main(["invert", str(tmp_path / "no.jpg"), *common, "-o", str(one)]) == 1
    assert "no.jpg" in capsys.readouterr().err
    some = tmp_path / "some"
    assert main(["invert", str(photo), "no.jpg", *common, "-o", str(some)]) == 1
    assert "1 of 2 photographs" in capsys.readouterr().err
    assert (some / "me.png").is_file() and (some / "inversion.csv").is_file()
