"""Ask runs to stop, and follow them until they have: a run reads a request with its next beat."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from posecfg.errors import ConfigError, PosecfgError, UsageError
from posecfg.layout import HOME
from posecfg.review.watching import DEAD, ENDED, HANGS, WORKS, Folder, Seen
from posecfg.store import stop_request
from posecfg.store.absence import status
from posecfg.store.stop_request import DROP, FINISH


@dataclass
class Target:
    """A run to stop: that of a folder and part, named by its token. ``last`` is what was seen of it at last."""

    root: Path
    last: Seen
    lost: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether it has come to an end."""
        return self.last.verdict == ENDED


def targets(found: Sequence[Folder], shard: str | None) -> list[Target]:
    """Return the runs that work in the only folder where any does; an error says that there is none, or several."""
    working = [(folder, one) for folder in found for one in folder.runs if one.verdict in (WORKS, HANGS)]
    roots = list(dict.fromkeys(folder.root for folder, _ in working))
    if len(roots) > 1:
        named = "; ".join(f"posecfg stop {shlex.quote(str(root))}" for root in roots)
        raise UsageError(f"Runs work in {len(roots)} folders: type one of: {named}.")
    chosen = [Target(folder.root, one) for folder, one in working if shard in (None, one.shard)]
    if chosen:
        return chosen
    if working:
        shards = ", ".join(one.shard or "a whole run" for _, one in working)
        raise ConfigError(f"No run of shard {shard} works in '{roots[0]}': at work there is {shards}.")
    raise ConfigError(_nothing(found))


def works(found: Sequence[Folder]) -> bool:
    """Tell whether any run works that could be stopped."""
    return any(one.verdict in (WORKS, HANGS) for folder in found for one in folder.runs)


def _nothing(found: Sequence[Folder]) -> str:
    if len(found) > 1:
        return f"None of {len(found)} runs works: there is nothing to stop."
    folder = found[0]
    one = next((run for run in folder.runs if run.verdict == folder.verdict), None)
    if one is None:
        return f"No run works in '{folder.root}' that could be stopped."
    if one.verdict == DEAD:
        process = f"process {one.state.process.pid} on {one.state.process.host}"
        return f"The run in '{folder.root}' is dead ({process}): there is nothing to stop."
    how = "was stopped" if one.state.ended == "stopped" else "has ended"
    return f"The run in '{folder.root}' {how} already: there is nothing to stop."


class Stop:
    """One request to stop, left for each of the ``targets``; clips in work are dropped ``at_once``, or finished."""

    def __init__(self, chosen: Sequence[Target], at_once: bool) -> None:
        self.targets, self.how = list(chosen), DROP if at_once else FINISH
        for target in self.targets:
            self._ask(target)

    def _ask(self, target: Target) -> None:
        stop_request.leave(target.root / HOME, target.last.part, target.last.state.token, self.how)

    @property
    def is_over(self) -> bool:
        """Whether all runs have ended, or are lost."""
        return all(target.has_ended or target.lost for target in self.targets)

    def follow(self, found: Sequence[Folder]) -> None:
        """Take in what is seen now; a request is left again where the run read another one at the same moment."""
        seen = {(folder.root, one.part): one for folder in found for one in folder.runs}
        for target in self.targets:
            if target.has_ended or target.lost:
                continue
            now = seen.get((target.root, target.last.part))
            if now is None or now.state.token != target.last.state.token or now.verdict == DEAD:
                # Its folder is gone, or another run works there, or it died: nothing reads the request.
                target.lost = True
                self._withdraw(target)
                continue
            target.last = now
            is_heeded = now.state.stop in (self.how, DROP) or target.has_ended
            place = target.root / HOME / stop_request.name_of(now.part)
            if not is_heeded and status(place) is None:
                self._ask(target)

    def _withdraw(self, target: Target) -> None:
        with suppress(PosecfgError, OSError):
            stop_request.withdraw(target.root / HOME, target.last.part)
