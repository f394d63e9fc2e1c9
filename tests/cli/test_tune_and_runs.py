"""``tune`` and ``runs`` as a person meets them."""

import pytest

from latent_studio.cli.main import main

TINY = [
    "--set", "resolution=16", "--set", "batch=8", "--set", "limit=16", "--set", "threads=1",
    "--set", "device=cpu", "--set", "precision=fp32", "--set", "grid_count=1",
    "--set", "generator.hidden=[8]", "--set", "discriminator.hidden=[8]",
]  # fmt: skip


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))

    def call(*args):
        code = main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_search_then_keep_order(run, tmp_path):
    pytest.importorskip("optuna")
    begin = ["tune", "--data", "procedural-faces", "--preset", "mlp-mnist", "--out", "s"]
    length = ["--trials", 2, "--kimg", 0.016, "--every", 0.016, "--samples", 16]
    code, out, err = run(*begin, *length, "--param", "g_lr=log:1e-4:1e-3", *TINY)
    assert code == 0, err
    lines = out.splitlines()
    assert "g_lr" in out and sum("tune-000" in line for line in lines) == 2
    assert "latent-studio train --preset mlp-mnist-tuned" in lines[-1]
    assert "mlp-mnist-tuned" in run("presets")[1]
    assert run("tune", "--out", "s", "--list")[1].count("done") == 2
    assert run("tune", "--out", "s", "--kimg", 9)[0] == 2

    code, out, _ = run("runs", "s")
    assert code == 0 and out.count("mlp-mnist") == 2 and "done" in out and "swd" in out
    assert run("runs", "note", "s/tune-0000", "the first")[0] == 0
    assert "the first" in run("runs", "show", "s/tune-0000")[1]
    code, out, _ = run("runs", "compare", "s/tune-0000", "s/tune-0001", "--out", "x.png")
    assert code == 0 and "g_lr" in out and (tmp_path / "x.png").is_file()
    assert run("runs", "rename", "s/tune-0000", "good")[0] == 0
    assert run("runs", "delete", "s/tune-0001", "--yes")[0] == 0
    assert [path.name for path in (tmp_path / "s").glob("*/config.json")] == ["config.json"]


def test_failures_are_one_line(run, tmp_path):
    for args, code, words in (
        (("tune", "--out", "s", "--param", "x"), 2, "none of name=low:high"),
        (("tune", "--out", "s", "--list"), 1, "no search in"),
        (("runs", "nowhere"), 1, "no folder"),
        (("runs", "delete", "nowhere"), 1, "no run nowhere"),
    ):
        found, out, err = run(*args)
        assert (found, out) == (code, "") and words in err and err.count("\n") == 1
    assert run("runs")[0] == 0
