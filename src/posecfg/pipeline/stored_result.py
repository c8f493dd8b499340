"""A finished clip that only lacks another writer's files: what the model found is read back, not computed again."""

from __future__ import annotations

from pathlib import Path

from posecfg.errors import PosecfgError
from posecfg.store.clip_record import ClipRecord
from posecfg.store.replacing import known_content
from posecfg.types import Extraction

# What files of earlier versions lack, and some writers need.
_SINCE = "several"


def stored(root: Path, kept: ClipRecord) -> Extraction | None:
    """Return the extraction behind the record ``kept`` from one of its native files, or None where none will do.

    It has no ``frames`` and no ``timings``; the file must be as it was written, and hold all that the record says.
    """
    from posecfg.loading import load, read_header

    for file in kept.files:
        if file.about.get("kind") != "npz" or known_content(root / file.name) != (file.bytes, file.sha256):
            continue
        try:
            if _SINCE not in (read_header(root / file.name) or {}):
                continue
            found = load(root / file.name)
        except PosecfgError:
            continue
        if isinstance(found, Extraction) and _is_all(found, kept):
            return found
    return None


def _is_all(found: Extraction, kept: ClipRecord) -> bool:
    """Tell whether an extraction is that of this clip, input and configuration, with every row and person."""
    usable = any(bool(track.valid.any()) for track in found.tracks)
    made = (found.clip.id, found.about.get("identity"), found.about.get("input"))
    holds = (len(found.clock), found.skeleton.name, len(found.tracks) if usable else 0)
    clock = kept.made.get("clock", {})
    return made == (kept.id, kept.identity, kept.input.content) and holds == (
        clock.get("rows"),
        kept.made.get("skeleton"),
        kept.made.get("people"),
    )
