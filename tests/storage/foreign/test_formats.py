"""What foreign files say of themselves, and what is said of those that are none."""

import hashlib
import json
import struct

import numpy as np
import pytest
import torch
from foreign_files import snapshot

from latent_studio.errors import ModelError
from latent_studio.storage.foreign.content import open_content
from latent_studio.storage.foreign.entrance import describe, open_model
from latent_studio.storage.model_file import load_generator

pytestmark = pytest.mark.usefixtures("one_thread")


def test_settings_are_taken_from_layers_where_arguments_are_missing(writer, tmp_path, parity):
    fixture = parity("sg2_resnet_32")
    attributes = {
        "synthesis.b32.conv1": {"conv_clamp": np.float64(1.5), "activation": "lrelu"},
        "mapping.fc0": {"bias_gain": np.float64(0.01), "activation": "lrelu"},
        "mapping": {"w_avg_beta": 0.9},
        **{f"synthesis.b{r}": {"use_fp16": r >= 16} for r in (4, 8, 16, 32)},
    }
    path = tmp_path / "a.pkl"
    network = writer.module(fixture.state(True), "Generator", {}, attributes)
    path.write_bytes(writer.pickle({"G_ema": network}))
    config = open_model(path).spec.config
    assert (config["conv_clamp"], config["num_fp16_res"]) == (1.5, 2)
    assert config["mapping_kwargs"]["w_avg_beta"] == 0.9
    assert config["architecture"] == "resnet"
    load_generator(open_model(path))


def test_defaults_are_those_of_the_program(writer, tmp_path, parity):
    fixture = parity("sg2_skip_uncond_64")
    for name, arguments in {"new": {}, "ada": {"synthesis_kwargs": {}}}.items():
        network = writer.module(fixture.state(True), "Generator", arguments)
        (tmp_path / name).write_bytes(writer.pickle({"G_ema": network}))
    new, ada = (open_model(tmp_path / name).spec.config for name in ("new", "ada"))
    assert (new["conv_clamp"], new["num_fp16_res"]) == (256, 4)
    assert (ada["conv_clamp"], ada["num_fp16_res"]) == (None, None)
    assert new["mapping_kwargs"]["w_avg_beta"] == 0.998
    assert ada["mapping_kwargs"]["w_avg_beta"] == 0.995


def test_rosinality_without_an_average(saved_by_torch, tmp_path, parity):
    path = tmp_path / "a.pt"
    path.write_bytes(saved_by_torch({"g_ema": parity("rosinality_sg2_32_narrow").state()}))
    first, second = open_model(path), open_model(path)
    assert torch.equal(first.tensors["mapping.w_avg"], second.tensors["mapping.w_avg"])
    g = load_generator(first)
    z = torch.randn(4000, 64, generator=torch.Generator().manual_seed(5))
    assert (g.mapping(z).mean(0) - g.w_avg).abs().max() < 0.1
    assert "ten thousand" in first.card["notes"][0]


def test_unusual_filters_and_widths(writer, tmp_path, parity):
    fixture = parity("sg2_skip_uncond_64")
    f = torch.tensor([1.0, 2.0, 1.0])
    state = {
        key: torch.outer(f, f) / 16 if key.endswith("resample_filter") else value
        for key, value in fixture.state(True).items()
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


def tensors_file(state, length):
    """A safetensors file whose header has a length, padded with spaces as is allowed."""
    from safetensors.torch import save

    data = save(state)
    (used,) = struct.unpack("<Q", data[:8])
    header, tensors = data[8 : 8 + used].rstrip(), data[8 + used :]
    assert len(header) <= length
    return struct.pack("<Q", length) + header.ljust(length) + tensors


@pytest.mark.parametrize("upper", [0, 1, 0x4B])
@pytest.mark.parametrize(
    "start",
    [b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"(\1", b"]\1", b"PK", b"\x1f\x8b"],
)
def test_headers_of_any_length(tmp_path, parity, start, upper):
    """The first bytes are a length, whatever else begins with such bytes."""
    length = int.from_bytes(start, "little") + (upper << 16)
    path = tmp_path / "a.safetensors"
    path.write_bytes(tensors_file({"a": torch.ones(2)}, length))
    with open_content(path) as content:
        assert content.container == "safetensors file"
        assert torch.equal(content.value["a"].load(), torch.ones(2))
    if upper:
        state = {k: v.contiguous() for k, v in parity("sg2_orig_32").state(True).items()}
        path.write_bytes(tensors_file(state, length))
        assert open_model(path).spec.architecture == "stylegan2"


def test_lacking_and_odd_tensors_are_named(writer, tmp_path, parity):
    fixture = parity("sg2_orig_32")
    state, path = fixture.state(True), tmp_path / "a.pkl"
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
    fixture = parity("sg2_cond_32")
    arguments = {**fixture.info["init_kwargs"], "odd": 1}
    network = writer.module(fixture.state(True), "Generator", arguments)
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
