import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_studio.engine.backends import openvino_build, openvino_runtime
from latent_studio.engine.backends.check import fault
from latent_studio.engine.backends.torch_eager import TorchEager
from latent_studio.engine.renderer import Renderer
from latent_studio.errors import ModelError
from latent_studio.latent.directions import Direction
from latent_studio.mailbox import StopToken
from latent_studio.models.base import CONST_NOISE, Generator, ModelSpec, SynthesisState
from latent_studio.models.registry import build_generator
from latent_studio.models.snapshot import take_snapshot
from latent_studio.recipe import LatentSource, Recipe, Transform

# Not by importing it, which would report to its maker.
if not openvino_runtime.installed():
    pytest.skip("OpenVINO is not installed", allow_module_level=True)

Make = Callable[..., Generator]
NOISES = (
    {},
    {"noise_strength": 0.4},
    {"noise_mode": "none"},
    {"noise_mode": "random", "noise_seed": 3},
    {"noise_mode": "random", "noise_seed": 4, "noise_strength": 1.7},
)


def renderer(compiled, directions=()) -> Renderer:
    made = Renderer(compiled.generator, directions, "cpu")
    made.adopt(compiled.backend())
    return made


def assert_close(got: np.ndarray, wanted: np.ndarray) -> None:
    assert np.abs(got - wanted).max() <= 1e-4 * np.abs(wanted).max()


def test_a_network_is_cut_once_and_checked_when_built(compiled) -> None:
    assert compiled.built.precision == "fp32" and not compiled.built.fault
    assert compiled.built.eager_ms > 0 and compiled.built.fast_ms > 0
    backend = compiled.backend()
    assert backend.stops == [2, 3] and backend.label == "openvino fp32"
    assert fault(TorchEager(compiled.generator), backend) == ""


@pytest.mark.parametrize("noise", NOISES)
def test_every_recipe_is_the_eager_picture(compiled, noise: dict) -> None:
    recipe = Recipe.from_seed(3, psi=0.7, cutoff=3, **noise)
    recipe = recipe.with_layer(6, LatentSource.from_seed(5), 0.6)
    fast, plain = renderer(compiled), Renderer(compiled.generator, (), "cpu")
    assert_close(fast.render_float(recipe), plain.render_float(recipe))
    batch = [replace(recipe, source=LatentSource.from_seed(seed)) for seed in range(3)]
    difference = fast.render_batch(batch).astype(int) - plain.render_batch(batch)
    assert np.abs(difference).max() <= 1


edits = st.one_of(
    st.builds(lambda s: lambda r: replace(r, source=LatentSource.from_seed(s)), st.integers(0, 3)),
    st.builds(lambda p: lambda r: replace(r, psi=p), st.sampled_from([0.0, 0.5, 1.0])),
    st.builds(lambda a: lambda r: r.with_direction("late", a), st.sampled_from([-1.0, 0.0, 2.0])),
    st.builds(
        lambda layer, s: lambda r: r.with_layer(layer, LatentSource.from_seed(s), 0.5),
        st.integers(0, 7),
        st.integers(0, 3),
    ),
    st.builds(lambda n: lambda r: replace(Recipe(), source=r.source, **n), st.sampled_from(NOISES)),
)
manners = st.sampled_from(["full", "preview", "cut", "steps"])


@settings(max_examples=12)
@given(steps=st.lists(st.tuples(edits, manners), min_size=2, max_size=8))
def test_any_path_of_edits_ends_in_the_picture_of_a_fresh_renderer(compiled, steps: list) -> None:
    step = np.random.default_rng(0).standard_normal(8).astype(np.float32)
    directions = [Direction("late", step, 0.7, first=6)]
    fast, recipe = renderer(compiled, directions), Recipe()
    for edit, manner in steps:
        recipe = edit(recipe)
        if manner == "preview":
            frame = fast.render(recipe, max_resolution=16)
            assert frame.resolution in (16, 32)
        elif manner == "cut":
            left = iter([False, True])
            fast.render(recipe, cancelled=lambda left=left: next(left, True))
        else:
            fast.render(recipe, cancelled=(lambda: False) if manner == "steps" else None)
    wanted = Renderer(compiled.generator, directions, "cpu").render_float(recipe)
    assert_close(fast.render_float(recipe), wanted)


