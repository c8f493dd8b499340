"""States of runs, as they would be on this machine or another one."""

from __future__ import annotations

from dataclasses import replace

from posecfg.store.process import Process
from posecfg.store.state_file import ClipInWork, Pen, RunState

ELSEWHERE = Process("gpu7", "another boot", 4711, "99")
WORKING = RunState(
    ELSEWHERE,
    token="abc",
    beat=1,
    phase="works",
    started=1_699_963_200.0,
    seconds=724.0,
    command=("films", "output_dir=out"),
    folder="/data",
    executor="executor=slurm",
    engine="SLURM job 123",
    workers=8,
    ready=4,
    waiting=("3 of 5 tasks wait in the queue (Resources)",),
    clips=400,
    to_do=280,
    already=120,
    done=20,
    dropped=2,
    failed=1,
    left=257,
    frames=9000,
    frames_per_second=212.0,
    time_left=1320.0,
    in_work=2,
    clips_in_work=(
        ClipInWork("S1/walking", "gpu7", 3.8, 812, 1394),
        ClipInWork("S1/a-film-with-a-name-that-is-rather-long-for-a-line", "gpu8", 1.0, 9),
    ),
)


def put(root, state=WORKING, part="", **changes):
    """Write a state into a folder, and return it."""
    home = root / ".posecfg"
    home.mkdir(parents=True, exist_ok=True)
    state = replace(state, **changes)
    pen = Pen(home, part, state.token)
    pen.write(state)
    pen.close()
    return state


def over(ended="done", code=0, **changes):
    """Return what changes in a state at the end of its run."""
    told = {"phase": "over", "ended": ended, "exit_code": code, "ended_at": 1_699_964_000.0, "in_work": 0}
    return {**told, "clips_in_work": (), "waiting": (), **changes}
