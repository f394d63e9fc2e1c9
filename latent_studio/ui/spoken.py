"""The window's words for what other rooms say: they know no Qt, and files keep English.

A text without values is looked up as it is (``resources/translations/extract.py`` names the places
that such texts come from). A text that has values in it is recognised by its template.
"""

import re
from functools import cache

from latent_studio.ui.i18n import mark, tr

TEMPLATES: tuple[str, ...] = (
    # what a job is doing
    mark("Measuring {name}"),
    mark("Reading {name}"),
    mark("Fetching {name}"),
    mark("Computing {name}"),
    mark("Distance at {size} pixels"),
    mark("Mapping latents"),
    mark("importing {name}"),
    mark("reading {name}"),
    mark("writing {name}"),
    # metrics
    mark("Fréchet distance, {features} features"),
    mark("Kernel distance, {features} features"),
    mark("Improved precision and recall, {features} features"),
    mark("Density and coverage, {features} features"),
    mark("Perceptual path length, {features} features"),
    # why a renderer is not used
    mark("OpenVINO is not used: {reason}"),
    mark("no faster backend: {error}"),
    # alarms
    mark("The discriminator knows the training pictures by heart.{cure}"),
    # what alarms rest on
    mark(
        "generated pictures differ {value} times as much as real ones (alarm below {limit}){more}"
    ),
    mark("; by structural similarity {value}"),
    mark(
        "its loss is {share} of a guess (alarm below {limit}), and it is right on {part} of the "
        "harder kind (alarm above {most})"
    ),
    mark("its gradient is {part} of what it was (alarm below {limit})"),
    mark(
        "it is right on {part}{loss} (alarm below {least}, or above {most}), while the pictures "
        "are {gap} apart (alarm above {limit})"
    ),
    mark(" at {share} of a guess's loss"),
    mark(
        "sign of the scores of real pictures {value} after {epochs} passes over the data "
        "(alarm above {limit}), and the pictures get no better"
    ),
    mark("{share} of D's weights stand at the clip's ± {bound} (alarm from {limit})"),
    mark("{name} is no longer a number"),
    mark("{name}: {value} (alarm from {limit})"),
    mark("{name} is {value}, {factor} times its median (alarm from {limit})"),
    mark("{name} is {value}, {factor} times that of {ticks} ticks ago (alarm from 2)"),
    mark(
        "distance from the real pictures {value}, {part} of the best before the last {ticks} "
        "ticks (alarm from {share}, above {limit})"
    ),
)
FIXED: tuple[str, ...] = (
    mark(" A lower target makes the augmentation stronger."),
    mark(" Augmentation (--aug ada) prevents it."),
    mark("D's loss in guesses"),
    mark("share of values at the ends of the range"),
    mark("random"),
    # paces
    mark("linear"),
    mark("smooth"),
    mark("smoother"),
    mark("ease-in"),
    mark("ease-out"),
    mark("ease-in-out"),
    mark("sine"),
    mark("OpenVINO does not load here"),
    mark("a faster backend is being prepared"),
    mark("its weights are in training"),
    mark("Scoring samples"),
    mark("Looking at real pictures"),
    mark("Making pictures"),
)


def spoken(text: str) -> str:
    """The translation of what another room says; ``text`` itself where there is none."""
    if not text.strip():
        return text
    translated = tr(text)
    if translated != text:
        return translated
    for pattern, template in _patterns():
        match = pattern.fullmatch(text)
        if match is not None:
            values = {name: spoken(value) for name, value in match.groupdict().items()}
            return tr(template, **values)
    return text


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(_pattern(template), template) for template in TEMPLATES]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(
            f"(?P<{part}>.*?)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
        )
    )
