"""Settings that foreign networks may have, beyond those of the public reference's numbers.

Networks of ours stand in for theirs: what is imported must make the same pictures.
"""

import json

import numpy as np
import pytest
import torch
from foreign_files import ada_snapshot, all_tensors, check_same, lively, tf_generator

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.storage.foreign.entrance import open_foreign, open_model, open_networks
from latent_studio.storage.model_file import load_generator

pytestmark = pytest.mark.usefixtures("one_thread")

BASE = {
    "z_dim": 8,
    "c_dim": 0,
    "w_dim": 8,
    "img_resolution": 16,
    "img_channels": 3,
    "channel_base": 128,
    "channel_max": 8,
    "mapping_kwargs": {"num_layers": 2},
}
STYLEGAN2 = {
    "one block": {"img_resolution": 4},
    "two blocks": {"img_resolution": 8, "architecture": "orig"},
    "large": {"img_resolution": 128, "channel_base": 256},
    "resnet": {"architecture": "resnet", "conv_clamp": 0.4},
    "skip clamped": {"conv_clamp": 0.4, "num_fp16_res": 2},
    "silent": {"use_noise": False},
    "grey": {"img_channels": 1},
    "alpha": {"img_channels": 4, "architecture": "orig"},
    "short filter": {"resample_filter": [1, 2, 1]},
    "square filter": {"resample_filter": [1, 1]},
    "long filter": {"resample_filter": [1, 4, 6, 4, 1, 2], "architecture": "resnet"},
    "no filter": {"resample_filter": [1]},
    **{name: {"activation": name} for name in ("linear", "relu", "swish", "tanh", "softplus")},
    "wide classes": {"c_dim": 3, "mapping_kwargs": {"num_layers": 2, "embed_features": 5}},
    "narrow mapping": {"mapping_kwargs": {"num_layers": 3, "layer_features": 6}},
    "slow mapping": {"mapping_kwargs": {"num_layers": 2, "lr_multiplier": 0.1}},
    "mapping of one": {"mapping_kwargs": {"num_layers": 1}, "c_dim": 2},
    "bent mapping": {"mapping_kwargs": {"num_layers": 2, "activation": "elu"}},
    "z unlike w": {"z_dim": 5, "w_dim": 12},
    "no average": {"mapping_kwargs": {"num_layers": 2, "w_avg_beta": None}},
}
STYLEGAN3_BASE = {**BASE, "num_layers": 4, "channel_base": 256}
STYLEGAN3 = {
    "r": {"conv_kernel": 1, "use_radial_filters": True, "channel_base": 512, "channel_max": 16},
    "filter of four": {"filter_size": 4},
    "filter of eight": {"filter_size": 8, "use_radial_filters": True},
    "upsampling of four": {"lrelu_upsampling": 4},
    "no upsampling": {"lrelu_upsampling": 1},
    "four of four": {"lrelu_upsampling": 4, "filter_size": 4},
    "critical": {"num_critical": 1, "num_layers": 6},
    "spectrum": {"first_cutoff": 1.5, "first_stopband": 3.5, "last_stopband_rel": 1.4},
    "margin": {"margin_size": 4, "output_scale": 0.5, "conv_clamp": None},
    "classes": {"c_dim": 3, "img_channels": 1, "conv_clamp": 0.5},
    "small": {"img_resolution": 8, "num_layers": 3},
}


def opened(tmp_path, data):
    path = tmp_path / "theirs.pkl"
    path.write_bytes(data)
    return load_generator(open_model(path))


OTHER_KINDS = ("resnet", "square filter", "swish", "wide classes", "slow mapping", "z unlike w")


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, "new") for name in STYLEGAN2]
    + [(name, kind) for name in OTHER_KINDS for kind in ("ada", "tf")],
)
def test_stylegan2(writer, tmp_path, name, kind):
    config = {**BASE, **STYLEGAN2[name]}
    generator = lively("stylegan2", config)
    if name == "no average":  # found anew, by chance a little elsewhere
        found = opened(tmp_path, new_file(writer, generator, config))
        assert found.w_avg.abs().max() > 0
        return
    if kind == "new":
        data = new_file(writer, generator, config)
    elif kind == "ada":
        data = writer.pickle(ada_snapshot(writer, all_tensors(generator), config), 3)
    else:
        data = tf_file(writer, generator, config)
    found = opened(tmp_path, data)
    check_same(generator, found, config["c_dim"])
    if kind != "tf" and config.get("num_fp16_res"):
        assert found.synthesis.num_fp16_res == config["num_fp16_res"]


def new_file(writer, generator, config):
    return writer.pickle({"G_ema": writer.module(all_tensors(generator), "Generator", config)})


