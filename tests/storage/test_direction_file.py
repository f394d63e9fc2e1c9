import json

import numpy as np
import pytest
import torch

from latent_studio.errors import ModelError
from latent_studio.latent.classifier import AttributeClassifier, with_heads
from latent_studio.latent.direction import Direction
from latent_studio.storage.direction_file import (
    DIRECTIONS_KEY,
    load_directions,
    save_directions,
)
from latent_studio.storage.judge_file import load_judge, save_judge
from latent_studio.storage.tensor_file import write_tensors


def some():
    draw = np.random.default_rng(0)
    return [
        Direction("smile", draw.normal(size=8), 1.5, "attribute", "w", 1, 4, {"fit": 0.8}, 2.0),
        Direction("b16.conv1 3", np.eye(40)[7], 0.3, "channel", "s"),
        Direction("a to b", draw.normal(size=48), 1.0, "difference", "w+"),
    ]


def test_round_trip(tmp_path):
    path = tmp_path / "d.safetensors"
    save_directions(path, some(), {"sha256": "abc"})
    stored = load_directions(path)
    assert list(stored.directions) == some() and stored.model == {"sha256": "abc"}


def test_what_is_no_file_of_directions(tmp_path):
    with pytest.raises(ModelError, match="no file"):
        load_directions(tmp_path / "missing.safetensors")
    text = tmp_path / "text.safetensors"
    text.write_text("hello", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        load_directions(text)
    other = tmp_path / "other.safetensors"
    with other.open("wb") as file:
        write_tensors(file, {"a": torch.zeros(1)}, {})
    with pytest.raises(ModelError, match="holds no directions"):
        load_directions(other)


@pytest.mark.parametrize(
    "header",
    [
        "nonsense",
        "[]",
        json.dumps({"format": 1}),
        json.dumps({"format": 2, "directions": []}),
        json.dumps({"format": 1, "directions": [{"name": "x"}]}),  # without a vector
        json.dumps({"format": 1, "directions": ["x"]}),
    ],
)
def test_damaged_lists(tmp_path, header):
    path = tmp_path / "d.safetensors"
    with path.open("wb") as file:
        write_tensors(file, {"directions/7": torch.ones(3)}, {DIRECTIONS_KEY: header})
    with pytest.raises(ModelError, match=r"damaged|newer|no JSON object"):
        load_directions(path)


def test_a_judge_comes_back_the_same(tmp_path):
    judge = AttributeClassifier(["a", "b"], 3, 16, torch.Generator().manual_seed(0)).eval()
    path = tmp_path / "judge.safetensors"
    save_judge(path, judge, {"a": 0.9, "b": 0.8}, {"seed": 1})
    stored = load_judge(path)
    pictures = torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    assert torch.equal(stored.judge.score(pictures), judge.score(pictures))
    assert stored.accuracy == {"a": 0.9, "b": 0.8} and stored.facts == {"seed": 1}
    only = with_heads(stored.judge, ["b"])
    torch.testing.assert_close(only.score(pictures)[:, 0], judge.score(pictures)[:, 1])
    save_judge(path, judge, {}, {}, half=True)
    torch.testing.assert_close(
        load_judge(path).judge.score(pictures), judge.score(pictures), atol=1e-2, rtol=1e-2
    )
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ModelError, match="trained anew"):
        load_judge(path)
