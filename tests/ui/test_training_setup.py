"""The settings of a run: the form of the next one, and what may change while one runs."""

from importlib import import_module

import pytest
from PySide6.QtCore import Qt

from latent_studio.errors import OptionError
from latent_studio.jobs.apart import ProcessLostError
from latent_studio.jobs.presets import find_preset
from latent_studio.recipe import ModelRef
from latent_studio.ui.docks import estimate_box
from latent_studio.ui.docks.hot_form import HotField
from latent_studio.ui.docks.init_choice import InitChoice
from latent_studio.ui.docks.new_run_form import NewRunForm
from latent_studio.ui.docks.setup_page import SetupPage
from latent_studio.ui.run_settings import used_settings
from latent_studio.ui.state import LoadedModel
from latent_studio.ui.training_controller import RunState
from latent_studio.ui.training_request import NewRun, TrainRequest, check_settings, parse_setting

PATIENCE_MS = 60_000
TINY = {
    "resolution": 8,
    "channels": 3,
    "batch": 4,
    "threads": 1,
    "device": "cpu",
    "precision": "fp32",
    "tick_kimg": 0.02,
    "grid_kimg": 1.0,
    "snapshot_kimg": 1.0,
    "grid_count": 4,
}


@pytest.fixture
def training(training_context):
    return training_context.training


@pytest.fixture
def measuring():
    """Asks for the real estimate, which takes seconds."""


@pytest.fixture
def form(qtbot, training_context, request, monkeypatch):
    if "measuring" not in request.fixturenames:
        monkeypatch.setattr(estimate_box.EstimateBox, "renew", lambda self: None)
    made = NewRunForm(training_context)
    qtbot.addWidget(made)
    made.resize(1000, 200)
    training_context.training.load_presets()
    qtbot.waitUntil(lambda: made.objective.count() > 5, timeout=PATIENCE_MS)
    made.show()
    return made


@pytest.fixture
def labelled(tmp_path):
    """A data set of two classes."""
    import numpy as np
    from PIL import Image

    folder = tmp_path / "labelled"
    for name in ("cats", "dogs"):
        (folder / name).mkdir(parents=True)
        for index in range(4):
            pixels = np.full((8, 8, 3), 40 * index, np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{index}.png")
    return folder


def choose(combo, value):
    combo.setCurrentIndex(combo.findData(value))
    combo.activated.emit(combo.currentIndex())


def test_the_choices_of_the_form_reach_the_request(form, training, tmp_path):
    choose(form.objective, "hinge")
    choose(form.augment, "ada")
    form.more.set_lines(["batch=8", "generator.z_dim=32"])
    form.more.lines_changed.emit(form.more.lines())
    form.init.ask_model = lambda *_: str(tmp_path / "old.safetensors")
    form.init.choose_file()
    options = training.chosen_request().options
    assert options["objective"] == "hinge" and options["augment"] == "ada"
    assert options["batch"] == 8 and options["generator.z_dim"] == 32
    assert options["init"] == str(tmp_path / "old.safetensors")
    assert "old" in form.init.text()


def test_nothing_chosen_leaves_everything_to_the_preset(training):
    request = training.chosen_request()
    assert not {"objective", "augment", "init"} & set(request.options)
    assert not request.conditional


def test_classes_can_be_learned_only_where_there_are_some(
    qtbot, form, training, labelled, pictures
):
    with qtbot.waitSignal(training.data_reported, timeout=PATIENCE_MS):
        training.set_data(str(pictures))
    assert not form.conditional.isEnabled() and "no classes" in form.conditional.toolTip()
    with qtbot.waitSignal(training.data_reported, timeout=PATIENCE_MS):
        training.set_data(str(labelled))
    assert form.conditional.isEnabled() and "cats" in form.conditional.toolTip()
    qtbot.keyClick(form.conditional, Qt.Key.Key_Space)
    assert training.chosen_request().conditional
    training.set_data(str(pictures))
    assert not form.conditional.isEnabled() and not training.chosen_request().conditional


def test_a_wrong_setting_is_named_below_the_table(qtbot, form):
    table = form.more.table
    table.item(0, 0).setText("batch")
    table.item(0, 1).setText("many")
    qtbot.waitUntil(lambda: "'batch' must be" in form.more.message.full_text(), timeout=PATIENCE_MS)
    assert form.more.message.isVisible()
    assert table.item(0, 0).toolTip() == form.more.message.full_text()
    table.item(0, 1).setText("8")
    qtbot.waitUntil(lambda: not form.more.message.isVisible(), timeout=PATIENCE_MS)
    table.item(1, 0).setText("frobnicate=1")  # as on a command line
    assert table.item(1, 1).text() == "1"
    qtbot.waitUntil(lambda: "frobnicate" in form.more.message.full_text(), timeout=PATIENCE_MS)
    form.more.remove_row(1)
    assert form.more.lines() == ["batch=8"]
    qtbot.waitUntil(lambda: not form.more.message.isVisible(), timeout=PATIENCE_MS)


def test_each_line_is_tried_with_the_good_ones_before_it():
    lines = ["lr_decay=linear", "lr_decay=never", "n_critic=0", "data=x", "nonsense"]
    good, decay, critic, data, nonsense = check_settings("mlp-mnist", lines, {})
    assert good == ""
    assert "lr_decay" in decay and "n_critic" in critic and "control of its own" in data
    assert "key=value" in nonsense


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ("batch=8", ("batch", 8)),
        (" mirror = false ", ("mirror", False)),
        ("lr_decay=cosine", ("lr_decay", "cosine")),
        ("betas=[0.5, 0.9]", ("betas", [0.5, 0.9])),
    ],
)
def test_settings_are_read_as_on_the_command_line(line, pair):
    assert parse_setting(line) == pair


