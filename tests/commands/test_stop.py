"""The verbs that watch a run and stop it, from another process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from run_states import over, put
from whole_runs import go, published

from posecfg.commands import run_status
from posecfg.commands.program import main
from posecfg.review import watching

pytestmark = pytest.mark.deep

ROOT = Path(__file__).parents[2]
CLIPS = ("dataset=synthetic", "dataset.clips=40", "dataset.frames=6", "dataset.size=[32,24]", "writer=npy")


@pytest.fixture
def started(tmp_path):
    """Return a run at work in a process of its own, and what it says."""
    words = ["detector=synthetic", *CLIPS, "workers=0", "output_dir=out", "detector.delay=0.1"]
    process = subprocess.Popen(
        [sys.executable, ROOT / "run.py", *words],
        cwd=tmp_path,
        text=True,
        start_new_session=True,
        # As a shell does with what it puts into the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("[1/40]"):
            break
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def typed(capsys, *words):
    """Type a command; return its exit code and what it says."""
    code = main([str(word) for word in words])
    told = capsys.readouterr()
    return code, json.loads(told.out) if "--json" in words else told.out + told.err


def test_a_run_is_watched_and_stopped_from_another_process(started, tmp_path, capsys):
    out = tmp_path / "out"
    code, told = typed(capsys, "status", out)
    assert code == 0
    assert f"process {started.pid} on {os.uname().nodename}" in told
    assert "/40 clips" in told
    code, told = typed(capsys, "stop", out)
    assert code == 0
    assert f"Asked process {started.pid} on {os.uname().nodename} to stop" in told
    assert "The run has stopped" in told
    assert started.wait(20) == 130
    said = started.stdout.read()
    assert f"'posecfg stop' was typed on {os.uname().nodename}." in said
    assert "finished first" in said
    done = len(published(out))
    assert 1 <= done < 40
    assert not list((out / ".posecfg").glob("stop*"))
    code, told = typed(capsys, "status", out, "--json")
    (folder,) = told["runs"]
    assert (code, folder["verdict"], folder["clips"]["done"]) == (1, "ended", done)
    assert (folder["runs"][0]["ended"], folder["runs"][0]["stop"]) == ("stopped", "finish")
    code, told = typed(capsys, "stop", out)
    assert (code, told) == (1, f"posecfg: The run in '{out}' was stopped already: there is nothing to stop.\n")


def test_a_run_that_is_stopped_now_drops_its_clip(started, tmp_path, capsys):
    code, told = typed(capsys, "stop", tmp_path / "out", "--now", "--json")
    assert (code, told["exit_code"]) == (0, 0)
    (run,) = told["runs"]
    assert (run["has_ended"], run["ended"], run["stop"], run["pid"]) == (True, "stopped", "drop", started.pid)
    assert started.wait(20) == 130
    assert "'posecfg stop --now' was typed on" in started.stdout.read()


def test_a_run_that_was_killed_is_dead(started, tmp_path, capsys):
    started.kill()
    started.wait()
    code, told = typed(capsys, "status", tmp_path / "out")
    assert code == 1
    assert f"process {started.pid} on {os.uname().nodename} is gone" in told
    assert "type   posecfg detector=synthetic" in told
    assert typed(capsys, "stop", tmp_path / "out")[0] == 1


def test_watching_ends_with_the_run(tmp_path, capsys, monkeypatch):
    put(tmp_path / "out")
    looks = iter([{"beat": 2}, {"beat": 3, "left": 0}, over(left=0, beat=4)])
    monkeypatch.setattr(run_status, "EVERY", 0.3)
    monkeypatch.setattr(watching, "LOOK", 0.2)
    monkeypatch.setattr(run_status.time, "sleep", lambda seconds: put(tmp_path / "out", **next(looks)))
    code, told = typed(capsys, "status", tmp_path / "out", "--watch")
    assert code == 0
    assert next(looks, None) is None
    assert "working, 280/280 clips" in told
    assert told.rstrip().splitlines()[-1].startswith("clips")


def test_ctrl_c_ends_the_watching_alone(tmp_path, capsys, monkeypatch):
    put(tmp_path / "out")
    monkeypatch.setattr(watching, "LOOK", 0.0)
    times = iter(range(100))

    def stop(seconds):
        if next(times) > 0:
            raise KeyboardInterrupt
        put(tmp_path / "out", beat=2)

    monkeypatch.setattr(time, "sleep", stop)
    code, told = typed(capsys, "status", tmp_path / "out", "--watch")
    assert code == 0
    assert "The run goes on" in told
    assert os.listdir(tmp_path / "out" / ".posecfg") == ["state.json"]


WRONG = {
    "no folder to stop": (("stop",), 2, "stop takes one folder"),
    "two folders": (("stop", "a", "b"), 2, "stop takes one folder"),
    "a shard that is none": (("stop", "out", "--part", "two"), 2, "expected a shard such as 1/4, but got 'two'"),
    "another verb": (("verify", "out", "--now"), 2, "--now belongs to 'stop'"),
    "a data set to watch": (("status", "dataset=aist", "--watch"), 2, "type posecfg status outputs/latest --watch"),
    "a folder of films": (("status", "films"), 1, "'films' holds no run"),
    "several folders": (("status", "films", "out"), 2, "status takes one folder, but got 2"),
}


@pytest.mark.parametrize(("words", "code", "told"), WRONG.values(), ids=WRONG)
def test_what_is_typed_wrong_is_one_sentence(tmp_path, capsys, monkeypatch, words, code, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.mp4").touch()
    (tmp_path / "out").mkdir()
    got, said = typed(capsys, *words)
    assert (got, said.count("\n")) == (code, 1)
    assert told in said


def test_a_folder_of_runs_has_a_line_each(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    go(tmp_path / "outputs" / "a")
    put(tmp_path / "outputs" / "b", **over("failed", 3))
    code, told = typed(capsys, "status", "outputs")
    assert code == 1
    assert [line.split()[:2] for line in told.splitlines()] == [["outputs/a", "finished"], ["outputs/b", "ended"]]
