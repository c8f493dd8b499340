from __future__ import annotations

import os

import pytest

from posecfg.errors import WeightsError
from posecfg.models import external_data
from posecfg.models.external_data import locations, outside


def field(number: int, data: bytes) -> bytes:
    """Encode one part of a message."""
    length, head = len(data), bytearray()
    for value in (number << 3 | 2, length):
        while value > 0x7F:
            head.append(value & 0x7F | 0x80)
            value >>= 7
        head.append(value)
    return bytes(head) + data


def tensor(location: str) -> bytes:
    entry = field(1, b"location") + field(2, location.encode())
    return b"\x08\x01\x10\x01" + field(8, b"w") + field(13, entry) + b"\x70\x01"


WAYS = {
    "initializer": lambda t: field(7, field(5, t)),
    "sparse": lambda t: field(7, field(15, field(1, t))),
    "constant": lambda t: field(7, field(1, field(5, field(5, t)))),
    "list": lambda t: field(7, field(1, field(5, field(10, t)))),
    "inner graph": lambda t: field(7, field(1, field(5, field(6, field(5, t))))),
    "function": lambda t: field(25, field(7, field(5, field(5, t)))),
    "training": lambda t: field(20, field(1, field(5, t))),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret", "..\\secret", "none", "link", ""])
def test_weights_outside_the_folder_are_found(tmp_path, way, name):
    (tmp_path / "secret").write_bytes(bytes(64))
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "secret")
    graph = folder / "net.onnx"
    graph.write_bytes(b"\x08\x09" + WAYS[way](tensor(name)))
    assert locations(graph) == [name]
    assert outside(graph) == name


def test_weights_beside_the_graph_are_good_also_where_both_are_links(tmp_path):
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "data").write_bytes(bytes(64))
    (tmp_path / "blobs" / "graph").write_bytes(WAYS["initializer"](tensor("net.data")))
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "net.onnx").symlink_to(tmp_path / "blobs" / "graph")
    (tmp_path / "snapshot" / "net.data").symlink_to(tmp_path / "blobs" / "data")
    assert outside(tmp_path / "snapshot" / "net.onnx") is None
    (tmp_path / "blobs" / "net.data").write_bytes(bytes(64))
    (tmp_path / "blobs" / "graph.onnx").write_bytes(WAYS["inner graph"](tensor("net.data")))
    assert outside(tmp_path / "blobs" / "graph.onnx") is None


@pytest.mark.parametrize("data", [b"\xff" * 20, b"\x3a\x7f", b"\x3a", b"\x3b\x3c", b"\x0d\x01", field(7, b"\x2a\x05")])
def test_what_is_no_graph_is_an_error(tmp_path, data):
    (tmp_path / "net.onnx").write_bytes(data)
    with pytest.raises(ValueError, match="it"):
        locations(tmp_path / "net.onnx")


def test_names_are_found_behind_tensors_of_any_size(tmp_path):
    inside = field(7, field(5, b"\x08\x01" + field(9, bytes(300_000))))
    graph = tmp_path / "net.onnx"
    graph.write_bytes((inside + WAYS["initializer"](tensor("a"))) * 2 + WAYS["constant"](tensor("b")))
    assert sorted(locations(graph)) == ["a", "b"]
    graph.write_bytes(b"")
    assert locations(graph) == []


def test_a_disk_that_fails_is_an_error_and_not_the_end_of_the_process(tmp_path, monkeypatch):
    """A part of a file that is cut off while it is mapped ends a process in the same way."""
    graph = tmp_path / "net.onnx"
    graph.write_bytes(field(7, field(5, b"\x08\x01" + field(9, bytes(300_000)))) * 2)

    def shrunk(descriptor):
        seen = size(descriptor)
        os.truncate(graph, 200_000)
        return seen

    size = os.fstat
    monkeypatch.setattr(external_data.os, "fstat", shrunk)
    with pytest.raises(ValueError, match="it became shorter while it was read"):
        locations(graph)


def test_a_graph_with_weights_elsewhere_is_not_opened(tmp_path):
    pytest.importorskip("onnxruntime")
    from posecfg.runtimes.onnx import Session

    (tmp_path / "net.onnx").write_bytes(WAYS["initializer"](tensor("../../etc/passwd")))
    with pytest.raises(WeightsError, match=r"weights in its own folder, but it reads '\.\./\.\./etc/passwd'"):
        Session(tmp_path / "net.onnx", "net", "cpu")
