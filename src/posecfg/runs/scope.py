"""What a job is about: its clips, and the directory that its results go to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg.components.identity import digest
from posecfg.components.parts import listed, models, top
from posecfg.config.compose import Job
from posecfg.config.schema import parse_shard
from posecfg.datasets.many_clips import ManyClips
from posecfg.errors import ConfigError
from posecfg.pipeline.annotations import UsedAnnotations, annotation_files
from posecfg.pipeline.provenance import Rests
from posecfg.runs import elsewhere, remembering
from posecfg.runs.earlier_pixels import EarlierPixels
from posecfg.runs.listing import ids_of, scanned
from posecfg.runs.named_clips import again, only
from posecfg.runs.places import data_set, root_of
from posecfg.runs.targets import refuse_clashes, targets
from posecfg.runs.verdict import Wanted
from posecfg.store import ledger as ledgers
from posecfg.store import own_outputs
from posecfg.store.data_set import Incoming
from posecfg.store.inputs import files_named_in
from posecfg.store.ledger import Ledger
from posecfg.store.ledger_row import Row
from posecfg.store.listing import leftover
from posecfg.store.made_with import MadeWith, digests
from posecfg.store.run_directory import RunDirectory
from posecfg.text import count
from posecfg.types import Clip, Excluded
from posecfg.video.gates import Gates


@dataclass(frozen=True)
class Scope:
    """The clips that a job is about, the directory that its results go to, and the data set with all its clips.

    ``whole`` tells that the data set is a folder or table, not some of the films in a folder that were named.
    """

    clips: tuple[Clip, ...]
    excluded: tuple[Excluded, ...]
    directory: RunDirectory
    data: Incoming
    whole: bool = False

    def wanted(self, job: Job, tools: Sequence[MadeWith] = ()) -> Wanted:
        """Return what a finished clip must look like; ``tools`` are what it may be made with, if that matters."""
        hashes = {name: digest(node) for name, node in job.writers().items()}
        # The files of several people are known only when the people are.
        single = top(job.config, "persons").facts.single
        known = [name for name, part in listed(job.config, "writer").items() if single or not part.facts.by_track]
        every = targets(job.config["writer"])
        return Wanted(
            self.directory.root,
            job.hash,
            hashes,
            gates(job.config),
            job.config["strict"],
            Rests(job.config),
            UsedAnnotations(job.config),
            {name: every[name] for name in known},
            self.data.redo,
            EarlierPixels(max_pixels=job.config["video"]["max_pixels"]),
            made_with=digests(tools) if tools else None,
            heavy=any(part.facts.is_heavy for part in models(job.config)),
            pictured=[name for name, part in listed(job.config, "writer").items() if part.facts.filmed],
            remembers=remembering.spares(job),
        )


def gates(config: dict[str, Any]) -> Gates:
    """Return the limits on length and frame rate."""
    return Gates.of(config["video"])


def scope(job: Job, several: bool = False) -> Scope:
    """List the job's clips, without what earlier runs wrote, filtered by shard and limit, and find its directory."""
    config = job.config
    listing, limit = scanned(job), config["limit"]
    part, of = parse_shard(config["shard"] or "1/1") or (1, 1)
    directory = RunDirectory(root_of(job, several), f"{part}/{of}" if config["shard"] else None)
    # Where all clips are needed they are made once.
    every = listing.clips if limit is not None else tuple(listing.clips)
    every, written = own_outputs.without(every, directory.root, lambda: known(directory).values())
    ids = ids_of(every)
    left_out = listing.excluded
    redo, named = again(config["redo"], ids, left_out), only(config["only"], ids, left_out)
    incoming = Incoming(data_set(job, listing.root), every, config["append"], redo)
    numbers = range(len(every)) if of == 1 else [n for n, clip_id in enumerate(ids) if _shard(clip_id, of) == part - 1]
    if named is not None:
        numbers = [number for number in numbers if ids[number] in named]
    clips = tuple(every[number] for number in numbers[:limit])
    if redo and of == 1 and redo.isdisjoint(clip.id for clip in clips):
        if named is not None and redo.isdisjoint(named):
            raise ConfigError("redo names no clip that only= names too: leave only out, or name the clips in both.")
        raise ConfigError(f"redo names no clip within limit={limit}: leave limit out, or raise it.")
    refuse_clashes(config["writer"], clips)
    _refuse_unrelated(job, clips)
    _refuse_unannotated(job, clips)
    _refuse_own_poses(job, clips, directory.root)
    return Scope(clips, (*listing.excluded, *written), directory, incoming, listing.root is None)


