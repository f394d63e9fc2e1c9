"""Trials of a search in the window: listed, sorted, followed, kept, used for a new run."""

import sys

import pytest
from PySide6.QtCore import Qt

from latent_studio.jobs import presets, trials
from latent_studio.storage.run_folder import RunFolder
from latent_studio.ui import study_watch
from latent_studio.ui.docks.new_run_form import NewRunForm
from latent_studio.ui.docks.training_dock import TrainingDock
from latent_studio.ui.training_request import parse_setting, setting_line, split_options

PATIENCE_MS = 60_000
LEFT = Qt.MouseButton.LeftButton
REQUEST = {
    "id": "1",
    "data": "procedural-faces",
    "preset": "mlp-mnist",
    "conditional": False,
    "metrics": ["swd"],
    "samples": 16,
    "kimg": 0.032,
    "every": 0.016,
    "sampler": "random",
    "pruner": "none",
    "population": 4,
    "seed": 0,
    "options": {"objective": "hinge", "metrics": "swd,fd-random", "batch": 8},
    "space": {"g_lr": {"low": 1e-5, "high": 1e-2, "log": True}, "generator.hidden": [[8], [16]]},
}


class Searcher:
    """Another process's search: it has a study open and adds trials."""

    def __init__(self, folder):
        self.optuna = pytest.importorskip("optuna")
        self.optuna.logging.set_verbosity(self.optuna.logging.ERROR)
        folder.mkdir(parents=True)
        self.folder, self.file = folder, folder / "study.db"
        self.study = self.optuna.create_study(
            study_name="tune", storage=f"sqlite:///{self.file.as_posix()}"
        )
        self.study.set_user_attr("request", REQUEST)

    def add(self, value, rate=1e-3, *, steps=2, run="", **attrs):
        """A trial; ``value`` None: it goes on, or was pruned after ``steps``."""
        trial = self.study.ask()
        trial.suggest_float("g_lr", 1e-5, 1e-2, log=True)
        params = {"g_lr": rate, "generator.hidden": [16]}
        facts = {"params": params, "run": run, "place": f"elsewhere:{self.folder}", "kimg": 0.032}
        for name, fact in {**facts, **attrs}.items():
            trial.set_user_attr(name, fact)
        for step in range(1, steps + 1):
            trial.report(attrs.get("values", [float(step)])[0], step)
        if value is not None:
            self.study.tell(trial, value)
        elif attrs.get("outcome") == "pruned":
            self.study.tell(trial, state=self.optuna.trial.TrialState.PRUNED)


@pytest.fixture
def searcher(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))
    made = Searcher(tmp_path / "search")
    made.add(5.0, 1e-3, seconds=65.0)
    made.add(40.0, 1e-4)
    made.add(None, 2e-3, steps=1, outcome="pruned", reason="lags behind", values=[90.0])
    yield made
    made.study._storage.remove_session()
    made.study._storage._backend.engine.dispose()


@pytest.fixture
def page(qtbot, training_context, monkeypatch):
    monkeypatch.setattr(study_watch, "POLL_MS", 50)
    dock = TrainingDock(training_context)
    qtbot.addWidget(dock)
    dock.resize(1200, 300)
    dock.show()
    dock.tabs.setCurrentWidget(dock.tabs.trials)
    dock.tabs.trials.dock = dock
    return dock.tabs.trials


@pytest.fixture
def shown(qtbot, page, searcher):
    page.ask_folder = lambda *_: str(searcher.folder)
    page.choose_folder()
    qtbot.waitUntil(lambda: page.order.rowCount() == 3, timeout=PATIENCE_MS)
    return page


def titles(page):
    model = page.order
    return [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]


def column(page, title):
    place = titles(page).index(title)
    return [page.order.index(row, place).data() for row in range(page.order.rowCount())]


def sort(page, title, order=Qt.SortOrder.AscendingOrder):
    page.table.sortByColumn(titles(page).index(title), order)


def test_a_study_is_listed_with_what_there_is_to_know(shown):
    assert titles(shown) == [
        "Trial", "State", "swd", "g_lr", "generator.hidden", "kimg", "Time", "Pruned at",
    ]  # fmt: skip
    assert column(shown, "State") == ["done", "done", "pruned"]
    assert column(shown, "swd") == ["5", "40", "90"]
    assert column(shown, "Pruned at") == ["", "", "1"]
    assert column(shown, "Time")[0] == "1 min 05 s"
    assert shown.selected().number == 0  # the best one
    assert shown.order.index(2, 0).data(Qt.ItemDataRole.ToolTipRole) == "lags behind"
    assert shown.study.isHidden()


def test_numbers_are_sorted_as_numbers_and_gaps_come_last(shown):
    sort(shown, "swd")
    assert column(shown, "swd") == ["5", "40", "90"]
    sort(shown, "swd", Qt.SortOrder.DescendingOrder)
    assert column(shown, "swd") == ["90", "40", "5"]
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        sort(shown, "Pruned at", order)
        assert column(shown, "Pruned at") == ["1", "", ""]
    assert shown.selected().number == 0


def test_trials_that_another_process_adds_appear(qtbot, shown, searcher):
    sort(shown, "swd")
    shown._select(1)
    searcher.add(2.5, 3e-3)
    qtbot.waitUntil(lambda: column(shown, "swd") == ["2.5", "5", "40", "90"], timeout=PATIENCE_MS)
    assert shown.selected().number == 1  # the choice stays
    searcher.add(None)
    qtbot.waitUntil(lambda: "running" in column(shown, "State"), timeout=PATIENCE_MS)


