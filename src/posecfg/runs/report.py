"""What a run came to: counts, reasons, rates and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from posecfg.pipeline.work import Outcome
from posecfg.reasons import TAKEN, kind
from posecfg.runs.made_files import MadeFiles
from posecfg.runs.origin import Origin
from posecfg.runs.people import People
from posecfg.runs.rates import Rates
from posecfg.runs.scores import Combined, Scores, quality
from posecfg.runs.second_person import Crowd
from posecfg.store.ledger_row import Row
from posecfg.timing import Spread, table

FAILED_SOME, STOPPED = 3, 130


@dataclass
class Report:
    """Counts of one run. ``error`` is the sentence that ended it early; ``stopped`` says that the user did.

    ``whole`` says that it came to its end all the same. ``skipped``, ``failed`` and ``warned`` give the reason by clip;
    ``unreadable`` are those failed whose input is at fault; ``not_taken`` counts by reason what the dataset left out;
    ``crowd`` is what other thresholds would drop; ``scores`` are those of metrics, ``quality`` is what poses tell of
    themselves; ``ended`` counts the clips to do that have an outcome; ``rows`` counts those of all clips that are done,
    ``missing`` has how many rows of a clip hold no person, ``made`` how many hold one who was made up; ``clipped`` has
    how many numbers of a clip its ``writers`` brought within bounds, ``places`` what is in its way; ``altered`` are the
    names under which outputs are kept that were edited since they were written; ``scores_file`` is the table of scores,
    ``clips_file`` that of clips, ``scores_left`` of how many clips it has none of a metric, by reason; ``files`` are
    those that clips got now; ``gpus`` is over how many the ``workers`` are dealt, 0 where they are not.
    """

    output_dir: str
    total: int = 0
    already: int = 0
    done: int = 0
    frames: int = 0
    empty: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    warned: dict[str, str] = field(default_factory=dict)
    excluded: int = 0
    not_taken: dict[str, int] = field(default_factory=dict)
    to_do: int = 0
    ended: int = 0
    seconds: float = 0.0
    stages: dict[str, Spread] = field(default_factory=dict)
    rates: Rates = field(default_factory=Rates)
    scores_file: str = ""
    clips_file: str = ""
    scores_left: dict[str, dict[str, int]] = field(default_factory=dict)
    scores: Scores = field(default_factory=Scores)
    quality: Combined = field(default_factory=quality)
    crowd: Crowd = field(default_factory=Crowd)
    origin: Origin = field(default_factory=Origin)
    files: MadeFiles = field(default_factory=MadeFiles)
    writers: frozenset[str] = frozenset()
    clipped: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    people: People = field(default_factory=People)
    places: dict[str, str] = field(default_factory=dict)
    altered: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    device: str = ""
    workers: int = 0
    gpus: int = 0
    stopped: bool = False
    whole: bool = False
    error: str | None = None

    def begin(self, done: Iterable[Row], skipped: Iterable[Row]) -> None:
        """Take in the clips that earlier runs finished."""
        for row in done:
            self.score(row)
        for row in skipped:
            self.score(row)
            self.skip(row)

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        row = outcome.row
        self.ended += 1
        self.files.recalled += outcome.helped
        self.altered += outcome.altered
        if row.status == "failed":
            self.failed[row.id] = row.reason
            if row.facts.get("unreadable"):
                self.unreadable.add(row.id)
            return
        if row.warnings:
            self.warned[row.id] = "; ".join(row.warnings)
        self.score(row)
        if row.status == "skipped":
            self.skip(row)
            self.files.add(outcome.written, outcome.bytes)
            return
        if not outcome.fresh:
            self.already += 1
            return
        self.done += 1
        self.empty += bool(row.reason)
        self.frames += row.frames
        for name, spread in outcome.stages.items():
            self.stages.setdefault(name, Spread()).merge(spread)
        self.rates.add(outcome)
        self.files.add(outcome.written, outcome.bytes)
        self.device = outcome.device or self.device

    def skip(self, row: Row) -> None:
        """Take in a clip that is not made, of this run or an earlier one."""
        self.skipped[row.id] = row.reason
        if "taken" in row.facts:
            self.places[row.id] = row.facts["taken"]

    def score(self, row: Row) -> None:
        """Take in what metrics said of a clip, in this run or an earlier one, how crowded it is, and what was cut."""
        self.crowd.add(row)
        self.people.add(row)
        if row.status == "done" and "rows_missing" in row.facts:
            self.rows += row.frames
            if row.facts["rows_missing"]:
                self.missing[row.id] = row.facts["rows_missing"]
            if made := row.facts.get("rows_made"):
                self.made[row.id] = made
        if number := sum(number for name, number in row.facts.get("clipped", {}).items() if name in self.writers):
            self.clipped[row.id] = number
        self.scores.take(row)
        if row.status == "done" and "quality_sums" in row.facts and not self.origin.replayed:
            self.quality.add(row.facts["quality_sums"])

    @property
    def exit_code(self) -> int:
        """Return 0 done, 1 an error or nothing made, 3 some clips failed or were left out, 130 stopped by the user."""
        if self.error is not None:
            return 1
        if self.stopped:
            return STOPPED
        if self.failed or self.left or self.taken:
            return FAILED_SOME if self.done or self.already else 1
        return 0

    @property
    def ending(self) -> str:
        """Name how the run ended, by the first of these that holds.

        ``error``, ``stopped`` (before all was done), ``no clips``, ``failed`` (or some were not tried), ``all taken``
        and ``some taken`` (files of others are in the way), ``no person``, ``done``, ``nothing left``, ``skipped``
        (every clip).
        """
        holds = {
            "error": self.error is not None,
            "stopped": self.stopped and not self.whole,
            "no clips": self.total == 0,
            "failed": bool(self.failed) or self.left > 0,
            "all taken": self.all_taken,
            "some taken": self.taken > 0,
            "no person": 0 < self.done == self.empty,
            "done": self.done > 0,
            "nothing left": self.already > 0,
        }
        return next((name for name, true in holds.items() if true), "skipped")

    @property
    def all_taken(self) -> bool:
        """Whether nothing is there and clips wanted a place: files that are not theirs are in the way."""
        return not (self.done or self.already) and self.taken > 0

    @property
    def taken(self) -> int:
        """How many clips were not looked at, because files that are not theirs are in the way."""
        return self.kinds.get(TAKEN, 0)

    @property
    def left(self) -> int:
        """Return how many clips were to do and have no outcome."""
        return max(0, self.to_do - self.ended)

    @property
    def kinds(self) -> dict[str, int]:
        """Return how many clips were skipped for which kind of reason, the most frequent first."""
        return dict(Counter(map(kind, self.skipped.values())).most_common())

    def failures(self, unreadable: bool) -> dict[str, str]:
        """Return the reason by clip of those that failed for their input, or of those that failed for anything else."""
        return {name: reason for name, reason in self.failed.items() if (name in self.unreadable) == unreadable}

    def model_rate(self) -> float | None:
        """Return frames per second of the model, for one worker; None where no model looked at any."""
        return self.rates.of("model") if self.origin.detected else None

    def data(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "output_dir": self.output_dir,
            "clips": self.total,
            "already_done": self.already,
            "done": self.done,
            "no_person": self.empty,
            "skipped": self.kinds,
            "two_people_above": self.crowd.counts(),
            **self.people.data(),
            "rows": self.rows,
            "rows_missing": sum(self.missing.values()),
            "rows_made": sum(self.made.values()),
            "clipped": dict(self.clipped),
            "failed": dict(self.failed),
            "unreadable": list(self.failures(unreadable=True)),
            "warnings": dict(self.warned),
            "altered": list(self.altered),
            "shared": list(self.shared),
            "excluded": self.excluded,
            "not_taken": dict(self.not_taken),
            "left": self.left,
            "frames": self.frames,
            **self.files.data(),
            "seconds": round(self.seconds, 3),
            "frames_per_second": {
                "decode": _round(self.rates.of("decode")),
                "model": _round(self.model_rate()),
                "end_to_end": _round(self.frames / self.seconds if self.seconds and self.frames else None),
            },
            "latency": table(self.stages),
            "scores": {name: value for name, (value, _) in self.scores.values().items()},
            "scores_earlier": self.scores.earlier(),
            "scored": self.scores.data(),
            "scores_file": self.scores_file,
            "clips_file": self.clips_file,
            "scores_left_out": {name: dict(one) for name, one in self.scores_left.items()},
            "quality": {"clips": self.quality.clips, **self.quality.scores},
            "device": self.device,
            "workers": self.workers,
            "stopped": self.stopped,
            "error": self.error,
            "exit_code": self.exit_code,
        }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
