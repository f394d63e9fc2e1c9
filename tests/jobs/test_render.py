import numpy as np
import pytest
import torch
from PIL import Image

from latent_studio.engine.backends.choice import Prepared
from latent_studio.errors import Cancelled, ExportError, OptionError
from latent_studio.events import Notice, Progress
from latent_studio.jobs.opened import open_model
from latent_studio.jobs.render import export_grid, export_mix, layers_of, render_image
from latent_studio.mailbox import StopToken
from latent_studio.recipe import LatentSource, Recipe
from latent_studio.storage.images import read_scene
from latent_studio.storage.model_file import load_generator


@pytest.fixture(scope="module")
def styled(styled_file):
    return open_model(styled_file, device="cpu")


def stopped() -> StopToken:
    token = StopToken()
    token.stop()
    return token


def test_array_is_what_the_network_makes(styled_file, styled, tmp_path):
    render_image(styled, [Recipe.from_seed(3), Recipe.from_seed(4)], tmp_path / "x.npy")
    found = np.load(tmp_path / "x.npy")
    generator = load_generator(styled_file)
    z = np.concatenate([np.random.RandomState(s).randn(1, 8) for s in (3, 4)]).astype(np.float32)
    with torch.inference_mode():
        expected = generator(torch.from_numpy(z)).numpy()
    assert found.shape == (2, 3, 16, 16)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_png_carries_its_scene_and_the_same_pixels(styled, tmp_path):
    recipe = Recipe.from_seed(3, psi=0.7)
    path = render_image(styled, recipe, tmp_path / "x.png")
    assert read_scene(path) == styled.scene(recipe)
    values = styled.array(recipe)[0].transpose(1, 2, 0) * 127.5 + 128
    expected = np.clip(values, 0, 255).astype(np.uint8)
    assert np.abs(np.asarray(Image.open(path)).astype(int) - expected).max() <= 1
    assert np.array_equal(np.asarray(styled.image(recipe)), np.asarray(Image.open(path)))


def test_seed_is_a_recipe(styled):
    assert np.array_equal(styled.array(5), styled.array(Recipe.from_seed(5)))


def test_directions_that_a_model_has_not_are_warned_of(styled):
    recipe = Recipe.from_seed(3).with_direction("nope", 1.0)
    for make in (styled.image, styled.array):
        with pytest.warns(UserWarning, match="has no direction nope"):
            make(recipe)


def test_grey_model(digits_file, tmp_path):
    notices = []
    path = render_image(
        digits_file, Recipe.from_seed(1, psi=0.5), tmp_path / "d.png", scale=3, emit=notices.append
    )
    with Image.open(path) as image:
        assert (image.mode, image.size) == ("L", (24, 24))
    assert [n.level for n in notices if isinstance(n, Notice)] == ["warning"]


def test_several_recipes_need_npy(styled, tmp_path):
    with pytest.raises(OptionError, match=r"holds 2 pictures; write them to a .npy"):
        render_image(styled, [Recipe(), Recipe.from_seed(1)], tmp_path / "x.png")


def test_bad_targets_are_noticed_before_a_model_is_opened(tmp_path):
    with pytest.raises(OptionError, match="end it in one of"):
        render_image("no such model", 1, tmp_path / "x.exe")
    with pytest.raises(ExportError, match="does not exist"):
        export_grid("no such model", [Recipe()], tmp_path / "no" / "x.png")


def test_grid_is_in_reading_order(styled, tmp_path):
    recipes = [Recipe.from_seed(seed) for seed in range(5)]
    events = []
    path = export_grid(styled, recipes, tmp_path / "g.png", columns=2, emit=events.append)
    sheet = np.asarray(Image.open(path))
    assert sheet.shape == (48, 32, 3)
    singles = styled.pixels(recipes)
    assert np.array_equal(sheet[16:32, 16:32], singles[3])
    assert np.array_equal(sheet[32:48, 0:16], singles[4])
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done[0] == 0 and done[-1] == 5


