"""StyleGAN of the first generation: its layout, and the arithmetic that its names stand for."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from foreign_files import tf_network

from latent_studio.errors import ModelError
from latent_studio.storage.foreign.entrance import describe, open_model, open_networks
from latent_studio.storage.model_file import load_generator

pytestmark = pytest.mark.usefixtures("one_thread")
WIDTHS = {4: 8, 8: 8, 16: 6, 32: 6, 64: 4, 128: 4}


def network(writer, sides=(4, 8, 16), settings=None, **more):
    """Variables as such files have them, and the network of them."""
    draw = np.random.RandomState(0)

    def random(*shape):
        return draw.randn(*shape).astype(np.float32)

    mapping, synthesis = {}, {"lod": np.float32(0)}
    for i, (a, b) in enumerate([(6, 10), (10, 10), (10, 7)]):
        mapping |= {f"Dense{i}/weight": random(a, b) * 100, f"Dense{i}/bias": random(b) * 50}
    before = None
    for stage, side in enumerate(sides):
        width, at = WIDTHS[side], f"{side}x{side}"
        names = ("Const", "Conv") if stage == 0 else ("Conv0_up", "Conv1")
        for place, name in enumerate(names):
            layer = f"{at}/{name}"
            if name == "Const":
                synthesis[f"{layer}/const"] = random(1, width, 4, 4)
            else:
                synthesis[f"{layer}/weight"] = random(3, 3, before, width)
            before = width
            synthesis |= {
                f"{layer}/Noise/weight": random(width) * 0.3,
                f"{layer}/bias": random(width) * 0.3,
                f"{layer}/StyleMod/weight": random(7, 2 * width),
                f"{layer}/StyleMod/bias": random(2 * width) * 0.3,
                f"noise{2 * stage + place}": random(1, 1, side, side),
            }
        rgb = f"ToRGB_lod{len(sides) - 1 - stage}"
        synthesis |= {f"{rgb}/weight": random(1, 1, width, 3), f"{rgb}/bias": random(3)}
    own = {"lod": np.float32(more.pop("lod", 0)), "dlatent_avg": random(7)}
    parts = {
        "mapping": tf_network(writer, "G_mapping", {**mapping, **more}, {}),
        "synthesis": tf_network(writer, "G_synthesis", synthesis, {}),
    }
    options = {"resolution": sides[-1], "num_channels": 3, "truncation_psi": 0.7}
    return tf_network(writer, "Gs", own, {**options, **(settings or {})}, parts)


def variables(g):
    found = dict(g.variables)
    for name, part in g.components.items():
        found |= {f"{name}/{key}": value for key, value in part.variables}
    return {key: torch.as_tensor(np.asarray(value)) for key, value in found.items()}


def by_hand(g, z, sides):
    """The paper's network, written out step by step on the file's own variables."""
    v = variables(g)
    x = z * (z.square().mean(1, keepdim=True) + 1e-8).rsqrt()
    for i in range(3):
        weight, bias = v[f"mapping/Dense{i}/weight"], v[f"mapping/Dense{i}/bias"]
        scale = math.sqrt(2 / len(weight)) * 0.01
        x = F.leaky_relu(x @ (weight * scale) + bias * 0.01, 0.2)
    w, x = x, None
    for stage, side in enumerate(sides):
        names = ("Const", "Conv") if stage == 0 else ("Conv0_up", "Conv1")
        for place, name in enumerate(names):
            at = f"synthesis/{side}x{side}/{name}"
            if name == "Const":
                x = v[f"{at}/const"].expand(len(z), -1, -1, -1)
            else:
                x = convolved(x, v[f"{at}/weight"], name == "Conv0_up", side >= 128)
            x = (
                x
                + v[f"synthesis/noise{2 * stage + place}"] * v[f"{at}/Noise/weight"][:, None, None]
            )
            x = F.leaky_relu(x + v[f"{at}/bias"][:, None, None], 0.2)
            x = x - x.mean([2, 3], keepdim=True)
            x = x * (x.square().mean([2, 3], keepdim=True) + 1e-8).rsqrt()
            style = w @ v[f"{at}/StyleMod/weight"] / math.sqrt(7) + v[f"{at}/StyleMod/bias"]
            style = style.reshape(len(z), 2, -1, 1, 1)
            x = x * (style[:, 0] + 1) + style[:, 1]
    weight = v["synthesis/ToRGB_lod0/weight"].permute(3, 2, 0, 1)
    x = F.conv2d(x, weight / math.sqrt(weight.shape[1]))
    return w, x + v["synthesis/ToRGB_lod0/bias"][:, None, None]


def convolved(x, kernel, up, fused):
    kernel = kernel * math.sqrt(2 / (9 * kernel.shape[2]))
    if up and fused:  # a transposed convolution with the sum of four shifted kernels
        four = F.pad(kernel, (0, 0, 0, 0, 1, 1, 1, 1))
        four = four[1:, 1:] + four[:-1, 1:] + four[1:, :-1] + four[:-1, :-1]
        x = F.conv_transpose2d(x, four.permute(2, 3, 0, 1), stride=2, padding=1)
    else:
        x = F.interpolate(x, scale_factor=2.0) if up else x
        x = F.conv2d(x, kernel.permute(3, 2, 0, 1), padding=1)
    if not up:
        return x
    taps = torch.tensor([1.0, 2.0, 1.0]) / 4
    blur = torch.outer(taps, taps).expand(x.shape[1], 1, 3, 3)
    return F.conv2d(x, blur, padding=1, groups=x.shape[1])


@pytest.mark.parametrize("sides", [(4,), (4, 8, 16), (4, 8, 16, 32, 64, 128)])
def test_pictures_are_those_of_the_paper_edges_and_all(writer, tmp_path, sides):
    g = network(writer, sides)
    path = tmp_path / "stylegan.pkl"
    path.write_bytes(writer.pickle((g, tf_network(writer, "D", {}, {}), g)))
    bundle = open_model(path)
    generator = load_generator(bundle)
    z = torch.randn(2, 6, generator=torch.Generator().manual_seed(0))
    w, wanted = by_hand(g, z, sides)
    assert torch.allclose(generator.mapping(z), w, atol=1e-5)
    assert torch.equal(generator.w_avg, variables(g)["dlatent_avg"])
    actual = generator.synthesis(generator.broadcast(w))
    assert (actual - wanted).abs().max() <= 1e-4 * wanted.abs().max()
    assert "first generation" in bundle.card["notes"][0]
    assert describe(path)["format"] == "NVIDIA TensorFlow pickle (StyleGAN)"
    assert not open_networks(path).discriminator


def test_one_that_is_still_growing(writer, tmp_path):
    path = tmp_path / "stylegan.pkl"
    path.write_bytes(writer.pickle((network(writer, lod=0.5),)))
    generator = load_generator(open_model(path))
    assert float(generator.synthesis.growth.progress) == 1.5


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"use_instance_norm": False}, "use_instance_norm"), ({"label_size": 3}, "label_size")],
)
def test_other_networks_are_refused_by_their_setting(writer, tmp_path, settings, said):
    path = tmp_path / "stylegan.pkl"
    path.write_bytes(writer.pickle((network(writer, settings=settings),)))
    with pytest.raises(ModelError, match=said):
        open_model(path)


def test_what_is_missing_is_named(writer, tmp_path):
    g = network(writer)
    part = g.components["synthesis"]
    part.variables = [pair for pair in part.variables if pair[0] != "8x8/Conv1/StyleMod/bias"]
    path = tmp_path / "stylegan.pkl"
    path.write_bytes(writer.pickle((g,)))
    with pytest.raises(ModelError, match="lacks synthesis/8x8/Conv1/StyleMod/bias"):
        open_model(path)
