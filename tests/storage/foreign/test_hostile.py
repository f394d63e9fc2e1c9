"""Files that mean harm are refused in a line, soon, within bounds, and nothing of them is run."""

import contextlib
import re
import sys

import hostile
import pytest
import torch
from exploring import VARIABLE, explore, fixed
from hypothesis import given
from hypothesis import strategies as st
from opening import HARM, warm_up
from watched import GIGABYTE, SECONDS, Watch, watch

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.storage.foreign.entrance import open_model

CASES = list(hostile.corpus())
CORPUS = dict(CASES)
SMALL = {"z_dim": 4, "w_dim": 4, "img_resolution": 8, "channel_base": 32, "channel_max": 4}
WATCH = Watch()
# the first test waits for all files, on a machine that may have other things to do
pytestmark = pytest.mark.timeout(300)


def put(folder, files):
    """Jobs of files, each in a folder of its own: name, kind of opening, content."""
    jobs = []
    for index, (name, kind, data) in enumerate(files):
        path = folder / str(index) / "model.pkl"
        path.parent.mkdir()
        path.write_bytes(data)
        jobs.append((name, kind, path))
    return jobs


@pytest.fixture(scope="module")
def happened(tmp_path_factory):
    """What each file of the corpus led to, in a process that is watched."""
    folder = tmp_path_factory.mktemp("corpus")
    return folder, watch(put(folder, [(name, "model", data) for name, data in CASES]))


def is_linux():
    return sys.platform == "linux"


def test_the_corpus_is_large():
    assert len(CORPUS) >= 60
    assert len(CORPUS) == len(CASES)


@pytest.mark.parametrize("name", sorted(CORPUS))
def test_it_is_refused(name, happened):
    folder, found = happened
    found = found[name]
    assert "lost" not in found, found["lost"]
    assert found["events"] == []
    assert found["seconds"] < SECONDS
    assert found["peak"] < GIGABYTE / 2
    kind, message = found["error"]
    assert kind == "ModelError"
    assert "\n" not in message
    assert len(message) < 1000
    assert message.startswith(str(folder))
    # a limit of this program ends it, not one of the system
    assert "more memory than there is" not in message
    if name.startswith("call "):
        assert f"asks for {name.removeprefix('call ')}" in message
        assert "Nothing of it was run" in message


def test_nothing_is_left_behind(happened):
    folder, _ = happened
    left = {file.relative_to(folder).parts[1:] for file in folder.rglob("*") if file.is_file()}
    assert left == {("model.pkl",)}


@pytest.fixture(scope="module")
def harmed(tmp_path_factory):
    jobs = put(tmp_path_factory.mktemp("harm"), [(name, name, b"") for name in HARM])
    return watch(jobs, seconds=2, tries=1)


@pytest.mark.parametrize("name", sorted(HARM))
def test_harm_would_be_noticed(name, harmed):
    found = harmed[name]
    if name == "wait":
        assert "Timeout" in found["lost"] and "opening.py" in found["lost"]
    elif name == "end":
        assert found["lost"].startswith("3")
    elif name == "hoard":
        assert found["events"] == [] and (found["peak"] > 250_000_000 or not is_linux())
    elif name == "hoard more":
        assert found["error"][0] == "MemoryError" or not is_linux()
    else:
        event = "exec" if name == "eval" else name.split()[0]
        assert any(seen.startswith(event) for seen in found["events"]), found


