"""What foreign files say of themselves, and what is said of those that are none."""

import collections
import gzip
import hashlib
import io
import json
import pickle
import struct
import tarfile
import zipfile

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


def refused(path, data):
    """What is said of a file that is no model; always in one line."""
    path.write_bytes(data)
    with pytest.raises(ModelError) as caught:
        open_model(path)
    message = str(caught.value)
    assert message.startswith(str(path)) and "\n" not in message
    return message


def test_unknown_files_are_named_with_what_is_known(writer, saved_by_torch, tmp_path):
    path = tmp_path / "some.pt"
    cases = {
        "state dict 'model' of 1 tensors ('layer.weight'": saved_by_torch(
            {"model": {"layer.weight": torch.zeros(2)}, "epoch": 3}
        ),
        "dictionary ('epoch': int)": saved_by_torch({"epoch": 3}),
        "with a list": writer.pickle([1, 2]),
        "class 'Decoder'": writer.pickle({"G_ema": writer.module({}, "Decoder")}),
        "asks for collections.deque, which is code": pickle.dumps(collections.deque(), 0),
        "asks for collections.Counter": saved_by_torch(collections.Counter("ab")),
    }
    for said, data in cases.items():
        message = refused(path, data)
        assert said in message, message
        assert "Known are models of Latent Studio, NVIDIA" in message, message
    with pytest.raises(ModelError, match="no file"):
        open_model(tmp_path / "absent.pkl")


def in_memory(write):
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def zipped(method, *names):
    def write(file):
        with zipfile.ZipFile(file, "w", method) as archive:
            for name in names:
                archive.writestr(name, b"some content " * 20)

    return in_memory(write)


def arrays(save):
    return in_memory(lambda file: save(file, a=np.ones(3), b=np.zeros(500)))


OTHER_FILES = {
    "a NumPy archive (.npz with 'a.npy'": [arrays(np.savez), arrays(np.savez_compressed)],
    "a zip archive ('photos/1.png', …), to be unpacked": [
        zipped(method, "photos/1.png", "photos/2.png")
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    ],
    "a zip archive ('photos/\ufffd.png'": [
        zipped(zipfile.ZIP_STORED, "photos/e.png").replace(b"photos/e.png", b"photos/\x82.png")
    ],
    "an empty zip": [zipped(zipfile.ZIP_STORED)],
    "a NumPy array (.npy)": [in_memory(lambda file: np.save(file, np.ones(3)))],
    "an ONNX model": [
        b"\x08\x07\x12\x07pytorch\x1a\x032.0" + bytes(40),
        b"\x08\x0a\x3a" + bytes(40),
    ],
    "an HDF5 file": [b"\x89HDF\r\n\x1a\n" + bytes(40)],
    "a GGUF file": [b"GGUF\x03" + bytes(40)],
    "a gzip archive, to be unpacked": [gzip.compress(pickle.dumps({"a": 1}))],
    "a tar archive": [tarfile.TarInfo("a").tobuf() + bytes(1024)],
    "a PNG picture": [b"\x89PNG\r\n\x1a\n" + bytes(40)],
    "a web page": [b"<!DOCTYPE html>\n<html></html>", b"\n <html><body>404</body></html>"],
    "a pointer of Git LFS": [b"version https://git-lfs.github.com/spec/v1\noid sha256:12\n"],
    # Some begin as old pickles may.
    "a text file": [
        *(b"hello, I am a text\n", b"config:\n  a: 1\n  b: 2\n", b"class A:\n  def f(self): 1\n"),
        *(b"}\n", b"[1, 2]", b"(in brackets) and more.", "Grüße, 你好".encode(), b"lists\n."),
    ],
    "a text file (UTF-16)": ["hello".encode("utf-16")],
    "of an unknown kind (it begins with the bytes 00 00": [bytes(64)],
    "empty": [b""],
    "of an unknown kind (it begins with the bytes 08)": [b"\x08"],
}


@pytest.mark.parametrize("said", OTHER_FILES)
def test_other_kinds_of_files_are_named(tmp_path, said):
    for data in OTHER_FILES[said]:
        message = refused(tmp_path / "some.pth", data)
        assert said in message, message
        assert "Known are models of Latent Studio" in message and "BigGAN-deep" in message


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_torchscript_is_named(tmp_path):
    """As torch writes it: with its code compressed."""

    class Twice(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + x

    for made in (torch.jit.trace(Twice(), torch.ones(2)), torch.jit.script(torch.nn.Linear(2, 2))):
        message = refused(
            tmp_path / "a.pt", in_memory(lambda file, m=made: torch.jit.save(m, file))
        )
        assert "is a TorchScript program, which is code" in message
        assert "Known are models of" in message


def test_compressed_files_of_torch_are_refused(tmp_path, saved_by_torch):
    def pack(file):
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a/data.pkl", pickle.dumps({}))

    assert "compressed or encrypted entries" in refused(tmp_path / "a.pt", in_memory(pack))


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
