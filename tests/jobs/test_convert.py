"""Other programs' files through the jobs and the command line: import, export, inspect, open."""

import json

import numpy as np
import pytest
import torch

from latent_studio.cli.main import main
from latent_studio.errors import ModelError, OptionError
from latent_studio.jobs.convert import export_model, import_model, inspect_file
from latent_studio.jobs.opened import open_model
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.storage.foreign.entrance import open_networks
from latent_studio.storage.library import resolve_ref
from latent_studio.storage.model_file import ModelBundle, load_model, save_model

SMALL = {"z_dim": 8, "w_dim": 8, "img_resolution": 16, "channel_base": 64, "channel_max": 8}


@pytest.fixture(scope="module")
def generator():
    g = build_generator(ModelSpec("stylegan2", SMALL), torch.Generator().manual_seed(3))
    with torch.no_grad():
        g.mapping.w_avg.fill_(0.1)
        for name, parameter in g.named_parameters():
            if name.endswith("noise_strength"):
                parameter.fill_(0.2)
    return g.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def foreign(generator, tmp_path_factory):
    """A state dict in NVIDIA's names."""
    path = tmp_path_factory.mktemp("foreign") / "theirs.pt"
    settings = {key: value for key, value in SMALL.items() if key not in ("z_dim", "w_dim")}
    judge = build_discriminator(ModelSpec("stylegan2", settings))
    torch.save({"G_ema": generator.state_dict(), "D": judge.state_dict()}, path)
    return path


def test_imported_and_opened_give_one_picture(foreign, tmp_path):
    out = import_model(foreign, tmp_path / "ours.safetensors")
    ours, theirs = open_model(out, device="cpu"), open_model(str(foreign), device="cpu")
    assert np.array_equal(ours.array(5), theirs.array(5))
    assert ours.ref.sha256 == theirs.ref.sha256
    assert resolve_ref(theirs.ref) == foreign
    assert load_model(out).card["source"]["file"] == "theirs.pt"


def test_importing_into_the_library_once(foreign, tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path))
    first = import_model(foreign)
    assert first.name == "theirs.safetensors"
    assert import_model(foreign) == first
    other = ModelBundle.from_generator(build_generator(ModelSpec("stylegan2", SMALL)))
    save_model(first, other)
    assert import_model(foreign).name == "theirs-2.safetensors"


def test_there_and_back(foreign, tmp_path, generator):
    ours = import_model(foreign, tmp_path / "ours.safetensors")
    theirs = export_model(ours, tmp_path / "theirs.pt")
    state = torch.load(theirs, weights_only=True)
    assert set(state) == {"g_ema", "latent_avg"}
    again = open_model(theirs, device="cpu")
    assert np.abs(again.array(2) - open_model(ours, device="cpu").array(2)).max() < 1e-4
    assert torch.equal(again.bundle.tensors["mapping.w_avg"], generator.w_avg)


def test_another_learning_rate_of_the_mapping_is_kept(tmp_path):
    spec = ModelSpec("stylegan2", {**SMALL, "mapping_kwargs": {"lr_multiplier": 0.1}})
    bundle = ModelBundle.from_generator(build_generator(spec))
    save_model(tmp_path / "a.safetensors", bundle)
    export_model(tmp_path / "a.safetensors", tmp_path / "a.pt")
    one, two = (open_model(tmp_path / name, device="cpu") for name in ("a.safetensors", "a.pt"))
    assert np.abs(one.array(1) - two.array(1)).max() < 1e-4


def test_what_cannot_leave_is_said(tmp_path):
    bundle = ModelBundle.from_generator(
        build_generator(ModelSpec("stylegan2", {**SMALL, "architecture": "resnet"}))
    )
    save_model(tmp_path / "a.safetensors", bundle)
    with pytest.raises(ModelError, match="another architecture than skip"):
        export_model(tmp_path / "a.safetensors", tmp_path / "a.pt")
    with pytest.raises(OptionError, match="no format"):
        export_model(tmp_path / "a.safetensors", tmp_path / "a.pt", format="onnx")
    with pytest.raises(OptionError, match="already"):
        import_model(tmp_path / "a.safetensors", tmp_path / "b.safetensors")


def test_on_the_command_line(foreign, tmp_path, capsys):
    out = tmp_path / "ours.safetensors"
    assert main(["import", str(foreign), "--out", str(out)]) == 0
    assert (
        main(["export", str(out), "--format", "rosinality", "--out", str(tmp_path / "r.pt")]) == 0
    )
    capsys.readouterr()
    for path, known in [
        (foreign, "state dict"),
        (out, "Latent Studio"),
        (tmp_path / "r.pt", "rosi"),
    ]:
        assert main(["inspect", str(path)]) == 0
        facts = json.loads(capsys.readouterr().out)
        assert facts["format"].startswith(known)
        assert facts["architecture"] == "stylegan2"
        assert facts["parameters"]["generator"] > 1000
    (tmp_path / "evil.pkl").write_bytes(b"\x80\x02cos\nsystem\nX\x01\x00\x00\x00x\x85R.")
    for command in (["inspect"], ["import", "--out", str(tmp_path / "e.safetensors")]):
        assert main([*command, str(tmp_path / "evil.pkl")]) == 1
        assert "asks for os.system" in capsys.readouterr().err
    assert not (tmp_path / "e.safetensors").exists()


def test_all_networks_for_training_on(foreign, generator):
    found = open_networks(foreign)
    assert found.spec.architecture == "stylegan2"
    assert torch.equal(found.average["synthesis.b4.const"], generator.synthesis.b4.const)
    assert "b16.conv0.weight" in found.discriminator
    assert inspect_file(foreign)["parameters"]["discriminator"] > 1000
