"""What passes between the parent and its workers: plain values that cross a pipe."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg.engine.ledger import Row
from posecfg.errors import PosecfgError
from posecfg.types import Clip


@dataclass(frozen=True)
class Work:
    """One clip to do: which writers, what its files may replace, and which attempt this is.

    ``compare`` is the fingerprint of a finished result whose input may have changed: if it has not, nothing is redone.
    """

    clip: Clip
    writers: tuple[str, ...]
    owned: tuple[str, ...] = ()
    attempt: int = 1
    kept: bool = False
    compare: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a clip, for the ledger and the screen."""

    row: Row
    timings: dict[str, float] = field(default_factory=dict)
    device: str = ""


@dataclass(frozen=True)
class Desk:
    """Where and under which identity clips are done."""

    root: Path
    part: str
    aside: Path
    identity: str
    writer_hashes: Mapping[str, str]


@dataclass(frozen=True)
class Bench:
    """All that a worker needs to build itself."""

    config: dict[str, Any]
    desk: Desk
    logs: Path | None = None


def failed(work: Work, error: Exception, began: float) -> Outcome:
    """Return the outcome of a clip that could not be done."""
    text = str(error) if isinstance(error, PosecfgError) else f"{type(error).__name__}: {error}"
    seconds = round(time.time() - began, 3)
    return Outcome(Row(work.clip.id, "failed", text, attempt=work.attempt, seconds=seconds, at=time.time()))
