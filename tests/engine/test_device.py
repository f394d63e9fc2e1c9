import pytest
import torch

from latent_studio.engine import precision, processor
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
    device, timed = torch.device("cpu"), precision._timed
    monkeypatch.setattr(precision, "bf16_of_cpu", lambda: True)
    for generator in (styled(c_dim=2), plain()):
        for close, slow, fast, wanted in (
            (60.0, 2.0, 1.0, torch.bfloat16),
            (60.0, 1.1, 1.0, torch.float32),
            (30.0, 9.0, 1.0, torch.float32),
            (float("nan"), 9.0, 1.0, torch.float32),
        ):

            def spent(backend, seed, slow=slow, fast=fast):
                return timed(backend, seed)[0], slow if backend.dtype == torch.float32 else fast

            monkeypatch.setattr(precision, "psnr", lambda a, b, close=close: close)
            monkeypatch.setattr(precision, "_timed", spent)
            assert choose_dtype(generator, device) is wanted
        monkeypatch.setattr(precision, "_timed", timed)
        assert choose_dtype(generator, device, 0.0) in (torch.float32, torch.bfloat16)


def test_bits_are_chosen_with_few_pictures(styled, monkeypatch: pytest.MonkeyPatch) -> None:
    device, drawn = torch.device("cpu"), []
    image = torch.zeros(1, 3, 4, 4)

    def choose(seconds: dict, has: bool | None, budget_s: float = 1e9) -> tuple[torch.dtype, int]:
        def spent(backend, seed):
            drawn.append(seed)
            return image, seconds[backend.dtype]

        drawn.clear()
        monkeypatch.setattr(precision, "bf16_of_cpu", lambda: has)
        monkeypatch.setattr(precision, "_timed", spent)
        return choose_dtype(styled(), device, budget_s), len(drawn)

    faster = {torch.float32: 2.0, torch.bfloat16: 1.0}
    slower = {torch.float32: 1.0, torch.bfloat16: 2.0}
    assert choose(faster, False) == (torch.float32, 0)  # it would be emulated
    assert choose(faster, None) == choose(faster, True) == (torch.bfloat16, 14)
    assert choose(slower, None) == (torch.float32, 4)  # out after one turn that counts
    assert choose(faster, True, budget_s=0.0) == (torch.bfloat16, 4)


def test_what_the_processor_says(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(flags: str = "", features: str = "", probe: bool = False) -> bool | None:
        fields = {"flags": flags, "Features": features}
        monkeypatch.setattr(processor, "cpu_field", fields.__getitem__)
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: probe, raising=False)
        processor.bf16_of_cpu.cache_clear()
        return processor.bf16_of_cpu()

    try:
        assert told("fpu avx2 avx512f") is False and processor.instruction_sets() == [
            "avx2",
            "avx512f",
        ]
        assert told("avx512f amx_bf16") is True and told("avx512_bf16") is True
        assert told(features="fp asimd bf16") is True
        assert told(features="fp asimd") is False and processor.instruction_sets() == ["neon"]
        assert told() is None and told(probe=True) is True  # no Linux
    finally:
        processor.bf16_of_cpu.cache_clear()
