"""Show a run as numbered lines: the counts to do, one line a clip with the file written, and the results."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from posecfg.config.compose import Job
from posecfg.executors.protocol import Event, Finished, Placed
from posecfg.pipeline.work import Outcome
from posecfg.reasons import TAKEN, Left, kind, tally
from posecfg.runs import placement
from posecfg.runs.pace import Pace
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.terminal.closing import NOTHING, again, clipped, kept, made_up, missing
from posecfg.terminal.configuration import configuration
from posecfg.terminal.console import in_sight, say_in_sight
from posecfg.terminal.quarters import Quarters
from posecfg.terminal.text import ALL, failures, named
from posecfg.text import count, printable, seconds
from posecfg.types import Excluded

# Names of the kinds of reasons in the counts of the original scripts.
NAMES = {
    "more than one person": "multi-person",
    "frame rate too low": "fps out of range",
    "frame rate too high": "fps out of range",
    "video not found": "missing videos",
}
# Names of excluded lines of a table, single or counted; files that a folder leaves out are no segments.
_ROW = re.compile(r"line \d|[\d,]+ (?:more|segments?)$")
# Reasons that the original scripts counted by name.
LEFT_OUT = ("too short", "too long", "video not found")
IN_THE_WAY = "Files in the way that posecfg did not write"
NAMED = 5
REASONS = 10


class Lines:
    """Display with one line a clip, on a terminal too; it says 'complete' only if no clip failed or is untried."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.pace, self.quarters = Pace(), Quarters()
        self.root = ""

    def begin(self, job: Job, report: Report, found: Survey, excluded: Sequence[Excluded]) -> None:
        """Print the configuration, and the counts of clips there are and to do."""
        self.pace, self.root = Pace(found.work), report.output_dir
        for line in configuration(job, report):
            self.say(line)
        for line in opening(report, found, excluded):
            self.say(line)

    def event(self, event: Event) -> None:
        """Print one line when a clip is finished, or a quarter of a long one, and where other things are waited for."""
        before = self.pace.waits
        self.pace.event(event)
        if isinstance(event, Placed) and self.pace.waits not in ("", before):
            self.say(self.pace.waits)
        if (text := self.quarters.passed(event, self.pace)) is not None:
            self.say(text)
        if isinstance(event, Finished):
            self._print(*self._line(event.outcome))

    def say(self, text: str) -> None:
        """Print one line as it is."""
        self._print(text, "")

    def detail(self, text: str) -> None:
        """Print one line that a quiet run leaves out."""
        self.say(text)

    def stopping(self) -> None:
        """Say that the clips in work are finished first."""
        self.console = say_in_sight(self.console, Text(self.pace.stopping()))

    def end(self, report: Report) -> None:
        """Print the verdict and the counts."""
        if report.stopped:
            self.console = in_sight(self.console)
        self.say("")
        verdict, style = _verdict(report)
        self._print(verdict, style)
        for line in ending(report):
            self.say(line)

    def _print(self, text: str, style: str) -> None:
        self.console.print(Text(printable(text), style=style), soft_wrap=True)

    def _line(self, outcome: Outcome) -> tuple[str, str]:
        row, place = outcome.row, f"[{self.pace.finished}/{self.pace.total}]"
        if row.status == "failed":
            return f"✗ {place} {row.id}: FAILED: {row.reason}", "red"
        if row.status == "skipped":
            return f"⊗ {place} {row.id}: Skipped ({row.reason})", "yellow"
        first, *others = outcome.written or ("no new file",)
        name = f"{self.root}/{first}" if outcome.written else first
        more = f" and {len(others)} more" if others else ""
        extra = "; ".join(filter(None, [row.reason, *row.warnings]))
        text = f"{place} {row.id}: {count(row.frames, 'frame')} → {name}{more}{f' ({extra})' if extra else ''}"
        return text, "yellow" if extra else ""


