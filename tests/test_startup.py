"""Python's search for cycles rests while the program starts, and no longer."""

from __future__ import annotations

import gc

import pytest

from posecfg import startup


@pytest.fixture(autouse=True)
def usual(monkeypatch):
    monkeypatch.setattr(startup, "_usual", [])
    gc.unfreeze()
    before = gc.get_threshold()
    yield before
    gc.set_threshold(*before)
    gc.unfreeze()


def test_cycles_are_searched_for_as_usual_once_the_work_begins(usual):
    startup.begin()
    startup.begin()
    assert gc.get_threshold()[0] == startup.RARELY
    startup.over()
    assert gc.get_threshold() == usual
    startup.over()
    assert gc.get_threshold() == usual


def test_who_never_began_keeps_his_own(usual):
    startup.over()
    assert (gc.get_threshold(), gc.get_freeze_count()) == (usual, 0)


@pytest.mark.parametrize("words", [["plan"], ["run", "dataset.clips=1"], ["verify", "."], ["doctor"]])
def test_no_verb_forgets_to_end_the_start(words, usual, monkeypatch, tmp_path, capsys):
    from posecfg.commands import program

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(startup, "begin", lambda: None)
    startup._usual.append(usual)
    settings = ["dataset=synthetic", "detector=synthetic", "executor.workers=0", f"output_dir={tmp_path / 'out'}"]
    program.dispatch(words + (settings if words[0] in ("plan", "run") else []))
    assert startup._usual == []
