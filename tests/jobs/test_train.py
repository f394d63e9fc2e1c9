import numpy as np
import pytest
import torch
from PIL import Image

from latent_studio.errors import Cancelled, DataError, OptionError, RunError, StudioError
from latent_studio.events import Notice, TrainTick
from latent_studio.jobs.opened import open_model
from latent_studio.jobs.train import train
from latent_studio.mailbox import StopToken
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_discriminator, build_generator

OPTIONS = {
    "resolution": 8,
    "batch": 4,
    "total_kimg": 0.024,
    "tick_kimg": 0.008,
    "grid_kimg": 0.0,
    "limit": 16,
    "threads": 1,
    "device": "cpu",
    "precision": "fp32",
    "grid_count": 4,
}


@pytest.fixture
def options():
    return dict(OPTIONS)


def start(out, options, **more):
    return train(out, data="procedural-faces", preset="mlp-mnist", options=options, **more)


def test_train_then_resume_and_render(tmp_path, options):
    events = []
    end = start(tmp_path / "run", {**options, "channels": None}, emit=events.append)
    assert (end.reason, end.kimg) == ("done", 0.024)
    assert any(isinstance(event, TrainTick) for event in events)
    more = train(tmp_path / "run", resume=True, options={"total_kimg": 0.04})
    assert (more.reason, more.kimg) == ("done", 0.04)
    assert open_model(tmp_path / "run", device="cpu").array(1).shape == (1, 1, 8, 8)


def test_stop_saves(tmp_path, options):
    token = StopToken()

    def stop_at_first_tick(event):
        if isinstance(event, TrainTick):
            token.stop()

    run = tmp_path / "run"
    end = start(run, {**options, "total_kimg": 100.0}, token=token, emit=stop_at_first_tick)
    assert end.reason == "stopped"
    assert 0 < end.kimg < 1
    again = train(run, resume=True, options={"total_kimg": end.kimg + 0.004})
    assert again.kimg > end.kimg


def test_a_token_stopped_before(tmp_path, options):
    token = StopToken()
    token.stop()
    try:
        end = start(tmp_path / "run", {**options, "limit": 9}, token=token)
    except Cancelled:
        return  # while the data were read
    assert end.reason == "stopped"


def test_classes_are_learnt_on_request(tmp_path, options):
    for name in ("a", "b"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for index in range(4):
            picture = np.full((8, 8), 60 * index, np.uint8)
            Image.fromarray(picture).save(tmp_path / "data" / name / f"{index}.png")
    work = {"data": tmp_path / "data", "preset": "mlp-mnist", "options": options}
    train(tmp_path / "run", conditional=True, **work)
    model = open_model(tmp_path / "run", device="cpu")
    assert model.capabilities.classes == 2 and model.bundle.card["classes"] == ["a", "b"]
    with pytest.raises(OptionError, match="no classes to learn"):
        train(tmp_path / "x", conditional=True, **{**work, "data": tmp_path / "data" / "a"})
    assert not (tmp_path / "x").exists()


def test_a_run_is_not_overwritten(tmp_path, options):
    start(tmp_path / "run", options)
    before = (tmp_path / "run" / "config.json").read_bytes()
    with pytest.raises(RunError, match="holds a run already"):
        start(tmp_path / "run", options)
    assert (tmp_path / "run" / "config.json").read_bytes() == before
    with pytest.raises(OptionError, match="started with the preset mlp-mnist"):
        train(tmp_path / "run", preset="dcgan-64", resume=True)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"preset": "mlp-mnist"}, OptionError, "needs data"),
        ({"data": "procedural-faces"}, OptionError, "needs a preset"),
        ({"data": "procedural-faces", "preset": "x"}, OptionError, "no preset 'x'"),
        ({"data": "no/such", "preset": "mlp-mnist"}, DataError, "no/such"),
        ({"resume": True}, RunError, "no run in .* to resume"),
        (
            {"data": "procedural-faces", "preset": "mlp-mnist", "options": {"batch": 0}},
            OptionError,
            "'batch' must be from 1",
        ),
        (
            {"data": "procedural-faces", "preset": "mlp-mnist", "options": {"batchs": 1}},
            OptionError,
            r"Unknown training option: batchs\. Did you mean batch\?",
        ),
        (
            {"data": "procedural-faces", "preset": "dcgan-64", "options": {"resolution": 60}},
            (OptionError, Exception),
            "60",
        ),
    ],
)
def test_impossible_requests(tmp_path, arguments, error, message):
    with pytest.raises(error, match=message):
        train(tmp_path / "run", **arguments)
    assert not (tmp_path / "run").exists()


