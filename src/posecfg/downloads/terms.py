"""Terms of use that the user has accepted, remembered in the settings."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from posecfg import budgets, process
from posecfg.errors import ConfigError
from posecfg.types import Terms

_LARGEST = 1_000_000


def file() -> Path:
    """Return the file that keeps what was accepted."""
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(os.path.expanduser(base)) / "posecfg" / "terms.json"


def require(terms: Terms, accepted_now: bool) -> None:
    """Raise ``ConfigError`` unless the terms are accepted, now or before; remember it where they are now."""
    before = _known()
    if terms.name in before and before[terms.name].get("address") == terms.address:
        return
    if not accepted_now:
        raise ConfigError(
            f"These films belong to the {terms.owner}: read its terms of use at {terms.address}, and if you accept "
            "them, type the same command with --accept-terms (once: it is remembered)."
        )
    _remember({**before, terms.name: {"address": terms.address, "accepted": time.strftime("%Y-%m-%d")}})


def _known() -> dict[str, dict[str, Any]]:
    path = file()
    try:
        content = json.loads(budgets.read(path, _LARGEST))
        if isinstance(content, dict) and all(isinstance(one, dict) for one in content.values()):
            return content
        reason: object = "it maps no names to what was accepted"
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
    raise ConfigError(f"Expected '{path}' to be a readable JSON file, but got: {reason}: repair or delete it.")


def _remember(content: dict[str, dict[str, Any]]) -> None:
    path = file()
    temporary = path.with_name(f".{path.name}.{process.unique()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", "utf-8")
        temporary.replace(path)
    except OSError as error:
        raise ConfigError(f"Expected to write '{path}', but got: {error.strerror or error}.") from error
    finally:
        temporary.unlink(missing_ok=True)
