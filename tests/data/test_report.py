"""The report goes to JSON and back, and reads well."""

import pytest

from latent_studio.data.report import DataReport
from latent_studio.errors import DataError


def test_round_trip():
    report = DataReport(
        "x", 3, {(4, 5): 3}, {"L": 3}, ["a"], ["smile"], [("f", "damaged")], 2, ["note"]
    )
    assert DataReport.from_json(report.to_json()) == report


@pytest.mark.parametrize("value", [{}, {"sizes": 3}, {"sizes": [], "problems": [], "odd": 1}])
def test_what_is_no_report(value):
    with pytest.raises(DataError):
        DataReport.from_json(value)


def test_lines_are_short_however_much_there_is():
    problems = [(f"{i}.png", "damaged") for i in range(1000)]
    sizes = {(i, i): 1 for i in range(1, 500)}
    report = DataReport("x", 1, sizes, problems=problems, classes=[str(i) for i in range(999)])
    lines = report.lines()
    assert lines[0] == "x: 1 image"
    assert len(lines) < 20
    assert max(map(len, lines)) < 200
    assert "and 992 more" in lines[-1]
