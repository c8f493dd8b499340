"""What a run would recall and remember of detections, for its plan."""

from __future__ import annotations

import os
from typing import Any

from posecfg.components.parts import top
from posecfg.config.compose import Job
from posecfg.pipeline.remembering import Remembering
from posecfg.runs import remembering


def memory(job: Job, floor: float) -> dict[str, Any]:
    """Return the folder of the memory, and what is shared through it; ``floor`` is that of the job's detector.

    ``shares`` says what another run could be served by: every threshold from a floor on, or settings of other parts.
    """
    where = remembering.folder(job)
    told = None if where is None else remembering.remembering(job)
    return {
        "folder": None if where is None else os.path.relpath(where),
        "floor": min(floor, job.config["score_floor"]) if told is not None and told.cut is not None else None,
        "shares": _shares(job, told, floor),
    }


def _shares(job: Job, told: Remembering | None, floor: float) -> str:
    if told is None:
        off = remembering.folder(job) is None
        return "off: nothing is remembered" if off else "nothing is remembered: the poses are in files already"
    option, facts = job.choices.get("detector"), top(job.config, "detector").facts
    boxes = "; boxes serve every pose head" if told.boxes is not None else ""
    if told.cut is not None:
        lowest = min(floor, told.cut)
        by = ", the lowest of this sweep" if lowest < told.cut else ""
        return f"what is found above {lowest:g}{by}, serves every threshold from there on{boxes}"
    text = f"what is found serves every bbox_thr{boxes}"
    if facts.stateful:
        text += f"; thresholds of {option} itself act inside its tracking, and cannot be shared"
    return text
