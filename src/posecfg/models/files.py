"""Folders and files of weights on this machine, and the hashes of the files."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from functools import lru_cache
from pathlib import Path

from posecfg import backends
from posecfg.models import external_data, own_files, settings
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
    if entry.own:
        path = Path(own_files.located(entry.name))
        return [path] if path.is_file() else []
    if entry.inside is None:
        places = folders()
    else:
        spec = importlib.util.find_spec(entry.inside) if backends.present(entry.inside) else None
        places = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    return [path for path in (place / entry.file for place in places) if path.is_file()]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, computed once a process while its status stays the same.

    A graph whose tensors are in files beside it has a hash of its own bytes and theirs: it is not what sha256sum says.
    """
    own = _digest(path, *_status(path))
    places = _locations(path, *_status(path)) if path.suffix == ".onnx" else ()
    if not places:
        return own
    told = [own, *(f"{place} {_beside(path, place)}" for place in places)]
    return hashlib.sha256("\n".join(told).encode(errors="surrogatepass")).hexdigest()


def statuses(path: Path) -> tuple[tuple[int, ...], ...]:
    """Return what the file system tells of a file, and of the files that have tensors of it."""
    places = _locations(path, *_status(path)) if path.suffix == ".onnx" else ()
    beside = (external_data.beside(path, place) for place in places)
    return (_status(path), *(_status(file) for file in beside if file is not None and file.is_file()))


def _beside(graph: Path, location: str) -> str:
    """Return the hash of a file with tensors of a graph; one that is absent or elsewhere is never opened."""
    file = external_data.beside(graph, location)
    return _digest(file, *_status(file)) if file is not None and file.is_file() else "absent"


def _status(path: Path) -> tuple[int, ...]:
    seen = path.stat()
    return seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino


@lru_cache(maxsize=256)
def _digest(path: Path, *status: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=256)
def _locations(path: Path, *status: int) -> tuple[str, ...]:
    try:
        return tuple(sorted(external_data.locations(path)))
    except (ValueError, OSError):
        return ()  # the runtime says what is wrong with it


def strays(path: Path) -> list[str]:
    """Return where a graph says that tensors are which are not beside it: such files are not weights of it."""
    places = _locations(path, *_status(path)) if path.suffix == ".onnx" else ()
    return [place for place in places if external_data.beside(path, place) is None]