def tf_file(writer, generator, config):
    mapping = config["mapping_kwargs"]
    options = {
        "nonlinearity": config.get("activation", "lrelu"),
        "mapping_lrmul": mapping.get("lr_multiplier", 0.01),
        "mapping_nonlinearity": mapping.get("activation", "lrelu"),
        "fmap_decay": 1.0,
        "fmap_min": 1,
    }
    if "resample_filter" in config:
        options["resample_kernel"] = config["resample_filter"]
    given = {**config, "conv_clamp": config.get("conv_clamp")}
    return writer.pickle((tf_generator(writer, all_tensors(generator), given, **options),))


@pytest.mark.parametrize("name", STYLEGAN3)
def test_stylegan3(writer, tmp_path, name):
    config = {**STYLEGAN3_BASE, **STYLEGAN3[name]}
    generator = lively("stylegan3", config)
    check_same(generator, opened(tmp_path, new_file(writer, generator, config)), config["c_dim"])


SHOWN = [name for name in STYLEGAN3 if name not in ("spectrum", "margin", "classes")]
ALIKE = {
    **{name: STYLEGAN3[name] for name in SHOWN},
    **{f"critical {count}": {"num_critical": count, "num_layers": 6} for count in (0, 3, 4)},
    "margin of four": {"margin_size": 4},
    "no margin": {"margin_size": 0, "filter_size": 4, "num_critical": 1},
    "odd widths": {"channel_base": 203, "channel_max": 40, "num_layers": 7},
    "wide r": {**STYLEGAN3["r"], "num_critical": 1, "lrelu_upsampling": 4, "filter_size": 3},
}


@pytest.mark.parametrize("name", ALIKE)
def test_stylegan3_without_settings(tmp_path, saved_by_torch, name):
    config = {**STYLEGAN3_BASE, **ALIKE[name]}
    generator = lively("stylegan3", config)
    check_same(generator, opened(tmp_path, saved_by_torch(generator.state_dict())))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_filters_of_half_precision_are_known(tmp_path, saved_by_torch, dtype):
    config = {**STYLEGAN3_BASE, **ALIKE["four of four"]}
    state = lively("stylegan3", config).state_dict()
    found = opened(tmp_path, saved_by_torch({name: t.to(dtype) for name, t in state.items()}))
    made = found.spec.config
    assert (made["lrelu_upsampling"], made["filter_size"]) == (4, 4)


def test_stylegan3_of_another_design_is_refused(tmp_path, saved_by_torch):
    """Rather than drawn wrong."""
    state = lively("stylegan3", STYLEGAN3_BASE).state_dict()
    name = next(name for name in state if name.endswith("down_filter"))
    other = lively("stylegan3", {**STYLEGAN3_BASE, "first_cutoff": 1.7}).state_dict()
    path = tmp_path / "a.pt"
    for found, said in [
        ({**state, name: state[name].flip(0) * 1.01}, r"filters, of 12.*L0_36_8"),
        ({key.replace("L2_36_", "L2_38_"): t for key, t in state.items()}, "follow no rule"),
        (other, "filters, of 12|follow no rule"),
    ]:
        path.write_bytes(saved_by_torch(found))
        with pytest.raises(ModelError, match=said):
            open_model(path)


DISCRIMINATORS = {
    "frozen": {},
    "clamped": {"conv_clamp": 0.3, "architecture": "skip"},
    "groups": {"epilogue_kwargs": {"mbstd_group_size": 2, "mbstd_num_channels": 2}},
    "whole batch": {"epilogue_kwargs": {"mbstd_group_size": None}},
    "no statistics": {"epilogue_kwargs": {"mbstd_num_channels": 0}, "architecture": "orig"},
    "grey": {"img_channels": 1, "img_resolution": 8},
    "bent": {
        "block_kwargs": {"activation": "swish", "resample_filter": [1, 2, 1]},
        "epilogue_kwargs": {"activation": "relu"},
    },
    "classes": {"c_dim": 3, "cmap_dim": 6, "mapping_kwargs": {"num_layers": 3}},
    "few classes": {"c_dim": 2, "mapping_kwargs": {"num_layers": 1, "embed_features": 4}},
}


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_discriminators(writer, tmp_path, name):
    shared = {key: BASE[key] for key in ("img_resolution", "channel_base", "channel_max")}
    config = {"c_dim": 0, "img_channels": 3, **shared, **DISCRIMINATORS[name]}
    judge = build_discriminator(ModelSpec("stylegan2", config), torch.Generator().manual_seed(0))
    judge.eval().requires_grad_(False)
    state = all_tensors(judge)
    network = writer.module(state, "Discriminator", config)
    if name == "frozen":  # they keep layers that do not learn among the buffers
        layer = network.arguments[0]["state"]["_modules"]["b16"].arguments[0]["state"]
        conv = layer["_modules"]["conv0"].arguments[0]["state"]
        conv["_buffers"] |= {key: conv["_parameters"].pop(key).data for key in ("weight", "bias")}
    generator = lively("stylegan2", BASE)
    content = {"G_ema": writer.module(all_tensors(generator), "Generator", BASE), "D": network}
    path = tmp_path / "a.pkl"
    path.write_bytes(writer.pickle(content))
    with open_foreign(path) as found:
        again = build_discriminator(found.discriminator.spec)
    again.load_state_dict(dict(open_networks(path).discriminator))
    draw = torch.Generator().manual_seed(2)
    side, classes = config["img_resolution"], config["c_dim"]
    images = torch.randn(4, config["img_channels"], side, side, generator=draw)
    c = torch.eye(classes).repeat(4, 1)[:4] if classes else None
    with torch.no_grad():
        torch.testing.assert_close(again(images, c), judge(images, c))


