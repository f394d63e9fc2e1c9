"""Grids and tables."""

import numpy as np
import pytest

from latent_studio.errors import OptionError
from latent_studio.storage.grid import compose_grid, compose_table, grid_shape


def flat(*values: int, channels: int = 3) -> np.ndarray:
    """Pictures of one value each, 2 high and 3 wide."""
    return np.stack([np.full((2, 3, channels), value, np.uint8) for value in values])


def test_grid_places_row_by_row() -> None:
    sheet = compose_grid(flat(1, 2, 3), columns=2, padding=1, background=9)
    assert sheet.shape == (7, 9, 3)
    assert sheet[1, 1, 0] == 1 and sheet[1, 5, 0] == 2 and sheet[4, 1, 0] == 3
    assert (sheet[4:6, 5:8] == 9).all()
    assert (sheet[0] == 9).all() and (sheet[:, 4] == 9).all() and (sheet[-1] == 9).all()


def test_grid_takes_colours_grey_and_generators() -> None:
    assert compose_grid(flat(1)[..., 0], 1).shape == (2, 3, 1)
    sheet = compose_grid(flat(1), 1, padding=1, background=(1, 2, 3))
    assert sheet[0, 0].tolist() == [1, 2, 3]
    lazy = compose_grid((picture for picture in flat(1, 2, 3, 4)), 2, count=4)
    assert np.array_equal(lazy, compose_grid(flat(1, 2, 3, 4), 2))


@pytest.mark.parametrize(
    ("count", "columns", "expected"),
    [(1, None, (1, 1)), (10, None, (3, 4)), (64, 16, (4, 16)), (3, 8, (1, 3))],
)
def test_grid_shape(count: int, columns: int | None, expected: tuple[int, int]) -> None:
    assert grid_shape(count, columns) == expected


def test_table_has_sources_on_its_edges() -> None:
    cells = np.stack([flat(11, 12, 13), flat(21, 22, 23)])
    sheet = compose_table(cells, flat(10, 20), flat(1, 2, 3), background=255)
    corners = sheet[::2, ::3, 0]
    assert corners.tolist() == [[255, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]
    assert compose_table(cells)[::2, ::3, 0].tolist() == [[11, 12, 13], [21, 22, 23]]
    assert compose_table(cells, row_sources=flat(10, 20)).shape == (4, 12, 3)


def test_impossible_sheets_are_refused() -> None:
    with pytest.raises(OptionError, match="at least one picture"):
        compose_grid(flat(1)[:0])
    with pytest.raises(OptionError, match="at least one picture"):
        compose_grid(iter(()), count=2)
    with pytest.raises(OptionError, match="column"):
        compose_grid(flat(1), 0)
    with pytest.raises(OptionError, match="padding"):
        compose_grid(flat(1), 1, padding=-1)
    with pytest.raises(OptionError, match="background"):
        compose_grid(flat(1), 1, background=(1, 2))
    with pytest.raises(OptionError, match="one size"):
        compose_grid([flat(1)[0], flat(1, channels=1)[0]], 2)
    with pytest.raises(OptionError, match="uint8"):
        compose_grid(flat(1).astype(float))
    with pytest.raises(OptionError, match="2 columns but 3 column sources"):
        compose_table(flat(1, 2)[None], column_sources=flat(1, 2, 3))
    with pytest.raises(OptionError, match="at least one row"):
        compose_table(flat(1))
