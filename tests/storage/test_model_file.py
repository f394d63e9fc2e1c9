"""Model files: round trips, and every way to be no model file."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from latent_studio.errors import ExportError, ModelError, RunError
from latent_studio.latent.direction import Direction
from latent_studio.models.base import Generator, ModelSpec
from latent_studio.storage import model_file, model_weights
from latent_studio.storage.model_file import (
    MODEL_KEY,
    ModelBundle,
    load_generator,
    load_model,
    read_header,
    save_model,
    update_card,
    update_directions,
)
from latent_studio.storage.tensor_file import read_tensors, write_tensors


@pytest.fixture
def path(tmp_path: Path, bundle: ModelBundle) -> Path:
    path = tmp_path / "model.safetensors"
    save_model(path, bundle)
    return path


def change(path: Path, **changes: Any) -> None:
    """Rewrite fields of the header; None removes one."""
    metadata, tensors = read_tensors(path)
    facts = json.loads(metadata[MODEL_KEY])
    facts.update(changes)
    facts = {key: value for key, value in facts.items() if value is not None}
    with path.open("wb") as file:
        write_tensors(file, tensors, {MODEL_KEY: json.dumps(facts)})


def test_large_weights_are_named_as_small_ones(
    tmp_path: Path, generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On several processors, beside the writing."""
    bundle = ModelBundle.from_generator(generator)
    alone = save_model(tmp_path / "alone.safetensors", bundle)
    monkeypatch.setattr(model_weights, "_MUCH_BYTES", 0)
    beside = save_model(tmp_path / "beside.safetensors", bundle)
    assert alone.sha256 == beside.sha256 == load_model(tmp_path / "beside.safetensors").sha256
    assert (tmp_path / "alone.safetensors").read_bytes() == beside.path.read_bytes()


