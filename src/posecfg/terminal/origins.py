"""Print where the value of a key comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from posecfg.config.quoting import brief
from posecfg.config.signatures import shown
from posecfg.terminal.layout import faint, strong, table, wrapped
from posecfg.text import printable, shortened

LONGEST = 28
"""Characters of a value in a column."""
NAMED = 20


def title(overrides: Sequence[str]) -> str:
    """Return the line above what is told of one job of a sweep."""
    return f"\n{faint(printable(' '.join(map(brief, overrides))))}\n"


def page(told: Mapping[str, Any], width: int) -> str:
    """Return what there is to say of a key, then of each key whose value it takes over."""
    first, *others = _chain(told)
    return "\n".join([_block(first, width) + _keys(first, width), *(_block(one, width) for one in others)])


def _chain(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield told
    for one in told["follows"]:
        yield from _chain(one)


def _block(told: Mapping[str, Any], width: int) -> str:
    is_section = isinstance(told["value"], dict)
    value = "" if is_section else f" is {printable(_text(told['value']))}"
    text = f"{strong(told['key'])}{value}\n"
    lost = [_row(one) for one in told["lost"]]
    rows = [] if is_section else [_row(told["set_by"]), *((f"not {name}", where) for name, where in lost)]
    text += table(rows, width)
    if told["asks"]:
        text += wrapped(f"The environment is asked for {', '.join(told['asks'])}.", width, 2)
    return text


def _keys(told: Mapping[str, Any], width: int) -> str:
    """Return the names of what is below a group or a section."""
    few, rest = told["keys"][:NAMED], len(told["keys"]) - NAMED
    more = f" and {rest} more" if rest > 0 else ""
    return wrapped(f"Keys: {', '.join(few)}{more}.", width, 2) if few else ""


def _row(one: Mapping[str, Any]) -> tuple[str, str]:
    where = one["where"] + (f"; {one['void']}" if one["void"] else "")
    return shortened(_text(one["value"]), LONGEST), printable(where)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_text(one)}" for key, one in value.items()) + "}"
    return value if isinstance(value, str) else shown(value)
