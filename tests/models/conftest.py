"""Fixtures of the public reference: see tests/fixtures/parity/README.md."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from parity_fixture import Fixture


@pytest.fixture(scope="session")
def parity() -> type[Fixture]:
    return Fixture