def test_a_trial_becomes_a_preset(qtbot, shown, training_context):
    shown.ask_text = lambda _parent, _title, _label, wish: f"{wish}-x"
    qtbot.mouseClick(shown.buttons["keep"], LEFT)
    training = training_context.training
    own = "mlp-mnist-trial-0-x"
    with qtbot.waitSignal(
        training.presets_loaded,
        timeout=PATIENCE_MS,
        check_params_cb=lambda found: own in [preset.name for preset in found],
    ):
        pass
    config = presets.find_preset(own).config("x")
    assert (config.g_lr, config.objective, config.batch) == (1e-3, "hinge", 8)
    qtbot.mouseClick(shown.buttons["keep"], LEFT)
    said = training_context.notifications
    qtbot.waitUntil(lambda: "already" in said.history[-1].message, timeout=PATIENCE_MS)
    (message,) = [m for m in said.history if own in m.message and m.actions]
    message.actions[0][1]()
    assert training.preset == own


def test_a_trial_fills_the_form_of_a_new_run(qtbot, shown, training_context):
    training, tabs = training_context.training, shown.dock.tabs
    qtbot.mouseClick(shown.buttons["fill"], LEFT)
    assert tabs.currentWidget() is tabs.setup
    form = tabs.setup.new_run
    assert isinstance(form, NewRunForm)
    assert form.more.lines() == ["batch=8", "g_lr=0.001", "generator.hidden=[16]"]
    request = training.chosen_request()
    assert (request.preset, request.data, request.kimg) == ("mlp-mnist", "procedural-faces", None)
    options = request.options
    assert options["objective"] == "hinge" and options["generator.hidden"] == [16]
    assert (options["metrics"], options["metrics_every"]) == ("swd,fd-random", 1)


def test_the_run_of_a_trial_is_shown(qtbot, shown, searcher, training_context):
    shown._select(1)
    assert not shown.buttons["show"].isEnabled()  # it is on another computer
    config = {"total_kimg": 1.0, "data": "x", "resolution": 8, "generator": {}, "discriminator": {}}
    RunFolder.create(searcher.folder / "tune-0003", config).close()
    searcher.add(1.0, run="tune-0003")
    qtbot.waitUntil(lambda: shown.order.rowCount() == 4, timeout=PATIENCE_MS)
    shown._select(3)
    qtbot.mouseClick(shown.buttons["show"], LEFT)
    training = training_context.training
    qtbot.waitUntil(lambda: training.history.run == "tune-0003", timeout=PATIENCE_MS)
    assert training.watching
    training.unwatch()


def test_a_study_of_another_program_is_only_looked_at(qtbot, page, searcher):
    other = searcher.optuna.create_study(
        study_name="other",
        storage=f"sqlite:///{searcher.file.as_posix()}",
        directions=["maximize", "minimize"],
    )
    other.tell(other.ask({"x": searcher.optuna.distributions.FloatDistribution(0, 1)}), [1.0, 2.0])
    page.ask_study = lambda *_: str(searcher.file)
    page.choose_file()
    qtbot.waitUntil(lambda: page.study.isVisible(), timeout=PATIENCE_MS)
    page.study.setCurrentIndex(page.study.findData("other"))
    page.study.activated.emit(page.study.currentIndex())
    qtbot.waitUntil(lambda: page.found.study == "other", timeout=PATIENCE_MS)
    assert titles(page)[2:5] == ["value 1", "value 2", "x"]
    assert not any(button.isEnabled() for button in page.buttons.values())
    page.table.doubleClicked.emit(page.order.index(0, 0))


def test_what_is_no_study_is_said_and_left_alone(qtbot, page, tmp_path):
    (tmp_path / "notes.db").write_text("no database", encoding="utf-8")
    for source, words in (
        (tmp_path / "notes.db", "is no study"),
        (tmp_path, "no study.db"),
        (tmp_path / "gone.db", "no gone.db"),
        (f"sqlite:///{(tmp_path / 'new.db').as_posix()}", "no new.db"),
    ):
        page.open(str(source))
        qtbot.waitUntil(lambda words=words: words in page.message.text(), timeout=PATIENCE_MS)
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["notes.db"]


def test_without_optuna_the_page_says_how_to_get_it(qtbot, page, searcher, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    page.open(str(searcher.folder))
    qtbot.waitUntil(lambda: "latent-studio[tune]" in page.message.text(), timeout=PATIENCE_MS)
    assert page.message.isVisible() and not page.table.isVisible()


def test_a_hidden_page_reads_nothing(qtbot, shown, searcher, monkeypatch):
    shown.dock.tabs.setCurrentWidget(shown.dock.tabs.runs)
    seen = []
    monkeypatch.setattr(trials, "trials_mark", lambda source: seen.append(source) or ((1, 1),))
    searcher.add(1.0)
    qtbot.wait(150)
    assert not seen
    shown.dock.tabs.setCurrentWidget(shown)
    qtbot.waitUntil(lambda: shown.order.rowCount() == 4, timeout=PATIENCE_MS)


@pytest.mark.parametrize("value", ["linear", "8", "", " x ", [1, 2], 0.5, True, None, "[1"])
def test_a_setting_survives_its_line(value):
    assert parse_setting(setting_line("name", value)) == ("name", value)


def test_what_belongs_to_length_and_data_is_no_line():
    options = {"total_kimg": 1.0, "data": "x", "objective": "hinge", "batch": 8, "classes": 3}
    own, lines = split_options(options)
    assert lines == ["batch=8"] and own["objective"] == "hinge"


def test_a_password_is_not_shown(page, training_context):
    training_context.settings.set("train/study", "postgresql://me:secret@host/db")
    page._show_source()
    assert "secret" not in page.source.text() + page.source.toolTip() + page.source.accessibleName()
    for button in page.buttons.values():
        assert button.toolTip() and button.accessibleName()
