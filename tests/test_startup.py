"""Python's search for cycles rests while the program starts, and no longer; idle threads rest always."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

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


@pytest.mark.parametrize("words", [["plan"], ["run", "dataset.clips=1"], ["verify", "."], ["doctor", "synthetic"]])
def test_no_verb_forgets_to_end_the_start(words, usual, monkeypatch, tmp_path, capsys):
    from posecfg.commands import program

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(startup, "begin", lambda: None)
    startup._usual.append(usual)
    settings = ["dataset=synthetic", "detector=synthetic", "executor.workers=0", f"output_dir={tmp_path / 'out'}"]
    program.dispatch(words + (settings if words[0] in ("plan", "run") else []))
    assert startup._usual == []


@pytest.mark.parametrize(("own", "then"), [({}, "4"), ({"OPENBLAS_THREAD_TIMEOUT": "20"}, "20")])
def test_idle_threads_are_told_to_sleep_before_numpy_makes_them(own, then):
    code = (
        "import os, sys; from posecfg.commands.program import main; main(['--version']); "
        "print(os.environ['OPENBLAS_THREAD_TIMEOUT'], 'numpy' in sys.modules)"
    )
    env = {key: value for key, value in os.environ.items() if key != "OPENBLAS_THREAD_TIMEOUT"} | own
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout.splitlines()[1:] == [f"{then} False"]
