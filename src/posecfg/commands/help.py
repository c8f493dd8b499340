"""The verb ``help``: what there is to say of a verb, a group, an option or a key, read from the YAML files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from posecfg.commands.command import Command
from posecfg.commands.flags import ALWAYS, FLAGS, flags_of
from posecfg.commands.verbs import EXAMPLES, MORE, VERBS
from posecfg.errors import UsageError
from posecfg.suggestions import hint
from posecfg.terminal import manual
from posecfg.terminal.layout import columns


def run(command: Command) -> int:
    """Print a page for each word, or the page of everything."""
    if command.json:
        from posecfg.commands.output import print_json

        print_json([topic for word in command.words or VERBS for topic in found(word, command.config_dir)])
    else:
        sys.stdout.write(text(command.words, command.config_dir))
    return 0


def text(words: Sequence[str], config_dir: str | None = None) -> str:
    """Return what there is to say of ``words``; of none, everything."""
    if not words:
        return overview()
    return "\n".join(_page(found(word, config_dir)) for word in words)


def overview() -> str:
    """Return the page of all verbs, flags, groups and knobs."""
    verbs = [(verb.name, verb.sentence, verb.arguments) for verb in VERBS.values()]
    return manual.page(
        verbs, [*((flag.typed, _whose(flag.field) + flag.sentence) for flag in (*FLAGS, *ALWAYS))], columns()
    )


def found(word: str, config_dir: str | None = None) -> list[dict[str, Any]]:
    """Return all that ``word`` can mean; a UsageError names the nearest word where it means nothing."""
    topics = [_verb(word)] if word in VERBS else []
    # Only now: a page on a verb needs none of it.
    from posecfg.config.topics import find

    topics += find(word, config_dir)
    if not topics:
        raise UsageError(_nothing(word, config_dir))
    return topics


def knows(word: str) -> bool:
    """Tell whether there is something to say of ``word``."""
    from posecfg.config.topics import find

    return word in VERBS or bool(find(word))


def _page(topics: Sequence[dict[str, Any]]) -> str:
    verbs = [manual.verb(topic, columns()) for topic in topics if topic["kind"] == "verb"]
    others = [topic for topic in topics if topic["kind"] != "verb"]
    if others:
        from posecfg.terminal import topics as pages

        verbs.append(pages.page(others, columns()))
    return "\n".join(verbs)


def verb_page(name: str) -> str:
    """Return the page of one verb."""
    return manual.verb(_verb(name), columns())


def _verb(name: str) -> dict[str, Any]:
    verb = VERBS[name]
    return {
        "kind": "verb",
        "verb": name,
        "sentence": verb.sentence,
        "usage": f"python run.py {name} {verb.arguments}".rstrip(),
        "examples": list(EXAMPLES.get(name, ())),
        "more": list(MORE.get(name, ())),
        "flags": [
            {"names": list(flag.names), "value": flag.value, "typed": flag.typed, "sentence": flag.sentence}
            for flag in flags_of(verb.flags, verb.composes)
        ],
        "composes": verb.composes,
    }


def _whose(field: str) -> str:
    """Return the verbs that alone have a flag, before its sentence."""
    verbs = [verb.name for verb in VERBS.values() if field in verb.flags]
    return f"{', '.join(verbs)}: " if verbs and field else ""


def _nothing(word: str, config_dir: str | None) -> str:
    from posecfg.config.options import everything, options

    key, equals, value = word.partition("=")
    known = options(config_dir)
    if equals and key in known:
        return (
            f"{key} has no option '{value}'.{hint(value, known[key])} Options: {', '.join(known[key]) or 'none yet'}."
        )
    names = dict.fromkeys([*VERBS, *everything(config_dir), *(name for names in known.values() for name in names)])
    return f"There is nothing called '{key}'.{hint(key, names)} Type help alone for what there is."
