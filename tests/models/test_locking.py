import errno
import fcntl
import os

import pytest

from posecfg.downloads.part import opened
from posecfg.models.locking import alone


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_disk_that_knows_no_locks_is_done_without(tmp_path, monkeypatch, code):
    def refuse(*args):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    said = []
    with alone(tmp_path / "cache", said.append):
        (tmp_path / "cache" / "weights").write_text("here")
    assert said == []
    with opened(tmp_path / "film.mp4") as part:
        part.stream.write(b"film")
        part.finish()
    assert (tmp_path / "film.mp4").read_bytes() == b"film"


def test_any_other_failure_of_a_lock_is_one(tmp_path, monkeypatch):
    def fail(*args):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(OSError, match="Input/output error"), alone(tmp_path / "cache", print):
        pass
