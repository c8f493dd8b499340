"""Names of TotalCapture's films: subjects, actions and cameras as published."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from posecfg.errors import ConfigError

ALL = tuple(f"{kind}{take}" for kind in ("acting", "freestyle", "rom", "walking") for take in (1, 2, 3))
FEW = ("acting3", "freestyle1", "freestyle3", "rom3", "walking2")
ACTIONS = {"S1": ALL, "S2": ALL, "S3": ALL, "S4": FEW, "S5": FEW}
CAMERAS = tuple(range(1, 9))

Values = int | str | Sequence[int | str] | None
"""A filter as the user types it: null, one value or a list."""

_NAME = re.compile(r"(?:TC_)?S(?P<subject>\d+)_(?P<action>[A-Z]+\d+)_CAM(?P<camera>\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Take:
    """One camera's film of one action by one subject."""

    subject: str
    action: str
    camera: int

    @property
    def group(self) -> str:
        """Name that all cameras of a take share."""
        return f"{self.subject}/{self.action}"

    @property
    def order(self) -> tuple[int, str]:
        """Sort key: the place of the take among all."""
        return int(self.subject[1:]), self.action

    @property
    def id(self) -> str:
        """Clip id, ``S1/acting1/S1_acting1_cam1``."""
        return f"{self.group}/{self.subject}_{self.action}_cam{self.camera}"


def parse(stem: str) -> Take | None:
    """Parse a file name without suffix; return None if it is not one of TotalCapture."""
    found = _NAME.fullmatch(stem)
    if not found:
        return None
    return Take(f"S{int(found['subject'])}", found["action"].lower(), int(found["camera"]))


def subjects(values: Values) -> tuple[str, ...] | None:
    """Read a filter of subjects, ``1`` or ``S1``."""
    return _each("subjects", values, lambda text: f"S{text.upper().removeprefix('S')}", tuple(ACTIONS))


def actions(values: Values) -> tuple[str, ...] | None:
    """Read a filter of actions; a name without a number stands for its three takes."""
    wide: list[str] = []
    for value in _list(values):
        name = str(value).lower()
        wide += [f"{name}{take}" for take in (1, 2, 3)] if f"{name}1" in ALL else [name]
    return None if values is None else _each("actions", wide, str, ALL)


def cameras(values: Values) -> tuple[int, ...] | None:
    """Read a filter of cameras, ``1`` or ``cam1``."""
    names = _each("cameras", values, lambda text: text.lower().removeprefix("cam"), tuple(map(str, CAMERAS)))
    return None if names is None else tuple(map(int, names))


def start(value: str | None) -> tuple[int, str] | None:
    """Read ``S2`` or ``S2/freestyle1`` as a value to compare with ``Take.order``."""
    if value is None:
        return None
    subject, _, action = str(value).strip("/").partition("/")
    who = _each("start_from", [subject], lambda text: f"S{text.upper().removeprefix('S')}", tuple(ACTIONS)) or ("",)
    if action:
        action = (_each("start_from", [action], str.lower, ACTIONS[who[0]]) or ("",))[0]
    return int(who[0][1:]), action


def absent(found: Iterable[Take], wanted: Callable[[Take], bool]) -> list[str]:
    """Return the actions and cameras that the published set has and ``found`` lacks, for the subjects in ``found``."""
    takes = set(found)
    groups = {take.group for take in takes}
    names: dict[str, None] = {}
    for subject in sorted({take.subject for take in takes}):
        for take in (Take(subject, a, c) for a in ACTIONS.get(subject, ()) for c in CAMERAS):
            if take not in takes and wanted(take):
                names[f"{take.group}/cam{take.camera}" if take.group in groups else take.group] = None
    return list(names)


def _list(values: Values) -> Sequence[int | str]:
    if values is None:
        return []
    return [values] if isinstance(values, int | str) else values


def _each(name: str, values: Values, read: Callable[[str], str], known: Sequence[str]) -> tuple[str, ...] | None:
    if values is None:
        return None
    chosen = []
    for value in _list(values):
        text = read(str(value))
        if text not in known:
            near = difflib.get_close_matches(text, known, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise ConfigError(f"Expected dataset.{name} among {', '.join(known)}, but got '{value}'.{hint}")
        chosen.append(text)
    return tuple(chosen)
