"""The typed root of the configuration: every knob with its range and its part in a run's identity, and the groups.

A knob is one field here, and a value with a comment in conf/config.yaml, which the help page shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Optional

from posecfg.config import ranges
from posecfg.config.signatures import unfitting

GROUPS = ("dataset", "sampler", "detector", "persons", "lifter", "device", "executor")
THRESHOLDS = ("bbox_thr", "kpt_thr", "score_floor")
_KEEP = object()


@dataclass(frozen=True)
class Knob:
    """What is declared of a knob: which values hold, in words what is expected, and its part in a run's identity.

    ``neutral`` is the value to which an operational knob is set before interpolations resolve, so that it leaks nothing
    into the identity. ``usual`` are the values at which a knob that is part of the identity is left out of it; a knob
    with neither counts where a component takes it. ``told`` says that logs name it where it is not the default, and
    ``choices`` are words that can be typed.
    """

    expected: str = ""
    holds: Callable[[Any], bool] = lambda value: True
    neutral: Any = _KEEP
    usual: tuple[Any, ...] | None = None
    told: bool = False
    choices: tuple[str, ...] = ()

    @property
    def is_operational(self) -> bool:
        """Whether the knob cannot change a byte of a clip's data."""
        return self.neutral is not _KEEP


def knob(default: Any, *declared: Any, **more: Any) -> Any:
    """Return a field with a default and what is declared of it, as ``Knob`` takes it."""
    return field(default=default, metadata={"knob": Knob(*declared, **more)})


def parse_shard(text: str) -> tuple[int, int] | None:
    """Return (i, n) of 'i/n', or None where it is not that."""
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if not match:
        return None
    part, parts = int(match[1]), int(match[2])
    return (part, parts) if 1 <= part <= parts else None


def parse_redo(value: Any) -> list[str] | None:
    """Return the patterns of clip ids that ``redo`` names, '*' for true, or None where it is no such thing."""
    if value is None or isinstance(value, bool):
        return ["*"] if value else []
    return parse_names(value)


def parse_names(value: Any) -> list[str] | None:
    """Return the patterns of clip ids that a value names, or None where it is no such thing."""
    # A clip may be called by a number.
    names = [str(name) for name in (value if isinstance(value, list) else [value]) if type(name) in (str, int)]
    return names if all(names) and len(names) == (len(value) if isinstance(value, list) else 1) else None


TIMES = ("start", "end", "min_duration", "max_duration")
"""Keys of a video that are seconds, or times such as 00:01:30."""
_TIME = "seconds from 0 or a time such as 00:01:30, or null"


@dataclass
class VideoKnobs:
    """What every film is read with. OmegaConf needs ``Optional`` spelled out."""

    start: Optional[float] = knob(None, _TIME, ranges.is_time, usual=(None,))
    end: Optional[float] = knob(
        None, "seconds above 0 or a time such as 00:01:30, or null", lambda v: v is None or 0 < v < 1e9, usual=(None,)
    )
    min_duration: Optional[float] = knob(None, _TIME, ranges.is_time)
    max_duration: Optional[float] = knob(None, _TIME, ranges.is_time)
    fps: Any = knob(None, "[lowest,highest] frames per second, or null", ranges.is_range)
    tolerance: float = knob(0.001, "a share from 0 to 1", lambda v: 0 <= v <= 1)
    hwaccel: str = knob("cpu", usual=("cpu",))
    max_pixels: Optional[int] = knob(
        8192 * 8192, "a whole number of pixels from 1, or null", lambda v: v is None or v >= 1, neutral=None
    )
    threads: Any = knob(
        "auto", "auto, or a whole number from 1 to 256", ranges.count(1, 256), usual=("auto", 1), choices=("auto",)
    )


