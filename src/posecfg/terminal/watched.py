"""Draw what is seen of runs: of one all that it tells of itself, of several a line each."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from posecfg.review.watching import DEAD, ENDED, HANGS, UNSURE, WAITS, WORKS, Clips, Folder, Seen
from posecfg.runs.pace import Flight
from posecfg.store.state_file import BEGINS, ENDS, ClipInWork, RunState
from posecfg.terminal.bars import SHOWN, Far, each, over_all
from posecfg.text import count, printable, seconds, shortened

STYLES = {WORKS: "bold cyan", HANGS: "bold yellow", DEAD: "bold red", UNSURE: "bold"}
# How a run ended, as one word with its style; what is not here has come to its end.
ENDINGS = {"error": ("error", "bold red"), "stopped": ("stopped", "bold yellow"), "failed": ("ended", "bold red")}
FINISHED = ("finished", "bold green")
MOST = 4
"""Runs of one folder that have lines of their own, and names of others."""
SPINNER = Spinner("dots", style="cyan")


def drawn(folders: Sequence[Folder], width: int, moves: bool = False) -> RenderableType:
    """Draw one folder whole, or a line for each of several; what ``moves`` says that it is looked at again."""
    if len(folders) > 1:
        return _lines(folders, width)
    (folder,) = folders
    table = Table.grid(padding=(0, 2, 0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, text, style in rows(folder):
        table.add_row(Text(label, style), Text(printable(text)))
    return Group(Text(printable(str(folder.root)), "bold"), table, *_bars(folder, width, moves))


def rows(folder: Folder) -> Iterator[tuple[str, str, str]]:
    """Yield what is to be said of a folder: a word, a text and the style of the word."""
    for job in folder.submitted[:MOST]:
        yield WAITS, job.text, "yellow"
    if not folder.runs and folder.submitted:
        return
    if not folder.runs:
        yield "unknown", "no run has told of itself here: an earlier version wrote this folder", "bold yellow"
    if len(folder.runs) > MOST:
        yield from _summed(folder.runs)
    else:
        for one in folder.runs:
            shard = f"shard {one.shard} " if one.shard else ""
            word, style = verdict(one)
            yield word, f"{shard}{_told(one)}", style
            yield from _workers(one)
    waits = dict.fromkeys(text for one in folder.runs if one.verdict == WORKS for text in one.state.waiting)
    yield from (("waiting", text, "yellow") for text in list(waits)[:MOST])
    yield "clips", _clips(folder), "bold"
    yield from _advice(folder)


def _summed(runs: Sequence[Seen]) -> Iterator[tuple[str, str, str]]:
    """Yield a line for shards of which the same is to be said, the first of them and their machines by name."""
    words = [verdict(one) for one in runs]
    for word, style in dict.fromkeys(words):
        same = [one for one, said in zip(runs, words, strict=True) if said == (word, style)]
        shards, hosts = [one.shard for one in same], list(dict.fromkeys(one.state.process.host for one in same))
        yield word, f"{count(len(same), 'shard')} ({_first(shards)}) on {_first(hosts)}", style
    if workers := sum(one.state.workers for one in runs if one.verdict == WORKS):
        yield "workers", f"{workers:,}, {runs[0].state.executor}", "bold"


def _first(names: Sequence[str]) -> str:
    more = len(names) - MOST
    return f"{', '.join(names[:MOST])}{f' and {more:,} more' if more > 0 else ''}"


def verdict(one: Seen) -> tuple[str, str]:
    """Return what a run is in one word, and its style."""
    if one.verdict == ENDED:
        return ENDINGS.get(one.state.ended, FINISHED)
    if one.verdict == WORKS and one.state.stop:
        return "stopping", "bold yellow"
    return one.verdict, STYLES.get(one.verdict, "bold")


def _told(one: Seen) -> str:
    """Say where and for how long a run works, or how and when it ended."""
    state, process = one.state, one.state.process
    took = seconds(state.seconds)
    if one.verdict == ENDED:
        why = "" if state.error is None else f": {state.error}"
        by = f", by posecfg stop typed on {state.stop_host}" if state.ended == "stopped" and state.stop_host else ""
        return f"{_clock(state.ended_at)} on {process.host}, after {took}{by}{why}"
    where = f"process {process.pid} on {process.host}"
    if one.verdict == DEAD and one.is_here:
        return f"{where} is gone; it wrote last {took} after its start"
    if one.verdict == DEAD:
        return f"{where} gives no sign of life; it wrote last {took} after its start"
    if one.verdict == HANGS:
        return f"{where} was stopped by a signal, {took} after its start"
    doing = {BEGINS: ", it lists and compares clips", ENDS: ", it makes files over all clips"}.get(state.phase, "")
    clock = "" if one.is_here else " by its clock"
    return f"for {took}, since {_clock(state.started)}{clock}, {where}{doing}"


def _workers(one: Seen) -> Iterator[tuple[str, str, str]]:
    """Yield the line of the workers of a run, and of a request to stop."""
    state = one.state
    if one.verdict not in (WORKS, HANGS):
        return
    if state.stop:
        what = "finishes" if state.stop == "finish" else "drops"
        yield "asked", f"to stop, from {state.stop_host}: it {what} {_in_work(state.in_work)}", "yellow"
    if state.workers or state.engine:
        ready = "" if state.ready is None else f"{state.ready:,} of "
        engine = ", ".join(filter(None, [state.engine, state.executor]))
        yield "workers", f"{ready}{state.workers:,}{' ready' if ready else ''}, {engine}", "bold"


def _in_work(number: int) -> str:
    return "the clip in work" if number == 1 else f"the {number:,} clips in work" if number else "what is in work"


def _clips(folder: Folder) -> str:
    return clips_told(folder.clips, sum(one.state.already for one in folder.runs if one.verdict in (WORKS, HANGS)))


def clips_told(clips: Clips, before: int = 0) -> str:
    """Return how many clips there are of each outcome, of which ``before`` were done by earlier runs."""
    done = f"{clips.done:,} done{f' ({before:,} of them before)' if before else ''}"
    others = ((clips.dropped, "dropped"), (clips.failed, "failed"), (clips.left, "to do"))
    return ", ".join([done, *(f"{number:,} {word}" for number, word in others if number)])


def _advice(folder: Folder) -> Iterator[tuple[str, str, str]]:
    """Yield what to type where a run does not go on by itself, and where that was typed, if not here."""
    if folder.verdict == WAITS:
        return
    one = next((run for run in folder.runs if run.verdict in (HANGS, DEAD)), None)
    if one is None and folder.verdict == ENDED:
        one = next((run for run in folder.runs if run.state.exit_code != 0), None)
    if one is None:
        return
    if one.verdict == HANGS:
        yield "type", f"kill -CONT {one.state.process.pid}", "bold"
        return
    yield "type", one.go_on or "the same command again", "bold"
    if one.go_on and one.state.folder not in ("", os.getcwd()):
        yield "in", one.state.folder, "bold"


def _bars(folder: Folder, width: int, moves: bool) -> list[RenderableType]:
    """Draw the bar over all clips of the runs that work, and a line for each clip in work."""
    working = [one for one in folder.runs if one.verdict in (WORKS, HANGS)]
    if not any(one.state.to_do for one in working):
        return []
    flights = [(clip.id, _flight(clip)) for one in working for clip in one.state.clips_in_work]
    number = sum(one.state.in_work for one in working)
    shown = sorted(flights, key=lambda pair: pair[1].began)[:SHOWN]
    far = _far([one.state for one in working], [flight for _, flight in flights])
    lines: list[RenderableType] = [over_all(SPINNER if moves else Text(" "), far, width)]
    lines += each(shown, width, far.total > 1, moves)
    if number > len(shown):
        lines.append(Text(f"  and {number - len(shown):,} more", "dim"))
    return lines


def _flight(clip: ClipInWork) -> Flight:
    return Flight(-clip.seconds, clip.frames, clip.of, clip.where)


def _far(states: Sequence[RunState], flights: Sequence[Flight]) -> Far:
    """Add up how far runs are; all are done when the last one is."""
    total = sum(state.to_do for state in states)
    finished = sum(max(0, state.to_do - state.left) for state in states)
    left = [state.time_left for state in states if state.left]
    return Far(
        total,
        finished,
        finished + sum(flight.share or 0.0 for flight in flights),
        sum(state.frames_per_second for state in states),
        max(state.seconds for state in states),
        None if None in left or not left else max(one for one in left if one is not None),
    )


def _lines(folders: Sequence[Folder], width: int) -> Table:
    """Draw a line for each folder: its name, what its run is, and how far."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for folder in folders:
        word, style, text = brief(folder)
        table.add_row(
            Text(shortened(str(folder.root), max(16, width // 3)), "bold"), Text(word, style), Text(printable(text))
        )
    return table


def brief(folder: Folder) -> tuple[str, str, str]:
    """Return of a folder a word, its style, and a short text."""
    one = next((run for run in folder.runs if run.verdict == folder.verdict), None)
    told = clips_told(folder.clips)
    if folder.verdict == WAITS:
        return WAITS, "yellow", "; ".join(job.text for job in folder.submitted[:MOST])
    if one is None:
        return "unknown", "bold yellow", told
    word, style = verdict(one)
    if one.verdict == ENDED:
        return word, style, f"{told}; {_clock(one.state.ended_at)}"
    if one.verdict == DEAD:
        return word, style, told
    far = _far([run.state for run in folder.runs if run.verdict == one.verdict], [])
    rest = "" if far.left is None else f", about {seconds(far.left)} left"
    return word, style, f"{far.finished:,}/{count(far.total, 'clip')}, {far.rate:.0f} frames/s{rest}"


def _clock(at: float | None) -> str:
    """Return a time as a clock and a calendar show it; of today, as a clock does."""
    try:
        then, now = time.localtime(at or 0.0), time.localtime()
        return time.strftime("%H:%M:%S" if then[:3] == now[:3] else "%Y-%m-%d %H:%M", then)
    except (OverflowError, ValueError, OSError):
        return "at an unknown time"
