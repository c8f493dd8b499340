"""Files and folders are waited for at once, and a file that cannot be written is told."""

from __future__ import annotations

import ctypes
import errno
import os

import pytest

from posecfg.store import sync


@pytest.fixture
def waited(monkeypatch):
    """Return the names that were waited for one by one."""
    names = []

    def fsync(descriptor, real=os.fsync):
        names.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return names


def files(folder, count):
    paths = [folder / str(number) for number in range(count)]
    for path in paths:
        path.write_text("x")
    return paths


@pytest.mark.parametrize("count", [0, 1, 4, sync.MANY - 1])
def test_a_few_files_are_waited_for_one_by_one(tmp_path, monkeypatch, waited, count):
    monkeypatch.setattr(sync, "_flush_all", lambda path: pytest.fail("all were waited for"))
    sync.flush(files(tmp_path, count))
    assert sorted(waited) == sorted(str(number) for number in range(count))


def test_many_files_are_one_call_where_the_system_has_it(tmp_path, monkeypatch, waited):
    called = []
    monkeypatch.setattr(sync, "_syncfs", lambda: lambda descriptor: called.append(descriptor) or 0)
    sync.flush(files(tmp_path, sync.MANY))
    assert (len(called), waited) == (1, [])


@pytest.mark.parametrize("call", [None, lambda descriptor: -1])
def test_many_files_are_waited_for_one_by_one_elsewhere(tmp_path, monkeypatch, waited, call):
    monkeypatch.setattr(sync, "_syncfs", lambda: call)
    monkeypatch.setattr(ctypes, "get_errno", lambda: errno.ENOSYS)
    sync.flush(files(tmp_path, 40))
    assert len(waited) == 40


def test_a_disk_that_fails_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sync, "_syncfs", lambda: lambda descriptor: -1)
    monkeypatch.setattr(ctypes, "get_errno", lambda: errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        sync.flush(files(tmp_path, 40))


@pytest.mark.parametrize(("code", "passes"), [(errno.EINVAL, True), (errno.EIO, False)])
def test_a_file_system_that_waits_for_no_folder_is_no_error(tmp_path, monkeypatch, code, passes):
    def refuse(descriptor):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", refuse)
    if passes:
        sync.flush([tmp_path])
    with pytest.raises(OSError, match=os.strerror(code)):
        sync.flush(files(tmp_path, 1) if passes else [tmp_path])


def test_folders_that_are_made_are_named_with_the_one_that_was_there(tmp_path):
    assert sync.make_folder(tmp_path / "a" / "b") == [tmp_path / "a" / "b", tmp_path / "a", tmp_path]
    assert sync.make_folder(tmp_path / "a" / "b") == [tmp_path / "a" / "b"]