def test_cancel_writes_nothing(styled, tmp_path):
    for job in (
        lambda: export_grid(styled, [Recipe()], tmp_path / "g.png", token=stopped()),
        lambda: render_image(styled, [Recipe()], tmp_path / "g.npy", token=stopped()),
        lambda: export_mix(
            styled, [Recipe()], [Recipe()], [0], tmp_path / "g.png", token=stopped()
        ),
    ):
        with pytest.raises(Cancelled):
            job()
    assert list(tmp_path.iterdir()) == []


def test_mixing_table(styled, tmp_path):
    rows = [Recipe.from_seed(s, psi=0.7) for s in (1, 2)]
    columns = [Recipe.from_seed(s, psi=0.7) for s in (4, 5, 6)]
    path = export_mix(styled, rows, columns, [1, 2], tmp_path / "m.png")
    sheet = np.asarray(Image.open(path))
    assert sheet.shape == (48, 64, 3)
    assert (sheet[:16, :16] == 0).all()
    assert np.array_equal(sheet[16:32, :16], styled.pixels(rows)[0])
    assert np.array_equal(sheet[:16, 48:], styled.pixels(columns)[2])
    source = LatentSource.from_seed(6)
    cell = rows[1].with_layer(1, source).with_layer(2, source)
    expected = styled.pixels([cell])[0].astype(int)
    assert np.abs(sheet[32:48, 48:] - expected).max() <= 1


def test_layers(styled, digits_file):
    assert layers_of(styled, "0-2,5") == (0, 1, 2, 5)
    with pytest.raises(OptionError, match="layers 0 to 5"):
        layers_of(styled, "6")
    with pytest.raises(OptionError, match="no layers to mix"):
        export_mix(digits_file, [Recipe()], [Recipe()], [0], "m.png")
    with pytest.raises(OptionError, match="Layer 9"):
        export_mix(styled, [Recipe()], [Recipe()], [9], "m.png")


@pytest.mark.parametrize(
    ("options", "message"),
    [({"scale": 0}, "scale must be"), ({"scale": 17}, "scale must be")],
)
def test_impossible_options(styled, tmp_path, options, message):
    with pytest.raises(OptionError, match=message):
        export_grid(styled, [Recipe()], tmp_path / "g.png", **options)


def test_too_large_a_grid(styled, tmp_path):
    with pytest.raises(OptionError, match="too many for one grid"):
        export_grid(styled, [Recipe()] * 10_001, tmp_path / "g.png")
    with pytest.raises(OptionError, match="pixels; 32768 is the most"):
        export_grid(styled, [Recipe()] * 300, tmp_path / "g.png", columns=300, scale=16)
    with pytest.raises(OptionError, match="at least one seed"):
        export_grid(styled, [], tmp_path / "g.png")


def test_device_and_precision(styled_file):
    with pytest.raises(OptionError, match="precision 'fp8'"):
        open_model(styled_file, precision="fp8")
    with pytest.raises(OptionError, match="device"):
        open_model(styled_file, device="abacus")
    assert open_model(styled_file, device="cpu").array(1).shape == (1, 3, 16, 16)


def test_backends_are_forced_or_refused(styled_file, tmp_path, monkeypatch):
    asked = []

    def prepare(generator, place, name, bits, apart=False):
        asked.append((name, bits, apart))
        return Prepared(note="it is not to be had") if name == "cudagraphs" else Prepared()

    monkeypatch.setattr("latent_studio.jobs.opened.prepare", prepare)
    monkeypatch.setattr("latent_studio.jobs.opened.wants_preparation", lambda *_: True)
    with pytest.raises(OptionError, match="choose auto, torch"):
        open_model(styled_file, backend="tpu")
    with pytest.raises(OptionError, match=r"not to be had.*choose torch"):
        open_model(styled_file, backend="cudagraphs")
    asked.clear()
    open_model(styled_file, backend="torch").expect(10_000)
    few = open_model(styled_file)
    few.expect(3)
    assert asked == []
    few.expect(100)
    assert asked == [("auto", "fp32", True)]
