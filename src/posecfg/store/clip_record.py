"""One JSON file a clip under ``.posecfg/clips``: written last, it is the mark that the clip is done."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg.layout import HOME
from posecfg.store.fingerprint import Stamp

SCHEMA = 1
LONGEST = 200
STATUSES = ("done", "skipped")

_LIKE_A_FILE = re.compile(r"\.json_*$", re.IGNORECASE)
_NUMBER = (int, float)
_FIELDS: dict[str, Any] = {
    **{"id": str, "identity": str, "token": str, "input": dict, "writers": dict, "facts": dict, "reason": str},
    **{"attempt": int, "frames": int, "seconds": _NUMBER, "at": _NUMBER},
}
_OPTIONAL: dict[str, Any] = {"warnings": list, "clock": dict, "people": int, "meta": dict}


@dataclass(frozen=True)
class Sidecar:
    """A sidecar's path and content; ``data`` is None when the file is damaged."""

    path: Path
    data: dict[str, Any] | None


def relative(clip_id: str) -> str:
    """Return where a clip's file lies below the folder of its kind.

    Long names are shortened by hash; a folder that looks like a file of ours gets a tail, or ``a`` and ``a.json/b``
    would want the same name for a file and for a folder.
    """
    folder, slash, name = clip_id.rpartition("/")
    if ".json" in folder.casefold():
        folder = "/".join(f"{part}_" if _LIKE_A_FILE.search(part) else part for part in folder.split("/"))
    if len(name) * 4 > LONGEST and len(name.encode()) > LONGEST:
        name = name.encode()[:100].decode("utf-8", "ignore") + "-" + hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{folder}{slash}{name}.json"


def place(root: Path, kind: str, clip_id: str) -> Path:
    """Return where the file of ``kind`` (clips, intents) for a clip lies."""
    return root / HOME / kind / relative(clip_id)


def kinds(root: Path) -> list[str]:
    """Name the folders of intents: those of each shard, or of none."""
    return sorted(path.name for path in (root / HOME).glob("intents*"))


def is_inside(name: str) -> bool:
    """Tell whether ``name`` is the plain posix name of an output: below the root, and not among our own records."""
    parts = name.split("/")
    return parts[0].casefold() != HOME and "\0" not in name and not any(part in ("", ".", "..") for part in parts)


def encode(data: Mapping[str, Any]) -> bytes:
    """Return the JSON bytes of ``data``."""
    return json.dumps(data, indent=1, ensure_ascii=True, allow_nan=False).encode() + b"\n"


def read(path: Path) -> Sidecar:
    """Read one; what is no sidecar of this schema counts as damaged."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return Sidecar(path, None)
    return Sidecar(path, data if _fits(data) else None)


def _fits(data: Any) -> bool:
    if not isinstance(data, dict) or data.get("schema") != SCHEMA or data.get("status") not in STATUSES:
        return False
    if any(not isinstance(data.get(key), kind) for key, kind in _FIELDS.items()):
        return False
    if any(key in data and not isinstance(data[key], kind) for key, kind in _OPTIONAL.items()):
        return False
    stamp = data["input"]
    if any(type(stamp.get(key)) is not kind for key, kind in (("bytes", int), ("mtime_ns", int), ("sha256", str))):
        return False
    return fit_facts(data["facts"]) and all(_fits_writer(writer) for writer in data["writers"].values())


def fit_facts(facts: Any) -> bool:
    """Tell whether ``facts`` are what gates can be held against."""
    return isinstance(facts, dict) and all(
        isinstance(facts.get(key), (*_NUMBER, type(None))) for key in ("duration", "fps")
    )


def _fits_writer(writer: Any) -> bool:
    return (
        isinstance(writer, dict)
        and isinstance(writer.get("identity"), str)
        and isinstance(writer.get("files"), list)
        and all(_fits_file(file) for file in writer["files"])
    )


def _fits_file(file: Any) -> bool:
    keys = {"name": str, "bytes": int, "sha256": str, "mtime_ns": int, "about": dict}
    fits = isinstance(file, dict) and all(isinstance(file.get(key), kind) for key, kind in keys.items())
    return fits and is_inside(file["name"])


def names(data: Mapping[str, Any]) -> set[str]:
    """Return the output names that a sidecar vouches for."""
    return {file["name"] for writer in data["writers"].values() for file in writer["files"]}


def walk(root: Path, kind: str = "clips") -> Iterator[tuple[str, Stamp]]:
    """Yield the name of every file of ``kind``, as ``relative`` gives it, with its stamp."""
    top = str(root / HOME / kind)
    stack = [top]
    while stack:
        try:
            with os.scandir(stack.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
                    elif entry.name.endswith(".json"):
                        found = entry.stat(follow_symlinks=False)
                        yield entry.path[len(top) + 1 :], Stamp(found.st_size, found.st_mtime_ns)
        except (FileNotFoundError, NotADirectoryError):
            continue


def digest_name(clip_id: str) -> str:
    """Return a short name for scratch files of a clip."""
    return hashlib.sha256(clip_id.encode()).hexdigest()[:20]
