"""What runs measured of themselves on this machine: a small file beside results, a convenience and never the truth."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

from posecfg import process
from posecfg.errors import PosecfgError
from posecfg.layout import HOME
from posecfg.store import real_files

BESIDE = ".posecfg-speeds.json"
"""The name of the file beside the folders of runs that were given no name."""
WITHIN = "speeds.json"
"""Its name below the ``.posecfg`` of a folder that the user named."""
SCHEMA = 1
MOST = 100
"""Runs that are remembered."""
LIMIT = 1 << 20


@dataclass(frozen=True)
class Speed:
    """What one run measured: of which models, on what, over which frames, and how long that took.

    ``model`` stands for detector, lifter and device, ``sampler`` for the choice of frames, ``data`` for the data set.
    ``start`` are the seconds before its first clip, ``seconds`` those from then on. ``frames`` are rows,
    ``film_seconds`` and ``film_frames`` those of the films that they were chosen from, as far as is known, and
    ``input_bytes`` the sizes of these. ``bytes`` were written by each writer, by the digest of its settings.
    ``estimated`` is what the run was thought to take, None where that was not known.
    """

    machine: str
    model: str
    name: str
    sampler: str
    data: str
    workers: int
    clips: int
    frames: int
    start: float
    seconds: float
    film_frames: float = 0.0
    film_seconds: float = 0.0
    input_bytes: int = 0
    bytes: Mapping[str, int] = field(default_factory=dict)
    estimated: float | None = None
    at: float = 0.0

    @property
    def took(self) -> float:
        """The seconds of the whole run."""
        return self.start + self.seconds


_NUMBERS = [one.name for one in fields(Speed) if one.type in ("int", "float")]
_TEXTS = [one.name for one in fields(Speed) if one.type == "str"]


@cache
def machine() -> str:
    """Return what stands for this machine: its kind and its cores; its name may change with every start."""
    model = platform.processor() or platform.machine()
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{os.cpu_count() or 1} x {model}"


def place(root: Path, output_dir: str | None) -> Path:
    """Return where the speeds of runs are kept that write to ``root``, which ``output_dir`` named, if anything."""
    return root.parent / BESIDE if output_dir is None else Path(output_dir) / HOME / WITHIN


def read(path: Path) -> list[Speed]:
    """Return what is remembered of runs on this machine, the latest last; nothing where the file is of no use."""
    try:
        data = json.loads(real_files.read_bytes(path, LIMIT))
        runs = data["runs"] if data["schema"] == SCHEMA else []
        found = [_speed(one) for one in runs[-MOST:]]
    except (OSError, PosecfgError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return [one for one in found if one is not None and one.machine == machine()]


def add(path: Path, speed: Speed) -> None:
    """Remember one more run; nothing is raised, and of two runs that end together one may be lost."""
    aside = path.with_name(f"{path.name}-{process.unique()}")
    try:
        kept = [*_all(path), asdict(speed)][-MOST:]
        real_files.require_folders(path)
        # Not over anything, and through no link.
        with aside.open("x", encoding="utf-8") as file:
            json.dump({"schema": SCHEMA, "runs": kept}, file, indent=1)
        os.replace(aside, path)
    except (OSError, PosecfgError, ValueError):
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def _all(path: Path) -> Iterable[Any]:
    """Return the entries of all machines, which share the file where they share the disk."""
    try:
        data = json.loads(real_files.read_bytes(path, LIMIT))
        return [one for one in data["runs"] if _speed(one) is not None] if data["schema"] == SCHEMA else []
    except (OSError, PosecfgError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _speed(data: Any) -> Speed | None:
    """Return one entry, None for one that cannot be reckoned with."""
    try:
        found = Speed(**data)
        numbers = [getattr(found, name) for name in _NUMBERS]
        texts = [getattr(found, name) for name in _TEXTS]
        sizes = [found.estimated or 0.0, *found.bytes.values()]
        fits = all(isinstance(number, int | float) and isfinite(number) and number >= 0 for number in numbers + sizes)
    except (TypeError, AttributeError):
        return None
    whole = fits and all(isinstance(text, str) for text in texts) and found.frames > 0 and found.seconds > 0
    return found if whole and found.clips > 0 else None
