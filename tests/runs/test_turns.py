"""Waiting for one's turn in an output folder."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager

import pytest
from whole_runs import Spy, go, job_of

from posecfg.errors import InUse
from posecfg.runs import turns
from posecfg.runs.run import run
from posecfg.store.locks import Locks


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(turns, "EVERY", 0.01)


class Folder:
    """A folder that others hold for so many looks."""

    def __init__(self, *owners):
        self.owners, self.held = list(owners), False

    @contextmanager
    def occupy(self):
        if self.owners:
            raise InUse("in use", self.owners.pop(0))
        self.held = True
        yield 7
        self.held = False


def test_it_is_said_once_for_whom_a_job_waits_and_the_folder_is_held_until_the_end():
    folder, said = Folder("process 1", "process 1", "process 2"), []
    with ExitStack() as held:
        assert turns.in_turn(held, folder.occupy, said.append, 60) == 7
        assert folder.held
    assert not folder.held
    assert said == [f"Waiting for process {n}, which writes to the same folder." for n in (1, 2)]


@pytest.mark.parametrize("patience", [0, 0.03])
def test_a_limit_ends_it(patience):
    with ExitStack() as held, pytest.raises(InUse):
        turns.in_turn(held, Folder(*["process 1"] * 999).occupy, lambda text: None, patience)


def test_a_run_waits_for_another_one_and_finds_its_results(tmp_path):
    assert go(tmp_path / "out").done == 3
    screen, job = Spy(), job_of(tmp_path / "out")
    with ExitStack() as other:
        Locks(tmp_path / "out" / ".posecfg", "").take(other)
        with pytest.raises(InUse, match=r"is in use by process \d+ on .*: wait for it, stop it, or choose another"):
            run(job, screen)
        over = other.pop_all()
        threading.Timer(0.1, over.close).start()
        report = run(job, screen, patience=30)
    assert (report.already, report.exit_code) == (3, 0)
    assert screen.said[0].startswith("Waiting for process ")