@dataclass
class ModelKnobs:
    """Where weights come from."""

    dir: Optional[str] = knob(None, neutral=None)
    autofetch: bool = knob(False, neutral=False)
    mmpose: Optional[str] = knob(None, neutral=None)


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
    bbox_thr: float = knob(0.3, "a number from 0 to 1", lambda v: 0 <= v <= 1, usual=())
    kpt_thr: float = knob(0.3, "a number from 0 to 100", lambda v: 0 <= v <= 100)
    score_floor: float = knob(0.3, neutral=0.0)
    seed: int = knob(0, "a whole number from 0", lambda v: 0 <= v < 2**32)
    output_dir: Optional[str] = knob(None, "a folder, or null", lambda v: v is None or bool(v.strip()), neutral=None)
    overwrite: bool = knob(False, neutral=False)
    accept: Optional[str] = knob(
        None, "versions, or null", lambda v: v in (None, "versions"), neutral=None, told=True, choices=("versions",)
    )
    append: bool = knob(False, neutral=False)
    redo: Any = knob(
        False,
        "true, false, the name of a clip or of a file of names, or a list of these",
        lambda v: parse_redo(v) is not None,
        neutral=False,
        told=True,
    )
    only: Any = knob(
        None,
        "the name of a clip or of a file of names, a list of these, or null",
        lambda v: v is None or bool(parse_names(v)),
        neutral=None,
        told=True,
    )
    workers: Any = knob(
        1, "auto, or a whole number from 0 to 1024", ranges.count(0, 1024), neutral=1, choices=("auto",)
    )
    limit: Optional[int] = knob(
        None, "a whole number from 1, or null", lambda v: v is None or v >= 1, neutral=None, told=True
    )
    shard: Optional[str] = knob(
        None, "'i/n' with i from 1 to n", lambda v: v is None or parse_shard(v) is not None, neutral=None, told=True
    )
    on_error: str = knob(
        "continue",
        "continue or stop",
        lambda v: v in ("continue", "stop"),
        neutral="continue",
        told=True,
        choices=("continue", "stop"),
    )
    strict: bool = knob(False, neutral=False, told=True)
    cache: str = knob("auto", "auto, off, or a folder", ranges.is_place, neutral="auto", choices=("auto", "off"))
    cache_size: float = knob(5.0, "gigabytes from 0", lambda v: 0 <= v < 1e6, neutral=5.0)
    cache_floors: Any = knob(None, "a floor from 0 to 1 by the name of each detector", ranges.are_floors, neutral=None)
    console: str = knob(
        "auto", "auto or lines", lambda v: v in ("auto", "lines"), neutral="auto", choices=("auto", "lines")
    )
    page: bool = knob(True, neutral=True)
    video: VideoKnobs = field(default_factory=VideoKnobs)
    models: ModelKnobs = field(default_factory=ModelKnobs)


KEYS = tuple(f.name for f in fields(Root))
SECTIONS = {"": Root, "video": VideoKnobs, "models": ModelKnobs}
BELOW = {name: tuple(f.name for f in fields(section)) for name, section in SECTIONS.items() if name}


KNOBS: dict[tuple[str, str], Knob] = {
    (section, one.name): one.metadata["knob"]
    for section, kind in SECTIONS.items()
    for one in fields(kind)
    if "knob" in one.metadata
}
"""Every knob by section and name."""


def _each(what: Callable[[Knob], Any], where: Callable[[Knob], bool]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for (section, name), one in KNOBS.items():
        if where(one):
            found[section][name] = what(one)
    return found


NEUTRAL = _each(lambda one: one.neutral, lambda one: one.is_operational)
"""What operational knobs are set to before the identity is taken, by section."""
OWN = _each(lambda one: one.usual, lambda one: one.usual is not None)
"""Knobs that are part of the identity by themselves, by section, each with the values at which it is left out."""
USUAL = {
    f"{section}.{name}" if section else name: usual[0]
    for section, knobs in OWN.items()
    for name, usual in knobs.items()
    if usual
}
"""What stands for a knob that the identity leaves out, by its place."""
TOLD = tuple(name for (section, name), one in KNOBS.items() if not section and one.told)
"""Knobs that a log names where they are not their default."""


def check_ranges(plain: dict[str, Any]) -> list[str]:
    """Return one sentence for each knob whose value cannot work, by itself or beside another."""
    wrong = {}
    for (section, name), one in KNOBS.items():
        value = (plain[section] if section else plain)[name]
        if not one.holds(value):
            wrong[f"{section}.{name}" if section else name] = one.expected, value
    video, thr, floor = plain["video"], plain["bbox_thr"], plain["score_floor"]
    if "bbox_thr" not in wrong and not 0 <= floor <= thr:
        wrong["score_floor"] = f"a number from 0 to bbox_thr, which is {thr:g}", floor
    for low, high in (("start", "end"), ("min_duration", "max_duration")):
        both = video[low] is not None and video[high] is not None
        if both and not {f"video.{low}", f"video.{high}"} & wrong.keys() and not video[low] < video[high]:
            wrong[f"video.{high}"] = f"more than video.{low}, which is {video[low]:g}", video[high]
    return [unfitting(key, expected, value, KNOBS[_split(key)].choices) for key, (expected, value) in wrong.items()]


def _split(key: str) -> tuple[str, str]:
    section, _, name = key.rpartition(".")
    return section, name
