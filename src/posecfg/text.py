"""Format numbers, names and errors for users, and read the times that they type."""

from __future__ import annotations

import re

from posecfg.errors import PosecfgError

# Most characters of an error that are shown.
LONGEST = 2000
# Marks that join and part letters of Persian names and parts of emoji: they are not seen, and control nothing.
JOINERS = "\u200c\u200d"
# What makes a spreadsheet take a cell for a formula, which may be a command.
FORMULAS = ("=", "+", "-", "@")


def count(number: int, noun: str) -> str:
    """Return '1 clip', '2 clips', '1,234 clips'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def seconds(value: float) -> str:
    """Return a duration as '0.4 s', '42 s', '3 min 05 s' or '2 h 07 min'."""
    if value < 10:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def parse_time(text: str) -> float | None:
    """Return the seconds of 'hh:mm:ss' or 'mm:ss', with or without a fraction, or None where it is no such time."""
    match = re.fullmatch(r"(?:([0-9]{1,4}):(?=[0-5]?[0-9]:))?([0-9]{1,4}):([0-5]?[0-9](?:\.[0-9]*)?)", text.strip())
    return int(match[1] or 0) * 3600.0 + int(match[2]) * 60.0 + float(match[3]) if match else None


def size(value: float) -> str:
    """Return bytes as '512 B', '1.4 MB'."""
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return ""


def two_digits(value: float) -> str:
    """Return a number rounded to two digits, without an exponent: '0.25', '19', '110', '4,100'."""
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def printable(text: str) -> str:
    """Make control characters visible, so that a file name cannot control the terminal."""
    return "".join(c if c.isprintable() or c in JOINERS else c.encode("unicode_escape").decode() for c in text)


def text_cell(text: str) -> str:
    """Return a text for a table that a spreadsheet takes for no formula: '=1+1' gets an apostrophe before it."""
    return f"'{printable(text)}" if text.startswith(FORMULAS) else printable(text)


def shortened(text: str, width: int) -> str:
    """Shorten a long name in its middle to ``width`` characters."""
    text = printable(text)
    if len(text) <= width:
        return text
    head = max(0, width - 1) // 2
    return f"{text[:head]}…{text[len(text) - max(0, width - 1 - head) :]}"


def shown(value: object, width: int = 200) -> str:
    """Return a value of any kind as one short text, for a sentence about it."""
    try:
        text = repr(value)
    except Exception:
        text = f"a value of {type(value).__name__}"
    return shortened(text, width)


def sentence(error: BaseException) -> str:
    """Return an error as one line of limited length, with its type if it is not an error of posecfg."""
    text = " ".join(str(error).split())
    if not isinstance(error, PosecfgError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ... ({len(text):,} characters)"
