import copy
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from latent_studio.engine.renderer import Renderer
from latent_studio.errors import ModelError, OptionError, StudioError
from latent_studio.latent.directions import Direction
from latent_studio.latent.sampling import seed_z
from latent_studio.models.base import Generator, ModelSpec, NoiseInput
from latent_studio.models.registry import build_generator
from latent_studio.models.snapshot import take_snapshot
from latent_studio.recipe import LatentSource, Recipe

Make = Callable[..., Generator]


def test_a_picture_is_what_the_network_makes(styled: Make) -> None:
    generator = styled()
    got = Renderer(generator, (), "cpu").render_float(Recipe.from_seed(5, psi=0.6, cutoff=3))
    with torch.no_grad():
        ws = generator.broadcast(generator.mapping(torch.from_numpy(seed_z(5, 8).copy())))
        wanted = generator.synthesis(generator.truncate(ws, 0.6, 3))
    np.testing.assert_allclose(got, wanted.numpy(), atol=1e-4)
    assert got.dtype == np.float32 and got.shape == (1, 3, 32, 32)


def test_late_edits_run_only_late_blocks(watched: Make) -> None:
    generator = watched()
    renderer = Renderer(generator, (), "cpu")
    ran: list[int] = []
    for index in range(generator.synthesis.num_blocks):
        generator.synthesis.block(index).register_forward_pre_hook(
            lambda *_, index=index: ran.append(index)
        )
    base = Recipe.from_seed(1)
    renderer.render(base)
    source = LatentSource.from_seed(2)
    renderer.render(base.with_layer(7, source, 0.1))
    ran.clear()
    for strength in (0.2, 0.3, 0.4):
        renderer.render(base.with_layer(7, source, strength))
    assert ran == [3, 3, 3]
    ran.clear()
    renderer.render(base.with_layer(7, source, 0.4))
    assert ran == []


def test_a_preview_is_taken_up_where_it_ended(watched: Make) -> None:
    generator = watched()
    renderer = Renderer(generator, (), "cpu")
    ran: list[int] = []
    for index in range(generator.synthesis.num_blocks):
        generator.synthesis.block(index).register_forward_pre_hook(
            lambda *_, index=index: ran.append(index)
        )
    small = renderer.render(Recipe.from_seed(3), max_resolution=8)
    assert small.preview and small.resolution == 8 and small.model_resolution == 32
    full = renderer.render(Recipe.from_seed(3))
    assert not full.preview and full.pixels.shape == (32, 32, 4)
    assert ran == [0, 1, 2, 3]


def test_networks_without_a_pyramid_render_in_full(styled: Make, plain: Make) -> None:
    for generator in (styled(architecture="resnet"), plain()):
        frame = Renderer(generator, (), "cpu").render(Recipe(), max_resolution=4)
        assert not frame.preview
        renderer = Renderer(generator, (), "cpu")
        assert renderer.preview_resolution(Recipe(), 0.0) is None


def test_previews_appear_below_the_budget_and_show_the_edit(styled: Make) -> None:
    renderer = Renderer(styled(img_resolution=256, channel_base=512), (), "cpu")
    base = Recipe.from_seed(0)
    renderer.render(base)
    assert renderer.preview_resolution(Recipe.from_seed(1), 1e9) is None
    assert renderer.preview_resolution(Recipe.from_seed(1), 0.0) == 64
    # Row 10 is first read at 128 pixels: a picture of 64 would not change.
    late = base.with_layer(10, LatentSource.from_seed(2))
    assert renderer.preview_resolution(late, 0.0) == 128
    last = base.with_layer(13, LatentSource.from_seed(2))
    assert renderer.preview_resolution(last, 0.0) is None


def test_small_models_have_no_previews(styled: Make) -> None:
    renderer = Renderer(styled(img_resolution=64), (), "cpu")
    renderer.render(Recipe.from_seed(0))
    assert renderer.preview_resolution(Recipe.from_seed(1), 0.0) is None


