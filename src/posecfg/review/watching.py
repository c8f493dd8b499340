"""Watch the runs in folders: whether each works, has ended or is dead, and how far it is. Nothing is written.

Clocks of machines may differ. Whether a run elsewhere lives is told by its beat alone: by whether that changes while
this machine's own clock counts seconds.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from posecfg.executors.remote import slurm_submitted
from posecfg.executors.remote.slurm_submitted import ATTACHED, Submitted
from posecfg.layout import HOME
from posecfg.store import ledger, state_file
from posecfg.store.ledger_row import Order
from posecfg.store.listing import noted
from posecfg.store.process import ELSEWHERE, GONE, SUSPENDED
from posecfg.store.run_directory import RunDirectory
from posecfg.store.state_file import OVER, RunState

WORKS, HANGS, DEAD, ENDED, UNSURE, UNKNOWN = "working", "suspended", "dead", "ended", "unsure", "unknown"
WAITS = "waiting"
"""What a run is: it waits where it is a job that did not begin, is unsure before its beat was watched for long enough,
and unknown where it left no state."""
SILENT, LOST = 5.0, 30.0
"""Seconds without a beat after which a run elsewhere is dead: from the first look on, and after a beat was seen."""
LOOK = 0.25
ASK_SECONDS = 5.0
"""How long an answer of SLURM holds."""


@dataclass(frozen=True)
class Seen:
    """What is seen of one run or shard, the ``part`` of its folder; ``is_here`` tells that this machine runs it."""

    part: str
    verdict: str
    state: RunState
    is_here: bool

    @property
    def shard(self) -> str:
        """The shard as it is typed, '' for a whole run."""
        return self.part[1:].replace("of", "/")

    @property
    def finished(self) -> int:
        """How many of the clips to do have an outcome."""
        return max(0, self.state.to_do - self.state.left)

    @property
    def go_on(self) -> str:
        """What to type to go on, '' where that was too long to be kept."""
        words = self.state.command
        if words[-len(ATTACHED) :] == ATTACHED:
            words = (*words[: -len(ATTACHED)], "executor.detach=true")
        return shlex.join(["posecfg", *words]) if words else ""

    def data(self) -> dict[str, Any]:
        """Return everything as JSON values; of a run that works no more, nothing is in work and no time is left.

        What a dead one had in work is told all the same: it is where to look for what killed it.
        """
        state = self.state.to_json()
        if self.verdict in (DEAD, ENDED):
            state["time_left"] = None
        if self.verdict == ENDED:
            state["in_work"], state["clips_in_work"] = 0, []
        del state["schema"], state["machine"], state["born"]
        return {"shard": self.shard, "verdict": self.verdict, "is_here": self.is_here, "go_on": self.go_on, **state}


@dataclass(frozen=True)
class Clips:
    """How many clips of a folder are done, dropped, failed, and have no outcome yet (``left``)."""

    done: int = 0
    dropped: int = 0
    failed: int = 0
    left: int = 0


@dataclass(frozen=True)
class Folder:
    """What is seen of one folder of results: its runs, at work or not, its clips, and jobs that did not begin."""

    root: Path
    runs: tuple[Seen, ...] = ()
    clips: Clips = field(default_factory=Clips)
    submitted: tuple[Submitted, ...] = ()

    @property
    def verdict(self) -> str:
        """What is to be said first: of several shards, one that works, then one that needs a look."""
        found = {one.verdict for one in self.runs} | ({WAITS} if self.submitted else set())
        return next((one for one in (WORKS, UNSURE, HANGS, WAITS, DEAD, ENDED) if one in found), UNKNOWN)

    @property
    def is_well(self) -> bool:
        """Whether no run is dead, and none ended with less than it was to do, unless more is to come."""
        return bool(self.submitted) or all(
            one.verdict not in (DEAD, ENDED) or one.state.exit_code == 0 for one in self.runs
        )

    def data(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        runs, jobs = [one.data() for one in self.runs], [one.data() for one in self.submitted]
        told = {"folder": str(self.root), "verdict": self.verdict, "clips": vars(self.clips)}
        return {**told, "runs": runs, "submitted": jobs}


@dataclass
class _Beats:
    """The beats of a run as they were seen, at times of this machine's own clock."""

    token: str
    last: int
    first_look: float
    changed: float | None = None


