"""The user's own word for weights whose SHA-256 nobody has published."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from posecfg.errors import WeightsError
from posecfg.models import registry


def trust_file() -> Path:
    """Return the file that keeps the trusted hashes."""
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "posecfg" / "trusted.json"


def trusted() -> dict[str, str]:
    """Return name -> SHA-256 as the user has stated them."""
    path = trust_file()
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WeightsError(
            f"Expected '{path}' to be a readable JSON file, but got: {reason}; repair or delete it"
        ) from None
    if not isinstance(content, dict) or not all(isinstance(sha, str) for sha in content.values()):
        raise WeightsError(f"Expected '{path}' to map names to SHA-256 hashes; repair or delete it")
    return content


def accepted(entry: registry.Entry) -> tuple[str, ...]:
    """Return the beginnings of which the SHA-256 of a file must have one: the user's own, and what is published."""
    own = trusted().get(entry.name, "")
    return tuple(dict.fromkeys(filter(None, (entry.sha256, own, entry.sha256_prefix))))


def accepts(entry: registry.Entry, sha256: str) -> bool:
    """Tell whether a file of this hash is the one that ``entry`` means."""
    return sha256.startswith(accepted(entry) or ("-",))


def wanted(entry: registry.Entry) -> str:
    """Return what the SHA-256 is compared with, as a person reads it; "" where there is nothing."""
    return " or ".join(sha if registry.is_sha256(sha) else f"{sha}..." for sha in accepted(entry))


def trust(name: str, sha256: str) -> None:
    """Remember that the weights ``name`` are good when they hash to ``sha256``."""
    entry = registry.entry(name)
    sha256 = sha256.lower()
    if not registry.is_sha256(sha256):
        raise WeightsError(f"Expected a SHA-256 of 64 hex digits, but got '{sha256}'; `sha256sum FILE` prints it")
    if entry.sha256:
        raise WeightsError(
            f"The hash of '{name}' is published ({entry.sha256}) and cannot be replaced; get the right file with: "
            f"posecfg models fetch {name}"
        )
    remember(name, sha256)


def remember(name: str, sha256: str) -> None:
    """Keep a hash that was vouched for here, beside the published one where there is one."""
    path = trust_file()
    content = json.dumps({**trusted(), name: sha256}, indent=2, sort_keys=True) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
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