def test_activations_are_those_of_the_network(styled: Make, plain: Make) -> None:
    generator = styled()
    renderer = Renderer(generator, (), "cpu")
    assert renderer.layers() == [(0, 4), (1, 8), (2, 16), (3, 32)]
    recipe = Recipe.from_seed(3).with_noise_layer(2, 2.0)
    renderer.render(recipe)
    seen: dict[int, torch.Tensor] = {}
    hooks = [
        generator.synthesis.block(block).register_forward_hook(
            lambda _m, _i, out, block=block: seen.__setitem__(block, out)
        )
        for block in range(4)
    ]
    maps = [renderer.activations(recipe, block) for block in range(4)]
    for hook in hooks:
        hook.remove()
    assert [found.shape[1] for found in maps] == [4, 8, 16, 32]
    for block, found in enumerate(maps):
        outputs = seen[block] if isinstance(seen[block], tuple) else (seen[block],)
        assert any(
            isinstance(out, torch.Tensor)
            and out.shape[1:] == found.shape
            and np.allclose(out[0].numpy(), found, atol=1e-5)
            for out in outputs
        )
    assert renderer.activations(recipe, 3, lambda: True) is None
    # Looking does not change what is drawn next.
    again = Renderer(generator, (), "cpu").render(recipe.with_direction("x", 0.0))
    np.testing.assert_array_equal(renderer.render(recipe).pixels, again.pixels)


def test_activations_without_styles() -> None:
    spec = ModelSpec("dcgan", {"resolution": 32, "z_dim": 8, "base_channels": 4})
    renderer = Renderer(build_generator(spec), (), "cpu")
    sides = [side for _block, side in renderer.layers()]
    assert sides == [4, 8, 16] or sides == [4, 8, 16, 32]
    for block, side in renderer.layers():
        found = renderer.activations(Recipe.from_seed(1), block)
        assert found.shape[1:] == (side, side) and found.dtype == np.float32
    dense = ModelSpec("mlp", {"resolution": 8, "channels": 1, "z_dim": 6})
    assert Renderer(build_generator(dense), (), "cpu").layers() == []


def test_noise_of_one_layer_changes_the_picture(styled: Make) -> None:
    generator = styled()
    base, renderer = Recipe.from_seed(1), Renderer(generator, (), "cpu")
    plain = renderer.render_float(base)
    loud = base.with_noise_layer(3, 4.0)
    got = renderer.render_float(loud)
    assert np.abs(got - plain).max() > 0.01
    np.testing.assert_allclose(Renderer(generator, (), "cpu").render_float(loud), got, atol=1e-5)
    np.testing.assert_allclose(renderer.render_float(loud.with_noise_layer(3, 1.0)), plain)
    mixed = renderer.render_batch([base, loud, base])
    assert np.array_equal(mixed[0], mixed[2]) and not np.array_equal(mixed[0], mixed[1])


def test_batches_hold_the_single_pictures_in_order(styled: Make) -> None:
    generator = styled(c_dim=2)
    recipes = [
        Recipe.from_seed(
            i, noise_mode=("const", "random", "none")[i % 3], noise_seed=i, label=i % 2, psi=0.7
        )
        for i in range(7)
    ]
    renderer = Renderer(generator, (), "cpu")
    batch = renderer.render_batch(recipes, batch=3)
    assert batch.shape == (7, 32, 32, 3) and batch.dtype == np.uint8
    for recipe, picture in zip(recipes, batch, strict=True):
        single = renderer.render(recipe).rgb().astype(int)
        assert np.abs(single - picture).max() <= 1


def test_models_without_w_and_grey_ones(plain: Make) -> None:
    generator = plain()
    renderer = Renderer(generator, (), "cpu")
    frame = renderer.render(Recipe.from_seed(4))
    with torch.no_grad():
        wanted = generator(torch.from_numpy(seed_z(4, 6).copy()))
    np.testing.assert_allclose(renderer.render_float(Recipe.from_seed(4)), wanted, atol=1e-6)
    assert frame.pixels.shape == (8, 8, 4)
    assert (frame.pixels[..., :3] == frame.pixels[..., :1]).all()
    assert renderer.render_batch([Recipe.from_seed(4)]).shape == (1, 8, 8, 1)


