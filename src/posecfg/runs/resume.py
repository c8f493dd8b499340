"""What is done and what is to do: one look at the ledger, the inputs and the sidecars."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from posecfg import reasons
from posecfg.errors import ConfigError
from posecfg.pipeline.provenance import Rests
from posecfg.pipeline.work import Work
from posecfg.runs.costs import Costs
from posecfg.runs.inputs import Compared
from posecfg.store import fingerprint, outputs, record_files
from posecfg.store.fingerprint import Stamp
from posecfg.store.ledger import Row, from_record, was_gated
from posecfg.text import count
from posecfg.types import Clip
from posecfg.video.gates import Gates

OTHERWISE_MADE = "made with another configuration"
OTHER_TOOLS = "made with other weights or versions"


@dataclass
class Survey:
    """The state of every clip: finished rows, work to do with its reason, and rows that the ledger lacked."""

    done: list[Row] = field(default_factory=list)
    skipped: list[Row] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    why: Counter[str] = field(default_factory=Counter)
    imported: list[Row] = field(default_factory=list)
    costs: Costs = field(default_factory=Costs)
    compared: Compared = field(default_factory=Compared)

    def refuse(self, root: Path, overwrite: bool) -> None:
        """Refuse to replace results of another configuration that an ``overwrite`` of a part of the clips has left."""
        for why, other in ((OTHERWISE_MADE, "another configuration"), (OTHER_TOOLS, "other weights or versions")):
            if self.why[why] and not overwrite:
                raise ConfigError(
                    f"'{root}' holds {count(self.why[why], 'clip')} of {other}, which an earlier overwrite=true did "
                    "not reach: type overwrite=true to make them again, or choose another output_dir=."
                )


@dataclass(frozen=True)
class Wanted:
    """What a finished clip must look like: the identity, the hash of each writer, and what is refused.

    ``targets`` tell where writers put the first file of a clip; ``redo`` are clips to be made again all the same.
    ``made_with`` are the digests of weights and libraries that results may be of, None for any.
    """

    root: Path
    identity: str
    writers: Mapping[str, str]
    gates: Gates
    strict: bool = False
    rests: Rests | None = None
    targets: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    redo: Collection[str] = frozenset()
    made_with: Collection[str] | None = None


@dataclass(frozen=True)
class Todo:
    """A verdict: this clip is to do, for this reason; with ``kept``, only ``writers`` write."""

    why: str
    writers: Sequence[str] = ()
    kept: bool = False


class State(NamedTuple):
    """What is known of a clip before its input is read: the ledger's row, its record, and its input's stamp."""

    clip: Clip
    row: Row | None
    record: Row | Todo
    here: Stamp | None

    def is_doubtful(self, wanted: Wanted, every: bool) -> bool:
        """Tell whether only the content of the input can say if the record holds."""
        if not isinstance(self.record, Row) or self.here is None or self.record.identity != wanted.identity:
            return False
        return self.clip.id not in wanted.redo and (every or self.record.input != self.here)


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
    found = Survey()
    states = [_state(clip, marks, rows.get(clip.id), wanted) for clip in clips]
    doubtful = [state.clip for state in states if state.is_doubtful(wanted, every)]
    found.compared = compare(doubtful) if doubtful else Compared()
    for state in states:
        clip, row, record = state.clip, state.row, state.record
        if isinstance(record, Row):
            same = found.compared.verdict(clip.id)
            row = replace(record, input=state.here) if same and record.input != state.here else record
            record = _judge(state, row, wanted, same)
            now = record if isinstance(record, Row) and record.status == "done" else row
            if now is not state.row:
                found.imported.append(now)
        if isinstance(record, Todo):
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
        owned=tuple(name for name, *_ in row.files) if row else (),
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
        if not name or name.endswith("/") or name in work.owned or not os.path.lexists(f"{wanted.root}/{name}"):
            continue
        # Half written, now or by a run that was killed, is ours; an intent goes when the record is there.
        marks = [*record_files.kinds(wanted.root), *([] if recorded else ["clips"])]
        if not any(record_files.place(wanted.root, kind, work.clip.id).exists() for kind in marks):
            return name
    return None


def _recorded(clip: Clip, marks: Mapping[str, Stamp], row: Row | None, wanted: Wanted) -> Row | Todo:
    """Return what the sidecar says of a clip, by way of the ledger when the two agree."""
    mark = marks.get(record_files.relative(clip.id))
    if mark is None:
        if row is None:
            return Todo("new")
        return Todo("failed before" if row.status == "failed" else "record is missing")
    if row is not None and row.sidecar == (mark.size, mark.mtime_ns):
        return row
    record = record_files.read_clip(wanted.root, clip.id)
    return Todo("record is damaged") if record is None else from_record(record, (mark.size, mark.mtime_ns))


def _judge(state: State, row: Row, wanted: Wanted, same: bool | None) -> Row | Todo:
    """Hold a record against what is wanted, the input and the output files; ``same`` says what its content told."""
    clip, here = state.clip, state.here
    elsewhere = _made_of_else(clip, row, wanted)
    if elsewhere is not None:
        return elsewhere
    refused = wanted.gates.refuse(row.facts.get("duration"), row.facts.get("fps"))
    # What lies outside a gate is not looked at, so what is there of it stays.
    if clip.id in wanted.redo and not refused:
        return Todo("asked to be made again")
    if here is not None and (same is False or (same is None and row.input != here)):
        lacking = _lacking(row, wanted)[0] if row.status == "done" or row.writers else []
        return Todo("input may have changed" if same is None else "input has changed", lacking, kept=True)
    if refused:
        # Its facts are not those of a clip that is looked at.
        return replace(row, status="skipped", reason=refused, facts={})
    if row.status == "skipped" and not row.writers:
        return Todo("gates have changed") if was_gated(row.facts) else row
    if wanted.strict and row.facts.get("status", "complete") != "complete":
        return Todo("damaged films are refused now", kept=True)
    lacking, row = _lacking(_renewed(row, wanted), wanted)
    if not lacking:
        return row
    if all(name not in row.writers for name in lacking):
        return Todo("writer added", lacking, kept=True)
    if all(row.writers.get(name) != wanted.writers[name] for name in lacking):
        return Todo("settings of a writer have changed", lacking, kept=True)
    return Todo("output is missing or changed", lacking, kept=True)


def _renewed(row: Row, wanted: Wanted) -> Row:
    """Return the row with the present stamp of the stored poses, which are the same by content."""
    rests = wanted.rests.still(row.id, row.facts.get("depends")) if wanted.rests else None
    return row if rests in (None, row.facts.get("depends")) else replace(row, facts={**row.facts, "depends": rests})


def _made_of_else(clip: Clip, row: Row, wanted: Wanted) -> Todo | None:
    """Tell whether a record stands for another configuration, another part of the film or other stored poses."""
    if row.identity != wanted.identity:
        return Todo(OTHERWISE_MADE)
    if wanted.made_with is not None and row.facts.get("made_with", "") not in wanted.made_with:
        return Todo(OTHER_TOOLS)
    if any(row.facts.get(name) != value for name, value in fingerprint.part(clip).items()):
        return Todo("another part of its file")
    known = row.facts.get("depends")
    if (row.status == "done" or row.writers) and wanted.rests and not wanted.rests.are(clip.id, known):
        return Todo("stored poses have changed")
    return None


def _lacking(row: Row, wanted: Wanted) -> tuple[list[str], Row]:
    """Return the writers whose files are not all there as written, and the row with the files' present stamps."""
    lacking = {name for name, made in wanted.writers.items() if row.writers.get(name) != made}
    root = str(wanted.root)
    if all(outputs.is_untouched(root, file) for file in row.files):
        return [name for name in wanted.writers if name in lacking], row
    files, known = [], {name: Stamp(*numbers) for name, *numbers in row.files}
    record = record_files.read_clip(wanted.root, row.id)
    for name, writer in (record.writers if record else {}).items():
        for file in writer.files:
            stamp = outputs.intact(wanted.root, file, known.get(file.name))
            files.append((file.name, *(Stamp(file.bytes, file.mtime_ns) if stamp is None else stamp)))
            if stamp is None and name in wanted.writers:
                lacking.add(name)
    return [name for name in wanted.writers if name in lacking], replace(row, files=tuple(files))