@pytest.fixture(scope="module")
def real():
    """A network in the real layout, small."""
    g = build_generator(ModelSpec("stylegan2", SMALL))
    state = {name: tensor.numpy() for name, tensor in g.state_dict().items()}
    fields = {}
    for name, array in state.items():
        shape = b"(" + b"".join(hostile.number(side) for side in array.shape) + b"t"
        steps = [step // 4 for step in array.strides]
        stride = b"(" + b"".join(hostile.number(step) for step in steps) + b"t"
        count = array.size
        data = hostile.stream(
            hostile.storage(count),
            b"](" + hostile.text("0") + b"e",
            count.to_bytes(8, "little") + array.tobytes(),
        )
        fields[name] = hostile.tensor(shape, stride, data=data)
    network = hostile.network(_parameters=hostile.state(**fields))
    return hostile.pickled(hostile.state(G_ema=network))


def test_the_real_layout_is_read(real, tmp_path):
    (tmp_path / "a.pkl").write_bytes(real)
    bundle = open_model(tmp_path / "a.pkl")
    assert bundle.spec.config["img_resolution"] == 8
    g = build_generator(ModelSpec("stylegan2", SMALL))
    for name, value in g.state_dict().items():
        assert torch.equal(bundle.tensors[name], value), name


def test_the_real_layout_cut_off(real, tmp_path):
    path = tmp_path / "a.pkl"
    for part in range(1, 40):
        path.write_bytes(real[: len(real) * part // 40])
        with pytest.raises(ModelError, match="damaged or cut off"):
            open_model(path)


DAMAGE = {
    "changes": st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6
    ),
    "cut": st.floats(0, 1),
}
_NAMES = """
collections.OrderedDict torch._utils._rebuild_tensor_v2 torch.storage._load_from_bytes
torch_utils.persistence._reconstruct_persistent_obj numpy.dtype argparse.Namespace builtins.set
numpy.core.multiarray._reconstruct os.system
"""
PIECES = [bytes([b]) for b in b"()]}.012NKqhRbQtulsea\x85\x86\x87\x81\x8f\x90\x91\x93\x94"]
PIECES += [hostile.text("G"), hostile.number(9), hostile.floats(1), hostile.blob(b"abc")]
PIECES += [hostile.named(name) for name in _NAMES.split()]


def damaged(path, real):
    """Bytes changed and the end cut off: a model or an error, never anything else."""

    @given(**DAMAGE)
    def check(changes, cut):
        data = bytearray(real)
        for place, value in changes:
            data[int(place * len(data))] = value
        path.write_bytes(data[: len(data) - (int(cut * 99) if cut > 0.8 else 0)])
        with WATCH.over(str(path)), contextlib.suppress(ModelError):
            open_model(path)
        assert WATCH.seen == []

    return check


def opcodes(path):
    """Instructions in any order, which are never a model."""

    @given(pieces=st.lists(st.sampled_from(PIECES), max_size=40))
    def check(pieces):
        path.write_bytes(b"\x80\x02" + b"".join(pieces) + b".")
        with WATCH.over(str(path)), pytest.raises(ModelError):
            open_model(path)
        assert WATCH.seen == []

    return check


@pytest.fixture
def path(tmp_path, real):
    """Where a file may be, when everything is imported that opening one imports."""
    warm_up()
    found = tmp_path / "a.pkl"
    found.write_bytes(real)
    open_model(found)
    return found


def test_the_real_layout_damaged(real, path):
    fixed(damaged(path, real), 60)


def test_the_real_layout_damaged_anew(real, path):
    explore(lambda: damaged(path, real))


def test_opcodes_in_any_order(path):
    fixed(opcodes(path), 60)


def test_opcodes_in_any_order_anew(path):
    explore(lambda: opcodes(path))


def test_a_failure_names_its_number(monkeypatch):
    seen = []

    def never():
        @given(st.integers(0, 10**9))
        def check(number):
            seen.append(number)
            assert number < 10**6

        return check

    with pytest.raises(pytest.fail.Exception, match=VARIABLE) as caught:
        explore(never)
    number = re.search(rf"{VARIABLE}=(\d+)", str(caught.value))[1]
    first, seen[:] = list(seen), []
    monkeypatch.setenv(VARIABLE, number)
    with pytest.raises(pytest.fail.Exception, match=f"{VARIABLE}={number}"):
        explore(never)
    assert seen and first[-len(seen) :] == seen
