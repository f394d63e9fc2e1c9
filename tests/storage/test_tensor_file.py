"""Our writer against the safetensors library's reader, and damage."""

import struct
from pathlib import Path

import pytest
import safetensors.torch
import torch

from latent_studio.storage.tensor_file import (
    DTYPES,
    DamagedFileError,
    read_tensors,
    read_tensors_header,
    write_tensors,
)


def write(path: Path, tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    with path.open("wb") as file:
        write_tensors(file, tensors, metadata)


def sample(dtype: torch.dtype) -> torch.Tensor:
    return torch.arange(12).reshape(3, 4).to(torch.uint8).to(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_the_library_reads_every_dtype(tmp_path: Path, dtype: torch.dtype) -> None:
    path = tmp_path / "x.safetensors"
    tensors = {"a": sample(dtype).t(), "scalar": sample(dtype)[0, 0], "empty": sample(dtype)[:0]}
    write(path, tensors, {"who": "ö"})
    _, own = read_tensors(path)
    library = safetensors.torch.load_file(path)
    for name, tensor in tensors.items():
        for found in (own[name], library[name]):
            assert found.dtype == dtype
            assert found.shape == tensor.shape
            assert found.tolist() == tensor.tolist()


def test_reads_what_the_library_writes(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    tensors = {"b": torch.arange(5.0), "a": torch.ones(2, 3, dtype=torch.bfloat16)}
    safetensors.torch.save_file(tensors, path, {"k": "v"})
    metadata, found = read_tensors(path)
    assert metadata == {"k": "v"}
    assert all(torch.equal(found[name], tensors[name]) for name in tensors)


def test_prefix_reads_a_part(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    write(path, {"a/1": torch.ones(2), "b/1": torch.zeros(2)}, {})
    assert list(read_tensors(path, "b/")[1]) == ["b/1"]


def test_the_file_is_free_after_reading(tmp_path: Path) -> None:
    """On Windows a file with a living mapping cannot be replaced."""
    path = tmp_path / "x.safetensors"
    write(path, {"a": torch.arange(1000.0)}, {})
    _, tensors = read_tensors(path)
    path.write_bytes(b"\0" * path.stat().st_size)
    assert torch.equal(tensors["a"], torch.arange(1000.0))


def test_a_header_length_that_looks_like_a_pickle(tmp_path: Path) -> None:
    """A header of 0x480 bytes makes the file start as a pickle does."""
    path = tmp_path / "x.safetensors"
    for filler in range(1000, 1200):
        write(path, {"a": torch.ones(1)}, {"f": "x" * filler})
        if path.read_bytes()[:2] == b"\x80\x04":
            break
    else:
        pytest.fail("no such header found")
    assert read_tensors(path)[1]["a"].item() == 1


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    write(path, {"a": torch.arange(10.0), "b": torch.ones(3)}, {"k": "v"})
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(DamagedFileError):
            read_tensors(path)


def test_every_flipped_byte_of_the_data_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    write(path, {"a": torch.arange(4.0)}, {})
    whole = path.read_bytes()
    start = 8 + struct.unpack("<Q", whole[:8])[0]
    for index in range(start, len(whole)):
        path.write_bytes(whole[:index] + bytes([whole[index] ^ 1]) + whole[index + 1 :])
        with pytest.raises(DamagedFileError, match="checksum"):
            read_tensors(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello, this is text\n", "text file"),
        ("\ufeffGrüße, Welt".encode(), "text file"),
        ("Grüßen €".encode(), "text file"),
        (b"\x90\xd8\xfe\xc1\x9a\xe2\x88\x8d\xff\x81" * 9, "not a safetensors"),
        (b"PK\x03\x04" + b"\0" * 40, "zip or PyTorch"),
        (b"\x80\x04\x95" + b"\0" * 40, "pickle"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "PNG"),
        (b"\0" * 64, "not a safetensors"),
        (struct.pack("<Q", 10) + b"{not json}", "not a safetensors"),
        (struct.pack("<Q", 2**60) + b"{}", "not a safetensors"),
        (struct.pack("<Q", 8) + b'{"a":1} ', "header is damaged"),
        (struct.pack("<Q", 50000) + b"{" + b"[" * 49999, "not a safetensors"),
    ],
)
def test_other_files_are_named(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    with pytest.raises(DamagedFileError, match=words):
        read_tensors_header(path)


def test_the_checksum_of_much_data_is_worked_out_beside(tmp_path: Path, monkeypatch) -> None:
    from latent_studio.storage import tensor_file

    tensors = {"a": torch.arange(5.0), "b": torch.arange(3_000_000)}
    write(tmp_path / "one", tensors, {})
    monkeypatch.setattr(tensor_file, "_MUCH", 1 << 40)
    write(tmp_path / "other", tensors, {})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert torch.equal(read_tensors(tmp_path / "one")[1]["b"], tensors["b"])
