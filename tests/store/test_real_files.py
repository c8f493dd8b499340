"""Below ``.posecfg`` nothing is opened but regular files in real folders; all else is told, and stays as it is."""

from __future__ import annotations

import os
import socket

import pytest
from whole_runs import go, job_of

from posecfg.commands import hydra_app
from posecfg.errors import OutputError, PosecfgError
from posecfg.executors import worker_process
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.store import real_files, worker_lock

ONE = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=2", "dataset.size=[32,24]")
FILES = (
    *("lock", "gate.lock", "workers.lock", "run.json", "listing.json", "ledger.db", "ledger.db-wal", "lock-1of2"),
    *("ledger.db-journal", "ledger-1of2.db", "clips/synthetic_0000.json", "intents/x.json", "logs/worker-1.log"),
)
FOLDERS = ("clips", "intents", "tmp", "tmp-1of2", "starts", "logs", "clips/sub")


def pipe(path):
    os.mkfifo(path)


def listening(path):
    here = os.getcwd()
    os.chdir(path.parent)  # names of sockets are short
    try:
        with socket.socket(socket.AF_UNIX) as stream:
            stream.bind(path.name)
    finally:
        os.chdir(here)


@pytest.fixture
def out(tmp_path):
    go(tmp_path / "out", *ONE)
    (tmp_path / "victim").write_text("secret")
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "out"


def replaced(out, name):
    place = out / ".posecfg" / name
    place.parent.mkdir(exist_ok=True)
    if place.is_dir():
        place.rename(out.parent / "away")
    place.unlink(missing_ok=True)
    return place


def is_refused(out, place):
    before = sorted(os.listdir(out))
    with pytest.raises(OutputError, match=r"remove it, then type the same command again\.$") as caught:
        go(out, *ONE, "redo=true")
    assert f"'{place}'" in str(caught.value)
    assert any(f"'{place}'" in problem for problem in plan(job_of(out, *ONE))["problems"])
    assert any(f"'{place}'" in problem for problem in verify([str(out)])["problems"])
    assert sorted(os.listdir(out)) == before
    assert (out.parent / "victim").read_text() == "secret"
    assert list((out.parent / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("name", FILES)
def test_a_link_in_the_place_of_a_file_is_refused(out, name):
    place = replaced(out, name)
    place.symlink_to(out.parent / "victim")
    is_refused(out, place)
    place.unlink()
    assert go(out, *ONE).exit_code == 0


@pytest.mark.parametrize("name", FOLDERS)
def test_a_link_in_the_place_of_a_folder_is_refused(out, name):
    place = replaced(out, name)
    place.symlink_to(out.parent / "elsewhere")
    is_refused(out, place)


@pytest.mark.parametrize("name", ["lock", "run.json", "ledger.db", "clips/synthetic_0000.json", "intents/x.json"])
@pytest.mark.parametrize("make", [pipe, listening])
def test_special_files_are_refused_and_hang_nothing(out, name, make):
    place = replaced(out, name)
    make(place)
    is_refused(out, place)


def test_a_link_in_the_place_of_the_whole_folder_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "victim").write_text("secret")
    (tmp_path / "out" / ".posecfg").symlink_to(tmp_path / "elsewhere")
    is_refused(tmp_path / "out", tmp_path / "out" / ".posecfg")


@pytest.mark.parametrize("name", ["lock", "gate.lock", "ledger.db", "workers.lock"])
def test_a_file_that_is_written_in_place_is_no_other_name_of_another(out, name):
    os.link(out.parent / "victim", replaced(out, name))
    with pytest.raises(PosecfgError, match="hard link"):
        go(out, *ONE)
    assert (out.parent / "victim").read_text() == "secret"


def test_workers_open_no_link(out):
    home = out / ".posecfg"
    (home / "logs").mkdir(exist_ok=True)
    (home / "logs" / "worker-1.log").symlink_to(out.parent / "victim")
    (home / "workers-1of2.lock").symlink_to(out.parent / "victim")
    with pytest.raises(OutputError, match=r"worker-1\.log"):
        worker_process._redirect(home / "logs", 1)
    with pytest.raises(OutputError, match=r"workers-1of2\.lock"):
        worker_lock.show_alive(home, "-1of2")


def test_logs_of_a_start_do_not_leave_the_folder(out):
    (out / ".posecfg" / "starts").symlink_to(out.parent / "elsewhere")
    with pytest.raises(OutputError, match="starts"):
        hydra_app.start([], False, lambda config: None, str(out))
    assert list((out.parent / "elsewhere").iterdir()) == []


def test_a_file_behind_a_link_that_came_later_is_not_opened(tmp_path):
    home = tmp_path / ".posecfg"
    home.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (home / "clips").symlink_to(tmp_path / "elsewhere")
    for call in (
        lambda path: real_files.open_file(path, os.O_RDWR | os.O_CREAT),
        lambda path: real_files.write_bytes(path, b""),
        lambda path: real_files.make_folder(path),
        real_files.unlink,
        real_files.read_bytes,
    ):
        with pytest.raises(OutputError, match="clips'"):
            call(home / "clips" / "a" / "b.json")
    assert list((tmp_path / "elsewhere").iterdir()) == []