def test_new_weights_show_and_leave_the_given_module_alone(styled: Make) -> None:
    generator, other = styled(0), styled(9)
    renderer = Renderer(generator, (), "cpu", epoch=4)
    recipe = Recipe.from_seed(1).with_layer(7, LatentSource.from_seed(2))
    renderer.render(Recipe.from_seed(1))
    renderer.render(recipe)
    before = copy.deepcopy(generator.state_dict())
    renderer.load_weights(take_snapshot(other, other.spec, "run", 3.5, 1))
    frame = renderer.render(recipe)
    wanted = Renderer(other, (), "cpu").render(recipe)
    np.testing.assert_array_equal(frame.pixels, wanted.pixels)
    assert (frame.run, frame.kimg, frame.model_epoch) == ("run", 3.5, 4)
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())


def test_weights_of_another_network_are_refused(styled: Make) -> None:
    renderer = Renderer(styled(), (), "cpu")
    before = renderer.render(Recipe()).pixels
    for other in (styled(w_dim=4), styled(architecture="resnet"), styled(channel_max=4)):
        with pytest.raises(ModelError):
            renderer.load_weights(take_snapshot(other, other.spec, "run", 1.0, 1))
    np.testing.assert_array_equal(renderer.render(Recipe()).pixels, before)


def test_directions_can_be_replaced(styled: Make, directions: list[Direction]) -> None:
    generator = styled()
    renderer = Renderer(generator, (), "cpu")
    recipe = Recipe().with_direction("smile", 2.0)
    plain_picture = renderer.render(recipe).pixels
    renderer.set_directions(directions)
    with_smile = renderer.render(recipe).pixels
    assert (plain_picture != with_smile).any()
    wanted = Renderer(generator, directions, "cpu").render(recipe).pixels
    np.testing.assert_array_equal(with_smile, wanted)


def test_a_bad_recipe_leaves_the_renderer_working(styled: Make) -> None:
    renderer = Renderer(styled(c_dim=2), (), "cpu")
    good = renderer.render(Recipe()).pixels
    with pytest.raises(OptionError):
        renderer.render(Recipe(label=5))
    np.testing.assert_array_equal(renderer.render(replace(Recipe(), noise_seed=1)).pixels, good)


def test_lack_of_memory_is_said_in_words(styled: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = Renderer(styled(), (), "cpu")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9")

    monkeypatch.setattr(renderer.backend, "run", fail)
    with pytest.raises(StudioError, match="Not enough memory"):
        renderer.render(Recipe())
    monkeypatch.undo()
    assert renderer.render(Recipe()) is not None


def test_frames_are_never_reused_buffers(styled: Make) -> None:
    renderer = Renderer(styled(), (), "cpu")
    first = renderer.render(Recipe.from_seed(0))
    kept = first.pixels.copy()
    second = renderer.render(Recipe.from_seed(1))
    assert not np.shares_memory(first.pixels, second.pixels)
    np.testing.assert_array_equal(first.pixels, kept)


def test_noise_of_a_strength_that_is_zero_is_none(styled: Make) -> None:
    renderer = Renderer(styled(), (), "cpu")
    none = renderer.render_float(Recipe(noise_mode="none"))
    zero = renderer.render_float(Recipe(noise_mode="random", noise_strength=0.0))
    const = renderer.render_float(Recipe())
    np.testing.assert_allclose(zero, none, atol=1e-6)
    assert np.abs(const - none).max() > 1e-3
    assert NoiseInput().mode == "const"


@pytest.mark.parametrize("bad", [{"device": "tpu"}, {"precision": "fp8"}])
def test_unknown_options_name_the_known_ones(bad: dict, styled: Make) -> None:
    with pytest.raises(OptionError, match=r"[Kk]nown"):
        Renderer(styled(), **bad)


def test_half_precision_stays_close(styled: Make) -> None:
    generator = styled()
    exact = Renderer(generator, (), "cpu").render_float(Recipe())
    short = Renderer(generator, (), "cpu", "bf16")
    assert short.label == "cpu bf16"
    assert np.abs(short.render_float(Recipe()) - exact).max() < 0.1 * np.abs(exact).max()
