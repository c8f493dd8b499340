"""What is true of a folder of results: what was published, what records vouch for, and what was left lying about."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

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


def lies(root: Path) -> list[str]:
    """Say which records cannot be read, and which files would be trusted by size and time but hold something else."""
    wrong = []
    for path in sorted((root / HOME / "clips").rglob("*.json")):
        try:
            writers = json.loads(path.read_bytes())["writers"]
            files = [file for writer in writers.values() for file in writer["files"]]
        except (ValueError, KeyError, TypeError):
            wrong.append(f"the record {path.name} is half written")
            continue
        for file in files:
            made = root / file["name"]
            if not made.is_file():
                continue
            seen, data = made.stat(), made.read_bytes()
            trusted = (seen.st_size, seen.st_mtime_ns) == (file["bytes"], file["mtime_ns"])
            if trusted and hashlib.sha256(data).hexdigest() != file["sha256"]:
                wrong.append(f"{file['name']} has the size and time of its record, but other bytes")
    return wrong


def differences(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Say in which files a folder differs from an undisturbed one."""
    wrong = [f"{name} is missing" for name in sorted(other.keys() - one.keys())]
    wrong += [f"{name} should not be there" for name in sorted(one.keys() - other.keys())]
    return wrong + [f"{name} has other bytes" for name in sorted(one.keys() & other.keys()) if one[name] != other[name]]
