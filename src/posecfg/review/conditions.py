"""What was different when a clip was made again, and what to type to have it as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from posecfg.pipeline.annotations import FACT
from posecfg.runs.configuration import host
from posecfg.store.clip_record import ClipRecord
from posecfg.store.made_with import APART

_DIGITS = 12
NONE = "none"


def changed(first: ClipRecord, again: ClipRecord, kept: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what differs between the makings of a clip, as JSON values: what, then, now, and what to do."""
    found = [*_inputs(first, again), *_weights(first, again), *_versions(first, again)]
    if first.made.get("device", "") != again.made.get("device", ""):
        then, now = (str(one.made.get("device") or NONE) for one in (first, again))
        found.append(
            _one("device", then, now, f"run it on a machine with this device, or type device={then.split()[0]}")
        )
    old, new = kept.get("host"), host()
    if isinstance(old, dict) and (old.get("name"), old.get("machine")) != (new["name"], new["machine"]):
        names = [f"{one.get('name')} ({one.get('system')}, {one.get('machine')})" for one in (old, new)]
        found.append(_one("machine", names[0], names[1], "bytes are promised on one machine: run it there"))
    return found


def _one(what: str, then: object, now: object, do: str) -> dict[str, str]:
    return {"what": what, "then": str(then), "now": str(now), "do": do}


def _inputs(first: ClipRecord, again: ClipRecord) -> Iterator[dict[str, str]]:
    """Tell other content of the input, of stored poses, and of annotations."""
    if (first.input.bytes, first.input.content) != (again.input.bytes, again.input.content):
        then, now = (f"{one.input.content[:_DIGITS]} ({one.input.bytes:,} bytes)" for one in (first, again))
        place = first.input.path or first.source
        yield _one("input", then, now, f"put the file of then back at '{place}'")
    for what, key in (("stored poses", "depends"), ("annotations", FACT)):
        old, new = _hashes(first.facts.get(key)), _hashes(again.facts.get(key))
        if old != new:
            yield _one(what, "as recorded", "others", "put the files of then back")


def _hashes(known: Any) -> Any:
    """Return what a fact tells of content, without the numbers of the file system."""
    if isinstance(known, dict):
        return {name: _contents(files) for name, files in known.items()}
    return known[-1:] if isinstance(known, list) else known


def _contents(files: Any) -> Any:
    return [one[-1:] if isinstance(one, list) else one for one in files] if isinstance(files, list) else files


def _weights(first: ClipRecord, again: ClipRecord) -> Iterator[dict[str, str]]:
    old, new = _texts(first, "weights"), _texts(again, "weights")
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            then, now = (one.get(name, NONE)[:_DIGITS] for one in (old, new))
            yield _one(
                f"weights {name}", then, now, f"put the weights of then back, or type posecfg models fetch {name}"
            )


def _versions(first: ClipRecord, again: ClipRecord) -> Iterator[dict[str, str]]:
    """Tell other versions: those of libraries that compute first."""
    old, new = _texts(first, "versions"), _texts(again, "versions")
    for name in sorted({*old, *new}, key=lambda name: (name in APART, name)):
        if old.get(name) != new.get(name):
            then, now = old.get(name, NONE), new.get(name, NONE)
            yield _one(name, then, now, _install(name, then))


def _install(name: str, then: str) -> str:
    if name == "python":
        return f"use Python {then}"
    if then == NONE:
        return f"pip uninstall {name}"
    # Where a module comes in packages of several names, the version has them.
    wanted = ["==".join(part.split(" ", 1)) if " " in part else f"{name}=={part}" for part in then.split("+")]
    return f"pip install {' '.join(wanted)}"


def _texts(record: ClipRecord, key: str) -> dict[str, str]:
    found = record.made.get(key)
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
