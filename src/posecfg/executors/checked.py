"""Call an executor that may come from elsewhere, and refuse what is not in the contract, in one sentence."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, NoReturn

from posecfg.errors import ConfigError, PosecfgError
from posecfg.executors.protocol import Event, Executor, Mend
from posecfg.pipeline.work import Setup, Work
from posecfg.store.disk import lasting
from posecfg.text import sentence

log = logging.getLogger("posecfg.executor")


@contextmanager
def prepared(executor: Executor, config: Mapping[str, Any], clips: int | None = None) -> Iterator[Executor]:
    """Enter ``executor.prepare``, and yield the executor."""
    with ExitStack() as stack:
        try:
            block = executor.prepare(config, clips)
            if not isinstance(block, AbstractContextManager):
                raise _other(executor, "prepare", "a context manager", block)
            stack.enter_context(block)
        except Exception as error:
            _refuse(executor, error)
        yield executor


def events(executor: Executor, setup: Setup, works: Sequence[Work], mend: Mend) -> Generator[Event]:
    """Yield what ``executor.run`` reports; closing this iterator closes its own."""
    found: Any = None
    try:
        found = executor.run(setup, works, mend)
        if not isinstance(found, Iterable):
            raise _other(executor, "run", "an iterator of events", found)
        yield from found
    except Exception as error:
        _refuse(executor, lasting(error, setup.destination.root) or error)
    finally:
        close = getattr(found, "close", None)
        if close is not None:
            close()


def dealt(executor: Executor) -> int:
    """Return over how many GPUs of this machine an executor that tells it deals its workers; 0 where it does not."""
    number = getattr(executor, "gpus", 0)
    return number if isinstance(number, int) else 0


def _other(executor: Executor, method: str, expected: str, got: object) -> ConfigError:
    name = type(executor).__name__
    return ConfigError(f"executor={name}: expected {method}() to return {expected}, but got '{type(got).__name__}'.")


def _refuse(executor: Executor, error: Exception) -> NoReturn:
    """Raise an error as one of ours; that of a run is a sentence for the user, with its origin in the log."""
    if isinstance(error, PosecfgError):
        raise error
    log.info("executor", exc_info=error)
    raise ConfigError(f"executor={type(executor).__name__} failed ({sentence(error)}).") from error
