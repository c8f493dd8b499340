"""The verb ``doctor``: say which detectors and lifters are ready here, and what to type for the others."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.errors import UsageError
from posecfg.review import doctor
from posecfg.suggestions import hint

if TYPE_CHECKING:
    from posecfg.review.readiness import Needs


def run(command: Command) -> int:
    """Say what is ready, then all details; with names, all about these.

    1 says that a package is missing which nothing works without, or that what was named is not ready.
    """
    rows = named(command.words) if command.words else everything()
    if command.json:
        print_json(rows)
    else:
        from posecfg.terminal import health

        (health.show_named if command.words else health.show)(rows)
    return doctor.exit_code(rows)


def everything() -> list[dict[str, Any]]:
    """Look at the detectors and lifters, then at packages and weights."""
    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(doctor.examine)  # most of which is waiting for other processes
        try:
            from posecfg.review import readiness

            wanted = [readiness.needs(*one) for one in readiness.known(readiness.GROUPS)]
        except ImportError:
            return later.result()  # a package that nothing works without is told there
    examined = later.result()
    return [*readiness.rows(wanted, examined), *examined]


def named(words: Sequence[str]) -> list[dict[str, Any]]:
    """Look at the detectors, lifters, their halves and packages that are named, and at all that they need."""
    from posecfg.review import readiness

    options = list(readiness.known())
    packages = {name: one for one in doctor.BACKENDS for name in (one.module, *one.distributions)}
    models: list[Needs] = []
    chosen: dict[str, doctor.Backend] = {}
    for word in words:
        name = word.rpartition("=")[2]
        option = next((one for one in options if one[1] == name and word in (name, "=".join(one))), None)
        if option is not None:
            models.append(readiness.needs(*option))
        elif word in packages:
            chosen[packages[word].module] = packages[word]
        else:
            told = [name for _, name in readiness.known(readiness.GROUPS)]
            near = hint(word, [*told, *(name for _, name in options), *packages, *map("=".join, options)])
            raise UsageError(f"There is no detector, lifter or package '{word}'.{near} Models: {', '.join(told)}.")
    needed = {package for one in models for package in one.packages}
    backends = [one for one in doctor.BACKENDS if one.module in needed or one.module in chosen]
    examined = doctor.examine(backends, names=readiness.related(models))
    asked = [{**row, "required": True} for row in readiness.rows(models, examined)]
    kept = [row for row in examined if row["kind"] in ("backend", "weights")]
    return [*asked, *({**row, "required": row["required"] or row["name"] in chosen} for row in kept)]
