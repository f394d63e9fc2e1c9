"""Streams of one storage are read by their form; the interpreter would say the same."""

import io
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_studio.data.pickle_rules import Budget
from latent_studio.data.pickle_values import PickleRefused
from latent_studio.data.safe_pickle import refusing
from latent_studio.storage.foreign import torch_stream
from latent_studio.storage.foreign.regions import Memory, Region
from latent_studio.storage.foreign.stand_ins import STORAGES

COUNTS = (0, 1, 7, 255, 256, 65535, 65536, 70001)
DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.uint8)


def stream(dtype: torch.dtype, count: int) -> bytes:
    """What torch writes for a storage on its own."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        storage = torch.zeros(count, dtype=dtype).storage()
        torch.save(storage, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def budget() -> Budget:
    return Budget(10_000, 1 << 20)


def region_of(data: bytes) -> Region:
    return Region(Memory(data), 0, len(data))


def both(data: bytes):
    """What the form says and what the interpreter says; None for a stream that it refuses."""
    region = region_of(data)
    try:
        with refusing("a stream"):
            known = torch_stream._beginning(region, budget())
    except PickleRefused:
        return None, None
    quick = torch_stream._alone(region, len(known), budget())
    try:
        with refusing("a stream"):
            slow = torch_stream.read_stream(region, STORAGES, budget(), known)
    except PickleRefused:
        slow = None
    return quick, slow


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", COUNTS)
def test_storages_of_torch_are_read_by_their_form(dtype, count):
    quick, slow = both(stream(dtype, count))
    assert quick is not None
    assert (quick.dtype, quick.count) == (slow.dtype, slow.count) == (dtype, count)
    assert (quick.region.at, quick.region.count) == (slow.region.at, slow.region.count)


def test_the_form_costs_steps_too():
    data = stream(torch.float32, 8)
    region, left = region_of(data), budget()
    known = torch_stream._beginning(region, budget())
    torch_stream._alone(region, len(known), left)
    interpreted = budget()
    torch_stream.read_stream(region, STORAGES, interpreted, known)
    assert left.steps == interpreted.steps


WHOLE = {count: stream(torch.float32, count) for count in (3, 300, 70_000)}


@settings(max_examples=400, deadline=None)
@given(
    count=st.sampled_from(sorted(WHOLE)),
    changes=st.lists(st.tuples(st.integers(0, 330), st.integers(0, 255)), min_size=1, max_size=3),
    cut=st.integers(-2, 2),
)
def test_a_damaged_stream_is_never_read_otherwise(count, changes, cut):
    """What the form accepts, the interpreter accepts, and as the same."""
    data = bytearray(WHOLE[count])
    for at, value in changes:
        if at < len(data):
            data[at] = value
    data = bytes(data[: len(data) - cut] if cut > 0 else data + b"\0" * -cut)
    quick, slow = both(data)
    if quick is not None:
        assert slow is not None
        assert (quick.dtype, quick.count) == (slow.dtype, slow.count)
        assert (quick.region.at, quick.region.count) == (slow.region.at, slow.region.count)
