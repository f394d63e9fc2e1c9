"""Many pictures in one: plain grids, and tables with their sources on the edges.

Pictures are uint8 ``[H, W, C]`` with C = 1, 3 or 4; results likewise.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from latent_studio.errors import OptionError


def grid_shape(count: int, columns: int | None = None) -> tuple[int, int]:
    """Rows and columns for ``count`` pictures; about square when ``columns`` is None.

    Raises
    ------
    OptionError
        If there is nothing to show or no column to show it in.
    """
    if count < 1:
        raise OptionError("A grid needs at least one picture.")
    if columns is None:
        columns = math.ceil(math.sqrt(count))
    if columns < 1:
        raise OptionError(f"A grid needs at least one column, not {columns}.")
    columns = min(columns, count)
    return math.ceil(count / columns), columns


def compose_grid(
    images: np.ndarray | Sequence[np.ndarray] | Iterable[np.ndarray],
    columns: int | None = None,
    padding: int = 0,
    background: int | Sequence[int] = 0,
    count: int | None = None,
) -> np.ndarray:
    """Lay pictures out row by row.

    Parameters
    ----------
    images
        uint8 ``[N, H, W, C]`` or ``[N, H, W]``, or an iterable of pictures of one size (taken
        one by one; give ``count`` then).
    columns
        Pictures a row; about square when None.
    padding
        Pixels between pictures and around them.
    background
        Colour of padding and of empty places: grey value or one value a channel.
    count
        How many pictures an iterable without length gives.

    Returns
    -------
    numpy.ndarray
        uint8 ``[rows * (H + p) + p, columns * (W + p) + p, C]``.

    Raises
    ------
    OptionError
        If the pictures differ in size, are none, or ``padding`` is negative.
    """
    total = count if count is not None else len(images)  # type: ignore[arg-type]
    rows, columns = grid_shape(total, columns)
    sheet: _Sheet | None = None
    for index, image in enumerate(images):
        sheet = sheet or _Sheet(image, rows, columns, padding, background)
        sheet.place(image, index // columns, index % columns)
    if sheet is None:
        raise OptionError("A grid needs at least one picture.")
    return sheet.pixels


def compose_table(
    cells: np.ndarray,
    row_sources: Sequence[np.ndarray] | np.ndarray | None = None,
    column_sources: Sequence[np.ndarray] | np.ndarray | None = None,
    padding: int = 0,
    background: int | Sequence[int] = 0,
) -> np.ndarray:
    """A table of pictures with row sources at the left and column sources at the top.

    Parameters
    ----------
    cells
        uint8 ``[rows, columns, H, W, C]``.
    row_sources
        ``[rows, H, W, C]``, or None for no left edge.
    column_sources
        ``[columns, H, W, C]``, or None for no top edge.
    padding, background
        As for :func:`compose_grid`; the corner shows the background.

    Raises
    ------
    OptionError
        If numbers or sizes do not fit.
    """
    if cells.ndim != 5 or 0 in cells.shape:
        raise OptionError("A table needs at least one row and one column of pictures.")
    rows, columns = cells.shape[:2]
    for name, sources, wanted in (
        ("row", row_sources, rows),
        ("column", column_sources, columns),
    ):
        if sources is not None and len(sources) != wanted:
            raise OptionError(f"The table has {wanted} {name}s but {len(sources)} {name} sources.")
    top, left = int(column_sources is not None), int(row_sources is not None)
    sheet = _Sheet(cells[0, 0], rows + top, columns + left, padding, background)
    for column, image in enumerate(() if column_sources is None else column_sources):
        sheet.place(image, 0, column + left)
    for row in range(rows):
        if row_sources is not None:
            sheet.place(row_sources[row], row + top, 0)
        for column in range(columns):
            sheet.place(cells[row, column], row + top, column + left)
    return sheet.pixels


class _Sheet:
    """An empty sheet with places for pictures that look like ``first``."""

    def __init__(
        self,
        first: np.ndarray,
        rows: int,
        columns: int,
        padding: int,
        background: int | Sequence[int],
    ) -> None:
        if padding < 0:
            raise OptionError(f"The padding must be 0 or more pixels, not {padding}.")
        height, width, channels = _as_hwc(first).shape
        self.shape, self.padding = (height, width, channels), padding
        self.pixels = np.empty(
            (
                rows * (height + padding) + padding,
                columns * (width + padding) + padding,
                channels,
            ),
            dtype=np.uint8,
        )
        try:
            self.pixels[:] = np.asarray(background, dtype=np.uint8)
        except (ValueError, OverflowError) as error:
            raise OptionError(
                f"The background needs one value from 0 to 255, or {channels} of them.", str(error)
            ) from error

    def place(self, image: np.ndarray, row: int, column: int) -> None:
        image = _as_hwc(image)
        height, width, _ = self.shape
        if image.shape != self.shape:
            raise OptionError(
                f"The pictures of a grid must have one size; got {_size(image.shape)} beside "
                f"{_size(self.shape)}."
            )
        y = self.padding + row * (height + self.padding)
        x = self.padding + column * (width + self.padding)
        self.pixels[y : y + height, x : x + width] = image


def _as_hwc(image: np.ndarray) -> np.ndarray:
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or 0 in image.shape:
        raise OptionError(f"A picture is uint8 [H, W, C], not {image.dtype} {list(image.shape)}.")
    return image[:, :, None] if image.ndim == 2 else image


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]} with {shape[2]} channels"
