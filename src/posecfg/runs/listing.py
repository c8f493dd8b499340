"""List the clips of a dataset, and refuse what is no list of clips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from posecfg.components.build import build
from posecfg.components.calls import called
from posecfg.config.compose import Job
from posecfg.datasets.identifiers import safe
from posecfg.datasets.many_clips import ManyClips
from posecfg.errors import ConfigError
from posecfg.protocols import Dataset
from posecfg.text import shown
from posecfg.types import Clip, Excluded, Listing


def scanned(job: Job) -> Listing:
    """Return the clips of the job's dataset; ids that could leave the output folder, or that two share, are refused."""
    where = f"dataset={job.choices.get('dataset') or 'dataset'}"
    dataset: Dataset = build(job.config["dataset"], "dataset")
    listing = called(where, dataset.scan)
    if wrong := _other(listing):
        raise ConfigError(f"{where}: expected scan to return a Listing, but got {wrong}.")
    ids = ids_of(listing.clips)
    for clip_id in ids:
        safe(clip_id)
    _refuse_twins(ids)
    return listing


def ids_of(clips: Sequence[Clip]) -> Sequence[str]:
    """Return the ids of clips."""
    return clips.ids() if isinstance(clips, ManyClips) else [clip.id for clip in clips]


def _other(listing: Any) -> str | None:
    """Say in which way ``listing`` is none, or None where it is one."""
    if not isinstance(listing, Listing):
        return shown(listing)
    for name, kind in (("clips", Clip), ("excluded", Excluded)):
        values = getattr(listing, name)
        if not isinstance(values, Sequence) or isinstance(values, str):
            return f"one whose {name} are {shown(values)}"
        for value in values if not isinstance(values, ManyClips) else values[:1]:
            if not isinstance(value, kind):
                return f"one that has {shown(value)} among its {name}"
    for clip in listing.clips if not isinstance(listing.clips, ManyClips) else listing.clips[:1]:
        if not isinstance(clip.id, str) or not isinstance(clip.path, Path):
            return f"one with a clip of id={shown(clip.id)} and path={shown(clip.path)}, a text and a Path"
    if listing.root is not None and not isinstance(listing.root, Path):
        return f"one whose root is {shown(listing.root)}"
    return None


def _refuse_twins(ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        twice = next(clip_id for clip_id, number in Counter(ids).items() if number > 1)
        raise ConfigError(f"Expected each clip to have an id of its own, but two of the dataset are called '{twice}'.")
