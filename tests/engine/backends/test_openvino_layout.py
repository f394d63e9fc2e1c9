from collections.abc import Callable

import numpy as np
import pytest
import torch

from latent_studio.engine.backends import openvino_runtime as runtime
from latent_studio.engine.backends.openvino_layout import FEATURES_IN, with_cuts
from latent_studio.engine.backends.parts import SegmentModule, segments_of
from latent_studio.models.base import Generator

if not runtime.installed():
    pytest.skip("OpenVINO is not installed", allow_module_level=True)

Make = Callable[..., Generator]


@pytest.fixture(params=["skip", "resnet"])
def halves(request, make: Make) -> tuple[list, list]:
    """Graphs of the two segments, and what goes into them."""
    generator = make(architecture=request.param)
    with torch.no_grad():
        segments, examples = segments_of(generator)
    draw = torch.Generator().manual_seed(1)
    examples = [[torch.randn(x.shape, generator=draw) for x in inputs] for inputs in examples]
    graphs = [
        runtime.convert(SegmentModule(generator.synthesis, segment), tuple(inputs))
        for segment, inputs in zip(segments, examples, strict=True)
    ]
    return graphs, examples


def results(graph, inputs: list[torch.Tensor]) -> list[np.ndarray]:
    run = runtime.compile_graph(graph, "fp32", 1)
    given = [np.ascontiguousarray(x.numpy()) for x in inputs]
    return [value.copy() for value in run(given).values()]


def test_a_cut_changes_the_order_of_the_features_and_nothing_else(halves) -> None:
    (first, last), (before, behind) = halves
    plain, turned = (
        results(first, before),
        results(with_cuts(first, "fp32", takes=False, gives=True), before),
    )
    np.testing.assert_array_equal(turned[0].transpose(0, 3, 1, 2), plain[0])
    for a, b in zip(turned[1:], plain[1:], strict=True):
        np.testing.assert_array_equal(a, b)

    wanted = results(last, behind)
    cut = with_cuts(last, "fp32", takes=True, gives=False)
    assert [len(port.shape) for port in cut.inputs] == [len(port.shape) for port in last.inputs]
    behind = list(behind)
    behind[FEATURES_IN] = behind[FEATURES_IN].permute(0, 2, 3, 1)
    np.testing.assert_allclose(results(cut, behind)[0], wanted[0], rtol=0, atol=1e-5)


def test_features_are_turned_behind_their_style_and_travel_in_the_graphs_precision(halves) -> None:
    (first, last), _ = halves
    before = [list(port.shape) for port in last.inputs]
    cut = with_cuts(last, "bf16", takes=True, gives=False)
    port = cut.inputs[FEATURES_IN]
    n, c, h, w = before[FEATURES_IN]
    assert list(port.shape) == [n, h, w, c] and port.element_type.get_type_name() == "bf16"
    (cast,) = [target.get_node() for target in port.get_node().output(0).get_target_inputs()]
    users = {t.get_node().get_type_name() for t in cast.output(0).get_target_inputs()}
    assert "Multiply" in users
    given = with_cuts(first, "bf16", takes=False, gives=True).outputs
    assert given[0].element_type.get_type_name() == "bf16"
    assert all(port.element_type.get_type_name() == "f32" for port in given[1:])
    # The graph that was given is as it was: other precisions are cut from it, too.
    assert [list(port.shape) for port in last.inputs] == before
    assert with_cuts(last, "fp32", takes=False, gives=False) is last
