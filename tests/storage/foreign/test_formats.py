"""Foreign files made from the reference's networks give its pictures, through our model files."""

import json

import numpy as np
import pytest
import torch

from latent_studio.engine.renderer import Renderer
from latent_studio.errors import ModelError
from latent_studio.models.base import NoiseInput
from latent_studio.models.registry import build_discriminator
from latent_studio.recipe import LatentSource, Recipe
from latent_studio.storage.foreign.entrance import (
    describe,
    hash_of,
    is_own,
    open_model,
    open_networks,
)
from latent_studio.storage.model_file import load_generator, load_model, save_model

STYLEGAN2 = ["sg2_skip_uncond_64", "sg2_cond_32", "sg2_resnet_32", "sg2_orig_32"]
STYLEGAN3 = ["sg3_t_32", "sg3_r_32", "sg3_t_cond_16_l6"]
DISCRIMINATORS = ["sg2_d_resnet_32", "sg2_d_resnet_cond_32", "sg2_d_skip_32", "sg2_d_orig_32"]
NESTED = ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels", "mapping_kwargs")


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def through(tmp_path):
    """Write bytes, open them, save them as a model of ours, and give that one's generator."""

    def go(data, name="network.bin"):
        path = tmp_path / name
        path.write_bytes(data)
        assert not is_own(path)
        bundle = open_model(path)
        saved = save_model(tmp_path / "ours.safetensors", bundle)
        assert saved.sha256 == hash_of(bundle)
        assert load_model(tmp_path / "ours.safetensors").card["source"]["file"] == name
        return load_generator(tmp_path / "ours.safetensors")

    return go


def check_styled(generator, fixture):
    """Every stored call of the mapping and of the synthesis, then pictures of the renderer."""
    for run in fixture.info["runs"]:
        if run["call"] == "mapping":
            ws = generator.broadcast(generator.mapping(fixture[run["z"]], fixture.get(run["c"])))
            actual = generator.truncate(ws, run["truncation_psi"], run["truncation_cutoff"])
        elif "transform" in run:
            continue
        else:
            actual = generator.synthesis(fixture[run["ws"]], NoiseInput(run["noise_mode"]))
        error = (actual - fixture[run["output"]]).abs().max().item()
        assert error <= fixture.tolerance(run["output"]), (run["output"], error)
    check_rendered(generator, fixture)


def check_rendered(generator, fixture):
    renderer = Renderer(generator, device="cpu")
    for row, expected in enumerate(fixture["img/psi1_const"][:1]):
        ws = fixture["ws/psi1"][row].numpy()
        recipe = Recipe(source=LatentSource.from_vector("w+", ws), label=0)
        if not generator.capabilities.classes:
            recipe = Recipe(source=LatentSource.from_vector("w+", ws))
        actual = renderer.render_float(recipe)[0]
        assert np.abs(actual - expected.numpy()).max() <= fixture.tolerance("img/psi1_const")


def snapshot(writer, network, extra=True):
    """The dictionary of a snapshot, in the order of the newer program."""
    found = {"G": network, "D": None, "G_ema": network}
    if extra:
        found["augment_pipe"] = writer.persistent("AugmentPipe", {"_modules": {}})
        found["training_set_kwargs"] = writer.easy_dict(path="/secret", resolution=32)
    return found


@pytest.mark.parametrize("name", STYLEGAN2 + STYLEGAN3)
def test_nvidia_pytorch(writer, through, parity, name):
    fixture = parity(name)
    network = writer.module(fixture.state, "Generator", fixture.info["init_kwargs"])
    check_styled(through(writer.pickle(snapshot(writer, network))), fixture)


@pytest.mark.parametrize("name", STYLEGAN2)
def test_nvidia_ada(writer, through, parity, name, tmp_path):
    """The older program: arguments nested, protocol 3, numpy 1."""
    fixture = parity(name)
    given = fixture.info["init_kwargs"]
    arguments = {key: given[key] for key in NESTED if key in given}
    arguments["synthesis_kwargs"] = writer.easy_dict(
        {
            key: np.float64(v) if isinstance(v, float) else v
            for key, v in given.items()
            if key not in NESTED and v is not None
        }
    )
    network = writer.module(fixture.state, "Generator", arguments)
    content = {"training_set_kwargs": None, **snapshot(writer, network, extra=False)}
    check_styled(through(writer.pickle(content, 3, numpy_1=True)), fixture)
    assert "ADA" in describe(tmp_path / "network.bin")["format"]


