"""The verb ``triangulate``: one person in metres from the results of a run over the films of several cameras."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from posecfg.commands import run as runs
from posecfg.commands.command import Command
from posecfg.commands.command_line import FOLDER
from posecfg.errors import UsageError
from posecfg.layout import HOME
from posecfg.store import record_files
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
    told: dict[str, Any] = {}

    def more(outcome: Mapping[str, Any]) -> Mapping[str, Any]:
        own = dict(_errors(Path(outcome["output_dir"]))) if outcome.get("output_dir") else {}
        told.update(own)
        return {"reprojection": own}

    code = runs.run(replace(command, overrides=[*words, *own]), more)
    if not command.json:
        sys.stdout.write("".join(f"{line}\n" for line in lines(told)))
    return code


def _errors(root: Path) -> Iterator[tuple[str, Any]]:
    """Yield the id of each clip in a folder of results, and how far its points are from what cameras saw."""
    for name, _ in record_files.walk(root):
        record = record_files.read(root / HOME / "clips" / name)
        notes = None if record is None else record.made.get("notes")
        if record is not None and isinstance(notes, Mapping) and isinstance(notes.get("reprojection"), Mapping):
            yield record.id, notes["reprojection"]
