"""The window is measured in a process of its own; what it prints becomes a table."""

import json
import subprocess
import sys

import pytest

from latent_studio.errors import StudioError
from latent_studio.jobs import bench
from latent_studio.jobs.bench import window

STAGES = {name: [0.1 * place, 0.05 * place] for place, name in enumerate(window.STAGES, 1)}
START = {"stages": STAGES, "stall": 12.0}
DRAG = {
    "latency": [10.0, 20.0, 90.0],
    "frame": [5.0, 6.0],
    "lateness": [1.0, 2.0, 3.0],
    "previews": 1,
    "pictures": 30.0,
    "label": "cpu fp32",
    "at_rest": 20.0,
    "moving": 5.0,
}


@pytest.fixture
def child(monkeypatch):
    """Answers of the processes that would have been started, and how they were called."""
    calls, answers = [], []

    def run(command, env, **_):
        calls.append((command, env))
        code, text, errors = answers.pop(0)
        return subprocess.CompletedProcess(command, code, text, errors)

    monkeypatch.setattr(window.subprocess, "run", run)
    return calls, answers


def test_starts_are_timed_by_stage(child):
    calls, answers = child
    answers += [(0, json.dumps(START), "")] * 3
    done = bench.bench_startup("faces", repeats=2)
    command, environment = calls[-1]
    assert command[:2] == [sys.executable, "-c"]
    assert "latent_studio.cli.gui" in command[2]
    assert command[4] == "faces"
    assert environment["LATENT_STUDIO_HOME"] != calls[0][1]["LATENT_STUDIO_HOME"]
    assert [row.name for row in done.tables[0].rows] == list(window.STAGES.values())
    assert done.tables[0].rows[-1].series.values == (1.1, 1.1)
    assert done.tables[1].rows[0].series.median == 12


def test_drags_are_timed_with_and_without_a_training(child):
    calls, answers = child
    answers += [(0, f"a word\n{json.dumps(DRAG)}", "")] * 2
    done = bench.bench_drag("faces", seconds=3)
    assert [json.loads(command[3])["training"] for command, _ in calls] == [False, True]
    assert len(done.tables) == 2
    assert done.tables[0].rows[0].series.median == 20
    assert "p99 90.0" in done.tables[0].rows[0].remark
    assert done.figures["a training beside it"]["latency_p99"] == 90
    assert any("20.0 img/s while the hand rested, 5.0 img/s" in note for note in done.notes)
    json.dumps(done.to_json())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((1, "", "Traceback\nno display"), "no display"),
        ((0, "", ""), "nothing said"),
        ((0, "no json", "why"), "why"),
        ((0, '{"error": "no picture came"}', ""), "no picture came"),
    ],
)
def test_a_window_that_cannot_be_measured_is_an_error(child, answer, said):
    child[1].append(answer)
    with pytest.raises(StudioError, match=said):
        bench.bench_startup(repeats=1)
