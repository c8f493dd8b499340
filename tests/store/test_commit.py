"""A run may be killed between any two steps: what the next run leaves is that of an undisturbed one."""

from __future__ import annotations

import errno
import os
import shutil
import threading

import pytest
from whole_runs import go, job_of, leftovers, published

from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.runs.run import run
from posecfg.store import file_lists, record_files
from posecfg.terminal.progress import Quiet

pytestmark = pytest.mark.deep

CALLS = ("replace", "link", "unlink", "mkdir", "rmdir", "fsync")
ONE = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=2", "dataset.size=[32,24]")
FOUR = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=4", "dataset.size=[32,24]")
TWO = (*ONE, "dataset.people=2", "detector.people=2")

SCENARIOS = {
    "first write": ([], (*ONE, "writer=[npy,csv]")),
    "redo of an older result": (
        [(*ONE, "writer=[npy,csv]")],
        (*ONE, "writer=[npy,csv]", "detector.noise=2", "overwrite=true"),
    ),
    "another writer": ([(*ONE, "writer=[npy]")], (*ONE, "writer=[npy,csv]")),
    "other arguments of a writer": (
        [(*ONE, "writer=[npy,csv]")],
        (*ONE, "writer=[npy,csv]", "writer.npy.dtype=float64", "overwrite=true"),
    ),
    "fewer files": (
        [(*TWO, "writer=[npy,csv]", "persons=all")],
        (*TWO, "writer=[npy,csv]", "persons=best", "overwrite=true"),
    ),
    "lists of fewer files": (
        [(*FOUR, "writer=[openpose,npy]")],
        (*FOUR, "writer=[openpose,npy]", "sampler=stride", "sampler.every=2", "overwrite=true"),
    ),
    "no files any more": (
        [(*TWO, "writer=[npy]", "persons=all")],
        (*TWO, "writer=[npy]", "persons=only", "overwrite=true"),
    ),
}


class Killed(GeneratorExit):
    """Stands for SIGKILL: from here on nothing reaches the disk. Nothing takes a GeneratorExit for a clip's failure."""


class Killer:
    """Counts what is asked of the disk, and lets nothing pass from call ``last`` on."""

    def __init__(self, patch, last=None):
        self.count, self.last = 0, last
        for name in CALLS:
            patch.setattr(os, name, self._wrap(getattr(os, name)))

    def _wrap(self, call):
        def counted(*args, **kwargs):
            is_dead = self.last is not None and self.count >= self.last
            if threading.current_thread().name == "posecfg-state":
                # What the run tells of itself meanwhile is no step of it, and its thread dies without a word.
                if is_dead:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                return call(*args, **kwargs)
            if is_dead:
                raise Killed
            self.count += 1
            return call(*args, **kwargs)

        return counted


def die(out, overrides, last):
    """Run until call ``last``; tell whether the run got there."""
    job = job_of(out, *overrides)
    with pytest.MonkeyPatch.context() as patch:
        killer = Killer(patch, last)
        try:
            run(job, Quiet())
        except Killed:
            return True, killer.count
    return False, killer.count


@pytest.fixture(autouse=True)
def two_files_have_a_list(monkeypatch):
    monkeypatch.setattr(file_lists, "FROM", 2)


def prepared(tmp_path, name):
    before, overrides = SCENARIOS[name]
    start, clean = tmp_path / "start", tmp_path / "clean"
    start.mkdir()
    for earlier in before:
        assert go(start, *earlier).exit_code == 0
    shutil.copytree(start, clean)
    go(clean, *overrides)
    return start, overrides, published(clean)


