"""What came of the jobs of a run or sweep: one outcome for each planned job, also of those that left none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from posecfg.config.compose import LISTED, Job
from posecfg.runs.report import STOPPED


def begin(scratch: Path, number: int) -> None:
    """Note that a job was started."""
    _begun(scratch, number).touch()


def leave(scratch: Path, number: int, text: str) -> None:
    """Leave the outcome of a job, as JSON."""
    (scratch / f"{number:06d}.json").write_text(text, "utf-8")


def collect(scratch: Path, jobs: Sequence[Job], stopped: bool) -> list[dict[str, Any]]:
    """Return the outcomes that jobs left, in their order, with a line for each job that left none.

    Which jobs there are is not known where a sweeper decides while it runs. ``stopped`` says that the user stopped all.
    """
    found: dict[int, dict[str, Any]] = {int(p.stem): json.loads(p.read_text("utf-8")) for p in scratch.glob("*.json")}
    code = STOPPED if stopped else 1
    if jobs[0].sweep == LISTED and found:
        for number in range(len(jobs)):
            found.setdefault(number, _missing(scratch, number, jobs[number], code))
    outcomes = [found[number] for number in sorted(found)]
    if stopped and outcomes and STOPPED not in [outcome["exit_code"] for outcome in outcomes]:
        outcomes.append({"error": "stopped between two jobs", "exit_code": STOPPED})
    if len(outcomes) < len(jobs) and not stopped:
        outcomes.append({"error": "some jobs left no outcome", "exit_code": 1})
    return outcomes


def _missing(scratch: Path, number: int, job: Job, code: int) -> dict[str, Any]:
    why = "no outcome was left" if _begun(scratch, number).exists() else "not started"
    return {"job": number, "overrides": list(job.overrides), "error": why, "exit_code": code}


def _begun(scratch: Path, number: int) -> Path:
    return scratch / f"{number:06d}.begun"


def align_scores(outcomes: Sequence[dict[str, Any]]) -> None:
    """Give each outcome every score that was asked for in any of them, None where it is not known."""
    names = {
        name: None for one in outcomes for name in one.get("scores", {}) if name not in one.get("scores_earlier", ())
    }
    for one in outcomes if names else ():
        one["scores"] = names | one.get("scores", {})
