"""What a clip's result rests on besides its film: the stored poses that a detector replays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from posecfg.runs.preflight import parts


def stamp(config: Mapping[str, Any], clip_id: str) -> list[int] | None:
    """Return size and modification time of the file that the detector reads for a clip, None where it reads none."""
    part = next(parts(config["detector"], "detector"))
    ask = getattr(part.component, "depends_of", None)
    if ask is None:
        return None
    try:
        seen = ask(clip_id, **part.arguments).stat()
    except OSError:
        return [-1, -1]
    return [seen.st_size, seen.st_mtime_ns]
