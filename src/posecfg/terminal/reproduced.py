"""Print what came of making a clip again, and show how far it is meanwhile."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from rich.text import Text

from posecfg.config.compose import Job
from posecfg.executors.protocol import Event
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.terminal.apart import sentence
from posecfg.terminal.console import literal
from posecfg.terminal.progress import Quiet
from posecfg.terminal.waiting import Hear, shown
from posecfg.text import count, printable
from posecfg.types import Excluded

NAMED = 20
_STATES = {
    "edited": "was edited since it was written, and is made again as it was",
    "missing": "is gone; it is made again",
    "not made": "is not made any more",
    "new": "is new",
    "differs": "differs",
    "timed": "shows how long frames took, which differs each time: not compared (overlay: text=false leaves it out)",
}


class Working(Quiet):
    """Display of a run that makes one clip: a bar on a terminal, where it takes long."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._tell: Hear = lambda event: None

    def begin(self, job: Job, report: Report, found: Survey, excluded: Sequence[Excluded]) -> None:
        """Begin to show it."""
        self._tell = self._open.enter_context(shown(found.work, sys.stderr))

    def end(self, report: Report) -> None:
        """Take the bar away."""
        self._open.close()

    def event(self, event: Event) -> None:
        """Show how far it is."""
        self._tell(event)


def show(result: dict[str, Any]) -> None:
    """Print which files are identical, and what differs and why."""
    files, clip, good = result["files"], printable(result["clip"]), result["exit_code"] == 0
    if result["command"]:
        made_by = f"posecfg {printable(shlex.join(result['command']))}"
        job = f" (the job with {printable(' '.join(result['job']))})" if result["job"] else ""
        _say(f"{clip}, made by: {made_by}{job}", (f"  (in {printable(str(result['typed_in']))})", "dim"))
    first, again = (f"{status}{f': {reason}' if reason else ''}" for status, reason in result["outcome"].values())
    if first != again:
        _say(("differs: ", "red"), printable(f"{clip} was {first}; now it is {again}"))
    elif not files:
        _say(("identical: ", "green"), f"{clip} is {printable(first)}, and has no files")
    if compared := [file for file in files if file["state"] != "timed"]:
        whole = count(len(compared), "file")
        _say((f"identical: {result['identical']:,} of {whole}", "bold green" if good else "bold yellow"))
    _files([file for file in files if file["state"] != "identical"])
    for writer in result["unknown"]:
        _say(("note: ", "yellow"), f"the settings of writer={printable(writer)} are not kept: not made again")
    if not good:
        _reasons(result)


def _files(others: Sequence[dict[str, Any]]) -> None:
    """Print the files that are not identical, and how far poses in them are apart."""
    for file in others[:NAMED]:
        told = f": {sentence(file['poses'])}" if file.get("poses") else ""
        _say("  ", (printable(file["file"]), "bold"), f" {_STATES[file['state']]}{told}")
    if len(others) > NAMED:
        _say(f"  and {len(others) - NAMED:,} more (--json lists them all)")


def _reasons(result: dict[str, Any]) -> None:
    """Print what is different now, and what to type."""
    states = {file["state"] for file in result["files"]}
    if states & {"edited", "missing"}:
        redo = f"redo={shlex.quote(result['clip'])}"
        _say(f"Type {redo} beside the words of that run to have it made again there; what was edited is kept.")
    if result["changed"]:
        _say(("What is different now:", "bold"))
    for one in result["changed"]:
        what, then, now, do = (printable(one[key]) for key in ("what", "then", "now", "do"))
        _say(f"  {what}: {then}, now {now}: {do}")
    if not result["changed"] and "differs" in states:
        _say("Nothing that is recorded explains it: the code of posecfg, or of a plugin, may be another one.")


def _say(*parts: str | tuple[str, str]) -> None:
    console = literal()
    # A terminal gets whole words, and a file whole lines.
    console.print(Text.assemble(*parts), soft_wrap=not console.is_terminal)
