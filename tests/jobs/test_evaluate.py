import json
import os
from pathlib import Path

import numpy as np
import pytest

from latent_studio.errors import Cancelled, DataError, ModelError, OptionError
from latent_studio.jobs import evaluate as job
from latent_studio.jobs.evaluate import evaluate
from latent_studio.mailbox import StopToken
from latent_studio.metrics import evaluate as runner
from latent_studio.metrics import extractors, registry
from latent_studio.metrics.features import RandomConvExtractor

DATA = "procedural-faces"


@pytest.fixture(autouse=True)
def few_pictures(monkeypatch):
    """The endless source gives 10,000 pictures; 120 are enough here."""
    open_dataset = job.open_dataset
    monkeypatch.setattr(job, "open_dataset", lambda *a, **k: open_dataset(*a, limit=120, **k))


def test_numbers_stand_beside_those_of_real_pictures(styled_file, tmp_path):
    target = tmp_path / "numbers.json"
    found = evaluate(styled_file, DATA, samples=50, json_file=target, device="cpu")
    names = {"fd-random", "kid-random", "pr-random/precision", "pr-random/recall", "swd"}
    names |= {"dc-random/density", "dc-random/coverage", "ms-ssim-2"}
    assert names < set(found.values) == set(found.yardstick)
    # Random weights make no faces; real pictures do.
    assert found.values["fd-random"] > 5 * found.yardstick["fd-random"]
    assert found.values["swd"] > 2 * found.yardstick["swd"]
    assert found.yardstick["pr-random/precision"] > 0.5 > found.values["pr-random/precision"]
    told = json.loads(target.read_text("utf-8"))
    assert told == found.to_json()
    assert (told["samples"], told["real"], told["yardstick_samples"]) == (50, 50, 50)
    lines = found.lines()
    assert lines[0] == f"styled against {DATA}: 50 made, 50 real"
    assert lines[1].split() == ["metric", "styled", "real", "better"]
    assert len({line.index("lower") for line in lines if " lower " in line}) == 1
    assert not any("/std" in line for line in lines)
    assert lines[-1].startswith("features: random convolutions (")


def test_real_pictures_are_looked_at_once(styled_file, monkeypatch):
    seen = []

    class Counting(RandomConvExtractor):
        def __call__(self, images):
            seen.append(len(images))
            return super().__call__(images)

    monkeypatch.setattr(extractors, "RandomConvExtractor", Counting)
    first = evaluate(styled_file, DATA, ["kid"], samples=40, device="cpu")
    seen.clear()
    assert evaluate(styled_file, DATA, ["kid"], samples=40, device="cpu") == first
    assert sum(seen) == 40  # the made ones only


def test_few_real_pictures_have_a_smaller_yardstick(styled_file):
    found = evaluate(styled_file, DATA, ["fd", "ppl"], samples=100, device="cpu")
    assert (found.real, found.yardstick_samples) == (100, 60)
    assert "ppl-random" in found.values and "ppl-random" not in found.yardstick
    assert any("fewer than were made" in line for line in found.lines())
    bare = evaluate(styled_file, DATA, ["fd"], samples=20, yardstick=False, device="cpu")
    assert bare.yardstick == {} and bare.yardstick_samples == 0


def test_alikeness_at_one_scale_and_at_several(styled_file):
    options = {"samples": 40, "device": "cpu"}
    found = evaluate(styled_file, DATA, ["ssim", "ms-ssim"], **options)
    assert list(found.values) == list(found.yardstick) == ["ssim", "ms-ssim-2"]  # 16 pixels
    assert all(reading.better == "like real" for reading in found.readings)
    assert all(-1 < value < 1 for value in (*found.values.values(), *found.yardstick.values()))
    assert found.values["ssim"] != found.yardstick["ssim"]
    assert found == evaluate(styled_file, DATA, ["ssim", "ms-ssim"], **options)


def test_a_deviation_over_subsets_needs_several(styled_file, monkeypatch):
    assert list(evaluate(styled_file, DATA, ["kid"], samples=20).values) == ["kid-random"]
    monkeypatch.setattr(registry, "SUBSET_SIZE", 19)
    values = evaluate(styled_file, DATA, ["kid"], samples=20).values
    assert list(values) == ["kid-random", "kid-random/std"]


def test_small_grey_models_have_the_metrics_that_fit(digits_file):
    found = evaluate(digits_file, DATA, samples=12, device="cpu")
    assert "swd" not in found.values and "ms-ssim-1" in found.values


def test_seed_and_truncation_count(styled_file):
    options = {"samples": 20, "yardstick": False, "device": "cpu"}
    base = evaluate(styled_file, DATA, ["fd"], **options).values
    assert base == evaluate(styled_file, DATA, ["fd"], **options).values
    assert base != evaluate(styled_file, DATA, ["fd"], seed=1, **options).values
    assert base != evaluate(styled_file, DATA, ["fd"], psi=0.5, **options).values


def test_what_cannot_be_done_is_said_before_the_work(styled_file, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "_look", None)
    with pytest.raises(OptionError, match="no metric 'x'"):
        evaluate(styled_file, DATA, ["x"])
    with pytest.raises(OptionError, match="Inception"):
        evaluate(styled_file, DATA, ["is"])
    with pytest.raises(ModelError, match=r"pt_inception.*https://"):
        evaluate(styled_file, DATA, ["fid"], features=tmp_path / "none.pth")
    with pytest.raises(ModelError, match=r"pt_inception"):
        evaluate(styled_file, DATA, ["fid"], features="inception")
    with pytest.raises(OptionError, match="at least 2"):
        evaluate(styled_file, DATA, ["fd"], samples=1)
    with pytest.raises(OptionError, match=r"\.json"):
        evaluate(styled_file, DATA, ["fd"], json_file=tmp_path / "x.txt")
    with pytest.raises(DataError):
        evaluate(styled_file, tmp_path / "nothing", ["fd"])


def test_stopping_writes_nothing(styled_file, tmp_path):
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        evaluate(styled_file, DATA, samples=20, json_file=tmp_path / "x.json", token=token)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.data
@pytest.mark.skipif("LATENT_STUDIO_DATA" not in os.environ, reason="no photographs at hand")
def test_the_bundled_model_is_nearer_to_photographs_than_drawings_are():
    data = Path(os.environ["LATENT_STUDIO_DATA"]) / "lfw-faces-64.zip"
    found = evaluate("faces", data, ["fd", "pr"], samples=80, yardstick=False, device="cpu")
    drawn = evaluate("faces", DATA, ["fd", "pr"], samples=80, yardstick=False, device="cpu")
    assert found.values["fd-random"] < 0.7 * drawn.values["fd-random"]
    assert found.values["pr-random/precision"] > drawn.values["pr-random/precision"] + 0.2
    assert np.isfinite(list(found.values.values())).all()
