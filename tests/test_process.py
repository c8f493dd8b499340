import os
import socket
import subprocess
import sys

from posecfg import process
from posecfg.store import latest

CODE = "from posecfg import process; print(process.unique())"


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


def test_two_processes_share_no_name():
    told = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout
    assert told.strip() not in ("", process.unique())


def test_the_link_to_the_newest_folder_leaves_nothing_beside_it(tmp_path):
    (tmp_path / "a").mkdir()
    latest.point(tmp_path / "a")
    assert sorted(os.listdir(tmp_path)) == ["a", "latest"]
