"""What is true of a folder of results: what was published, what records vouch for, and what was left lying about."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

HOME = ".posecfg"


def published(root: Path) -> dict[str, bytes]:
    """Map every file outside posecfg's own folder to its bytes."""
    files = (p for p in sorted(root.rglob("*")) if p.is_file() and HOME not in p.relative_to(root).parts)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in files}


def leftovers(root: Path) -> list[str]:
    """Name temporary files and intents."""
    home = root / HOME
    found = [p for kind in ("tmp*", "intents*") for folder in home.glob(kind) for p in folder.rglob("*") if p.is_file()]
    return [f"{path.relative_to(home)} was left behind" for path in found]


def recorded(root: Path, record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the files of all writers of a record, listed ones too; a folder whose list is lost stands for itself."""
    return [
        one
        for writer in record["writers"].values()
        for file in writer["files"]
        for one in (_listed(root, file) if file["name"].endswith("/") else [file])
    ]


def _listed(root: Path, folder: dict[str, Any]) -> list[dict[str, Any]]:
    for path in (root / HOME / "files").glob(f"*-{folder['sha256'][:15]}.txt"):
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() == folder["sha256"]:
            lines = [line.split(" ", 2) for line in data.decode().splitlines()]
            return [
                {**folder, "name": folder["name"] + name, "bytes": int(size), "sha256": sha}
                for sha, size, name in lines
            ]
    return [folder]


def lies(root: Path) -> list[str]:
    """Say which records cannot be read, and which files would be trusted by size and time but hold something else."""
    wrong = []
    for path in sorted((root / HOME / "clips").rglob("*.json")):
        try:
            files = recorded(root, json.loads(path.read_bytes()))
        except (ValueError, KeyError, TypeError):
            wrong.append(f"the record {path.name} is half written")
            continue
        for file in files:
            made = root / file["name"]
            if file["name"].endswith("/"):
                wrong.append(f"the record {path.name} needs a list of '{file['name']}', which is not there")
            if not made.is_file():
                continue
            seen, data = made.stat(), made.read_bytes()
            is_old = seen.st_mtime_ns <= file["mtime_ns"] if "count" in file else seen.st_mtime_ns == file["mtime_ns"]
            trusted = seen.st_size == file["bytes"] and is_old
            if trusted and hashlib.sha256(data).hexdigest() != file["sha256"]:
                wrong.append(f"{file['name']} has the size and time of its record, but other bytes")
    return [*wrong, *_shared_lies(root)]


def is_joined(root: Path, name: str, data: bytes) -> bool:
    """Tell whether a file over all clips is whole, if only of those clips that were finished."""
    known = [json.loads(path.read_bytes())["files"] for path in (root / HOME / "shared").glob("*.json")]
    return any([len(data), hashlib.sha256(data).hexdigest()] in files.get(name, ()) for files in known)


def _shared_lies(root: Path) -> list[str]:
    """Do the same for records of files over all clips."""
    wrong = []
    for path in sorted((root / HOME / "shared").glob("*.json")):
        try:
            record = json.loads(path.read_bytes())
            stamps, files = record["stamps"], record["files"]
        except (ValueError, KeyError, TypeError):
            wrong.append(f"the record {path.name} of files over all clips is half written")
            continue
        for name, stamp in stamps.items():
            if not (root / name).is_file():
                continue
            seen, data = (root / name).stat(), (root / name).read_bytes()
            is_old = [seen.st_size, seen.st_mtime_ns] == stamp[:2]
            if is_old and [len(data), hashlib.sha256(data).hexdigest()] not in files[name]:
                wrong.append(f"{name} has the size and time of its record, but other bytes")
    return wrong


def differences(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Say in which files a folder differs from an undisturbed one."""
    wrong = [f"{name} is missing" for name in sorted(other.keys() - one.keys())]
    wrong += [f"{name} should not be there" for name in sorted(one.keys() - other.keys())]
    return wrong + [f"{name} has other bytes" for name in sorted(one.keys() & other.keys()) if one[name] != other[name]]
