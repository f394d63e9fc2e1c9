"""ADA: what is done to the pictures, how often, and how its strength follows the discriminator."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from latent_studio.errors import OptionError
from latent_studio.models.draws import Rows
from latent_studio.training.augment import AUGMENTATIONS, build_augmentation
from latent_studio.training.augment.ada import GROUPS, OPERATIONS, AdaController, AdaPipe, Draws
from latent_studio.training.penalties import gradient_penalty

ONE, NEVER, HALF = torch.tensor(1.0), torch.tensor(0.0), torch.tensor(0.5)


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 8, channels: int = 3, size: int = 16, **options: Any) -> Tensor:
    shape = (count, channels, size, size)
    return torch.rand(shape, generator=source(99), **options) * 2 - 1


def changed(before: Tensor, after: Tensor) -> Tensor:
    return (before - after).abs().amax(dim=(1, 2, 3)) > 1e-4


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_at_zero_nothing_happens(channels: int) -> None:
    images = pictures(channels=channels, size=32)
    assert (AdaPipe()(images, NEVER, source()) - images).abs().max() < 1e-6


def test_mirrors_half_of_the_pictures_at_one() -> None:
    images = pictures(64)
    result = AdaPipe(["mirror"])(images, ONE, source())
    mirrored = (result - images.flip(3)).abs().amax(dim=(1, 2, 3)) < 2e-6
    same = (result - images).abs().amax(dim=(1, 2, 3)) < 2e-6
    assert (mirrored ^ same).all()
    assert 20 <= mirrored.sum() <= 44


def test_quarter_turns_move_pixels_exactly() -> None:
    images = pictures(64)
    result = AdaPipe(["quarter_turn"])(images, ONE, source())
    turned = torch.stack([torch.rot90(images, k, (2, 3)) for k in range(4)])
    matches = (turned - result).abs().amax(dim=(2, 3, 4)) < 2e-6
    assert (matches.sum(dim=0) == 1).all()
    assert (matches.sum(dim=1) >= 8).all()


def test_shifts_by_whole_pixels_with_reflection() -> None:
    images = pictures(32)
    result = AdaPipe(["shift"])(images, ONE, source())
    padded = nn.functional.pad(images, (2, 2, 2, 2), mode="reflect")
    every = torch.stack(
        [padded[:, :, y : y + 16, x : x + 16] for y in range(5) for x in range(5)]
    )  # an eighth of 16 pixels to each side
    matches = (every - result).abs().amax(dim=(2, 3, 4)) < 2e-6
    assert (matches.sum(dim=0) == 1).all()
    assert (matches.sum(dim=1) > 0).sum() > 12


def test_a_general_warp_agrees_with_the_smooth_picture_it_samples() -> None:
    """Turned by 30° and enlarged, a smooth function is known everywhere."""
    from latent_studio.training.augment import geometry

    grid = torch.arange(32.0) - 15.5
    y, x = torch.meshgrid(grid, grid, indexing="ij")

    def smooth(x: Tensor, y: Tensor) -> Tensor:
        return torch.sin(0.2 * x) * torch.cos(0.15 * y)

    angle, factor = torch.tensor([math.pi / 6]), torch.tensor([1.5])
    matrices = geometry.rotation(angle) @ geometry.scaling(factor, factor)
    # counter-clockwise on a screen whose y points down, before enlarging
    cosine, sine = math.cos(math.pi / 6) / 1.5, math.sin(math.pi / 6) / 1.5
    expected = smooth(cosine * x - sine * y, sine * x + cosine * y)
    found = geometry.warp(smooth(x, y)[None, None], matrices)[0, 0]
    inside = (slice(4, -4), slice(4, -4))
    assert (found - expected)[inside].abs().max() < 0.03


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_happens_with_its_probability(operation: str) -> None:
    images = pictures(600, size=8)
    result = AdaPipe([operation])(images, HALF, source(3))
    share = changed(images, result).double().mean()
    nothing = {"mirror": 1 / 2, "quarter_turn": 1 / 4, "luma_flip": 1 / 2}
    if operation == "shift":  # by -1, 0 or 1 of 8 pixels: rounded to 0 with 1/2 each
        nothing["shift"] = 1 / 4
    expected = 0.5 * (1 - nothing.get(operation, 0.0))  # rotations: 1 - (1 - p_rot)² = p
    assert share == pytest.approx(expected, abs=3.5 * math.sqrt(expected * (1 - expected) / 600))


def test_everything_at_p_leaves_the_share_that_the_probabilities_say() -> None:
    images = pictures(500, size=8)
    p = 0.1
    share = changed(images, AdaPipe()(images, torch.tensor(p), source(4))).double().mean()
    rarely = (1 - p / 2) ** 2 * (1 - 3 * p / 4) ** 2  # mirror, luma; turns, shifts (of 8 pixels)
    expected = 1 - rarely * (1 - p) ** 8
    assert share == pytest.approx(expected, abs=0.075)


def test_scales_are_log_normal_in_octaves() -> None:
    pipe = AdaPipe(["scale"])
    draws = Draws(4000, ONE, source(5), torch.device("cpu"))
    positions, _ = pipe.matrices(draws, 8, 8)
    octaves = -positions[:, 0, 0].log2()
    assert octaves.mean().abs() < 0.015
    assert octaves.std() == pytest.approx(0.2, abs=0.01)
    assert torch.equal(positions[:, 0, 0], positions[:, 1, 1])


def test_colours_follow_their_definitions() -> None:
    images = pictures(200, size=4)
    luma = images.mean(dim=1, keepdim=True)

    shift = AdaPipe(["brightness"])(images, ONE, source(6)) - images
    assert shift.std(dim=(1, 2, 3)).max() < 1e-6
    assert shift.mean(dim=(1, 2, 3)).std() == pytest.approx(0.2, abs=0.03)

    flipped = AdaPipe(["luma_flip"])(images, ONE, source(6))
    mirror = changed(images, flipped)
    assert torch.allclose(flipped[mirror], (images - 2 * luma)[mirror], atol=1e-6)

    for operation in ("hue", "saturation"):  # neither touches the luma
        result = AdaPipe([operation])(images, ONE, source(6))
        assert torch.allclose(result.mean(dim=1, keepdim=True), luma, atol=1e-6)
    hued = AdaPipe(["hue"])(images, ONE, source(6))
    assert torch.allclose(hued.square().sum(1), images.square().sum(1), atol=1e-5)


def test_grey_pictures_change_as_grey_ones_in_colour() -> None:
    images = pictures(channels=1)
    grey = AdaPipe()(images, ONE, source(7))
    colored = AdaPipe()(images.expand(-1, 3, -1, -1), ONE, source(7))
    assert grey.shape == images.shape
    assert torch.allclose(grey, colored.mean(dim=1, keepdim=True), atol=1e-5)


def test_a_fourth_channel_keeps_its_values_and_two_are_refused() -> None:
    images = pictures(channels=4)
    assert torch.equal(AdaPipe(["color"])(images, ONE, source())[:, 3], images[:, 3])
    with pytest.raises(OptionError, match="2"):
        AdaPipe()(pictures(channels=2), ONE, source())


def test_pictures_do_not_leak_into_each_other() -> None:
    images = pictures()
    whole = AdaPipe()(images, ONE, source(8))
    other = images.clone()
    other[3] = torch.nan
    result = AdaPipe()(other, ONE, source(8))
    keep = [i for i in range(8) if i != 3]
    assert torch.equal(result[keep], whole[keep])
    assert result[3].isnan().all()


def test_chance_comes_from_the_generator_alone() -> None:
    images = pictures()
    torch.manual_seed(0)
    first = AdaPipe()(images, HALF, source(9))
    torch.manual_seed(1)
    generator = source(9)
    assert torch.equal(AdaPipe()(images, HALF, generator), first)
    assert not torch.equal(AdaPipe()(images, HALF, generator), first)
    other = source(9)
    AdaPipe(["hue"])(images, NEVER, other)
    full = source(9)
    AdaPipe()(images, ONE, full)
    assert torch.equal(other.get_state(), full.get_state())


@pytest.mark.parametrize("groups", [("blit", "geometry"), ("color",), tuple(GROUPS)])
def test_second_derivatives_are_right(groups: tuple[str, ...]) -> None:
    images = pictures(2, size=4, dtype=torch.float64).requires_grad_()

    def cubed(x: Tensor) -> Tensor:  # a function of the result with a second derivative of its own
        return (AdaPipe(groups)(x, ONE, source(10)) ** 3).sum(dim=(1, 2, 3))

    assert torch.autograd.gradcheck(cubed, (images,), fast_mode=True)
    assert torch.autograd.gradgradcheck(cubed, (images,), fast_mode=True)


def test_r1_through_the_augmentation_has_the_gradient_of_finite_differences() -> None:
    images = pictures(2, size=6, dtype=torch.float64)
    weight = torch.randn(4, 3, 3, 3, generator=source(11), dtype=torch.float64) * 0.3

    def r1(weight: Tensor) -> Tensor:
        x = images.clone().requires_grad_()
        shown = AdaPipe()(x, HALF, source(12))
        scores = nn.functional.conv2d(shown, weight).tanh().square().sum(dim=(1, 2, 3))
        (gradient,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
        return gradient.square().sum()

    weight.requires_grad_()
    assert torch.autograd.gradcheck(r1, (weight,), fast_mode=True)


def test_the_penalty_of_the_training_passes_through() -> None:
    images = pictures(4).requires_grad_()
    network = nn.Conv2d(3, 1, 16)
    scores = network(AdaPipe()(images, HALF, source(13))).reshape(4, 1)
    gradient_penalty(scores, images).mean().backward()
    assert network.weight.grad is not None and network.weight.grad.isfinite().all()


class _NoLooking(TorchFunctionMode):
    """Fails on what would wait for an accelerator: numbers read from it or brought to it."""

    _WAITING = (
        *("item", "tolist", "numpy", "cpu", "__bool__", "__int__", "__float__", "__index__"),
        *("nonzero", "masked_select", "unique", "tensor", "new_tensor", "as_tensor"),
    )

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        assert getattr(func, "__name__", "") not in self._WAITING
        return func(*args, **(kwargs or {}))


def test_never_waits_for_the_device() -> None:
    images, controller = pictures(), AdaController(interval=1)
    AdaPipe()(images, HALF, source())  # constants are made once
    generator = source()
    with pytest.raises(AssertionError), _NoLooking():
        bool(controller.p)
    with _NoLooking():
        AdaPipe()(images, controller.p, generator)
        controller.observe(images[:, 0, 0, :1])
        controller.update(8)


def test_p_moves_towards_the_target_at_its_speed() -> None:
    controller = AdaController(target=0.6, speed_kimg=1.0, interval=4)
    for _ in range(4):
        controller.observe(torch.ones(16, 1))
        controller.update(16)
    assert controller.p == pytest.approx(0.064)  # 64 of 1000 pictures
    for _ in range(8):
        controller.observe(torch.tensor([[1.0], [-1.0]]))  # r_t = 0
        controller.update(16)
    assert controller.p == 0  # and not below
    for _ in range(100):
        controller.observe(torch.ones(1))
        controller.update(16)
    assert controller.p == 1


def test_p_stays_without_scores_and_at_the_target() -> None:
    controller = AdaController(target=0.5, speed_kimg=1.0, interval=1)
    controller.p.fill_(0.25)
    controller.update(16)
    controller.observe(torch.tensor([1.0, 1, 1, -1]))
    controller.update(16)
    assert controller.p == 0.25


def test_the_boundary_of_least_squares_is_a_half() -> None:
    controller = AdaController(boundary=0.5, speed_kimg=1.0, interval=1)
    controller.p.fill_(0.5)
    controller.observe(torch.full((4, 1), 0.4))
    controller.update(10)
    assert controller.p == pytest.approx(0.49)


def test_a_continued_controller_goes_the_same_way() -> None:
    def run(controller: AdaController, steps: range) -> Tensor:
        for step in steps:
            controller.observe(torch.randn(16, 1, generator=source(step)) + 1)
            controller.update(16)
        return controller.p

    whole = AdaController(speed_kimg=10.0)
    run(whole, range(50))
    first = AdaController(speed_kimg=10.0)
    run(first, range(23))
    second = AdaController(speed_kimg=10.0)
    second.load_state_dict(first.state_dict())
    assert torch.equal(run(second, range(23, 50)), whole.p)
    assert second.state_dict()["steps"] == 50


def test_the_interface_of_a_training() -> None:
    augmentation = build_augmentation("ada", target=0.5, speed_kimg=1.0)
    images = pictures()
    assert augmentation.apply(images, source()) is images  # p = 0
    for _ in range(40):
        augmentation.observe(torch.ones(8, 1))
        assert len(augmentation.shared()) == 1
        augmentation.after_step(8)
    assert augmentation.p == pytest.approx(0.32)
    assert changed(images, augmentation.apply(images, source())).any()
    augmentation.target = 0.9
    assert augmentation.target == 0.9
    again = build_augmentation("ada")
    again.load_state_dict(augmentation.state_dict())
    assert again.p == augmentation.p


@pytest.mark.parametrize("kind", AUGMENTATIONS)
def test_every_kind_keeps_shape_and_state(kind: str) -> None:
    augmentation = build_augmentation(kind)
    augmentation.to("cpu")
    augmentation.observe(torch.ones(8, 1))
    augmentation.after_step(8)
    images = pictures()
    assert augmentation.apply(images, source()).shape == images.shape
    build_augmentation(kind).load_state_dict(augmentation.state_dict())
    assert 0 <= augmentation.p <= 1


def test_unknown_names_are_refused() -> None:
    with pytest.raises(OptionError, match="none, ada, diffaug"):
        build_augmentation("mixup")
    with pytest.raises(OptionError, match="shear"):
        AdaPipe(["shear"])


def test_a_part_of_a_batch_is_changed_as_in_the_whole() -> None:
    images = pictures()
    whole = AdaPipe()(images, HALF, source(14))
    part = AdaPipe()(images[1::4], HALF, Rows(source(14), 1, 4))
    assert torch.allclose(part, whole[1::4], atol=1e-6)
