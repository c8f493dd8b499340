"""The typed root of the configuration: knobs, their ranges, and the groups below them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import Any, Optional

from posecfg.config.options import LISTS
from posecfg.config.signatures import shown

__all__ = ["GROUPS", "KEYS", "LISTS", "Root", "check_ranges", "parse_shard"]

GROUPS = ("dataset", "sampler", "detector", "persons", "lifter", "device", "executor")


@dataclass
class VideoKnobs:
    """What every film is read with. OmegaConf needs ``Optional`` spelled out."""

    start: Optional[float] = None  # noqa: UP045
    end: Optional[float] = None  # noqa: UP045
    min_duration: Optional[float] = None  # noqa: UP045
    max_duration: Optional[float] = None  # noqa: UP045
    fps: Any = None
    tolerance: float = 0.001
    hwaccel: str = "cpu"
    threads: Any = "auto"


@dataclass
class ModelKnobs:
    """Where weights come from."""

    dir: Optional[str] = None  # noqa: UP045
    autofetch: bool = False
    mmpose: Optional[str] = None  # noqa: UP045


@dataclass
class Root:
    """Everything that may stand at the top of a configuration."""

    dataset: Any = None
    sampler: Any = None
    detector: Any = None
    persons: Any = None
    refine: Any = field(default_factory=dict)
    lifter: Any = None
    writer: Any = field(default_factory=dict)
    metric: Any = field(default_factory=dict)
    device: Any = None
    executor: Any = None
    bbox_thr: float = 0.3
    kpt_thr: float = 0.3
    score_floor: float = 0.3
    seed: int = 0
    output_dir: Optional[str] = None  # noqa: UP045
    overwrite: bool = False
    workers: Any = 1
    limit: Optional[int] = None  # noqa: UP045
    shard: Optional[str] = None  # noqa: UP045
    on_error: str = "continue"
    strict: bool = False
    console: str = "auto"
    video: VideoKnobs = field(default_factory=VideoKnobs)
    models: ModelKnobs = field(default_factory=ModelKnobs)


KEYS = tuple(f.name for f in fields(Root))
BELOW = {"video": tuple(f.name for f in fields(VideoKnobs)), "models": tuple(f.name for f in fields(ModelKnobs))}


def check_ranges(plain: dict[str, Any]) -> list[str]:
    """Return one sentence for each knob whose value cannot work."""
    wrong = []

    def expect(holds: bool, key: str, what: str) -> None:
        if not holds:
            value: Any = plain
            for part in key.split("."):
                value = value[part]
            wrong.append(f"{key}: expected {what}, but got {shown(value)}.")

    video, thr = plain["video"], plain["bbox_thr"]
    expect(0 <= thr <= 1, "bbox_thr", "a number from 0 to 1")
    if 0 <= thr <= 1:
        expect(0 <= plain["score_floor"] <= thr, "score_floor", f"a number from 0 to bbox_thr, which is {thr:g}")
    expect(0 <= plain["kpt_thr"] <= 100, "kpt_thr", "a number from 0 to 100")
    expect(0 <= plain["seed"] < 2**32, "seed", "a whole number from 0")
    expect(_is_count(plain["workers"], 0, 1024), "workers", "auto, or a whole number from 0 to 1024")
    expect(plain["limit"] is None or plain["limit"] >= 1, "limit", "a whole number from 1, or null")
    expect(plain["on_error"] in ("continue", "stop"), "on_error", "continue or stop")
    expect(plain["console"] in ("auto", "lines"), "console", "auto or lines")
    expect(plain["shard"] is None or parse_shard(plain["shard"]) is not None, "shard", "'i/n' with i from 1 to n")
    expect(plain["output_dir"] is None or bool(plain["output_dir"].strip()), "output_dir", "a folder, or null")
    for key in ("start", "end", "min_duration", "max_duration"):
        expect(video[key] is None or 0 <= video[key] < 1e9, f"video.{key}", "seconds from 0, or null")
    expect(video["end"] is None or video["end"] > 0, "video.end", "seconds above 0, or null")
    for low, high in (("start", "end"), ("min_duration", "max_duration")):
        if video[low] is not None and video[high] is not None:
            expect(video[low] < video[high], f"video.{high}", f"more than video.{low}, which is {video[low]:g}")
    expect(_is_range(video["fps"]), "video.fps", "[lowest,highest] frames per second, or null")
    expect(0 <= video["tolerance"] <= 1, "video.tolerance", "a share from 0 to 1")
    expect(_is_count(video["threads"], 1, 256), "video.threads", "auto, or a whole number from 1 to 256")
    return wrong


def _is_count(value: Any, least: int, most: int) -> bool:
    return value == "auto" or (isinstance(value, int) and not isinstance(value, bool) and least <= value <= most)


def parse_shard(text: str) -> tuple[int, int] | None:
    """Return (i, n) of 'i/n', or None where it is not that."""
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if not match:
        return None
    part, parts = int(match[1]), int(match[2])
    return (part, parts) if 1 <= part <= parts else None


def _is_range(value: Any) -> bool:
    if value is None:
        return True
    numbers = isinstance(value, list) and len(value) == 2 and all(type(v) in (int, float) for v in value)
    return bool(numbers and 0 < value[0] <= value[1])
