"""Any image file becomes a square uint8 array, or a named problem."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from latent_studio.data.decode import ImageProblem, check_resolution, decode, fit, inspect
from latent_studio.errors import DataError


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_png_mode_decodes(mode, channels, picture, encoded):
    if mode == "I;16":
        image = Image.fromarray(np.full((16, 20), 0x8080, np.uint16))
    else:
        image = picture(1, mode="RGBA" if mode == "LA" else "RGB").convert(mode)
    array, facts = decode(encoded(image), "x.png", 8, channels)
    assert array.shape == (channels, 8, 8)
    assert array.dtype == np.uint8
    assert (facts.width, facts.height) == (20, 16)


def test_cmyk_jpeg_keeps_its_colours(encoded):
    image = Image.new("RGB", (16, 16), (200, 40, 60)).convert("CMYK")
    array, facts = decode(encoded(image, "JPEG", quality=95), "x.jpg", 8, 3)
    assert facts.mode == "CMYK"
    assert np.abs(array.mean((1, 2)) - (200, 40, 60)).max() < 12


def test_sixteen_bits_are_scaled_not_cut(encoded):
    image = Image.fromarray(np.full((8, 8), 0x8080, np.uint16))
    assert decode(encoded(image), "x.png", 8, 1)[0].mean() == pytest.approx(128, abs=1)


def test_transparency_becomes_white(encoded):
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert decode(encoded(image), "x.png", 8, 3)[0].min() == 255


def test_exif_orientation_is_applied_before_the_crop(encoded):
    image = Image.new("RGB", (8, 8), "black")
    image.paste("white", (0, 0, 8, 4))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise: the top goes to the right
    array, _ = decode(encoded(image, "PNG", exif=exif), "x.png", 8, 1)
    assert array[0, :, 5:].min() > 200
    assert array[0, :, :3].max() < 50
    wide = encoded(Image.new("RGB", (20, 10)), "PNG", exif=exif)
    assert (inspect(wide, "x.png").width, inspect(wide, "x.png").height) == (10, 20)


def test_shrinking_takes_the_mean_of_the_central_square():
    values = np.zeros((4, 8), np.uint8)
    values[:, 2:6] = np.arange(16).reshape(4, 4) * 10
    values[:, :2] = values[:, 6:] = 255
    small = fit(Image.fromarray(values), 2)
    expected = values[:, 2:6].reshape(2, 2, 2, 2).mean((1, 3))
    np.testing.assert_allclose(small[0], expected, atol=1)


def test_same_size_is_copied_exactly(picture):
    array = np.asarray(picture(3, (16, 16)))
    np.testing.assert_array_equal(fit(Image.fromarray(array), 16), array.transpose(2, 0, 1))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_cut_file_is_called_truncated_or_damaged(kind, picture, encoded):
    data = encoded(picture(1, (64, 64)), kind)
    with pytest.raises(ImageProblem, match=r"truncated|damaged"):
        decode(data[: len(data) * 2 // 3], f"x.{kind}", 8, 3)
    with pytest.raises(ImageProblem, match=r"truncated|damaged"):
        inspect(data[: len(data) * 2 // 3], f"x.{kind}")


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_what_is_no_image_is_a_problem(data):
    with pytest.raises(ImageProblem):
        decode(data, "x.png", 8, 3)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [10_000, 30_000])
def test_a_decompression_bomb_is_refused_by_its_header(side, picture, encoded):
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    data += struct.pack(">I", zlib.crc32(chunk)) + encoded(picture(1))[33:]
    with pytest.raises(ImageProblem, match="more"):
        decode(data, "bomb.png", 8, 3)


@pytest.mark.parametrize("resolution", [0, 3, -8, 2048, 64.0, True, "64"])
def test_resolutions_that_make_no_sense(resolution):
    with pytest.raises(DataError, match="from 4 to 1024"):
        check_resolution(resolution)


def test_two_channels_make_no_sense():
    with pytest.raises(DataError, match="channels"):
        check_resolution(64, 2)
