"""The work that a worker gets and the outcome that it returns: plain values that can be sent anywhere."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg.errors import Taken, Unreadable
from posecfg.models.settings import Settings
from posecfg.pipeline.remembering import Remembering
from posecfg.store.fingerprint import Stamp
from posecfg.store.inputs import Inputs
from posecfg.store.ledger_row import OutputStamp, Row
from posecfg.store.made_with import MadeWith
from posecfg.text import sentence
from posecfg.timing import Spread
from posecfg.types import Clip

NEVER = Stamp(-1, -1)
"""A stamp that no file has."""
NO_MEMORY = (
    "Expected memory for this clip, but there was none left: run fewer clips at a time (workers=1), or close other "
    "programs, and type the same command again."
)


@dataclass(frozen=True)
class Work:
    """One clip to do: which writers, the files it is known to have, which may be replaced, and which attempt this is.

    ``kept`` says that the clip's sidecar holds: if the input is still the same, only ``writers`` write, and what is
    not asked of them stays. Otherwise all is made anew. ``token`` tells the files of this attempt from those of another
    one, whose worker may be at work on another machine though it was given up.
    """

    clip: Clip
    writers: tuple[str, ...]
    owned: tuple[OutputStamp, ...] = ()
    attempt: int = 1
    kept: bool = False
    token: str = ""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a clip, for the ledger and the screen.

    ``fresh`` is False where nothing had to be made; ``written`` are the files that were made, ``altered`` the names
    under which files are kept that were edited since they were written. ``seconds`` is what this attempt took, 0 where
    that is not known; those of the row are of the attempt that found the poses. ``bytes`` are those of the files that
    were made, without what posecfg keeps for itself, and ``sizes`` those of each writer. ``helped`` says that the
    memory of detections knew something of the clip.
    """

    row: Row
    stages: dict[str, Spread] = field(default_factory=dict)
    device: str = ""
    fresh: bool = True
    written: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    seconds: float = 0.0
    bytes: int = 0
    sizes: Mapping[str, int] = field(default_factory=dict)
    helped: bool = False


@dataclass(frozen=True)
class Destination:
    """Where files go, and under which identity: ``part`` is the shard's suffix, ``aside`` the scratch folder.

    ``made_with`` are the weights and libraries that the run was admitted with. ``inputs`` are never replaced or
    removed, whatever a record says. ``configuration`` is the name of the file with the run's configuration, if any.
    ``lease`` is the token without which nothing is published; "" where no other run can come.
    """

    root: Path
    part: str
    aside: Path
    identity: str
    writer_hashes: Mapping[str, str]
    made_with: MadeWith = field(default_factory=MadeWith)
    inputs: Inputs = field(default_factory=Inputs)
    configuration: str = ""
    lease: str = ""


@dataclass(frozen=True)
class Setup:
    """All that a worker needs to build itself, on this machine or another: plain values.

    Where it ``publishes``, a worker gives files their names; otherwise it leaves them aside, and its parent does.
    """

    config: dict[str, Any]
    destination: Destination
    models: Settings = field(default_factory=Settings)
    logs: Path | None = None
    remembering: Remembering | None = None
    publishes: bool = True


def failed(work: Work, error: BaseException, began: float, altered: Sequence[str] = ()) -> Outcome:
    """Return the outcome of a clip that could not be done; files of an earlier result remain its own.

    ``altered`` are the names under which outputs are kept that were edited since, of which the error says nothing.

    It is skipped where its place is taken, which no record keeps: the place may be free the next time. The fact
    ``unreadable`` says that its input is at fault, not this machine nor our code.
    """
    now = time.time()
    if isinstance(error, Taken):
        row = Row(work.clip.id, "skipped", sentence(error), facts={"taken": error.name}, at=now)
        return Outcome(row, altered=tuple(altered))
    reason = NO_MEMORY if isinstance(error, MemoryError) else sentence(error)
    files = tuple(map(_unseen, work.owned))
    seconds = round(now - began, 3)
    facts = {"unreadable": True} if isinstance(error, Unreadable) else {}
    return Outcome(
        Row(
            work.clip.id,
            "failed",
            reason,
            attempt=work.attempt,
            seconds=seconds,
            files=files,
            facts=facts,
            at=now,
        ),
        altered=tuple(altered),
    )


def _unseen(file: OutputStamp) -> OutputStamp:
    """Return a file with a stamp that none has; a folder keeps the number by which its list is found."""
    name, _, list_number, *_ = file
    return (name, -1, list_number, -1, -1) if name.endswith("/") else (name, *NEVER)
