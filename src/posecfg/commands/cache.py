"""The verb ``cache``: list, clear and check the memory of detections.

Exit codes: ``check`` 1 when an entry is damaged, else 0; an unknown action 2.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.errors import OutputError, UsageError
from posecfg.store.memory import Item, Memory, header_of, is_whole
from posecfg.suggestions import hint

ACTIONS = ("list", "clear", "check")
DEFAULT = Path("outputs", ".memory")


def run(command: Command) -> int:
    """Do what the words say, and print what is there, what was removed, or what is damaged."""
    action, folder = _asked(command.words)
    told = {"list": listing, "clear": clear, "check": check}[action](folder)
    if command.json:
        print_json(told)
    else:
        from posecfg.terminal import remembered

        remembered.show(told)
    return 1 if told.get("damaged") else 0


def _asked(words: list[str]) -> tuple[str, Path]:
    """Return the action and the folder of the memory."""
    action, rest = (words[0], words[1:]) if words else ("list", [])
    if action not in ACTIONS:
        text = f"cache has no action '{action}'.{hint(action, ACTIONS)} Type: cache list | clear | check [FOLDER]"
        raise UsageError(text)
    if len(rest) > 1:
        raise UsageError(f"cache {action} takes one folder, but got {len(rest)}: type cache {action} '{rest[0]}'.")
    typed = rest[0].removeprefix("cache=") if rest else ""
    if not typed:
        return action, DEFAULT
    folder = Path(os.path.realpath(Path(typed).expanduser()))
    if not folder.is_dir():
        raise UsageError(
            f"Expected a folder of remembered detections, but there is no folder '{typed}': leave it out for "
            f"'{DEFAULT}', or type the one that cache= named."
        )
    if not os.path.isabs(os.path.expanduser(typed)):
        folder = Path(os.path.relpath(folder))
    return action, _memory(folder, action)


def _memory(folder: Path, action: str) -> Path:
    """Return the memory in an output folder, or in the folder of several; else the folder is a memory itself.

    A folder without one, whose runs share that beside it, is refused: clearing must not reach what others remember.
    """
    for inside in (folder / ".posecfg" / "memory", folder / DEFAULT.name):
        if inside.is_dir():
            return inside
    shared = Path(os.path.normpath(folder / os.pardir / DEFAULT.name))
    if (folder / ".posecfg").is_dir() and shared.is_dir():
        raise UsageError(
            f"Expected a folder with a memory of its own, but '{folder}' has none, as its runs share '{shared}': type "
            f"cache {action} {shlex.quote(str(shared))}."
        )
    return folder


def listing(folder: Path) -> dict[str, Any]:
    """Return what is remembered: one dict an entry, the latest used first."""
    items = sorted(_items(folder), key=lambda item: (-item.used, item.path.name))
    return {"folder": str(folder), **_sums(items), "entries": [_row(item) for item in items]}


def clear(folder: Path) -> dict[str, Any]:
    """Remove all entries."""
    try:
        number, size = Memory(folder, 0).clear()
    except OSError as error:
        raise OutputError(
            f"'{error.filename}' cannot be removed ({error.strerror}): see that '{folder}' may be written to."
        ) from error
    return {"folder": str(folder), "removed": number, "bytes": size}


def check(folder: Path) -> dict[str, Any]:
    """Read every entry, and name those that are damaged: runs take them for none, and make them again."""
    items = _items(folder)
    damaged = [str(item.path) for item in items if not is_whole(item)]
    return {"folder": str(folder), **_sums(items), "damaged": damaged}


def _items(folder: Path) -> list[Item]:
    return list(Memory(folder, 0).items())


def _sums(items: list[Item]) -> dict[str, Any]:
    return {"number": len(items), "bytes": sum(item.bytes for item in items)}


def _row(item: Item) -> dict[str, Any]:
    header = header_of(item)
    if not _is_ours(header):
        # No checksum was read, so that anything may be there.
        header = {}
    row = {"file": item.path.name, "bytes": item.bytes, "used": round(item.used), "kind": header.get("kind")}
    row |= {name: header.get(name) for name in ("clip", "detector", "floor", "frames", "people")}
    return {**row, "state": "damaged" if not header else "whole" if header.get("whole") else "partial"}


def _is_ours(header: dict[str, Any]) -> bool:
    """Tell whether values that are listed are of the kinds that posecfg writes."""
    texts = (header.get(name) for name in ("kind", "clip", "detector"))
    numbers = (header.get(name) for name in ("frames", "people"))
    floor = header.get("floor")
    return (
        all(type(one) is str and one.encode("utf-8", "ignore").decode() == one for one in texts)
        and all(type(one) is int and 0 <= one < 2**53 for one in numbers)
        and isinstance(floor, (int, float))
        and abs(floor) <= 1
    )
