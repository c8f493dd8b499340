"""A graph that the machine cannot read is not called wrong, and nothing advises to delete it."""

import errno
import os
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnxgraphs
import pytest

from posecfg.errors import WeightsError
from posecfg.runtimes import onnx
from posecfg.runtimes.onnx import Session


@pytest.fixture
def graph(tmp_path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("onnx", reason="onnx is not installed")
    path = tmp_path / "a.onnx"
    return onnxgraphs.constant(path, {"out": np.arange(3, dtype=np.float32)}, (8, 4), "n", 1.0, True)


@contextmanager
def failing(monkeypatch, error):
    """Let each attempt to read a graph end with ``error``."""
    real = Path.open

    def opened(path, *arguments, **more):
        if path.suffix == ".onnx":
            raise error
        return real(path, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        yield


def trouble(number):
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (trouble(errno.EIO), "Input/output error"),
        (trouble(errno.ESTALE), "Stale file handle"),
        (trouble(errno.EACCES), "Permission denied"),
        (trouble(errno.ENOMEM), "there was no memory left"),
        (MemoryError(), "there was no memory left"),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_what_the_machine_cannot_read_is_not_the_graphs_fault(graph, monkeypatch, error, reason, late):
    if late:
        # As when only the runtime comes to the part of the file that the disk has lost.
        graph.write_bytes(b"not a graph\n" * 50)
        monkeypatch.setattr(onnx, "outside", lambda path: None)
    with failing(monkeypatch, error), pytest.raises(WeightsError) as told:
        Session(graph, "tiny", "cpu")
    assert str(told.value) == (
        f"Expected to read all of '{graph}', but the machine could not ({reason}): look at its memory, the disk or the "
        "permissions of the file, and type the same command again."
    )


@pytest.mark.parametrize("content", [b"", b"not a graph\n" * 50])
def test_a_wrong_graph_is_still_called_one(graph, content):
    graph.write_bytes(content)
    with pytest.raises(WeightsError, match="delete it, and get the right one"):
        Session(graph, "tiny", "cpu")
