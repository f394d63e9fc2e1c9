"""Networks built once, compiled once: converting takes seconds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import torch

from latent_studio.engine.backends import openvino_build, openvino_runtime
from latent_studio.engine.backends.openvino_backend import OpenVino
from latent_studio.engine.backends.openvino_build import Built
from latent_studio.models.base import Generator


@dataclass(frozen=True)
class Pair:
    """A generator, what was built of it, and a way to a fresh backend."""

    generator: Generator
    built: Built

    def backend(self) -> OpenVino:
        return openvino_build.load(self.generator, self.built.precision, self.built.entry, 1)


@pytest.fixture(scope="session")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def compiled(one_thread: None, styled: Callable[..., Generator]) -> Pair:
    """A small styled network of four blocks, cut before the last, with lively noise."""
    if not openvino_runtime.installed():
        pytest.skip("OpenVINO is not installed")
    openvino_runtime.openvino()
    generator = styled()
    return Pair(generator, openvino_build.build(generator, ("fp32",), 1))


@pytest.fixture
def make(styled: Callable[..., Generator]) -> Callable[..., Generator]:
    return styled
