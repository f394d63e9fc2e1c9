"""Work in a process of its own, for what would hold this process's interpreter too long.

A window shares its interpreter with the threads that work for it: an import of seconds, or a
thousand small calls of torch, make it stand still. In another process they don't, and work there
can be ended at any moment.
"""

import json
import multiprocessing
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

from latent_studio.errors import OptionError, StudioError
from latent_studio.mailbox import StopToken


class ProcessLostError(Exception):
    """The other process could not begin, failed for no reason of the person's, or was killed."""


def call_apart(target: str, *args: Any, token: StopToken | None = None) -> Any:
    """Call a function in a new process and wait for what it returns.

    Parameters
    ----------
    target
        ``module:function``; it is imported there and not here.
    args
        Plain values; the result is what JSON makes of one.
    token
        Ends the process when it stops.

    Raises
    ------
    OptionError
        With the message of a :class:`StudioError` that the function raised.
    ProcessLostError
        Anything else went wrong.
    Cancelled
        The token stopped.
    """
    token = StopToken() if token is None else token
    token.checkpoint()
    # a fork would copy the locks of threads that do not go on there
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_serve, args=(there, target, args), daemon=True)
    try:
        process.start()
        there.close()  # so that its end is noticed here
        token.on_stop(process.terminate)
        kind, value = json.loads(here.recv_bytes())
    except (EOFError, OSError, ValueError) as error:
        token.checkpoint()
        raise ProcessLostError(f"{target} came to no end: {error!r}") from error
    finally:
        here.close()
        if process.pid is not None:
            process.join()
    token.checkpoint()
    if kind == "refused":
        raise OptionError(*value)
    if kind == "broken":
        raise ProcessLostError(value)
    return value


def _serve(connection: Connection, target: str, args: tuple[Any, ...]) -> None:
    """What the other process does."""
    try:
        module, _, name = target.partition(":")
        answer = _packed("done", getattr(import_module(module), name)(*args))
    except StudioError as error:
        answer = _packed("refused", (error.message, error.detail))
    except Exception as error:  # noqa: BLE001 - every failure returns to who called
        answer = _packed("broken", repr(error))
    connection.send_bytes(answer)
    connection.close()


def _packed(kind: str, value: Any) -> bytes:
    """An answer as JSON: the objects that a connection sends by itself are pickles."""
    return json.dumps([kind, value]).encode("ascii")
