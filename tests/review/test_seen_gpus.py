"""What ``doctor`` tells of GPUs, which are made up."""

import pytest

from posecfg.executors import gpus
from posecfg.executors.gpus import CUDA, Gpu
from posecfg.review import seen_gpus
from posecfg.terminal import health


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (("0", "1"), "gpus     2 (0, 1): workers=auto is one on each"),
        (("GPU-a1",), "gpus     1 (GPU-a1)"),
    ],
)
def test_all_that_may_be_used_are_named(monkeypatch, capsys, names, line):
    monkeypatch.setattr(gpus, "visible", lambda: tuple(Gpu(CUDA, name) for name in names))
    (row,) = seen_gpus.rows()
    assert (row["kind"], row["ok"], row["required"], row["gpus"]) == ("gpus", True, False, list(names))
    health.show([row])
    assert line in capsys.readouterr().out.splitlines()


def test_a_list_that_hides_all_is_told(monkeypatch, capsys):
    monkeypatch.setenv(CUDA, "-1")
    (row,) = seen_gpus.rows()
    assert (row["ok"], row["gpus"]) == (False, [])
    health.show([row])
    assert "gpus     the environment hides all (CUDA_VISIBLE_DEVICES=-1)" in capsys.readouterr().out


def test_nothing_is_told_where_none_is_known(monkeypatch):
    monkeypatch.delenv(CUDA, raising=False)
    monkeypatch.setattr(gpus, "visible", tuple)
    assert seen_gpus.rows() == []
