"""The network's definition; its published weights are not needed."""

import hashlib
import io

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from latent_studio.errors import Cancelled, DataError, ModelError
from latent_studio.mailbox import StopToken
from latent_studio.metrics import inception_weights
from latent_studio.metrics.features import ClassExtractor
from latent_studio.metrics.inception import InceptionV3, resized_from_corner
from latent_studio.metrics.inception_weights import FILE_NAME, download_inception, load_inception


@pytest.fixture(scope="module")
def state(inception_state):
    return inception_state


@pytest.fixture(scope="module")
def network(state):
    return InceptionV3(state)


def test_has_the_tensors_of_the_public_file(state):
    assert len(state) == 472
    assert sum(value.numel() for value in state.values()) == 23_885_392
    expected = {
        "Conv2d_1a_3x3.conv.weight": (32, 3, 3, 3),
        "Conv2d_4a_3x3.bn.running_var": (192,),
        "Mixed_5b.branch5x5_2.conv.weight": (64, 48, 5, 5),
        "Mixed_6a.branch3x3dbl_3.conv.weight": (96, 96, 3, 3),
        "Mixed_6c.branch7x7dbl_4.conv.weight": (160, 160, 7, 1),
        "Mixed_7a.branch7x7x3_4.conv.weight": (192, 192, 3, 3),
        "Mixed_7c.branch3x3dbl_3a.conv.weight": (384, 384, 1, 3),
        "fc.weight": (1008, 2048),
    }
    assert {name: tuple(state[name].shape) for name in expected} == expected


@torch.no_grad()
def test_features_and_classes(network, state):
    assert isinstance(network, ClassExtractor)
    pictures = torch.randint(
        0, 256, (1, 3, 40, 40), generator=torch.Generator().manual_seed(0), dtype=torch.uint8
    )
    stages = network.stages(pictures.float())
    assert [tuple(maps.shape[1:]) for maps in stages] == [
        (64, 147, 147),
        (192, 71, 71),
        (768, 17, 17),
        (2048, 8, 8),
    ]
    found = network(pictures)
    assert (found.shape, found.dtype) == ((1, 2048), torch.float32)
    torch.testing.assert_close(found, stages[-1].mean((2, 3)))
    chances = network.probabilities(found.numpy())
    logits = (found @ state["fc.weight"].T).double().numpy()[0]
    np.testing.assert_allclose(chances.sum(1), 1)
    np.testing.assert_allclose(
        np.log(chances[0] / chances[0, 0]), logits - logits[0], rtol=1e-3, atol=1e-3
    )


@torch.no_grad()
def test_pooling_is_that_of_the_published_graph(network):
    x = torch.rand(1, 2048, 8, 8, generator=torch.Generator().manual_seed(0))
    ones = torch.ones(1, 1, 8, 8)
    mean, most = network.Mixed_7b._pool, network.Mixed_7c._pool
    assert torch.equal(mean(ones), ones)  # the padding does not count, in the corner either
    assert torch.equal(most(x)[..., 0, 0], x[..., :2, :2].amax((2, 3)))
    assert torch.allclose(mean(x)[..., 0, 0], x[..., :2, :2].mean((2, 3)))


def test_resizing_starts_at_the_corner():
    row = torch.tensor([[[[0.0, 30.0, 60.0]]]])
    # Pixel i of 6 lies at i / 2; beyond the last pixel nothing is invented.
    assert resized_from_corner(row.expand(1, 1, 3, 3), 6)[0, 0, 0].tolist() == [
        pytest.approx(v) for v in (0, 15, 30, 45, 60, 60)
    ]
    same = torch.rand(1, 3, 299, 299, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(resized_from_corner(same, 299), same)


def test_files_of_both_kinds_give_the_same_network(network, state, tmp_path):
    torch.save(state, tmp_path / "weights.pth")
    save_file(state, tmp_path / "weights.safetensors")
    for name in ("weights.pth", "weights.safetensors"):
        assert load_inception(tmp_path / name).digest == network.digest


def test_files_that_are_none(state, tmp_path):
    with pytest.raises(ModelError, match=r"need the weights pt_inception.*https://"):
        load_inception(tmp_path / "none.pth")
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(ModelError, match="cannot be read"):
        load_inception(tmp_path / "text.pth")
    torch.save({"a": 1}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match="no plain weights"):
        load_inception(tmp_path / "other.pth")
    torch.save({**state, "fc.weight": torch.zeros(1000, 2048)}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match=r"1 of 472 tensors.*fc\.weight"):
        load_inception(tmp_path / "other.pth")


class Payload:
    def __reduce__(self):
        return print, ("code ran",)


def test_no_file_can_run_code(tmp_path, capsys):
    torch.save({"a": Payload()}, tmp_path / "bad.pth")
    with pytest.raises(ModelError, match="cannot be read"):
        load_inception(tmp_path / "bad.pth")
    assert "code ran" not in capsys.readouterr().out


def server(content):
    return lambda url, timeout: io.BytesIO(content)


def test_download_is_checked_and_whole(tmp_path):
    content = bytes(range(256)) * 20_000
    told = []
    path = download_inception(
        tmp_path / "new",
        sha256=hashlib.sha256(content).hexdigest(),
        opener=server(content),
        emit=told.append,
    )
    assert path.name == FILE_NAME and path.read_bytes() == content
    assert told[-1].done == len(content)
    # What is there is not fetched again.
    assert download_inception(tmp_path / "new", opener=None) == path


def test_download_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(DataError, match="not the published file"):
        download_inception(tmp_path, opener=server(b"something else"))

    def broken(url, timeout):
        raise OSError("no route")

    with pytest.raises(DataError, match="no route"):
        download_inception(tmp_path, opener=broken)
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        download_inception(tmp_path, opener=server(b"x"), token=token)
    assert list(tmp_path.iterdir()) == []


def test_the_published_file_is_named_by_its_hash():
    assert inception_weights.SHA256.startswith("6726825d") and "6726825d" in FILE_NAME
    assert len(inception_weights.SHA256) == 64
