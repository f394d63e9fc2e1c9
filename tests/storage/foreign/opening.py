"""What a watched process opens, by kind; imported there with all that opening a model imports."""

import codecs
import contextlib
import ctypes
import importlib
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from foreign_files import torch_file
from hostile import call, network, pickled, state, stream, tensor, text
from safetensors.torch import save_file

from latent_studio.data.source import open_source
from latent_studio.errors import StudioError
from latent_studio.storage.foreign.entrance import describe, open_model, open_networks


def data(path: str) -> None:
    source = open_source(path)
    source.load(0, 32, 3)
    source.annotations()


def weights(path: str) -> None:
    from latent_studio.metrics import inception_weights

    inception_weights._read(Path(path))


def study(path: str) -> None:
    """Go on with a study by each sampler."""
    from latent_studio.jobs.search_space import parse_param
    from latent_studio.jobs.study import Method, Study
    from latent_studio.jobs.study_storage import Storage

    space = [*parse_param("x=-5.0:5.0"), *parse_param("y=log:1e-4:1")]
    found = Study(Storage(f"sqlite:///{Path(path).as_posix()}"), "s")
    for sampler in ("cmaes", "tpe", "random"):
        trial = found.claim(99, Method(sampler, "median", 0, 1, 4), space, "w")
        found.finish(trial, "done", [found.choose(trial, space)["x"] ** 2], "")
    found.rows()


def hoard(path: str) -> None:
    """Hold 300 MB for a moment."""
    assert len(bytearray(300_000_000)) > 0


# What no file may lead to, to see that it would be noticed.
HARM: dict[str, Callable[[str], Any]] = {
    "exec": lambda path: exec("a = 1", {}),
    "eval": lambda path: eval("1 + 1", {}),
    "compile": lambda path: compile("1 + 1", "a", "eval"),
    "import": lambda path: importlib.import_module("module_of_a_file"),
    "os.system": lambda path: os.system("exit"),
    "subprocess": lambda path: subprocess.run([sys.executable, "-V"], stdout=-3),
    "socket": lambda path: socket.socket().close(),
    "pickle": lambda path: pickle.loads(pickle.dumps(os.getcwd)),
    "ctypes": lambda path: ctypes.CDLL("no library"),
    "os.remove": os.remove,
    "open": lambda path: open(f"{path}.new", "w").close(),
    "open another": lambda path: open(__file__).close(),
    "hoard": hoard,
    "hoard more": lambda path: bytearray(1 << 40),
    "wait": lambda path: time.sleep(600),
    "end": lambda path: os._exit(3),
}
OPENERS: dict[str, Callable[[str], Any]] = {
    "model": open_model,
    "networks": open_networks,
    "description": describe,
    "weights": weights,
    "data": data,
    "study": study,
    **HARM,
}


def warm_up() -> None:
    """Open harmless files, so that what a file makes the program import is not its own."""
    for name in ("ascii", "latin-1", "raw_unicode_escape", "unicode_escape", "utf-8"):
        codecs.lookup(name)  # texts of pickles; Python imports each when it first needs it
    cube = tensor(b"(" + b"K\x01" * 4 + b"t", b"(" + b"K\x01" * 4 + b"t")
    plain = {"layer.weight": torch.zeros(2, 2)}
    contents = {
        "network": pickled(state(G_ema=network(_parameters=state(a=cube)))),
        "zip": torch_file(plain),
        "old": torch_file(plain, old=True),
        "stream": stream(b"N", b"]", b""),
        "array": pickled(call("numpy.dtype", text("f4"), b"\x89", b"\x88")),
        "text": b"no model at all",
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, content in contents.items():
            (Path(folder) / name).write_bytes(content)
        save_file(plain, Path(folder) / "tensors")
        for name in [*contents, "tensors"]:
            with contextlib.suppress(StudioError):
                open_model(Path(folder) / name)
