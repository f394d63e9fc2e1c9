"""Classes by name, and mixtures whose shares add up to one."""

import pytest

from latent_studio.errors import OptionError
from latent_studio.latent.classes import (
    class_names,
    class_number,
    fits,
    mixed_in,
    shares,
    with_share,
    without,
)


def test_names_from_either_place_of_a_card():
    names = ["cat", "dog"]
    assert class_names({"classes": names}, 2) == ("cat", "dog")
    assert class_names({"source": {"classes": names}}, 2) == ("cat", "dog")
    for card in ({}, {"classes": names[:1]}, {"classes": "cd"}, {"source": "x"}, {"classes": 3}):
        assert class_names(card, 2) == ()
    assert class_names({"classes": []}, 0) == ()


def test_labels_that_a_model_can_take():
    assert fits(None, 3) and fits(2, 3) and fits((0.5, 0.5, 0.0), 3) and fits(7, 0)
    assert not fits(3, 3) and not fits((0.5, 0.5), 3)


def test_shares_of_any_label():
    assert shares(None) == {0: 1.0} and shares(3) == {3: 1.0}
    assert shares((0.0, 0.25, 0.75)) == {1: 0.25, 2: 0.75}
    assert shares((0.0, 0.0)) == {0: 0.0}


def test_mixing_classes_in_and_out():
    two = mixed_in(2, 4, 0)
    assert two == (0.5, 0.0, 0.5, 0.0)
    three = mixed_in(two, 4, 3)
    assert three == pytest.approx((1 / 3, 0, 1 / 3, 1 / 3))
    assert mixed_in(three, 4, 3) is three
    assert without(three, 4, 3) == pytest.approx(two)
    assert without(two, 4, 2) == 0 and without(0, 4, 0) == 0


def test_others_give_way_in_proportion():
    label = with_share((0.5, 0.3, 0.2), 3, 0, 0.8)
    assert label == pytest.approx((0.8, 0.12, 0.08)) and sum(label) == pytest.approx(1)
    assert with_share(label, 3, 0, 1.0) == (1.0, 0.0, 0.0)
    assert with_share(0, 3, 0, 0.6, among=[0, 2]) == (0.6, 0.0, 0.4)
    assert with_share((1.0, -1.0, 0.0), 3, 2, 0.5) == (0.25, 0.25, 0.5)
    assert with_share(7, 3, 1, 0.5) == (0.0, 0.5, 0.0)  # a number the model has not


def test_classes_by_name():
    names = ("tench, Tinca tinca", "goldfish", "crane", "Crane")
    assert class_number("Goldfish ", names) == 1
    assert class_number("tinca tinca", names) == class_number("tench, tinca tinca", names) == 0
    for name, told in (
        ("crane", "2, 3"),
        ("goldfisch", "mean goldfish"),
        ("zz", "There are tench"),
    ):
        with pytest.raises(OptionError, match=told):
            class_number(name, names)
    with pytest.raises(OptionError, match="no names"):
        class_number("cat", ())
