"""What the YAML files say of themselves: their sentence, their command, and each key with its comment.

They are read as text: quick, and comments are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from posecfg.config.options import LISTS, conf_dir, files
from posecfg.text import printable

COMMAND = re.compile(r"(?:python run\.py|posecfg)(?: |$)")
LINE = re.compile(r"( *)(\w+):(?: +(?!#)(.*?))?(?: +# (.*))?$")
CHOSEN = re.compile(r" *- (?:override )?/?([\w/]+)(?:: (.+))?$")
REFERS = re.compile(r"\$\{([\w.]+)\}")
SKIPPED = ("defaults", "_target_")


class Key(NamedTuple):
    """One value of a YAML: its name with those above it, what stands there, and its comment.

    A key without a comment has that of the key above it, which ``shared`` tells, or, where it takes over the value of
    another, says so.
    """

    name: str
    value: str
    comment: str = ""
    shared: bool = False


class Page(NamedTuple):
    """One YAML file: what it says first, what it chooses of other groups, the class behind it, and its keys."""

    sentence: str
    command: str
    chosen: tuple[tuple[str, str], ...]
    target: str
    keys: tuple[Key, ...]


def read(text: str, sharing: bool = True) -> Page:
    """Read the text of a YAML file; ``sharing`` tells that a comment may stand for several keys."""
    # What a plugin says is printed, and must not control the terminal.
    text = "\n".join(map(printable, text.splitlines()))
    head, body = _head(text)
    sentences = [line for line in head if not COMMAND.match(line)]
    command = next((line for line in head if COMMAND.match(line)), "")
    target = re.search(r"^_target_: *(\S+)", text, re.MULTILINE)
    return Page(
        " ".join(sentences), command, tuple(_chosen(body)), target[1] if target else "", tuple(_keys(body, sharing))
    )


def _head(text: str) -> tuple[list[str], list[str]]:
    """Split off the first lines, which speak of the whole file."""
    lines = [line for line in text.splitlines() if not line.startswith("# @package")]
    end = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return [line.strip("# ") for line in lines[:end]], lines[end:]


def _chosen(body: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what the list of defaults chooses; the name alone is another option of the same group."""
    inside = False
    for line in body:
        if inside and (match := CHOSEN.match(line)):
            if match[1] != "_self_":
                yield (match[1], match[2].strip()) if match[2] else ("", match[1])
        elif line and not line.lstrip().startswith("#"):
            inside = line.startswith("defaults:")


def _keys(body: list[str], sharing: bool) -> Iterator[Key]:
    above, last, places = list[str](), "", list[tuple[int, str]]()
    for line in body:
        if line.lstrip().startswith("#"):
            above.append(line.strip("# "))
            continue
        match = LINE.match(line)
        if match is None:
            above, last = [], ""
            continue
        indent, name, value, beside = len(match[1]), match[2], match[3] or "", match[4] or ""
        places = [(depth, one) for depth, one in places if depth < indent]
        own = "; ".join(filter(None, (" ".join(above), beside)))
        full = ".".join([*(one for _, one in places), name])
        if name not in SKIPPED and not full.startswith("hydra") and value not in ("", "{}"):
            told = own or _followed(value)
            yield Key(full, value, told or last, bool(last and not told))
        if not value:
            places.append((indent, name))
        last = " ".join(above) or ("" if own else last)
        last = last if sharing else ""
        above = []


def _followed(value: str) -> str:
    match = REFERS.fullmatch(value)
    return f"That of {match[1]}, unless it is set here." if match else ""


@cache
def page(group: str, name: str, config_dir: str | None = None) -> Page | None:
    """Return what the file of an option says; None where there is none, or it is no text."""
    for where, option, file in files(config_dir):
        if (where, option) == (group, name):
            try:
                return read(file.read_text("utf-8"), group != "experiment")
            except (OSError, ValueError):
                return None
    return None


def leaves_open(group: str, experiment: str, config_dir: str | None = None) -> bool:
    """Tell whether an experiment, with those that it builds on, chooses nothing of a group.

    A file that may choose of it in words that are not read here counts as one that does.
    """
    file = next((file for where, name, file in files(config_dir) if (where, name) == ("experiment", experiment)), None)
    text = "" if file is None else file.read_text("utf-8", "replace")
    if file is None or re.search(rf"^ *-.*\b(?:{group}|experiment)\b", text, re.MULTILINE):
        return False
    bases = re.findall(r"^ *- *(\w+) *$", text, re.MULTILINE)
    return all(leaves_open(group, base, config_dir) for base in bases if base not in ("_self_", experiment))


@cache
def root() -> Page:
    """Return what config.yaml says."""
    return read((conf_dir() / "config.yaml").read_text("utf-8"))


def told_knobs() -> list[tuple[str, str]]:
    """Return the knobs with their defaults, and their comments: "" where that of the one above stands for both."""
    return [(f"{key.name}={key.value}", "" if key.shared else key.comment) for key in root().keys]


def usual(group: str) -> list[str]:
    """Return the options of a group that are chosen where nothing is typed."""
    return names(next((name for where, name in root().chosen if where == group), "null"))


def names(value: str) -> list[str]:
    """Return the names of options in a value of a list of defaults."""
    return [name for name in re.split(r"[\[\], ]+", value) if name and name != "null"]


def place(group: str, name: str) -> str:
    """Return where the keys of an option are typed: ``sampler``, ``detector.pose``, ``writer.npy``."""
    return f"{group}.{name}" if group in LISTS else group.replace("/", ".")
