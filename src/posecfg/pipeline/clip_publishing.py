"""Publish the files that a clip has aside, with its record: where they were made, or in the driver of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from posecfg.layout import HOME
from posecfg.pipeline.work import Destination, Outcome
from posecfg.store import lease, record_files
from posecfg.store.clip_record import ClipRecord
from posecfg.store.commit import commit, undo
from posecfg.store.inputs import Inputs
from posecfg.store.ledger_row import from_record
from posecfg.store.outputs import stamped
from posecfg.store.replacing import Content
from posecfg.store.staging import Staging
from posecfg.timing import Spread


@dataclass(frozen=True)
class Staged:
    """A clip whose files lie ``aside``: its record, the files of each writer, and what the outcome tells beside them.

    ``stale`` are files of an earlier result that the new one no longer has.
    """

    record: ClipRecord
    stagings: Mapping[str, Staging]
    aside: Path
    stale: Mapping[str, Content] = field(default_factory=dict)
    stages: dict[str, Spread] = field(default_factory=dict)
    fresh: bool = True
    seconds: float = 0.0
    helped: bool = False

    def sent(self) -> Staged:
        """Return what another process needs of it: that one has a list of inputs of its own."""
        for staging in self.stagings.values():
            staging.inputs = Inputs()
        return self


def publish(destination: Destination, staged: Staged, altered: list[str] | None = None) -> Outcome:
    """Give the files of a clip their names and write its record; on an error nothing of it is left.

    The names under which outputs are kept that were edited since are added to ``altered`` at once, as an error does not
    tell them.
    """
    altered = [] if altered is None else altered
    root, record = destination.root, staged.record
    sizes = {
        name: sum(file.bytes for file in staging.written if not file.name.startswith(f"{HOME}/"))
        for name, staging in staged.stagings.items()
    }
    written = [file.name for staging in staged.stagings.values() for file in staging.written]
    for staging in staged.stagings.values():
        staging.inputs = destination.inputs
    try:
        record = commit(
            *(root, destination.part, record, staged.stagings, staged.aside / "sidecar.part"),
            *(staged.stale, destination.inputs, altered, destination.lease),
        )
    except BaseException:
        # What another run does that took this one's place is its own.
        if lease.is_held(root, destination.part, destination.lease):
            undo(root, record_files.place(root, f"intents{destination.part}", record.id), destination.inputs, altered)
        raise
    finally:
        Staging(root, staged.aside).discard()
    stamp = record_files.place(root, "clips", record.id).stat()
    # Only now: what was aside is gone, which changes the status of files that it was linked to.
    row = stamped(root, from_record(record, (stamp.st_size, stamp.st_mtime_ns)), record, staged.stagings)
    return Outcome(
        row,
        staged.stages,
        record.made.get("device", ""),
        staged.fresh,
        tuple(written),
        tuple(altered),
        staged.seconds,
        sum(sizes.values()),
        sizes,
        staged.helped,
    )