def test_names_are_those_of_the_definition(generator: Generator) -> None:
    """SHA-256 over the network's description and, by name, each tensor's title and digest."""
    tensors, spec = generator.state_dict(), generator.spec
    whole = hashlib.sha256(json.dumps(spec.to_json(), sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        kind = {torch.float32: "F32", torch.int64: "I64"}[tensor.dtype]
        whole.update(f"{name} {kind} {list(tensor.shape)}".encode())
        raw = tensor.contiguous().numpy().tobytes()
        whole.update(hashlib.blake2b(raw, digest_size=32).digest())
    assert model_weights.weights_hash(spec, tensors) == whole.hexdigest()


def test_digests_begun_early(generator: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some, all, views of one memory, others than in the end: the name stays the same."""
    tensors, spec = generator.state_dict(), generator.spec
    expected = model_weights.weights_hash(spec, tensors)
    monkeypatch.setattr(model_weights, "_MUCH_BYTES", 0)
    values = list(tensors.values())
    with model_weights.TensorDigests() as digests:
        for tensor in [*values[::2], values[0].detach(), values[1] + 1, values[0].flatten()[:1]]:
            digests.begin(tensor)
        assert digests.name(spec, {n: t.detach() for n, t in tensors.items()}) == expected
        changed = {**tensors, "more": values[0].flatten()[:1]}
        assert digests.name(spec, changed) == model_weights.weights_hash(spec, changed)
    digests.close()  # twice is nothing
    assert not digests._begun


def test_files_with_the_older_name_of_their_weights(tmp_path: Path, generator: Generator) -> None:
    path = tmp_path / "m.safetensors"
    bundle = save_model(path, ModelBundle.from_generator(generator))
    older = model_weights.weights_hash(bundle.spec, bundle.tensors, "flat")
    assert older != bundle.sha256
    change(path, sha256=older, hash=None)
    found = load_model(path)
    assert (found.sha256, found.naming) == (older, "flat")
    update_card(path, {"note": "kept"})
    assert load_model(path).sha256 == older
    assert save_model(tmp_path / "new.safetensors", found).sha256 == bundle.sha256
    change(path, hash="newer")
    with pytest.raises(ModelError, match="newer Latent Studio"):
        load_model(path)


def change_tensors(path: Path, edit: Callable[[dict[str, torch.Tensor]], None]) -> None:
    metadata, tensors = read_tensors(path)
    edit(tensors)
    with path.open("wb") as file:
        write_tensors(file, tensors, {MODEL_KEY: metadata[MODEL_KEY]})


def test_pictures_survive(tmp_path: Path, any_generator: Generator) -> None:
    path = tmp_path / "m.safetensors"
    save_model(path, ModelBundle.from_generator(any_generator))
    loaded = load_generator(path)
    z = torch.randn(2, any_generator.capabilities.z_dim, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(loaded(z), any_generator(z))
    assert not loaded.training
    assert not any(p.requires_grad for p in loaded.parameters())


def test_half_is_half_and_nearly_equal(tmp_path: Path, any_generator: Generator) -> None:
    bundle = ModelBundle.from_generator(any_generator)
    save_model(tmp_path / "full.safetensors", bundle)
    save_model(tmp_path / "half.safetensors", bundle, half=True)
    _, stored = read_tensors(tmp_path / "half.safetensors")
    for name, parameter in any_generator.named_parameters():
        assert stored[f"generator/{name}"].dtype == torch.float16
        assert parameter.dtype == torch.float32
    for name, buffer in any_generator.named_buffers():
        if f"generator/{name}" in stored:
            assert torch.equal(stored[f"generator/{name}"], buffer)
    loaded = load_generator(tmp_path / "half.safetensors")
    assert all(t.dtype != torch.float16 for t in loaded.state_dict().values())
    z = torch.randn(2, any_generator.capabilities.z_dim, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert (loaded(z) - any_generator(z)).abs().max() < 1e-2


def test_weights_beyond_half_keep_their_value(tmp_path: Path, bundle: ModelBundle) -> None:
    name = "synthesis.b4.const"
    tensors = {**bundle.tensors, name: bundle.tensors[name] * 0 + 1e6}
    save_model(tmp_path / "m.safetensors", replace(bundle, tensors=tensors), half=True)
    assert load_model(tmp_path / "m.safetensors").tensors[name].max() == 1e6


def test_facts_survive(path: Path, bundle: ModelBundle) -> None:
    loaded = load_model(path)
    assert loaded.spec == bundle.spec
    assert loaded.card == bundle.card
    assert loaded.training == bundle.training
    assert list(loaded.directions) == list(bundle.directions)
    assert loaded.path == path
    header = read_header(path)
    assert header.spec == bundle.spec
    assert header.direction_names == ["smile", "PC 1"]
    assert header.sha256 == loaded.sha256
    assert header.shapes["mapping.w_avg"] == (8,)


def test_hash_names_the_weights(
    path: Path, bundle: ModelBundle, directions: list[Direction], tmp_path: Path
) -> None:
    before = read_header(path).sha256
    assert len(before) == 64
    update_directions(path, directions[:1])
    update_card(path, {"title": "new"})
    assert load_model(path).sha256 == before
    assert [d.name for d in load_model(path).directions] == ["smile"]
    assert load_model(path).card == {"title": "new"}
    tensors = {**bundle.tensors, "mapping.w_avg": bundle.tensors["mapping.w_avg"] + 1}
    other = save_model(tmp_path / "other.safetensors", replace(bundle, tensors=tensors))
    assert other.sha256 == read_header(tmp_path / "other.safetensors").sha256 != before


def test_update_directions_keeps_half_weights(
    tmp_path: Path, bundle: ModelBundle, directions: list[Direction]
) -> None:
    path = tmp_path / "m.safetensors"
    save_model(path, bundle, half=True)
    before = read_tensors(path, "generator/")[1]
    update_directions(path, directions)
    after = read_tensors(path, "generator/")[1]
    assert {n: t.dtype for n, t in before.items()} == {n: t.dtype for n, t in after.items()}
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_full_disk_keeps_the_old_model(
    path: Path, bundle: ModelBundle, full_disk: Callable[[], None]
) -> None:
    before = path.read_bytes()
    full_disk()
    with pytest.raises(ExportError, match="disk is full"):
        save_model(path, bundle, half=True)
    with pytest.raises(RunError, match="disk is full"):
        update_directions(path, [], error=RunError)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_loading_does_not_need_the_default_generator(path: Path) -> None:
    state = torch.get_rng_state()
    load_generator(path)
    assert torch.equal(torch.get_rng_state(), state)


def refused(path: Path, *words: str) -> None:
    """Both ways of loading refuse with one line that names the file and a cure."""
    for load in (load_model, load_generator):
        with pytest.raises(ModelError) as caught:
            load(path)
        message = caught.value.message
        assert str(path) in message
        assert "\n" not in message
        for word in words:
            assert word in message


def test_missing_and_folder(tmp_path: Path) -> None:
    refused(tmp_path / "no.safetensors", "no file", "Check the name")
    refused(tmp_path, "is a folder")


def test_text_pickle_and_truncated(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    refused(path, "cut short, 1 bytes")
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, "cut short")
    path.write_bytes(whole + b"x")
    refused(path, "1 bytes too many")
    path.write_text("not a model\n" * 10, encoding="utf-8")
    refused(path, "text file", "Choose a .safetensors file")
    path.write_bytes(b"PK\x03\x04" + b"\0" * 1000)
    refused(path, "zip or PyTorch")


def test_foreign_safetensors(path: Path) -> None:
    with path.open("wb") as file:
        write_tensors(file, {"weight": torch.ones(2)}, {})
    refused(path, "not a model of Latent Studio")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 99}, ["newer Latent Studio", "Update"]),
        ({"format": "one"}, ["format version"]),
        ({"format": None}, ["format version"]),
        ({"format": True}, ["format version"]),
        ({"architecture": "biggan9"}, ["'biggan9'", "mlp", "Update"]),
        ({"architecture": None}, ["'architecture'"]),
        ({"architecture": 5}, ["'architecture'"]),
        ({"config": [1]}, ["'config'"]),
        ({"config": {"img_resolution": 100}}, ["cannot be used"]),
        ({"config": {"surprise": 1}}, ["cannot be used"]),
        ({"config": {}}, ["cannot be used"]),
        ({"sha256": None}, ["'sha256'"]),
        ({"sha256": "0" * 64}, ["not the ones it was saved with"]),
        ({"card": "x"}, ["'card'"]),
        ({"training": 3}, ["'training'"]),
        ({"directions": {}}, ["'directions'"]),
        ({"directions": [3]}, ["directions is damaged"]),
        ({"directions": [{"name": "a"}] * 3}, ["direction 2"]),
        ({"directions": [{"name": ""}]}, ["direction 0"]),
        ({"directions": [{"name": "a", "sigma": "x"}]}, ["direction 0"]),
    ],
)
def test_bad_headers(path: Path, changes: dict[str, Any], words: list[str]) -> None:
    change(path, **changes)
    refused(path, *words)


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"format": NaN}', "[" * 100_000])
def test_bad_json(path: Path, text: str) -> None:
    with path.open("wb") as file:
        write_tensors(file, {}, {MODEL_KEY: text})
    refused(path, "header")


def test_nan_in_config(path: Path, bundle: ModelBundle) -> None:
    config = {**bundle.spec.config, "conv_clamp": float("nan")}
    change(path, config=config)
    refused(path, "not valid JSON")
    with pytest.raises(ModelError, match="plain JSON"):
        save_model(path, replace(bundle, card={"x": float("inf")}))


def test_wrong_tensors(path: Path) -> None:
    whole = path.read_bytes()
    change_tensors(path, lambda tensors: tensors.pop("generator/mapping.w_avg"))
    refused(path, "lacks mapping.w_avg")
    path.write_bytes(whole)
    change_tensors(path, lambda t: t.update({"generator/extra": torch.ones(1)}))
    refused(path, "extra too many")
    path.write_bytes(whole)
    change_tensors(path, lambda t: t.update({"generator/mapping.w_avg": torch.ones(9)}))
    refused(path, "mapping.w_avg is [9] instead of [8]")
    path.write_bytes(whole)
    change_tensors(path, lambda t: t.update({"directions/1": torch.ones(2, 2)}))
    refused(path, "direction 1")


def test_giant_config_takes_no_memory(path: Path, bundle: ModelBundle) -> None:
    config = {**bundle.spec.config, "channel_base": 2**24, "channel_max": 2**20}
    change(path, config=config)
    refused(path, "do not fit")
    change(path, config={**config, "channel_base": 2**40})
    refused(path, "channel_base", "at most")


def test_saving_what_does_not_fit(tmp_path: Path, bundle: ModelBundle) -> None:
    with pytest.raises(ModelError, match="do not fit"):
        save_model(tmp_path / "x.safetensors", replace(bundle, tensors={}))
    with pytest.raises(ModelError, match="Unknown architecture"):
        save_model(tmp_path / "x.safetensors", replace(bundle, spec=ModelSpec("none")))
    assert list(tmp_path.iterdir()) == []


def test_weights_that_are_not_finite(tmp_path: Path, bundle: ModelBundle) -> None:
    path = tmp_path / "m.safetensors"
    tensors = {**bundle.tensors, "mapping.w_avg": bundle.tensors["mapping.w_avg"] * float("nan")}
    save_model(path, replace(bundle, tensors=tensors))
    with pytest.raises(ModelError, match=r"not all finite.*mapping.w_avg"):
        load_generator(path)


def test_header_is_read_without_the_weights(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "read_tensors", lambda *_: pytest.fail("weights were read"))
    assert read_header(path).file_bytes == path.stat().st_size
