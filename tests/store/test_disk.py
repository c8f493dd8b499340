import errno
import os
from types import SimpleNamespace

import pytest
from whole_runs import go

from posecfg.review.plan import plan
from posecfg.store import disk

READ_ONLY = getattr(os, "ST_RDONLY", 1)


@pytest.fixture
def status(monkeypatch):
    """Return a function that has the disk answer as it says."""

    def answer(flags=0, free=1, blocks=9):
        monkeypatch.setattr(os, "statvfs", lambda place: SimpleNamespace(f_flag=flags, f_bavail=free, f_blocks=blocks))

    return answer


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (errno.ENOSPC, "The disk that holds '/out' is full: free some space, then type the same command again."),
        (errno.EDQUOT, "The disk that holds '/out' is full: free some space, then type the same command again."),
        (errno.EROFS, "'/out' cannot be written (Read-only file system): choose another output_dir=."),
    ],
)
def test_a_lasting_error_is_one_sentence(tmp_path, code, told):
    assert str(disk.lasting(OSError(code, os.strerror(code), "/out/film.part"), tmp_path)) == told


def test_other_errors_concern_one_clip(tmp_path):
    assert disk.lasting(OSError(errno.EIO, "bad sector"), tmp_path) is None
    assert disk.lasting(ValueError("no"), tmp_path) is None


def test_where_nothing_can_be_written_is_known_beforehand(tmp_path, status, monkeypatch):
    out = tmp_path / "not" / "yet"
    assert disk.unwritable(out) is None
    (tmp_path / "not").write_text("a file")
    assert f"'{tmp_path / 'not'}' is no folder" in str(disk.unwritable(out))
    (tmp_path / "not").unlink()
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    assert f"no permission in '{tmp_path}'" in str(disk.unwritable(out))
    status(flags=READ_ONLY)
    assert f"the disk of '{tmp_path}' is read-only" in str(disk.unwritable(out))


def test_a_full_disk_is_known_beforehand(tmp_path, status):
    status(free=0)
    assert "is full" in str(disk.unwritable(tmp_path))
    status(free=0, blocks=0)
    assert disk.unwritable(tmp_path) is None


def test_a_plan_tells_it_and_writes_nothing(tmp_path, typed, status):
    status(flags=READ_ONLY)
    job = typed("dataset=synthetic", "detector=synthetic", f"output_dir={tmp_path / 'out'}")
    (problem,) = plan(job)["problems"]
    assert "is read-only" in problem
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_ends_a_run_in_one_sentence(tmp_path, monkeypatch, workers, code):
    import saboteurs

    from posecfg.executors import worker_start
    from posecfg.store import fingerprint

    def fill(clip):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fingerprint, "record", fill)
    monkeypatch.setenv("FULL", str(code))
    monkeypatch.setattr(worker_start, "_enter", saboteurs.no_room)
    went = go(tmp_path, f"workers={workers}")
    assert (went.exit_code, went.failed) == (1, {})
    assert went.error == f"The disk that holds '{tmp_path}' is full: free some space, then type the same command again."
