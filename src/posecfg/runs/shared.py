"""Make the files over all clips of a folder anew where a clip, or one of them, is not as before."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from posecfg.components.build import build
from posecfg.components.calls import blamed
from posecfg.components.identity import digest
from posecfg.components.parts import listed
from posecfg.config.compose import Job
from posecfg.errors import Dropped, OutputError
from posecfg.finishing import Finishing
from posecfg.runs.report import Report
from posecfg.store import shared_files
from posecfg.store.clip_parts import ClipPart, Parts, state
from posecfg.store.inputs import Inputs
from posecfg.store.locks import Locks
from posecfg.store.run_directory import RunDirectory
from posecfg.store.shared_files import SharedRecord
from posecfg.store.staging import Staging
from posecfg.text import count

LOCK, ASIDE = "shared.lock", "shared"


@dataclass
class Finished:
    """The finished clips that a writer gets, and where it writes."""

    parts: tuple[ClipPart, ...]
    staging: Staging
    others: int = 0
    notes: list[str] = field(default_factory=list)

    def open(self, name: str, about: Mapping[str, Any] | None = None) -> AbstractContextManager[BinaryIO]:
        """Open a file for writing."""
        return self.staging.open(name, about)

    def note(self, text: str) -> None:
        """Tell the user something about the files."""
        self.notes.append(text)


def finish(
    job: Job,
    directory: RunDirectory,
    inputs: Callable[[], Inputs],
    report: Report,
    say: Callable[[str], None],
    detail: Callable[[str], None],
) -> None:
    """Let each writer that has files over all clips make them, unless they are there and nothing has changed.

    Shards do so one after another: the last one has all clips.
    """
    if report.stopped and report.left:
        return
    for name, part in listed(job.config, "writer").items():
        if part.facts.finishes:
            with Locks(directory.home, directory.part).gate(LOCK):
                record = _finished(job, name, directory, inputs, report, say, detail)
            if record is not None and record.reason:
                raise OutputError(f"writer={name} has no file over all clips: {record.reason}.")


def _finished(
    job: Job,
    name: str,
    directory: RunDirectory,
    inputs: Callable[[], Inputs],
    report: Report,
    say: Callable[[str], None],
    detail: Callable[[str], None],
) -> SharedRecord | None:
    """Return what is recorded of the files of a writer, once they are whole; None where there was never a clip."""
    root, node = directory.root, job.writers()[name]
    settings, scratch = digest(node), directory.aside / f"{ASIDE}.json"
    kept, now = shared_files.read(root, name), state(root, job.hash, settings)
    is_theirs = kept is not None and (kept.identity, kept.settings) == (job.hash, settings)
    whole = kept.whole(root) if kept is not None and is_theirs else None
    if whole is not None and whole.state == now:
        return whole if whole == kept else shared_files.renew(root, whole, now, scratch)
    parts = Parts.of(root, name, job.hash, settings)
    if whole is not None and whole.parts == parts.digest:
        return shared_files.renew(root, whole, now, scratch)
    if not parts.alike and (kept is None or not kept.files):
        return None
    aside = directory.aside / ASIDE
    run = Finished(parts.alike, Staging(root, aside, shared_files.owned(root, kept), inputs()), parts.others)
    reason = ""
    try:
        if parts.alike:
            try:
                with blamed(f"writer={name}"):
                    cast(Finishing, build(job.config["writer"][name], f"writer.{name}")).finish(run)
            except Dropped as drop:
                reason = str(drop)
                run.staging.discard()
        notes = [*run.notes, *_otherwise(parts.others)]
        record = SharedRecord(
            name,
            job.hash,
            settings,
            now,
            parts.digest,
            reason=reason,
            notes=tuple(notes),
            clips=len(parts.alike),
        )
        record = shared_files.publish(root, record, run.staging, kept, inputs(), report.altered)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    report.shared += record.files
    if record.files:
        detail(f"made of the {count(record.clips, 'clip')} here: {', '.join(record.files)}")
    for text in record.notes:
        say(f"note: {text}")
    return record


def _otherwise(others: int) -> list[str]:
    """Say that clips are left out that were made or written otherwise."""
    if not others:
        return []
    return [f"{count(others, 'clip')} made or written with other settings: left out of the files over all clips"]
