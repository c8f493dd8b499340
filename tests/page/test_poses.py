"""Poses of clips are read for the page, of several clips at once."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from whole_runs import go

from posecfg.page import poses
from posecfg.store import record_files


@pytest.fixture
def restless():
    """Let threads take turns in the middle of everything."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def test_several_threads_may_read_at_once(tmp_path, restless):
    go(tmp_path, "writer=[npz]")
    record = record_files.read_clip(tmp_path, "synthetic_0000")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: len(poses.of_clip(tmp_path, record)), range(200))) == {3}