def test_late_edits_and_refinements_run_the_second_segment_alone(compiled, monkeypatch) -> None:
    fast = renderer(compiled)
    ran: list[int] = []
    call = fast.backend.call
    monkeypatch.setattr(fast.backend, "call", lambda i, x: (ran.append(i), call(i, x))[1])
    base, source = Recipe.from_seed(1), LatentSource.from_seed(2)
    fast.render(base)
    fast.render(base.with_layer(7, source, 0.1))
    ran.clear()
    for strength in (0.2, 0.3):
        fast.render(base.with_layer(7, source, strength))
    assert ran == [1, 1]
    small = fast.render(Recipe.from_seed(9), max_resolution=16)
    full = fast.render(Recipe.from_seed(9))
    assert small.preview and small.resolution == 16 and not full.preview
    assert ran[2:] == [0, 1]


def test_kept_states_are_not_written_to_again(compiled) -> None:
    backend = compiled.backend()
    first = backend.run(torch.ones(1, 8, 8), CONST_NOISE, last_block=2)
    kept = first.x.clone(), first.img.clone()
    picture = backend.run(torch.ones(1, 8, 8), CONST_NOISE, first).img.clone()
    backend.run(torch.zeros(1, 8, 8), CONST_NOISE)
    assert torch.equal(first.x, kept[0]) and torch.equal(first.img, kept[1])
    again = backend.run(torch.ones(1, 8, 8), CONST_NOISE, first).img
    assert torch.equal(again, picture)
    with pytest.raises(ValueError, match="no segment"):
        backend.run(torch.ones(1, 8, 8), CONST_NOISE, last_block=1)
    with pytest.raises(ValueError, match="no segment"):
        backend.run(torch.ones(1, 8, 8), CONST_NOISE, SynthesisState(0, first.x, None))


def test_features_of_a_cut_are_channels_last_and_come_back_without_a_copy(compiled) -> None:
    backend = compiled.backend()
    features = backend.run(torch.ones(1, 8, 8), CONST_NOISE, last_block=2).x
    assert features.shape[1] == compiled.generator.synthesis.block(2).conv1.weight.shape[0]
    assert features.is_contiguous(memory_format=torch.channels_last)
    port = backend._calls[1]._inputs[1]
    turned = features.permute(0, 2, 3, 1)
    assert port.fitted(turned).data_ptr() == features.data_ptr()


@pytest.mark.parametrize("classes", [0, 3])
def test_the_mapping_is_compiled_too(compiled, make: Make, classes: int) -> None:
    generator, backend = compiled.generator, compiled.backend()
    if classes:
        generator = make(c_dim=classes)
        built = openvino_build.build(generator, ("fp32",), 1)
        backend = openvino_build.load(generator, "fp32", built.entry, 1)
    asked: list[int] = []
    generator.mapping.register_forward_hook(lambda *_: asked.append(1))
    z = torch.randn(2, 8, generator=torch.Generator().manual_seed(0))
    c = torch.eye(3)[:2] if classes else None
    single = torch.cat(
        [backend.map(z[i : i + 1], None if c is None else c[i : i + 1]) for i in (0, 1)]
    )
    assert not asked
    together = backend.map(z, c)  # a batch: by the network itself
    assert asked == [1]
    generator.mapping._forward_hooks.clear()
    torch.testing.assert_close(single, together, rtol=1e-5, atol=1e-6)


def test_a_picture_takes_its_w_from_the_backend(compiled, monkeypatch) -> None:
    fast = renderer(compiled)
    asked: list[int] = []
    call = fast.backend._mapping.run
    monkeypatch.setattr(fast.backend._mapping, "run", lambda x: (asked.append(1), call(x))[1])
    fast.render(Recipe.from_seed(11))
    fast.render(Recipe.from_seed(11, psi=0.3))
    assert asked == [1]


def test_new_weights_go_back_to_eager(compiled, make: Make) -> None:
    fast, other = renderer(compiled), make(9)
    fast.render(Recipe.from_seed(1))
    fast.load_weights(take_snapshot(other, other.spec, "run", 1.0, 1))
    assert fast.label == "cpu fp32"
    wanted = Renderer(other, (), "cpu").render_float(Recipe.from_seed(1))
    np.testing.assert_array_equal(fast.render_float(Recipe.from_seed(1)), wanted)
    with pytest.raises(ModelError):
        fast.adopt(TorchEager(build_generator(ModelSpec("mlp", {"resolution": 8}))))


