"""Every number of the public reference through the whole path.

A foreign file made of the reference's network, imported, written as a model file of ours, opened
and asked for each stored picture by a recipe.
"""

import argparse
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from foreign_files import ada_snapshot, snapshot, tf_discriminator, tf_generator, tf_network

from latent_studio.engine.renderer import Renderer
from latent_studio.errors import ModelError
from latent_studio.jobs.convert import import_model
from latent_studio.models.registry import build_discriminator
from latent_studio.recipe import LatentSource, Recipe, Transform
from latent_studio.storage.foreign.entrance import (
    describe,
    hash_of,
    is_own,
    open_foreign,
    open_model,
    open_networks,
)
from latent_studio.storage.model_file import load_generator, load_model

STYLEGAN2 = ["sg2_skip_uncond_64", "sg2_cond_32", "sg2_resnet_32", "sg2_orig_32"]
STYLEGAN3 = ["sg3_t_32", "sg3_r_32", "sg3_t_cond_16_l6"]
DISCRIMINATORS = ["sg2_d_resnet_32", "sg2_d_resnet_cond_32", "sg2_d_skip_32", "sg2_d_orig_32"]
MOVES = {"in/transform_rt": Transform(0.2, -0.1, 30.0), "in/transform_t": Transform(0.25, 0.0)}

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def through(tmp_path):
    """Write bytes, import them to a model of ours, and give that one's renderer."""

    def go(data, config=None):
        folder = tmp_path / "theirs"
        folder.mkdir(exist_ok=True)
        path = folder / "pytorch_model.bin"
        path.write_bytes(data)
        if config is not None:
            (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        assert not is_own(path)
        ours = import_model(folder if config is not None else path, tmp_path / "ours.safetensors")
        bundle = load_model(ours)
        assert bundle.sha256 == hash_of(open_model(path))
        assert bundle.card["source"]["file"] == path.name
        return Renderer(load_generator(ours), device="cpu")

    return go


def check(renderer, fixture, output, recipes):
    """The stored pictures of ``output`` are those of the recipes, row by row."""
    wanted = fixture[output].numpy()
    assert len(recipes) == len(wanted)
    for recipe, expected in zip(recipes, wanted, strict=True):
        error = np.abs(renderer.render_float(recipe)[0] - expected).max()
        assert error <= fixture.tolerance(output), (output, error)


def sources(space, rows, labels=None):
    """A recipe for each row of vectors (and of class weights)."""
    labels = [None] * len(rows) if labels is None else [tuple(row) for row in labels.tolist()]
    found = (LatentSource.from_vector(space, row.numpy()) for row in rows)
    return [Recipe(source=source, label=label) for source, label in zip(found, labels, strict=True)]


def check_styled(renderer, fixture):
    """Every stored call of the mapping and of the synthesis."""
    mapped = {}
    pictures = 0
    for run in fixture.info["runs"]:
        output = run["output"]
        if run["call"] == "mapping":
            psi, cutoff = float(run["truncation_psi"]), run["truncation_cutoff"]
            made = sources("z", fixture[run["z"]], fixture.get(run["c"]))
            mapped[output] = [replace(recipe, psi=psi, cutoff=cutoff) for recipe in made]
            ws = renderer.resolver.many(mapped[output])
            assert (ws - fixture[output]).abs().max() <= fixture.tolerance(output), output
            continue
        move = MOVES.get(run.get("transform"))
        if "transform" in run and move is None:
            continue  # scaled: no tool asks for that
        recipes = mapped.get(run["ws"]) or sources("w+", fixture[run["ws"]])
        changes = {"noise_mode": run["noise_mode"], "transform": move or Transform()}
        check(renderer, fixture, output, [replace(recipe, **changes) for recipe in recipes])
        pictures += 1
    assert pictures >= 4


@pytest.mark.parametrize("name", STYLEGAN2 + STYLEGAN3)
def test_nvidia_pytorch(writer, through, parity, name):
    fixture = parity(name)
    network = writer.module(fixture.state(True), "Generator", fixture.info["init_kwargs"])
    check_styled(through(writer.pickle(snapshot(writer, network))), fixture)


@pytest.mark.parametrize("name", STYLEGAN2)
def test_nvidia_ada(writer, through, parity, name, tmp_path):
    """The older program: protocol 3, numpy 1."""
    fixture = parity(name)
    content = ada_snapshot(writer, fixture.state(True), fixture.info["init_kwargs"])
    check_styled(through(writer.pickle(content, 3, numpy_1=True)), fixture)
    assert "ADA" in describe(tmp_path / "theirs" / "pytorch_model.bin")["format"]


@pytest.mark.parametrize("name", STYLEGAN2)
def test_nvidia_tensorflow(writer, through, parity, name):
    fixture = parity(name)
    average = tf_generator(writer, fixture.state(), fixture.info["init_kwargs"])
    broken = tf_network(writer, "D", {}, {})
    with pytest.raises(ModelError, match="no StyleGAN:"):
        through(writer.pickle((average, broken, average)))
    check_styled(through(writer.pickle((average,))), fixture)


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, "zip") for name in ("sg2_skip_uncond_64", "sg2_orig_32", *STYLEGAN3[:2])]
    + [("sg2_orig_32", kind) for kind in ("stream", "safetensors", "nested")],
)
def test_state_dicts(tmp_path, through, saved_by_torch, parity, name, kind):
    """Without settings: what the shapes tell suffices where nothing unusual was set."""
    from safetensors.torch import save

    fixture = parity(name)
    state = {key: value.contiguous() for key, value in fixture.state(True).items()}
    if kind == "nested":
        halved = {f"module.G_ema.{key}": value.half() for key, value in state.items()}
        (tmp_path / "a").write_bytes(saved_by_torch({"model": halved}))
        tensors = open_model(tmp_path / "a").tensors
        assert all(tensor.dtype == torch.float32 for tensor in tensors.values())
        return
    data = save(state) if kind == "safetensors" else saved_by_torch(state, kind == "stream")
    check_styled(through(data), fixture)


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_discriminators_of_nvidia(writer, tmp_path, parity, name):
    fixture, small = parity(name), parity("sg2_orig_32")
    given = fixture.info["init_kwargs"]
    path = tmp_path / "a.pkl"
    content = {
        "G_ema": writer.module(small.state(True), "Generator", small.info["init_kwargs"]),
        "D": writer.module(fixture.state(True), "Discriminator", given),
    }
    path.write_bytes(writer.pickle(content))
    check_discriminator(path, fixture)


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_discriminators_of_tensorflow(writer, tmp_path, parity, name):
    fixture, small = parity(name), parity("sg2_skip_uncond_64")
    judge = tf_discriminator(writer, fixture.state(), fixture.info["init_kwargs"])
    g = tf_generator(writer, small.state(), small.info["init_kwargs"])
    path = tmp_path / "tf.pkl"
    path.write_bytes(writer.pickle((g, judge, g)))
    check_discriminator(path, fixture)


