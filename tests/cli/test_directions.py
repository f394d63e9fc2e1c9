"""The command's own tests, beside those of the jobs."""

import pytest

from latent_studio.cli import directions as command_module
from latent_studio.cli.main import main
from latent_studio.errors import OptionError


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run in an empty folder; gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*args):
        code = main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def known(run, own_file):
    """A model with two components."""
    assert run("directions", "-m", own_file, "--components", 2, "--samples", 200)[0] == 0
    return own_file


def test_methods_by_name(run, known):
    base = ["directions", "-m", known, "--samples", 100]
    code, out, _ = run(*base, "--method", "sefa", "--group", "coarse", "--count", 1)
    assert code == 0 and "SeFa coarse 1" in out
    kept = ["--method", "conditional", "--direction", "PC 1", "--keep", "PC 2", "--name", "apart"]
    assert "apart" in run(*base, *kept)[1]
    assert (
        "way" in run(*base, "--method", "difference", "--start", 1, "--end", 2, "--name", "way")[1]
    )
    code, _, err = run(*base, "--method", "conditional")
    assert code == 2 and "Name the direction" in err
    assert run(*base, "--method", "magic")[0] == 2


def test_edits_and_the_list(run, known):
    base = ["directions", "-m", known]
    changes = ["--rename", "PC 1=mood", "--flip", "mood", "--strength", "mood=2"]
    assert run(*base, *changes, "--layers", "mood=1-3", "--delete", "PC 2")[0] == 0
    code, out, _ = run(*base, "--list")
    assert code == 0 and "PC 2" not in out
    (line,) = [line for line in out.splitlines() if line.startswith("mood")]
    assert "1-3" in line and "pca" in line
    code, out, _ = run(*base, "--list", "--only", "mood")
    assert code == 0 and len(out.splitlines()) == 2
    assert run(*base, "--list", "--only", "PC 2")[0] == 2
    assert run(*base, "--rename", "PC 9=x")[0] != 0
    assert run(*base, "--strength", "mood=strong")[0] != 0


def test_measuring_a_file_and_looking_at_a_bundled_model(run, known, monkeypatch):
    code, out, _ = run("directions", "-m", known, "--measure", "--seeds", 4, "--only", "PC 1")
    assert code == 0 and "distance" in out
    first, second = run("directions", "-m", known, "--list")[1].splitlines()[1:]
    assert float(first.split()[-1]) > 0 and len(second.split()) == len(first.split()) - 1
    before = known.read_bytes()
    from latent_studio.jobs import directions as job

    monkeypatch.setattr(job, "resolve_model", lambda name: known)
    code, out, err = run("directions", "-m", "bundled", "--measure", "--seeds", 4)
    assert code == 0, err
    assert code == 0 and "PC 2" in out and known.read_bytes() == before


def test_a_file_of_directions_goes_round(run, known, styled_file):
    assert run("directions", "-m", known, "--export", "d.safetensors", "--only", "PC 2")[0] == 0
    copy = ["directions", "-m", styled_file, "--import", "d.safetensors"]
    assert run(*copy, "--out", "copy.safetensors")[0] == 0
    assert "PC 2" in run("directions", "-m", "copy.safetensors", "--list")[1]
    code, _, err = run("directions", "-m", known, "--import", "nothing.safetensors")
    assert code == 1 and "no file" in err


def test_labels_are_read_from_a_table(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("seed,label\n4,1\n 5 , 0\n\n", encoding="utf-8")
    assert command_module._labels(str(table)) == {4: True, 5: False}
    table.write_text("4,yes\n", encoding="utf-8")
    with pytest.raises(OptionError, match="42,1"):
        command_module._labels(str(table))
    with pytest.raises(OptionError, match="cannot be read"):
        command_module._labels(str(tmp_path / "none.csv"))
