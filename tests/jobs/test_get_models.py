"""Published models from a server of the test's own into the library."""

import hashlib
import io
import json

import pytest
import torch

from latent_studio.cli import get as cli_get
from latent_studio.cli.main import main
from latent_studio.errors import Cancelled, DownloadError, ModelError, OptionError
from latent_studio.jobs.get_models import (
    get_model,
    holding_of,
    list_published,
    remove_download,
)
from latent_studio.jobs.opened import open_model
from latent_studio.mailbox import StopToken
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.storage.catalogue import CATALOGUE_VARIABLE, find_entry
from latent_studio.storage.download import Patience
from latent_studio.storage.model_file import read_header

QUICK = Patience(silence_s=5, tries=1, wait_s=0.01)
STYLED = {"z_dim": 8, "w_dim": 8, "img_resolution": 16, "channel_base": 64, "channel_max": 8}
BIG = {
    "output_dim": 8,
    "z_dim": 8,
    "num_classes": 3,
    "channel_width": 4,
    "layers": [[False, 16, 16], [True, 16, 1]],
    "attention_layer_position": 1,
    "eps": 1e-3,
    "n_stats": 3,
}


def saved(tensors):
    buffer = io.BytesIO()
    torch.save(tensors, buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def weights():
    """Files as they are published: a generator, and BigGAN's two."""
    styled = build_generator(ModelSpec("stylegan2", STYLED)).state_dict()
    big = build_generator(ModelSpec("biggan-deep", BIG)).state_dict()
    config = {**BIG, "id2label": {"0": "tench", "1": "goldfish", "2": "shark"}}
    return {
        "faces.pt": saved({"G_ema": styled}),
        "pytorch_model.bin": saved(big),
        "config.json": json.dumps(config).encode(),
    }


@pytest.fixture
def published(web, weights, tmp_path, monkeypatch):
    """A catalogue of two models on the server, and an empty home."""
    urls = {name: web.serve(f"/{name}", data) for name, data in weights.items()}

    def file(name, **facts):
        return {"name": name, "urls": [urls[name]], **facts}

    def entry(name, licence, files, **facts):
        about = {"title": name, "resolution": 16, "data": "none", "page": "https://x.org/"}
        fixed = {"name": name, "licence": licence, "files": files, "sources": ["this test"]}
        return {**about, "architecture": "stylegan2", **fixed, **facts}

    sha256 = hashlib.sha256(weights["faces.pt"]).hexdigest()
    size = len(weights["faces.pt"])
    licence = {"title": "NC", "url": "https://x.org/nc", "note": "Research only."}
    value = {
        "version": 1,
        "licences": {
            "nc": {**licence, "commercial": "forbidden"},
            "free": {**licence, "title": "Free", "commercial": "allowed"},
        },
        "models": [
            entry("faces", "nc", [file("faces.pt", sha256=sha256, bytes=size)]),
            entry(
                "things",
                "free",
                [file("config.json"), file("pytorch_model.bin", about=200_000)],
                architecture="biggan-deep",
                class_count=3,
            ),
        ],
    }
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps(value))
    monkeypatch.setenv(CATALOGUE_VARIABLE, str(path))
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))
    return web


def states():
    return {one.entry.name: one.holding.state for one in list_published()}


def test_listing_touches_no_network(published):
    assert states() == {"faces": "absent", "things": "absent"}
    assert published.asked == []


def test_a_model_in_one_file(published):
    events = []
    path = get_model("faces", accept_licence=True, emit=events.append)
    assert path.name == "faces.safetensors" and states()["faces"] == "ready"
    card = read_header(path).card
    assert card["licence"]["commercial"] == "forbidden" and card["catalogue"] == "faces"
    assert open_model(path, device="cpu").array(1).shape == (1, 3, 16, 16)
    assert events[0].message == "downloading faces" and events[-1].message == "importing faces"
    assert get_model("faces") == path and len(published.asked) == 1


def test_a_model_in_two_files_with_names_of_classes(published):
    events = []
    path = get_model("things", emit=events.append)
    assert [asked for asked, _ in published.asked] == ["/config.json", "/pytorch_model.bin"]
    header = read_header(path)
    assert header.card["source"]["classes"] == ["tench", "goldfish", "shark"]
    assert header.spec.config["eps"] == 1e-3  # config.json was read
    done = [event.done for event in events if event.unit == "B"]
    assert done == sorted(done)


