"""The job that makes one clip again, exactly as its record says that it was made, into another folder."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from posecfg.components.identity import digest
from posecfg.config.compose import Job
from posecfg.config.recorded import job_of
from posecfg.errors import ConfigError, PosecfgError
from posecfg.executors.local import Local
from posecfg.store import configurations
from posecfg.store.clip_record import ClipRecord
from posecfg.version import __version__

METRIC = "metric."
_READ = re.compile(r"oc\.env:\s*([^,}]+)")
# What is about other clips, about results that are there, or about the screen.
ONE_CLIP: dict[str, Any] = {
    **{"limit": None, "shard": None, "redo": False, "append": False, "overwrite": False, "accept": None},
    # What an earlier run remembers of the clip would not be made again.
    **{"on_error": "continue", "console": "auto", "cache": "off"},
}
# One process of its own, which nothing of this one disturbs.
WORKERS = 1


@dataclass(frozen=True)
class Repeated:
    """A job for one clip, the folder where its words were typed, and what is kept of the run that made it first.

    ``lost`` are writers whose settings are not kept, so that their files cannot be made again.
    """

    job: Job
    folder: Path
    kept: Mapping[str, Any]
    lost: tuple[str, ...] = ()


def kept_of(root: Path, record: ClipRecord) -> list[dict[str, Any]]:
    """Return the configurations that a clip was made with, that of its poses first; none of an earlier version."""
    named = [configurations.read(root, name) for name in record.made.get("configurations", ())]
    found = [one for one in named if one is not None]
    if found and named[0] is not None:
        return found
    # A run of the same configuration that came later kept it.
    every = (configurations.read(root, name) for name in reversed(configurations.names(root)))
    return [*[one for one in every if one is not None and one.get("identity") == record.identity], *found]


def repeated(root: Path, record: ClipRecord, out: Path) -> Repeated:
    """Return the job that makes a clip again below ``out``; a PosecfgError says why there is none."""
    kept = [one for one in kept_of(root, record) if one.get("identity") == record.identity]
    if not kept:
        raise PosecfgError(
            f"'{record.id}' was made by a version of posecfg that kept no configuration, or it was lost: type the "
            "command of that run once more, which only adds it, and then this one."
        )
    jobs = []
    for one in kept:
        try:
            jobs.append(job_of(one))
        except ConfigError as error:
            raise PosecfgError(f"'{record.id}' cannot be made again: {error}") from error
    _refuse_other(record, jobs[0], kept[0])
    writers, lost = _writers(record, jobs)
    job = jobs[0]
    executor = dict(job.config["executor"])
    if executor.get("_target_") != f"{Local.__module__}.{Local.__qualname__}":
        executor = {"_target_": f"{Local.__module__}.{Local.__qualname__}"}
    config = {
        **job.config,
        **ONE_CLIP,
        "workers": WORKERS,
        "only": [record.id],
        "output_dir": str(out),
        "writer": writers,
        "metric": {},
    }
    config["executor"] = {**executor, "workers": WORKERS}
    return Repeated(replace(job, config=config), Path(str(kept[0].get("folder", os.curdir))), kept[0], lost)


def _refuse_other(record: ClipRecord, job: Job, kept: Mapping[str, Any]) -> None:
    """Refuse a job that does not mean what was run."""
    if job.hash == record.identity:
        return
    if job.environment:
        names = ", ".join(dict.fromkeys(name for text in job.environment.values() for name in _READ.findall(text)))
        raise PosecfgError(
            f"'{record.id}' was made with other values of the environment ({names}): set them as they were, and type "
            "the same command again."
        )
    versions = kept.get("versions")
    then = versions.get("posecfg", "?") if isinstance(versions, dict) else "?"
    same = then == __version__
    way = "check out the code of that time" if same else f"pip install posecfg=={then}"
    raise PosecfgError(
        f"'{record.id}' was made by posecfg {then}, and to this one ({__version__}) its configuration means something "
        f"else: {way}, and type the same command again."
    )


def _writers(record: ClipRecord, jobs: Sequence[Job]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the settings of each writer that has files of a clip, and the writers whose settings are not kept."""
    found: dict[str, Any] = {}
    wanted = {name: one.identity for name, one in record.writers.items() if not name.startswith(METRIC)}
    for job in jobs:
        found |= {
            name: job.config["writer"][name]
            for name, node in job.writers().items()
            if name in wanted and digest(node) == wanted[name]
        }
    lost = tuple(name for name in wanted if name not in found)
    if not found and not wanted:
        # A clip that was dropped has none; the run looked with its own.
        found = dict(jobs[0].config["writer"])
    if not found:
        raise PosecfgError(
            f"The settings of {', '.join(lost)} for '{record.id}' are not kept: type the command of that run once "
            "more, which only adds them, and then this one."
        )
    return found, lost
