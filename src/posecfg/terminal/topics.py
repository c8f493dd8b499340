"""Build the pages of the verb ``help``: groups, options and keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from posecfg.terminal.layout import command, faint, strong, table, wrapped

SIDE = 44
"""Most columns of a key beside which stands what it may be."""


def page(topics: Sequence[Mapping[str, Any]], width: int) -> str:
    """Return the text of what was found for one word."""
    kinds = {"group": _group, "option": _option}
    parts = [kinds[one["kind"]](one, width) for one in topics if one["kind"] in kinds]
    keys = [one for one in topics if one["kind"] == "key"]
    if keys:
        parts.append(_entries(keys, width))
    return "\n".join(parts)


def _group(one: Mapping[str, Any], width: int) -> str:
    group, usual = one["group"], one["usual"]
    choose = f"'{group}=[NAME,NAME]'" if one["several"] else f"{group}=NAME"
    facts = [f"one or several, chosen with {choose}" if one["several"] else f"chosen with {choose}"]
    if one["part_of"]:
        facts.append(f"a part of {' or '.join(one['part_of'])}")
    elif group != "experiment":
        facts.append(f"{' and '.join(usual)} where nothing is chosen" if usual else "none where nothing is chosen")
    rows = [(row["name"], row["sentence"]) for row in one["options"]]
    text = f"{strong(group)}\n{wrapped('; '.join(facts), width, 2)}\n{table(rows, width)}"
    if rows:
        example = next((name for name in usual if name != "none"), rows[0][0])
        text += f"\n{wrapped(f'The keys of one of them: posecfg help {group}={example}', width)}"
    if one["parts"]:
        text += wrapped(f"Its parts: {', '.join(f'posecfg help {part}' for part in one['parts'])}", width)
    return text


def _option(one: Mapping[str, Any], width: int) -> str:
    group, name = one["group"], one["option"]
    title = f"{group}=[{name}]" if one["several"] else f"{group}={name}"
    text = f"{strong(title)}\n{wrapped(one['sentence'], width, 2)}"
    if one["example"]:
        text += f"\n{command(one['example'], width, 2)}"
    if one["chooses"]:
        text += f"\n{strong('chooses')}\n{wrapped('  '.join(one['chooses']), width, 2)}"
    if one["parts"]:
        rows = [(f"{part['group']}={part['option']}", f"posecfg help {part['group']}") for part in one["parts"]]
        text += f"\n{strong('parts')}\n{table(rows, width)}"
    if one["keys"]:
        title = "sets" if one["chooses"] else "keys"
        text += f"\n{strong(title)}\n{_entries(one['keys'], width, 2)}"
    elif not one["parts"]:
        text += "\nIt has no keys.\n"
    return text


def _entries(keys: Sequence[Mapping[str, Any]], width: int, indent: int = 0) -> str:
    """Return each key with its default, what it may be, and its comment; one for several stands below the last."""
    names = [f"{key['key']}={key['default']}" for key in keys]
    first = max((len(name) for name in names if len(name) <= SIDE), default=0) + 3
    text = ""
    for number, (name, key) in enumerate(zip(names, keys, strict=True)):
        text += _line(name, _expected(key), first, width, indent)
        if number + 1 < len(keys) and keys[number + 1].get("shared"):
            continue
        text += _comment(key, width, indent + 4)
        if key.get("of"):
            text += wrapped(f"of {', '.join(key['of'])}", width, indent + 4)
        if key.get("followed_by"):
            text += wrapped(f"taken over by {', '.join(key['followed_by'])}", width, indent + 4)
        text += "\n" if not indent and number + 1 < len(keys) else ""
    return text


def _line(name: str, expected: str, first: int, width: int, indent: int) -> str:
    """Return a key with its default and what it may be, on one line where there is room."""
    blank = " " * indent
    if len(name) < first and indent + first + len(expected) <= width:
        return f"{blank}{strong(name)}{' ' * (first - len(name))}{faint(expected)}".rstrip() + "\n"
    key, _, default = name.partition("=")
    if indent + len(name) > width:
        text = f"{blank}{strong(f'{key}=')}\n{wrapped(default, width, indent + 6)}"
    else:
        text = f"{blank}{strong(name)}\n"
    return text + "".join(f"{faint(line)}\n" for line in wrapped(expected, width, indent + 4).splitlines())


def _expected(key: Mapping[str, Any]) -> str:
    given = {"???": "must be given"}.get(key["default"], "")
    return ", ".join(filter(None, (key["expected"], given)))


def _comment(key: Mapping[str, Any], width: int, indent: int) -> str:
    """Return the comment of a key; where it tells of each choice, one row for each."""
    comment, expected = str(key["comment"]), str(key["expected"])
    if expected and comment.startswith(expected):
        comment = comment.removeprefix(expected).lstrip(": ")
    heads = [match for word in key["choices"] if (match := _head(word, comment))]
    if len(heads) < 2 or len(heads) < len(key["choices"]) - ("true" in key["choices"]):
        return wrapped(comment, width, indent)
    heads.sort(key=lambda match: match.start())
    ends = [match.start() for match in heads[1:]] + [len(comment)]
    rows = [(match[1], comment[match.end() : end].strip(" ;")) for match, end in zip(heads, ends, strict=True)]
    before = comment[: heads[0].start()].strip(" ;")
    return (wrapped(before, width, indent) if before else "") + table(rows, width, indent)


def _head(word: str, comment: str) -> re.Match[str] | None:
    return re.search(rf"(?:^|; |\. )({re.escape(word)}): ", comment)
