import json

import av
import numpy as np
import pytest
from PIL import Image

from latent_studio.cli.main import main
from latent_studio.jobs.opened import open_model
from latent_studio.latent.timeline import Keyframe, Timeline
from latent_studio.recipe import Recipe
from latent_studio.storage.session import Session, write_session


@pytest.fixture(scope="module")
def document(styled_file, tmp_path_factory):
    model = open_model(styled_file, device="cpu")
    keys = tuple(Keyframe(model.scene(Recipe.from_seed(seed)), 0.2) for seed in (1, 2, 3))
    session = Session(model.scene(Recipe.from_seed(5, psi=0.5)), Timeline(keys, fps=20))
    path = tmp_path_factory.mktemp("sessions") / "walk.latentstudio"
    write_session(path, session)
    return path


def decoded(path) -> list[np.ndarray]:
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]


def test_render_and_video_of_a_session(document, styled_file, tmp_path, capsys):
    picture, video = tmp_path / "p.png", tmp_path / "v.mp4"
    assert main(["render", str(document), "-o", str(picture), "--device", "cpu"]) == 0
    expected = open_model(styled_file, device="cpu").image(Recipe.from_seed(5, psi=0.5))
    assert np.array_equal(np.asarray(Image.open(picture)), np.asarray(expected))
    assert main(["video", str(document), "-o", str(video), "--device", "cpu"]) == 0
    frames = decoded(video)
    assert len(frames) == 8
    # again, with its own picture as the document: the PNG names its model, too
    again = tmp_path / "q.png"
    assert main(["render", str(picture), "-o", str(again), "-q"]) == 0
    assert again.read_bytes() == picture.read_bytes()
    # another name tells nothing: the content does
    renamed = tmp_path / "session.txt"
    renamed.write_bytes(document.read_bytes())
    looped = ["video", str(renamed), "-o", str(tmp_path / "l.mp4"), "--loop", "--fps", "10", "-q"]
    assert main(looped) == 0
    assert len(decoded(tmp_path / "l.mp4")) == 6
    assert "Wrote" in capsys.readouterr().out


def test_what_makes_no_sense(document, styled_file, tmp_path, capsys):
    out = ["-o", str(tmp_path / "x.mp4")]
    recipe = tmp_path / "r.json"
    recipe.write_text(json.dumps({"seed": 3}), encoding="utf-8")
    cases = (
        (["video", str(document), "--seeds", "1,2", *out], "either a session or --seeds"),
        (["video", str(document), "--seconds", "3", *out], "--seconds is for walks"),
        (["video", *out], "Give a session, or either --seeds or --recipe"),
        (["video", "--seeds", "1,2", *out], "Give --model with --seeds"),
        (["video", str(recipe), *out], "names no model"),
        (["video", str(tmp_path / "gone"), *out], "There is no file"),
        (["render", str(document), "--seed", "1", *out], "either a session or --seed"),
        (["render", "-m", str(styled_file), *out], "Give a session, or either --seed or --recipe"),
    )
    for arguments, message in cases:
        assert main(arguments) == 2
        assert message in capsys.readouterr().err
    assert not (tmp_path / "x.mp4").exists()


def test_a_session_without_keyframes_is_no_video(document, tmp_path, capsys):
    value = json.loads(document.read_text(encoding="utf-8"))
    value["timeline"]["keyframes"] = value["timeline"]["keyframes"][:1]
    path = tmp_path / "one.latentstudio"
    path.write_text(json.dumps(value), encoding="utf-8")
    assert main(["video", str(path), "-o", str(tmp_path / "x.mp4")]) == 2
    assert "two keyframes" in capsys.readouterr().err
    # its scene serves as a recipe, too
    grid = ["render", "-m", "faces", "--recipe", str(path), "-o", str(tmp_path / "x.png"), "-q"]
    assert main(grid) == 0


def test_a_session_whose_model_is_gone(document, tmp_path, capsys):
    text = document.read_text(encoding="utf-8")
    value = json.loads(text)
    for scene in (value["scene"], *(key["scene"] for key in value["timeline"]["keyframes"])):
        scene["model"].update(name="/gone.safetensors", sha256="c" * 64)
    path = tmp_path / "gone.latentstudio"
    path.write_text(json.dumps(value), encoding="utf-8")
    assert main(["render", str(path), "-o", str(tmp_path / "x.png")]) == 1
    assert "not here" in capsys.readouterr().err
