"""The order of events that makes a clip done: files aside, intent, renames, sidecar, intent gone.

A kill between any two steps leaves either the old state or an intent, which the next start undoes.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from posecfg.engine import sidecar
from posecfg.engine.files import Staging, replace_bytes


def commit(
    root: Path,
    part: str,
    data: dict[str, Any],
    stagings: dict[str, Staging],
    scratch: Path,
    stale: Iterable[str] = (),
) -> dict[str, Any]:
    """Publish the staged files of each writer and write the sidecar; return the sidecar's content.

    ``data`` is the sidecar without ``token`` and without the files of the writers in ``stagings``. ``stale`` are names
    of an earlier result of this clip that the new one no longer has.
    """
    clip_id, token = data["id"], secrets.token_hex(8)
    new = [file.name for staging in stagings.values() for file in staging.written]
    old = sorted(set(stale) - set(new))
    intent = sidecar.place(root, f"intents{part}", clip_id)
    if new or old:
        note = {"id": clip_id, "token": token, "names": [*new, *old]}
        replace_bytes(intent, sidecar.encode(note), scratch)
    for name in old:
        (root / name).unlink(missing_ok=True)
    for name, staging in stagings.items():
        data["writers"][name]["files"] = staging.publish()
    data["token"] = token
    replace_bytes(sidecar.place(root, "clips", clip_id), sidecar.encode(data), scratch)
    if new or old:
        intent.unlink(missing_ok=True)
    return data