@pytest.mark.parametrize("wrap", ["module.", "module.G_ema.", "_orig_mod."])
def test_wrappers_are_taken_off(tmp_path, saved_by_torch, wrap):
    generator = lively("stylegan2", BASE)
    state = {f"{wrap}{name}": value for name, value in all_tensors(generator).items()}
    for content in (state, {"params_ema": state}, {"model": state, "epoch": 3}):
        check_same(generator, opened(tmp_path, saved_by_torch(content)))


@pytest.mark.parametrize("layers", ["usual", "odd"])
@pytest.mark.parametrize("attention", [1, 3, 9])
def test_biggan(tmp_path, saved_by_torch, layers, attention):
    sizes = [[True, 16, 8], [True, 8, 2], [False, 2, 2], [True, 2, 1]]
    if layers == "usual":
        sizes = [[False, 16, 16], [True, 16, 8], [False, 8, 2], [True, 2, 1]]
    config = {
        "output_dim": 4 << sum(up for up, _, _ in sizes),
        "z_dim": 6,
        "class_embed_dim": 6,
        "channel_width": 4,
        "num_classes": 3,
        "layers": sizes,
        "attention_layer_position": attention,
        "eps": 1e-3,
        "n_stats": 5,
    }
    generator = build_generator(ModelSpec("biggan-deep", config), torch.Generator().manual_seed(0))
    generator.eval().requires_grad_(False)
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "pytorch_model.bin").write_bytes(saved_by_torch(generator.state_dict()))
    found = load_generator(open_model(folder))
    assert found.spec.config["layers"] == sizes
    check_same(generator, found, 3)
    if layers == "usual":
        (folder / "config.json").unlink()
        bundle = open_model(folder / "pytorch_model.bin")
        assert bundle.spec.config["layers"] == sizes
        assert "config.json" in bundle.card["notes"][0]


@pytest.mark.parametrize("loss", ["WGANGP", "DCGAN"])
@pytest.mark.parametrize("stages", [1, 2, 4])
def test_pggan(writer, tmp_path, saved_by_torch, stages, loss):
    from latent_studio.models.pggan_zoo import zoo_names

    config = {
        "z_dim": 6,
        "img_resolution": 2 << stages,
        "img_channels": 1 if stages == 1 else 3,
        "widths": [8, 6, 4, 4][:stages],
        "leak": 0.3,
        "pixel_norm": stages != 2,
        "equalized": stages != 4,
        "output": "tanh" if loss == "DCGAN" else "linear",
    }
    generator = build_generator(ModelSpec("pggan", config), torch.Generator().manual_seed(0)).eval()
    names = zoo_names(stages)
    state = {names[n]: t for n, t in generator.state_dict().items() if n in names}
    kind = writer.named("models.utils.config", "BaseConfig", type("BaseConfig", (), {}))
    settings = kind()
    settings.__dict__.update(
        leakyReluLeak=0.3,
        lossCriterion=loss,
        perChannelNormalization=stages != 2,
        equalizedlR=stages != 4,
        alpha=0,
    )
    data = saved_by_torch({"config": settings, "netG": state, "avgG": state, "netD": {}})
    check_same(generator, opened(tmp_path, data))


@pytest.mark.parametrize("multiplier", [1, 2])
def test_widths_of_rosinality(tmp_path, saved_by_torch, multiplier):
    """Its table: 512 up to 32 pixels, then halves from 256 times the multiplier."""
    from latent_studio.storage.foreign.rosinality_export import rosinality_state

    widths = [12, 12, 12, 12, 8 * multiplier, 4 * multiplier]
    config = {**BASE, "img_resolution": 128, "widths": widths}
    generator = lively("stylegan2", {k: v for k, v in config.items() if "channel" not in k[:7]})
    state = {f"module.{name}": value for name, value in rosinality_state(generator).items()}
    found = opened(tmp_path, saved_by_torch({"g_ema": state, "latent_avg": generator.w_avg[None]}))
    check_same(generator, found)


def test_the_first_tensorflow_release_with_classes_is_refused(writer, tmp_path):
    config = {**BASE, "conv_clamp": None}
    network = tf_generator(writer, all_tensors(lively("stylegan2", BASE)), config)
    mapping = network.components["mapping"]
    mapping.variables.append(("LabelConcat/weight", np.zeros((3, 8), np.float32)))
    path = tmp_path / "a.pkl"
    path.write_bytes(writer.pickle((network,)))
    with pytest.raises(ModelError, match="classes in the way of the first"):
        open_model(path)
