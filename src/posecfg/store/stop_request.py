"""The request to stop that ``posecfg stop`` leaves for a run: a small file, which the run removes as it reads it."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg.errors import OutputError
from posecfg.store import real_files

SCHEMA = 1
FINISH, DROP = "finish", "drop"
"""What becomes of clips in work."""


@dataclass(frozen=True)
class StopRequest:
    """Ask the run of this ``token``, and no later one, to stop; ``host`` is where that was typed."""

    token: str
    how: str = FINISH
    host: str = ""

    @classmethod
    def of(cls, data: bytes) -> StopRequest | None:
        """Return the request that a file holds, None if it holds none."""
        try:
            found: Any = json.loads(data)
            texts = [found[key] for key in ("token", "how", "host")]
            fits = found["schema"] == SCHEMA and all(isinstance(text, str) for text in texts)
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return cls(*texts) if fits and texts[1] in (FINISH, DROP) else None


def name_of(part: str) -> str:
    """Return the name of the file below ``.posecfg``: part is '' for a whole run, '-1of2' for a shard."""
    return f"stop{part}.json"


def leave(home: Path, part: str, token: str, how: str) -> None:
    """Ask the run of a token to stop."""
    path, host = home / name_of(part), socket.gethostname()
    aside = path.with_name(f"{path.name}.{host.replace(os.sep, '-')}-{os.getpid()}")
    data = {"schema": SCHEMA, "token": token, "how": how, "host": host}
    try:
        real_files.write_bytes(aside, json.dumps(data).encode())
        os.replace(aside, path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise OutputError(
            f"'{home}' cannot be written ({error.strerror or error}), so the run there cannot be asked to stop: type "
            "posecfg stop as the user who started it, or press Ctrl-C in its terminal."
        ) from error


def withdraw(home: Path, part: str) -> None:
    """Remove a request that no run reads."""
    real_files.unlink(home / name_of(part))