@pytest.mark.parametrize("line", ["", "batch", "=3", "batch="])
def test_what_is_no_setting_is_refused(line):
    with pytest.raises(OptionError, match="key=value"):
        parse_setting(line)
    with pytest.raises(OptionError):
        NewRun(more=(line,)).options()


def test_a_start_with_a_torn_setting_is_a_message(training_context, training):
    training_context.settings.set("train/more", ["batch"])
    training.start()
    assert not training.running
    assert "key=value" in training_context.notifications.history[-1].message


def test_the_model_on_the_canvas_can_be_gone_on_from(qtbot, training_context, training):
    ref = ModelRef("file", "/models/faces.safetensors")
    training_context.state.set_model(LoadedModel(ref, "faces", None, path=ref.name))
    choice = InitChoice(training_context)
    qtbot.addWidget(choice)
    choice.fill()
    choice.menu().actions()[1].trigger()
    assert training_context.settings.get("train/init") == "/models/faces.safetensors"
    assert "faces" in choice.text()
    choice.menu().actions()[0].trigger()
    assert "init" not in training.chosen_request().options


def test_every_choice_has_a_name_a_tooltip_and_the_tab_key(form):
    for widget in (form.objective, form.augment, form.conditional, form.init, form.more.table):
        assert widget.accessibleName() and widget.toolTip()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_only_settings_that_mean_something_are_offered():
    plain = {"generator": {"architecture": "dcgan"}, "objective": "hinge", "augment": "none"}
    assert used_settings(plain) == {"g_lr", "d_lr", "r1_gamma"}
    styled = {**plain, "generator": {"architecture": "stylegan2"}, "augment": "ada"}
    assert {"ada_target", "style_mixing"} <= used_settings(styled)
    assert "gp_weight" in used_settings({**plain, "gp_weight": 10.0})
    assert "r2_gamma" in used_settings({**plain, "objective": "relativistic"})


def test_a_change_is_shown_with_the_step_at_which_it_took_effect(
    qtbot, training_context, training, pictures, tmp_path
):
    from latent_studio.storage.run_folder import RunFolder

    page = SetupPage(training_context)
    qtbot.addWidget(page)
    page.resize(900, 200)
    page.show()
    folder = tmp_path / "runs" / "hot"
    training.start(TrainRequest(str(pictures), "mlp-mnist", str(folder), 1000.0, options=TINY))
    assert page.currentWidget() is page.hot
    form = page.hot
    qtbot.waitUntil(lambda: set(form.fields) == {"g_lr", "d_lr", "r1_gamma"}, timeout=PATIENCE_MS)
    assert form.fields["g_lr"].value() == pytest.approx(5e-4)
    assert form.since["g_lr"].text() == "from the start"
    entry = form.fields["g_lr"]
    entry.setFocus()
    entry.selectAll()
    qtbot.keyClicks(entry, "0.001")
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.since["g_lr"].text().startswith("since step"), timeout=PATIENCE_MS)
    logged = RunFolder.open(folder, write=False).read_commands()
    assert [(one["name"], one["value"]) for one in logged] == [("g_lr", 0.001)]
    assert form.since["g_lr"].text() == f"since step {logged[0]['step']:,}"
    assert f"step {logged[0]['step']:,}" in form.log.item(0).text()
    assert "0.0005 → 0.001" in form.log.item(0).text()
    training.command("lr", 3e-4)
    qtbot.waitUntil(lambda: form.fields["d_lr"].value() == pytest.approx(3e-4), timeout=PATIENCE_MS)
    training.stop()
    qtbot.waitUntil(lambda: training.state is RunState.FINISHED, timeout=PATIENCE_MS)
    assert page.currentWidget() is page.new_run


