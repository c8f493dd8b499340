"""The order of names as a reader expects it: numbers by their size, letters with and without accents together."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(r"([0-9]{1,18})")


def by_name(name: str) -> tuple[tuple[str | int, ...], str]:
    """Return what to sort a name by: clip9 is before clip10, and Ärger before zebra."""
    plain = name if name.isascii() else "".join(map(_letter, unicodedata.normalize("NFD", name)))
    # Texts and numbers take turns, so that like is compared with like.
    parts = _NUMBER.split(plain.casefold())
    return tuple(int(part) if number % 2 else part for number, part in enumerate(parts)), name


def _letter(mark: str) -> str:
    return "" if unicodedata.combining(mark) else mark
