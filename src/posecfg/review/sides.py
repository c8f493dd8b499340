"""What the user names to be compared: a folder of results, one clip, or a configuration that was not run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg import loading
from posecfg.config.compose import Job, compose
from posecfg.config.options import options
from posecfg.config.recorded import job_of
from posecfg.errors import PosecfgError
from posecfg.layout import HOME
from posecfg.pipeline.provenance import made_with, versions
from posecfg.review.compared_clip import Made, of_npz, of_record, of_row
from posecfg.review.compared_files import timed_writers
from posecfg.review.recorded_clip import find, is_record, is_run, root_of
from posecfg.review.repeated_job import kept_of
from posecfg.runs.scope import known
from posecfg.store import record_files
from posecfg.store.clip_record import ClipRecord
from posecfg.store.run_directory import RunDirectory
from posecfg.suggestions import hint
from posecfg.text import count
from posecfg.viewing.results import runs_below

FOLDER, CLIP, CONFIGURATION = "folder", "clip", "configuration"
NAMES = {FOLDER: "a folder of results", CLIP: "one clip", CONFIGURATION: "a configuration"}
PRESET = "experiment="
ARRAYS = (".npy", ".npz")
COMPARED = "two folders of results, two records or output files of a clip, or two experiments"


@dataclass
class Side:
    """One of two things that are compared.

    ``identity`` and ``writers`` are what results depend on, None where it is not known, ``config`` all settings of the
    latest run, None where they are not kept. ``tools`` has weights, versions and devices, each with all values that
    clips were made with. ``choices`` are the options of groups as they were typed. ``places`` are where data sets lie.
    """

    typed: str
    kind: str
    clips: dict[str, Made] = field(default_factory=dict)
    identity: Mapping[str, Any] | None = None
    writers: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    tools: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    def settings_of(self, job: Job) -> None:
        """Take the settings of a job."""
        self.identity, self.writers, self.config = job.identity, job.writers(), job.config
        self.choices = job.choices

    def add(self, record: ClipRecord) -> None:
        """Note what a clip was made with."""
        for kind in ("weights", "versions"):
            found = record.made.get(kind)
            for name, value in found.items() if isinstance(found, dict) else ():
                self.tools.setdefault(kind, {}).setdefault(str(name), set()).add(str(value))
        if record.made.get("device"):
            self.tools.setdefault("device", {}).setdefault("device", set()).add(str(record.made["device"]))


def side(word: str) -> Side:
    """Return what a word names; a PosecfgError says that it is nothing that can be compared."""
    path = Path(os.path.expanduser(word))
    name = word.removeprefix(PRESET)
    if word.startswith(PRESET) or (not os.path.lexists(path) and name in options()["experiment"]):
        return _preset(word, name)
    if not os.path.lexists(path):
        near = hint(word, options()["experiment"])
        raise PosecfgError(f"There is no file, folder or experiment '{word}': name {COMPARED}.{near}")
    return _folder(word, path) if path.is_dir() else _clip(word, path)


def _preset(word: str, name: str) -> Side:
    if name not in options()["experiment"]:
        raise PosecfgError(f"There is no experiment '{name}'.{hint(name, options()['experiment'])}")
    (job,) = compose([f"{PRESET}{name}"])
    found = Side(word, CONFIGURATION)
    found.settings_of(job)
    weights = made_with(job.config).weights
    found.tools = {"weights": _sets(weights), "versions": _sets(versions(job.config))}
    return found


def _sets(values: Mapping[str, str]) -> dict[str, set[str]]:
    return {name: {value} for name, value in values.items()}


def _folder(word: str, root: Path) -> Side:
    """Read all that a folder of results tells of its clips."""
    if not is_run(root):
        below = runs_below(root)
        tail = f"name one of the runs below it, such as {below[0]}" if below else f"what can be compared is {COMPARED}"
        raise PosecfgError(f"'{word}' holds no records of posecfg: {tail}.")
    found, records = Side(word, FOLDER), list(_records(root))
    latest = max((record for record in records if record), key=lambda record: record.at, default=None)
    _settings(found, root, latest)
    timed = _timed(found)
    for record in records:
        if record is not None:
            found.add(record)
            found.clips[record.id] = of_record(root, record, timed)
    for clip_id, row in known(RunDirectory(root)).items():
        if row.status == "failed":
            found.clips[clip_id] = of_row(row)
    if damaged := sum(record is None for record in records):
        found.notes.append(f"{count(damaged, 'damaged record')} in '{word}' left out: posecfg verify {word} names them")
    if not found.clips:
        raise PosecfgError(f"'{word}' holds no clip that was finished or failed: nothing can be compared with it.")
    return found


def _records(root: Path) -> Iterator[ClipRecord | None]:
    for name, _ in sorted(record_files.walk(root)):
        record = record_files.read(root / HOME / "clips" / name)
        yield record if record is not None and record_files.relative(record.id) == name else None


def _settings(found: Side, root: Path, latest: ClipRecord | None) -> None:
    """Take the settings of the run that made the latest clip, and what the folder says of all its results."""
    kept = kept_of(root, latest) if latest is not None else []
    if kept:
        try:
            found.settings_of(job_of(kept[-1]))
        except PosecfgError as error:
            found.notes.append(f"{found.typed}: {error}")
        # What comes from the environment is compared, and shown, by its name.
        found.config = kept[-1]["config"]
    else:
        found.notes.append(
            f"'{found.typed}' is of a version of posecfg that kept what results depend on, and no other settings"
        )
    stored = RunDirectory(root).stored()
    if stored is not None and (latest is None or stored.get("hash") == latest.identity):
        found.identity = stored["identity"]
        found.writers = {**found.writers, **stored["writers"]} if found.kind == FOLDER else found.writers
        sets = stored.get("data_sets")
        entries = sets if isinstance(sets, list) else []
        found.places = tuple(
            f"{one.get('dataset')} '{one.get('location')}'" for one in entries if isinstance(one, dict)
        )


def _timed(found: Side) -> list[str]:
    try:
        return timed_writers(found.config) if found.config is not None else []
    except PosecfgError:
        return []


def _clip(word: str, path: Path) -> Side:
    """Read one clip: of an array the poses in it, of anything else the whole record of its clip."""
    found = Side(word, CLIP)
    if root_of(path) is None and path.suffix in ARRAYS:
        if path.suffix == ".npz" and loading.read_header(path) is None:
            raise PosecfgError(f"'{word}' was not written by writer=npz: what can be compared is {COMPARED}.")
        found.clips[""] = of_npz(path) if path.suffix == ".npz" else Made.alone(path, {})
        found.notes.append(f"'{word}' lies where no record tells how it was made: its poses are compared alone")
        return found
    root, record = find(path)
    _settings(found, root, record)
    found.add(record)
    made = of_record(root, record, _timed(found))
    name = Path(os.path.abspath(path)).relative_to(os.path.abspath(root)).as_posix()
    found.clips[""] = made.only(name) if path.suffix in ARRAYS and not is_record(path) else made
    return found
