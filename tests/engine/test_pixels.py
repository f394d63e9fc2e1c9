import numpy as np
import pytest
import torch

from latent_studio.engine.pixels import PixelConverter, to_uint8


def reference(img: torch.Tensor) -> np.ndarray:
    return (img * 127.5 + 128).clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()


@pytest.mark.parametrize("size", [4, 33, 64])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_bytes_are_those_of_the_published_tools(
    size: int, channels: int, layout: torch.memory_format
) -> None:
    img = torch.randn(1, channels, size, size + 3, generator=torch.Generator().manual_seed(size))
    img = img.contiguous(memory_format=layout)
    kept = img.clone()
    convert = PixelConverter()
    for _ in range(2):
        pixels = convert.bgra(img)
        assert pixels.shape == (size, size + 3, 4) and pixels.flags.c_contiguous
        wanted = np.broadcast_to(reference(img)[0], (size, size + 3, 3))
        np.testing.assert_array_equal(pixels[..., 2::-1], wanted)
        assert (pixels[..., 3] == 255).all()
    assert torch.equal(img, kept)
    np.testing.assert_array_equal(to_uint8(img), reference(img))


def test_ends_of_the_range() -> None:
    img = torch.tensor([-9.0, -1.0, 0.0, 1.0, 9.0]).expand(1, 3, 1, 5)
    assert PixelConverter().bgra(img)[0, :, 0].tolist() == [0, 0, 128, 255, 255]


def test_sizes_and_types_may_change_between_pictures() -> None:
    convert = PixelConverter()
    for channels, size, dtype in (
        (3, 8, torch.float32),
        (1, 4, torch.float32),
        (3, 8, torch.bfloat16),
    ):
        img = torch.zeros(1, channels, size, size, dtype=dtype)
        assert (convert.bgra(img)[..., 0] == 128).all()
