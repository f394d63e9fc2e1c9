"""The database of a search: opened, read, named without its password."""

import contextlib
import logging
import re
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from latent_studio.errors import OptionError, RunError

_OPEN_TRIES = 6


def optuna_module() -> ModuleType:
    """Optuna, with its logging silenced.

    Raises
    ------
    OptionError
        It is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise OptionError(
            "A search needs Optuna, which is not installed. "
            "Install it with: pip install 'latent-studio[tune]'"
        ) from error
    optuna.logging.set_verbosity(logging.ERROR)
    return optuna


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna's remarks about experimental parts from a person's screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class Storage:
    """An open database of studies.

    Parameters
    ----------
    url
        As SQLAlchemy takes it.
    make
        Make the tables of a new one; False only reads.

    Raises
    ------
    OptionError
        Optuna is not installed.
    RunError
        It can't be opened.
    """

    def __init__(self, url: str, make: bool = True) -> None:
        self.url = url
        self.optuna = optuna_module()
        with quiet():
            self.kept = _storage(self.optuna, url, make)

    def close(self) -> None:
        """Let go of its connections, and so of its file."""
        self.kept.remove_session()
        self.kept.engine.dispose()

    def names(self) -> list[str]:
        """Of the studies in it.

        Raises
        ------
        RunError
            It can't be read.
        """
        try:
            found: list[str] = self.optuna.get_all_study_names(self.kept)
        except Exception as error:  # each database has errors of its own
            raise RunError(
                f"Cannot read the storage {shown_url(self.url)}: {_reason(error)}.", repr(error)
            ) from error
        return found

    def create(self, name: str, maximize: Sequence[bool]) -> None:
        """Begin a study with one flag an aim, unless another process has just done so."""
        ways = ["maximize" if up else "minimize" for up in maximize]
        self.optuna.create_study(
            study_name=name, storage=self.kept, directions=ways, load_if_exists=True
        )


def _storage(optuna: ModuleType, url: str, make: bool) -> Any:
    """Open a storage; processes that create its tables at once get in each other's way."""
    # processes that share a file wait for each other instead of failing
    patience = {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else {}
    for attempt in range(_OPEN_TRIES):
        try:
            return optuna.storages.RDBStorage(
                url, engine_kwargs=patience, skip_table_creation=not make
            )
        except Exception as error:  # each database has errors of its own
            if attempt < _OPEN_TRIES - 1 and not isinstance(error, ImportError | ValueError):
                time.sleep(0.05 * 2**attempt)
                continue
            raise RunError(
                f"Cannot open the storage {shown_url(url)}: {_reason(error)}. Check --storage.",
                repr(error),
            ) from error
    raise AssertionError("unreachable")


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def shown_url(url: str) -> str:
    """A storage URL without the password in it."""
    return re.sub(r"://[^@/]*@", "://…@", url)


def storage_url(folder: Path) -> str:
    """The SQLite file that a search in ``folder`` uses by default."""
    return f"sqlite:///{(folder / 'study.db').as_posix()}"
