"""Call the code of components, which can come from anywhere, where no clip could be blamed for its errors."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from posecfg.components.plugins import at_line
from posecfg.errors import ClipError, ComponentFailed, ConfigError, Dropped, PosecfgError
from posecfg.text import sentence

T = TypeVar("T")
# No memory, and a disk that every other clip would meet too.
_NOT_ITS_OWN = (errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def called(where: str, call: Callable[..., T], *arguments: Any) -> T:
    """Return what ``call`` returns; all but an error of posecfg and Ctrl-C becomes a sentence that begins ``where``.

    An attempt to leave the program is one of these errors: nothing of the run would be told.
    """
    try:
        return call(*arguments)
    except (PosecfgError, KeyboardInterrupt):
        raise
    except BaseException as error:
        name = getattr(call, "__qualname__", type(call).__name__)
        raise ConfigError(f"{where}: {name} failed ({sentence(error)}{at_line(error)}).") from error


class blamed:
    """Name the component in what its code raises in the block, but for errors of posecfg, of memory and of a full disk.

    One object serves any number of blocks, as for each frame.
    """

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Raise ``ComponentFailed`` in the place of an error of the component."""
        if not isinstance(error, Exception) or isinstance(error, PosecfgError | Dropped | MemoryError):
            return
        if isinstance(error, OSError) and error.errno in _NOT_ITS_OWN:
            return
        raise ComponentFailed(f"{self._where} failed ({sentence(error)}{at_line(error)}).") from error


@contextmanager
def staying() -> Iterator[None]:
    """Raise an attempt of a component to leave the program as an error of its clip."""
    try:
        yield
    except (Exception, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        module = "a component" if trace is None else trace.tb_frame.f_globals.get("__name__", "a component")
        raise ClipError(f"{module} would end the program here ({sentence(error)}).") from error
