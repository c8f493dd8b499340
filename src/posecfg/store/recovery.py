"""Undo what a killed run or worker left half done."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from posecfg.errors import OutputError
from posecfg.layout import HOME
from posecfg.store import lease, lease_taking, record_files, worker_lock
from posecfg.store.absence import matching
from posecfg.store.commit import undo
from posecfg.store.inputs import Inputs
from posecfg.store.ledger_row import Row, from_record


def parts(home: Path) -> set[str]:
    """Return the parts of a run of which there is any trace: '' for a whole one, '-1of2' for a shard."""
    found = set(lease.parts(home))
    for pattern, suffix in (("tmp*", ""), ("intents*", ""), ("workers*.lock", ".lock")):
        prefix = pattern.partition("*")[0]
        found |= {path.name.removeprefix(prefix).removesuffix(suffix) for path in matching(home, pattern)}
    return found


def recover(root: Path, part: str, inputs: Callable[[], Inputs], altered: list[str] | None) -> int:
    """Undo what a killed run left of a part, which this process holds; return the number of clips."""
    home = root / HOME
    if not worker_lock.all_gone(home, part):
        raise OutputError(f"'{root}' is in use by workers of a run that was killed: end them first.")
    kind = f"intents{part}"
    names = [name for name, _ in record_files.walk(root, kind)]
    undone = sum(undo(root, home / kind / name, inputs(), altered) for name in names)
    shutil.rmtree(home / f"tmp{part}", ignore_errors=True)
    return undone


def recover_others(root: Path, dead: Iterable[str], inputs: Callable[[], Inputs], altered: list[str] | None) -> int:
    """Undo what is left of other parts whose runs were killed, each while no other process may take it."""
    undone = 0
    for part in dead:
        with lease_taking.held(lease.place(root / HOME, part)):
            undone += recover(root, part, inputs, altered)
    return undone


def mend(
    root: Path,
    part: str,
    clip_id: str,
    since: float,
    inputs: Inputs | None = None,
    altered: list[str] | None = None,
    before: Mapping[str, Row] | None = None,
) -> Row | None:
    """Undo what a dead worker left of one clip; return its row when it was finished since all the same.

    ``before`` are the rows of a time before: a record is new that is not the one of its row. Without them, and between
    machines less surely, the time of the record tells; an endless ``since`` says that the worker publishes nothing.
    """
    undo(root, record_files.place(root, f"intents{part}", clip_id), inputs, altered)
    for attempt in matching(root / HOME / f"tmp{part}", f"{record_files.digest_name(clip_id)}*"):
        shutil.rmtree(attempt, ignore_errors=True)
    mark = record_files.place(root, "clips", clip_id)
    record = record_files.read(mark)
    if record is None or record.id != clip_id or math.isinf(since):
        return None
    seen = mark.stat()
    now = from_record(record, (seen.st_size, seen.st_mtime_ns))
    earlier = None if before is None else before.get(clip_id)
    is_old = record.at < since if before is None else earlier is not None and earlier.sidecar == now.sidecar
    return None if is_old else now
