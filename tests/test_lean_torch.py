"""torch without its meta kernels until they are wanted, in processes of their own."""

import subprocess
import sys

import pytest

from latent_studio import lean_torch

START = """
import sys
from latent_studio import lean_torch
lean_torch.defer_meta_kernels()
import torch
def put_off():
    return isinstance(sys.modules["torch._meta_registrations"], lean_torch._PutOff)
assert put_off()
"""


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", START + code], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_a_window_needs_goes_without() -> None:
    run("""
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import architectures, build_generator, layout
for name in architectures():
    assert layout(ModelSpec(name, {})).shapes
model = build_generator(ModelSpec("stylegan2", {"img_resolution": 16, "channel_base": 64}))
assert torch.isfinite(model(torch.randn(1, 512, generator=torch.Generator().manual_seed(1)))).all()
from latent_studio.cli.main import main
import tempfile, pathlib
with tempfile.TemporaryDirectory() as folder:
    out = pathlib.Path(folder) / "face.png"
    assert main(["render", "-m", "faces", "--seed", "3", "-o", str(out), "--backend", "torch"]) == 0
    assert out.stat().st_size > 1000
assert put_off()
""")


@pytest.mark.parametrize("name", ["_prims", "_decomp.decompositions"])
def test_who_wants_them_gets_them(name: str) -> None:
    """Modules that they import themselves, too, and none of them twice."""
    run(f"""
import torch.{name}
assert not put_off()
module = sys.modules["torch.{name}"]
assert module.__spec__.name == "torch.{name}" and module.__spec__.loader.path == module.__file__
with torch.device("meta"):
    assert torch.nn.Conv2d(3, 4, 3)(torch.randn(1, 3, 8, 8)).flip([0]).shape == (1, 4, 6, 6)
assert not lean_torch.load_meta_kernels()
""")


def test_a_name_of_theirs_loads_them() -> None:
    run("""
import threading
found = []
threads = [
    threading.Thread(target=lambda: found.append(torch._meta_registrations.meta_index_Tensor))
    for _ in range(4)
]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(found) == 4 and len(set(found)) == 1 and not put_off()
try:
    torch._meta_registrations.no_such_name
except AttributeError as error:
    assert "no_such_name" in str(error)
else:
    raise AssertionError
assert torch.Generator().manual_seed(1).initial_seed() == 1
""")


def test_it_is_compiled_as_ever() -> None:
    run("""
torch.optim.Adam([torch.nn.Parameter(torch.zeros(3))])
doubled = torch.compile(lambda x: x * 2 + 1, backend="eager", fullgraph=True)
assert doubled(torch.ones(2)).tolist() == [3.0, 3.0]
assert not put_off()
""")


def test_a_torch_that_is_there_is_left_alone() -> None:
    import torch  # noqa: F401

    finders = list(sys.meta_path)
    lean_torch.defer_meta_kernels()
    assert sys.meta_path == finders
