import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_studio.errors import OptionError
from latent_studio.jobs.ranges import MAX_SEED, parse_amount, parse_seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("5", [5]),
        ("0-3,70", [0, 1, 2, 3, 70]),
        ("3, 1 ,2", [3, 1, 2]),
        ("7,7", [7, 7]),
        ("2..4", [2, 3, 4]),
        (str(MAX_SEED), [MAX_SEED]),
    ],
)
def test_seeds(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "numbers and ranges"),
        ("1,", "numbers and ranges"),
        ("a-b", "numbers and ranges"),
        ("-1", "numbers and ranges"),
        ("1.5", "numbers and ranges"),
        ("5-3", "runs backwards"),
        (str(MAX_SEED + 1), "go up to 4294967295"),
        ("0-4294967295", "more than 100000"),
        ("0-99999,0", "more than 100000"),
    ],
)
def test_bad_seeds(text, message):
    with pytest.raises(OptionError, match=message):
        parse_seeds(text)


@given(st.lists(st.integers(0, MAX_SEED), min_size=1, max_size=20))
def test_any_list_reads_back(seeds):
    assert parse_seeds(",".join(map(str, seeds))) == seeds


def test_amounts():
    assert parse_amount("smile=1.5") == ("smile", 1.5)
    assert parse_amount("a=b=-2") == ("a=b", -2.0)
    for text in ("smile", "smile=", "=1", "smile=much", "smile=nan", "smile=inf"):
        with pytest.raises(OptionError, match="NAME=AMOUNT"):
            parse_amount(text)
