"""Helper processes vouch for folders of which no file was touched, and for no other, whatever becomes of them."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import threading

import pytest

from posecfg.errors import OutputError
from posecfg.store import file_lists, list_stamps, outputs, stamp_helpers
from posecfg.store.file_record import FileRecord

CLIPS = ("a", "b [1]/c", "d \u2028e", "ü 1 2")
NAMES = tuple(f" {number:03d} ü\r.jpg" for number in range(file_lists.FROM))
FILE = f"a/{NAMES[3]}"


@pytest.fixture
def root(tmp_path):
    return tmp_path / "the root\nof ü \udcff"


@pytest.fixture
def folders(root):
    """Return what a ledger knows of a folder of each clip."""
    return [(clip, made(root, clip)) for clip in CLIPS]


def made(root, clip):
    (root / clip).mkdir(parents=True)
    files = []
    for number, name in enumerate(NAMES):
        data = b"%d of this" % number
        (root / clip / name).write_bytes(data)
        files.append(FileRecord(f"{clip}/{name}", len(data), hashlib.sha256(data).hexdigest(), 0))
    for path, data in file_lists.lists(root, clip, files).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder,) = file_lists.fold(files)
    return outputs.intact(root, clip, folder, frozenset())


def list_of(root, folders, clip="a"):
    ((_, (name, _, number, *_)),) = (folder for folder in folders if folder[0] == clip)
    return file_lists.place(root, clip, name, number)


@pytest.fixture
def many(monkeypatch):
    """Let few files be many."""
    monkeypatch.setattr(stamp_helpers, "EACH", 1)
    monkeypatch.setattr(stamp_helpers, "BATCH", 1)


@pytest.fixture
def helped(monkeypatch, many):
    """Leave everything to helpers."""
    main, take = threading.main_thread(), stamp_helpers._next
    monkeypatch.setattr(
        stamp_helpers, "_next", lambda waiting: [] if threading.current_thread() is main else take(waiting)
    )


@pytest.fixture
def started(monkeypatch):
    """Return the helpers that were started."""
    start, found = stamp_helpers._start, []
    monkeypatch.setattr(stamp_helpers, "_start", lambda: found.append(start()) or found[-1])
    return found


def untouched(root, folders, cores=3):
    return stamp_helpers.untouched(root, iter(folders), lambda: cores)


def test_helpers_vouch_for_what_is_as_it_was_and_end(root, folders, helped, started):
    assert untouched(root, folders) == set(folders)
    assert [helper.returncode is None for helper in started] == [False, False]


def replaced(path):
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)


def edited_in_place(path):
    seen = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def piped(path):
    path.unlink()
    os.mkfifo(path)


def linked(path):
    path.rename(path.with_name("away"))
    path.symlink_to("away")


def other_hash(path):
    data = path.read_bytes()
    path.write_bytes((b"1" if data.startswith(b"0") else b"0") + data[1:])


HARMS = {
    "removed": lambda path: path.unlink(),
    "cut short": lambda path: os.truncate(path, path.stat().st_size - 1),
    "edited in place": edited_in_place,
    "touched": os.utime,
    "replaced": replaced,
    "a pipe": piped,
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_no_helper_vouches_for_a_file_that_was_touched(root, folders, helped, harm):
    harm(root / FILE)
    assert untouched(root, folders) == set(folders[1:])


@pytest.mark.parametrize("harm", [*HARMS.values(), other_hash, linked], ids=[*HARMS, "another hash", "a link"])
def test_no_helper_vouches_by_a_list_that_is_not_what_was_written(root, folders, helped, harm):
    path = list_of(root, folders)
    harm(path)
    assert untouched(root, folders) == set(folders if harm in (os.utime, replaced) else folders[1:])


def test_a_list_that_names_files_elsewhere_is_none(root, folders, helped):
    path = list_of(root, folders)
    data = path.read_bytes().replace(NAMES[0].encode(), f"../a/{NAMES[0]}".encode())
    number = list_stamps.number(hashlib.sha256(data).hexdigest())
    file_lists.place(root, "a", "a/", number).write_bytes(data)
    name, size, _, stamps, count = folders[0][1]
    assert untouched(root, [("a", (name, size, number, stamps, count)), *folders[1:]]) == set(folders[1:])


def test_lists_in_a_folder_that_is_a_link_are_refused(root, folders, helped):
    home = root / ".posecfg"
    (home / "files").rename(home / "away")
    (home / "files").symlink_to("away")
    with pytest.raises(OutputError, match="but it is a link"):
        untouched(root, folders)


@pytest.mark.parametrize("program", ["", "/no/such/program", "/bin/true", "/bin/echo"])
def test_helpers_that_do_not_answer_leave_the_work_to_this_process(root, folders, many, monkeypatch, program):
    monkeypatch.setattr(sys, "executable", program)
    found = untouched(root, folders)
    lost = {folder for folder in folders if folder not in found}
    assert all(outputs.is_untouched(str(root), *folder) for folder in lost)
    assert len(lost) <= (4 if program == "" else 2)


def test_helpers_for_which_there_is_no_thread_end_at_once(root, folders, many, monkeypatch, started):
    def refuse(*_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert untouched(root, folders) == set(folders)
    assert len(started) == 1
    assert started[0].returncode is not None


def test_helpers_that_hang_are_killed_and_leave_the_work_to_this_process(
    root, folders, many, monkeypatch, tmp_path, started
):
    program = tmp_path / "sleep"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(stamp_helpers, "PATIENCE", 0.01)
    assert len(set(folders) - untouched(root, folders)) <= 2
    assert [helper.returncode for helper in started] == [-signal.SIGKILL] * 2


def test_helpers_end_with_an_interruption(root, folders, many, monkeypatch, started):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(outputs, "is_untouched", stop)
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        untouched(root, folders * 50)
    assert all(helper.returncode is not None for helper in started)
    assert (len(started), threading.active_count()) == (2, before)


@pytest.mark.parametrize(("cores", "each", "helpers"), [(1, 1, 0), (2, 1, 1), (99, 20, 3), (99, 1, 7), (99, 65, 0)])
def test_there_are_as_many_helpers_as_cores_and_files_are_worth(
    root, folders, many, monkeypatch, started, cores, each, helpers
):
    monkeypatch.setattr(stamp_helpers, "EACH", each)
    assert untouched(root, folders, cores) <= set(folders)
    assert len(started) == helpers


@pytest.mark.parametrize("value", [-1, 1.5, float("nan"), float("inf")])
@pytest.mark.parametrize("place", range(1, 5))
def test_a_row_may_hold_anything(root, folders, helped, place, value):
    name, *numbers = folders[0][1]
    numbers[place - 1] = value
    assert untouched(root, [("a", (name, *numbers)), *folders[1:]]) == set(folders[1:])


def test_files_beside_the_command_are_not_imported(root, folders, helped, tmp_path, monkeypatch):
    for name in ("hashlib", "os", "stat", "operator", "sitecustomize", "encodings"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert untouched(root, folders) == set(folders)


def test_a_helper_gives_up_when_its_parent_is_gone(root, folders, monkeypatch):
    parents, told = iter([5, 5, 1]), io.BytesIO()
    monkeypatch.setattr(os, "getppid", lambda: next(parents))
    list_stamps.answer(1 << 20, [stamp_helpers._question(root, *folder) + b"\n" for folder in folders], told)
    assert told.getvalue() == b"1\n"


def test_no_list_above_the_bound_is_read(root, folders):
    size, told = list_of(root, folders).stat().st_size, io.BytesIO()
    for most in (size, size - 1):
        list_stamps.answer(most, [stamp_helpers._question(root, *folders[0])], told)
    assert told.getvalue() == b"1\n0\n"


def test_a_helper_needs_nothing_but_its_own_file(tmp_path):
    copy = tmp_path / "alone.py"
    shutil.copyfile(list_stamps.__file__, copy)
    done = subprocess.run([sys.executable, "-I", "-S", copy, "5"], stdin=subprocess.DEVNULL, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
