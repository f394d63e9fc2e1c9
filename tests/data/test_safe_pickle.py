"""Pickles of plain data are read as pickle reads them; everything else is refused by name."""

import collections
import contextlib
import os
import pickle
import struct
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_studio.data import safe_pickle
from latent_studio.data.pickle_values import PickleRefused
from latent_studio.data.safe_pickle import read_pickle

PROTOCOLS = range(6)


def read(data):
    return read_pickle(data, "batch")


def scalars():
    return (
        st.none()
        | st.booleans()
        | st.integers(-(2**70), 2**70)
        | st.floats(allow_nan=False)
        | st.text(max_size=8)
        | st.binary(max_size=8)
    )


def values():
    return st.recursive(
        scalars(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.tuples(inner, inner)
            | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
        ),
        max_leaves=12,
    )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(values(), st.sampled_from(PROTOCOLS))
def test_plain_values_come_back(value, protocol):
    assert read(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("dtype", ["u1", "<f4", ">i2", "?", "<c8", "<f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_come_back(protocol, dtype, order):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype, order=order)
    got = read(pickle.dumps({"a": [array, (array,)]}, protocol))
    assert got["a"][0].dtype == array.dtype
    np.testing.assert_array_equal(got["a"][0], array)
    np.testing.assert_array_equal(got["a"][1][0], array)


@pytest.mark.parametrize("protocol", [2, 4])
def test_numpy_scalars_types_and_ordered_dicts(protocol):
    value = {"n": np.float64(2.5), "k": np.int64(-3), "t": np.dtype("<f4")}
    value["s"] = {1, "a"}
    value["o"] = collections.OrderedDict([("b", 1), ("a", 2)])
    got = read(pickle.dumps(value, protocol))
    assert (got["n"], got["k"], got["t"]) == (2.5, -3, np.dtype("<f4"))
    assert got["s"] == {1, "a"}
    assert list(got["o"].items()) == [("b", 1), ("a", 2)]


def test_texts_of_python_2_are_bytes():
    assert read(b"\x80\x02}U\x04dataU\x02\xff\x00s.") == {b"data": b"\xff\x00"}


def test_the_globals_of_the_published_cifar_files():
    """Written by Python 2 and numpy 1: ``numpy.core``, byte texts."""
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    data = b"".join(
        (
            b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\n",
            b"ndarray\nq\x04K\x00\x85q\x05U\x01bq\x06\x87q\x07Rq\x08(K\x01K\x02K\x03\x86q\x09",
            b"cnumpy\ndtype\nq\nU\x02u1q\x0bK\x00K\x01\x87q\x0cRq\r(K\x03U\x01|q\x0eNNN",
            b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x0fb\x89U\x06",
            array.tobytes(),
            b"q\x10tq\x11bU\x06labelsq\x12]q\x13(K\x01K\x02eu.",
        )
    )
    got = read(data)
    np.testing.assert_array_equal(got[b"data"], array)
    assert got[b"labels"] == [1, 2]


def test_large_arrays_are_not_copied():
    data = bytearray(pickle.dumps(np.full(2**18, 3, dtype=np.uint8), 4))
    got = read(memoryview(data).toreadonly())
    data[data.find(b"\3" * 1000)] = 7
    assert got[0] == 7
    assert not got.flags.writeable


def test_containers_that_share_or_contain_themselves():
    one = [1]
    one.append(one)
    got = read(pickle.dumps(one, 2))
    assert got[1] is got
    both = [2]
    pair = read(pickle.dumps([both, both], 2))
    assert pair[0] is pair[1]


class _Runs:
    def __init__(self, called, *arguments):
        self.called, self.arguments = called, arguments

    def __reduce__(self):
        return self.called, self.arguments


class _Plain:
    """Even a harmless class is none of the known names."""


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("value", "named"),
    [
        (_Runs(os.system, "exit 1"), r"(posix|nt)\.system"),
        (_Runs(subprocess.Popen, ["x"]), r"(subprocess|commands)\.Popen"),
        (_Runs(eval, "1"), r"(builtins|__builtin__)\.eval"),
        (_Runs(np.load, "x"), r"numpy\.load"),
        (_Plain(), r"_Plain|copy_?reg"),
        (collections.Counter("a"), r"collections\.Counter"),
    ],
)
def test_code_is_refused_by_name(protocol, value, named, monkeypatch):
    ran = []
    monkeypatch.setattr(os, "system", lambda *a: ran.append(a))
    data = pickle.dumps({"x": value}, protocol) if protocol else pickle.dumps([value], 0)
    with pytest.raises(PickleRefused, match=named) as caught:
        read(data)
    assert "batch asks for" in str(caught.value)
    assert not ran


HOSTILE = {
    "inst": b"(S'echo'\nios\nsystem\n.",
    "obj": b"(cos\nsystem\nS'echo'\no.",
    "newobj": b"\x80\x02ccollections\nOrderedDict\nK\x01\x85\x81.",
    "newobj of a text": b"\x80\x02S'a'\n)\x81.",
    "newobj of code": b"\x80\x02cos\nsystem\n)\x81.",
    "long key": b"}(" + b"K\x01" * 20 + b"tK\x01s.",
    "many arguments": b"ccollections\nOrderedDict\n(" + b"N" * 20 + b"tR.",
    "name of a list": b"]X\x01\x00\x00\x00a\x93.",
    "persistent id": b"Pfile\n.",
    "extension": b"\x80\x02\x82\x01.",
    "next buffer": b"\x80\x05\x97.",
    "a name as a value": b"cnumpy\nndarray\n.",
    "call a text": b"S'a'\n)R.",
    "build on a list": b"]}b.",
    "append to a dict": b"}K\x01a.",
    "unhashable key": b"}]K\x01s.",
    "nested key": b"}((ttK\x01s.",
    "no stop": b"K\x01",
    "empty": b"",
    "two values": b"K\x01K\x02.",
    "mark as a value": b"(.",
    "no mark": b"t.",
    "unknown memo": b"h\x05.",
    "cut": b"\x80\x02X\xff\xff\x00\x00abc.",
    "negative length": b"T\xff\xff\xff\xff.",
    "long name": b"c" + b"a" * 5000 + b"\nb\n.",
    "a line without an end": b"S'abc",
    "set of lists": b"c__builtin__\nset\n(](]etR.",
    "huge number": b"\x8b" + struct.pack("<i", 10**6) + b"\1" * 10**6 + b".",
    "object array": (
        b"cnumpy\ndtype\nX\x02\x00\x00\x00O8K\x00K\x01\x87R."  # an array of anything
    ),
    "array of a list": b"cnumpy._core.numeric\n_frombuffer\n(]cnumpy\ndtype\nX\x02\x00\x00\x00u1"
    b"\x85RK\x00\x85tR.",
    "array beyond its bytes": b"cnumpy._core.numeric\n_frombuffer\n(C\x02abcnumpy\ndtype\n"
    b"X\x02\x00\x00\x00f8\x85RK\x09\x85tR.",
    "make an array anew": b"cnumpy\nndarray\nK\x09\x85R.",
}


@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_hostile_files_are_refused_in_one_line(case):
    with pytest.raises(PickleRefused) as caught:
        read(HOSTILE[case])
    assert str(caught.value).startswith("batch ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("opener", [b"]", b"("])
def test_deep_nesting_is_refused(opener):
    depth = 20_000
    data = b"]" * depth + b"a" * (depth - 1) + b"." if opener == b"]" else None
    data = data or b")" + b"\x85" * depth + b"."
    with pytest.raises(PickleRefused, match="levels deep"):
        read(data)


def test_endless_work_is_refused(monkeypatch):
    monkeypatch.setattr(safe_pickle, "MAX_STEPS", 1000)
    with pytest.raises(PickleRefused, match="steps"):
        read(b"N0" * 2000 + b"N.")
    monkeypatch.setattr(safe_pickle, "MAX_STACK", 100)
    with pytest.raises(PickleRefused, match="values"):
        read(b"N" * 500)


def test_texts_are_not_turned_into_bytes_without_end(monkeypatch):
    monkeypatch.setattr(safe_pickle, "MAX_BYTES", 5_000)
    text = b"X" + struct.pack("<I", 1000) + b"a" * 1000 + b"q\x00"
    again = b"c_codecs\nencode\nh\x00X\x06\x00\x00\x00latin1\x86R0"
    with pytest.raises(PickleRefused, match="more bytes"):
        read(b"\x80\x02" + text + again * 20 + b".")


@pytest.mark.parametrize("called", [b"c__builtin__\nset\n", b"ccollections\nOrderedDict\n"])
def test_long_lists_are_not_copied_without_end(called, monkeypatch):
    """A small file: one list of a thousand, made into another thing ten thousand times."""
    monkeypatch.setattr(safe_pickle, "MAX_STEPS", 200_000)
    again = called + b"h\x00\x85R0"
    with pytest.raises(PickleRefused):
        read(b"\x80\x02](" + b"K\x01" * 1000 + b"eq\x00" + again * 10_000 + b".")


def test_values_that_double_are_neither_hashed_nor_printed():
    """Sixty tuples of the one before twice: 2^60 values for whoever walks them."""
    laughs = b"\x80\x02" + b")" + b"2\x86" * 60
    for data in (laughs + b".", b"}" + laughs[2:] + b"Ns.", laughs + b"X\x01\x00\x00\x00a\x93."):
        with contextlib.suppress(PickleRefused):
            read(data)


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(safe_pickle, "MAX_BYTES", 10)
    with pytest.raises(PickleRefused, match="larger"):
        read(b"N" * 11)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.data())
def test_damage_never_does_more_than_refuse(data):
    good = pickle.dumps({"a": [1, 2, (3, b"x" * 9)], "b": np.arange(5)}, 2)
    place = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(PickleRefused):
        read(bytes(bad))
