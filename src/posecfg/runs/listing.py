"""List the clips of a dataset, and refuse what is no list of clips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from posecfg.components.build import build
from posecfg.components.calls import called
from posecfg.config.compose import Job
from posecfg.datasets.identifiers import safe
from posecfg.datasets.many_clips import ManyClips
from posecfg.errors import ConfigError
from posecfg.protocols import Dataset
from posecfg.text import sentence, shown
from posecfg.types import Clip, Excluded, Listing


def scanned(job: Job) -> Listing:
    """Return the clips of the job's dataset; ids that could leave the output folder, or that two share, are refused."""
    where = f"dataset={job.choices.get('dataset') or 'dataset'}"
    dataset: Dataset = build(job.config["dataset"], "dataset")
    listing = called(where, dataset.scan)
    if wrong := _other(listing, job.config["executor"].get("workers", 0) != 0):
        raise ConfigError(f"{where}: expected scan to return a Listing, but got {wrong}.")
    ids = ids_of(listing.clips)
    for clip_id in ids:
        safe(clip_id)
    _refuse_twins(ids)
    return listing


def ids_of(clips: Sequence[Clip]) -> Sequence[str]:
    """Return the ids of clips."""
    return clips.ids() if isinstance(clips, ManyClips) else [clip.id for clip in clips]


def _other(listing: Any, sent: bool) -> str | None:
    """Say in which way ``listing`` is none, or None where it is one; its clips may have to be ``sent`` to workers."""
    if not isinstance(listing, Listing):
        return shown(listing)
    for name, kind in (("clips", Clip), ("excluded", Excluded)):
        values = getattr(listing, name)
        if not isinstance(values, Sequence) or isinstance(values, str):
            return f"one whose {name} are {shown(values)}"
        for value in values if not isinstance(values, ManyClips) else values[:1]:
            if not isinstance(value, kind):
                return f"one that has {shown(value)} among its {name}"
    if listing.root is not None and not isinstance(listing.root, Path):
        return f"one whose root is {shown(listing.root)}"
    return _other_among(listing.clips if not isinstance(listing.clips, ManyClips) else listing.clips[:1], sent)


def _other_among(clips: Iterable[Clip], sent: bool) -> str | None:
    """Say what is wrong with the first clip that cannot be used; of those that are alike one is tried to be sent."""
    seen: set[Any] = set()
    for clip in clips:
        if wrong := _other_clip(clip):
            return wrong
        if sent and (clip.truth is not None or clip.scene is not None or clip.meta):
            kind = _kind(clip)
            if kind not in seen and (wrong := _unsent(clip)):
                return wrong
            seen.add(kind)
    return None


def _other_clip(clip: Clip) -> str | None:
    """Say which value of a clip is of another kind than it must be."""
    if not isinstance(clip.id, str) or not isinstance(clip.path, Path):
        return f"one with a clip of id={shown(clip.id)} and path={shown(clip.path)}, a text and a Path"
    for name in ("start", "end"):
        value = getattr(clip, name)
        if value is not None and (not isinstance(value, int | float) or value != value):
            return f"one whose clip {shown(clip.id)} has {name}={shown(value)}, seconds or None"
    if not isinstance(clip.meta, Mapping):
        return f"one whose clip {shown(clip.id)} has meta={shown(clip.meta)}, values by name"
    if clip.truth is not None and not callable(clip.truth):
        return f"one whose clip {shown(clip.id)} has truth={shown(clip.truth)}, something to call or None"
    return None


def _kind(clip: Clip) -> tuple[Any, ...]:
    """Return what clips have in common that can all be sent, or none of them."""
    names = tuple(getattr(value, "__qualname__", type(value)) for value in (clip.truth, clip.scene))
    return (*names, *{type(value) for value in clip.meta.values()})


def _unsent(clip: Clip) -> str | None:
    """Say why a clip cannot be sent to a worker process, or None where it can be."""
    from multiprocessing.reduction import ForkingPickler

    try:
        ForkingPickler.dumps(clip)
    except Exception as error:
        return (
            f"one whose clip {shown(clip.id)} cannot be sent to workers ({sentence(error)}): make its truth, scene and "
            "meta of functions and classes that stand in a module, or type workers=0"
        )
    return None


def _refuse_twins(ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        twice = next(clip_id for clip_id, number in Counter(ids).items() if number > 1)
        raise ConfigError(f"Expected each clip to have an id of its own, but two of the dataset are called '{twice}'.")
