"""Words of a shell's line, as completion sees them: cut, without quotes, and with them again."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

BREAKS = " \t\n\"'@><=;|&(:"
"""Characters at which bash cuts words for completion."""
_SPECIAL = re.compile(r"([^\w@%+=:,./~\[\]{}-])")


def split_line(line: str) -> tuple[list[str], str]:
    """Return the words of a line without their quotes, the last of which is unfinished, and that one as typed."""
    words, raw, quote = [""], "", ""
    started, escape = False, False
    for character in line:
        if escape:
            words[-1], raw, escape = words[-1] + character, raw + character, False
        elif character == "\\" and quote != "'":
            raw, escape, started = raw + character, True, True
        elif quote:
            raw += character
            if character == quote:
                quote = ""
            else:
                words[-1] += character
        elif character in "'\"":
            quote, raw, started = character, raw + character, True
        elif character in " \t\n":
            if started or words[-1]:
                words.append("")
            raw, started = "", False
        else:
            words[-1], raw = words[-1] + character, raw + character
    return words, raw


def escaped(word: str, raw: str, breaks: str) -> str:
    """Return what bash puts in the place of the part of ``raw`` behind its last break, so that ``word`` is meant."""
    if raw[:1] in ("'", '"'):
        return word
    cut = max((raw.rfind(character) for character in breaks), default=-1) + 1
    return _SPECIAL.sub(r"\\\1", word[cut:])


def without_program(words: Sequence[str]) -> list[str]:
    """Leave out the program, ``posecfg`` or ``python run.py``, and variables before it."""
    left = list(words)
    while left and re.match(r"\w+=", left[0]):
        left.pop(0)
    if left and re.fullmatch(r"python[\d.]*", os.path.basename(left[0])):
        left.pop(0)
        while left and not left[0].endswith(".py"):
            left.pop(0)
    return left[1:]
