"""The clips that the latest runs were about, so that ``verify`` can tell what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from posecfg import budgets
from posecfg.store import real_files, record_files
from posecfg.store.staging import replace_bytes


def note_clips(home: Path, part: str, aside: Path, ids: Sequence[str], taken: Mapping[str, str]) -> None:
    """Write down which clips a run, or the shard ``part`` of it, is about.

    ``taken`` are the files of others in the way of some of them.
    """
    path = home / f"listing{part}.json"
    text = record_files.encode({"clips": list(ids), "taken": dict(taken)})
    real_files.require_file(path)
    if not path.is_file() or real_files.read_bytes(path, budgets.LISTING) != text:
        replace_bytes(path, text, aside / "listing.json")


def noted_clips(home: Path) -> dict[str, str]:
    """Return the clips that the latest runs were about, in all parts, and what was in their way, "" for nothing.

    A damaged list says nothing.
    """
    found: dict[str, str] = {}
    for path in home.glob("listing*.json"):
        try:
            data = json.loads(real_files.read_bytes(path, budgets.LISTING))
            taken = {str(clip_id): str(name) for clip_id, name in data.get("taken", {}).items()}
            found |= {str(clip_id): taken.get(clip_id, "") for clip_id in data["clips"]}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    return found