def opening(report: Report, found: Survey, excluded: Sequence[Excluded]) -> Iterator[str]:
    """Yield the counts that are known before any film is opened."""
    left = tally(excluded)
    segments = [one for one in left if one.reason.startswith(LEFT_OUT)]
    rows = tally([item for item in excluded if _ROW.match(item.name)])
    yield f"Total segments: {report.total + sum(one.number for one in rows):,}"
    if report.already:
        yield f"Existing: {report.already:,}"
    for one in segments:
        yield f"{_name(one.reason).capitalize()}: {one.number:,}{_which(one)}"
    for name, number in _counted(report).items():
        yield f"Skipped before ({name}): {number:,}"
    yield from _failures(IN_THE_WAY, {name: why for name, why in report.skipped.items() if kind(why) == TAKEN})
    for one in left:
        if one not in segments:
            yield f"Not taken ({one.reason}): {one.number:,}{_which(one)}"
    if any(named(one, NAMED)[1] for one in left):
        yield f"All that is not taken, by name: {ALL}"
    why = ", ".join(f"{number:,} {reason}" for reason, number in found.why.most_common())
    yield f"Valid tasks: {len(found.work):,}{f' ({why})' if set(found.why) - {'new'} else ''}"
    if found.work:
        yield ""
        yield "Processing segments..."


def ending(report: Report) -> Iterator[str]:
    """Yield the counts that close a run."""
    yield f"Processed: {count(report.done, 'segment')}"
    if report.already:
        yield f"Existing: {report.already:,}"
    yield from _findings(report)
    yield from _failures("Unreadable", report.failures(unreadable=True))
    yield from _failures("Failed", report.failures(unreadable=False))
    if report.warned:
        yield f"With a warning: {len(report.warned):,}"
    if report.altered:
        yield f"Edited since posecfg wrote them, and kept: {kept(report)}"
    if report.left:
        yield f"Not tried: {report.left:,}"
    for name, (value, words) in report.scores.values().items():
        yield f"Score {name}: {value:.4f}, {words}"
    if report.scores_file:
        yield f"Table of scores: {report.scores_file}"
    for name, why in report.scores_left.items():
        text = "; ".join(f"{count(number, 'clip')} {reason}" for reason, number in why.items())
        yield f"Not in scores.csv, {name}: {text}"
    for word, text in report.scores.remarks():
        yield f"{word}: {text}"
    yield f"Total frames: {report.frames:,}"
    if report.device:
        where = placement.told(report.workers, report.gpus)
        yield f"Device: {report.device}, {where}, {seconds(report.seconds)}"
    yield f"Output directory: {report.output_dir}"


def _findings(report: Report) -> Iterator[str]:
    """Yield the findings: no person, several people, files in the way, numbers out of bounds."""
    if report.empty:
        yield f"No person found: {report.empty:,} (their rows are all missing)"
    if report.missing:
        yield f"Missing rows: {sum(report.missing.values()):,} {missing(report, 'segment')}"
    if report.made:
        yield f"Made-up rows: {sum(report.made.values()):,} {made_up(report, 'segment')}"
    for name, number in _counted(report).items():
        yield f"Skipped ({name}): {number:,}"
    if report.taken:
        yield f"{IN_THE_WAY}: {report.taken:,}"
    if crowd := report.crowd.sentence():
        yield f"Two people: {crowd}"
    if report.clipped:
        yield f"Clipped to 0 to 1: {clipped(report.clipped, 'segment')}"


def _verdict(report: Report) -> tuple[str, str]:
    how = "stopped" if report.left else "ended"
    others = f"Extraction complete, but for {count(report.taken, 'segment')} whose place is taken by another file."
    verdicts = {
        "error": (f"Extraction stopped: {report.error}", "bold red"),
        "stopped": ("Extraction stopped. Type the same command to go on where it stopped.", "bold yellow"),
        "no clips": ("There was no segment to look at.", "yellow"),
        "failed": (f"Extraction {how}: {again(report, 'segment')}", "bold red"),
        "all taken": (NOTHING, "bold red"),
        "some taken": (others, "bold yellow"),
    }
    return verdicts.get(report.ending, ("Extraction complete!", "bold green"))


def _failures(name: str, clips: Mapping[str, str]) -> Iterator[str]:
    """Yield how many clips failed, with the first names of each reason."""
    if clips:
        yield f"{name}: {len(clips):,}"
        yield from (f"  {line}" for line in failures(clips, REASONS))


def _which(one: Left) -> str:
    names = named(one, NAMED)[0]
    return f" ({names})" if names else ""


def _counted(report: Report) -> dict[str, int]:
    """Return how many clips were skipped, by the name of the reason; files in the way have their own line."""
    found: Counter[str] = Counter()
    for reason, number in report.kinds.items():
        if reason != TAKEN:
            found[_name(reason)] += number
    return dict(found)


def _name(reason: str) -> str:
    return NAMES.get(kind(reason), kind(reason))