def test_another_process_builds_the_same_and_dies_with_its_token(compiled) -> None:
    built = openvino_build.build_apart(compiled.generator, ("fp32",), 1, StopToken())
    assert built.precision == "fp32" and not built.fault
    backend = openvino_build.load(compiled.generator, "fp32", built.entry, 1)
    assert fault(TorchEager(compiled.generator), backend, seeds=(1, 2)) == ""
    token = StopToken()
    token.stop()
    ended = openvino_build.build_apart(compiled.generator, ("fp32",), 1, token)
    assert not ended.entry and not ended.settled


@pytest.mark.parametrize(("code", "settled"), [(-11, True), (1, True), (-9, False), (None, False)])
def test_a_crash_is_a_verdict_an_end_from_outside_is_none(
    compiled, monkeypatch, code: int | None, settled: bool
) -> None:
    monkeypatch.setattr(openvino_build, "_run", lambda *_: code)
    built = openvino_build.build_apart(compiled.generator, ("fp32",), 1, StopToken())
    assert not built.entry and built.fault and built.settled is settled


def test_instance_norms_compile(one_thread: None) -> None:
    config = {
        "z_dim": 4,
        "w_dim": 4,
        "img_resolution": 8,
        "channel_base": 32,
        "channel_max": 4,
        "mapping_kwargs": {"num_layers": 1},
    }
    generator = build_generator(ModelSpec("stylegan1", config))
    built = openvino_build.build_apart(generator, ("fp32",), 1, StopToken())
    assert built.entry, built.fault


def test_moved_pictures_come_from_the_graph(one_thread: None) -> None:
    config = {"z_dim": 8, "w_dim": 8, "img_resolution": 16, "channel_base": 256, "channel_max": 8}
    spec = ModelSpec("stylegan3", {**config, "num_layers": 4})
    generator = build_generator(spec, torch.Generator().manual_seed(0)).eval()
    built = openvino_build.build(generator, ("fp32",), 1)
    assert not built.fault
    fast, plain = Renderer(generator, (), "cpu"), Renderer(generator, (), "cpu")
    fast.adopt(openvino_build.load(generator, "fp32", built.entry, 1))
    still = Recipe.from_seed(1)
    for recipe in [still, replace(still, transform=Transform(0.1, -0.2, 75.0)), still]:
        assert_close(fast.render_float(recipe), plain.render_float(recipe))
    batch = [replace(still, transform=Transform(0.1 * i, 0.0, -9.0 * i)) for i in range(3)]
    difference = fast.render_batch(batch).astype(int) - plain.render_batch(batch)
    assert np.abs(difference).max() <= 1


def test_wrong_pictures_are_refused(compiled, make: Make) -> None:
    other = TorchEager(make(5))
    assert "differ" in fault(other, compiled.backend())
    half = compiled.backend()
    half.dtype = torch.bfloat16
    assert "dB" in fault(other, half)


def test_networks_without_w(one_thread: None) -> None:
    generator = build_generator(ModelSpec("mlp", {"resolution": 8, "channels": 1, "z_dim": 6}))
    built = openvino_build.build(generator, ("fp32",), 1)
    assert not built.fault
    fast = Renderer(generator, (), "cpu")
    fast.adopt(openvino_build.load(generator, "fp32", built.entry, 1))
    plain = Renderer(generator, (), "cpu")
    recipes = [Recipe.from_seed(seed) for seed in range(3)]
    assert_close(fast.render_float(recipes[1]), plain.render_float(recipes[1]))
    assert np.abs(fast.render_batch(recipes).astype(int) - plain.render_batch(recipes)).max() <= 1


def test_a_damaged_entry_is_an_error_in_words(compiled) -> None:
    for entry in (b"", b"\x10\0\0\0{}", compiled.built.entry[:200]):
        with pytest.raises(ModelError):
            openvino_build.load(compiled.generator, "fp32", entry, 1)


def test_its_telemetry_is_never_loaded(compiled) -> None:
    assert compiled.built.entry  # everything of it has been used
    assert "openvino" in sys.modules
    assert not [
        name
        for name, module in sys.modules.items()
        if name.startswith("openvino_telemetry") and module is not None
    ]


def test_a_process_that_converts_nothing_does_not_load_the_converter() -> None:
    lines = (
        "import sys",
        "from latent_studio.engine.backends import openvino_runtime as runtime",
        "assert runtime.core() and 'openvino.tools.ovc' not in sys.modules",
        "assert runtime._converter().convert_model",
    )
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)


def test_precisions_are_what_the_processor_has() -> None:
    able = openvino_runtime.core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    assert ("bf16" in openvino_runtime.precisions()) == ("BF16" in able)
    assert openvino_runtime.precisions()[-1] == "fp32"
