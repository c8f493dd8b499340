"""Hashes that the user trusts, for weights whose SHA-256 is not published."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from posecfg import budgets
from posecfg.errors import WeightsError
from posecfg.models import registry
from posecfg.models.locking import alone


def trust_file() -> Path:
    """Return the file that keeps the trusted hashes."""
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(os.path.expanduser(base)) / "posecfg" / "trusted.json"


def trusted() -> dict[str, str]:
    """Return the trusted hashes, name -> SHA-256."""
    path = trust_file()
    try:
        content = json.loads(budgets.read(path))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WeightsError(
            f"Expected '{path}' to be a readable JSON file, but got: {reason}; repair or delete it"
        ) from None
    if not isinstance(content, dict) or not all(map(_is_hash, content.values())):
        raise WeightsError(f"Expected '{path}' to map names to SHA-256 hashes; repair or delete it")
    return content


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and registry.is_sha256(value)


def accepts(entry: registry.Entry, sha256: str) -> bool:
    """Tell whether this hash is that of ``entry``, as published or as trusted by the user."""
    return entry.own or sha256 in _whole(entry)


def refuses(entry: registry.Entry, sha256: str) -> bool:
    """Tell whether this hash is certainly not that of ``entry``; a published beginning alone can only rule it out."""
    return sha256 not in _whole(entry) if _whole(entry) else not sha256.startswith(entry.sha256_prefix)


def wanted(entry: registry.Entry) -> str:
    """Return the expected SHA-256 (or its beginning) as text, "" where there is none."""
    beginning = f"{entry.sha256_prefix}..." if entry.sha256_prefix else ""
    return " or ".join(_whole(entry)) or beginning


def _whole(entry: registry.Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (entry.sha256, trusted().get(entry.name, "")))))


def trust(name: str, sha256: str) -> None:
    """Remember that the weights ``name`` are good when they hash to ``sha256``."""
    entry = registry.entry(name)
    if entry.own:
        raise WeightsError(f"'{name}' is a file of your own, which needs no trust: name it where weights are asked for")
    sha256 = sha256.lower()
    if not registry.is_sha256(sha256):
        raise WeightsError(f"Expected a SHA-256 of 64 hex digits, but got '{sha256}'; `sha256sum FILE` prints it")
    if entry.sha256:
        raise WeightsError(
            f"The hash of '{name}' is published ({entry.sha256}) and cannot be replaced; get the right file with: "
            f"posecfg models fetch {name}"
        )
    if refuses(replace(entry, name=""), sha256):
        raise WeightsError(
            f"The hash of '{name}' is published to begin with {entry.sha256_prefix}, but got {sha256}: get the right "
            f"file with: posecfg models fetch {name}"
        )
    remember(name, sha256)


def remember(name: str, sha256: str) -> None:
    """Store a hash as trusted, in addition to a published one if there is any."""
    path = trust_file()
    with alone(path.parent, lambda text: None):
        content = json.dumps({**trusted(), name: sha256}, indent=2, sort_keys=True) + "\n"
        try:
            _replace(Path(os.path.realpath(path)), content)
        except OSError as error:
            raise WeightsError(f"Expected to write to '{path}', but got: {error.strerror or error}") from error


def _replace(path: Path, content: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
