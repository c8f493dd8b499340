"""Let writers and metrics make what they make of one clip, aside; nothing is published here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from posecfg.components.calls import blamed
from posecfg.errors import ClipError, Dropped
from posecfg.pipeline.chain import Chain
from posecfg.pipeline.clip_summary import Extracted, Written, why
from posecfg.pipeline.scoring import Scored
from posecfg.pipeline.work import Destination, Work
from posecfg.protocols import Concluding, ShowingDropped
from posecfg.store import record_files
from posecfg.store.replacing import Content
from posecfg.store.staging import Staging
from posecfg.types import Extraction


def aside_of(destination: Destination, work: Work) -> Path:
    """Return the folder for files of a clip that are not published yet.

    One given to another machine has its own, and so has a run that takes the place of one that only seemed dead.
    """
    name, token = record_files.digest_name(work.clip.id), work.token or destination.lease
    return destination.aside / (f"{name}-{token}" if token else name)


def write_files(
    chain: Chain, destination: Destination, done: Extracted, found: Extraction, owned: Mapping[str, Content | None]
) -> Written:
    """Call each writer, except for films that are written already, and each metric."""
    stagings: dict[str, Staging] = {}
    scores: dict[str, float] = {}
    sums: dict[str, Mapping[str, Any]] = {}
    scored = Scored(found)
    refused: dict[str, str] = {}
    for name in done.work.writers:
        if name in chain.metrics:
            own, partial = chain.metrics[name](scored)
            scores |= own
            if partial:
                sums[name] = partial
        else:
            aside = aside_of(destination, done.work) / name
            stagings[name] = done.films.get(name) or Staging(destination.root, aside, owned, destination.inputs)
            try:
                with blamed(f"writer={name}"):
                    if name not in done.films:
                        chain.writers[name].write(found, stagings[name])
                    elif name in chain.concluding:
                        cast(Concluding, chain.writers[name]).conclude(found, stagings[name])
            except Dropped as drop:
                refused[name] = why(drop)
    for name, staging in stagings.items():
        if found.tracks and name not in refused and (staging.left_open or not staging.written):
            raise ClipError(_unwritten(name, staging))
    return Written(stagings, scores, refused, sums, scored.told() if sums or scores else {})


def show_dropped(
    chain: Chain, destination: Destination, done: Extracted, owned: Mapping[str, Content | None]
) -> Written:
    """Let writers show a clip that was dropped, as far as they can; the others have nothing to write."""
    if done.sight is None or not chain.showing:
        return Written()
    stagings = {}
    for name in chain.showing:
        aside = aside_of(destination, done.work) / name
        stagings[name] = Staging(destination.root, aside, owned, destination.inputs)
        with blamed(f"writer={name}"):
            cast(ShowingDropped, chain.writers[name]).write_dropped(done.sight, stagings[name])
        if stagings[name].left_open or not stagings[name].written:
            raise ClipError(_unwritten(name, stagings[name]))
    others = (name for name in chain.products if name not in stagings)
    return Written(stagings, refused=dict.fromkeys(others, done.reason))


def _unwritten(name: str, staging: Staging) -> str:
    """Say that a writer ended without a file, or with one that it did not close."""
    if staging.left_open:
        opened = ", ".join(f"'{file}'" for file in sorted(staging.left_open))
        return f"writer={name} wrote no file: it left {opened} open, and only what is closed is kept."
    return f"writer={name} wrote no file: expected one at least, or Dropped to be raised where none is due."
