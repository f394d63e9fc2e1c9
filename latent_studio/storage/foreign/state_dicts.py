"""The state dicts within whatever a file holds, with the prefixes of wrappers taken off."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from latent_studio.storage.foreign.content import Content
from latent_studio.storage.foreign.stand_ins import Record
from latent_studio.storage.foreign.tensors import StoredTensor

StateDicts: TypeAlias = list[tuple[str, dict[str, StoredTensor]]]

# Keys under which programs keep the averaged generator, then others.
_BEST_FIRST = ("g_ema", "G_ema", "ema", "params_ema", "avgG", "generator_ema", "g", "G", "netG")
_PREFIXES = ("module.", "_orig_mod.", "G_ema.", "g_ema.", "generator_ema.", "G.", "g.", "netG.")
_MAX_DICTS = 64


def state_dicts(value: Any) -> StateDicts:
    """Named dictionaries of tensors in ``value``: itself, its items, and theirs; the best first.

    A file may also keep several networks in one dictionary, told apart by prefixes.
    """
    found: StateDicts = []
    _collect(value, "", 0, found)
    split: StateDicts = []
    for key, tensors in found:
        split += _by_prefix(key, tensors)
    return sorted(split, key=lambda item: _rank(item[0]))


def any_dict(is_network: Callable[[Any], bool]) -> Callable[[Content], bool]:
    """Whether a file has a state dict that ``is_network`` knows by its names: for a format."""

    def recognises(content: Content) -> bool:
        return any(is_network(tensors) for _, tensors in state_dicts(content.value))

    return recognises


def dicts_of(content: Content, is_network: Callable[[Any], bool]) -> StateDicts:
    """The state dicts that ``is_network`` knows, the best first."""
    return [(key, tensors) for key, tensors in state_dicts(content.value) if is_network(tensors)]


def numbered(tensors: Mapping[str, StoredTensor], pattern: str) -> list[int]:
    """The numbers in the names that ``pattern`` matches, in order."""
    found = (re.fullmatch(pattern, name) for name in tensors)
    return sorted(int(match[1]) for match in found if match and len(match[1]) <= 4)


def _collect(value: Any, key: str, depth: int, found: StateDicts) -> None:
    value = value.state if isinstance(value, Record) else value
    if not isinstance(value, dict) or depth > 2 or len(found) >= _MAX_DICTS:
        return
    tensors = {n: t for n, t in value.items() if isinstance(n, str) and isinstance(t, StoredTensor)}
    if tensors:
        found.append((key, tensors))
    for name, item in value.items():
        if isinstance(name, str):
            _collect(item, name if depth == 0 else key, depth + 1, found)


def _by_prefix(key: str, tensors: dict[str, StoredTensor]) -> StateDicts:
    """Without wrappers' prefixes; one dictionary for each prefix that there is."""
    for prefix in _PREFIXES:
        inside = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
        if inside:
            name = prefix.rstrip(".")
            name = key if name in ("module", "_orig_mod") else name
            rest = {n: t for n, t in tensors.items() if not n.startswith(prefix)}
            return _by_prefix(name, inside) + (_by_prefix(key, rest) if rest else [])
    return [(key, tensors)]


def _rank(key: str) -> int:
    return _BEST_FIRST.index(key) if key in _BEST_FIRST else len(_BEST_FIRST)
