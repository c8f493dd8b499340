"""Find what computes the pictures of a clip that has no film, from the settings of its run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from posecfg.datasets.synthetic import Synthetic
from posecfg.errors import PosecfgError
from posecfg.review.repeated_job import kept_of
from posecfg.store import fingerprint
from posecfg.store.clip_record import ClipRecord
from posecfg.types import Clip

_TARGET = f"{Synthetic.__module__}.{Synthetic.__qualname__}"
_LARGEST = 1 << 24
# People that are drawn; each takes time.
_PEOPLE = 64


def is_computed(record: ClipRecord) -> bool:
    """Tell whether the pixels of a clip were computed."""
    clock = record.made.get("clock")
    return not record.input.path and isinstance(clock, dict) and clock.get("codec") == "computed"


def scene_of(root: Path, record: ClipRecord) -> Clip | None:
    """Return the clip with its scene, None where its settings are not kept, or are of another one."""
    for kept in kept_of(root, record) if is_computed(record) else ():
        node = kept.get("config", {}).get("dataset")
        if isinstance(node, dict) and node.get("_target_") == _TARGET and (clip := _built(node, record)):
            return clip
    return None


def _built(node: dict[str, Any], record: ClipRecord) -> Clip | None:
    try:
        clip = Synthetic(**{str(name): value for name, value in node.items() if name != "_target_"}).clip(record.id)
        scene = clip.scene
        if scene is None or scene.size[0] * scene.size[1] > _LARGEST or getattr(scene, "people", 1) > _PEOPLE:
            return None
        return clip if fingerprint.whole(clip) == record.input.sha256 else None
    except (PosecfgError, TypeError, ValueError, ArithmeticError):
        return None
