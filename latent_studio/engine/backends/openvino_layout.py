"""Features between two graphs as the kernels want them: channels last, in the graph's precision.

OpenVINO's graphs take and give plain float32, channels first, whatever they compute in. At a cut
through a large network that is three passes over the largest tensors of a picture on either side.
"""

from typing import Any

from latent_studio.engine.backends import openvino_runtime as runtime

FEATURES_IN = 1  # inputs begin with ws; a segment behind a cut goes on with its features
FEATURES_OUT = 0


def with_cuts(graph: Any, precision: str, *, takes: bool, gives: bool) -> Any:
    """A copy of a segment's graph whose features are ``[1, H, W, C]`` in ``precision``.

    ``takes`` and ``gives`` say whether it has any at :data:`FEATURES_IN` and :data:`FEATURES_OUT`.
    """
    if not (takes or gives):
        return graph
    element = getattr(runtime.openvino().Type, runtime.ELEMENTS[precision])
    graph = graph.clone()
    if takes:
        graph = _take(graph, element)
    return _give(graph, element) if gives else graph


def _give(graph: Any, element: Any) -> Any:
    openvino = runtime.openvino()
    steps = openvino.preprocess.PrePostProcessor(graph)
    features = steps.output(FEATURES_OUT)
    features.model().set_layout(openvino.Layout("NCHW"))
    features.tensor().set_layout(openvino.Layout("NHWC")).set_element_type(element)
    return steps.build()


def _take(graph: Any, element: Any) -> Any:
    """The new input is turned behind the first product with a style, not before.

    A turn right before a convolution costs nothing, because that wants channels last, too; before
    an element-wise operation it is carried out.
    """
    openvino = runtime.openvino()
    ops = openvino.opset13
    old = graph.inputs[FEATURES_IN].get_node()
    n, c, height, width = old.output(0).shape
    fresh = ops.parameter([n, height, width, c], element, name="features")
    fresh.output(0).set_names(old.output(0).get_names())
    features = ops.convert(fresh, "f32")
    for user in _users(old):
        scale = _style_of(user, old, c)
        if scale is None:
            turned = ops.transpose(features, [0, 3, 1, 2])
            for target in old.output(0).get_target_inputs():
                if target.get_node() == user:
                    target.replace_source_output(turned.output(0))
            continue
        product = ops.multiply(features, ops.reshape(scale, [1, 1, 1, c], False))
        turned = ops.transpose(product, [0, 3, 1, 2])
        for target in user.output(0).get_target_inputs():
            target.replace_source_output(turned.output(0))
    others = [port.get_node() for port in graph.inputs]
    others[FEATURES_IN] = fresh
    return openvino.Model(graph.get_results(), others, graph.get_friendly_name())


def _users(node: Any) -> list[Any]:
    users: list[Any] = []
    for target in node.output(0).get_target_inputs():
        if target.get_node() not in users:
            users.append(target.get_node())
    return users


def _style_of(user: Any, features: Any, channels: int) -> Any | None:
    """The other factor, if ``user`` scales the channels of ``features`` and does nothing else."""
    if user.get_type_name() != "Multiply":
        return None
    for index in (0, 1):
        factor = user.input_value(1 - index)
        scales = list(factor.shape) == [1, channels, 1, 1]
        if user.input_value(index).get_node() == features and scales:
            return factor
    return None
