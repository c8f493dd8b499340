"""What may stand next on a command line, found from the text of the YAML files: nothing is composed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from posecfg.commands.flags import ALWAYS, FLAGS, flags_of, valued
from posecfg.commands.verbs import VERBS
from posecfg.config.chosen import Chosen
from posecfg.config.options import options

ROOM = 90
"""Most characters of what is told of a candidate."""
VIEW = ("rows", "view", "kpt_thr", "skeleton", "array", "fps", "keypoints3d")
MODELS = {
    "list": "all weights, and whether they are here",
    "show": "all that is known of weights",
    "fetch": "download weights",
    "export": "make graphs that are not published",
    "verify": "hash what is here and compare",
    "trust": "accept a hash of weights that have no published one",
}
PATHS = ("path", "output_dir", "dir", "mmpose", "videos", "images", "frames", "weights", "checkpoint", "annotations")


class Candidate(NamedTuple):
    """A whole word, and what is told of it."""

    word: str
    told: str = ""


def candidates(words: Sequence[str], current: str) -> list[Candidate]:
    """Return what may stand in the place of ``current`` behind ``words``; the first that is no flag may be a verb."""
    config_dir = _value(words, "config_dir")
    plain = _plain(words)
    verb = plain[0] if plain and plain[0] in VERBS else ""
    found = _of_flag(words, current, plain, config_dir)
    if found is None and current.startswith("-"):
        flags = flags_of(VERBS[verb].flags, VERBS[verb].composes) if verb else FLAGS
        found = [Candidate(name, flag.sentence) for flag in (*flags, *ALWAYS) for name in flag.names]
    if found is None:
        found = list(_words(verb or "run", plain, current, config_dir if os.path.isdir(config_dir or "") else None))
    fit = {one.word: one for one in found if one.word.startswith(current)}
    return [Candidate(one.word, _short(one.told)) for one in fit.values()]


def _words(verb: str, plain: Sequence[str], current: str, config_dir: str | None) -> Iterator[Candidate]:
    rest = plain[1:] if plain and plain[0] == verb else plain
    if not plain and "=" not in current:
        yield from (Candidate(one.name, one.sentence) for one in VERBS.values())
    if verb == "models":
        yield from _models(rest)
    elif verb == "help":
        yield from _help(current, config_dir)
    elif verb == "doctor":
        chosen = Chosen((), config_dir)
        for group in ("detector", "lifter"):
            yield from (Candidate(name, told) for name, told in chosen.options(group))
    elif verb == "completion":
        yield from (Candidate(shell) for shell in ("bash", "zsh", "fish"))
    elif verb == "view":
        yield from (Candidate(f"{key}=") for key in VIEW)
        yield from _files(current)
    elif VERBS[verb].composes:
        yield from _settings(rest, current, config_dir)
        yield from _files(current)
    elif verb in ("diff", "reproduce", "verify", "stop"):
        yield from _results(verb, current)


def _results(verb: str, current: str) -> Iterator[Candidate]:
    """Yield folders of results, and files in them for verbs that take one; presets where they can be compared."""
    if verb == "diff":
        yield from (Candidate(f"experiment={name}", told) for name, told in Chosen(()).options("experiment"))
    yield from _files(current, folders=verb in ("verify", "stop"), every=True)


def _models(rest: Sequence[str]) -> Iterator[Candidate]:
    if not rest:
        yield from (Candidate(action, told) for action, told in MODELS.items())
        return
    from posecfg.models.registry import load

    yield from (Candidate(name) for name in load() if name not in rest and rest[0] != "list")
    yield Candidate("models.dir=", "a folder of weights of your own")
    if rest[0] == "export":
        yield Candidate("models.mmpose=", "a checkout of mmpose")


def _help(current: str, config_dir: str | None) -> Iterator[Candidate]:
    chosen = Chosen((), config_dir)
    yield from (Candidate(one.name, one.sentence) for one in VERBS.values())
    yield from (Candidate(key.name, key.comment) for key in chosen.knobs())
    for group in options(config_dir):
        yield Candidate(group, "the options of this group")
        if current.startswith(f"{group}="):
            yield from (Candidate(f"{group}={name}", told) for name, told in chosen.options(group))
    if "." in current:
        yield from (Candidate(name, told) for name, told in chosen.every_key())


def _settings(words: Sequence[str], current: str, config_dir: str | None) -> Iterator[Candidate]:
    chosen = Chosen(words, config_dir)
    if "=" in current:
        yield from _values(chosen, current)
        return
    for group in chosen.groups():
        yield Candidate(f"{group}=", f"one of {', '.join(options(config_dir)[group])}")
    for key in chosen.knobs():
        if "." not in key.name or "." in current:
            yield Candidate(f"{key.name}=", key.comment)
    yield from (Candidate(f"{section}.", "the keys of this section") for section in ("video", "models"))
    for place, keys in chosen.places().items():
        if current.startswith(f"{place}."):
            yield from (Candidate(f"{place}.{key.name}=", key.comment) for key in keys)
        elif keys and "." not in current:
            yield Candidate(f"{place.partition('.')[0]}.", "the keys of what is chosen")
        elif keys and place.startswith(current):
            yield Candidate(f"{place}.", "the keys of what is chosen")


def _values(chosen: Chosen, current: str) -> Iterator[Candidate]:
    """Yield values for the key that ``current`` begins with; behind a comma, one more of a list or a sweep."""
    key, _, value = current.partition("=")
    key = key.lstrip("+")
    if key.rpartition(".")[2] in PATHS and key not in options(chosen.config_dir):
        yield from (Candidate(f"{key}={one.word}", one.told) for one in _files(value, every=True))
    start = re.match(r"\[?(?:[^,\[\]]+,)*", value)
    before = start[0] if start else ""
    taken = before.strip("[").split(",")
    begun = f"{current[: len(current) - len(value)]}{before}"
    if not before and value.startswith("["):
        begun += "["
    for name, told in chosen.values(key):
        if name not in taken:
            yield Candidate(f"{begun}{name}{']' if value.startswith('[') else ''}", told)


def _of_flag(
    words: Sequence[str], current: str, plain: Sequence[str], config_dir: str | None
) -> list[Candidate] | None:
    """Return values of the flag that stands last, or that ``current`` begins with; None where there is none."""
    known, chosen = valued(), Chosen(plain, config_dir if os.path.isdir(config_dir or "") else None)
    name, equals, value = current.partition("=")
    if equals and name in known:
        return [Candidate(f"{name}={one.word}", one.told) for one in _flag_values(known[name], value, chosen)]
    return list(_flag_values(known[words[-1]], current, chosen)) if words and words[-1] in known else None


def _flag_values(field: str, value: str, chosen: Chosen) -> Iterator[Candidate]:
    if field == "cfg":
        yield from (Candidate(word) for word in ("job", "hydra", "all"))
    elif field == "package":
        yield from (Candidate(group.replace("/", ".")) for group in options())
    elif field in ("config_dir", "out"):
        yield from _files(value, folders=field == "config_dir")
    elif field == "why":
        yield from (Candidate(group, "the option of this group") for group in chosen.groups())
        yield from (Candidate(key.name, key.comment) for key in chosen.knobs())
        for place, keys in chosen.places().items():
            yield from (Candidate(f"{place}.{key.name}", key.comment) for key in keys)


def _files(value: str, folders: bool = False, every: bool = False) -> Iterator[Candidate]:
    """Yield files and folders whose path begins with ``value``; those of no name yet only where ``every`` is asked."""
    above, name = os.path.split(value)
    if not value and not every and not folders:
        return
    try:
        with os.scandir(os.path.expanduser(above) or ".") as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if not entry.name.startswith(name) or (entry.name.startswith(".") and not name.startswith(".")):
            continue
        path = os.path.join(above, entry.name)
        if entry.is_dir():
            yield Candidate(f"{path}/")
        elif not folders:
            yield Candidate(path)


def _plain(words: Sequence[str]) -> list[str]:
    """Return the words that are neither flags nor their values."""
    known, found, skip = valued(), list[str](), False
    for word in words:
        if not skip and not word.startswith("-"):
            found.append(word)
        skip = not skip and word in known
    return found


def _value(words: Sequence[str], field: str) -> str | None:
    """Return the value of a flag."""
    names = [name for name, one in valued().items() if one == field]
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else next(iter(words[number + 1 : number + 2]), None)
    return None


def _short(told: str) -> str:
    first = told.split(". ")[0].rstrip(".")
    return first if len(first) <= ROOM else f"{first[: ROOM - 1]}…"
