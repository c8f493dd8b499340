"""What is done and what is to do: one look at the ledger, the inputs and the sidecars."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from posecfg import reasons
from posecfg.errors import ConfigError
from posecfg.pipeline.work import Work
from posecfg.runs.costs import INPUT, Costs
from posecfg.runs.earlier_pixels import EarlierPixels
from posecfg.store import fingerprint, record_files
from posecfg.store.clip_record import FileRecord
from posecfg.store.fingerprint import Stamp
from posecfg.store.ledger import Row, from_record, was_gated
from posecfg.store.replacing import digest
from posecfg.text import count
from posecfg.types import Clip
from posecfg.video.gates import Gates

OTHERWISE_MADE = "made with another configuration"


@dataclass
class Survey:
    """The state of every clip: finished rows, work to do with its reason, and rows that the ledger lacked."""

    done: list[Row] = field(default_factory=list)
    skipped: list[Row] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    why: Counter[str] = field(default_factory=Counter)
    imported: list[Row] = field(default_factory=list)
    costs: Costs = field(default_factory=Costs)

    def refuse(self, root: Path, overwrite: bool) -> None:
        """Refuse to replace results of another configuration that an ``overwrite`` of a part of the clips has left."""
        number = self.why[OTHERWISE_MADE]
        if number and not overwrite:
            raise ConfigError(
                f"'{root}' holds {count(number, 'clip')} of another configuration, which an earlier overwrite=true did "
                "not reach: type overwrite=true to make them again, or choose another output_dir=."
            )


@dataclass(frozen=True)
class Wanted:
    """What a finished clip must look like: the identity, the hash of each writer, and what is refused.

    ``targets`` tell where writers put the first file of a clip; ``redo`` are clips to be made again all the same.
    ``earlier`` looks at films whose clips were made before the shape of pixels was recorded.
    """

    root: Path
    identity: str
    writers: Mapping[str, str]
    gates: Gates
    strict: bool = False
    depends: Callable[[str], list[int] | None] = lambda clip_id: None
    targets: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    redo: Collection[str] = frozenset()
    earlier: EarlierPixels = field(default_factory=EarlierPixels)


@dataclass(frozen=True)
class Todo:
    """A verdict: this clip is to do, for this reason; with ``kept``, only ``writers`` write."""

    why: str
    writers: Sequence[str] = ()
    kept: bool = False


def survey(clips: Sequence[Clip], rows: Mapping[str, Row], wanted: Wanted) -> Survey:
    """Sort ``clips`` into done, skipped and to do, reading only what changed since it was recorded."""
    marks = dict(record_files.walk(wanted.root))
    found = Survey()
    for clip in clips:
        row = rows.get(clip.id)
        record = _recorded(clip, marks, row, wanted)
        if isinstance(record, Row):
            if record is not row:
                row = record
                found.imported.append(record)
            record = _judge(clip, record, wanted)
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
            if record is not row:
                found.imported.append(record)
    return found


def _work(clip: Clip, row: Row | None, todo: Todo, wanted: Wanted) -> Work:
    return Work(
        clip,
        tuple(todo.writers if todo.kept else wanted.writers),
        owned=tuple(name for name, _, _ in row.files) if row else (),
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


def _judge(clip: Clip, row: Row, wanted: Wanted) -> Row | Todo:
    """Hold a record against what is wanted, the input and the output files."""
    elsewhere = _made_of_else(clip, row, wanted)
    if elsewhere is not None:
        return elsewhere
    refused = wanted.gates.refuse(row.facts.get("duration"), row.facts.get("fps"))
    # What lies outside a gate is not looked at, so what is there of it stays.
    if clip.id in wanted.redo and not refused:
        return Todo("asked to be made again")
    known = row if refused else wanted.earlier(clip, row)
    if known is None:
        return Todo("made of pixels that are not square")
    return _compare(clip, known, wanted, refused)


def _compare(clip: Clip, row: Row, wanted: Wanted, refused: str | None) -> Row | Todo:
    """Compare input and files with a record that stands for what is wanted; ``refused`` is why a gate shuts it out."""
    here = fingerprint.stamp(clip)
    if here is not None and row.input != (here.size, here.mtime_ns):
        lacking = _lacking(row, wanted)[0] if row.status == "done" or row.writers else []
        return Todo(INPUT, lacking, kept=True)
    if refused:
        # Its facts are not those of a clip that is looked at.
        return replace(row, status="skipped", reason=refused, facts={})
    if row.status == "skipped" and not row.writers:
        return Todo("gates have changed") if was_gated(row.facts) else row
    if wanted.strict and row.facts.get("status", "complete") != "complete":
        return Todo("damaged films are refused now", kept=True)
    lacking, row = _lacking(row, wanted)
    if not lacking:
        return row
    if all(name not in row.writers for name in lacking):
        return Todo("writer added", lacking, kept=True)
    if all(row.writers.get(name) != wanted.writers[name] for name in lacking):
        return Todo("settings of a writer have changed", lacking, kept=True)
    return Todo("output is missing or changed", lacking, kept=True)


def _made_of_else(clip: Clip, row: Row, wanted: Wanted) -> Todo | None:
    """Tell whether a record stands for another configuration, another part of the film or other stored poses."""
    if row.identity != wanted.identity:
        return Todo(OTHERWISE_MADE)
    if any(row.facts.get(name) != value for name, value in fingerprint.part(clip).items()):
        return Todo("another part of its file")
    if (row.status == "done" or row.writers) and row.facts.get("depends") != wanted.depends(clip.id):
        return Todo("stored poses may have changed")
    return None


def _lacking(row: Row, wanted: Wanted) -> tuple[list[str], Row]:
    """Return the writers whose files are not all there as written, and the row with the files' present stamps."""
    lacking = {name for name, made in wanted.writers.items() if row.writers.get(name) != made}
    if all(_is_there(wanted.root, name, size, stamp) for name, size, stamp in row.files):
        return [name for name in wanted.writers if name in lacking], row
    files = []
    record = record_files.read_clip(wanted.root, row.id)
    for name, writer in (record.writers if record else {}).items():
        for file in writer.files:
            stamp = _intact(wanted.root, file)
            files.append((file.name, file.bytes, file.mtime_ns if stamp is None else stamp))
            if stamp is None and name in wanted.writers:
                lacking.add(name)
    return [name for name in wanted.writers if name in lacking], replace(row, files=tuple(files))


def _is_there(root: Path, name: str, size: int, stamp: int) -> bool:
    try:
        seen = os.stat(f"{root}/{name}")
    except OSError:
        return False
    return seen.st_size == size and seen.st_mtime_ns == stamp


def _intact(root: Path, file: FileRecord) -> int | None:
    """Return the file's modification time if its content is as recorded; it is read only where size or time differ."""
    path = root / file.name
    try:
        there = _is_there(root, file.name, file.bytes, file.mtime_ns)
        if not there and digest(path) != (file.bytes, file.sha256):
            return None
        return path.stat().st_mtime_ns
    except OSError:
        return None
