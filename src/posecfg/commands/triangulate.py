"""The verb ``triangulate``: one person in metres from the results of a run over the films of several cameras."""

from __future__ import annotations

import sys
from dataclasses import replace

from posecfg.commands import run as runs
from posecfg.commands.command import Command
from posecfg.commands.command_line import FOLDER
from posecfg.config.compose import compose
from posecfg.errors import UsageError
from posecfg.runs.places import root_of
from posecfg.terminal.triangulated import lines

# What the verb stands for; each is left out where the user types another value for its group.
_WORDS = {
    "detector": ("detector=triangulated",),
    "persons": ("persons=best", "persons.follow=false"),
    "bbox_thr": ("bbox_thr=0",),
    "writer": ("writer=[npz,trc]",),
}


def run(command: Command) -> int:
    """Run the views of a folder of results as a data set of its own, and return the exit code."""
    # A path alone is one of dataset=folder elsewhere.
    own = [word for word in command.overrides if word != FOLDER or FOLDER not in command.implied]
    typed = {word.partition("=")[0].lstrip("+") for word in own}
    if not any(key == "dataset.path" for key in typed) or not any(key == "dataset.calibration" for key in typed):
        raise UsageError(
            "Expected the folder of a run over the films and their cameras: posecfg triangulate FOLDER "
            "dataset.calibration=FILE"
        )
    if "dataset" in typed:
        raise UsageError("triangulate has a data set of its own, dataset=views: leave dataset= away.")
    words = ["dataset=views", *(word for key, many in _WORDS.items() if key not in typed for word in many)]
    told = replace(command, overrides=[*words, *own])
    code = runs.run(told)
    if not (command.json or command.multirun):
        (job,) = compose(told.overrides, False, command.config_dir)
        sys.stdout.write("".join(f"{line}\n" for line in lines(root_of(job, several=False))))
    return code
