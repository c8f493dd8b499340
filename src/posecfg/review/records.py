"""Check a folder of results against its records: every sidecar, every file that it lists, and the ledger."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from posecfg.errors import PosecfgError
from posecfg.layout import HOME
from posecfg.review.arrays import Arrays, within
from posecfg.review.contents import Content, look
from posecfg.review.making import Making
from posecfg.review.tree import Folders, heading
from posecfg.runs.earlier_pixels import FACT
from posecfg.runs.scope import known
from posecfg.store import file_lists, record_files
from posecfg.store.clip_facts import damaged_partials
from posecfg.store.clip_record import ClipRecord, WriterRecord
from posecfg.store.data_set import remembered
from posecfg.store.file_record import FileRecord, is_inside
from posecfg.store.listing import Noted, leftover, noted
from posecfg.store.replacing import digest
from posecfg.store.run_directory import RunDirectory
from posecfg.text import count

SHOWN = 3


class Records:
    """The records of one run directory; ``seen`` are the files that they list, ``taken`` files in the way of clips."""

    def __init__(self, root: Path, folders: Folders, prefix: str = "") -> None:
        self.root, self.folders, self.prefix, self.heading = root, folders, prefix, heading(prefix)
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.clips = {"done": 0, "skipped": 0, "failed": 0}
        self.seen: set[str] = set()
        self.taken: set[str] = set()
        self._clipped = [0, 0]
        self._shapeless: set[str] = set()
        self._arrays: dict[str, Arrays] = {}
        self._making = Making()
        self._is_one_data_set = False
        self._unread: set[str] = set()

    def check(self) -> None:
        """Compare every record with its files, and the ledger with the records."""
        identity = self._identity()
        ids: set[str] = set()
        for name, _ in sorted(record_files.walk(self.root)):
            try:
                record = record_files.read(self.root / HOME / "clips" / name)
            except PosecfgError as error:
                self.problems.append(f"{self.heading}{error}")
                self._unread.add(name)
                continue
            if record is None or record_files.relative(record.id) != name:
                self.problems.append(
                    f"{self.heading}the record '{HOME}/clips/{name}' is damaged: run again to redo the clip"
                )
                continue
            ids.add(record.id)
            self.clips[record.status] += 1
            if identity is not None and record.identity != identity:
                self._wrong(f"{record.id} was made with another configuration: type overwrite=true to make it again")
            self._notes(record)
            if _is_shapeless(record):
                self._shapeless.add(record.id)
            self._making.add(record)
            for writer, made in record.writers.items():
                for file in self._files(writer, made, record):
                    self._file(writer, file, record)
        self._ledger(ids)
        self._summarise()
        self._leftovers()

    def _summarise(self) -> None:
        """Add what is known of all files together."""
        if self._clipped[0]:
            numbers, files = count(self._clipped[0], "number"), count(self._clipped[1], "file")
            self.notes.append(f"{self.heading}{numbers} in {files} lay outside 0 to 1 and were clipped")
        if self._shapeless:
            self.notes.append(
                f"{self.heading}{count(len(self._shapeless), 'clip')} made before the shape of pixels was recorded "
                f"('{min(self._shapeless)}' first): if the pixels of a film are not square, coordinates are those of "
                "stored pixels; the next run makes such clips again"
            )
        for writer, arrays in self._arrays.items():
            if text := arrays.shapes.problem():
                self.problems.append(f"{self.heading}the arrays of writer.{writer} differ: {text}")
            if text := arrays.ranges.note():
                self.notes.append(f"{self.heading}{text}; writer.{writer}.clip=true would bring them inside")
        self._mixed()

    def _mixed(self) -> None:
        """Tell mixed weights, which no run makes, and mixed versions, which the user may have accepted."""
        self.problems += [f"{self.heading}{text}" for text in self._making.mixed("weights")]
        self.notes += [f"{self.heading}{text}" for text in self._making.mixed("libraries")]

    def _ledger(self, ids: set[str]) -> None:
        """Find known clips without a record; ``ids`` are the clips that have one."""
        rows = known(RunDirectory(self.root))
        self._shapeless -= {clip_id for clip_id, row in rows.items() if FACT in row.facts}
        listed, gone = self._listed(ids)
        ids = ids | {clip_id for clip_id in (*listed, *rows) if record_files.relative(clip_id) in self._unread}
        self.taken = {name for name in listed.values() if is_inside(name) and os.path.lexists(self.root / name)}
        untried = sorted(i for i, name in listed.items() if i not in ids and i not in rows and name not in self.taken)
        for clip_id, name in sorted(listed.items()):
            if name in self.taken and clip_id not in ids:
                self._wrong(f"{clip_id} was left out, as '{name}' is in its place: move that away, and run again")
        if untried:
            self.problems.append(
                f"{self.heading}{count(len(untried), 'clip')} never tried ('{untried[0]}' first): run again to do the "
                "rest, or to be told what is in its way"
            )
        for clip_id, row in sorted(rows.items()):
            if row.status == "failed" and gone(clip_id):
                self.notes.append(f"{self.prefix}{clip_id} failed, and is not listed now: {row.reason}")
            elif row.status == "failed":
                self.clips["failed"] += 1
                self._wrong(f"{clip_id} failed: {row.reason}")
            elif clip_id not in ids:
                self._wrong(f"{clip_id} is in the ledger, but its record is missing: run again to redo the clip")

    def _listed(self, ids: set[str]) -> tuple[dict[str, str], Callable[[str], bool]]:
        """Return the clips that the latest runs listed, and what tells that another one is not listed any more."""
        try:
            seen = noted(self.root / HOME)
        except PosecfgError as error:
            self.problems.append(f"{self.heading}{error}")
            seen = Noted()
        whole = seen.whole and self._is_one_data_set
        if left := sum(seen.left_out.values()):
            reasons = ", ".join(f"{number:,} {reason}" for reason, number in seen.left_out.most_common(SHOWN))
            others = f" and {len(seen.left_out) - SHOWN} other reasons" if len(seen.left_out) > SHOWN else ""
            self.notes.append(f"{self.heading}{count(left, 'input')} not taken by the latest run: {reasons}{others}")
        if whole and (over := sorted(ids - seen.clips.keys())):
            self.notes.append(f"{self.heading}{leftover(over)}")
        return seen.clips, lambda clip_id: whole and clip_id not in seen.clips

    def _identity(self) -> str | None:
        try:
            stored = RunDirectory(self.root).stored()
        except PosecfgError as error:
            self.problems.append(f"{self.heading}{error}")
            return None
        self._is_one_data_set = len(remembered(stored)) == 1
        return None if stored is None else str(stored.get("hash"))

    def _wrong(self, text: str) -> None:
        self.problems.append(f"{self.prefix}{text}")

    def _notes(self, record: ClipRecord) -> None:
        texts = [*record.warnings, *([record.reason] if record.reason else [])]
        again = f"is left out of scores: make it again with redo={record.id}"
        texts += [f"{one} is damaged ({why}) and {again}" for one, why in damaged_partials(record.facts).items()]
        self.notes += [f"{self.prefix}{record.id}: {text}" for text in texts]

    def _files(self, writer: str, made: WriterRecord, record: ClipRecord) -> Iterator[FileRecord]:
        """Yield the files of a writer; where the list of a folder is lost, all that is there counts as seen."""
        for file in made.files:
            if isinstance(file, FileRecord):
                yield file
                continue
            try:
                listed = file_lists.of_folder(self.root, record.id, file)
                self.seen |= set(file_lists.there(self.root, file.name)) if listed is None else set()
            except PosecfgError as error:
                self.problems.append(f"{self.heading}{error}")
                continue
            yield from listed or ()
            if listed is None:
                where = f"the list of the {count(file.count, 'file')} in '{file.name}' is missing or damaged"
                self._wrong(f"{where}: run again, with {writer} among the writers, to write them anew")

    def _file(self, writer: str, file: FileRecord, record: ClipRecord) -> None:
        name, path = file.name, self.root / file.name
        self.seen.add(name)
        try:
            if not path.is_file():
                self._wrong(f"{name} is missing: run again, with {writer} among the writers, to write it")
                return
            same = digest(path) == (file.bytes, file.sha256)
        except OSError as error:
            self._wrong(f"{name} cannot be read ({error.strerror})")
            return
        if not same:
            self._wrong(f"{name} is not what was written (its size or content differs): run again to redo it")
            return
        content = look(path)
        self.folders.add(f"{self.prefix}{name}", file.bytes, content, f"{self.prefix}{record.id}")
        for text in against(content, file.about, record):
            self._wrong(f"{name}: {text}")
        if number := file.about.get("clipped"):
            self._clipped = [self._clipped[0] + number, self._clipped[1] + 1]
        if path.suffix == ".npy" and not content.error:
            self._arrays.setdefault(writer, Arrays()).add(name, content, file.about)

    def _leftovers(self) -> None:
        """Find files that a killed run left; the next run removes them."""
        home = self.root / HOME
        parts = [p for folder in home.glob("tmp*") for p in folder.rglob("*") if p.is_file()]
        intents = [p for folder in home.glob("intents*") for p in folder.rglob("*.json") if p.is_file()]
        if parts or intents:
            text = f"{len(parts)} temporary files and {len(intents)} half-written clips"
            self._wrong(f"{text}: a run is still at work here, or was stopped; run again to clear them")


def _is_shapeless(record: ClipRecord) -> bool:
    """Tell whether a clip was made of a film, the shape of whose pixels is not recorded."""
    # What is computed, and pictures, have no time stamps.
    return FACT not in record.facts and record.made.get("clock", {}).get("source") == "pts"


def against(content: Content, about: Mapping[str, Any], record: ClipRecord) -> list[str]:
    """Compare the content of a file with its record; return the differences as sentences."""
    if content.error:
        return [content.error]
    wrong, shape = [], about.get("shape")
    if about.get("kind") == "npy":
        wrong += _npy(content, about, record.made.get("clock", {}).get("rows"))
    if about.get("kind") == "npz" and isinstance(shape, list) and list(content.shape) != [*shape, 2]:
        wrong.append(f"expected xy of shape {[*shape, 2]}, but got {list(content.shape)}")
    if about.get("kind") == "trc" and list(content.shape) != shape:
        wrong.append(f"expected shape {shape}, but got {list(content.shape)}")
    if about.get("kind") == "videopose3d" and (not content.shape or content.shape[0] != about.get("rows")):
        wrong.append(f"expected {about.get('rows')} rows, but got {content.shape[0] if content.shape else 'none'}")
    columns = about.get("columns") if about.get("kind") in ("csv", "angles") else None
    if isinstance(columns, list) and content.shape[1:] not in ((), (len(columns),)):
        wrong.append(f"expected {len(columns)} columns, but got {content.shape[1]}")
    if about.get("kind") == "json" and content.shape != (about.get("rows"), len(about.get("keypoints", ()))):
        expected = f"{about.get('rows')} frames of {len(about.get('keypoints', ()))} keypoints"
        wrong.append(f"expected {expected}, but got {' of '.join(map(str, content.shape)) or 'something else'}")
    return wrong


def _npy(content: Content, about: Mapping[str, Any], rows: int | None) -> list[str]:
    wrong = within(content, about)
    if list(content.shape) != about.get("shape"):
        wrong.append(f"expected shape {about.get('shape')}, but got {list(content.shape)}")
    if content.dtype != about.get("dtype"):
        wrong.append(f"expected {about.get('dtype')}, but got {content.dtype}")
    if about.get("missing") == "zero" and content.nans:
        wrong.append("holds NaN, although missing values are zeros here")
    if content.rows is not None and rows is not None and content.rows != rows:
        wrong.append(f"expected {rows} rows, but got {content.rows}")
    return wrong