def test_licence_must_be_accepted(published):
    with pytest.raises(OptionError, match="not for commercial use"):
        get_model("faces")
    assert published.asked == []


def test_goes_on_after_a_cut_and_is_imported_without_the_network(published, monkeypatch):
    published.files["/faces.pt"].cuts = [20_000, 0]
    with pytest.raises(DownloadError, match="broke"):
        get_model("faces", accept_licence=True, patience=QUICK)
    holding = holding_of(find_entry("faces"))
    assert (holding.state, holding.bytes) == ("partial", 20_000)
    token = StopToken()

    def stop_before_the_import(event):
        if event.message.startswith("importing"):
            token.stop()

    with pytest.raises(Cancelled):
        get_model("faces", accept_licence=True, emit=stop_before_the_import, token=token)
    assert states()["faces"] == "downloaded"
    published.close()
    assert get_model("faces").is_file()


def test_only_missing_files_are_fetched(published):
    published.files["/pytorch_model.bin"].status = 404
    with pytest.raises(DownloadError, match="any more"):
        get_model("things", patience=QUICK)
    published.files["/pytorch_model.bin"].status = 0
    get_model("things")
    assert [asked for asked, _ in published.asked].count("/config.json") == 1


def test_what_is_no_model_can_be_thrown_away(published):
    published.serve("/config.json", b"{}")
    published.serve("/pytorch_model.bin", b"not a model")
    with pytest.raises(ModelError, match="--remove"):
        get_model("things")
    assert states()["things"] == "downloaded"
    assert remove_download("things") == 13
    assert states()["things"] == "absent"


def test_removing_keeps_the_library(published):
    path = get_model("faces", accept_licence=True)
    remove_download("faces")
    assert path.is_file() and states()["faces"] == "ready"
    path.unlink()
    assert states()["faces"] == "absent"


def test_another_model_of_that_name_is_left_alone(published, tmp_path):
    own = get_model("things").rename(tmp_path / "home" / "data" / "models" / "faces.safetensors")
    before = own.read_bytes()
    assert get_model("faces", accept_licence=True).name == "faces-2.safetensors"
    assert own.read_bytes() == before
    assert states() == {"faces": "ready", "things": "ready"}


def run(capsys, *args):
    code = main(["get", *args])
    out, err = capsys.readouterr()
    return code, out, err


def test_command_lists(published, capsys):
    code, out, _ = run(capsys)
    lines = out.splitlines()
    assert code == 0 and lines[0].startswith("NAME") and "not commercial" in lines[1]
    assert "free" in lines[2] and run(capsys, "--find", "BIGGAN free")[1].count("\n") == 2
    (entry,) = json.loads(run(capsys, "--find", "faces", "--json")[1])
    assert entry["files"][0]["source"]["urls"][0].startswith("http://127.0.0.1")
    assert entry["licence"]["commercial"] == "forbidden"
    assert published.asked == []


def test_command_gets(published, capsys):
    code, out, err = run(capsys, "faces")
    assert code == 2 and "not for commercial use" in err and out == ""
    code, out, err = run(capsys, "faces", "--accept-licence")
    assert code == 0 and out.startswith("Wrote ") and "Research only." in err
    assert "in the library" in run(capsys)[1]
    code, out, _ = run(capsys, "faces", "--remove")
    assert code == 0 and out.startswith("Removed ")
    code, _, err = run(capsys, "face")
    assert code == 2 and "Did you mean faces" in err


@pytest.mark.parametrize("answer", [True, False])
def test_command_asks_on_a_terminal(published, capsys, monkeypatch, answer):
    monkeypatch.setattr(cli_get.sys, "stdin", type("Terminal", (), {"isatty": lambda _: True})())
    monkeypatch.setattr(cli_get.click, "confirm", lambda *_, **__: answer)
    assert run(capsys, "faces", "-q")[0] == (0 if answer else 2)
    assert bool(published.asked) == answer


def test_command_says_that_it_is_offline(published, capsys):
    published.close()
    code, out, err = run(capsys, "things")
    assert code == 1 and out == "" and "offline" in err and "Traceback" not in err
