import numpy as np
import pytest

from latent_studio.errors import Cancelled, OptionError
from latent_studio.events import Progress
from latent_studio.latent.direction import Direction
from latent_studio.latent.latent_map import latent_map
from latent_studio.latent.resolve import LatentResolver
from latent_studio.mailbox import StopToken
from latent_studio.recipe import Recipe


def test_seeds_lie_on_the_leading_components(styled):
    events = []
    smile = Direction("smile", np.eye(6)[2], 1.5, "attribute")
    names = Direction("PC 1", np.eye(6)[0], 1.0, "pca")
    z = Direction("z smile", np.eye(8)[0], 1.0, "attribute", "z")
    found = latent_map(styled, [smile, names, z], count=60, emit=events.append)
    assert found.points.shape == (60, 2) and list(found.seeds) == list(range(60))
    w = np.stack([LatentResolver(styled).ws(Recipe.from_seed(s)).numpy()[0, 0] for s in range(60)])
    # w = z A + w_avg: its axes are the singular vectors of A
    _, stretch, rows = np.linalg.svd(styled.mapping.matrix.numpy())
    centred = w - styled.mapping.w_avg.numpy()
    for axis in (0, 1):
        expected = centred @ rows[axis] / stretch[axis]
        match = abs(np.corrcoef(expected, found.points[:, axis])[0, 1])
        assert match > 0.97
    assert found.points.std(0) == pytest.approx([1, 1], abs=0.3)
    assert found.explained[0] >= found.explained[1] > 0
    assert list(found.values) == ["smile"]
    assert np.corrcoef(found.values["smile"], centred[:, 2])[0, 1] > 0.9999
    assert [e.done for e in events if isinstance(e, Progress)] == [50, 60]


def test_without_w_the_plane_is_in_z(plain):
    found = latent_map(plain, count=30)
    z = np.stack([LatentResolver(plain).z(Recipe.from_seed(s)).numpy()[0] for s in range(30)])
    # the picture depends on the mean of z alone
    assert abs(np.corrcoef(found.points[:, 0], z.mean(1))[0, 1]) > 0.99
    assert np.isfinite(found.points).all() and found.explained[0] > 0.9


def test_classes_and_what_makes_no_sense(conditional, styled):
    a, b = (latent_map(conditional, count=10, label=label) for label in (0, 2))
    assert np.allclose(a.points, b.points, atol=1e-3)  # this mapping only shifts by the class
    with pytest.raises(OptionError, match="Class 9"):
        latent_map(conditional, count=10, label=9)
    with pytest.raises(OptionError, match="three"):
        latent_map(styled, count=2)
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        latent_map(styled, count=10, token=token)
