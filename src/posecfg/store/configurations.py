"""Configurations that runs of a folder had: one small file each below ``.posecfg``, named by the hash of its content.

Records of clips name those that they were made with. A file is never changed, and written once, however often a command
is repeated.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from posecfg.layout import HOME
from posecfg.store import real_files
from posecfg.store.absence import cannot_read, is_absence, matching, status
from posecfg.store.staging import replace_bytes

FOLDER = "configurations"
NAME = re.compile("[0-9a-f]{16}")


def keep(root: Path, aside: Path, data: Mapping[str, Any]) -> str:
    """Write a configuration, unless it is there, and return its name."""
    content = _encode(data)
    name = _name(content)
    path = _place(root, name)
    seen = status(path)
    if seen is None or seen.st_size != len(content):
        replace_bytes(path, content, aside / f"{name}.part")
    return name


def read(root: Path, name: Any) -> dict[str, Any] | None:
    """Return a configuration, or None where there is none of this name, or a damaged one."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return None
    path = _place(root, name)
    try:
        content = real_files.read_bytes(path)
        found = json.loads(content) if _name(content) == name else None
    except OSError as error:
        if is_absence(error):
            return None
        raise cannot_read(path, error) from error
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and _is_whole(found) else None


def _is_whole(found: dict[str, Any]) -> bool:
    words = [found.get("command", []), found.get("overrides", [])]
    listed = all(isinstance(some, list) and all(isinstance(word, str) for word in some) for some in words)
    return listed and isinstance(found.get("config"), dict)


def names(root: Path) -> list[str]:
    """Return the names of all configurations of a folder, those that were written last at the end."""
    found = [path for path in matching(root / HOME / FOLDER, "*.json") if NAME.fullmatch(path.stem)]
    return [path.stem for path in sorted(found, key=lambda path: (os.lstat(path).st_mtime_ns, path.name))]


def _place(root: Path, name: str) -> Path:
    return root / HOME / FOLDER / f"{name}.json"


def _name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _encode(data: Mapping[str, Any]) -> bytes:
    """Return JSON with each key on a line; settings may be infinite, which a record may not."""
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in data.items())
    return f"{{\n{lines}\n}}\n".encode()
