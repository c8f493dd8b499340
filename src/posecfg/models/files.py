"""Folders and files of weights on this machine, and the hashes of the files."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from functools import lru_cache
from pathlib import Path

from posecfg import backends
from posecfg.models import settings
from posecfg.models.registry import Entry


def cache_folder() -> Path:
    """Return the folder that ``posecfg models fetch`` fills."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.path.expanduser(base)) / "posecfg" / "models"


def folders() -> list[Path]:
    """List the folders that are searched: those of the settings, then the cache."""
    return [*map(Path, settings.current().folders), cache_folder()]


def candidates(entry: Entry) -> list[Path]:
    """List the existing files that could be ``entry``, in the order of the search."""
    if entry.inside is None:
        places = folders()
    else:
        spec = importlib.util.find_spec(entry.inside) if backends.present(entry.inside) else None
        places = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    return [path for path in (place / entry.file for place in places) if path.is_file()]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, computed once a process while its size and time stay the same."""
    state = path.stat()
    return _digest(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(path: Path, size: int, mtime: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
