"""Small generators of known behaviour for the tests of this room."""

import pytest
import torch
from torch import Tensor, nn

from latent_studio.models.base import (
    CONST_NOISE,
    Capabilities,
    Generator,
    ModelSpec,
    NoiseInput,
    StyledGenerator,
    Synthesis,
    SynthesisState,
)


class TinyMapping(nn.Module):
    """w = z A (+ c B); counts its calls and rows."""

    def __init__(self, z_dim: int, w_dim: int, classes: int) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(1)
        self.register_buffer("matrix", torch.randn(z_dim, w_dim, generator=draw))
        self.register_buffer("embed", torch.randn(max(classes, 1), w_dim, generator=draw))
        self.register_buffer("w_avg", torch.linspace(-1, 1, w_dim))
        self.calls: list[int] = []

    def forward(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        self.calls.append(len(z))
        w = z @ self.matrix + self.w_avg
        return w if c is None else w + c @ self.embed


class TinySynthesis(Synthesis):
    """A picture that is the mean of its styles."""

    def __init__(self, num_ws: int, resolution: int) -> None:
        super().__init__()
        self.num_ws, self.num_blocks, self.resolution = num_ws, 1, resolution

    @property
    def noise_shapes(self) -> list[tuple[int, ...]]:
        return [(1, 1, 4, 4), (1, 1, 8, 8)]

    def run(
        self,
        ws: Tensor,
        noise: NoiseInput = CONST_NOISE,
        *,
        state: SynthesisState | None = None,
        last_block: int | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> SynthesisState:
        shade = torch.tanh(ws.mean(dim=(1, 2)))
        size = self.resolution
        return SynthesisState(0, None, shade[:, None, None, None].expand(-1, 3, size, size))


class TinyStyled(StyledGenerator):
    def __init__(self, z_dim: int = 8, w_dim: int = 6, num_ws: int = 5, classes: int = 0) -> None:
        super().__init__()
        self.spec = ModelSpec("tiny")
        self.capabilities = Capabilities(
            resolution=8,
            channels=3,
            z_dim=z_dim,
            w_dim=w_dim,
            num_ws=num_ws,
            classes=classes,
            noise=True,
            truncation="w",
        )
        self.mapping = TinyMapping(z_dim, w_dim, classes)
        self.synthesis = TinySynthesis(num_ws, 8)
        self.eval()

    def forward(self, z, c=None, *, generator=None, dtype=torch.float32):
        return self.synthesis(self.broadcast(self.mapping(z, c)))


class TinyPlain(Generator):
    """A model with z only."""

    def __init__(self, z_dim: int = 8) -> None:
        super().__init__()
        self.spec = ModelSpec("tiny-plain")
        self.capabilities = Capabilities(resolution=8, channels=3, z_dim=z_dim)
        self.first = nn.Linear(z_dim, 16)
        self.eval()

    def forward(self, z, c=None, *, generator=None, dtype=torch.float32):
        return torch.tanh(z.mean(1))[:, None, None, None].expand(-1, 3, 8, 8)


@pytest.fixture
def styled() -> TinyStyled:
    return TinyStyled()


@pytest.fixture
def conditional() -> TinyStyled:
    return TinyStyled(classes=3)


@pytest.fixture
def plain() -> TinyPlain:
    return TinyPlain()
