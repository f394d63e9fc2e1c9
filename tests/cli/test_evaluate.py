import json

import numpy as np
from PIL import Image

from latent_studio.cli.main import main


def test_a_table_and_a_file(styled_file, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    noise = np.random.default_rng(0).integers(0, 256, (30, 16, 16, 3), dtype=np.uint8)
    (tmp_path / "photos").mkdir()
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{number}.png")
    arguments = ["evaluate", "-m", str(styled_file), "--data", "photos"]
    few = ["--samples", "12", "--metrics", "swd, pr", "--device", "cpu"]
    assert main([*arguments, *few, "--json", "x.json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    rows = [line.split()[0] for line in out.splitlines()]
    assert rows[:5] == ["styled", "metric", "swd", "pr-random/precision", "pr-random/recall"]
    told = json.loads((tmp_path / "x.json").read_text("utf-8"))
    assert told["samples"] == 12 and "swd/16" in told["metrics"]
    assert main([*arguments, *few, "-q"]) == 0
    assert capsys.readouterr().out == ""
    assert main([*arguments, "--metrics", "fid"]) == 2
    assert "Inception" in capsys.readouterr().err
