import pytest

from latent_studio.errors import OptionError
from latent_studio.jobs import bench


def test_frames_are_timed_by_kind_and_precision(styled_file, digits_file):
    report = bench.bench_render(styled_file, repeats=1, device="cpu")
    assert list(report.milliseconds) == ["fp32", "bf16"]
    for kinds in report.milliseconds.values():
        assert set(kinds) == {"full", "incremental", "preview"}
        assert all(ms > 0 for ms in kinds.values())
    assert "bf16 is" in report.lines()[-1]
    plain = bench.bench_render(digits_file, repeats=1, device="cpu")
    assert set(plain.milliseconds["fp32"]) == {"full"}


def test_training_is_timed_in_both_precisions():
    report = bench.bench_train("mlp-mnist", batch=4, steps=1, device="cpu")
    assert set(report.images_per_second) == {"fp32", "bf16"}
    assert report.batch == 4
    assert "times as fast" in report.lines()[-1]
    with pytest.raises(OptionError, match="no preset"):
        bench.bench_train("x")
