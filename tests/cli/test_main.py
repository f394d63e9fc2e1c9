"""What a person sees of the command line: exit codes, one-line errors, results."""

import json
import os
import signal
import subprocess
import sys
import time

import av
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from latent_studio.cli.main import COMMANDS, cli, main
from latent_studio.errors import Cancelled
from latent_studio.recipe import Transform
from latent_studio.storage.images import read_scene


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run in an empty folder; gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*args):
        code = main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def fails(result, code, *words):
    """One line on stderr, nothing on stdout, the right exit code."""
    found, out, err = result
    assert (found, out) == (code, ""), err
    assert err.startswith("Error: ") and err.count("\n") == 1 and len(err) < 400
    for word in words:
        assert word in err
    return True


def test_every_command_has_help():
    for name in COMMANDS:
        result = CliRunner().invoke(cli, [name, "--help"])
        assert result.exit_code == 0, name
        assert "Usage:" in result.output


def test_render_picture_and_floats(run, styled_file):
    code, out, err = run(
        "render", "--model", styled_file, "--seed", 3, "--psi", 0.7, "--out", "x.png"
    )
    assert (code, out, err) == (0, "Wrote x.png\n", "")
    assert read_scene("x.png").recipe.psi == 0.7
    assert run("render", "-m", styled_file, "--seed", 3, "--psi", 0.7, "-o", "x.npy", "-q")[:2] == (
        0,
        "",
    )
    array = np.load("x.npy")
    with Image.open("x.png") as image:
        pixels = np.asarray(image).astype(int)
    assert np.abs(np.clip(array[0].transpose(1, 2, 0) * 127.5 + 128, 0, 255) - pixels).max() < 1.01
    # The picture is a recipe, too.
    assert run("render", "-m", styled_file, "--recipe", "x.png", "-o", "y.npy")[0] == 0
    assert np.array_equal(np.load("y.npy"), array)


def test_options_override_the_recipe_file(run, styled_file):
    with open("r.json", "w", encoding="utf-8") as file:
        json.dump({"seed": 3, "psi": 0.2, "cutoff": 2}, file)
    edits = ["--psi", 0.5, "--noise-mode", "none", "--cutoff", 4]
    assert run("render", "-m", styled_file, "--recipe", "r.json", "-o", "x.png", *edits)[0] == 0
    recipe = read_scene("x.png").recipe
    assert (recipe.source.seed, recipe.psi, recipe.cutoff, recipe.noise_mode) == (3, 0.5, 4, "none")


def test_moving_and_turning(run, movable_file):
    def render(name, *options):
        assert run("render", "-m", movable_file, "-o", name, *options)[0] == 0

    render("still.npy", "--seed", 3)
    render("moved.png", "--seed", 3, "--translate", 0.25, -0.1, "--rotate", 30)
    render("moved.npy", "--seed", 3, "--translate", 0.25, -0.1, "--rotate", 30)
    render("again.npy", "--recipe", "moved.png")
    render("back.npy", "--recipe", "moved.png", "--translate", 0, 0, "--rotate", 0)
    still, moved, again, back = (np.load(f"{n}.npy") for n in ("still", "moved", "again", "back"))
    assert read_scene("moved.png").recipe.transform == Transform(0.25, -0.1, 30.0)
    assert np.array_equal(moved, again) and np.array_equal(still, back)
    assert not np.allclose(still, moved, atol=1e-3)


def test_rows_of_vectors(run, styled_file):
    z = np.random.RandomState(0).randn(4, 8)
    with open("r.json", "w", encoding="utf-8") as file:
        json.dump({"z": z.tolist()}, file)
    assert run("render", "-m", styled_file, "--recipe", "r.json", "-o", "x.npy")[0] == 0
    assert np.load("x.npy").shape == (4, 3, 16, 16)
    assert run("grid", "-m", styled_file, "--recipe", "r.json", "-o", "g.png")[0] == 0
    with Image.open("g.png") as image:
        assert image.size == (32, 32)
    assert fails(
        run("render", "-m", styled_file, "--recipe", "r.json", "-o", "x.png"), 2, "4 pictures"
    )