def test_settings_are_taken_from_layers_where_arguments_are_missing(writer, tmp_path, parity):
    fixture = parity("sg2_resnet_32")
    attributes = {
        "synthesis.b32.conv1": {"conv_clamp": np.float64(1.5), "activation": "lrelu"},
        "mapping.fc0": {"bias_gain": np.float64(0.01), "activation": "lrelu"},
        "mapping": {"w_avg_beta": 0.9},
        **{f"synthesis.b{r}": {"use_fp16": r >= 16} for r in (4, 8, 16, 32)},
    }
    path = tmp_path / "a.pkl"
    network = writer.module(fixture.state, "Generator", {}, attributes)
    path.write_bytes(writer.pickle({"G_ema": network}))
    config = open_model(path).spec.config
    assert (config["conv_clamp"], config["num_fp16_res"]) == (1.5, 2)
    assert config["mapping_kwargs"]["w_avg_beta"] == 0.9
    assert config["architecture"] == "resnet"
    check_styled(load_generator(open_model(path)), fixture)


def test_defaults_are_those_of_the_program(writer, tmp_path, parity):
    fixture = parity("sg2_skip_uncond_64")
    for name, arguments in {"new": {}, "ada": {"synthesis_kwargs": {}}}.items():
        network = writer.module(fixture.state, "Generator", arguments)
        (tmp_path / name).write_bytes(writer.pickle({"G_ema": network}))
    new, ada = (open_model(tmp_path / name).spec.config for name in ("new", "ada"))
    assert (new["conv_clamp"], new["num_fp16_res"]) == (256, 4)
    assert (ada["conv_clamp"], ada["num_fp16_res"]) == (None, None)
    assert new["mapping_kwargs"]["w_avg_beta"] == 0.998
    assert ada["mapping_kwargs"]["w_avg_beta"] == 0.995


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_discriminators_of_nvidia(writer, tmp_path, parity, name):
    fixture, small = parity(name), parity("sg2_orig_32")
    state = dict(fixture.state)
    path = tmp_path / "a.pkl"
    content = {
        "G_ema": writer.module(small.state, "Generator", small.info["init_kwargs"]),
        "D": writer.module(state, "Discriminator", fixture.info["init_kwargs"]),
    }
    path.write_bytes(writer.pickle(content))
    check_discriminator(path, fixture)


def check_discriminator(path, fixture):
    from latent_studio.storage.foreign.entrance import open_foreign

    with open_foreign(path) as found:
        spec = found.discriminator.spec
    d = build_discriminator(spec)
    d.load_state_dict(dict(open_networks(path).discriminator))
    d.eval().requires_grad_(False)
    for run in fixture.info["runs"]:
        actual = d(fixture[run["img"]], fixture.get(run["c"]))
        error = (actual - fixture[run["output"]]).abs().max().item()
        assert error <= fixture.tolerance(run["output"]), (run["output"], error)


def tf_generator(writer, fixture):
    """The networks of a TensorFlow pickle that become this fixture."""
    state, given = fixture.state, fixture.info["init_kwargs"]
    mapping, synthesis = {}, {"lod": np.float32(0)}
    for name, tensor in state.items():
        array, parts = tensor.numpy(), name.split(".")
        if parts[0] == "mapping" and parts[1] != "w_avg":
            layer = parts[1].replace("fc", "Dense").replace("embed", "LabelEmbed")
            mapping[f"{layer}/{parts[2]}"] = array.T if array.ndim == 2 else array
        elif parts[0] == "synthesis":
            synthesis |= tf_layer(parts[1:], array)
    parts = {
        "mapping": writer_network(writer, "G_mapping", mapping, {}),
        "synthesis": writer_network(writer, "G_synthesis", synthesis, {}),
    }
    own = {"lod": np.float32(0), "dlatent_avg": state["mapping.w_avg"].numpy()}
    options = {
        "latent_size": given["z_dim"],
        "label_size": given.get("c_dim", 0),
        "resolution": given["img_resolution"],
        "fmap_base": given["channel_base"] // 2,
        "fmap_max": given["channel_max"],
        "architecture": given.get("architecture", "skip"),
        "mapping_layers": given["mapping_kwargs"]["num_layers"],
        "conv_clamp": given["conv_clamp"],
        "truncation_psi": 0.5,
    }
    return writer_network(writer, "G", own, options, parts)


