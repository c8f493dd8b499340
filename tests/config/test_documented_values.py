"""Each value that a comment in conf/ names can be typed, arrives as it is meant, and is taken by its component.

Comments name values in two ways: ``# auto: what it does; drop: what it does`` and ``# write | skip: what it decides``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from itertools import zip_longest

import pytest
import yaml
from yaml_options import ALL

from posecfg.commands.command_line import parse
from posecfg.components.parts import parameters
from posecfg.components.roles import WITHOUT_FACTS
from posecfg.config.annotations import choices
from posecfg.config.compose import compose
from posecfg.config.options import LISTS, conf_dir
from posecfg.detectors.topdown.topdown import TopDown

pytestmark = pytest.mark.deep

VALUE = r"(?:\"[^\"]+\"|\[[^\]]+\]|[\w/.-]+)"
LIST = re.compile(rf"(?:^|; )({VALUE}(?: \| {VALUE})+)")
HEAD = re.compile(rf"(?:^|; |\. )({VALUE}): ")
SOME = re.compile(r"some of (\w+(?:, \w+)+)")
KEY = re.compile(r"( *)(\w+):(?: +(?!#)[^#]*?)?(?: +# (.*))?$")
# Values that need others beside them.
BESIDE = {
    ("npy", "clip"): {"normalise": True},
    **{("coco", "images", word): {"frames": "."} for word in ("link", "copy")},
}


def values(comment: str) -> list[str]:
    """Return the values that a comment names, as they are typed."""
    found = [word for words in LIST.findall(comment) for word in words.split(" | ")] + HEAD.findall(comment)
    found += [f"[{word}]" for words in SOME.findall(comment) for word in words.split(", ")]
    found += ["null"] if re.search(r"\bnull\b", comment, re.IGNORECASE) else []
    plain = [word.lower() if word in ("True", "False", "Null") else word.strip('"').replace(" ", "") for word in found]
    return list(dict.fromkeys(plain))


def documented(text: str) -> dict[str, list[str]]:
    """Map each key of a YAML to the values that the comment above or beside it names."""
    found, above, section = {}, "", ""
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            above = f"{above} {line.lstrip(' #')}".strip()
        elif match := KEY.fullmatch(line):
            indent, key, beside = match.groups()
            section = f"{key}." if not indent else section
            found[f"{section}{key}" if indent else key] = values(
                f"{above}; {beside}" if beside and above else beside or above
            )
            above = ""
        else:
            above = ""
    return {
        key: words for key, words in found.items() if words and not key.startswith(("hydra", "defaults", "_target_"))
    }


def rounds(known: dict[str, list[str]]) -> list[dict[str, str]]:
    """Return what is typed at once: each key's first value, each key's second value and so on."""
    turns = zip_longest(*([(key, word) for word in words] for key, words in known.items()))
    return [dict(pair for pair in turn if pair) for turn in turns]


def settings(option, turn):
    """Return the words that choose an option and set its keys."""
    group, name = option.group, option.name
    where = f"{group}.{name}" if group in LISTS else group.replace("/", ".")
    chosen = [] if group in LISTS else [f"{group}={name}"]
    needed = [f"{where}.{key}=anything" for key, value in option.page.items() if value == "???" and key not in turn]
    return [*chosen, *needed, *(f"{where}.{key}={value}" for key, value in turn.items())]


@cache
def columns():
    """Return lists of turns, each of which holds (option, values) that are typed beside those of other lists.

    An option that has the class and the comments of one before is left out.
    """
    found, seen = defaultdict(list), []
    for option in ALL:
        known = documented(option.file.read_text("utf-8"))
        if (option.component, known) not in seen:
            seen.append((option.component, known))
            column = f"{option.group}.{option.name}" if option.group in LISTS else option.group
            found[column] += [[(option, turn)] for turn in rounds(known)]
    halves = [found.pop(group) for group in list(found) if "/" in group]
    host = [(next(option for option in ALL if option.component is TopDown), {})]
    together = [host + [one for turn in turns for one in turn or ()] for turns in zip_longest(*halves)]
    found["detector"] += together
    return list(found.values())


@cache
def turn(number):
    """Compose with one turn of every list, as one composition serves them all."""
    lists = [f"{group}=[{','.join(o.name for o in ALL if o.group == group)}]" for group in LISTS]
    chosen = [one for turns in columns() if number < len(turns) for one in turns[number]]
    root = rounds(documented((conf_dir() / "config.yaml").read_text("utf-8")))
    knobs = [f"{key}={value}" for key, value in (root[number] if number < len(root) else {}).items()]
    command = parse([*lists, *knobs, *(word for one in chosen for word in settings(*one))])
    (job,) = compose(command.overrides)
    return job.config, chosen


def node_of(config, option):
    if option.group in LISTS:
        return config[option.group][option.name]
    for key in option.group.split("/"):
        config = config[key]
    return config


@pytest.mark.parametrize("number", range(max(map(len, columns()))))
def test_documented_values_are_taken(number):
    config, chosen = turn(number)
    for option, typed in chosen:
        for key, word in typed.items():
            value = node_of(config, option)[key]
            expected = meant(option, key, word)
            assert (type(value), value) == (type(expected), expected), f"{option.group}={option.name} {key}={word}"
            beside = BESIDE.get((option.name, key), BESIDE.get((option.name, key, word), {}))
            changes = {key: value} | beside
            assert option.group in WITHOUT_FACTS or option.part(**changes).facts
            if option.is_light and "???" not in (option.node | changes).values():
                option.build(**changes)


def meant(option, key, word):
    """Return the value that is meant by a word: a text where the constructor knows it by name."""
    named = choices(parameters(option.component)[key].annotation)
    return word if word in named else yaml.safe_load(word)


@pytest.mark.parametrize("option", ALL, ids=lambda option: f"{option.group}={option.name}")
def test_comments_name_all_choices(option):
    if "_target_" not in yaml.safe_load(option.file.read_text("utf-8")):
        return  # another word for an option
    told = documented(option.file.read_text("utf-8"))
    for key, parameter in parameters(option.component).items():
        named = choices(parameter.annotation)
        if named and key in option.page:
            assert set(named) <= set(told.get(key, ())), f"{key}: {named}"
    assert set(told) <= set(option.page)


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("continue | stop: what is done when a clip fails.", ["continue", "stop"]),
        ("fixed: 33.333 ms a frame; true: the film's own times.", ["fixed", "true"]),
        ("0: lite; 1: full. Lower is cheaper; 1 comes with mediapipe.", ["0", "1"]),
        ("True: pixels as shares; auto then means pixels.", ["true"]),
        ("Null is x, y; else some of x, y, made.", ["[x]", "[y]", "[made]", "null"]),
        ("null: all; [1, 2] | [S1, S2]: these alone", ["[1,2]", "[S1,S2]", "null"]),
        ('"2/4": the second of four parts', ["2/4"]),
        ("Px of a square input: any number", []),
    ],
)
def test_comments_are_read(comment, found):
    assert sorted(values(comment)) == sorted(found)