def check_discriminator(path, fixture):
    with open_foreign(path) as found:
        spec = found.discriminator.spec
    d = build_discriminator(spec)
    d.load_state_dict(dict(open_networks(path).discriminator))
    d.eval().requires_grad_(False)
    for run in fixture.info["runs"]:
        actual = d(fixture[run["img"]], fixture.get(run["c"]))
        error = (actual - fixture[run["output"]]).abs().max().item()
        assert error <= fixture.tolerance(run["output"]), (run["output"], error)


def check_rosinality(renderer, fixture):
    layers = renderer.generator.capabilities.num_ws
    for run in fixture.info["runs"]:
        if run["call"] == "style":
            w = renderer.resolver.many(sources("z", fixture[run["z"]]))[:, 0]
            assert (w - fixture[run["output"]]).abs().max() <= fixture.tolerance(run["output"])
            continue
        (name, *other), rows = run["styles"], 1
        name, _, part = name.partition("[")
        space = "w+" if run.get("input_is_latent") else "z"
        rows = fixture[name][:1] if part else fixture[name]
        recipes = sources(space, rows)
        if other:
            second = sources("z", fixture[other[0]])
            for layer in range(run["inject_index"], layers):
                recipes = [
                    a.with_layer(layer, b.source) for a, b in zip(recipes, second, strict=True)
                ]
        mode = "none" if run.get("noise") == "zeros" else "const"
        psi = run.get("truncation", 1.0)
        recipes = [replace(recipe, noise_mode=mode, psi=psi) for recipe in recipes]
        check(renderer, fixture, run["output"], recipes)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("keys", [("g_ema",), ("g", "d", "g_ema", "g_optim", "args")])
