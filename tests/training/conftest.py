"""Makes ``tiny_runs`` importable, from this process and from those that tests start."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def run_path(tmp_path: Path) -> Path:
    return tmp_path / "run"
