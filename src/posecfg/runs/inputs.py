"""Compare the content of inputs with what was recorded of it, where the file system does not tell enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg.errors import PosecfgError
from posecfg.store import fingerprint, record_files
from posecfg.store.clip_record import InputRecord
from posecfg.text import count
from posecfg.types import Clip

Tick = Callable[[int, int], None]
"""Hears how many bytes of how many were looked at."""


@dataclass
class Compared:
    """Clips by what came of it: ``same`` by a hash of the whole or of samples, ``changed``, or not known."""

    same: set[str] = field(default_factory=set)
    sampled: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    unknown: dict[str, str] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """Return the findings as JSON values."""
        return {
            "same": len(self.same),
            "sampled": len(self.sampled),
            "changed": sorted(self.changed),
            "unknown": dict(sorted(self.unknown.items())),
        }

    def notes(self) -> list[str]:
        """Say what was compared, and what is not known of it."""
        notes = [f"{count(len(self.same), 'input')} compared with the record: the same content"]
        if self.sampled:
            notes.append(
                f"{count(len(self.sampled), 'input')} of these by samples only, as the record holds no hash of the "
                "whole: redo=NAME makes a clip again, and records what is known then"
            )
        return notes + [f"{clip_id}: its input could not be compared: {why}" for clip_id, why in self.unknown.items()]

    def verdict(self, clip_id: str) -> bool | None:
        """Tell whether a clip's input is the recorded one, None where that is not known."""
        return True if clip_id in self.same else False if clip_id in self.changed else None


def compare(root: Path, clips: Iterable[Clip], tick: Tick = lambda done, total: None) -> Compared:
    """Read the inputs of ``clips``, and hold them against the clips' records below ``root``."""
    known: dict[str, tuple[Clip, InputRecord]] = {}
    for clip in clips:
        record = record_files.read_clip(root, clip.id)
        if record is not None:
            known[clip.id] = clip, record.input
    return compared(known, tick)


def compared(known: Mapping[str, tuple[Clip, InputRecord]], tick: Tick = lambda done, total: None) -> Compared:
    """Read inputs, and hold each against its record; parts of one film cost one reading."""
    found, done = Compared(), 0
    total = sum(record.bytes for _, record in known.values())
    for clip_id, (clip, record) in known.items():
        try:
            if not fingerprint.is_same(clip, record):
                found.changed.add(clip_id)
            else:
                found.same.add(clip_id)
                if not record.sha256:
                    found.sampled.add(clip_id)
        except PosecfgError as error:
            found.unknown[clip_id] = str(error)
        done += record.bytes
        tick(done, total)
    return found
