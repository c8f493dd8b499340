"""What is printed where there is no live display: one line a clip."""

from __future__ import annotations

import io
import json

import pytest
from whole_runs import job_of

from posecfg.executors.protocol import Finished, Placed
from posecfg.pipeline.work import Outcome
from posecfg.runs.report import Report
from posecfg.runs.run import run
from posecfg.store.ledger_row import Row
from posecfg.terminal.console import literal
from posecfg.terminal.progress import Plain


@pytest.fixture
def plain():
    console = literal(width=120)
    console.file = io.StringIO()
    return Plain(console)


def said(plain):
    text = plain.console.file.getvalue()
    plain.console.file = io.StringIO()
    return text.splitlines()


def test_the_speed_of_a_clip_is_that_of_this_attempt(plain):
    row = Row("a", "done", frames=100, seconds=50.0)
    for outcome in (Outcome(row, seconds=0.05), Outcome(row), Outcome(row, fresh=False, seconds=1.0)):
        plain.event(Finished("a", outcome))
    assert [line.partition(" ")[2] for line in said(plain)] == [
        "a: 100 frames, 2,000 frames/s",
        "a: 100 frames",
        "a: 100 frames",
    ]


def test_a_clip_that_is_recalled_says_so(plain):
    plain.event(Finished("a", Outcome(Row("a", "done", frames=100), seconds=0.05, helped=True)))
    assert said(plain)[0].endswith("a: 100 frames, 2,000 frames/s, recalled")


def test_what_is_waited_for_is_told_where_it_changes(plain):
    wait = "3 of 5 tasks wait"
    for number, waiting in enumerate([(wait,), (wait,), (), ("1 of 5 tasks waits",)]):
        plain.event(Placed("grid", number, waiting))
    assert said(plain) == [wait, "1 of 5 tasks waits"]


CUT = "truncated: 22 frames, 0.4 s of the 0.7 s that it declares"


@pytest.mark.parametrize(("clips", "times"), [(1, 1), (5, 1), (6, 2)])
def test_a_warning_is_told_once_where_its_line_is_still_in_sight(plain, clips, times):
    report = Report("out", total=clips)
    for number in range(clips):
        row = Row(str(number), "skipped" if number else "done", "why", warnings=() if number else (CUT,))
        report.add(Outcome(row))
        plain.event(Finished(row.id, Outcome(row)))
    plain.end(report)
    text = "\n".join(said(plain))
    assert text.count(CUT) == times
    assert ("warning 1 told in its line above" in " ".join(text.split())) == (times == 1)


def test_warnings_of_a_clip_that_is_skipped_are_in_its_line_too(plain):
    plain.event(Finished("a", Outcome(Row("a", "skipped", "too short", warnings=(CUT, "b.npy stays")))))
    assert said(plain) == [f"[1/0] a: skipped: too short; {CUT}; b.npy stays"]


def test_a_metric_that_is_added_tells_no_speed_of_an_earlier_run(plain, tmp_path):
    run(job_of(tmp_path, "writer=[npz]"), plain)
    first = "\n".join(said(plain))
    assert " frames/s" in first
    for path in (tmp_path / ".posecfg" / "clips").iterdir():
        path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": 1000.0}))
    (tmp_path / ".posecfg" / "ledger.db").unlink()
    run(job_of(tmp_path, "writer=[npz]", "metric=[pck]"), plain)
    lines = [line for line in said(plain) if line.startswith("[")]
    assert len(lines) == 3
    assert all("3 frames" in line and ", 0 frames/s" not in line for line in lines)