def _shard(clip_id: str, of: int) -> int:
    return int(hashlib.sha256(clip_id.encode()).hexdigest(), 16) % of


def _refuse_unrelated(job: Job, clips: Sequence[Clip]) -> None:
    """Refuse to make films of pictures that do not belong together, and whatever else needs times."""
    one = next((clip.id for clip in clips if clip.independent), None)
    for name, part in listed(job.config, "writer").items() if one is not None else ():
        if part.facts.filmed and part.facts.ordered and not part.facts.undrawn:
            raise ConfigError(
                f"writer={name} makes films, but the pictures of '{one}' are unrelated: leave it out, or type "
                "writer=[preview] for pictures with people drawn on them."
            )
        if part.facts.ordered:
            raise ConfigError(
                f"writer={name} needs frames that follow each other, but the pictures of '{one}' are unrelated: leave "
                "it out."
            )


def _refuse_unannotated(job: Job, clips: Sequence[Clip]) -> None:
    """Refuse a sampler or detector that needs annotations where no clip has some."""
    if not clips or any(clip.truth is not None for clip in clips):
        return
    for group in ("sampler", "detector"):
        if top(job.config, group).facts.annotated:
            raise ConfigError(
                f"{group}={job.choices.get(group)} needs annotations, but no clip of "
                f"dataset={job.choices.get('dataset')} has some: choose another {group}, or a data set with truth."
            )


def _refuse_own_poses(job: Job, clips: Sequence[Clip], root: Path) -> None:
    """Refuse stored poses that lie where the run writes: it would replace what it reads."""
    top = os.path.join(os.path.realpath(root), "")
    for path in Rests(job.config).files(clip.id for clip in clips):
        if os.path.realpath(path).startswith(top):
            raise ConfigError(
                f"detector={job.choices.get('detector')} reads its poses in '{root}', where this run writes: choose "
                "another output_dir=."
            )


def others_read(job: Job, place: Scope) -> list[str]:
    """Return the files that are read beside the clips: what the configuration names, stored poses, annotations."""
    rests = Rests(job.config).files(clip.id for clip in place.data.clips)
    return [*files_named_in(job.config), *rests, *annotation_files(annotated(place))]


def annotated(place: Scope) -> Sequence[Clip]:
    """Return all clips of the data set that may have annotations."""
    # Of very many clips none is annotated, and making them takes long.
    return () if isinstance(place.data.clips, ManyClips) else place.data.clips


def remarks(job: Job, place: Scope, rows: Mapping[str, Row]) -> list[str]:
    """Return what the user should know of the clips of a job and of the results that are there."""
    own = [*_unscored(job, place.clips), *_unlisted(place, rows), *_untouched(job, place, rows)]
    return [*elsewhere.remarks(job.config), *own]


def _unscored(job: Job, clips: Sequence[Clip]) -> list[str]:
    """Say that metrics were chosen where no clip has known poses to compare with."""
    names = ",".join(name for name, part in listed(job.config, "metric").items() if not part.facts.truthless)
    if not names or not clips or any(clip.truth is not None for clip in clips):
        return []
    return [f"metric={names}: dataset={job.choices.get('dataset')} knows no true poses, so there is no score"]


def _unlisted(place: Scope, rows: Mapping[str, Row]) -> list[str]:
    """Say which results of the same data set are of clips that it has no more, or that are left out now."""
    if not place.whole or not place.directory.remembers(place.data.data):
        return []
    here = frozenset(ids_of(place.data.clips))
    gone = sorted(clip_id for clip_id, row in rows.items() if row.writers and clip_id not in here)
    return [leftover(gone)] if gone else []


def _untouched(job: Job, place: Scope, rows: Mapping[str, Row]) -> list[str]:
    """Say how many results of another configuration stay, because only a part of the clips is overwritten."""
    here = {clip.id for clip in place.clips}
    stay = sum(row.identity != job.hash for row in rows.values() if row.writers and row.id not in here)
    if not stay or not job.config["overwrite"]:
        return []
    verb, them = ("stays", "it") if stay == 1 else ("stay", "them")
    return [f"{count(stay, 'other clip')} in this folder {verb} as another configuration made {them}"]


def known(directory: RunDirectory, book: Ledger | None = None) -> dict[str, Row]:
    """Return the rows of all ledgers of a directory; of several for one clip, the latest."""
    return ledgers.latest(
        book.rows() if book is not None and path == book.path else ledgers.read(path) for path in directory.ledgers()
    )
