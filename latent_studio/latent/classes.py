"""The class of a conditional model: its name, and mixtures of several classes.

A recipe's label is a class's number or one weight a class. A mixture made here has shares that add
up to one; where the class is a learned embedding this is the weighted mean of the embeddings.
Needs no torch.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from latent_studio.errors import OptionError
from latent_studio.recipe_values import Label


def class_names(card: Mapping[str, Any], count: int) -> tuple[str, ...]:
    """Names of all ``count`` classes from a model's card, or none.

    They stand under ``classes``, or, where they came with another program's file, under
    ``source``.
    """
    source = card.get("source")
    for place in (card, source if isinstance(source, Mapping) else {}):
        names = place.get("classes")
        if isinstance(names, list | tuple) and len(names) == count and count:
            return tuple(str(name) for name in names)
    return ()


def class_number(name: str, names: Sequence[str]) -> int:
    """The number of the class called ``name``: a whole name, or one of several with commas between.

    Upper and lower case are the same.

    Raises
    ------
    OptionError
        If there is none, or more than one.
    """
    if not names:
        raise OptionError(f"The classes of this model have no names; give a number, not {name!r}.")
    wanted = name.strip().lower()
    known = [each.lower() for each in names]
    found = [index for index, each in enumerate(known) if each == wanted]
    found = found or [
        index for index, each in enumerate(known) if wanted in map(str.strip, each.split(","))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise OptionError(
            f"Several classes are called {name!r}: {', '.join(map(str, found[:8]))}. Give a number."
        )
    near = difflib.get_close_matches(wanted, known, 3)
    hint = ", ".join(names[known.index(each)] for each in near or known[:8])
    more = ", …" if not near and len(known) > 8 else ""
    raise OptionError(
        f"There is no class {name!r}. {'Did you mean' if near else 'There are'} {hint}{more}"
        f"{'?' if near else '.'}"
    )


def fits(label: Label, count: int) -> bool:
    """Whether a model of ``count`` classes can take ``label``; one without classes ignores any."""
    if label is None or not count:
        return True
    return len(label) == count if isinstance(label, tuple) else label < count


def shares(label: Label) -> dict[int, float]:
    """Each class that has a part in ``label``, by its number; no label means class 0."""
    if isinstance(label, tuple):
        found = {index: weight for index, weight in enumerate(label) if weight}
        return found or {0: 0.0}
    return {0 if label is None else label: 1.0}


def with_share(
    label: Label, count: int, index: int, share: float, among: Sequence[int] = ()
) -> Label:
    """Give class ``index`` the share ``share`` (0 to 1); the others keep their proportions.

    Parameters
    ----------
    count
        Number of the model's classes.
    among
        Who shares the rest equally where no other class has a part yet.
    """
    weights = _weights(label, count)
    weights[index] = 0.0
    others = [place for place, weight in enumerate(weights) if weight]
    others = others or [place for place in among if place != index]
    total = sum(weights)
    for place in others:
        # Weights that cancel out have no proportions worth keeping.
        part = weights[place] / total if total > 0 else 1 / len(others)
        weights[place] = part * (1 - share)
    weights[index] = share
    return tuple(weights)


def mixed_in(label: Label, count: int, index: int) -> Label:
    """Add a class to the mixture, with as much as each of the others has on average."""
    parts = shares(label)
    if index in parts:
        return label
    return with_share(label, count, index, 1 / (len(parts) + 1))


def without(label: Label, count: int, index: int) -> Label:
    """Take a class out of the mixture; the last one left stands alone."""
    rest = [place for place in shares(label) if place != index]
    if not rest:
        return label
    if len(rest) == 1:
        return rest[0]
    return with_share(label, count, index, 0.0)


def _weights(label: Label, count: int) -> list[float]:
    weights = [0.0] * count
    for index, share in shares(label).items():
        if index < count:
            weights[index] = share
    return weights
