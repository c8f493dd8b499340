"""Format reasons as lines of text: grouped, with the first names of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from posecfg.reasons import Left, groups, tally
from posecfg.text import count, printable, shortened
from posecfg.types import Excluded

# The command that lists every input that was left out.
ALL = "posecfg plan ... --json"
# Most names shown for one reason, if names are long.
FEW = 3
# A reason that names the setting by which inputs of a usable kind are left out.
_CHOICE = re.compile(r"(.+): ([\w.]+=\S+) takes it")
_LINE = re.compile(r"line (\d+)(?::|$)")


def named(left: Left, most: int) -> tuple[str, int]:
    """Return the first names of ``left`` as text, lines of a table by their number, and how many are not named."""
    lines = [found[1] for name in left.names if (found := _LINE.match(name))]
    if lines and len(lines) == len(left.names):
        shown, more = lines[:most], left.number - len(lines[:most])
        text = f"{'line' if left.number == 1 else 'lines'} {', '.join(shown)}"
    else:
        shown = [shortened(name, 40) for name in left.names[: min(most, FEW)]]
        # One name can stand for many files.
        more = len(left.names) - len(shown)
        text = ", ".join(shown)
    return f"{text} and {more:,} more" if more and text else text, more


def left_out(items: Sequence[Excluded], most: int) -> list[str]:
    """List the inputs that were left out: each one, or, if there are many, each reason with its first names."""
    if len(items) <= most:
        return [f"{shortened(item.name, 50)}: {printable(item.reason)}" for item in items]
    found = sorted(tally(items), key=lambda left: -left.number)
    names = [named(left, most) for left in found]
    lines = [
        f"{left.number:,}: {printable(left.reason)}{f' ({text})' if text else ''}"
        for left, (text, _) in zip(found[:most], names, strict=False)
    ]
    if len(found) > most:
        lines.append(f"{len(found) - most:,} other reasons")
    cut = len(found) > most or any(more for _, more in names)
    return [*lines, f"all of them: {ALL}"] if cut else lines


def briefly_left_out(items: Sequence[Excluded], most: int) -> list[str]:
    """List the inputs that were left out, but those that a setting chooses, such as one of several views, by number."""
    chosen: list[Excluded] = []
    rest: list[Excluded] = []
    for item in items:
        (chosen if _CHOICE.fullmatch(item.reason) else rest).append(item)
    found = sorted(tally(chosen), key=lambda left: -left.number)
    words = [(left.number, _CHOICE.sub(r"\1 (\2 takes them)", printable(left.reason))) for left in found]
    line = "; ".join(f"{number:,} {text}" for number, text in words)
    return [*filter(None, [line]), *left_out(rest, most)]


def failures(clips: Mapping[str, str], most: int) -> list[str]:
    """List failures by reason with the first names of each: at most ``most`` reasons, and the number of others."""
    found = groups(clips)
    lines = [
        f"{len(group.names):,}: {printable(group.reason)} "
        f"({named(Left(group.reason, len(group.names), group.names), FEW)[0]})"
        if len(group.names) > 1
        else f"{shortened(group.names[0], 50)}: {printable(group.reason)}"
        for group in found[:most]
    ]
    return [*lines, f"{count(len(found) - most, 'other reason')}"] if len(found) > most else lines
