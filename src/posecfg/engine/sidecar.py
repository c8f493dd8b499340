"""One JSON file a clip under ``.posecfg/clips``: written last, it is the mark that the clip is done."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg.engine.fingerprint import Stamp

SCHEMA = 1
HOME = ".posecfg"
LONGEST = 200


@dataclass(frozen=True)
class Sidecar:
    """A sidecar's path and content; ``data`` is None when the file is damaged."""

    path: Path
    data: dict[str, Any] | None


def place(root: Path, kind: str, clip_id: str) -> Path:
    """Return where the file of ``kind`` (clips, intents) for a clip lies; long names are shortened by hash."""
    folder, _, name = clip_id.rpartition("/")
    if len(name.encode()) > LONGEST:
        name = name.encode()[:100].decode("utf-8", "ignore") + "-" + hashlib.sha256(name.encode()).hexdigest()[:16]
    return root / HOME / kind / folder / f"{name}.json"


def encode(data: dict[str, Any]) -> bytes:
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
    if not isinstance(data, dict) or data.get("schema") != SCHEMA or data.get("status") not in ("done", "skipped"):
        return False
    kinds = {"id": str, "identity": str, "input": dict, "writers": dict, "facts": dict, "token": str}
    if any(not isinstance(data.get(key), kind) for key, kind in kinds.items()):
        return False
    return all(
        isinstance(w, dict) and isinstance(w.get("files"), list) and all(_fits_file(f) for f in w["files"])
        for w in data["writers"].values()
    )


def _fits_file(file: Any) -> bool:
    keys = {"name": str, "bytes": int, "sha256": str, "mtime_ns": int}
    return isinstance(file, dict) and all(isinstance(file.get(key), kind) for key, kind in keys.items())


def names(data: dict[str, Any]) -> set[str]:
    """Return the output names that a sidecar vouches for."""
    return {file["name"] for writer in data["writers"].values() for file in writer["files"]}


def walk(root: Path, kind: str = "clips") -> Iterator[tuple[Path, Stamp]]:
    """Yield every file of ``kind`` with its stamp."""
    stack = [str(root / HOME / kind)]
    while stack:
        try:
            with os.scandir(stack.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
                    elif entry.name.endswith(".json"):
                        found = entry.stat(follow_symlinks=False)
                        yield Path(entry.path), Stamp(found.st_size, found.st_mtime_ns)
        except FileNotFoundError:
            continue


def digest_name(clip_id: str) -> str:
    """Return a short name for scratch files of a clip."""
    return hashlib.sha256(clip_id.encode()).hexdigest()[:20]
