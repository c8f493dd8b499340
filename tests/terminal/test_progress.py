"""What the live display shows while clips are in work."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from whole_runs import job_of

from posecfg.executors.protocol import Finished, Progress, Started
from posecfg.pipeline.work import Outcome, Work
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.store.ledger_row import Row
from posecfg.terminal import progress
from posecfg.types import Clip


@pytest.fixture
def display(monkeypatch):
    """Return a display of four clips on a screen in memory, and the clock that it looks at."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress.Live, "start", lambda self: None)
    lively = progress.Lively(Console(file=io.StringIO(), width=120))
    found = Survey(work=[Work(Clip(name, Path(name)), ("npy",)) for name in "abcd"])
    lively.begin(job_of("out"), Report("out", total=4), found, ())
    return lively, now


def drawn(lively):
    screen = Console(file=io.StringIO(), width=120)
    screen.print(lively.render())
    return screen.file.getvalue()


def test_the_display_counts_clips_frames_and_time(display):
    lively, now = display
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
    assert "about 30 s left" in text
    assert "11 frames/s" in text
    assert "7 frames" in text
    assert "80 frames" not in text


def test_a_clip_that_failed_is_told_at_once(display):
    lively, _ = display
    lively.event(Started("a"))
    lively.event(Finished("a", Outcome(Row("a", "failed", "its disk fails"), fresh=True)))
    assert "its disk fails" in lively.console.file.getvalue()