class Watch:
    """Watch folders of runs."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = list(folders)
        self._beats: dict[tuple[Path, str], _Beats] = {}
        self._jobs: dict[Path, tuple[float, float, list[Submitted]]] = {}

    def look(self) -> list[Folder]:
        """Return what is seen now."""
        return list(_less_of_sweeps([self._folder(root) for root in self._folders]))

    def settled(self) -> list[Folder]:
        """Return what is seen as soon as it is known of each run whether it works."""
        found = self.look()
        while any(one.verdict == UNSURE for folder in found for one in folder.runs):
            time.sleep(LOOK)
            found = self.look()
        return found

    def _folder(self, root: Path) -> Folder:
        states = state_file.states(root / HOME)
        runs = tuple(self._seen(root, part, state) for part, state in sorted(states.items(), key=_number))
        latest = tuple(_of_latest(runs))
        if any(one.verdict in (WORKS, UNSURE, HANGS) for one in latest):
            return Folder(root, latest, _told(latest), self._submitted(root, latest))
        return Folder(root, latest, _recorded(root), self._submitted(root, latest))

    def _submitted(self, root: Path, runs: Sequence[Seen]) -> tuple[Submitted, ...]:
        """Return the jobs of a folder whose runs did not begin, or are to go on."""
        begun = max((one.state.started for one in runs), default=0.0)
        asked, before, jobs = self._jobs.get(root, (float("-inf"), 0.0, []))
        if time.monotonic() - asked > ASK_SECONDS or begun != before:
            jobs = [slurm_submitted.asked(one) for one in slurm_submitted.noted(root / HOME)]
            self._jobs[root] = time.monotonic(), begun, jobs
        # Where SLURM cannot be asked, a job counts until there is anything of a run.
        known = [one for one in jobs if (not one.is_over if one.state else not runs)]
        return tuple(one for one in known if one.waits or one.at > begun)

    def _seen(self, root: Path, part: str, state: RunState) -> Seen:
        life = state.process.life()
        if state.phase != OVER and life == GONE:
            # It may have ended since its state was read.
            state = state_file.read(state_file.place(root / HOME, part)) or state
        return Seen(part, self._verdict((root, part), state, life), state, state.process.is_here())

    def _verdict(self, key: tuple[Path, str], state: RunState, life: str) -> str:
        if state.phase == OVER:
            return ENDED
        if life != ELSEWHERE:
            return {GONE: DEAD, SUSPENDED: HANGS}.get(life, WORKS)
        now = time.monotonic()
        beats = self._beats.get(key)
        if beats is None or beats.token != state.token:
            beats = self._beats[key] = _Beats(state.token, state.beat, now)
        if beats.last != state.beat:
            beats.last, beats.changed = state.beat, now
        if beats.changed is not None:
            return WORKS if now - beats.changed < LOST else DEAD
        return UNSURE if now - beats.first_look < SILENT else DEAD


def _less_of_sweeps(found: Sequence[Folder]) -> Iterator[Folder]:
    """Leave out the folder that only notes the job of a sweep where that has ended: its runs lie below it.

    Where SLURM cannot be asked, such a job counts until one of them began after it.
    """
    for one in found:
        below = [run.state.started for other in found if one.root in other.root.parents for run in other.runs]
        if one.runs or not below:
            yield one
        elif jobs := tuple(job for job in one.submitted if job.state or job.at > max(below)):
            yield replace(one, submitted=jobs)


def _number(one: tuple[str, RunState]) -> tuple[int, ...]:
    """Return the numbers of a shard, by which they are sorted; a whole run comes first."""
    return tuple(int(text) for text in one[0][1:].split("of") if text.isdecimal())


def _of_latest(runs: Sequence[Seen]) -> Iterator[Seen]:
    """Yield the shards of one split, or the whole run: what works, else what began last by the clock of its machine."""
    if not runs:
        return
    latest = max(runs, key=lambda one: (one.verdict in (WORKS, UNSURE, HANGS), one.state.started))
    split = latest.part.rpartition("of")[2]
    for one in runs:
        if one.part.rpartition("of")[2] == split:
            yield one


def _told(runs: Sequence[Seen]) -> Clips:
    """Return the counts as runs that are at work tell them; their ledgers may be in use by another machine."""
    states = [one.state for one in runs]
    return Clips(
        sum(state.done + state.already for state in states),
        sum(state.dropped for state in states),
        sum(state.failed for state in states),
        sum(state.left for state in states),
    )


def _recorded(root: Path) -> Clips:
    """Return the counts by all ledgers of a folder at rest; of several rows for one clip, the latest counts."""
    found: dict[str, tuple[str, Order]] = {}
    for path in RunDirectory(root).ledgers():
        for clip_id, (status, order) in ledger.outcomes(path).items():
            if clip_id not in found or order >= found[clip_id][1]:
                found[clip_id] = status, order
    counts = dict.fromkeys(("done", "skipped", "failed"), 0)
    for status, _ in found.values():
        counts[status] = counts.get(status, 0) + 1
    left = sum(clip_id not in found for clip_id in noted(root / HOME).clips)
    return Clips(counts["done"], counts["skipped"], counts["failed"], left)
