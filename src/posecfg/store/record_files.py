"""Paths of records below ``.posecfg``, of clips and of half-done commits, and the reading of their files."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from posecfg.layout import HOME
from posecfg.store import real_files
from posecfg.store.absence import cannot_read, is_absence, matching
from posecfg.store.clip_record import ClipRecord
from posecfg.store.fingerprint import Stamp

LONGEST = 200

_JSON = json.JSONEncoder(allow_nan=False)
_LIKE_A_FILE = re.compile(r"\.json_*$", re.IGNORECASE)


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
    return [path.name for path in matching(root / HOME, "intents*")]


def encode(data: Mapping[str, Any]) -> bytes:
    """Return the JSON bytes of ``data``, each of its keys on a line: to indent all takes Python ten times as long."""
    lines = ",\n".join(f" {_JSON.encode(key)}: {_JSON.encode(value)}" for key, value in data.items())
    return f"{{\n{lines}\n}}\n".encode()


def decode(data: bytes) -> Any:
    """Return JSON values; a ValueError tells that it is none, or holds numbers that JSON does not know."""
    return json.loads(data, parse_constant=_refuse)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def read(path: Path) -> ClipRecord | None:
    """Return the record in a file, or None where there is none, or where it is damaged or of another schema.

    A link or a special file in its place is refused, and so is a file that the machine cannot read.
    """
    try:
        return ClipRecord.from_json(decode(real_files.read_bytes(path)))
    except OSError as error:
        if is_absence(error):
            return None
        raise cannot_read(path, error) from error
    except (ValueError, RecursionError):
        return None


def read_clip(root: Path, clip_id: str) -> ClipRecord | None:
    """Return the record of a clip, or None where there is none, or one of another clip."""
    record = read(place(root, "clips", clip_id))
    return record if record is not None and record.id == clip_id else None


def walk(root: Path, kind: str = "clips") -> Iterator[tuple[str, Stamp]]:
    """Yield the name of every file of ``kind``, as ``relative`` gives it, with its stamp."""
    top = str(root / HOME / kind)
    real_files.require_folders(root / HOME / kind / "any")
    stack = [top]
    while stack:
        folder = stack.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
                    elif entry.name.endswith(".json"):
                        found = entry.stat(follow_symlinks=False)
                        yield entry.path[len(top) + 1 :], Stamp(found.st_size, found.st_mtime_ns)
        except OSError as error:
            if not is_absence(error):
                raise cannot_read(folder, error) from error


def digest_name(clip_id: str) -> str:
    """Return a short name for scratch files of a clip."""
    return hashlib.sha256(clip_id.encode()).hexdigest()[:20]