def test_small_rates_are_shown_in_full(qtbot):
    entry = HotField("g_lr", 0, 10)
    qtbot.addWidget(entry)
    entry.show_value(5e-5)
    assert entry.text() == "0.00005"
    entry.show_value(0.002)
    assert entry.text() == "0.002"
    assert entry.accessibleName() and entry.toolTip()


def test_memory_and_speed_are_estimated_before_a_start(
    qtbot, measuring, form, training_context, training, monkeypatch
):
    def call_here(target, *args, **_):
        """Another process, of which tests/jobs/test_apart.py is, imports torch for seconds."""
        module, _, name = target.partition(":")
        return getattr(import_module(module), name)(*args)

    monkeypatch.setattr("latent_studio.jobs.apart.call_apart", call_here)
    training_context.settings.set("device", "cpu")
    training_context.settings.set("train/preset", "mlp-mnist")
    training_context.settings.set("train/threads", 1)
    text, config = form.estimate.text, find_preset("mlp-mnist").config("x")
    batch = f"batch {config.batch}"
    qtbot.waitUntil(lambda: "memory" in text.text() and batch in text.text(), timeout=PATIENCE_MS)
    assert "img/s" in text.text() and f"{config.total_kimg:,.0f} kimg take" in text.text()


@pytest.fixture
def box(qtbot, training_context, monkeypatch):
    """An estimate that is about to be made, by a function that tests replace."""
    monkeypatch.setattr(estimate_box, "WAIT_MS", 0)
    made = estimate_box.EstimateBox(training_context)
    qtbot.addWidget(made)
    made.show()
    return made


FACTS = {
    "device": "cpu", "precision": "fp32", "batch": 64, "accumulate": 1, "total_kimg": 3000.0,
    "memory_bytes": 2_000_000_000, "available_bytes": 1_000_000_000, "images_per_second": None,
    "seconds_per_kimg": None, "fits": False,
}  # fmt: skip


def test_an_estimate_that_means_nothing_any_more_is_cancelled(
    qtbot, box, training_context, monkeypatch
):
    begun = []

    def measure(_target, preset, _classes, options, *, token):
        begun.append(options.get("batch"))
        if options.get("batch") == 8:
            token.wait(60)
            token.checkpoint()
        return FACTS

    monkeypatch.setattr("latent_studio.jobs.apart.call_apart", measure)
    training_context.settings.set("train/more", ["batch=8"])
    box.renew()
    qtbot.waitUntil(lambda: begun == [8], timeout=PATIENCE_MS)
    training_context.settings.set("train/more", ["batch=16"])
    box.renew()
    qtbot.waitUntil(lambda: "does not fit" in box.text.text(), timeout=PATIENCE_MS)
    assert begun == [8, 16] and "2.0 GB of 1.0 GB" in box.text.text()
    training_context.settings.set("train/more", ["batch=8"])
    box.renew()
    qtbot.waitUntil(lambda: len(begun) == 3, timeout=PATIENCE_MS)
    box.hide()  # nobody looks
    qtbot.waitUntil(lambda: not training_context.jobs.running, timeout=PATIENCE_MS)


def test_a_lost_process_is_not_spoken_of(qtbot, box, training_context, monkeypatch):
    asked = []

    def lose(*_args, **_):
        asked.append(box.text.text())
        raise ProcessLostError("killed")

    monkeypatch.setattr("latent_studio.jobs.apart.call_apart", lose)
    box.renew()
    qtbot.waitUntil(lambda: asked == ["Measuring…"], timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "Measuring" not in box.text.text(), timeout=PATIENCE_MS)
    assert box.text.text() == "Memory and speed appear here." and not box.text.styleSheet()
    assert not training_context.notifications.history
