import json
from dataclasses import replace

import pytest
import torch

from latent_studio.data.dataset import open_dataset
from latent_studio.engine.backends.choice import Prepared
from latent_studio.engine.backends.torch_eager import TorchEager
from latent_studio.errors import Cancelled, OptionError, StudioError
from latent_studio.jobs import bench
from latent_studio.jobs.bench import machine, plain, race, report, train
from latent_studio.jobs.meter import Meter
from latent_studio.jobs.presets import find_preset
from latent_studio.mailbox import StopToken
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.training.device import resolve

TINY = {"z_dim": 8, "w_dim": 8, "channel_base": 64, "channel_max": 8}


def test_frames_are_timed_against_the_plain_formulation(styled_file):
    done = bench.bench_render(
        styled_file,
        precisions=["fp32", "bf16"],
        backends=["torch"],
        repeats=1,
        threads=1,
        device="cpu",
    )
    full, partial = done.tables
    names = [row.name for row in full.rows]
    assert names == [
        "plain formulation, fp32",
        "own module, eager fp32",
        "torch fp32",
        "torch bf16",
    ]
    assert full.rows[0].ratio is None
    assert all(row.ratio is not None and row.ratio.value > 0 for row in full.rows[1:])
    kinds = [row.name.partition(" | ")[2].partition(" ")[0] for row in partial.rows]
    assert kinds == ["last", "preview"] * 2
    (rates,) = done.notes
    assert "GFLOP/s in fp32" in rates and "GFLOP/s in bf16" in rates


def test_other_backends_race_too(styled_file, monkeypatch):
    asked = []

    def prepare(generator, device, name, precision, *, token, folder):
        asked.append((name, precision))
        assert folder.is_dir()
        if precision == "bf16":
            return Prepared(note="No.")
        return Prepared(TorchEager(generator, device))

    monkeypatch.setattr("latent_studio.jobs.bench.render.prepare", prepare)
    done = bench.bench_render(
        styled_file, precisions=["fp32", "bf16"], backends=["openvino"], repeats=1, device="cpu"
    )
    assert asked == [("openvino", "fp32"), ("openvino", "bf16")]
    assert done.tables[0].rows[-1].name == "openvino fp32"
    assert any("no openvino bf16. No." in note for note in done.notes)
    with pytest.raises(OptionError, match="no backend"):
        bench.bench_render(styled_file, backends=["warp"])


def test_models_without_a_plain_twin_have_no_ratio(digits_file):
    done = bench.bench_render(
        digits_file, precisions=["fp32"], backends=["torch"], repeats=1, device="cpu"
    )
    assert [row.name for row in done.tables[0].rows] == ["torch fp32"]
    assert done.tables[0].rows[0].ratio is None
    assert "no ratio" in done.notes[0].lower()


def test_random_weights_are_timed_where_no_model_is_named(monkeypatch):
    monkeypatch.setattr("latent_studio.jobs.bench.render._BASES", {8: 32})
    done = bench.bench_render(
        sizes=[8], precisions=["fp32"], backends=["torch"], repeats=1, device="cpu"
    )
    assert done.tables[0].title.startswith("StyleGAN2 8²")


def test_a_twin_that_makes_other_pictures_is_refused(monkeypatch):
    config = {**TINY, "img_resolution": 8}
    generator = build_generator(ModelSpec("stylegan2", config), torch.Generator().manual_seed(0))
    plain.plain_generator(generator)
    for bad in ({"resample_filter": (1, 2, 1)}, {"activation": "relu"}):
        spec = ModelSpec("stylegan2", {**config, **bad})
        other = build_generator(spec, torch.Generator().manual_seed(0))
        with pytest.raises(StudioError, match="other pictures"):
            plain.plain_generator(other)
    with pytest.raises(StudioError, match="not part of this installation"):
        plain.plain_module("nothing")


@pytest.fixture
def tiny_preset(monkeypatch):
    preset = replace(
        find_preset("stylegan2-64-cpu"),
        resolution=16,
        generator={**TINY, "mapping_kwargs": {"num_layers": 1}},
        discriminator={"channel_base": 64, "channel_max": 8},
    )
    monkeypatch.setattr(train, "find_preset", lambda name: preset)
    monkeypatch.setattr(train, "_PICTURES", 8)
    return preset


