import os
import socket
import subprocess
import sys

from posecfg import process
from posecfg.store import latest

CODE = "from posecfg import process; print(process.unique(), process.machine())"


def test_two_hosts_with_the_same_process_number_share_no_name(monkeypatch):
    mine = process.unique()
    assert mine == process.unique()
    assert str(os.getpid()) in mine
    process._unique.cache_clear()
    monkeypatch.setattr(socket, "gethostname", lambda: "node/../7 \u00fc")
    other = process.unique()
    assert other.startswith(f"node-7-{os.getpid()}-")
    process._unique.cache_clear()
    assert process.unique() not in (mine, other)
    process._unique.cache_clear()


def test_a_process_is_told_from_another_that_has_its_number():
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    begun = process.started(child.pid)
    assert begun is not None
    assert process.started(os.getpid()) != ("" if sys.platform == "linux" else None)
    child.communicate()
    assert process.started(child.pid) is None


def test_a_process_that_is_dead_and_not_waited_for_is_gone():
    child = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    child.stdout.read()
    try:
        if sys.platform == "linux":
            while process.started(child.pid) is not None:
                pass
    finally:
        child.stdout.close()
        child.wait()


def test_processes_of_one_machine_know_that_they_are():
    told = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout
    assert told.partition(" ")[2].strip() == process.machine()
    assert told.partition(" ")[0] != process.unique()


def test_the_link_to_the_newest_folder_leaves_nothing_beside_it(tmp_path):
    (tmp_path / "a").mkdir()
    latest.point(tmp_path / "a")
    assert sorted(os.listdir(tmp_path)) == ["a", "latest"]
