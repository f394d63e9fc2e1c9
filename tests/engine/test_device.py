import pytest
import torch

from latent_studio.engine import precision
from latent_studio.engine.device import (
    available_devices,
    describe_device,
    half_dtype,
    pick_device,
    precision_name,
)
from latent_studio.engine.precision import choose_dtype, psnr
from latent_studio.errors import OptionError


def test_auto_is_the_best_there_is() -> None:
    assert pick_device("auto").type == available_devices()[0]
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device(torch.device("cpu")) == torch.device("cpu")


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "", "cuda:x"])
def test_what_is_not_there_is_refused_with_a_way_out(name: str) -> None:
    with pytest.raises(OptionError, match=r"cpu"):
        pick_device(name)


def test_descriptions_are_for_people() -> None:
    assert "thread" in describe_device("cpu")
    assert half_dtype("cpu") is torch.bfloat16 and half_dtype("cuda") is torch.float16
    assert precision_name(torch.bfloat16) == "bf16"


def test_psnr_of_known_errors() -> None:
    zero = torch.zeros(1, 3, 4, 4)
    assert psnr(zero, zero) == float("inf")
    assert psnr(zero, zero + 0.02) == pytest.approx(40.0, abs=1e-3)
    assert psnr(zero + 1, zero + 5) == float("inf")


def test_sixteen_bits_must_be_close_and_much_faster(
    styled, plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = torch.device("cpu")
    for generator in (styled(c_dim=2), plain()):
        for close, slow, fast, wanted in (
            (60.0, 2.0, 1.0, torch.bfloat16),
            (60.0, 1.1, 1.0, torch.float32),
            (30.0, 9.0, 1.0, torch.float32),
            (float("nan"), 9.0, 1.0, torch.float32),
        ):
            monkeypatch.setattr(precision, "psnr", lambda a, b, close=close: close)
            monkeypatch.setattr(precision, "race", lambda *_, t=(slow, fast): t)
            assert choose_dtype(generator, device) is wanted
        monkeypatch.undo()
        assert choose_dtype(generator, device, repeats=1) in (torch.float32, torch.bfloat16)
