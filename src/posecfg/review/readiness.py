"""Say which detectors and lifters can run here now, and what to type for the others."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg import backends
from posecfg.components.parts import Part, models
from posecfg.config.compose import compose
from posecfg.config.options import files, hosts
from posecfg.errors import PosecfgError
from posecfg.models import registry, store
from posecfg.models.roads import roads
from posecfg.runtimes.providers import PROVIDERS
from posecfg.text import count, printable, size

GROUPS = ("detector", "lifter")
HALVES = ("detector/boxes", "detector/pose")
# Value for a setting without a default: what a component needs does not depend on it.
_PLACE = "FOLDER"


@dataclass(frozen=True)
class Needs:
    """An option of a group, what its YAML says of it, and what it needs before it can run."""

    group: str
    name: str
    what: str
    example: str
    settings: tuple[str, ...]
    parts: tuple[Part, ...] = field(default=(), repr=False)
    refusal: str = ""

    @property
    def packages(self) -> list[str]:
        """The packages that it imports."""
        return list(dict.fromkeys(name for part in self.parts for name in part.facts.packages))

    @property
    def weights(self) -> list[str]:
        """The weights that it loads."""
        return list(dict.fromkeys(name for part in self.parts for name in part.facts.weights))

    @property
    def devices(self) -> list[str]:
        """The devices that all of it can run on, auto aside."""
        known = [part.facts.devices for part in self.parts if part.facts.devices is not None]
        return [name for name in (known[0] if known else ()) if all(name in devices for devices in known)]


def known(groups: Iterable[str] = (*GROUPS, *HALVES)) -> dict[tuple[str, str], Path]:
    """Return the YAML of every option of ``groups``, by group and name."""
    return {(group, name): file for wanted in groups for group, name, file in files() if group == wanted}


def needs(group: str, name: str) -> Needs:
    """Compose the option ``name`` of ``group``, and return what it needs; nothing is imported or opened for it."""
    lines = known([group])[group, name].read_text("utf-8", "replace").splitlines()
    # The file of a plugin may begin with something else.
    head = [printable(line.removeprefix("# ")) for line in lines[:2] if line.startswith("# ")]
    what, example = (*head, "", "")[:2]
    place = group.replace("/", ".")
    settings = tuple(f"{place}.{match[1]}" for line in lines if (match := re.match(r"(\w+): *\?\?\?", line)))
    told = (group, name, what.rstrip("."), example, settings)
    host = [hosts(group)[0]] if "/" in group else []
    try:
        (job,) = compose([*host, f"{group}={name}", *(f"{key}={_PLACE}" for key in settings)])
        found = Needs(*told, tuple(part for part in models(job.config) if _belongs(part.where, place)))
        return found if [part.facts for part in found.parts] else Needs(*told)
    except PosecfgError as error:
        return Needs(*told, (), str(error))


def _belongs(where: str, place: str) -> bool:
    return where == place or where.startswith(f"{place}.")


def rows(wanted: Sequence[Needs], examined: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one dict an option, with the keys of the rows ``examined``, those of ``review.doctor``.

    ``detail`` is what it lacks and ``advice`` what to type, both "" where ``ok``; ``settings`` are keys that a run must
    be given, ``elsewhere`` are devices for which the installed ONNX Runtime is not built, ``instead`` is an override
    for a run without weights that are missing.
    """
    found = [row for row in examined if row["kind"] == "backend"]
    wrong = {row["name"]: (row["detail"], row["advice"]) for row in found if not row["ok"]}
    built = next((row["providers"] for row in found if row["name"] == "onnxruntime" and row["ok"]), None)
    return [_row(one, wrong, built if "onnxruntime" in one.packages else None) for one in wanted]


def _row(one: Needs, wrong: Mapping[str, tuple[str, str]], built: Sequence[str] | None) -> dict[str, Any]:
    broken = {name: found for name in one.packages if (found := _package(name, wrong))}
    absent = [entry for name in one.weights if (entry := registry.entry(name)) and _is_missing(entry, broken)]
    states = [status for name in one.weights if (status := store.status(name)).state in ("wrong", "untrusted")]
    lacks = [f"{name}: {detail}" for name, (detail, _) in broken.items()]
    lacks += [_weights(absent)] if absent else []
    lacks += [f"{status.name} is {status.state}" for status in states]
    advice = [text for _, text in broken.values()] + ([roads(absent)] if absent else [])
    advice += [status.advice for status in states]
    refusal = one.refusal or ("" if broken else _refusal(one.parts))
    elsewhere = [name for name in one.devices if built is not None and PROVIDERS.get(name) not in built]
    return {
        "kind": one.group,
        "name": one.name,
        "ok": not lacks and not refusal,
        "required": False,
        "detail": "; ".join(filter(None, [*lacks, refusal])),
        "advice": " && ".join(dict.fromkeys(filter(None, advice))),
        "what": one.what,
        "example": one.example,
        "settings": list(one.settings),
        "packages": one.packages,
        "weights": one.weights,
        "devices": [name for name in one.devices if name not in elsewhere],
        "elsewhere": elsewhere,
        "instead": " ".join(dict.fromkeys(entry.instead for entry in absent if entry.instead)),
    }


def _package(name: str, wrong: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Return what is wrong with a package and what to type, or None where it works."""
    newest, here = backends.NEWEST.get(name), sys.version_info[:2]
    if newest is not None and here > newest and not backends.present(name):
        python = f"Python {newest[0]}.{newest[1]}"
        return f"it has no wheel for Python {here[0]}.{here[1]}, so make an environment with {python}", ""
    if name in wrong:
        return wrong[name]
    return None if backends.present(name) else ("not installed", backends.advice(name))


def _is_missing(entry: registry.Entry, broken: Mapping[str, Any]) -> bool:
    """Tell whether weights are to be got; those inside a package come with it."""
    return entry.inside not in broken and store.status(entry.name).state == "missing"


def _weights(absent: Sequence[registry.Entry]) -> str:
    total = sum(entry.bytes or entry.about for entry in absent)
    told = size(total) if all(entry.bytes for entry in absent) else f"~{total / 1e6:.0f} MB"
    what = "weights missing" if len(absent) == 1 else f"{count(len(absent), 'file')} of weights missing"
    return f"{what}, {told}"


def _refusal(parts: Iterable[Part]) -> str:
    """Return why packages that are here cannot do what is asked, or ""."""
    try:
        for part in parts:
            if part.facts.ready is not None:
                part.facts.ready()
    except PosecfgError as error:
        return str(error)
    return ""


def related(wanted: Iterable[Needs]) -> list[str]:
    """Return the weights that these options can load, those that they load as they are first."""
    found = [name for one in wanted for name in one.weights]
    begins = [f"{one.group}={one.name}" for one in wanted]
    for entry in registry.load().values():
        if any(words == begin or words.startswith(f"{begin} ") for words in entry.used_by for begin in begins):
            found.append(entry.name)
    return list(dict.fromkeys(found))
