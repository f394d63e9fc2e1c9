import json

import pytest

from latent_studio.errors import OptionError
from latent_studio.jobs import presets
from latent_studio.jobs.inspect import describe_preset, list_presets
from latent_studio.storage import user_presets
from latent_studio.training.presets import PRESETS


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))


SEARCHED = {
    "dcgan-64": {"g_lr": 5e-4, "batch": 16, "objective": "wgan-gp", "generator.z_dim": 32},
    "mlp-mnist": {"objective": "hinge", "discriminator.dropout": 0.25, "betas": [0.5, 0.9]},
    "stylegan2-64-cpu": {"g_lr": 1e-3, "r1_gamma": 0.0, "generator.channel_max": 32},
}


@pytest.mark.parametrize("base", SEARCHED)
def test_a_preset_trains_as_its_config_did(base):
    short = {"total_kimg": 7.0, "tick_kimg": 0.5, "seed": 3, "limit": 99, "device": "cpu"}
    config = PRESETS[base].config("d", **SEARCHED[base], **short)
    path = presets.save_preset(
        presets.preset_from_config(config, "mine", "Mine", "What I found."), {"study": "s"}
    )
    assert json.loads(path.read_text("utf-8"))["origin"] == presets.preset_origin("mine")
    again = presets.find_preset("mine").config("d", **short)
    assert again.with_changes(preset=base) == config
    # the pace and what belongs to one run come from the preset that was searched from
    free = presets.find_preset("mine").config("d")
    usual = PRESETS[base].config("d")
    assert (free.total_kimg, free.tick_kimg) == (usual.total_kimg, usual.tick_kimg)
    assert (free.seed, free.limit, free.device) == (0, 0, "auto")
    # another size of picture is the data's business
    assert presets.find_preset("mine").config("d", resolution=32).resolution == 32


def test_own_presets_are_listed_last_and_described():
    config = PRESETS["dcgan-64"].config("d", batch=8)
    presets.save_preset(presets.preset_from_config(config, "a-tuned", "T", "S"))
    assert [entry.name for entry in list_presets()] == [*PRESETS, "a-tuned"]
    assert describe_preset("a-tuned")["batch"] == 8
    assert presets.is_own_preset("a-tuned") and not presets.is_own_preset("dcgan-64")
    user_presets.delete_user_preset("a-tuned")
    assert list(presets.all_presets()) == list(PRESETS)
    with pytest.raises(OptionError, match="no preset of your own"):
        user_presets.delete_user_preset("a-tuned")


def test_the_programs_names_stay_its_own():
    preset = presets.preset_from_config(PRESETS["dcgan-64"].config("d"), "dcgan-64", "T", "S")
    with pytest.raises(OptionError, match="comes with the program"):
        presets.save_preset(preset)
    user_presets.write_user_preset("dcgan-64", {"title": "x"})
    assert presets.find_preset("dcgan-64") is PRESETS["dcgan-64"]
    with pytest.raises(OptionError, match=r"no preset 'nope'.*dcgan-64"):
        presets.find_preset("nope")


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a b", ".x", "x" * 65, "a."])
def test_names_that_are_no_files(name):
    with pytest.raises(OptionError, match="can't name a preset"):
        user_presets.write_user_preset(name, {})


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"version": 9}', '{"version": 1}', '{"version": 1, "title": 3}']
)
def test_damaged_files_are_left_out(text):
    user_presets.presets_dir().mkdir(parents=True)
    (user_presets.presets_dir() / "bad.json").write_text(text, encoding="utf-8")
    assert list(presets.all_presets()) == list(PRESETS)
