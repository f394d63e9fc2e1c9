"""Makes the writers of other programs' files importable, also for benchmarks."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from foreign_files import Reduced, Writer, torch_file  # noqa: E402
from parity_fixture import Fixture  # noqa: E402


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Writer:
    return Writer(monkeypatch)


@pytest.fixture
def reduced() -> type[Reduced]:
    return Reduced


@pytest.fixture
def saved_by_torch() -> Any:
    return torch_file


@pytest.fixture(scope="session")
def parity() -> type[Fixture]:
    return Fixture


@pytest.fixture
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
