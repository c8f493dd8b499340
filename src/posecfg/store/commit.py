"""The order of events that makes a clip done: files aside, intent, moves, record, intent removed.

A kill between any two steps leaves either the old state or an intent, which the next start undoes.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from posecfg import budgets
from posecfg.store import record_files
from posecfg.store.clip_record import ClipRecord, is_inside
from posecfg.store.staging import Staging, digest, remove, replace_bytes


def commit(
    root: Path,
    part: str,
    record: ClipRecord,
    stagings: Mapping[str, Staging],
    scratch: Path,
    stale: Iterable[str] = (),
) -> ClipRecord:
    """Publish the staged files of each writer and write the clip's record; return it as it was written.

    ``record`` lacks its token and the files of the writers in ``stagings``. ``stale`` are names of an earlier result of
    this clip that the new one no longer has.
    """
    token = secrets.token_hex(8)
    new = [file for staging in stagings.values() for file in staging.written]
    intent = record_files.place(root, f"intents{part}", record.id)
    if new:
        files = [{"name": f.name, "mtime_ns": f.mtime_ns, "inode": f.inode, "sha256": f.sha256} for f in new]
        note = {"id": record.id, "token": token, "files": files}
        replace_bytes(intent, record_files.encode(note), scratch)
    published = {name: staging.publish() for name, staging in stagings.items()}
    for name in sorted(set(stale) - {file.name for file in new}):
        remove(root, name)
    writers = {
        name: replace(writer, files=published.get(name, writer.files)) for name, writer in record.writers.items()
    }
    record = replace(record, writers=writers, token=token)
    replace_bytes(record_files.place(root, "clips", record.id), record_files.encode(record.to_json()), scratch)
    if new:
        intent.unlink(missing_ok=True)
    return record


def undo(root: Path, intent: Path) -> bool:
    """Remove what an unfinished commit published, and its intent; False when there was nothing to remove.

    A name that the clip's sidecar vouches for is left as it is: resume sees that it is missing or has changed.
    """
    try:
        note = json.loads(budgets.read(intent))
        clip_id, token, files = str(note["id"]), str(note["token"]), [_entry(file) for file in note["files"]]
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        intent.unlink(missing_ok=True)
        return False
    done = record_files.read(record_files.place(root, "clips", clip_id))
    finished = done is not None and done.id == clip_id and done.token == token
    if not finished:
        vouched = done.names if done is not None else set()
        for file in files:
            if file["name"] not in vouched and _is_ours(root, file):
                remove(root, file["name"])
    intent.unlink(missing_ok=True)
    return not finished


def _entry(file: Mapping[str, Any]) -> dict[str, Any]:
    """Check one file of an intent; a name that leads outside counts as damage."""
    name, numbers, sha = file["name"], (file["mtime_ns"], file["inode"]), file["sha256"]
    if not isinstance(name, str) or not is_inside(name) or not isinstance(sha, str):
        raise ValueError("no file of ours")
    return {"name": name, "mtime_ns": int(numbers[0]), "inode": int(numbers[1]), "sha256": sha}


def _is_ours(root: Path, file: Mapping[str, Any]) -> bool:
    """Tell whether the file at the name is the one that was staged, and not one that was put there since."""
    path = root / file["name"]
    try:
        seen = os.lstat(path)
        same = stat.S_ISREG(seen.st_mode) and seen.st_mtime_ns == file["mtime_ns"]
        return same and (seen.st_ino == file["inode"] or digest(path)[1] == file["sha256"])
    except OSError:
        return False