def test_a_file_in_place_of_the_folder(tmp_path, options):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match="is a file"):
        start(tmp_path / "file", options)
    with pytest.raises(StudioError, match="file"):
        start(tmp_path / "file" / "run", options)


@pytest.mark.parametrize("judged", [True, False])
def test_going_on_from_another_programs_file(tmp_path, options, judged):
    """Its networks are built, whatever the preset's are, and its weights are where it begins."""
    config = {"z_dim": 6, "w_dim": 10, "img_resolution": 8, "widths": [5, 7]}
    spec = ModelSpec("stylegan2", {**config, "mapping_kwargs": {"num_layers": 3}})
    g = build_generator(spec, torch.Generator().manual_seed(1))
    sizes = {"img_resolution": 8, "widths": [4, 6], "architecture": "orig"}
    d = build_discriminator(ModelSpec("stylegan2", sizes), torch.Generator().manual_seed(2))
    average = {name: value + 0.25 for name, value in g.state_dict().items()}
    content = {"g_ema": average, "g": g.state_dict()}
    content |= {"D": d.state_dict()} if judged else {}
    theirs = tmp_path / "theirs.pt"
    torch.save(content, theirs)
    del options["resolution"]  # the file's
    options |= {"g_lr": 1e-9, "d_lr": 1e-9, "total_kimg": 0.008, "init": str(theirs)}
    options |= {"augment": "none", "ema_kimg": 1000.0}
    events = []
    run = tmp_path / "run"
    end = train(
        run,
        data="procedural-faces",
        preset="stylegan2-64-cpu",
        options=options,
        emit=events.append,
    )
    assert end.reason == "done"
    (said,) = [e.message for e in events if isinstance(e, Notice) and "Began from" in e.message]
    whole = len(list(g.parameters()))
    beside = f"and {len(list(d.parameters()))} of" if judged else "is new"
    assert f"{whole} of {whole} weights of the generator" in said and beside in said
    generator = open_model(run, device="cpu").renderer.generator
    assert generator.spec.config["widths"] == [5, 7] and generator.z_dim == 6
    for name, value in generator.named_parameters():
        assert torch.allclose(value, average[name], atol=1e-3), name


@pytest.fixture
def two_classes(tmp_path):
    """Pictures in two folders."""
    chance = np.random.RandomState(0)
    for name in ("cats", "dogs"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(8):
            pixels = chance.randint(0, 255, (8, 8, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "data" / name / f"{number}.png")
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("known", "conditional", "words"),
    [
        (3, False, ("knows 3 classes, this training learns none", "fc0.weight")),
        (3, True, ("knows 3 classes, the data have 2", "embed.weight")),
        (2, True, ()),
        (0, True, ("knows no classes; the 2 of the data",)),
    ],
)
def test_classes_of_another_programs_file_are_not_lost_without_a_word(
    tmp_path, options, two_classes, known, conditional, words
):
    config = {"z_dim": 6, "c_dim": known, "w_dim": 10, "img_resolution": 8, "widths": [5, 7]}
    g = build_generator(ModelSpec("stylegan2", config), torch.Generator().manual_seed(1))
    theirs = tmp_path / "theirs.pt"
    torch.save(g.state_dict(), theirs)
    del options["resolution"]
    options |= {"total_kimg": 0.0, "init": str(theirs)}
    events = []
    train(
        tmp_path / "run",
        data=two_classes,
        preset="stylegan2-64-cpu",
        conditional=conditional,
        options=options,
        emit=events.append,
    )
    (said,) = [e.message for e in events if isinstance(e, Notice) and "Began from" in e.message]
    for part in words:
        assert part in said
    assert words or ("classes" not in said and "New" not in said)


def test_another_family_is_not_begun_from(tmp_path, options):
    config = {"z_dim": 6, "w_dim": 10, "img_resolution": 8, "channel_base": 32, "channel_max": 4}
    theirs = tmp_path / "theirs.pt"
    torch.save(build_generator(ModelSpec("stylegan2", config)).state_dict(), theirs)
    with pytest.raises(OptionError, match="is a stylegan2 model"):
        start(tmp_path / "run", {**options, "init": str(theirs)})
