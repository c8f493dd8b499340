"""After a loss of power nothing is trusted that is not whole, and the same command completes the folder."""

from __future__ import annotations

import random
import shutil
import sys
from contextlib import suppress
from itertools import count

import pytest
from power import Cut, Disk
from whole_runs import go, job_of, leftovers, published

from posecfg.errors import PosecfgError
from posecfg.review.verify import verify
from posecfg.runs.run import run
from posecfg.store import file_lists, sync
from posecfg.terminal.progress import Quiet

ONE = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=2", "dataset.size=[32,24]")
FOUR = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=4", "dataset.size=[32,24]")
MANY = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=20", "dataset.size=[32,24]", "writer=[openpose]")
SCENARIOS = {
    "first write": ([], (*ONE, "writer=[npy,csv]")),
    "below a folder": ([], (*ONE, "writer=[npy]", "writer.npy.path='a/{id}/b.npy'")),
    "another configuration with fewer files": (
        [(*ONE, "writer=[npy,csv]")],
        (*ONE, "writer=[npy]", "detector.noise=2", "overwrite=true"),
    ),
    "lists of fewer files": (
        [(*FOUR, "writer=[openpose]")],
        (*FOUR, "writer=[openpose]", "sampler=stride", "sampler.every=2", "overwrite=true"),
    ),
    "more files than are waited for one by one": ([], MANY),
}

MENDED = (None, True, [], [])

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(sys.platform != "linux", reason="names of open files are read from /proc"),
]


@pytest.fixture(autouse=True)
def two_files_have_a_list(monkeypatch):
    monkeypatch.setattr(file_lists, "FROM", 2)


def cut(out, overrides, last):
    """Run until operation ``last``; return the disk, and whether the run got there."""
    with pytest.MonkeyPatch.context() as patch:
        disk = Disk(patch, out, last)
        # A component that ends the program fails its clip, and so does the cut there.
        with suppress(Cut, PosecfgError):
            run(job_of(out, *overrides), Quiet())
    return disk, disk.is_cut


def prepared(tmp_path, name):
    before, overrides = SCENARIOS[name]
    start, clean = tmp_path / "start", tmp_path / "clean"
    start.mkdir()
    for earlier in before:
        assert go(start, *earlier).exit_code == 0
    shutil.copytree(start, clean)
    go(clean, *overrides)
    return start, overrides, published(clean)


def ends(tmp_path, name, stride):
    """Yield what each folder that was left holds once the command was typed again."""
    start, overrides, expected = prepared(tmp_path, name)
    chance = random.Random(7)
    was_cut = True
    for last in count(3, stride):
        if not was_cut:
            return
        out, left = tmp_path / f"cut_{last}", tmp_path / f"left_{last}"
        shutil.copytree(start, out)
        disk, was_cut = cut(out, overrides, last)
        disk.after_the_cut(left, chance)
        try:
            report = go(left, *overrides)
        except PosecfgError as error:
            yield (str(error),)
            continue
        wrong = {name: text for one in (report.skipped, report.failed) for name, text in one.items()} or report.error
        yield (wrong, published(left) == expected, leftovers(left), verify([str(left)])["problems"])


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_loss_of_power_at_any_step_is_mended_by_the_next_run(tmp_path, name):
    found = list(ends(tmp_path, name, stride=1 if name != "more files than are waited for one by one" else 9))
    assert len(found) > 5
    assert [one for one in found if one != MENDED] == []


def test_the_disk_tells_what_was_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(sync, "flush", lambda paths: None)
    assert any(one != MENDED for one in ends(tmp_path, "first write", stride=2))


def test_every_file_is_on_the_disk_before_the_record(tmp_path, monkeypatch):
    disk, was_cut = cut(tmp_path, MANY, None)
    assert not was_cut
    files = [path for path in tmp_path.rglob("*.json") if ".posecfg" not in path.parts]
    assert len(files) == 20
    assert all(disk.data.get(path.stat().st_ino) == path.read_bytes() for path in files)
    assert all(disk.entries.get(str(path)) == path.stat().st_ino for path in files)
