"""Check what an executor reports before it is counted and recorded: its word alone makes no clip done."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from posecfg.errors import PosecfgError
from posecfg.executors.protocol import Finished, Placed, Progress, Started, Warned
from posecfg.layout import HOME
from posecfg.pipeline.work import Outcome
from posecfg.store import lease_keeper, record_files
from posecfg.store.clip_facts import fit_facts
from posecfg.store.ledger_row import STATUSES, Row
from posecfg.text import count, shown
from posecfg.timing import Spread


class Events:
    """The events of one run: each must be of a known kind and of a clip of the run, which ends once.

    ``name`` is the executor as it was typed, ``ids`` are the clips that it was given. A clip that is called done must
    have the record, below ``root``, that its outcome speaks of.
    """

    def __init__(self, name: str, ids: Collection[str], root: Path) -> None:
        self._name, self._root = name, root
        self._ids = frozenset(ids)
        self._open = set(self._ids)

    def check(self, event: Any) -> None:
        """Raise an error that names the executor if ``event`` cannot be believed; no more is heard of a lost folder."""
        lease_keeper.refuse_lost(self._root / HOME)
        if isinstance(event, Warned):
            if not isinstance(event.text, str):
                raise self._wrong(f"expected Warned with a text, but got {shown(event)}")
            return
        if isinstance(event, Placed):
            self._place(event)
            return
        if not isinstance(event, Started | Progress | Finished):
            raise self._wrong(f"expected Started, Progress, Warned, Placed or Finished, but got {shown(event)}")
        kind, clip_id = type(event).__name__, event.clip_id
        if not isinstance(clip_id, str) or clip_id not in self._ids:
            raise self._wrong(f"expected events of the clips that it was given, but got {kind} of {shown(clip_id)}")
        if clip_id not in self._open:
            raise self._wrong(f"expected one outcome for each clip, but got {kind} of '{clip_id}' after its outcome")
        if isinstance(event, Started) and not isinstance(event.where, str):
            raise self._wrong(f"expected Started with a name of a worker, but got {shown(event)}")
        if isinstance(event, Progress):
            self._advance(event)
        if isinstance(event, Finished):
            self._finish(clip_id, event.outcome)

    def check_end(self) -> None:
        """Raise an error if the executor came to its end without an outcome of each clip."""
        if left := sorted(self._open):
            number = count(len(left), "clip")
            raise self._wrong(f"it ended without an outcome of {number}, the first is '{left[0]}'")

    def _place(self, event: Placed) -> None:
        texts = isinstance(event.waiting, tuple) and all(isinstance(text, str) for text in event.waiting)
        if not (texts and isinstance(event.engine, str) and _is_count(event.workers)):
            raise self._wrong(f"expected Placed with a name, a number of workers and texts, but got {shown(event)}")

    def _advance(self, event: Progress) -> None:
        of = f"of '{event.clip_id}'"
        for number in (event.frames, 0 if event.of is None else event.of):
            if not _is_count(number):
                raise self._wrong(f"expected a number of frames, but got {shown(number)} {of}")
        lasts = 0.0 if event.lasts is None else event.lasts
        if not isinstance(lasts, int | float) or not 0 <= lasts < math.inf:
            raise self._wrong(f"expected seconds of film, but got {shown(lasts)} {of}")

    def _finish(self, clip_id: str, outcome: Any) -> None:
        if not isinstance(outcome, Outcome) or not _fits(outcome) or outcome.row.id != clip_id:
            raise self._wrong(
                f"expected '{clip_id}' to end with its Outcome, {', '.join(STATUSES)}, but got {shown(outcome)}"
            )
        if outcome.row.status == "done" and not self._is_recorded(outcome.row):
            raise self._wrong(f"it reports '{clip_id}' as done, but the clip has no record, or another one")
        self._open.discard(clip_id)

    def _is_recorded(self, row: Row) -> bool:
        """Tell whether the record is there that a row speaks of; a look at its size and time, for every clip."""
        try:
            seen = record_files.place(self._root, "clips", row.id).stat()
        except OSError:
            return False
        return row.sidecar == (seen.st_size, seen.st_mtime_ns)

    def _wrong(self, text: str) -> PosecfgError:
        return PosecfgError(f"{self._name} is at fault: {text}.")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _fits(outcome: Outcome) -> bool:
    """Tell whether an outcome can be counted and its row recorded."""
    row = outcome.row
    return (
        isinstance(row, Row)
        and row.status in STATUSES
        and isinstance(row.reason, str)
        and _is_count(row.frames)
        and fit_facts(row.facts)
        and all(isinstance(text, str) for text in row.warnings)
        and isinstance(outcome.device, str)
        and isinstance(outcome.written, tuple)
        and all(isinstance(name, str) for name in outcome.written)
        and _is_count(outcome.bytes)
        and isinstance(outcome.seconds, int | float)
        and 0 <= outcome.seconds < math.inf
        and isinstance(outcome.stages, Mapping)
        and all(isinstance(spread, Spread) for spread in outcome.stages.values())
    )
