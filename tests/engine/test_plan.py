from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from latent_studio.engine.plan import (
    ActivationCache,
    BlockCosts,
    SynthesisInput,
    SynthesisPlan,
    noise_key,
)
from latent_studio.models.base import CONST_NOISE, Generator, SynthesisState
from latent_studio.recipe import Recipe

Make = Callable[..., Generator]


def inputs(ws: torch.Tensor, recipe: Recipe | None = None) -> SynthesisInput:
    return SynthesisInput(ws, CONST_NOISE, noise_key(recipe or Recipe()))


@pytest.mark.parametrize(
    ("row", "block"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (7, 3)]
)
def test_a_row_is_traced_to_the_first_block_that_reads_it(
    row: int, block: int, styled: Make
) -> None:
    plan = SynthesisPlan(styled().synthesis)
    old = torch.zeros(1, 8, 8)
    new = old.clone()
    new[0, row, 3] = 1e-7
    assert plan.first_changed(inputs(old), inputs(new)) == block
    assert plan.first_changed(inputs(old), inputs(old.clone())) == plan.num_blocks == 4
    assert plan.first_changed(None, inputs(old)) == 0


def test_noise_counts_only_where_there_is_any(styled: Make) -> None:
    ws = torch.zeros(1, 8, 8)
    changed = inputs(ws, Recipe(noise_strength=0.5))
    assert SynthesisPlan(styled().synthesis).first_changed(inputs(ws), changed) == 0
    silent = SynthesisPlan(styled(use_noise=False).synthesis)
    assert silent.first_changed(inputs(ws), changed) == silent.num_blocks


def test_another_transform_changes_everything(styled: Make) -> None:
    plan, ws = SynthesisPlan(styled().synthesis), torch.zeros(1, 8, 8)
    still = SynthesisInput(ws, CONST_NOISE, ("none",))
    moved, again, other = (
        replace(still, transform=torch.full((1, 3, 3), value)) for value in (1.0, 1.0, 2.0)
    )
    assert plan.first_changed(still, moved) == plan.first_changed(moved, still) == 0
    assert plan.first_changed(moved, other) == 0
    assert plan.first_changed(moved, again) == plan.num_blocks


def test_noise_keys_tell_apart_what_looks_different() -> None:
    same = [Recipe(), Recipe(noise_seed=5)]
    assert len({noise_key(recipe) for recipe in same}) == 1
    silent = [Recipe(noise_mode="none"), Recipe(noise_mode="none", noise_strength=2.0)]
    assert len({noise_key(recipe) for recipe in silent}) == 1
    different = [
        Recipe(),
        Recipe(noise_strength=0.5),
        Recipe(noise_mode="none"),
        Recipe(noise_mode="random"),
        Recipe(noise_mode="random", noise_seed=1),
    ]
    assert len({noise_key(recipe) for recipe in different}) == len(different)


def test_resume_takes_the_furthest_state_that_is_right(styled: Make) -> None:
    plan = SynthesisPlan(styled().synthesis)
    cache = ActivationCache(plan)
    ws = torch.zeros(1, 8, 8)
    early, late = SynthesisState(0, None, None), SynthesisState(2, None, None)
    cache.keep_boundary(early, inputs(ws))
    cache.keep_tail(late, inputs(ws))
    assert cache.boundary == 0
    assert cache.resume(inputs(ws), 3) is late
    assert cache.resume(inputs(ws), 1) is early
    changed = ws.clone()
    changed[0, 5] = 1
    assert cache.resume(inputs(changed), 3) is early
    changed[0, 0] = 1
    assert cache.resume(inputs(changed), 3) is None
    cache.clear()
    assert cache.resume(inputs(ws), 3) is None and cache.boundary is None


def test_what_is_kept_stays_below_the_limit(styled: Make) -> None:
    cache = ActivationCache(SynthesisPlan(styled().synthesis), limit=100)
    ws = inputs(torch.zeros(1, 8, 8))

    def state(block: int, numbers: int) -> SynthesisState:
        return SynthesisState(block, torch.zeros(numbers), None)

    cache.keep_tail(state(0, 20), ws)
    assert cache.kept_bytes == 80
    small = state(1, 10)
    cache.keep_boundary(small, ws)  # the tail goes
    assert cache.kept_bytes == 40 and cache.resume(ws, 3) is small
    cache.keep_tail(state(2, 16), ws)  # too much beside the boundary
    assert cache.kept_bytes == 40 and cache.may_keep(2)
    cache.keep_tail(small, ws)  # the same memory
    assert cache.kept_bytes == 40
    cache.keep_boundary(state(3, 26), ws)  # too much by itself
    assert cache.boundary == 1 and not cache.may_keep(3)
    cache.keep_boundary(SynthesisState(2, torch.zeros(100)[:5], None), ws)  # a part of much
    assert cache.boundary == 1 and not cache.may_keep(2)


def test_costs_learn_from_measured_stretches() -> None:
    costs = BlockCosts([4, 8, 16, 32])
    costs.observe(0, 3, 12.0)
    assert costs.estimate(0, 3) == pytest.approx(12.0)
    for _ in range(60):
        costs.observe(0, 1, 2.0)
        costs.observe(2, 3, 30.0)
    assert costs.estimate(0, 1) == pytest.approx(2.0, rel=0.01)
    assert costs.estimate(0, 3) == pytest.approx(32.0, rel=0.01)
    costs.observe_overhead(1.5)
    assert costs.estimate(0, 1) == pytest.approx(3.5, rel=0.01)
    costs.observe(2, 1, 5.0)
    costs.observe(0, 1, 0.0)
    assert costs.estimate(0, 1) == pytest.approx(3.5, rel=0.01)
