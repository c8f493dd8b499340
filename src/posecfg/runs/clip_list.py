"""Read a file that lists ids of clips, one a line, such as the one that a report's page makes of marked clips."""

from __future__ import annotations

import os
import stat
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from posecfg.errors import ConfigError
from posecfg.text import count, shortened, size

MOST = 256_000_000
"""Bytes of a list: a million ids of the longest kind."""
SUFFIX = ".txt"
"""What names of such files end in as a rule."""
_WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class ClipList:
    """The ids in a file, each with its line."""

    path: str
    lines: dict[str, int]

    def among(self, knob: str, known: Container[str]) -> list[str]:
        """Return the ids, which are taken as they stand; one that is not ``known`` is refused."""
        found, strange = list[str](), list[tuple[str, int]]()
        for text, line in self.lines.items():
            # Editors leave blanks at ends of lines; an id may have them, or begin with the sign of a comment.
            name = text if text in known else text.strip()
            if name in known:
                found.append(name)
            elif name and not name.startswith("#"):
                strange.append((name, line))
        if strange:
            name, line = strange[0]
            what = f"'{shortened(name, 300)}'" if len(strange) == 1 else count(len(strange), "clip")
            such = "" if len(strange) == 1 else f" (first '{shortened(name, 300)}')"
            raise ConfigError(
                f"{knob}: '{self.path}' names {what}{such} in line {line}, which this data set does not have: take "
                "such lines out, or name the data set that the list was made of."
            )
        if not found:
            raise ConfigError(f"{knob}: expected ids of clips in '{self.path}', one a line, but it names none.")
        return found


def read(knob: str, name: str) -> ClipList | None:
    """Return what a file lists, or None where no file has this name."""
    path = os.path.expanduser(name)
    try:
        there = os.stat(path)
        if not stat.S_ISREG(there.st_mode):
            return None
    except (OSError, ValueError):
        return None
    if there.st_size > MOST:
        raise ConfigError(
            f"{knob}: expected a list of clips of at most {size(MOST)}, one id a line, but '{name}' has "
            f"{size(there.st_size)}."
        )
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{knob}: the list of clips '{name}' cannot be read: {error.strerror}.") from error
    if raw.startswith(_WIDE):
        raise ConfigError(f"{knob}: expected a list of clips in UTF-8, but '{name}' is UTF-16: save it as UTF-8.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_list(knob, name, error.start) from error
    if "\0" in text:
        raise _no_list(knob, name, raw.index(b"\0"))
    # Ids may hold what else Python takes for the end of a line.
    lines = dict[str, int]()
    for number, line in enumerate(text.split("\n"), 1):
        lines.setdefault(line.removesuffix("\r"), number)
    return ClipList(name, lines)


def _no_list(knob: str, name: str, byte: int) -> ConfigError:
    return ConfigError(
        f"{knob}: expected a list of clips in UTF-8, one id a line, but '{name}' is no text (byte {byte:,})."
    )
