"""The words behind ``posecfg models``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from posecfg.errors import UsageError
from posecfg.models import verbs
from posecfg.models.settings import weights_in
from posecfg.suggestions import hint
from posecfg.text import count

ACTIONS = ("list", "fetch", "export", "verify", "trust")
USAGE = (
    "models list | models fetch NAME... | models export NAME... [models.mmpose=FOLDER] | models verify [NAME...] | "
    "models trust NAME SHA256; with models.dir=FOLDER to look for weights of your own"
)
_FOLDER, _CHECKOUT = "models.dir=", "models.mmpose="


def do(words: Sequence[str]) -> list[dict[str, Any]]:
    """Do what ``words`` say and return one dict a file of weights."""
    folders = [word.removeprefix(_FOLDER) for word in words if word.startswith(_FOLDER)]
    if folders:
        with weights_in(folders[-1]):
            return do([word for word in words if not word.startswith(_FOLDER)])
    action, rest = (words[0], list(words[1:])) if words else ("list", [])
    if action not in ACTIONS:
        raise UsageError(f"models has no action '{action}'.{hint(action, ACTIONS)} Type: {USAGE}")
    if action == "fetch" and rest:
        return verbs.fetch(rest)
    if action == "export" and (names := [word for word in rest if not word.startswith(_CHECKOUT)]):
        folders = [word.removeprefix(_CHECKOUT) for word in rest if word.startswith(_CHECKOUT)]
        return verbs.export(names, folders[-1] if folders else None, _say)
    if action == "verify":
        return verbs.verify(rest)
    if action == "trust" and len(rest) == 2:
        return verbs.trust(rest[0], rest[1])
    if action == "list" and not rest:
        return verbs.listing()
    raise UsageError(f"models {action} was given {count(len(rest), 'name')}. Type: {USAGE}")


def _say(text: str) -> None:
    """Tell how far it is; the output is for what came of it."""
    sys.stderr.write(f"posecfg: {text}\n")
    sys.stderr.flush()
