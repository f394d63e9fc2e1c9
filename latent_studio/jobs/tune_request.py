"""What a search was asked for: completed, checked, and held against what it was begun with."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

from latent_studio.errors import OptionError
from latent_studio.jobs.presets import find_preset
from latent_studio.jobs.running_metric import extractors_of, find_aims
from latent_studio.jobs.search_space import (
    check_space,
    default_space,
    grid_points,
    read_space,
    space_to_json,
)
from latent_studio.jobs.study import PRUNERS, SAMPLERS, Study
from latent_studio.jobs.study_storage import Storage
from latent_studio.metrics.registry import METRICS, fits_size

_DEFAULTS: dict[str, Any] = {
    "sampler": "tpe",
    "samples": 1000,
    "features": "",
    "conditional": False,
    "seed": 0,
    "options": {},
}
# What may differ when a search goes on.
_FREE = frozenset({"data", "sampler", "pruner", "population", "features"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def begin_study(
    storage: str, name: str, given: Mapping[str, Any], trials: int
) -> tuple[Study, dict[str, Any]]:
    """Open the study, or begin it; returns it with everything that was asked for.

    Parameters
    ----------
    given
        What was said this time; None for what was not.
    trials
        How many there are to be, which NSGA-II's generations are made to fit.

    Raises
    ------
    OptionError
        Something makes no sense, is missing, or differs from what the study was begun with.
    RunError
        The storage can't be opened.
    """
    if not _NAME.fullmatch(name):
        raise OptionError(f"{name!r} can't name a study; use letters, digits, '.', '-' and '_'.")
    given = {key: value for key, value in given.items() if value is not None}
    opened = Storage(storage)
    if name not in opened.names():
        request = _complete(given, trials)
        _check_method(request)
        aims = find_aims(request["metrics"], *_sizes(request), request["features"])
        extractors_of(aims, request["features"])
        opened.create(name, [aim.maximize for aim in aims])
        begun = Study(opened, name)
        if not begun.request:
            begun.keep_request(request)
    # read back: another process may have begun the same study at the same moment
    study = Study(opened, name)
    known = study.request
    if not known:
        raise OptionError(f"The study {name} was not made by 'latent-studio tune'; name another.")
    differing = sorted(k for k in given if _differs(k, given[k], known.get(k)))
    if differing:
        raise OptionError(
            f"The study {name} was begun with another {', '.join(differing)}. Leave that out to go "
            "on with it, or begin another with --study or --out."
        )
    request = known | {key: given[key] for key in _FREE if key in given}
    _check_method(request)
    return study, request


def _differs(name: str, wanted: Any, known: Any) -> bool:
    if name == "features":  # the file may lie elsewhere, but fd is another number without it
        return bool(wanted) != bool(known)
    return name not in _FREE and bool(wanted != known)


def _complete(given: Mapping[str, Any], trials: int) -> dict[str, Any]:
    """A request with everything that was not said."""
    missing = [f"{name} (--{name})" for name in ("data", "preset") if name not in given]
    if missing:
        raise OptionError(f"A new search needs {' and '.join(missing)}.")
    request = {**_DEFAULTS, **given}
    config = find_preset(request["preset"]).config(request["data"], **request["options"])
    request.setdefault("metrics", [_usual_metric(config.resolution)])
    request.setdefault("kimg", config.total_kimg / 10)
    request.setdefault("every", request["kimg"] / 8)
    if not 0 < request["every"] <= request["kimg"]:
        raise OptionError(
            f"Trials of {request['kimg']:g} kimg can't be measured every {request['every']:g}."
        )
    if request["samples"] < 2:
        raise OptionError("A measurement needs at least 2 pictures (--samples).")
    request.setdefault("space", space_to_json(check_space(default_space(asdict(config)))))
    request.setdefault("pruner", "median" if len(request["metrics"]) == 1 else "none")
    # all of a study's trials in one generation would be a random search
    request.setdefault("population", max(4, min(50, trials // 5)))
    return {**request, "id": secrets.token_hex(8)}


def _usual_metric(resolution: int) -> str:
    """What a search goes by if nobody says: the sliced distance where the size allows it."""
    return "swd" if fits_size(METRICS["swd"], resolution) else "fd-random"


def _sizes(request: Mapping[str, Any]) -> tuple[int, int]:
    config = find_preset(request["preset"]).config(request["data"], **request["options"])
    return config.resolution, request["samples"]


def _check_method(request: Mapping[str, Any]) -> None:
    sampler, pruner, space = request["sampler"], request["pruner"], read_space(request["space"])
    for name, known in (("sampler", SAMPLERS), ("pruner", PRUNERS)):
        if request[name] not in known:
            raise OptionError(f"There is no {name} {request[name]!r}; choose {', '.join(known)}.")
    if sampler == "grid":
        grid_points(space)
    if len(request["metrics"]) > 1 and pruner != "none":
        raise OptionError("Trials can't be pruned by several metrics at once; use --pruner none.")
    if sampler == "cmaes":
        if len(request["metrics"]) > 1:
            raise OptionError("CMA-ES searches by one metric; use --sampler nsga2 for several.")
        if sum(not param.choices for param in space) < 2:
            raise OptionError("CMA-ES needs at least two ranges to search; use --sampler tpe.")
        if find_spec("cmaes") is None:
            raise OptionError(
                "CMA-ES needs the package cmaes. Install it with: pip install 'latent-studio[tune]'"
            )