def test_rosinality(through, saved_by_torch, parity, old, keys):
    fixture = parity("rosinality_sg2_32_narrow")
    state = {
        key: value.double() if "noise.weight" in key else value
        for key, value in fixture.state().items()
    }
    content = {key: state for key in keys}
    if "args" in keys:
        content["args"] = argparse.Namespace(size=32, latent=64, n_mlp=4)
        content["g_optim"] = {"state": {0: {"step": 3, "m": torch.ones(4)}}, "param_groups": [{}]}
        content["d"] = {"convs.0.0.weight": torch.zeros(3)}
    content["latent_avg"] = fixture["in/w_mean"]
    renderer = through(saved_by_torch(content, old))
    assert torch.equal(renderer.generator.w_avg, content["latent_avg"].reshape(-1))
    check_rosinality(renderer, fixture)


def test_rosinality_of_the_published_widths(through, saved_by_torch, parity):
    fixture = parity("rosinality_sg2_32_full_recipe")
    state = fixture.state()
    for name in (key for key in fixture.arrays if key.startswith("check/")):
        filled = state[name.removeprefix("check/")].flatten()[: len(fixture[name])]
        assert torch.equal(filled, fixture[name]), name
    content = {"g_ema": state, "latent_avg": fixture["in/w_mean"]}
    check_rosinality(through(saved_by_torch(content)), fixture)


@pytest.mark.parametrize("name", ["pggan_32", "pggan_8_one_scale"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_pggan(writer, through, saved_by_torch, parity, name, wrapped):
    fixture, state = parity(name), parity(name).state()
    leak = fixture.info["init_kwargs"].get("leakyReluLeak", 0.2)
    kind = writer.named("models.utils.config", "BaseConfig", type("BaseConfig", (), {}))
    for run in fixture.info["runs"]:
        config = kind()
        config.__dict__.update(leakyReluLeak=leak, alpha=run["alpha"], lossCriterion="WGANGP")
        content = {"config": config, "netD": {}, "netG": state, "avgG": state}
        if not wrapped:
            if leak != 0.2 or run["alpha"]:
                continue
            content = {key.replace(".module", ""): value for key, value in state.items()}
        recipes = sources("z", fixture[run["z"]])
        check(through(saved_by_torch(content)), fixture, run["output"], recipes)


@pytest.mark.parametrize("with_config", [True, False])
def test_biggan(through, saved_by_torch, parity, with_config):
    """There whoever calls truncates z; here psi does that and selects the statistics."""
    fixture = parity("biggan_deep_32")
    config = fixture.info["init_kwargs"] if with_config else None
    renderer = through(saved_by_torch(fixture.state()), config)
    for run in fixture.info["runs"]:
        psi = run["truncation"]
        recipes = sources("z", fixture[run["z"]] / psi, fixture[run["class_label"]])
        recipes = [replace(recipe, psi=psi) for recipe in recipes]
        check(renderer, fixture, run["output"], recipes)
