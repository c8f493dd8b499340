"""Make clip ids: the keys of outputs come from data, so they are made safe, distinct and stable."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from array import array
from collections.abc import Collection, Mapping
from itertools import pairwise

from posecfg.errors import ConfigError
from posecfg.layout import HOME

LONGEST = 200
"""Bytes of one part of an id; writers add prefixes and suffixes, and file systems stop at 255."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:([\\/]|$)")
_DIGITS = re.compile(r"(\d+)")
_TAILS = (0, 0, 8, 16, 64)
"""Numbers of hexadecimal digits that ``distinct`` appends, one for each level."""


def _problem(identifier: str) -> str | None:
    if not identifier:
        return "it is empty"
    if _UNPRINTABLE.search(identifier):
        return "it holds a control character or is not valid Unicode"
    if identifier.startswith(("/", "\\\\")) or _DRIVE.match(identifier):
        return "it is absolute"
    parts = identifier.split("/")
    if "" in parts:
        return "it has an empty part"
    if ".." in re.split(r"[\\/]", identifier) or "." in parts:
        return "it has a part '.' or '..'"
    if any(part.casefold() == HOME for part in parts):
        return f"'{HOME}' belongs to the run itself"
    if len(identifier) * 4 > LONGEST and any(len(part.encode()) > LONGEST for part in parts):
        return f"it has a part of more than {LONGEST} bytes"
    return None


def safe(identifier: str) -> str:
    """Return ``identifier``; raise an error if it could leave the output folder, or is no valid file name."""
    problem = _problem(identifier)
    if problem:
        raise ConfigError(
            f"Expected a clip id such as 'folder/name', made of file names inside the output folder, "
            f"but got {identifier!r}: {problem}."
        )
    return identifier


def printable(text: str) -> str:
    r"""Write control characters and undecodable bytes of a file name as ``\n`` and ``\udce9``."""
    return _UNPRINTABLE.sub(lambda found: ascii(found.group())[1:-1], text)


def legible(name: str, room: int = LONGEST) -> str:
    """Return a safe id that is as close to a relative file name as possible."""
    text = printable(name)
    if len(text) * 4 > room:
        text = "/".join(_shortened(part, room) for part in text.split("/"))
    if _problem(text):
        text = text.replace("\\", "_").replace(":", "_")
    return text


def _shortened(part: str, room: int) -> str:
    raw = part.encode()
    if len(raw) <= room:
        return part
    return raw[: room - 9].decode(errors="ignore") + "~" + hashlib.sha256(raw).hexdigest()[:8]


def distinct(wanted: Mapping[str, str]) -> dict[str, str]:
    """Give each file name (posix, relative) an id: the wanted one, unless another file wants the same.

    All names whose ids would be equal, also on a file system that ignores case and Unicode form, keep their full name;
    full names that are still equal get a digest appended. The result depends on the set of names, not on their order.
    """
    levels: dict[str, int] = {}
    given = {name: legible(text) for name, text in wanted.items()}
    while True:
        rising = [name for group in _groups(given) for name in _lowest(group, levels)]
        if not rising:
            return given
        for name in rising:
            levels[name] = levels.get(name, 0) + 1
            given[name] = _tailed(name, _TAILS[levels[name]])


def changed(names: Collection[str]) -> dict[str, str]:
    """Return the ids that ``distinct`` gives to names that want themselves, without those that are the name itself.

    They are few, and names may be millions.
    """
    other = {name: text for name in names if (text := legible(name)) != name}
    hashes = sorted(array("q", (hash(_folded(other.get(name, name))) for name in names)))
    if all(one != following for one, following in pairwise(hashes)):
        return other
    return {name: text for name, text in distinct({name: name for name in names}).items() if text != name}


def _groups(given: Mapping[str, str]) -> list[list[str]]:
    """Return the names whose ids would be equal, in groups; only those are held, since nearly all ids are distinct."""
    seen: set[int] = set()
    twice: set[int] = set()
    for text in given.values():
        key = hash(_folded(text))
        (twice if key in seen else seen).add(key)
    groups: dict[str, list[str]] = {}
    for name, text in given.items() if twice else ():
        folded = _folded(text)
        if hash(folded) in twice:
            groups.setdefault(folded, []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def _lowest(group: list[str], levels: Mapping[str, int]) -> list[str]:
    """Return the names of ``group`` at the lowest level that can still be raised."""
    least = min(levels.get(name, 0) for name in group)
    return [name for name in group if levels.get(name, 0) == least < len(_TAILS) - 1]


def _tailed(name: str, digits: int) -> str:
    if not digits:
        return legible(name)
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
    return f"{legible(name, LONGEST - digits - 1)}~{digest[:digits]}"


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def natural(text: str) -> tuple[list[str | int], str]:
    """Return the sort key that puts ``clip2`` before ``clip10`` and keeps folders together."""
    pieces: list[str | int] = list(_DIGITS.split(text.casefold().replace("/", "\0")))
    pieces[1::2] = [int(digits) for digits in pieces[1::2]]
    return pieces, text


def stem(name: str) -> str:
    """Return a posix file name without its last suffix; a name of only dots and a suffix stays whole."""
    head, dot, _ = name.rpartition(".")
    last = head.rpartition("/")[2]
    return head if dot and "/" not in name[len(head) :] and last.strip(".") else name


def suffix(name: str) -> str:
    """Return the last suffix of a posix file name in lower case, without the dot; empty if there is none."""
    return name[len(stem(name)) + 1 :].lower()
