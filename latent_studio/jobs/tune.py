"""Search for the settings of a training (on Optuna).

Every trial is a run of its own, which can be resumed, rendered and compared like any other. The
study lives in a database: a file beside the runs, or a server that many machines share.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from latent_studio.errors import OptionError, RunError
from latent_studio.events import Emit, ignore
from latent_studio.jobs.features import features_file
from latent_studio.jobs.search import Search, TuneResult
from latent_studio.jobs.search_space import Param, check_space, space_to_json
from latent_studio.jobs.study import Study
from latent_studio.jobs.study_storage import Storage, optuna_module, storage_url
from latent_studio.jobs.tune_request import begin_study
from latent_studio.mailbox import StopToken
from latent_studio.storage import atomic
from latent_studio.storage.user_presets import check_preset_name

STUDY_NAME = "tune"


def tune(
    out: str | Path,
    *,
    trials: int = 20,
    data: str | Path | None = None,
    preset: str | None = None,
    space: Sequence[Param] | None = None,
    sampler: str | None = None,
    pruner: str | None = None,
    metrics: Sequence[str] | None = None,
    samples: int | None = None,
    features: str | Path | None = None,
    kimg: float | None = None,
    every: float | None = None,
    options: Mapping[str, Any] | None = None,
    conditional: bool | None = None,
    seed: int | None = None,
    storage: str | None = None,
    study: str = STUDY_NAME,
    save_as: str | None = None,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> TuneResult:
    """Search in the folder ``out``, or go on with the search there; blocks until it ends.

    Parameters
    ----------
    trials
        How many the study is to have in all, whoever runs them.
    data, preset
        As for a training; not needed to go on.
    space
        What to vary; None: the learning rates, and R1 if the preset uses it.
    sampler, pruner
        Of :data:`~latent_studio.jobs.study.SAMPLERS` and ``PRUNERS``.
    metrics
        One to search by, or several for a Pareto front; ``seconds`` and ``parameters`` are costs.
    samples
        Pictures in each set of a measurement.
    features
        Who looks at them, as :func:`latent_studio.jobs.evaluate.evaluate` takes it; ``random`` if
        not given.
    kimg, every
        Length of a trial (a tenth of the preset's) and distance of measurements (an eighth of it).
    options
        Settings that all trials share.
    storage, study
        Optuna storage URL (None: a SQLite file in ``out``) and the study's name in it.
    save_as
        Name of the preset that the best trial becomes; None: ``PRESET-tuned``.

    Raises
    ------
    StudioError
        The request makes no sense, or nothing can be trained at all. Trials that fail alone are
        noted with their reason.
    Cancelled
        The token stopped before the first trial.
    """
    optuna_module()
    token = StopToken() if token is None else token
    folder = _made(Path(out).expanduser().absolute())
    if trials < 1:
        raise OptionError(f"A search needs at least one trial, not {trials}.")
    if save_as is not None:
        check_preset_name(save_as)
    given = {
        "data": None if data is None else _spec(data),
        "preset": preset,
        "space": None if space is None else space_to_json(check_space(space)),
        "sampler": sampler,
        "pruner": pruner,
        "metrics": None if metrics is None else list(metrics),
        "samples": samples,
        "features": None if features is None else features_file(features),
        "kimg": kimg,
        "every": every,
        "options": None if options is None else {k: v for k, v in options.items() if v is not None},
        "conditional": conditional,
        "seed": seed,
    }
    url = storage or storage_url(folder)
    opened, request = begin_study(url, study, given, trials)
    return Search(folder, opened, request).run(trials, save_as, emit, token)


def list_trials(
    out: str | Path, *, storage: str | None = None, study: str = STUDY_NAME
) -> TuneResult:
    """The trials so far of the search in ``out``, also while it goes on.

    Raises
    ------
    StudioError
        There is no such study.
    """
    folder = Path(out).expanduser().absolute()
    return _open(folder, storage, study).result("")


def save_trial(
    out: str | Path,
    number: int,
    name: str,
    *,
    storage: str | None = None,
    study: str = STUDY_NAME,
) -> Path:
    """Keep the settings of a trial as a preset of the person's; returns its file.

    Raises
    ------
    StudioError
        There is no such study or trial, or the name can't be used.
    """
    return _open(Path(out).expanduser().absolute(), storage, study).save(number, name)


def _open(folder: Path, storage: str | None, name: str) -> Search:
    if storage is None and not (folder / "study.db").is_file():
        raise RunError(f"There is no search in {folder}: it has no study.db. Check the folder.")
    study = Study(Storage(storage or storage_url(folder)), name)
    if not study.request:
        raise RunError(f"The study {name} was not made by 'latent-studio tune'.")
    return Search(folder, study, study.request)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(atomic.explain(error, folder), repr(error)) from error
    return folder


def _spec(data: str | Path) -> str:
    path = Path(data).expanduser()
    return str(path.resolve()) if path.exists() else str(data)