def tf_layer(parts, array):
    side = int(parts[0][1:])
    at = f"{side}x{side}"
    if parts[1] == "const":
        return {"4x4/Const/const": array[None]}
    if parts[-1] == "resample_filter":
        return {}
    layer = {"conv0": "Conv0_up", "conv1": "Conv1", "torgb": "ToRGB", "skip": "Skip"}[parts[1]]
    layer = "Conv" if side == 4 and layer == "Conv1" else layer
    if parts[-1] == "noise_const":
        step = side.bit_length() - 1
        return {
            f"noise{0 if side == 4 else 2 * step - (5 if 'Conv0' in layer else 4)}": array[
                None, None
            ]
        }
    if parts[2] == "affine":
        value = array.T if parts[3] == "weight" else array - 1
        return {f"{at}/{layer}/mod_{parts[3]}": np.ascontiguousarray(value)}
    if parts[2] == "weight":
        array = array[..., ::-1, ::-1] if layer in ("Conv0_up", "Skip") else array
        array = np.ascontiguousarray(array.transpose(2, 3, 1, 0))
    value = np.float32(array) if parts[2] == "noise_strength" else array
    return {f"{at}/{layer}/{parts[2]}": value}


def writer_network(writer, name, variables, options, components=None):
    network = writer.network.__new__(writer.network)
    network.__dict__.update(
        version=4,
        name=name,
        static_kwargs=options,
        components=components or {},
        build_module_src="raise AssertionError('source text was run')",
        build_func_name=name,
        variables=[(key, value) for key, value in variables.items()],
    )
    return network


@pytest.mark.parametrize("name", STYLEGAN2)
def test_nvidia_tensorflow(writer, through, parity, name):
    fixture = parity(name)
    average = tf_generator(writer, fixture)
    judge = writer_network(writer, "D", {}, {})
    raw = tf_generator(writer, fixture)
    with pytest.raises(ModelError, match="no StyleGAN2"):
        through(writer.pickle((raw, judge, average)))
    check_styled(through(writer.pickle((average,))), fixture)


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_discriminators_of_tensorflow(writer, tmp_path, parity, name):
    fixture, given = parity(name), parity(name).info["init_kwargs"]
    names = {"fromrgb": "FromRGB", "conv0": "Conv0", "conv1": "Conv1_down", "skip": "Skip"}
    names |= {"conv": "Conv", "fc": "Dense0"}
    variables = {}
    for key, tensor in fixture.state.items():
        array, parts = tensor.numpy(), key.split(".")
        if parts[-1] == "resample_filter":
            continue
        if parts[0] == "mapping":
            layer = parts[1].replace("fc", "Mapping").replace("embed", "LabelEmbed")
        elif parts[1] == "out":
            layer = "Output"
        else:
            side = int(parts[0][1:])
            layer = f"{side}x{side}/{names[parts[1]]}"
        array = array.T if array.ndim == 2 else array
        array = array.transpose(2, 3, 1, 0) if array.ndim == 4 else array
        variables[f"{layer}/{parts[-1]}"] = np.ascontiguousarray(array)
    options = {
        "label_size": given["c_dim"],
        "architecture": given["architecture"],
        "fmap_base": given["channel_base"] // 2,
        "conv_clamp": given["conv_clamp"],
        "mbstd_group_size": given["epilogue_kwargs"]["mbstd_group_size"],
        "mapping_lrmul": 0.01,
    }
    g = tf_generator(writer, parity("sg2_skip_uncond_64"))
    path = tmp_path / "tf.pkl"
    path.write_bytes(writer.pickle((g, writer_network(writer, "D", variables, options), g)))
    check_discriminator(path, fixture)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("keys", [("g_ema",), ("g", "d", "g_ema", "g_optim", "args")])
