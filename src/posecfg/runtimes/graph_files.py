"""Tell a graph that is wrong from one that the machine cannot read, which must not be thrown away."""

from __future__ import annotations

import errno
from pathlib import Path

from posecfg.errors import is_of_machine
from posecfg.models.external_data import beside, locations

_CHUNK = 1 << 20


def unread(path: Path, error: Exception) -> str:
    """Return why the machine cannot read the graph in ``path``, or "" where the graph itself is at fault.

    ``error`` is what its reader reported. A runtime has its own words for that, so its files are read once more.
    """
    if not isinstance(error, OSError | MemoryError):
        error = _reading(path) or error
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return "there was no memory left"
    if isinstance(error, PermissionError) or (isinstance(error, OSError) and is_of_machine(error)):
        return error.strerror or str(error)
    return ""


def _reading(path: Path) -> Exception | None:
    """Read the graph and the files of weights that it names; return the error of the machine, if there is one."""
    try:
        with path.open("rb") as file:
            while file.read(_CHUNK):
                pass
        for name in locations(path):
            other = beside(path, name)
            if other is not None:
                with other.open("rb") as file:
                    while file.read(_CHUNK):
                        pass
    except (OSError, MemoryError) as error:
        return error
    except ValueError:
        pass  # no graph at all
    return None
