import json
import subprocess
import sys

import numpy as np
import pytest

from latent_studio.errors import ExportError, OptionError
from latent_studio.latent.timeline import Keyframe, Timeline
from latent_studio.recipe import LatentSource, ModelRef, Recipe, Scene
from latent_studio.storage.session import (
    CopyKeeper,
    Session,
    abandoned_copies,
    is_session,
    read_session,
    take_copy,
    write_session,
)

MODEL = ModelRef("file", "a.safetensors", "a" * 64)


def session(seed: int = 1) -> Session:
    vector = LatentSource.from_vector("w", np.linspace(0, 1, 5, dtype=np.float32))
    keys = (
        Keyframe(Scene(MODEL, Recipe.from_seed(seed)), 1.5, "sine"),
        Keyframe(Scene(MODEL, Recipe(source=vector, psi=0.5))),
    )
    layout = {"version": 3, "state": "AAAA", "closed": ["map"]}
    return Session(Scene(MODEL, Recipe.from_seed(seed, psi=0.7)), Timeline(keys, loop=True), layout)


def test_round_trip(tmp_path):
    path = tmp_path / "my walk.latentstudio"
    write_session(path, session())
    found = read_session(path)
    assert found == session() and found.layout == session().layout
    assert is_session(json.loads(path.read_text(encoding="utf-8")))
    assert found == Session(found.scene, found.timeline)  # the layout is of no weight


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no valid JSON"),
        ("[1", "no valid JSON"),
        ("{}", "no session"),
        ('{"kind": "latent-studio session", "version": 2}', "version 2"),
        ('{"kind": "latent-studio session", "version": 1}', "scene needs"),
        ('{"kind": "latent-studio session", "version": 1, "scene": 3}', "scene needs"),
        ('{"kind": "latent-studio session", "version": 1, "colour": 3}', "colour"),
    ],
)
def test_what_is_no_session(tmp_path, text, message):
    path = tmp_path / "x.latentstudio"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OptionError, match=message):
        read_session(path)


def test_missing_and_unwritable_files(tmp_path, full_disk):
    with pytest.raises(OptionError, match="There is no file"):
        read_session(tmp_path / "gone.latentstudio")
    path = tmp_path / "kept.latentstudio"
    write_session(path, session(1))
    full_disk()
    with pytest.raises(ExportError, match="disk is full"):
        write_session(path, session(2))
    assert read_session(path) == session(1)


def test_the_copy_of_a_living_window_is_nobody_s(tmp_path):
    mine = CopyKeeper(tmp_path)
    mine.write(session(), "doc.latentstudio")
    assert abandoned_copies(tmp_path) == []
    mine.close()
    assert list(tmp_path.iterdir()) == []


def test_a_crash_leaves_its_copy_to_the_next_window(tmp_path):
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from latent_studio.recipe import ModelRef, Recipe, Scene\n"
        "from latent_studio.storage.session import CopyKeeper, Session\n"
        "k = CopyKeeper(Path(sys.argv[1]))\n"
        "k.write(Session(Scene(ModelRef(), Recipe.from_seed(9))), 'doc')\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], timeout=60)
    (copy,) = abandoned_copies(tmp_path)
    assert copy.session.scene.recipe.source.seed == 9 and copy.document == "doc"
    taken = take_copy(copy)
    assert taken.session == copy.session
    with pytest.raises(OptionError, match="Another window"):
        take_copy(copy)
    assert list(tmp_path.iterdir()) == []


def test_newest_first_and_damaged_ones_are_left_alone(tmp_path):
    for seed in (1, 2):
        keeper = CopyKeeper(tmp_path)
        keeper.write(session(seed))
        keeper.close(keep=True)
    (tmp_path / "autosave-zz.latentstudio").write_text("{", encoding="utf-8")
    found = abandoned_copies(tmp_path)
    assert [copy.session.scene.recipe.source.seed for copy in found] == [2, 1]
    assert (tmp_path / "autosave-zz.latentstudio").exists()


def test_a_cleared_copy_is_not_offered(tmp_path):
    keeper = CopyKeeper(tmp_path)
    keeper.write(session())
    keeper.clear()
    keeper.close(keep=True)
    assert abandoned_copies(tmp_path) == []