def test_training_is_timed_against_the_plain_loop(tiny_preset):
    done = bench.bench_train(
        batch=4, precisions=["fp32", "bf16"], repeats=1, threads=1, device="cpu"
    )
    rows = done.tables[0].rows
    ours = ["our step, fp32", "our step, bf16"]
    assert [row.name for row in rows] == [train.PLAIN, train.PLAIN_FRESH, *ours]
    assert [row.ratio is None for row in rows] == [True, False, False, False]
    assert all(row.series.median > 0 for row in rows)


def test_the_plain_loop_takes_the_preset_s_step(tiny_preset, tmp_path):
    """What is timed as the plain loop does what our step does."""
    torch.set_num_threads(1)
    options = {"device": "cpu", "precision": "fp32", "batch": 4, "limit": 8}
    config = resolve(tiny_preset.config("procedural-faces", **options))
    dataset = open_dataset(config.data, resolution=16, channels=3, limit=8, cache_dir=tmp_path)
    seen = []

    class Watched(plain.plain_module("reference_training").PlainLoop):
        def step(self, *args):
            seen.append(super().step(*args))
            return seen[-1]

    module = plain.plain_module("reference_training")
    before, module.PlainLoop = module.PlainLoop, Watched
    try:
        run = train.plain_loop(config, dataset, fresh=False)
    finally:
        module.PlainLoop = before
    run(1600)
    run(1601)
    assert ["R1" in losses for losses in seen] == [True, False]


def test_other_trainings_have_no_plain_loop():
    config = resolve(find_preset("stylegan2-64-cpu").config("x", device="cpu", precision="fp32"))
    assert train.has_plain_loop(config)
    for change in ({"objective": "hinge"}, {"r1_interval": 1}, {"augment": "ada"}, {"n_critic": 2}):
        assert not train.has_plain_loop(replace(config, **change))
    dcgan = find_preset("dcgan-64").config("x", device="cpu", precision="fp32")
    assert not train.has_plain_loop(resolve(dcgan))
    with pytest.raises(OptionError, match="no preset"):
        bench.bench_train("x")


def test_kinds_of_steps_count_as_often_as_they_come():
    config = find_preset("stylegan2-64-cpu").config("x")
    cycle, kinds = train.step_kinds(config)
    assert cycle == 16
    assert kinds == {0: 1 / 16, 1: 14 / 16, 8: 1 / 16}
    cycle, kinds = train.step_kinds(replace(config, pl_weight=2.0, pl_interval=3))
    assert cycle == 48
    assert sum(kinds.values()) == pytest.approx(1)


def test_runners_take_turns_in_changing_order():
    log = []
    runners = {name: lambda turn, name=name: log.append((turn, name)) for name in "abc"}
    times = race.race(runners, 3, Meter(5, ""), warm_up=1)
    assert {name: len(values) for name, values in times.items()} == {"a": 3, "b": 3, "c": 3}
    order = ["".join(name for turn, name in log if turn == t) for t in range(4)]
    assert order == ["abc", "bca", "cab", "abc"]
    assert race.race({"own": lambda turn: 7.0}, 1, Meter(1, ""), warm_up=0) == {"own": [7.0]}
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        race.race(runners, 1, Meter(1, "", token=token))


def test_a_report_reads_as_a_table_and_as_json(tmp_path):
    fast = report.Row("fast", report.Series((1.0, 2.0, 3.0)), report.Ratio(4.0, 3.5, 4.5))
    table = report.Table("Title", "ms", [report.Row("slow", report.Series((8.0,))), fast])
    facts = machine.describe_machine(3)
    done = report.Report("render", facts, {"repeats": 3}, [table], ["A note."], {"count": 5})
    text = "\n".join(done.lines())
    assert "3 threads" in text
    assert torch.__version__ in text
    assert "4.00 × (3.50–4.50)" in text
    done.write(tmp_path / "x.json")
    read = json.loads((tmp_path / "x.json").read_text("utf-8"))
    assert read["machine"]["threads"] == 3
    assert read["tables"][0]["rows"][1]["ratio"]["value"] == 4.0
    assert read["tables"][0]["rows"][1]["median"] == 2.0


def test_ratios_are_of_rounds_that_did_both():
    assert report.Ratio.paired([2, 40, 6], [1, 20, 2]).value == 2


def test_the_machine_is_named():
    facts = machine.describe_machine()
    assert facts["cpu"]
    assert facts["cores"] >= 1
    assert isinstance(facts["isa"], list)
    assert facts["torch"] == torch.__version__