def test_classes(run, classes_file, styled_file):
    for label in ("1", "0,1,0", "Hound"):
        args = ["render", "-m", classes_file, "--seed", 1, "--class", label, "-o", f"{label}.npy"]
        assert run(*args)[0] == 0
    for name in ("0,1,0.npy", "Hound.npy"):
        assert np.array_equal(np.load("1.npy"), np.load(name))
    bad = ["render", "-m", classes_file, "--seed", 1, "-o", "x.npy", "--class"]
    assert fails(run(*bad, "3"), 2, "classes 0 to 2")
    assert fails(run(*bad, "-1"), 2, "A class is a number from 0")
    assert fails(run(*bad, "0,inf,1"), 2, "finite numbers")
    assert fails(run(*bad, "foxes"), 2, "no class 'foxes'. Did you mean fox?")
    plain = ["render", "-m", styled_file, "--seed", 1, "-o", "x.npy", "--class", "cat"]
    assert fails(run(*plain), 2, "This model has no classes")


def test_grid_mix_video(run, styled_file):
    assert (
        run("grid", "-m", styled_file, "--seeds", "0-5,9", "--columns", 4, "-o", "g.webp")[0] == 0
    )
    with Image.open("g.webp") as image:
        assert image.size == (64, 32)
    mix = ["mix", "-m", styled_file, "--rows", "1,2,3", "--columns", "4,5"]
    assert run(*mix, "--layers", "0-3", "-o", "m.png")[0] == 0
    with Image.open("m.png") as image:
        assert image.size == (48, 64)
    walk = ["video", "-m", styled_file, "--seeds", "1,2", "--seconds", 0.5, "--fps", 10, "--loop"]
    assert run(*walk, "--ease", "smooth", "-o", "w.mp4") == (0, "Wrote w.mp4\n", "")
    with av.open("w.mp4") as file:
        assert len(list(file.decode(video=0))) == 5


def test_directions_then_use_them(run, own_file):
    code, out, _ = run("directions", "-m", own_file, "--components", 2, "--samples", 200)
    assert code == 0 and "PC 1, PC 2" in out
    picture = ["render", "-m", own_file, "--seed", 1, "-o"]
    assert run(*picture, "a.npy")[0] == run(*picture, "b.npy", "--direction", "PC 1=2")[0] == 0
    assert not np.array_equal(np.load("a.npy"), np.load("b.npy"))
    assert fails(run(*picture, "c.npy", "--direction", "grin=2"), 2, "grin", "PC 1, PC 2")
    assert fails(run(*picture, "c.npy", "--direction", "grin"), 2, "NAME=AMOUNT")


def test_lists(run, styled_file):
    assert run("presets")[1].startswith("mlp-mnist ")
    assert json.loads(run("presets", "dcgan-64")[1])["resolution"] == 64
    assert json.loads(run("models", "--json", styled_file)[1])["architecture"] == "stylegan2"
    _, card, _ = run("models", "faces")
    assert "105,616 pictures seen, of lfw-faces-64.zip (13,233), preset stylegan2-64-cpu" in card
    assert "not for: Not for identifying" in card and "swd_real_generated:" in card
    assert "{" not in card and "64: 14.02" in card
    code, _, err = run("models")
    assert code == 0
    assert "Your own models go into" in err
    assert fails(run("models", "--json"), 2, "wants a MODEL")
    code, out, err = run("get", "--find", "zzz")
    assert (code, out) == (0, "") and "'zzz'" in err
    assert fails(run("presets", "x"), 2, "no preset 'x'", "dcgan-64")


def test_data_report(run, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / "good.png")
    (folder / "cut.png").write_bytes((folder / "good.png").read_bytes()[:45])
    (folder / "text.jpg").write_text("no picture", encoding="utf-8")
    code, out, _ = run("data", folder)
    assert code == 0
    assert "1 image" in out and "cut.png" in out and "text.jpg" in out


