"""Get one film: whole, checked, and under its name only then."""

from __future__ import annotations

import errno
import http.client
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from posecfg.downloads import mp4
from posecfg.downloads.faults import Busy, Passing, Refused, Stopped
from posecfg.downloads.part import SUFFIX, Part, opened
from posecfg.downloads.request import Answer, Manners, ask, told
from posecfg.errors import OutputError
from posecfg.store.replacing import FULL
from posecfg.text import size

_BLOCK = 1 << 18
Tick = Callable[[int], None]
"""Called with the number of bytes that have come."""


@dataclass(frozen=True)
class Bounds:
    """The fewest and the most bytes of a film."""

    least: int
    most: int


def get(address: str, target: Path, bounds: Bounds, manners: Manners, tick: Tick, stop: Event) -> int:
    """Get the film at ``address`` in one attempt, from where an earlier one ended, and return its size in bytes.

    Raises ``Refused``, ``Passing`` (what came is kept) or ``Stopped``; an ``OutputError`` is one of the disk.
    """
    try:
        _check_place(target)
        with opened(target) as part:
            return _got(part, target, address, bounds, manners, tick, stop)
    except OSError as error:
        full = error.errno in FULL
        advice = "free some space" if full else "make it writable, or name another folder with dataset.videos="
        wrong = f"Expected to write films to '{target.parent}', but got: {error.strerror or error}"
        raise OutputError(f"{wrong}: {advice}, then type the same command again; what has come is kept.") from error


def _check_place(target: Path) -> None:
    """Refuse to fetch what could not get its name; a link to nothing is not among the films that are here."""
    if os.path.lexists(target):
        if mp4.is_whole_file(target):
            raise Busy("another process has just downloaded it")
        what = "link to nothing" if target.is_symlink() and not target.exists() else "file"
        raise Refused(f"a {what} is in its place, '{target}', and is left as it is: move it away")


def _got(part: Part, target: Path, address: str, bounds: Bounds, manners: Manners, tick: Tick, stop: Event) -> int:
    note = part.note()
    if part.size and not note:
        raise Refused(f"'{target.name}{SUFFIX}' beside its place is not from here: move it away")
    mark = str(note.get("mark") or "")
    earlier = part.size if mark and note.get("address") == address else 0
    answer = ask(address, manners, earlier, mark)
    if _is_another(answer, note, earlier):
        if answer.body is not None:
            answer.body.close()
        part.discard()
        raise Passing("the server has another film now than the part that came before")
    if answer.body is not None:
        with answer.body as body:
            _receive(body, part, answer, address, bounds, tick, stop)
    _check(part, answer, bounds)
    found = part.size
    part.finish()
    return found


def _is_another(answer: Answer, note: Mapping[str, Any], earlier: int) -> bool:
    """Tell whether a server goes on with another film than the part that came before is of."""
    if answer.body is None:
        return answer.total != earlier
    before, now = note.get("size"), answer.total
    # A server that does not say what it goes on with may have heard nothing of the mark that was asked for.
    return bool(answer.start) and (answer.mark != note.get("mark") or bool(before and now and before != now))


def _receive(
    body: http.client.HTTPResponse, part: Part, answer: Answer, address: str, bounds: Bounds, tick: Tick, stop: Event
) -> None:
    """Take in what comes; what is no film is refused before a byte of it is written."""
    if answer.total is not None:
        _check_room(answer.total, answer.start, part, bounds)
    head = b""
    if answer.start:
        part.resume()
    else:
        while len(head) < mp4.HEAD and (block := _read(body, mp4.HEAD - len(head))):
            head += block
        if len(head) == mp4.HEAD and not mp4.begins(head):
            raise Refused(f"something else than an MP4 came: it begins with {head!r}")
        part.begin({"address": address, "mark": answer.mark, "size": answer.total})
    came = answer.start
    block = head or _read(body, _BLOCK)
    while block:
        came += len(block)
        if came > bounds.most:
            part.discard()
            raise Refused(f"more than {size(bounds.most)} came, which no film has")
        if answer.total is not None and came > answer.total:
            part.discard()
            raise Passing(_too_long(came, answer.total))
        part.stream.write(block)
        part.stream.flush()
        tick(len(block))
        if stop.is_set():
            raise Stopped
        # Behind the last byte a connection may stay open.
        block = b"" if came == answer.total else _read(body, _BLOCK)


def _read(body: http.client.HTTPResponse, length: int) -> bytes:
    """Return what has come, at most ``length`` bytes, without waiting for more: of a slow server it is all kept."""
    try:
        return body.read1(length)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Passing(told(error)) from error


def _check_room(total: int, start: int, part: Part, bounds: Bounds) -> None:
    if not bounds.least <= total <= bounds.most:
        raise Refused(f"it has {size(total)}, which no film has")
    free = shutil.disk_usage(part.folder).free
    if total - start > free:
        raise OSError(errno.ENOSPC, f"{size(total - start)} are needed, and {size(free)} are free")


def _too_long(came: int, total: int) -> str:
    return f"more came ({came:,} bytes) than the {total:,} that the server tells"


def _check(part: Part, answer: Answer, bounds: Bounds) -> None:
    """Raise what is wrong with a film that has come to its end."""
    if answer.total is not None and part.size < answer.total:
        raise Passing(f"the connection ended after {part.size:,} of {answer.total:,} bytes")
    if answer.total is not None and part.size > answer.total:
        part.discard()
        raise Passing(_too_long(part.size, answer.total))
    whole = mp4.is_whole(part.stream, part.size)
    if not whole and not answer.ends:
        # The server told no size; it may have been cut off.
        part.discard()
        raise Passing(f"the connection ended after {part.size:,} bytes, before the film did")
    if not whole or not bounds.least <= part.size <= bounds.most:
        part.discard()
        raise Refused(f"the {part.size:,} bytes that came are no whole film")
