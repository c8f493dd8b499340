"""Draw the table that closes a run: clips done, skipped and failed, with reasons and speed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from posecfg import timing
from posecfg.reasons import groups
from posecfg.runs import placement
from posecfg.runs.made_files import MadeFiles
from posecfg.runs.report import Report
from posecfg.runs.scores import speaks_of
from posecfg.terminal.console import WIDE
from posecfg.text import count, printable, seconds, shortened, two_digits

NOTHING = "Nothing was written: files that posecfg did not write for these clips are in the way."

NAMED = 10
# Lines above the table that the user still sees.
FEW = 5
# Clips that are named as those with the most missing rows.
WORST = 3
# Smallest share of the work for which a stage has a line.
LEAST = 0.001
# Stages that are none where no detector looks at frames, and where poses are annotations as they are.
UNDETECTED = ("preprocess", "inference")
REPLAYED = (*UNDETECTED, "postprocess", "lift")
# Columns of a bar at most and at least, and of what stands before it.
BAR, SHORTEST, FIGURES = 24, 6, 48


def closing(report: Report, width: int = WIDE, lines: int | None = None) -> RenderableType:
    """Draw the summary of a run for ``width`` columns; warnings that stand in few ``lines`` above are only counted."""
    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False, title=None)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    if report.done:
        table.add_row("done", f"{report.done:,}", count(report.frames, "frame"), style="green")
    if report.already:
        table.add_row("done before", f"{report.already:,}", "nothing to do for these")
    _files(table, report.files)
    _rows(table, report)
    _reasons(table, "skipped", report.skipped, "yellow")
    if crowd := report.crowd.sentence():
        number, _, text = crowd.partition(" ")
        table.add_row("two people", number, text, style="yellow")
    if report.clipped:
        table.add_row("clipped", f"{len(report.clipped):,}", f"to 0 to 1: {clipped(report.clipped, 'clip')}")
    if report.left:
        table.add_row("not tried", f"{report.left:,}", "the run ended before them", style="yellow")
    if report.warned and lines is not None and lines <= FEW:
        where = "told in its line above" if len(report.warned) == 1 else "told in their lines above"
        table.add_row("warning", f"{len(report.warned):,}", where, style="yellow")
    else:
        _reasons(table, "warning", report.warned, "yellow")
    if report.altered:
        text = f"edited since posecfg wrote it, kept as {kept(report)}"
        table.add_row("kept", f"{len(report.altered):,}", text, style="yellow")
    _reasons(table, "unreadable", report.failures(unreadable=True), "red")
    _reasons(table, "failed", report.failures(unreadable=False), "red")
    _quality(table, report)
    _scores(table, report)
    if report.clips_file and report.total > 1:
        table.add_row("each clip", "", f"{report.clips_file}: rows, people, scores, reasons")
    _speed(table, report)
    return Group(table, *_latency(report, width), verdict(report))


def _scores(table: Table, report: Report) -> None:
    """Add the scores against known poses, where their table is, and what must be known beside them."""
    for name, (value, words) in report.scores.values().items():
        table.add_row(name, f"{value:.4f}", words, style="cyan")
    if report.scores_file:
        table.add_row("table", "", f"{report.scores_file}: also by keypoint, sequence, view and clip", style="cyan")
    for name, why in report.scores_left.items():
        text = "; ".join(f"{count(number, 'clip')} {reason}" for reason, number in why.items())
        table.add_row(name, "", f"not in scores.csv: {text}", style="yellow")
    for word, text in report.scores.remarks():
        table.add_row(word, "", text, style="cyan")


def _files(table: Table, files: MadeFiles) -> None:
    """Add the files that were made, and of how many clips the detector had less to do."""
    if files.recalled:
        table.add_row("recalled", f"{files.recalled:,}", "what a detector had found in them was remembered (cache)")
    if files.number:
        table.add_row("files", f"{files.number:,}", files.sentence())


def _rows(table: Table, report: Report) -> None:
    """Add the lines of clips and rows without a person, and of rows that were made up."""
    if report.empty:
        note = "the files are there; their rows are all missing"
        table.add_row("no person found", f"{report.empty:,}", note, style="yellow")
    if report.missing:
        table.add_row("missing rows", f"{sum(report.missing.values()):,}", missing(report, "clip"), style="yellow")
    if report.made:
        table.add_row("made-up rows", f"{sum(report.made.values()):,}", made_up(report, "clip"), style="yellow")


def _reasons(table: Table, word: str, clips: Mapping[str, str], style: str) -> None:
    """Add a row for each reason, with the name of its first clip."""
    gathered = groups(clips)
    for group in gathered[:NAMED]:
        number = len(group.names)
        others = f" and {number - 1:,} more" if number > 1 else ""
        text = f"{shortened(group.names[0], 50)}{others}: {printable(group.reason)}"
        table.add_row(word, f"{number:,}", text, style=style)
    if len(gathered) > NAMED:
        table.add_row(word, "", f"and {len(gathered) - NAMED:,} other reasons", style=style)


def _quality(table: Table, report: Report) -> None:
    """Add what the poses of all clips tell of themselves: how often a person was found, how steadily they move."""
    known = report.quality.scores
    if not known.get("people"):
        return
    of = report.done + report.already
    some = f" ({speaks_of(report.quality.clips, of)})" if report.quality.clips < of else ""
    people = f"{known['people']:.1f}".removesuffix(".0")
    people = "1 person" if people == "1" else f"{people} people"
    score = f", mean score {known['score']:.2f}" if "score" in known else ""
    table.add_row("found", f"{known['detection_rate']:.1%}", f"of the rows show {people}{score}{some}")
    if "jitter_px_s2" in known:
        space = f" ({two_digits(known['jitter_m_s2'])} m/s²)" if "jitter_m_s2" in known else ""
        table.add_row("jitter", f"{known['jitter_px_s2']:,.0f}", f"px/s²{space}, mean acceleration of keypoints")


def _speed(table: Table, report: Report) -> None:
    if not report.frames or not report.seconds:
        return
    rates = {"decode": report.rates.of("decode"), "model": report.model_rate()}
    parts = [f"{stage} {rate:,.0f}" for stage, rate in rates.items() if rate]
    note = f"; one worker alone: {', '.join(parts)}" if parts else ""
    table.add_row(
        "frames/s", f"{report.frames / report.seconds:,.0f}", f"end to end in {seconds(report.seconds)}{note}"
    )
    table.add_row("device", report.device, placement.told(report.workers, report.gpus))


def _latency(report: Report, width: int) -> Iterator[RenderableType]:
    """Draw the time that each stage takes a frame, if any clip was done."""
    absent = REPLAYED if report.origin.replayed else () if report.origin.detected else UNDETECTED
    found = timing.table(report.stages)
    rows = {name: row for name, row in found.items() if row["share"] >= LEAST and name not in absent}
    if not rows or not report.frames:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("a frame", style="bold", no_wrap=True)
    for name in ("median", "95 %", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    bars = min(BAR, width - FIGURES)
    if bars >= SHORTEST:
        table.add_column("", no_wrap=True)
    for name, row in rows.items():
        bar = [Text("━" * max(1, round(row["share"] * bars)), style="cyan")] if bars >= SHORTEST else []
        table.add_row(name, _ms(row["median_ms"]), _ms(row["p95_ms"]), f"{row['share']:.0%}", *bar)
    yield table


def _ms(value: float) -> str:
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"


def again(report: Report, noun: str) -> str:
    """Say what to do about failed clips; broken input must be repaired before the command is typed again."""
    failed, broken = len(report.failed), len(report.unreadable)
    if not failed:
        return (
            f"{count(report.left, noun)} not tried, though the run went to its end. Type the same command to try again."
        )
    mend = "mend what the reasons name"
    if not broken:
        return f"{count(failed, noun)} failed. Type the same command to try again."
    if broken == failed:
        first = f"{mend.capitalize()} before the same command is typed again."
        return f"{count(broken, noun)} cannot be read. {first}"
    return f"{count(failed, noun)} failed. Type the same command to try again; for {broken:,} of them {mend} first."


def kept(report: Report) -> str:
    """Name files that were edited since posecfg wrote them, by the names under which they are kept."""
    shown, more = [shortened(name, 60) for name in report.altered[:NAMED]], len(report.altered) - NAMED
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def missing(report: Report, noun: str) -> str:
    """Say of how many rows those without a person who is kept are, and in which clips."""
    where, clips = "", f"in {count(len(report.missing), noun)}"
    if len(report.missing) == 1 and report.total > 1:
        clips = f"all in {shortened(next(iter(report.missing)), 30)}"
    if len(report.missing) > 1:
        most = sorted(report.missing, key=lambda name: (-report.missing[name], name))[:WORST]
        where = f", most in {', '.join(f'{shortened(name, 30)} ({report.missing[name]:,})' for name in most)}"
    return f"of {count(report.rows, 'row')}, {clips}: they hold no person{where}"


def made_up(report: Report, noun: str) -> str:
    """Say of how many rows those with a pose that was made up are, and in how many clips."""
    share = f"{sum(report.made.values()) / max(1, report.rows):.0%}"
    return f"of {count(report.rows, 'row')} ({share}), in {count(len(report.made), noun)}: interpolated or held"


def clipped(numbers: Mapping[str, int], noun: str) -> str:
    """Say how many numbers were clipped, and in how many clips."""
    return f"{count(sum(numbers.values()), 'number')} in {count(len(numbers), noun)}"


def _all_skipped(report: Report) -> str:
    """Say what there is where every clip was skipped: pictures of them at most."""
    if report.files.number:
        return f"No poses were written, but pictures that show why in {report.output_dir}:"
    return "Nothing was written:"


def verdict(report: Report) -> Text:
    """Return the line that closes a run: how it ended, and where its results are."""
    where = f"Results: {report.output_dir}"
    left = f"{count(report.taken, 'clip')} left out: files that are not theirs are in the way."
    text, style = {
        "error": (f"Stopped: {report.error}", "bold red"),
        "stopped": ("Stopped. Type the same command to go on where it stopped.", "bold yellow"),
        "no clips": ("There was no clip to look at.", "yellow"),
        "failed": (f"{again(report, 'clip')} {where}", "bold red"),
        "all taken": (NOTHING, "bold red"),
        "some taken": (f"{left} {where}", "bold yellow"),
        "no person": (f"No person was found in any clip. {where}", "bold yellow"),
        "done": (where, "bold green"),
        "nothing left": (f"Nothing was left to do. {where}", "bold green"),
        "skipped": (f"{_all_skipped(report)} every clip was skipped.", "bold yellow"),
    }[report.ending]
    return Text(printable(text), style=style)
