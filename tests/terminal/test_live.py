"""What the live display shows while clips are in work."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from whole_runs import job_of

from posecfg.executors.protocol import Finished, Placed, Progress, Started
from posecfg.pipeline.work import Outcome, Work
from posecfg.runs import pace
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.store.ledger_row import Row
from posecfg.terminal import bars, live
from posecfg.types import Clip


@pytest.fixture
def display(monkeypatch):
    """Return a maker of displays of some clips on a screen in memory, and the clock that they look at."""
    now = [1000.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(live.Live, "start", lambda self: None)

    def make(names="abcd", width=120):
        lively = live.Lively(Console(file=io.StringIO(), width=width))
        found = Survey(work=[Work(Clip(name, Path(name)), ("npy",)) for name in names])
        lively.begin(job_of("out"), Report("out", total=len(names)), found, ())
        return lively

    return make, now


def drawn(lively):
    screen = Console(file=io.StringIO(), width=lively.console.width)
    screen.print(lively.render())
    return screen.file.getvalue()


def test_the_display_counts_clips_frames_and_time(display):
    make, now = display
    lively = make()
    assert "0/4 clips" in drawn(lively)
    assert "left" not in drawn(lively)
    lively.event(Started("a"))
    lively.event(Started("b"))
    now[0] += 10
    lively.event(Progress("a", 80))
    lively.event(Progress("b", 7))
    lively.event(Finished("a", Outcome(Row("a", "done", frames=80), fresh=True)))
    text = drawn(lively)
    assert "1/4 clips" in text
    assert "10 s gone" in text
    # 73 frames of b and 80 of c and d each, of which 8.7 a second are done.
    assert "about 27 s left" in text
    assert "11 frames/s" in text
    assert "7 frames" in text
    assert "80 frames" not in text


@pytest.mark.parametrize("width", [50, 80, 160])
def test_a_single_film_shows_how_far_it_is(display, width):
    make, now = display
    lively = make(["a-film-with-a-name-that-is-rather-long-for-a-line"], width)
    name = lively.pace._weights.copy().popitem()[0]
    lively.event(Started(name))
    now[0] += 20
    lively.event(Progress(name, 600, 1394))
    lines = drawn(lively).splitlines()
    assert len(lines) == 2
    assert all(len(line.rstrip()) <= width - bars.FREE for line in lines)
    assert "0/1 clips" in lines[0]
    assert "about 26 s left" in lines[0]
    assert lines[0].count("━") >= bars.LEAST
    assert "600 of 1,394 frames" in lines[1]
    assert lines[1].startswith("  a-film-")


@pytest.mark.parametrize("width", [50, 80, 160])
def test_clips_in_work_have_a_bar_each_and_their_counts_below_each_other(display, width):
    make, now = display
    lively = make(["short", "a-film-with-a-name-that-is-rather-long-for-a-line", "c"], width)
    for name in ("short", "a-film-with-a-name-that-is-rather-long-for-a-line"):
        lively.event(Started(name))
    now[0] += 2
    lively.event(Progress("short", 600, 1394))
    lively.event(Progress("a-film-with-a-name-that-is-rather-long-for-a-line", 8))
    _, first, second = drawn(lively).splitlines()
    assert first.rstrip().endswith("600 of 1,394 frames")
    assert second.rstrip().endswith(" 8 frames")
    assert len(first.rstrip()) == len(second.rstrip()) <= width - bars.FREE
    if width >= 80:
        assert "━" in first


@pytest.mark.parametrize("width", [50, 80, 160])
def test_what_is_waited_for_is_one_line_that_is_replaced(display, width):
    lively = display[0](width=width)
    lively.event(Placed("grid", 2, ("3 of 5 tasks wait in the queue (Resources)", "a worker on node7 is built anew")))
    *_, last = drawn(lively).splitlines()
    assert last.startswith("  3 of 5 tasks wait")
    assert len(last.rstrip()) <= width - bars.FREE
    lively.event(Placed("grid", 4, ("1 of 5 tasks waits",)))
    assert [line.strip() for line in drawn(lively).splitlines()[1:]] == ["1 of 5 tasks waits"]
    lively.event(Placed("grid", 5))
    assert len(drawn(lively).splitlines()) == 1


def test_a_clip_that_failed_is_told_at_once(display):
    lively = display[0]()
    lively.event(Started("a"))
    lively.event(Finished("a", Outcome(Row("a", "failed", "its disk fails"), fresh=True)))
    assert "its disk fails" in lively.console.file.getvalue()


@pytest.mark.parametrize(("clips", "times"), [(1, 1), (5, 1), (6, 2)])
def test_a_warning_that_stands_above_is_not_told_again_below_unless_many_do(display, clips, times):
    lively = display[0]()
    cut, report = "truncated: 22 frames of 40", Report("out", total=clips + 1)
    for number in range(clips):
        outcome = Outcome(Row(str(number), "done", warnings=() if number else (cut,), reason="no person found"))
        report.add(outcome)
        lively.event(Finished(outcome.row.id, outcome))
    lively.event(Finished("whole", Outcome(Row("whole", "done"))))
    lively.end(report)
    assert lively.console.file.getvalue().count(cut) == times


def test_more_clips_than_there_is_room_for_are_counted(display):
    lively = display[0]("abcdefghijkl")
    for name in "abcdefghijkl":
        lively.event(Started(name))
    assert drawn(lively).splitlines()[-1].strip() == "and 4 more"


def test_ctrl_c_says_how_long_the_clips_in_work_will_take(display):
    make, now = display
    lively = make()
    lively.event(Started("a"))
    lively.stopping()
    assert "Stopping: the clip in work is finished first; press" in lively.console.file.getvalue()
    now[0] += 10
    lively.event(Progress("a", 100, 300))
    lively.stopping()
    assert "is finished first, about 20 s; press Ctrl-C again to drop it" in lively.console.file.getvalue()


def test_the_bar_moves_while_it_is_not_known_how_far_a_single_clip_is(display):
    make, _ = display
    for names, of, moves in (("a", None, True), ("a", 100, False), ("ab", None, False)):
        lively = make(names)
        lively.event(Started("a"))
        lively.event(Progress("a", 20, of))
        cells = [cell for column in lively._all().columns for cell in column.cells]
        (bar,) = [cell for cell in cells if isinstance(cell, bars.ProgressBar)]
        assert bar.pulse is moves