def is_mended(out, overrides, expected):
    report = go(out, *overrides)
    assert report.exit_code == 0
    assert published(out) == expected
    assert leftovers(out) == []
    assert go(out, *overrides).screen.found.work == []
    assert not expected or verify([str(out)])["problems"] == []
    needed = file_lists.places(out, record_files.read_clip(out, "synthetic_0000"))
    assert set((out / ".posecfg" / "files").glob("*")) == needed


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_kill_at_any_step_is_mended_by_the_next_run(tmp_path, name):
    start, overrides, expected = prepared(tmp_path, name)
    killed, last = True, 0
    while killed:
        out = tmp_path / f"killed_{last}"
        shutil.copytree(start, out)
        killed, _ = die(out, overrides, last)
        is_mended(out, overrides, expected)
        shutil.rmtree(out)
        last += 1
    assert last > 12


def test_a_kill_while_mending_is_mended_too(tmp_path):
    start, overrides, expected = prepared(tmp_path, "fewer files")
    broken = [tmp_path / f"broken_{last}" for last in range(60)]
    for last, out in enumerate(broken):
        shutil.copytree(start, out)
        die(out, overrides, last)
    half = [out for out in broken if any((out / ".posecfg" / "intents").rglob("*.json"))]
    assert len(half) >= 4
    for out in half[::2]:
        for last in range(8):
            again = tmp_path / "again"
            shutil.copytree(out, again)
            die(again, overrides, last)
            is_mended(again, overrides, expected)
            shutil.rmtree(again)


def test_an_interrupted_overwrite_goes_on_with_the_same_command(tmp_path):
    clips = ("dataset=synthetic", "dataset.clips=3", "dataset.frames=2", "dataset.size=[32,24]")
    go(tmp_path / "out", *clips)
    go(tmp_path / "clean", *clips, "detector.noise=2")
    killed, _ = die(tmp_path / "out", (*clips, "detector.noise=2", "overwrite=true"), 30)
    assert killed
    report = go(tmp_path / "out", *clips, "detector.noise=2", "overwrite=true")
    assert 0 < report.done < 3
    assert report.why == {"made with another configuration": report.done}
    assert published(tmp_path / "out") == published(tmp_path / "clean")


def test_a_plan_takes_what_is_half_written_for_our_own(tmp_path):
    out = tmp_path / "out"
    for last in range(40):
        shutil.rmtree(out, ignore_errors=True)
        die(out, (*ONE, "writer=[npy,csv]"), last)
        if (out / "synthetic_0000.npy").exists():
            break
    assert (out / "synthetic_0000.npy").exists()
    found = plan(job_of(out, *ONE, "writer=[npy,csv]"))
    assert (found["to_do"], found["skipped"]) == (1, {})


def test_a_file_that_somebody_put_in_the_place_of_a_half_written_one_stays(tmp_path):
    out = tmp_path / "out"
    for last in range(40):
        shutil.rmtree(out, ignore_errors=True)
        die(out, (*ONE, "writer=[npy,csv]"), last)
        if (out / "synthetic_0000.npy").exists() and not (out / "synthetic_0000.csv").exists():
            break
    (out / "synthetic_0000.csv").write_text("mine")
    report = go(out, *ONE, "writer=[npy,csv]")
    assert report.exit_code == 1
    assert "synthetic_0000.csv', and no record says" in report.skipped["synthetic_0000"]
    assert published(out) == {"synthetic_0000.csv": b"mine"}


def test_a_half_written_file_that_was_edited_after_a_kill_is_kept(tmp_path):
    out, clean = tmp_path / "out", tmp_path / "clean"
    go(clean, *ONE, "writer=[npy,csv]")
    for last in range(40):
        shutil.rmtree(out, ignore_errors=True)
        die(out, (*ONE, "writer=[npy,csv]"), last)
        if (out / "synthetic_0000.npy").exists():
            break
    (out / "synthetic_0000.npy").write_bytes(b"edited")
    report = go(out, *ONE, "writer=[npy,csv]")
    assert (report.exit_code, report.altered) == (0, ["synthetic_0000.npy.altered"])
    assert published(out) == published(clean) | {"synthetic_0000.npy.altered": b"edited"}
    assert leftovers(out) == []
