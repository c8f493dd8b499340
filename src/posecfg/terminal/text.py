"""Numbers and names as people read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


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


def size(value: float) -> str:
    """Return bytes as '512 B', '1.4 MB'."""
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return ""


def printable(text: str) -> str:
    """Make control characters visible, so that a file name cannot steer the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shortened(text: str, width: int) -> str:
    """Cut a long name in its middle."""
    text = printable(text)
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{text[:head]}…{text[-(width - 1 - head) :]}"


def left_out(items: Sequence[tuple[str, str]], most: int) -> list[str]:
    """Say which inputs (name, reason) were not taken: each by itself, or counted by reason where there are many."""
    if len(items) <= most:
        return [f"{shortened(name, 50)}: {printable(reason)}" for name, reason in items]
    first: dict[str, str] = {}
    for name, reason in items:
        first.setdefault(reason, name)
    reasons = Counter(reason for _, reason in items).most_common()
    lines = [
        f"{number:,}: {printable(reason)} ({shortened(first[reason], 50)}{' ...' if number > 1 else ''})"
        for reason, number in reasons[:most]
    ]
    return [*lines, f"{len(reasons) - most:,} other reasons (plan --json)"] if len(reasons) > most else lines
