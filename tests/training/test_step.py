"""What a step does with every setting, and that dividing a batch changes nothing."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from test_resume import assert_equal, final_state
from tiny_runs import tiny_config, tiny_dataset

from latent_studio.errors import OptionError, StudioError
from latent_studio.events import Notice
from latent_studio.models.spectral import SpectralNorm
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training.config import TrainConfig
from latent_studio.training.losses import OBJECTIVES
from latent_studio.training.parts import Shard
from latent_studio.training.presets import find_preset
from latent_studio.training.progression import progress_at
from latent_studio.training.schedule import rate_factor
from latent_studio.training.start import run_training
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics
from latent_studio.training.step import Stepper


def stepped(config: TrainConfig, steps: int = 2, **options: Any) -> TrainState:
    state = TrainState(config, tiny_dataset(config.classes))
    stepper = Stepper(config, state, Statistics(), **options)
    for _ in range(steps):
        stepper.run()
    return state


def weights(state: TrainState) -> dict[str, torch.Tensor]:
    networks = {"G": state.generator, "D": state.discriminator, "A": state.average}
    return {
        f"{key}.{name}": value.detach().clone()
        for key, network in networks.items()
        for name, value in network.state_dict().items()
    }


def assert_close(one: TrainState, two: TrainState) -> None:
    a, b = weights(one), weights(two)
    # the centre of w follows part by part; the averaged network measures its own
    for name in a.keys() - {"G.mapping.w_avg", "A.mapping.w_avg"}:
        torch.testing.assert_close(a[name], b[name], rtol=1e-4, atol=1e-5, msg=name)


# every objective with every family; sums of squares in eps keep Adam's first steps comparable
@pytest.mark.parametrize("architecture", ["mlp", "dcgan", "stylegan2"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_moves_every_family(architecture: str, objective: str) -> None:
    options = {**OBJECTIVES[objective].options, "n_critic": 2}
    if architecture == "dcgan" and options.get("gp_weight"):
        options["discriminator.norm"] = "layer"
    if architecture == "stylegan2" and options.get("weight_clip"):
        options["weight_clip"] = 1.0  # its weights have unit variance
    config = tiny_config(architecture, objective=objective, **options)
    state = TrainState(config, tiny_dataset())
    before = weights(state)
    stats = Statistics()
    stepper = Stepper(config, state, stats)
    stepper.run()
    stepper.run()
    after = weights(state)
    learned = [f"G.{n}" for n, _ in state.generator.named_parameters()]
    learned += [f"D.{n}" for n, _ in state.discriminator.named_parameters()]
    still = [n for n in learned if torch.equal(before[n], after[n]) and after[n].numel() > 3]
    assert not still
    assert all(torch.isfinite(value).all() for value in after.values())
    assert state.counters.images == 2 * 2 * config.batch
    if config.weight_clip:
        assert max(p.abs().max() for p in state.d_adam.params) <= config.weight_clip


@pytest.mark.parametrize(
    "options",
    [
        {"r1_gamma": 0.0},
        {"r1_gamma": 2.0, "r2_gamma": 1.0, "r1_interval": 2},
        {"style_mixing": 0.9, "classes": 2},
        {"pl_weight": 2.0, "pl_interval": 2},
        {"objective": "wgan-gp", "gp_weight": 10.0, "n_critic": 2},
        {"objective": "relativistic", "r2_gamma": 1.0, "r1_interval": 1},
    ],
    ids=str,
)
def test_a_batch_in_parts_is_the_same_batch(options: dict[str, Any]) -> None:
    settings = {"batch": 16, "reuse_fakes": False, "eps": 1e-3, **options}
    whole = stepped(tiny_config("stylegan2", **settings))
    # the mean of the lengths moves part by part, so only path lengths may differ a little
    parts = stepped(tiny_config("stylegan2", accumulate=2, **settings))
    if "pl_weight" not in options:
        assert_close(whole, parts)
    assert_equal(whole.random.state_dict(), parts.random.state_dict())


def test_shards_average_to_the_whole() -> None:
    """Two processes' gradients, each of its own rows, have the whole batch's gradient as mean."""
    config = tiny_config("stylegan2", batch=16, r1_gamma=0.0, reuse_fakes=False)

    class Half(Shard):
        def average(self, tensors: Any) -> None:
            seen[self.index].append([t.clone() for t in tensors])

    seen: dict[int, list[list[torch.Tensor]]] = {0: [], 1: []}
    for index in (0, 1):
        stepped(config, 1, shard=Half(index, 2))

    class One(Shard):
        def average(self, tensors: Any) -> None:
            whole.append([t.clone() for t in tensors])

    whole: list[list[torch.Tensor]] = []
    stepped(config, 1, shard=One())
    for a, b, mean in zip(seen[0][0], seen[1][0], whole[0], strict=True):  # the step of D
        torch.testing.assert_close((a + b) / 2, mean, rtol=1e-4, atol=1e-6)


class Memory:
    """Lets a network run out of memory in one of its passes."""

    def __init__(self, state: TrainState, network: str, fail_at: int) -> None:
        self.passes, self.fail_at = 0, fail_at
        getattr(state, network).register_forward_pre_hook(self)

    def __call__(self, module: Any, inputs: Any) -> None:
        self.passes += 1
        if self.passes == self.fail_at:
            raise torch.OutOfMemoryError("CUDA out of memory")


@pytest.mark.parametrize(
    ("network", "fail_at"), [("generator", 1), ("discriminator", 2), ("discriminator", 4)]
)
def test_out_of_memory_divides_the_batch(network: str, fail_at: int) -> None:
    """The phase starts again from its own random state, so that nothing but rounding changes."""
    settings = {"batch": 16, "r1_gamma": 1.0, "r1_interval": 2, "eps": 1e-3, "reuse_fakes": False}
    config = tiny_config("stylegan2", **settings)
    whole = stepped(config)
    state = TrainState(config, tiny_dataset())
    divided: list[int] = []

    def split(parts: int) -> None:
        divided.append(parts)
        stepper.config = stepper.config.with_changes(accumulate=parts)

    stepper = Stepper(config, state, Statistics(), on_split=split)
    Memory(state, network, fail_at)
    for _ in range(2):
        stepper.run()
    assert divided == [2]
    assert_close(whole, state)


_PHASES = ("_discriminator_step", "_penalty_step", "_generator_step", "_path_step")


class Scarce(Statistics):
    """Lets a phase run out of memory once it has told ``name`` for the ``turn``-th time."""

    def __init__(self, name: str, turn: int) -> None:
        super().__init__()
        self.name, self.left = name, turn

    def add(self, name: str, value: torch.Tensor) -> None:
        super().add(name, value)
        self.left -= name == self.name
        if self.left == 0 and name == self.name:
            raise torch.OutOfMemoryError("CUDA out of memory")


def divided(
    config: TrainConfig, stats: Statistics, before: int | None = None
) -> tuple[TrainState, int]:
    """Five steps, and in which phase the batch was divided; by hand ``before`` that one."""
    state, phases, when = TrainState(config, tiny_dataset(config.classes)), [], []

    def split(parts: int) -> None:
        when.append(len(phases))
        stepper.config = stepper.config.with_changes(accumulate=parts)

    def counted(phase: Any) -> Any:
        def run(*args: Any, **options: Any) -> None:
            phases.append(phase)
            if len(phases) == before:
                stepper._split()
            phase(*args, **options)

        return run

    stepper = Stepper(config, state, stats, on_split=split)
    for name in _PHASES:
        setattr(stepper, name, counted(getattr(stepper, name)))
    for _ in range(5):
        stepper.run()
    (number,) = when
    return state, number


@pytest.mark.parametrize("reuse_fakes", [True, False])
@pytest.mark.parametrize(
    ("name", "turn"),
    [("loss/D", 3), ("spread/real", 1), ("loss/R1", 2), ("loss/G", 2)],
)
@pytest.mark.parametrize(
    ("architecture", "options"),
    [
        ("dcgan", {"resolution": 8, "discriminator.norm": "batch"}),
        ("dcgan", {"resolution": 8, "classes": 3, "augment": "ada", "ada_kimg": 0.1}),
        ("stylegan2", {"classes": 3, "augment": "ada", "ada_kimg": 0.1, "style_mixing": 0.5}),
    ],
    ids=["norm", "conditional", "styles"],
)
def test_a_phase_without_memory_begins_anew_in_parts(
    architecture: str, options: dict[str, Any], name: str, turn: int, reuse_fakes: bool
) -> None:
    """To the bit as if the batch had been divided before it."""
    config = tiny_config(architecture, batch=16, r1_interval=2, reuse_fakes=reuse_fakes, **options)
    assert_begins_anew(config, name, turn)


def test_path_lengths_without_memory_begin_anew_in_parts() -> None:
    """Of a batch so small that half of it has fewer pictures than there are parts."""
    for turn in (1, 2):
        config = tiny_config("stylegan2", batch=4, pl_weight=2.0, pl_interval=2)
        assert_begins_anew(config, "path", turn)


def assert_begins_anew(config: TrainConfig, name: str, turn: int) -> None:
    short = Scarce(name, turn)
    state, phase = divided(config, short)
    ample = Statistics()
    expected, _ = divided(config, ample, before=phase)
    assert_equal(expected.capture(config), state.capture(config))
    assert short.read() == ample.read()


def test_out_of_memory_in_the_last_division_is_an_error() -> None:
    config = tiny_config("stylegan2", batch=4, accumulate=4)
    state = TrainState(config, tiny_dataset())
    Memory(state, "generator", 1)
    with pytest.raises(torch.OutOfMemoryError):
        Stepper(config, state, Statistics(), on_split=lambda parts: None).run()


def test_rates_warm_up_and_decay() -> None:
    config = tiny_config("mlp", lr_warmup_kimg=0.1, lr_decay="linear", lr_decay_kimg=1.1, batch=10)
    assert [round(rate_factor(config, n), 3) for n in (0, 50, 100, 600, 1100, 9000)] == [
        0.091, 0.545, 1.0, 0.5, 0.0, 0.0,
    ]  # fmt: skip
    cosine = config.with_changes(lr_decay="cosine")
    assert rate_factor(cosine, 600) == pytest.approx(0.5)
    assert rate_factor(cosine, 350) == pytest.approx((1 + 0.5**0.5) / 2)
    assert rate_factor(tiny_config("mlp"), 10**9) == 1.0
    late = config.with_changes(lr_decay_from_kimg=0.6)
    assert [round(rate_factor(late, n), 3) for n in (50, 100, 600, 850, 1100)] == [
        0.545, 1.0, 1.0, 0.5, 0.0,
    ]  # fmt: skip


def test_growth_follows_the_images() -> None:
    config = tiny_config("mlp", fade_kimg=0.2, stable_kimg=0.1)
    seen = {0: 0.0, 99: 0.0, 100: 0.0, 200: 0.5, 300: 1.0, 399: 1.0, 500: 1.5, 9999: 2.0}
    assert {n: pytest.approx(progress_at(config, 3, n)) for n in seen} == seen
    assert progress_at(tiny_config("mlp"), 3, 0) == 2.0


@pytest.mark.parametrize(
    ("architecture", "options", "message"),
    [
        ("mlp", {"objective": "wgan", "weight_clip": 0.0, "r1_gamma": 0.0}, "gp_weight"),
        (
            "dcgan",
            {"objective": "wgan-gp", "discriminator.norm": "batch", "resolution": 16},
            "batch normalisation",
        ),
        ("mlp", {"pl_weight": 2.0}, "styles"),
        ("dcgan", {"style_mixing": 0.5}, "styles"),
        ("stylegan2", {"fade_kimg": 1.0}, "do not grow"),
        ("mlp", {"lr_decay": "cosine"}, "lr_decay_kimg"),
        (
            "mlp",
            {"lr_decay": "cosine", "lr_decay_kimg": 2.0, "lr_decay_from_kimg": 2.0},
            "lr_decay_from_kimg",
        ),
        ("mlp", {"freeze_d": 99}, "layers"),
        ("mlp", {"optimizer": "sgd"}, "optimizer"),
        ("mlp", {"stage_batches": {"4": 0}}, "stage_batches"),
    ],
    ids=lambda v: str(v)[:40],
)
def test_unsound_choices_are_refused(
    architecture: str, options: dict[str, Any], message: str, run_path: Any
) -> None:
    if "objective" in options:
        options = {**OBJECTIVES[options["objective"]].options, **options}
    with pytest.raises(OptionError, match=message):
        run_training(tiny_config(architecture, **options), run_path, dataset=tiny_dataset())
    assert not run_path.exists() or not any(run_path.rglob("*.safetensors"))


def test_doubtful_choices_are_told(run_path: Any) -> None:
    told: list[Any] = []
    options = {"weight_clip": 0.1, "objective": "relativistic", "r2_gamma": 0.0, "r1_interval": 4}
    config = tiny_config("dcgan", resolution=16, total_kimg=0.0, **options)
    run_training(config, run_path, dataset=tiny_dataset(resolution=16), emit=told.append)
    texts = " ".join(event.message for event in told if isinstance(event, Notice))
    assert "rmsprop" in texts and "batch normalisation" in texts and "Relativistic" in texts


@pytest.mark.parametrize(("objective", "doubted"), [("wgan", True), ("hinge", False)])
def test_two_bounds_of_one_critic_are_doubted(objective: str, doubted: bool, run_path: Any) -> None:
    told: list[Any] = []
    options = {
        **OBJECTIVES[objective].options,
        "objective": objective,
        "discriminator.spectral_norm": True,
        "discriminator.norm": "none",
    }
    config = tiny_config("dcgan", total_kimg=0.0, **options)
    run_training(config, run_path, dataset=tiny_dataset(), emit=told.append)
    texts = [event.message for event in told if isinstance(event, Notice)]
    assert any("'weight_clip' to 0" in text for text in texts) == doubted


def test_a_ready_made_training_is_not_doubted(run_path: Any) -> None:
    for gamma, doubted in ((1.0, False), (2.0, True)):
        config = tiny_config(
            "dcgan", resolution=16, total_kimg=0.0, preset="dcgan-64", r1_gamma=gamma
        )
        config = replace(config, r1_interval=find_preset("dcgan-64").config("").r1_interval)
        told: list[Any] = []
        folder = run_path.with_name(str(gamma))
        run_training(config, folder, dataset=tiny_dataset(resolution=16), emit=told.append)
        texts = " ".join(event.message for event in told if isinstance(event, Notice))
        assert ("batch normalisation" in texts) == doubted


def test_fine_tuning_begins_from_a_model_and_from_a_checkpoint(tmp_path: Any) -> None:
    data = tiny_dataset()
    run_training(tiny_config("stylegan2"), tmp_path / "first", dataset=data)
    first = final_state(tmp_path / "first")
    with RunFolder.open(tmp_path / "first", write=False) as folder:
        model = folder.snapshots()[-1].path
    for name, source in (("model", model), ("full", tmp_path / "first/checkpoint.safetensors")):
        told: list[Any] = []
        frozen = 2 if name == "full" else 0
        config = tiny_config("stylegan2", total_kimg=0.0, init=str(source), seed=5, freeze_d=frozen)
        run_training(config, tmp_path / name, dataset=data, emit=told.append)
        state = final_state(tmp_path / name)
        assert all(
            torch.equal(v, first["average"][k])
            for k, v in state["average"].items()
            if k != "mapping.w_avg"  # measured anew, with another seed
        )
        assert any("Began from" in e.message for e in told if isinstance(e, Notice))
        same = [
            torch.equal(v, first["discriminator"][k]) for k, v in state["discriminator"].items()
        ]
        assert all(same) == (name == "full")
        begun = {k: v.clone() for k, v in state["discriminator"].items()}
        run_training(None, tmp_path / name, resume=True, changes={"total_kimg": 0.02}, dataset=data)
        after = final_state(tmp_path / name)["discriminator"]
        kept = [k for k in begun if torch.equal(begun[k], after[k]) and k.startswith("b8")]
        assert [any(n in k and "weight" in k for k in kept) for n in ("fromrgb", "conv0")] == (
            [frozen > 0] * 2
        )
        assert not torch.equal(begun["b4.out.weight"], after["b4.out.weight"])


def test_only_layers_that_have_learned_can_be_frozen(tmp_path: Any) -> None:
    data = tiny_dataset()
    run_training(tiny_config("stylegan2"), tmp_path / "first", dataset=data)
    with RunFolder.open(tmp_path / "first", write=False) as folder:
        model = str(folder.snapshots()[-1].path)
    config = tiny_config("stylegan2", init=model, freeze_d=2)
    with pytest.raises(OptionError, match=r"freeze_d.*b8\.fromrgb.*checkpoint\.safetensors"):
        run_training(config, tmp_path / "b", dataset=data)
    # of a checkpoint that lacks a frozen layer, too: here the picture's side is another
    larger = tiny_config(
        "stylegan2",
        resolution=16,
        init=str(tmp_path / "first/checkpoint.safetensors"),
        freeze_d=2,
    )
    with pytest.raises(OptionError, match=r"b16\.fromrgb"):
        run_training(larger, tmp_path / "c", dataset=tiny_dataset(resolution=16))


def test_fine_tuning_wants_the_same_family(tmp_path: Any) -> None:
    data = tiny_dataset()
    run_training(tiny_config("mlp", total_kimg=0.0), tmp_path / "first", dataset=data)
    source = str(tmp_path / "first/checkpoint.safetensors")
    with pytest.raises(OptionError, match="family"):
        run_training(tiny_config("dcgan", init=source), tmp_path / "b", dataset=data)
    with pytest.raises(StudioError, match="There is no file"):
        run_training(
            tiny_config("mlp", init=str(tmp_path / "gone.safetensors")),
            tmp_path / "c",
            dataset=data,
        )


def test_spectral_norms_follow_the_weights() -> None:
    options = {"discriminator.spectral_norm": True, "discriminator.norm": "none", "d_lr": 0.05}
    state = stepped(tiny_config("dcgan", resolution=8, objective="hinge", **options), 6)
    for module in state.discriminator.modules():
        if isinstance(module, SpectralNorm):
            assert module.u.norm().item() == pytest.approx(1.0, abs=1e-4)
    for layer in (m for m in state.discriminator.modules() if hasattr(m, "spectral")):
        if layer.spectral is not None:
            matrix = layer.weight.detach().flatten(1)
            largest = torch.linalg.matrix_norm(matrix, 2).item()
            assert layer.spectral.sigma(layer.weight).item() == pytest.approx(largest, rel=0.1)
