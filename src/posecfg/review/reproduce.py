"""Make one clip again in another folder, and compare every file with that of the first run, byte by byte."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

from posecfg.config.quoting import SWEPT
from posecfg.errors import PosecfgError, UsageError
from posecfg.interruption import undisturbed
from posecfg.layout import HOME
from posecfg.models.settings import Settings, using
from posecfg.review import compared_files, conditions
from posecfg.review.recorded_clip import find, is_run
from posecfg.review.repeated_job import Repeated, repeated
from posecfg.runs import preflight
from posecfg.runs.run import run
from posecfg.runs.screen import Screen
from posecfg.store import record_files
from posecfg.store.clip_record import ClipRecord
from posecfg.text import count

USAGE = "reproduce FILE [--out FOLDER]"


def reproduce(words: Sequence[str], out: str | None, screen: Screen) -> dict[str, Any]:
    """Make the clip of a record or an output file again, and return what came of it as JSON values.

    It is made in a temporary folder that is gone afterwards, or in ``out``, which stays. The folder of the first run is
    only read.
    """
    root, record = find(_named(words))
    with _place(root, out) as place:
        again = repeated(root, record, place)
        made = _made(record, again, place, screen)
        files = compared_files.compare(root, record, place, made, compared_files.timed_writers(again.job.config))
        changed = conditions.changed(record, made, again.kept)
    ends = [[one.status, one.reason] for one in (record, made)]
    good = (compared_files.IDENTICAL, compared_files.TIMED)
    same = ends[0] == ends[1] and all(file["state"] in good for file in files)
    return {
        "clip": record.id,
        "folder": str(root) if os.path.isabs(os.path.expanduser(words[0])) else os.path.relpath(root),
        "out": out,
        "command": again.kept.get("command", []),
        "job": _job(again.kept),
        "typed_in": again.kept.get("folder"),
        "identical": sum(file["state"] == compared_files.IDENTICAL for file in files),
        "files": files,
        "outcome": {"first": ends[0], "again": ends[1]},
        "changed": changed,
        "unknown": list(again.lost),
        "exit_code": 0 if same else 1,
    }


def _job(kept: Mapping[str, Any]) -> list[str]:
    """Return the settings that tell one job of a sweep from the others, none where there was no sweep."""
    command = kept.get("command", [])
    if not {"-m", "--multirun"}.intersection(command):
        return []
    swept = {word.partition("=")[0] for word in command if SWEPT.search(word)}
    return [word for word in kept.get("overrides", []) if word.partition("=")[0] in swept and word not in command]


def _named(words: Sequence[str]) -> Path:
    """Return the file that the words name; of a folder of results with one clip, its record."""
    if len(words) != 1:
        raise UsageError(f"Expected one record or output file of a clip, but got {len(words)}. Type: {USAGE}")
    path = Path(os.path.expanduser(words[0]))
    if not os.path.lexists(path):
        raise UsageError(f"Expected a record or an output file of a clip, but there is no '{path}'.")
    if not path.is_dir():
        return path
    if not is_run(path):
        raise UsageError(f"Expected a record or an output file of a clip, but '{path}' is a folder without records.")
    names = sorted(name for name, _ in record_files.walk(path))
    if len(names) != 1:
        first = f": type reproduce {path / HOME / 'clips' / names[0]}" if names else ""
        raise UsageError(f"Expected one clip, but '{path}' holds {count(len(names), 'clip')}{first}.")
    return path / HOME / "clips" / names[0]


@contextmanager
def _place(root: Path, out: str | None) -> Iterator[Path]:
    """Yield a folder to work in: ``out``, which must be new or empty, or a temporary one that is gone afterwards."""
    if out is not None:
        place = Path(os.path.abspath(os.path.expanduser(out)))
        if Path(os.path.realpath(place)).is_relative_to(os.path.realpath(root)):
            raise UsageError(f"--out: expected a folder outside of '{root}', which is only read, but got '{out}'.")
        if os.path.lexists(place) and not (place.is_dir() and not any(place.iterdir())):
            raise UsageError(f"--out: expected a new or an empty folder, but '{out}' is there: name another one.")
        yield place
        return
    with undisturbed():
        place = Path(tempfile.mkdtemp(prefix="posecfg-"))
    try:
        yield place
    finally:
        with undisturbed():
            shutil.rmtree(place, ignore_errors=True)


def _made(record: ClipRecord, again: Repeated, place: Path, screen: Screen) -> ClipRecord:
    """Run the job and return the new record; whatever stands in the way is told before anything is made."""
    job = again.job
    source = record.input.path
    if source and not os.path.exists(source):
        raise PosecfgError(f"'{record.id}' cannot be made again, as its input '{source}' is gone: put it back there.")
    with _in(again.folder), using(Settings.of(job.config)):
        if found := preflight.problems(job):
            told = "\n".join(str(error) for error in found)
            raise PosecfgError(told)
        report = run(job, screen)
    if report.stopped:
        raise KeyboardInterrupt
    if why := report.error or next(iter(report.failed.values()), ""):
        raise PosecfgError(f"'{record.id}' could not be made again: {why}")
    made = record_files.read_clip(place, record.id)
    if made is None:
        why = next(iter(report.skipped.values()), "its data set does not list it any more")
        raise PosecfgError(f"'{record.id}' could not be made again: {why}.")
    return made


@contextmanager
def _in(folder: Path) -> Iterator[None]:
    """Work where the words of the first run were typed: paths among them begin there."""
    if folder.is_dir():
        with chdir(folder):
            yield
    else:
        yield