def test_rosinality(through, saved_by_torch, parity, old, keys):
    import argparse

    fixture = parity("rosinality_sg2_32_narrow")
    state = {
        key: value.double() if "noise.weight" in key else value
        for key, value in fixture.state.items()
    }
    content = {key: state for key in keys}
    if "args" in keys:
        content["args"] = argparse.Namespace(size=32, latent=64, n_mlp=4)
        content["g_optim"] = {"state": {0: {"step": 3, "m": torch.ones(4)}}, "param_groups": [{}]}
        content["d"] = {"convs.0.0.weight": torch.zeros(3)}
    content["latent_avg"] = (
        fixture["in/mean_latent"] if "in/mean_latent" in fixture.arrays else torch.zeros(64)
    )
    g = through(saved_by_torch(content, old))
    assert torch.equal(g.w_avg, content["latent_avg"].reshape(-1))
    for run in fixture.info["runs"]:
        if run["call"] == "style":
            actual = g.mapping(fixture[run["z"]])
        elif run.keys() <= {"call", "styles", "randomize_noise", "noise", "output"}:
            mode = "none" if run.get("noise") == "zeros" else "const"
            ws = g.broadcast(g.mapping(fixture[run["styles"][0]]))
            actual = g.synthesis(ws, NoiseInput(mode))
        else:
            continue
        error = (actual - fixture[run["output"]]).abs().max().item()
        assert error <= fixture.tolerance(run["output"]), (run["output"], error)


def test_rosinality_without_an_average(saved_by_torch, tmp_path, parity):
    path = tmp_path / "a.pt"
    path.write_bytes(saved_by_torch({"g_ema": parity("rosinality_sg2_32_narrow").state}))
    first, second = open_model(path), open_model(path)
    assert torch.equal(first.tensors["mapping.w_avg"], second.tensors["mapping.w_avg"])
    g = load_generator(first)
    z = torch.randn(4000, 64, generator=torch.Generator().manual_seed(5))
    assert (g.mapping(z).mean(0) - g.w_avg).abs().max() < 0.1
    assert "ten thousand" in first.card["notes"][0]


