"""Helper processes make pages no other, whatever becomes of them and whatever ledgers hold."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import threading
from contextlib import closing
from dataclasses import replace
from functools import partial

import pytest
from whole_runs import go

from posecfg.errors import OutputError
from posecfg.layout import HOME
from posecfg.page import clip_helpers, report, told_clips
from posecfg.page.clip_helpers import clips_of_all
from posecfg.page.columns import clips_of
from posecfg.page.document import embedded
from posecfg.page.report import page_of
from posecfg.page.shown import Wishes
from posecfg.page.sources import source
from posecfg.store.ledger import Ledger
from posecfg.store.ledger_row import Row

SUMS = {
    "rows": 30,
    "found": 20,
    "persons": 21,
    "points": 340,
    "score": 100.5,
    "followed": 1,
    "gaps": 3,
    "jitter_px": 2.0,
}
FACTS = {"duration": 1.0 / 3, "rows_missing": 10, "quality_sums": SUMS}
DONE = Row("a \udcff\u2028/b", "done", frames=30, facts=FACTS, warnings=("a 'warning'",), at=5.0)


@pytest.fixture
def roots(tmp_path):
    """Return the folders of runs, of which only ledgers tell."""
    found = [tmp_path / f"run \n{number}" for number in range(4)]
    for number, root in enumerate(found):
        rows = [replace(DONE, id=f"clip {one}", frames=30 + number + one) for one in range(20)]
        filled(root, *rows, DONE, Row("s", "skipped", "too short: 1 s"), Row("f", "failed"))
    return found


def filled(root, *rows):
    with closing(Ledger(root / HOME / "ledger.db")) as book:
        book.put(rows)


def spoiled(root, column, value):
    with closing(sqlite3.connect(root / HOME / "ledger.db")) as db, db:
        db.execute(f"UPDATE clips SET {column} = ?", (value,))


@pytest.fixture
def many(monkeypatch):
    """Let few clips be many."""
    monkeypatch.setattr(clip_helpers, "EACH", 1)


@pytest.fixture
def helped(monkeypatch, many):
    """Leave everything to helpers."""
    main, take = threading.main_thread(), clip_helpers._next
    monkeypatch.setattr(
        clip_helpers, "_next", lambda waiting: None if threading.current_thread() is main else take(waiting)
    )


@pytest.fixture
def started(monkeypatch):
    """Return the helpers that were started."""
    start, found = clip_helpers._start, []
    monkeypatch.setattr(clip_helpers, "_start", lambda: found.append(start()) or found[-1])
    return found


@pytest.fixture
def here(monkeypatch):
    """Return the runs that are read in this process."""
    found = []
    monkeypatch.setattr(clip_helpers, "clips_of", lambda root: found.append(root) or clips_of(root))
    return found


def read(roots, cores=2):
    return clips_of_all(roots, lambda: cores)


def test_helpers_tell_the_same_in_the_same_order_and_end(roots, helped, started, here):
    found = read(roots)
    assert here == []
    assert found == {root: clips_of(root) for root in roots}
    assert [*found] == roots
    assert [len(clips.ids) for clips in found.values()] == [23] * 4
    assert [helper.returncode is None for helper in started] == [False]


def test_a_page_is_the_same_with_helpers(tmp_path, monkeypatch, request):
    for number in range(2):
        go(tmp_path / f"run{number}", "dataset=synthetic", "dataset.frames=6", "dataset.size=[64,48]", "writer=[npz]")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report.time, "strftime", lambda _: "now")
    pages = []
    for cores in (1, 2):
        monkeypatch.setattr(report, "clips_of_all", partial(clips_of_all, cores=lambda cores=cores: cores))
        page = page_of(source(["."]), Wishes(pictures=False), tmp_path)
        pages.append(embedded([page.data, list(page.clips)]))
        if cores < 2:
            request.getfixturevalue("helped")
            read_here = request.getfixturevalue("here")
    assert read_here == []
    assert pages[0] == pages[1]


@pytest.mark.parametrize("program", ["", "/no/such/program", "/bin/true", "/bin/echo"])
def test_helpers_that_do_not_answer_leave_the_work_to_this_process(roots, helped, here, monkeypatch, program):
    expected = {root: clips_of(root) for root in roots}
    monkeypatch.setattr(sys, "executable", program)
    assert read(roots) == expected
    assert here == roots


@pytest.mark.parametrize("answer", ["5\\n", "-1\\n", "99999999999999999999\\n", "2\\n((", "1\\nN1\\ni", "x" * 99])
def test_half_an_answer_and_a_wrong_one_are_none(roots, helped, here, monkeypatch, tmp_path, answer):
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\nread question\nprintf '{answer}'\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    assert len(read(roots)) == 4
    assert here == roots


def test_a_helper_that_is_killed_in_its_work_costs_nothing_but_time(roots, helped, here, started, monkeypatch):
    ask = told_clips.read
    monkeypatch.setattr(
        told_clips, "read", lambda told: [os.kill(one.pid, signal.SIGKILL) for one in started] and ask(told)
    )
    assert read(roots) == {root: clips_of(root) for root in roots}
    assert here == roots
    assert [helper.returncode for helper in started] == [-signal.SIGKILL]


def test_helpers_that_hang_are_killed_and_leave_the_work_to_this_process(roots, many, monkeypatch, tmp_path, started):
    program = tmp_path / "sleep"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(clip_helpers, "PATIENCE", 0.01)
    assert len(read(roots)) == 4
    assert [helper.returncode for helper in started] == [-signal.SIGKILL]


def test_helpers_for_which_there_is_no_thread_end_at_once(roots, many, monkeypatch, started):
    def refuse(*_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert len(read(roots)) == 4
    assert len(started) == 1
    assert started[0].returncode is not None


def test_helpers_end_with_an_interruption(roots, many, monkeypatch, started):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(clip_helpers, "clips_of", stop)
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        read(roots * 5)
    assert all(helper.returncode is not None for helper in started)
    assert (len(started), threading.active_count()) == (1, before)


@pytest.mark.parametrize(
    ("cores", "each", "helpers"), [(1, 1, 0), (2, 1, 1), (99, 1, 3), (99, 1 << 15, 2), (99, 1 << 30, 0)]
)
def test_there_are_as_many_helpers_as_cores_runs_and_bytes_are_worth(roots, monkeypatch, started, cores, each, helpers):
    monkeypatch.setattr(clip_helpers, "EACH", each)
    assert len(read(roots, cores)) == 4
    assert len(started) == helpers


def test_one_run_needs_no_helper(roots, many, started):
    assert len(read(roots[:1], 99)) == 1
    assert started == []


HARMS = [
    ("facts", '{"quality_sums": {"rows": 1e999}}'),
    ("facts", "[" * 100_000),
    ("facts", '{"quality_sums": {"rows": 1' + "0" * 5000 + "}}"),
    ("frames", 9e999),
    ("frames", "many"),
    ("warnings", '[{"a": 1}]'),
    ("id", b"\xff"),
    ("status", "perhaps"),
]


def test_a_hostile_ledger_is_none_in_a_helper_too(tmp_path, roots, helped, here):
    hostile = [tmp_path / f"hostile {number}" for number in range(len(HARMS))]
    for root, (column, value) in zip(hostile, HARMS, strict=True):
        filled(root, DONE)
        spoiled(root, column, value)
    found = read([*roots, *hostile])
    assert here == hostile
    assert [len(clips.ids) for clips in found.values()] == [23] * 4 + [0] * len(HARMS)


@pytest.mark.parametrize("harm", ["a link", "a pipe"])
def test_what_is_refused_of_a_ledger_is_told_as_without_helpers(roots, helped, harm):
    path = roots[1] / HOME / "ledger.db"
    path.rename(path.with_name("away"))
    path.symlink_to("away") if harm == "a link" else os.mkfifo(path)
    with pytest.raises(OutputError) as alone:
        clips_of(roots[1])
    with pytest.raises(OutputError) as found:
        read(roots)
    assert str(found.value) == str(alone.value)


def test_the_first_run_that_is_refused_is_told_first(roots, many):
    for root in roots[1:]:
        path = root / HOME / "ledger.db"
        path.rename(path.with_name("away"))
        path.symlink_to("away")
    with pytest.raises(OutputError, match=r"run \n1"):
        read(roots)


def test_files_beside_the_command_are_not_imported(roots, helped, here, tmp_path, monkeypatch):
    expected = {root: clips_of(root) for root in roots}
    for name in ("json", "numpy", "sqlite3", "signal", "posecfg"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert read(roots) == expected
    assert here == []
