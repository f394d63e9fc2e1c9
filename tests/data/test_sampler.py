"""Epochs are permutations, and a saved position continues exactly."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_studio.data.dataset import ImageDataset
from latent_studio.data.sampler import BatchStream, InfiniteSampler
from latent_studio.errors import DataError


@given(st.integers(1, 40), st.integers(0, 9), st.lists(st.integers(0, 50), max_size=8))
def test_any_batch_sizes_give_the_same_stream(count, seed, sizes):
    whole = InfiniteSampler(count, seed).next(sum(sizes))
    sampler = InfiniteSampler(count, seed)
    parts = [sampler.next(n) for n in sizes]
    np.testing.assert_array_equal(np.concatenate([*parts, np.empty(0, np.int64)]), whole)
    assert sampler.drawn == sum(sizes)


@given(st.integers(1, 40), st.integers(0, 9), st.integers(0, 200), st.integers(1, 60))
def test_a_saved_position_continues_exactly(count, seed, before, after):
    sampler = InfiniteSampler(count, seed)
    sampler.next(before)
    state = json.loads(json.dumps(sampler.state_dict()))
    restored = InfiniteSampler(count, seed=123)
    restored.load_state_dict(state)
    for left, right in zip(
        sampler.next_with_flips(after), restored.next_with_flips(after), strict=True
    ):
        np.testing.assert_array_equal(left, right)


def test_every_epoch_is_another_permutation():
    sampler = InfiniteSampler(50, 0)
    first, second = sampler.next(50), sampler.next(50)
    assert sorted(first) == sorted(second) == list(range(50))
    assert (first != second).any()
    assert (first != InfiniteSampler(50, 1).next(50)).any()
    assert first.dtype == np.int64


@pytest.mark.parametrize("state", [{}, {"count": 9, "seed": 0, "drawn": 1}, {"count": "x"}])
def test_a_position_of_another_set_is_refused(state):
    with pytest.raises(DataError):
        InfiniteSampler(8).load_state_dict(state)


def test_nothing_to_draw_from():
    with pytest.raises(DataError):
        InfiniteSampler(0)


@pytest.fixture
def ramp() -> ImageDataset:
    """Image i is i on its left half and 100 + i on its right."""
    images = np.zeros((20, 1, 4, 4), np.uint8)
    images[..., :2] = np.arange(20)[:, None, None, None]
    images[..., 2:] = 100 + np.arange(20)[:, None, None, None]
    return ImageDataset(images, labels=np.arange(20) % 4, classes=list("abcd"))


def test_mirrored_batches_keep_images_and_labels_together(ramp):
    stream = BatchStream(ramp, 40, seed=3)
    images, labels = stream.next()
    flipped = images[:, 0, 0, 0] >= 100
    index = np.where(flipped, images[:, 0, 0, 3], images[:, 0, 0, 0])
    np.testing.assert_array_equal(index % 4, labels)
    assert 8 < flipped.sum() < 32
    np.testing.assert_array_equal(images[:, 0, 0, 0] + images[:, 0, 0, 3], 100 + 2 * index)
    assert stream.classes == list("abcd")


def test_the_set_itself_is_never_changed(ramp):
    before = ramp.images.copy()
    stream = BatchStream(ramp, 10)
    for _ in range(5):
        images, _ = stream.next()
        images[:] = 0
    np.testing.assert_array_equal(ramp.images, before)


def test_without_mirror_nothing_is_flipped(ramp):
    images, _ = BatchStream(ramp, 40, mirror=False).next()
    assert images[:, 0, 0, 0].max() < 20


def test_a_stream_continues_with_the_same_flips(ramp):
    stream = BatchStream(ramp, 7, seed=5)
    stream.next()
    state = json.loads(json.dumps(stream.state_dict()))
    expected = stream.next()[0]
    again = BatchStream(ramp, 7, seed=0)
    again.load_state_dict(state)
    np.testing.assert_array_equal(again.next()[0], expected)


def test_an_empty_batch_is_refused(ramp):
    with pytest.raises(DataError):
        BatchStream(ramp, 0)
