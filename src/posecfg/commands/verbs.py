"""The verbs: one row each feeds the command line, the help page and the shell's completion.

A new verb is a row here and a module in this folder with a function ``run(command)`` that returns the exit code. It is
imported when the verb is typed: the help page must appear at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, NamedTuple

from posecfg import startup

if TYPE_CHECKING:
    from posecfg.commands.command import Command


class Verb(NamedTuple):
    """A verb: what it does in a few words, the arguments that it takes, and the module behind it.

    ``composes`` tells that its words are overrides and paths, of which Hydra makes a configuration; else they are
    plain words. ``flags`` are those that belong to some verbs alone, by their names in ``Command``.
    """

    name: str
    sentence: str
    arguments: str
    module: str
    composes: bool = False
    flags: tuple[str, ...] = ()

    def __call__(self, command: Command) -> int:
        """Do it, and return the exit code."""
        module = importlib.import_module(f"posecfg.commands.{self.module}")
        if not self.composes:
            startup.over()
        code: int = module.run(command)
        return code


_SETTINGS = "[PATH] key=value ..."
_PLAN = ("probe", "inputs")
_TABLE = (
    Verb("run", "extract (the word may be left out)", _SETTINGS, "run", True, ("cfg", "resolve", "package")),
    Verb("plan", "resolve everything, open nothing (--probe opens the files)", _SETTINGS, "plan", True, _PLAN),
    Verb("status", "what a data set has of its parts (--stats reads them)", _SETTINGS, "status", True, ("stats",)),
    Verb("verify", "check a folder of results (--inputs reads its inputs too)", "FOLDER", "verify", False, ("inputs",)),
    Verb("models", "weights", "list | fetch NAME | export NAME | verify [NAME] | trust NAME SHA256", "models"),
    Verb(
        "download",
        "get the films of a dataset that can be downloaded",
        _SETTINGS,
        "download",
        True,
        ("accept_terms", "other_views", "base"),
    ),
    Verb(
        "view", "draw an array or a pickle of AIST++ as one picture", "FILE [--out view.png]", "view", False, ("out",)
    ),
    Verb("doctor", "what is installed here, and what to type to install the rest", "", "doctor"),
)
VERBS = {verb.name: verb for verb in _TABLE}
