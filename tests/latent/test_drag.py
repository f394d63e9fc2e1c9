"""Points pulled to their targets, on a network of two blocks of features."""

import math

import numpy as np
import pytest
import torch

from latent_studio.errors import OptionError
from latent_studio.latent.drag import Drag, DragPair, DragSettings, _disc, _Look
from latent_studio.latent.whitening import w_whitening
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator

CONFIG = {
    "z_dim": 16,
    "w_dim": 16,
    "img_resolution": 32,
    "mapping_kwargs": {"num_layers": 1},
    "channel_base": 256,
    "channel_max": 16,
}
PAIR = DragPair((14, 15), (17, 13))


@pytest.fixture(scope="module")
def network():
    draw = torch.Generator().manual_seed(1)
    return build_generator(ModelSpec("stylegan2", CONFIG), draw).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def start(network):
    z = torch.randn(1, 16, generator=torch.Generator().manual_seed(4))
    return network.broadcast(network.mapping(z))


@pytest.fixture(scope="module")
def whitening(network):
    return w_whitening(network, 500)


def made(network, start, whitening, pairs=(PAIR,), **options):
    mask = options.pop("mask", None)
    settings = DragSettings(**{"rate": 0.05, **options})
    return Drag(network, start, pairs, settings, mask=mask, whitening=whitening)


def finish(drag, steps=25):
    while drag.iteration < steps and not drag.arrived:
        drag.step()
    return drag


@pytest.fixture(scope="module")
def finished(network, start, whitening):
    return finish(made(network, start, whitening))


def test_handles_come_nearer(finished) -> None:
    before = math.dist(PAIR.handle, PAIR.target)
    assert finished.distances[0] < 0.6 * before
    assert finished.iteration > 2


def test_the_picture_is_that_of_the_latent(network, start, whitening, finished) -> None:
    wanted = network.synthesis(finished.ws)
    assert torch.allclose(finished.picture(), wanted, atol=1e-4)
    fresh = made(network, start, whitening)
    assert torch.allclose(fresh.picture(), network.synthesis(start), atol=1e-4)
    assert torch.equal(fresh.ws, start) and fresh.points == (PAIR.handle,)


def test_a_drag_gone_on_with_is_one_never_stopped(network, start, whitening) -> None:
    one, two = (made(network, start, whitening) for _ in range(2))
    torch.randn(3)  # what others draw has no influence
    for _ in range(6):
        one.step()
    for _ in range(3):
        two.step()
    two.picture()
    for _ in range(3):
        two.step()
    assert torch.equal(one.ws, two.ws) and one.points == two.points


def test_several_points_and_other_targets(network, start, whitening) -> None:
    pairs = (PAIR, DragPair((20, 20), (21, 22)))
    drag = made(network, start, whitening, pairs)
    assert len(drag.step().distances) == 2
    drag.retarget(drag.points)
    assert drag.arrived and drag.step().iteration == 1
    with pytest.raises(OptionError, match="as many"):
        drag.retarget([(1, 1)])


def test_what_lies_outside_the_mask_is_held(network, start, whitening) -> None:
    mask = np.zeros((32, 32), np.float32)
    mask[:, 8:24] = 1

    def change(drag):
        moved = (drag.picture() - network.synthesis(start)).abs().mean(1)[0]
        return float(moved[torch.from_numpy(mask) == 0].mean())

    held, free = (made(network, start, whitening, mask=m, mask_weight=50.0) for m in (mask, None))
    for drag in (held, free):
        for _ in range(8):
            drag.step()
    assert change(held) < 0.7 * change(free)


def test_only_the_layers_that_were_named_move(network, start, whitening) -> None:
    some = finish(made(network, start, whitening, first=1, last=3), 2)
    moved = (some.ws - start).abs().amax(2)[0] > 0
    assert moved.nonzero().flatten().tolist() == [1, 2]
    alike = finish(made(network, start, whitening, space="w", last=99), 2)
    shift = (alike.ws - start)[0]
    assert torch.allclose(shift, shift[:1].expand_as(shift), atol=1e-5) and shift.abs().sum() > 0


def test_features_at_the_handles_stay_alike(finished) -> None:
    assert 0 < finished.feature_distances()[0] < 1
    assert finished.change_to(finished, finished.points[0]) == finished.feature_distances()


def test_stylegan3_has_margins_around_its_picture(whitening) -> None:
    config = {
        "z_dim": 8,
        "w_dim": 8,
        "img_resolution": 32,
        "channel_base": 256,
        "channel_max": 8,
        "num_layers": 6,
        "num_critical": 2,
    }
    draw = torch.Generator().manual_seed(1)
    network = build_generator(ModelSpec("stylegan3", config), draw).eval().requires_grad_(False)
    start = network.broadcast(network.mapping(torch.ones(1, 8)))
    drag = Drag(network, start, [PAIR], DragSettings(rate=0.05, feature_side=16))
    assert drag._look.maps.shape[-1] > drag._look.rate
    before = drag.ws
    drag.step()
    assert not torch.equal(drag.ws, before)
    assert torch.allclose(drag.picture(), network.synthesis(drag.ws), atol=1e-3)


def test_places_are_read_where_the_picture_has_them() -> None:
    y, x = torch.meshgrid(torch.arange(12.0), torch.arange(12.0), indexing="ij")
    maps = torch.stack([x, y])[None]
    # Eight pixels of picture, two of margin on each side; a picture of 16 is twice as fine.
    look = _Look(maps, 16, 8)
    places = torch.tensor([[0.0, 0.0], [7.5, 3.5], [15.0, 15.0]])
    wanted = (places + 0.5) / 2 - 0.5 + 2
    assert torch.allclose(look.at(places), wanted, atol=1e-4)
    assert _disc(1.0, 0.5)[0].tolist() == [0, 0] and len(_disc(1.0, 1.0)) == 5


def test_wishes_that_cannot_be_met_are_refused(network, start, whitening) -> None:
    plain = build_generator(ModelSpec("mlp", {"resolution": 8, "channels": 1, "z_dim": 4}))
    with pytest.raises(OptionError, match="style-based"):
        Drag(plain, start, [PAIR])
    for pairs, message in (
        ((), "nothing to drag"),
        ((DragPair((1, 1), (40, 1)),), "outside"),
        ((PAIR,) * 33, "too many"),
    ):
        with pytest.raises(OptionError, match=message):
            made(network, start, whitening, pairs)
    with pytest.raises(OptionError, match="no influence"):
        made(network, start, whitening, first=9)
    with pytest.raises(OptionError, match="32 x 32"):
        made(network, start, whitening, mask=np.ones((4, 4)))
    for wrong in ({"space": "z"}, {"rate": 0.0}, {"radius": 0.1}):
        with pytest.raises(OptionError):
            DragSettings(**wrong)
