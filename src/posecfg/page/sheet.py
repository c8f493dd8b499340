"""The rows of the sheet: a job each, with its settings, how it ended, its clips and all its numbers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from posecfg.config.quoting import bare
from posecfg.page.columns import SKIPPED, STATUS, Clips
from posecfg.page.measures import MEASURES, OF_RUNS, Measure
from posecfg.page.settings import changes_poses, settings
from posecfg.page.sources import SWEEP, Job, Source
from posecfg.page.told import without_folders
from posecfg.reasons import kind
from posecfg.store.clip_facts import are_numbers

SCORE = "score."
"""What the names of scores against truth begin with."""


# Settings that can be a name.
_NAMING = 2
COUNTED = ("gaps", "swaps")
"""Measures that are whole numbers."""


def rows(source: Source, runs: Mapping[Path, Clips]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the settings in which jobs differ, and a row for each job as JSON values."""
    told = _settings(source)
    knobs = list(dict.fromkeys(key for one in told for key in one))
    numbers = {root: number for number, root in enumerate(source.roots)}
    found = []
    for job, own in zip(source.jobs, told, strict=True):
        clips = runs.get(job.root) if job.root is not None else None
        found.append(
            {
                "name": _name(job, own, source.kind == SWEEP or len(knobs) <= _NAMING),
                "run": None if clips is None or job.root is None else numbers[job.root],
                "state": job.state,
                "settings": own,
                "folder": _shown(job.root),
                "command": job.command,
                "error": _error(job),
                "measures": _measures(job, clips),
                "clips": _counts(job, clips),
                "dropped": _dropped(clips),
            }
        )
    return knobs, found


def measures(found: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what is to be known of each measure that any row of the sheet has."""
    known = {**MEASURES, **OF_RUNS}
    names = list(dict.fromkeys(name for row in found for name in row["measures"]))
    order = [*(name for name in names if name.startswith(SCORE)), *(name for name in known if name in names)]
    return {name: _about(name, known.get(name)) for name in order}


def _about(name: str, measure: Measure | None) -> dict[str, Any]:
    if measure is None:
        label = name.removeprefix(SCORE)
        better = "low" if any(part in label for part in ("epe", "mpjpe", "error", "velocity")) else "high"
        measure = Measure(label, "", 3, better, f"{label} against known poses, over all clips that have them")
    return dict(measure._asdict())


def _settings(source: Source) -> list[dict[str, str]]:
    """Return for each job the settings in which it differs from the others."""
    if all(job.overrides for job in source.jobs):
        words = [[word.partition("=") for word in job.overrides] for job in source.jobs]
        return [{key: bare(value) for key, _, value in one} for one in words]
    if len(source.jobs) < 2:
        return [{} for _ in source.jobs]
    each = [settings(job.root) if job.root is not None else {} for job in source.jobs]
    keys = dict.fromkeys(key for one in each for key in one if changes_poses(key))
    differing = [key for key in keys if len({one.get(key) for one in each}) > 1]
    return [{key: one[key] for key in differing if key in one} for one in each]


def _name(job: Job, own: Mapping[str, str], by_settings: bool) -> str:
    """Return how a job is called: by its settings, or where runs differ in many by its folder."""
    settings = ", ".join(f"{key}={value}" for key, value in own.items())
    folder = job.root.name if job.root is not None else ""
    return (settings if by_settings else "") or folder or settings or "a job without a run"


def _error(job: Job) -> str | None:
    error = job.outcome.get("error")
    return without_folders(error) if isinstance(error, str) else None


def _shown(root: Path | None) -> str:
    """Return a folder as it is typed from here."""
    return "" if root is None else os.path.relpath(root)


def _measures(job: Job, clips: Clips | None) -> dict[str, float]:
    found: dict[str, Any] = dict(clips.together) if clips is not None else {}
    rates = job.outcome.get("frames_per_second")
    rates = rates if isinstance(rates, dict) else {}
    found |= {"frames_per_second": rates.get("end_to_end"), "model_per_second": rates.get("model")}
    found["seconds"] = job.outcome.get("seconds")
    scores = job.outcome.get("scores")
    found |= {f"{SCORE}{name}": value for name, value in scores.items()} if isinstance(scores, dict) else {}
    return {name: _number(name, value) for name, value in found.items() if _is_number(value)}


def _number(name: str, value: float) -> float:
    """Return a measure with the digits that are kept of it; sums are floats, also those of what is counted."""
    return int(value) if name in COUNTED and value == int(value) else round(float(value), 6)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and are_numbers([value])


def _counts(job: Job, clips: Clips | None) -> dict[str, int]:
    """Return how many clips a run has, and how they ended."""
    statuses = clips.statuses if clips is not None else []
    pairs = zip(clips.missing, clips.rows, strict=True) if clips is not None else ()
    total = job.outcome.get("clips")
    recalled = job.outcome.get("recalled")
    return {
        "total": max(len(statuses), job.clips, total if isinstance(total, int) else 0),
        **{name: statuses.count(status) for name, status in STATUS.items()},
        "no_person": sum(missing == rows > 0 for missing, rows in pairs),
        "recalled": recalled if isinstance(recalled, int) else 0,
    }


def _dropped(clips: Clips | None) -> dict[str, int]:
    ends = zip(clips.statuses, clips.why, strict=True) if clips is not None else ()
    found = Counter(kind(why) for status, why in ends if status == SKIPPED)
    return dict(found.most_common())