BAD_LINES = [
    (["render", "--model", "faces", "--seed", "1"], "--out"),
    (["render", "-m", "{model}", "-o", "x.png"], "--seed or --recipe"),
    (["render", "-m", "{model}", "--seed", "-1", "-o", "x.png"], "--seed"),
    (["render", "-m", "{model}", "--seed", "4294967296", "-o", "x.png"], "--seed"),
    (["render", "-m", "{model}", "--seed", "1", "-o", "x.exe"], ".png"),
    (["render", "-m", "{model}", "--seed", "1", "-o", "x.png", "--psi", "nan"], "finite"),
    (["render", "-m", "{model}", "--seed", "1", "-o", "x.png", "--cutoff", "99"], "Cutoff 99"),
    (["render", "-m", "{model}", "--seed", "1", "-o", "x.png", "--class", "0"], "no classes"),
    (["render", "-m", "{model}", "--seed", "1", "-o", "x.png", "--scale", "0"], "--scale"),
    (["render", "-m", "{model}", "--seed", "1", "-o", "x.png", "--device", "tpu"], "tpu"),
    (["render", "-m", "{model}", "--seed", "1", "-o", "x.png", "--noise-mode", "x"], "const"),
    (["render", "-m", "{model}", "--seed", "1", "-o", "x.png", "--rotate", "9"], "cannot move or"),
    (["render", "-m", "{model}", "--seed", "1", "-o", "x.png", "--rotate", "nan"], "finite"),
    (["render", "-m", "{model}", "--seed", "1", "-o", "x.png", "--translate", "1", "inf"],
     "within 10000"),
    (["render", "-m", "{model}", "--recipe", "none.json", "-o", "x.png"], "none.json"),
    (["grid", "-m", "{model}", "--seeds", "5-1", "-o", "x.png"], "backwards"),
    (["grid", "-m", "{model}", "--seeds", "a", "-o", "x.png"], "0-63,70"),
    (["grid", "-m", "{model}", "--seeds", "0-99999", "-o", "x.png"], "too many"),
    (["grid", "-m", "{model}", "--seeds", "1", "--columns", "0", "-o", "x.png"], "--columns"),
    (["mix", "-m", "{model}", "--rows", "1", "--columns", "2", "--layers", "0-9", "-o", "x.png"],
     "layers 0 to 5"),
    (["mix", "-m", "{digits}", "--rows", "1", "--columns", "2", "--layers", "0", "-o", "x.png"],
     "no layers"),
    (["video", "-m", "{model}", "--seeds", "1", "-o", "x.mp4"], "at least two"),
    (["video", "-m", "{model}", "--seeds", "1,2", "--seconds", "0", "-o", "x.mp4"], "seconds"),
    (["video", "-m", "{model}", "--seeds", "1,2", "--easing", "odd", "-o", "x.mp4"], "odd"),
    (["video", "-m", "{digits}", "--seeds", "1,2", "--space", "w", "-o", "x.mp4"], "no w space"),
    (["video", "-m", "{model}", "--seeds", "1,2", "-o", "x.avi"], ".mp4"),
    (["train", "--preset", "mlp-mnist", "--out", "run"], "--data"),
    (["train", "--data", "procedural-faces", "--preset", "no", "--out", "run"], "no preset 'no'"),
    (["train", "--data", "procedural-faces", "--preset", "mlp-mnist", "--out", "run",
      "--batch", "0"], "--batch"),
    (["train", "--data", "procedural-faces", "--preset", "mlp-mnist", "--out", "run",
      "--kimg", "-1"], "total_kimg"),
    (["train", "--data", "procedural-faces", "--preset", "mlp-mnist", "--out", "run",
      "--device", "tpu"], "tpu"),
    (["train", "--data", "procedural-faces", "--preset", "mlp-mnist", "--out", "run",
      "--set", "limit=16", "--batch", "16", "--set", "accumulate=3"], "no 3 parts of equal size"),
    (["train", "--data", "procedural-faces", "--preset", "mlp-mnist", "--out", "run",
      "--set", "limit=16", "--batch", "8", "--set", "accumulate=16"], "'accumulate' to 8"),
    (["rendr"], "Did you mean 'render'?"),
    (["--nonsense"], "--nonsense"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("args", "word"), BAD_LINES, ids=[" ".join(a[:1] + a[-2:]) for a, _ in BAD_LINES]
)
def test_impossible_options(run, tmp_path, styled_file, digits_file, args, word):
    files = {"{model}": styled_file, "{digits}": digits_file}
    assert fails(run(*[files.get(arg, arg) for arg in args]), 2, word)
    assert list(tmp_path.iterdir()) == []


def test_bad_models(run, tmp_path, styled_file):
    (tmp_path / "text.safetensors").write_text("hello", encoding="utf-8")
    whole = styled_file.read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.safetensors").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for name in ("text.safetensors", "cut.safetensors", "empty.safetensors", "folder", "nobody"):
        result = run("render", "--model", name, "--seed", 1, "--out", "x.png")
        assert fails(result, 1, name)
    assert not (tmp_path / "x.png").exists()


def test_bad_data(run, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "a.png").write_text("no picture", encoding="utf-8")
    (tmp_path / "broken" / "b.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "text.zip").write_text("no zip", encoding="utf-8")
    assert fails(run("data", "broken/a.png"), 1, "one picture. Give the folder")
    for name in ("empty", "broken", "text.zip", "missing"):
        assert fails(run("data", name), 1, name)
        result = run("train", "--data", name, "--preset", "mlp-mnist", "--out", "run")
        assert fails(result, 1, name)
        assert not (tmp_path / "run").exists()


def test_bad_targets(run, tmp_path, styled_file):
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "x.png").mkdir()
    picture = ["render", "-m", styled_file, "--seed", 1, "--out"]
    assert fails(run(*picture, "none/x.png"), 1, "does not exist")
    assert fails(run(*picture, "file/x.png"), 1, "is a file, not a folder")
    assert fails(run(*picture, "x.png"), 1, "is a folder")
    walk = ["video", "-m", styled_file, "--seeds", "1,2", "--out"]
    assert fails(run(*walk, "file/x.mp4"), 1, "is a file, not a folder")
    learn = ["train", "--data", "procedural-faces", "--preset", "mlp-mnist", "--out"]
    assert fails(run(*learn, "file"), 1, "is a file")
    assert fails(run(*learn, "file/run"), 1, "is a file")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_devices_are_no_targets(run, styled_file):
    os.symlink("/dev/full", "x.png")
    picture = ["render", "-m", styled_file, "--seed", 1, "--out", "x.png"]
    assert fails(run(*picture), 1, "x.png")


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder nobody can write to")
def test_read_only_folder(run, styled_file):
    result = run("render", "-m", styled_file, "--seed", 1, "--out", "/proc/self/x.png")
    assert fails(result, 1, "/proc/self")


def test_unexpected_failures_are_one_line(run, monkeypatch):
    def crash(*args, **kwargs):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("latent_studio.jobs.inspect.list_models", crash)
    monkeypatch.delenv("LATENT_STUDIO_DEBUG", raising=False)
    assert fails(run("models"), 1, "RuntimeError: two lines", "--debug")
    monkeypatch.setenv("LATENT_STUDIO_DEBUG", "1")
    code, _, err = run("models")
    assert code == 1 and "Traceback" in err


@pytest.mark.parametrize("stop", [Cancelled, KeyboardInterrupt])
def test_stopping_is_no_error(run, monkeypatch, stop):
    def cancelled(*args, **kwargs):
        raise stop

    monkeypatch.setattr("latent_studio.jobs.inspect.list_models", cancelled)
    code, out, err = run("models")
    assert (code, out, err.strip()) == (130, "", "Stopped.")


def test_a_lack_of_memory_is_said_so(run, monkeypatch):
    def greedy(*args, **kwargs):
        raise MemoryError

    monkeypatch.setattr("latent_studio.jobs.inspect.list_models", greedy)
    assert fails(run("models"), 1, "not enough memory")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Qt finds the screen by itself")
def test_no_window_without_a_screen(run, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    fails(run("gui"), 1, "no screen", "--help")


@pytest.mark.parametrize(
    ("args", "model", "forced"),
    [
        ([], "", {}),
        (["gui"], "", {}),
        (["gui", "m.safetensors"], "m.safetensors", {}),
        (["gui", "--backend", "torch"], "", {"backend": "torch"}),
        (["missing.safetensors"], "missing.safetensors", {}),
        (["{file}"], "{file}", {}),
    ],
)
def test_the_window_is_the_default(run, monkeypatch, styled_file, args, model, forced):
    opened = []
    app = type(sys)("latent_studio.ui.app")
    app.run = lambda model, asked: opened.append((model, asked)) or 0
    monkeypatch.setitem(sys.modules, "latent_studio.ui.app", app)
    files = {"{file}": str(styled_file)}
    assert run(*[files.get(arg, arg) for arg in args])[0] == 0
    assert opened == [(files.get(model, model), forced)]


def program(*args, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "latent_studio", *map(str, args)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", **options,
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_training_saves_and_goes_on(tmp_path, number):
    run = tmp_path / "run"
    settings = ["--limit", 16, "--resolution", 8, "--batch", 4, "--threads", 1, "--device", "cpu"]
    learn = ["train", "--data", "procedural-faces", "--preset", "mlp-mnist", "--out", run]
    with program(*learn, *settings, "--kimg", 10_000) as process:
        # The first checkpoint is written before the first step.
        deadline = time.monotonic() + 90
        while not (run / "checkpoint.safetensors").exists() and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(number)
        out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert "everything is saved" in out and "--resume" in out
    assert list((run / "snapshots").iterdir())
    assert main(["train", "--out", str(run), "--resume", "--kimg", "0.001", "-q"]) == 0


def test_progress_stays_off_files_and_pipes(tmp_path, styled_file):
    with program("grid", "-m", styled_file, "--seeds", "0-3", "-o", tmp_path / "g.png") as process:
        out, err = process.communicate(timeout=90)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("Wrote ")
