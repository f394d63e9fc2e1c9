"""The list of public checkpoints: sound as shipped, and refused with the field that is wrong."""

import copy
import json

import pytest

from latent_studio.errors import DownloadError, OptionError
from latent_studio.models.registry import ARCHITECTURES
from latent_studio.storage.catalogue import CATALOGUE_VARIABLE, find_entry, read_catalogue
from latent_studio.storage.resources import resource_path

GOOD = {
    "version": 1,
    "licences": {
        "free": {"title": "Free", "url": "https://x.org/l", "commercial": "allowed", "note": "All."}
    },
    "models": [
        {
            "name": "faces",
            "title": "Faces",
            "architecture": "stylegan2",
            "resolution": 64,
            "data": "FFHQ",
            "licence": "free",
            "page": "https://x.org/",
            "files": [
                {"name": "config.json", "urls": ["https://x.org/c"]},
                {"name": "w.bin", "urls": ["https://x.org/w", "http://y.org/w"], "about": 10**8},
            ],
            "sources": ["somebody"],
        }
    ],
}


def write(tmp_path, change=lambda value: None):
    value = copy.deepcopy(GOOD)
    change(value)
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps(value))
    return path


def test_the_shipped_list_is_sound():
    entries = read_catalogue(resource_path("catalogue.json"))
    assert len(entries) > 30
    for entry in entries:
        assert entry.architecture.split("-t")[0].split("-r")[0] in ARCHITECTURES, entry.name
        assert entry.sources and 16 <= entry.resolution <= 1024
        for file in entry.files:
            assert all(url.startswith("https://") for url in file.source.urls)
            if file.source.sha256:  # then it is said who published it
                assert "SHA-256" in " ".join(entry.sources)
            if file.source.size and file.source.about:
                pytest.fail(f"{entry.name}: exact and rough size")


def test_every_nvidia_model_forbids_commercial_use():
    for entry in read_catalogue():
        urls = " ".join(url for file in entry.files for url in file.source.urls)
        if "nvidia.com" in urls or "config-f" in urls:
            assert entry.licence.commercial == "forbidden", entry.name


def test_models_of_several_files():
    entry = find_entry("biggan-deep-128")
    assert [file.name for file in entry.files] == ["config.json", "pytorch_model.bin"]
    assert entry.class_count == 1000 and entry.verified and entry.bytes > 2e8


def test_classes_and_sizes(tmp_path):
    entry = find_entry("stylegan2-ada-cifar10")
    assert entry.classes[3] == "cat" and entry.class_count == 10
    (faces,) = read_catalogue(write(tmp_path))
    assert faces.bytes is None and not faces.verified
    assert faces.files[1].source.limit == 125_000_000  # roughly known: no ten times more


def test_names_are_found_or_proposed():
    with pytest.raises(OptionError, match="Did you mean pggan-dtd"):
        find_entry("pggan-dtt")
    with pytest.raises(OptionError, match="lists them"):
        find_entry("?")


def test_another_list_by_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(CATALOGUE_VARIABLE, str(write(tmp_path)))
    assert [entry.name for entry in read_catalogue()] == ["faces"]


WRONG = {
    "version": lambda v: v.update(version=2),
    "no object": lambda v: v.update(models=[3]),
    "'commercial'": lambda v: v["licences"]["free"].update(commercial="maybe"),
    "'licence'": lambda v: v["models"][0].update(licence="none"),
    "'name'": lambda v: v["models"][0].update(name="../x"),
    "twice": lambda v: v["models"].append(v["models"][0]),
    "'files'": lambda v: v["models"][0].update(files=[]),
    "file a|'name'": lambda v: v["models"][0]["files"][0].update(name="a/../../b"),
    "no address": lambda v: v["models"][0]["files"][0].update(urls=["file:///etc/passwd"]),
    "'urls'": lambda v: v["models"][0]["files"][0].update(urls=[]),
    "'sha256'": lambda v: v["models"][0]["files"][0].update(sha256="abc"),
    "'bytes'": lambda v: v["models"][0]["files"][0].update(bytes=-1),
    "'resolution'": lambda v: v["models"][0].update(resolution="64"),
    "'sources'": lambda v: v["models"][0].pop("sources"),
    "'models'": lambda v: v.pop("models"),
}


@pytest.mark.parametrize("words", WRONG)
def test_wrong_fields_are_named(tmp_path, words):
    with pytest.raises(DownloadError, match=words):
        read_catalogue(write(tmp_path, WRONG[words]))


def test_unreadable_lists(tmp_path):
    for text in ("", "[", "[" * 100_000, "[]"):
        path = tmp_path / "catalogue.json"
        path.write_text(text)
        with pytest.raises(DownloadError, match="catalogue"):
            read_catalogue(path)
    with pytest.raises(DownloadError, match="cannot be read"):
        read_catalogue(tmp_path / "nowhere.json")
