"""What is done and what is to do: one look at the ledger, the inputs and the sidecars."""

from __future__ import annotations

import os
from collections import ChainMap, Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from posecfg import reasons
from posecfg.errors import ConfigError
from posecfg.executors import capacity
from posecfg.pipeline.work import Work
from posecfg.runs.costs import CHANGED, Costs
from posecfg.runs.inputs import Compared
from posecfg.runs.verdict import OTHER_TOOLS, OTHERWISE_MADE, State, Todo, Wanted, judge
from posecfg.store import file_lists, fingerprint, record_files, stamp_helpers
from posecfg.store.fingerprint import Stamp
from posecfg.store.ledger_row import Row, from_record
from posecfg.text import count
from posecfg.types import Clip

NEW = Todo("new")
LOST = Todo("record is missing", because=("the ledger knows the clip, but its record is gone",))
DAMAGED = Todo("record is damaged", because=("its record is cut off, of another clip, or no record",))


@dataclass
class Survey:
    """The state of every clip: finished rows, work to do with its reason, and rows that the ledger lacked.

    ``verdicts`` are the reasons clip by clip, of clips whose place is taken too.
    """

    done: list[Row] = field(default_factory=list)
    skipped: list[Row] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    why: Counter[str] = field(default_factory=Counter)
    imported: list[Row] = field(default_factory=list)
    costs: Costs = field(default_factory=Costs)
    compared: Compared = field(default_factory=Compared)
    verdicts: dict[str, Todo] = field(default_factory=dict)

    @property
    def light(self) -> int:
        """How many clips to do may be made of what is stored, without a look at their frames."""
        kept = sum(work.kept and self.verdicts[work.clip.id].why != CHANGED for work in self.work)
        return kept - sum(number for (why, _), number in self.costs.again.items() if why != CHANGED)

    def over(self, rows: dict[str, Row]) -> Mapping[str, Row]:
        """Return ``rows``, with those that the ledger lacked in their place."""
        return ChainMap({row.id: row for row in self.imported}, rows)

    def refuse(self, root: Path, overwrite: bool) -> None:
        """Refuse to replace results of another configuration that an ``overwrite`` of a part of the clips has left."""
        for why, other in ((OTHERWISE_MADE, "another configuration"), (OTHER_TOOLS, "other weights or versions")):
            if self.why[why] and not overwrite:
                raise ConfigError(
                    f"'{root}' holds {count(self.why[why], 'clip')} of {other}, which an earlier overwrite=true did "
                    "not reach: type overwrite=true to make them again, or choose another output_dir=."
                )


def _state(clip: Clip, marks: Mapping[str, Stamp], row: Row | None, wanted: Wanted) -> State:
    record = _recorded(clip, marks, row, wanted)
    return State(clip, row, record, fingerprint.stamp(clip) if isinstance(record, Row) else None)


Compare = Callable[[Sequence[Clip]], Compared]


def survey(
    clips: Sequence[Clip],
    rows: Mapping[str, Row],
    wanted: Wanted,
    compare: Compare = lambda clips: Compared(),
    every: bool = False,
) -> Survey:
    """Sort ``clips`` into done, skipped and to do, reading only what changed since it was recorded.

    ``compare`` reads inputs of which the file system tells other than is known, or ``every`` one.
    """
    marks = dict(record_files.walk(wanted.root))
    found = Survey(costs=Costs(heavy=wanted.heavy, pictured=wanted.pictured, remembers=wanted.remembers))
    states = [_state(clip, marks, rows.get(clip.id), wanted) for clip in clips]
    doubtful = [state.clip for state in states if state.is_doubtful(wanted, every)]
    found.compared = compare(doubtful) if doubtful else Compared()
    folders = (folder for state in states for folder in state.folders(wanted))
    untouched = stamp_helpers.untouched(wanted.root, folders, capacity.cores)
    for state in states:
        clip, row, record = state.clip, state.row, state.record
        if isinstance(record, Row):
            same = found.compared.verdict(clip.id)
            row = replace(record, input=state.here) if same and record.input != state.here else record
            record = judge(state, row, wanted, same, untouched)
            now = record if isinstance(record, Row) and record.status == "done" else row
            if now is not state.row:
                found.imported.append(now)
        if isinstance(record, Todo):
            found.verdicts[clip.id] = record
            work = _work(clip, row, record, wanted)
            name = _taken(work, wanted, record_files.relative(clip.id) in marks)
            if name is None:
                found.why[record.why] += 1
                found.work.append(work)
                found.costs.add(work, record.why, row, wanted.root, wanted.writers)
            else:
                found.skipped.append(Row(clip.id, "skipped", reasons.taken(wanted.root / name), facts={"taken": name}))
        elif record.status == "skipped":
            found.skipped.append(record)
        else:
            found.done.append(record)
    return found


def _work(clip: Clip, row: Row | None, todo: Todo, wanted: Wanted) -> Work:
    return Work(
        clip,
        tuple(todo.writers if todo.kept else wanted.writers),
        owned=row.files if row else (),
        attempt=row.attempt + 1 if row else 1,
        kept=todo.kept,
    )


def _taken(work: Work, wanted: Wanted, recorded: bool) -> str | None:
    """Return the name of a writer's file that is there already and was not written by posecfg.

    A clip that was not ``recorded`` may have been finished by a run at work since the records were listed.
    """
    for writer in work.writers:
        name = wanted.targets[writer](work.clip.id) if writer in wanted.targets else ""
        # What lies in a folder of the clip's own is looked at when it is written.
        if not name or name.endswith("/") or not os.path.lexists(f"{wanted.root}/{name}"):
            continue
        if _is_owned(work, name, wanted.root):
            continue
        # Half written, now or by a run that was killed, is ours; an intent goes when the record is there.
        marks = [*record_files.kinds(wanted.root), *([] if recorded else ["clips"])]
        if not any(record_files.place(wanted.root, kind, work.clip.id).exists() for kind in marks):
            return name
    return None


def _is_owned(work: Work, name: str, root: Path) -> bool:
    """Tell whether a clip is known to have a file; where the list of its folder is lost, that may be."""
    folder = f"{name.rpartition('/')[0]}/"
    if any(known == name for known, *_ in work.owned):
        return True
    lists = [file_lists.names(root, work.clip.id, [file]) for file in work.owned if file[0] == folder]
    return any(name in names or not whole for names, whole in lists)


def _recorded(clip: Clip, marks: Mapping[str, Stamp], row: Row | None, wanted: Wanted) -> Row | Todo:
    """Return what the sidecar says of a clip, by way of the ledger when the two agree."""
    mark = marks.get(record_files.relative(clip.id))
    if mark is None:
        if row is None:
            return NEW
        return Todo("failed before", because=(row.reason,)) if row.status == "failed" else LOST
    if row is not None and row.sidecar == (mark.size, mark.mtime_ns):
        return row
    record = record_files.read_clip(wanted.root, clip.id)
    return DAMAGED if record is None else from_record(record, (mark.size, mark.mtime_ns))
