"""Tell the outputs of earlier runs from inputs, where both are in one folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from posecfg.layout import HOME
from posecfg.store import file_lists, record_files, shared_files
from posecfg.store.clip_record import ClipRecord
from posecfg.store.inputs import Inputs, namer
from posecfg.store.ledger_row import Row
from posecfg.types import Clip, Excluded
from posecfg.video.suffixes import IMAGES

REASON = "written by an earlier run"


def without(
    clips: Sequence[Clip], root: Path, rows: Callable[[], Iterable[Row]]
) -> tuple[Sequence[Clip], tuple[Excluded, ...]]:
    """Return the clips that are not results below ``root``, and those that are as excluded.

    ``rows`` is asked only where a clip lies below ``root`` at all.
    """
    top = os.path.realpath(root)
    if not os.path.isdir(os.path.join(top, HOME)):
        return clips, ()

    below = namer(root)
    inside: dict[str, str] = {}
    for clip in clips:
        folder, name = os.path.split(clip.path)
        start = below(folder) if clip.scene is None else None
        if start is not None:
            inside[clip.id] = start + name
    if not inside:
        return clips, ()
    ours = vouched(root, rows())
    written = {i for i, name in inside.items() if name in ours or _is_ours_whole(top, name, ours)}
    taken = {i for i in written if inside[i] != _input_of(record_files.read_clip(root, i), below)}
    kept = tuple(clip for clip in clips if clip.id not in taken)
    return kept, tuple(Excluded(clip.source or clip.id, REASON) for clip in clips if clip.id in taken)


def vouched(root: Path, rows: Iterable[Row] = ()) -> set[str]:
    """Return every name that a record below ``root`` vouches for; ``rows`` of a ledger spare reading records.

    The input of a record that is read is none of them, whatever another one says.
    """
    names: set[str] = set()
    inputs: set[str] = set()
    below = namer(root)
    seen: set[tuple[str, tuple[int, int] | None]] = set()
    for row in rows:
        found, whole = file_lists.names(root, row.id, row.files)
        names |= found
        if whole:
            seen.add((record_files.relative(row.id), row.sidecar))
    for name, stamp in record_files.walk(root):
        if (name, (stamp.size, stamp.mtime_ns)) not in seen:
            record = record_files.read(root / HOME / "clips" / name)
            told = file_lists.contents(root, record) if record else {}
            names |= {name for name, content in told.items() if content is not None}
            inputs.add(_input_of(record, below) or "")
    names.update(*(record.files for record in shared_files.every(root)))
    reads = Inputs(frozenset(inputs))
    return {name for name in names if not reads.has(root, name)}


def _input_of(record: ClipRecord | None, below: Callable[[str], str | None]) -> str | None:
    """Return the name below the output folder of what a record was made of; None where it is elsewhere."""
    folder, file = os.path.split(record.input.path if record else "")
    try:
        start = below(folder)
    except ValueError:  # a path that no file has
        return None
    return None if start is None else start + file


def _is_ours_whole(top: str, name: str, ours: set[str]) -> bool:
    """Tell whether ``name`` is a folder whose images were all written by posecfg."""
    folder = os.path.join(top, name)
    if not os.path.isdir(folder):
        return False
    images = [f for f in os.listdir(folder) if f.rpartition(".")[2].lower() in IMAGES and not f.startswith(".")]
    return bool(images) and all(f"{name}/{image}" in ours for image in images)
