"""The verb ``models``: list, show, fetch, export, verify and trust weights, as plain data: one dict a file of weights.

Exit codes: ``list``, ``show`` and ``trust`` 0; ``fetch`` and ``export`` 0 when every file is there and right, else 1;
``verify`` 1 when a file that is there is wrong or untrusted, or one that was named is missing. An unknown name or a bad
hash raises ``WeightsError`` (1). Each row has ``ok``; ``exit_code(rows)`` is 1 when one is False.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.errors import ConfigError, UsageError, WeightsError
from posecfg.export import export as making
from posecfg.models import registry, store
from posecfg.models.describe import row
from posecfg.models.fetch import fetch as download
from posecfg.models.locking import Say
from posecfg.models.settings import current, using
from posecfg.models.trust import trust as remember
from posecfg.suggestions import hint
from posecfg.text import count

ACTIONS = ("list", "show", "fetch", "export", "verify", "trust")
USAGE = (
    "models list | models show NAME... | models fetch NAME... | models export NAME... [models.mmpose=FOLDER] | "
    "models verify [NAME...] | models trust NAME SHA256; with models.dir=FOLDER to look for weights of your own"
)
_FOLDER, _CHECKOUT = "models.dir=", "models.mmpose="


def run(command: Command) -> int:
    """Do what the words say, and print one line a file of weights, or with ``show`` all that is known of it."""
    rows = do(command.words)
    if command.json:
        print_json(rows)
    else:
        from posecfg.terminal import weights

        action = next((word for word in command.words if not word.startswith(_FOLDER)), "list")
        if action == "show":
            weights.show_details(rows)
        else:
            weights.show_list(rows, action)
    return exit_code(rows)


def do(words: Sequence[str]) -> list[dict[str, Any]]:
    """Do what ``words`` say and return one dict a file of weights."""
    folders = [word.removeprefix(_FOLDER) for word in words if word.startswith(_FOLDER)]
    if folders:
        with using(current().with_folder(folders[-1])):
            return do([word for word in words if not word.startswith(_FOLDER)])
    action, rest = (words[0], list(words[1:])) if words else ("list", [])
    if action not in ACTIONS:
        raise UsageError(_no_action(action))
    keys = [word.partition("=")[0] for word in rest if "=" in word and not word.startswith(_CHECKOUT)]
    if keys:
        raise UsageError(f"models has no '{keys[0]}='.{hint(keys[0], ('models.dir', 'models.mmpose'))} Type: {USAGE}")
    if action == "show" and rest:
        return [row(name) for name in rest]
    if action == "fetch" and rest:
        return fetch(rest)
    if action == "export" and (names := [word for word in rest if not word.startswith(_CHECKOUT)]):
        folders = [word.removeprefix(_CHECKOUT) for word in rest if word.startswith(_CHECKOUT)]
        return export(names, folders[-1] if folders else None, _say)
    if action == "verify":
        return verify(rest)
    if action == "trust" and len(rest) == 2:
        return trust(rest[0], rest[1])
    if action == "list" and not rest:
        return listing()
    raise UsageError(f"models {action} was given {count(len(rest), 'name')}. Type: {USAGE}")


def _no_action(word: str) -> str:
    from posecfg.config import not_yet, other_words

    if meant := other_words.MODELS.get(word):
        return f"models has no action '{word}': type models {meant}."
    if near := not_yet.route("verb", word):
        return f"models has no action '{word}' yet: {near}."
    return f"models has no action '{word}'.{hint(word, ACTIONS)} Type: {USAGE}"


def _say(text: str) -> None:
    """Report progress on the error stream; the output is for results."""
    sys.stderr.write(f"posecfg: {text}\n")
    sys.stderr.flush()


def listing() -> list[dict[str, Any]]:
    """List all weights with their licence and their state here."""
    return [row(name) for name in registry.names()]


def fetch(names: Sequence[str]) -> list[dict[str, Any]]:
    """Download the weights that are not here yet; one failure does not stop the others."""
    entries = [registry.entry(name) for name in names]
    return [_fetched(entry) for entry in entries]


def export(names: Sequence[str], checkout: str | None, say: Say) -> list[dict[str, Any]]:
    """Make the graphs ``names``; one failure does not stop the others. ``checkout`` is a folder of mmpose's code."""
    entries = [making.makeable(name) for name in names]
    for entry in entries:
        # Before the first of them is fetched or made.
        if store.status(entry.name).state != "present":
            making.checked(entry.name, checkout)
    return [_made(entry, checkout, say) for entry in entries]


def verify(names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Hash what is here and compare; without names, everything. Weights that were named must be here."""
    fine = ("present",) if names else ("present", "missing")
    rows = [row(name) for name in names or registry.names()]
    return [{**one, "ok": one["state"] in fine} for one in rows]


def trust(name: str, sha256: str) -> list[dict[str, Any]]:
    """Accept ``sha256`` for weights without a published one."""
    remember(name, sha256)
    return [{**row(name), "note": f"a file '{registry.entry(name).file}' with this hash is trusted from now on"}]


def exit_code(rows: Iterable[dict[str, Any]]) -> int:
    """Return 0 when every row is ok, else 1."""
    return 0 if all(one["ok"] for one in rows) else 1


def _fetched(entry: registry.Entry) -> dict[str, Any]:
    error = None
    if entry.urls and store.status(entry.name).state in ("missing", "wrong"):
        try:
            download(entry)
        except WeightsError as failure:
            error = str(failure)
    described = row(entry.name)
    return {**described, "ok": described["state"] == "present", "error": error}


def _made(entry: registry.Entry, checkout: str | None, say: Say) -> dict[str, Any]:
    error = None
    try:
        making.export(entry.name, checkout, say)
    except ConfigError as failure:
        error = str(failure)
    described = row(entry.name)
    return {**described, "ok": described["state"] == "present", "error": error}
