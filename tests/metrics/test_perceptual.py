import numpy as np
import torch

from latent_studio.metrics.features import RandomConvExtractor
from latent_studio.metrics.perceptual import perceptual_distance


class Fixed:
    def stages(self, images):
        return [images, images[:, :2]]


def test_closed_form():
    # Directions (1, 0) against (0, 1) at one of two places: |difference|² is 2 there.
    a = torch.tensor([[[[2.0, 3.0]], [[0.0, 0.0]]]])
    b = torch.tensor([[[[0.0, 1.0]], [[5.0, 0.0]]]])
    np.testing.assert_allclose(perceptual_distance(Fixed(), a, b), [2 * (2 / 2)])


def test_grows_with_the_difference():
    network, draw = RandomConvExtractor(), torch.Generator().manual_seed(0)
    a = torch.rand(2, 3, 32, 32, generator=draw) * 255
    noise = torch.randn(2, 3, 32, 32, generator=draw)
    near, far = (perceptual_distance(network, a, a + n * noise) for n in (1, 20))
    assert (perceptual_distance(network, a, a) == 0).all()
    assert (far > 20 * near).all() and (near > 0).all()
