import json

import pytest

from latent_studio.errors import OptionError
from latent_studio.jobs.search_space import (
    Param,
    check_space,
    default_space,
    grid_points,
    parse_param,
    read_space,
    space_to_json,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("g_lr=log:1e-4:1e-2", Param("g_lr", low=1e-4, high=1e-2, log=True)),
        ("discriminator.dropout=0:0.5", Param("discriminator.dropout", low=0, high=0.5)),
        ("batch=8:64", Param("batch", low=8, high=64, whole=True)),
        ("batch=8:64:8", Param("batch", low=8, high=64, step=8, whole=True)),
        ("generator.z_dim=log:16:512", Param("generator.z_dim", (), 16, 512, True, None, True)),
        ("r1_gamma=0:10", Param("r1_gamma", low=0, high=10)),  # a setting that takes fractions
        ("batch=8|16|32", Param("batch", (8, 16, 32))),
        ("objective=hinge | wgan-gp", Param("objective", ("hinge", "wgan-gp"))),
        ("betas=[0, 0.99]|[0.5, 0.99]", Param("betas", ([0, 0.99], [0.5, 0.99]))),
        ("mirror=true|false", Param("mirror", (True, False))),
        ("objective=hinge", Param("objective", ("hinge",))),
        ("init=C:/x.safetensors", Param("init", ("C:/x.safetensors",))),
    ],
)
def test_what_is_typed(text, expected):
    assert parse_param(text) == [expected]
    # and what a study keeps of it
    assert read_space(json.loads(json.dumps(space_to_json([expected])))) == [expected]


def test_both_rates_by_one_name():
    assert [param.name for param in parse_param("lr=log:1e-4:1e-3")] == ["g_lr", "d_lr"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("g_lr", "none of name=low:high"),
        ("=1:2", "none of name"),
        ("g_lr=log:0:1", "begin above 0"),
        ("g_lr=2:1", "finite number to a larger"),
        ("g_lr=0:1e999", "finite number"),
        ("g_lr=log:1:2:0.5", "no steps"),
        ("g_lr=log:1", "log:low:high"),
        ("batch=8:64:0", "step of batch"),
        ("batch=8|8", "repeat"),
        ("batch=true:4", "must be numbers"),
    ],
)
def test_nonsense(text, words):
    with pytest.raises(OptionError, match=words):
        parse_param(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": {}}', '{"a": []}', '{"a": {"low": 1}}'])
def test_files_that_hold_no_space(tmp_path, text):
    (tmp_path / "space.json").write_text(text, encoding="utf-8")
    with pytest.raises(OptionError):
        read_space(tmp_path / "space.json")


def test_a_file(tmp_path):
    file = tmp_path / "space.json"
    file.write_text('{"batch": [8, 16], "g_lr": "log:1e-4:1e-2"}', encoding="utf-8")
    assert read_space(file) == [
        Param("batch", (8, 16)),
        Param("g_lr", low=1e-4, high=1e-2, log=True),
    ]
    with pytest.raises(OptionError, match="Cannot read"):
        read_space(tmp_path / "none.json")


def test_values_and_labels():
    betas = Param("betas", ([0, 0.99], [0.5, 0.99]))
    assert betas.labels == ("[0, 0.99]", "[0.5, 0.99]")
    assert betas.value("[0.5, 0.99]") == [0.5, 0.99]
    whole = Param("batch", low=8, high=64, whole=True).value(9.0)
    assert whole == 9 and isinstance(whole, int)


def test_a_grid_is_every_combination_once():
    params = [Param("a", (1, 2)), Param("b", low=0.0, high=0.3, step=0.1), Param("c", ("x",))]
    points = grid_points(params)
    assert len(points) == 8 and len({json.dumps(point) for point in points}) == 8
    assert [point["b"] for point in points[:4]] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert Param("n", low=2, high=4, whole=True).points() == (2, 3, 4)
    with pytest.raises(OptionError, match="choices or a step for g_lr"):
        grid_points([Param("g_lr", low=1e-4, high=1e-2, log=True)])
    with pytest.raises(OptionError, match="too large"):
        grid_points([Param("n", low=1, high=1e6, whole=True)])


def test_defaults_and_doubles():
    found = default_space({"g_lr": 1e-3, "d_lr": 2e-3, "r1_gamma": 0.0})
    assert [(param.name, param.log) for param in found] == [("g_lr", True), ("d_lr", True)]
    with pytest.raises(OptionError, match="names a twice"):
        check_space([Param("a", (1,)), Param("a", (2,))])
    with pytest.raises(OptionError, match="nothing to search"):
        check_space([])
