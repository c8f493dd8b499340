"""What a data set has of what it should have, and the disk that its frames would take."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import Any, cast

from posecfg.components.build import build
from posecfg.components.calls import called
from posecfg.config.compose import Job
from posecfg.errors import ConfigError, PosecfgError
from posecfg.layout import RUN
from posecfg.types.status import Status, Stocked

JPEG = 0.16
"""Bytes a pixel of ``writer=frames`` as JPEG of its usual quality, as measured on films of people."""


def status(job: Job, read: bool) -> dict[str, Any]:
    """Return the status of the job's data set as JSON values; a ConfigError says that it knows no list of its parts."""
    if job.config["only"] is not None:
        raise ConfigError("only= does not belong to status, which counts whole splits: type plan for chosen clips.")
    found = stocked(job, read)
    if found is None:
        path = job.config["dataset"].get("path")
        if isinstance(path, str) and os.path.isfile(os.path.join(path, RUN)):
            advice = f"type posecfg status {shlex.quote(path)} alone"
            raise ConfigError(f"Expected a data set, but '{path}' holds the results of a run: {advice}.")
        raise ConfigError(
            f"dataset={job.choices.get('dataset')} has no list of what should be there, as dataset=aist has: type plan "
            "for what a run would find, or status and the folder of a run for how far that is."
        )
    return found


def stocked(job: Job, read: bool) -> dict[str, Any] | None:
    """Return the status of the job's data set, None if it knows no list of its parts."""
    dataset: Any = build(job.config["dataset"], "dataset")
    if not hasattr(dataset, "status"):
        return None
    found = called(f"dataset={job.choices.get('dataset')}", cast(Stocked, dataset).status, read)
    if not isinstance(found, Status):
        raise ConfigError(f"dataset: expected status to return a Status, but got {type(found).__name__}.")
    width, height = found.size
    rows = [
        {**vars(row), "missing": list(row.missing), "bytes": round(row.frames * width * height * JPEG)}
        for row in found.rows
    ]
    told = {"rows": rows, "size": list(found.size), "exact": found.exact, "free": _free(job)}
    return {**told, "problems": _problems(rows)}


def _problems(rows: list[dict[str, Any]]) -> list[str]:
    """Return one sentence for each file that cannot be read, then one for each film that is not there."""
    unreadable = [reason for row in rows for reason in row["unreadable"].values()]
    return list(dict.fromkeys([*unreadable, *(f"{name}: no film" for row in rows for name in row["missing"])]))


def _free(job: Job) -> int | None:
    """Return the free bytes of the disk that outputs go to, None if that is not known."""
    place = Path(os.path.abspath(job.config["output_dir"] or "outputs"))
    try:
        return shutil.disk_usage(next(one for one in (place, *place.parents) if one.is_dir())).free
    except (OSError, PosecfgError, StopIteration):
        return None