@pytest.mark.parametrize("name", ["pggan_32", "pggan_8_one_scale"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_pggan(writer, through, saved_by_torch, parity, name, wrapped):
    fixture = parity(name)
    leak = fixture.info["init_kwargs"].get("leakyReluLeak", 0.2)
    kind = writer.named("models.utils.config", "BaseConfig", type("BaseConfig", (), {}))
    for run in fixture.info["runs"]:
        config = kind()
        config.__dict__.update(leakyReluLeak=leak, alpha=run["alpha"], lossCriterion="WGANGP")
        state = fixture.state
        content = {"config": config, "netD": {}, "netG": state, "avgG": state}
        if not wrapped:
            if leak != 0.2 or run["alpha"]:
                continue
            content = {key.replace(".module", ""): value for key, value in state.items()}
        actual = through(saved_by_torch(content))(fixture[run["z"]])
        error = (actual - fixture[run["output"]]).abs().max().item()
        assert error <= fixture.tolerance(run["output"]), (run["output"], error)


@pytest.mark.parametrize("with_config", [True, False])
def test_biggan(saved_by_torch, tmp_path, parity, with_config):
    fixture = parity("biggan_deep_32")
    folder = tmp_path / "biggan-deep-32"
    folder.mkdir()
    (folder / "pytorch_model.bin").write_bytes(saved_by_torch(fixture.state))
    if with_config:
        (folder / "config.json").write_text(json.dumps(fixture.info["init_kwargs"]))
    bundle = open_model(folder if with_config else folder / "pytorch_model.bin")
    g = load_generator(bundle)
    for run in fixture.info["runs"]:
        z, c = fixture[run["z"]], fixture[run["class_label"]]
        actual = g.synthesise(z, c, [run["truncation"]])
        error = (actual - fixture[run["output"]]).abs().max().item()
        assert error <= fixture.tolerance(run["output"]), (run["output"], error)


@pytest.mark.parametrize("name", ["sg2_skip_uncond_64", "sg2_orig_32", *STYLEGAN3[:2]])
@pytest.mark.parametrize("kind", ["zip", "stream", "safetensors", "nested"])
def test_state_dicts(tmp_path, saved_by_torch, parity, name, kind):
    """Without settings: what the shapes tell suffices where nothing unusual was set."""
    from safetensors.torch import save

    fixture = parity(name)
    state = {key: value.contiguous() for key, value in fixture.state.items()}
    data = {
        "zip": lambda: saved_by_torch(state),
        "stream": lambda: saved_by_torch(state, old=True),
        "safetensors": lambda: save(state),
        "nested": lambda: saved_by_torch(
            {"model": {f"module.G_ema.{key}": value.half() for key, value in state.items()}}
        ),
    }[kind]()
    path = tmp_path / "weights"
    path.write_bytes(data)
    bundle = open_model(path)
    assert all(t.dtype == torch.float32 for t in bundle.tensors.values())
    if kind != "nested":
        check_styled(load_generator(bundle), fixture)


def test_unusual_filters_and_widths(writer, tmp_path, parity):
    fixture = parity("sg2_skip_uncond_64")
    f = torch.tensor([1.0, 2.0, 1.0])
    state = {
        key: torch.outer(f, f) / 16 if key.endswith("resample_filter") else value
        for key, value in fixture.state.items()
    }
    network = writer.module(state, "Generator", {**fixture.info["init_kwargs"]})
    path = tmp_path / "a.pkl"
    path.write_bytes(writer.pickle({"G_ema": network}))
    config = open_model(path).spec.config
    assert np.allclose(config["resample_filter"], np.outer([1, 2, 1], [1, 2, 1]) / 16)
    network = writer.module(state, "Generator", {"resample_filter": [1, 2, 1]})
    path.write_bytes(writer.pickle({"G_ema": network}))
    assert open_model(path).spec.config["resample_filter"] == [1, 2, 1]


def test_unknown_files_are_named_with_what_is_known(writer, saved_by_torch, tmp_path):
    path = tmp_path / "some.pt"
    cases = {
        "state dict 'model' of 1 tensors ('layer.weight'": saved_by_torch(
            {"model": {"layer.weight": torch.zeros(2)}, "epoch": 3}
        ),
        "dictionary ('epoch': int)": saved_by_torch({"epoch": 3}),
        "with a list": writer.pickle([1, 2]),
        "class 'Decoder'": writer.pickle({"G_ema": writer.module({}, "Decoder")}),
        "a PNG picture": b"\x89PNG\r\n\x1a\n" + bytes(40),
        "a text file": b"hello, I am a text\n",
        "empty": b"",
    }
    for said, data in cases.items():
        path.write_bytes(data)
        with pytest.raises(ModelError) as caught:
            open_model(path)
        message = str(caught.value)
        assert said in message, message
        assert message.count("\n") == 0
        if "class" not in said:
            assert "Known are models of Latent Studio, NVIDIA" in message, message
    with pytest.raises(ModelError, match="no file"):
        open_model(tmp_path / "absent.pkl")


def test_lacking_and_odd_tensors_are_named(writer, tmp_path, parity):
    fixture = parity("sg2_orig_32")
    state, path = fixture.state, tmp_path / "a.pkl"
    lacking = {k: v for k, v in state.items() if k != "synthesis.b8.conv0.affine.bias"}
    other = {**state, "synthesis.b8.conv0.affine.bias": torch.zeros(3)}
    more = {**state, "synthesis.b8.extra.weight": torch.zeros(3)}
    headless = {k: v for k, v in state.items() if not k.startswith("mapping.fc0")}
    for wrong, said in [
        (lacking, r"lacks synthesis\.b8\.conv0\.affine\.bias"),
        (other, r"synthesis\.b8\.conv0\.affine\.bias of shape \[3\]"),
        (more, r"unknown synthesis\.b8\.extra\.weight"),
        (headless, r"lacks mapping\.fc0\.weight"),
    ]:
        path.write_bytes(writer.pickle({"G": writer.module(wrong, "Generator", {})}))
        with pytest.raises(ModelError, match=said):
            open_model(path)


def test_describing_says_where_it_is_from(writer, tmp_path, parity):
    import hashlib

    fixture = parity("sg2_cond_32")
    network = writer.module(fixture.state, "Generator", {**fixture.info["init_kwargs"], "odd": 1})
    data = writer.pickle(snapshot(writer, network))
    path = tmp_path / "a.pkl"
    path.write_bytes(data)
    found = describe(path)
    assert json.loads(json.dumps(found)) == found
    assert found["sha256"] == hashlib.sha256(data).hexdigest()
    assert found["format"] == "NVIDIA PyTorch pickle (StyleGAN2)"
    assert found["network"] == "G_ema" and found["architecture"] == "stylegan2"
    assert found["parameters"]["generator"] == found["parameters"]["trained generator"] > 10_000
    assert found["embedded_source"] is True
    assert "secret" not in json.dumps(found)
    assert "odd" in found["notes"][0]
