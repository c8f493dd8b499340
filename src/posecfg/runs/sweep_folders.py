"""Folders that several jobs of a sweep write to: no job may replace what another one makes there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from posecfg.components.identity_diff import differences
from posecfg.config.compose import Job
from posecfg.errors import ConfigError, PosecfgError
from posecfg.runs.places import root_of
from posecfg.runs.scope import scope
from posecfg.store import fingerprint
from posecfg.types import Clip


class SweepFolders:
    """The jobs of a sweep, by the folder that each writes to."""

    def __init__(self) -> None:
        self._jobs: dict[Path, list[Job]] = {}

    def add(self, job: Job) -> list[PosecfgError]:
        """Take a job, and return why it cannot write beside those that were taken before."""
        root = root_of(job, bool(job.sweep))
        others = self._jobs.setdefault(root, [])
        others.append(job)
        first = others[0]
        if first.writers() != job.writers():
            text = "; ".join(differences(first.writers(), job.writers(), "writer"))
            return [
                ConfigError(f"another job of this sweep writes the same '{root}' ({text}): sweep over one at a time.")
            ]
        for other in others[:-1]:
            if clip := _replaced(other, job):
                text = "; ".join(differences(other.config["dataset"], job.config["dataset"], "dataset"))
                found = f"another job of this sweep makes clip '{clip}' in the same '{root}' of another input ({text})"
                return [ConfigError(f"{found}: type one command for each, with an output_dir= of its own.")]
        return []


def _replaced(one: Job, other: Job) -> str:
    """Return a clip that both jobs make, each of another input, or an empty text.

    Films are listed only where the data sets have other settings; what cannot be listed is refused elsewhere.
    """
    if one.config["dataset"] == other.config["dataset"]:
        return ""
    try:
        inputs = {clip.id: _input(clip) for clip in scope(one, bool(one.sweep)).clips}
        return next((clip.id for clip in scope(other, bool(other.sweep)).clips if _differs(clip, inputs)), "")
    except PosecfgError:
        return ""


def _differs(clip: Clip, inputs: dict[str, Any]) -> bool:
    return clip.id in inputs and inputs[clip.id] != _input(clip)


def _input(clip: Clip) -> Any:
    """Return what a clip is made of, without reading it; computed pixels are known by what they show."""
    place = os.path.abspath(clip.path) if clip.scene is None else fingerprint.whole(clip)
    return place, clip.pictures, fingerprint.part(clip)
