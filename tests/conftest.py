"""Ground rules of every test: no screen, no user folders, no thread left behind.

The environment is set while this file is imported, before any test can import Qt or the program.
"""

import gc
import importlib.util
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
_HOME = tempfile.mkdtemp(prefix="latent-studio-tests-")
os.environ["LATENT_STUDIO_HOME"] = _HOME

import pytest  # noqa: E402

from latent_studio.lean_torch import defer_meta_kernels  # noqa: E402

defer_meta_kernels()  # as the program does: whatever misses them is found here
from hypothesis import HealthCheck, settings  # noqa: E402

settings.register_profile(
    "deterministic",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("deterministic")

_PATIENCE_S = 5.0
_LASTING_THREADS = ("pydevd", "ThreadPoolExecutor", "asyncio_", "tqdm_monitor", "pytest_timeout")


def pytest_configure(config: pytest.Config) -> None:
    """Tiny networks are slower on many threads; one beside others, two alone."""
    import torch

    beside = "PYTEST_XDIST_WORKER" in os.environ
    torch.set_num_threads(1 if beside else min(2, os.cpu_count() or 1))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave all that was imported out of later looks at living objects: they'd take a second."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def studio_home() -> Path:
    """The folder that stands in for the user's data, cache and settings."""
    return Path(_HOME)


@pytest.fixture(scope="session")
def photo_data() -> Path:
    """The folder of photographs named by ``LATENT_STUDIO_DATA``; skips without it."""
    folder = os.environ.get("LATENT_STUDIO_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("LATENT_STUDIO_DATA does not name a folder with the photographs")
    return Path(folder)


@pytest.fixture(scope="session")
def inception_state() -> dict[str, Any]:
    """Random weights of Inception's names and shapes; activations stay of size 1."""
    import torch

    from latent_studio.metrics.inception import InceptionV3

    shell = InceptionV3.__new__(InceptionV3)
    torch.nn.Module.__init__(shell)
    with torch.device("meta"):
        shell._build()
    draw = torch.Generator().manual_seed(0)
    state = {}
    for name, value in shell.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        if name.endswith(("running_var", "bn.weight")):
            state[name] = torch.rand(value.shape, generator=draw) + 0.5
        else:
            scale = (2 / value[0].numel()) ** 0.5 if value.ndim > 1 else 0.1
            state[name] = scale * torch.randn(value.shape, generator=draw)
    return state


@pytest.fixture(scope="session")
def inception_file(inception_state: dict[str, Any], tmp_path_factory: Any) -> Path:
    """These weights in a file."""
    import torch

    path: Path = tmp_path_factory.mktemp("inception") / "random.pth"
    torch.save(inception_state, path)
    return path


@pytest.fixture
def web(no_dangling_threads: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A web server of the test's own that misbehaves as told (``web_server.WebServer``)."""
    monkeypatch.setenv("no_proxy", "*")
    path = Path(__file__).with_name("web_server.py")
    spec = importlib.util.spec_from_file_location("web_server", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["web_server"] = module
    spec.loader.exec_module(module)
    server = module.WebServer()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def no_dangling_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a Python thread or a QThread running."""
    before = set(threading.enumerate())
    yield
    _fail_if_any("threads", lambda: _python_threads() - before)
    if "qapp" in request.fixturenames:
        _fail_if_any("QThreads", _running_qthreads)


def _python_threads() -> set[threading.Thread]:
    return {
        thread
        for thread in threading.enumerate()
        if thread.is_alive()
        and not isinstance(thread, threading._DummyThread)  # a QThread seen from Python
        and not any(name in thread.name for name in _LASTING_THREADS)
    }


def _running_qthreads() -> set[object]:
    from PySide6.QtCore import QThread
    from shiboken6 import isValid

    main = QThread.currentThread()
    return {
        item
        for item in gc.get_objects()
        if issubclass(type(item), QThread)
        if isValid(item) and item is not main and item.isRunning()
    }


def _fail_if_any(what: str, find) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + _PATIENCE_S
    left = find()
    while left and time.monotonic() < deadline:
        time.sleep(0.01)
        left = find()
    if left:
        pytest.fail(f"the test left {what} running: {sorted(map(repr, left))}")
