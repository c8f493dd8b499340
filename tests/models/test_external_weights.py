"""Files with tensors of an ONNX graph count as its weights."""

import os

import numpy as np
import pytest

from posecfg.models import external_data, files

onnx = pytest.importorskip("onnx")


@pytest.fixture
def graph(tmp_path):
    """Return a graph whose tensors are in another file, one of them inside a node."""
    from onnx import TensorProto, helper, numpy_helper

    own = numpy_helper.from_array(np.arange(64, dtype=np.float32), "inside")
    node = helper.make_node("Constant", [], ["c"], value=own)
    add = helper.make_node("Add", ["x", "w"], ["y"])
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [64]) for name in "xy"]
    constants = [numpy_helper.from_array(np.ones(64, np.float32), "w")]
    model = helper.make_model(helper.make_graph([node, add], "g", ports[:1], ports[1:], constants))
    path = tmp_path / "net.onnx"
    onnx.save_model(
        model, path, save_as_external_data=True, location="net.data", size_threshold=0, convert_attribute=True
    )
    return path


def test_other_tensors_beside_a_graph_are_other_weights(graph):
    assert external_data.locations(graph) == ["net.data"]
    before, content = files.digest(graph), graph.read_bytes()
    data = graph.with_name("net.data")
    seen, values = data.stat(), bytearray(data.read_bytes())
    values[3] ^= 1
    data.write_bytes(values)
    os.utime(data, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert graph.read_bytes() == content
    assert files.digest(graph) != before
    values[3] ^= 1
    data.write_bytes(values)
    assert files.digest(graph) == before
    data.unlink()
    assert files.digest(graph) != before


def test_a_graph_without_such_files_has_the_hash_of_its_bytes(tmp_path, graph):
    import hashlib

    model = onnx.load(graph)
    whole = tmp_path / "whole.onnx"
    onnx.save_model(model, whole)
    assert external_data.locations(whole) == []
    assert files.digest(whole) == hashlib.sha256(whole.read_bytes()).hexdigest()


@pytest.mark.parametrize("place", ["../secret.bin", "/etc/passwd", "a/../../x", ""])
def test_a_place_outside_of_the_folder_is_named_and_never_read(tmp_path, graph, place):
    model = onnx.load(graph, load_external_data=False)
    for entry in model.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = place
    path = tmp_path / "net.onnx"
    path.write_bytes(model.SerializeToString())
    assert place in external_data.locations(path)
    assert files.strays(path) == [place]
    assert len(files.digest(path)) == 64


def test_a_link_that_leads_outside_is_a_place_outside(tmp_path, graph):
    elsewhere = tmp_path / "elsewhere"
    folder = tmp_path / "models"
    folder.mkdir()
    graph.with_name("net.data").rename(elsewhere)
    graph = graph.rename(folder / "net.onnx")
    (folder / "net.data").symlink_to(elsewhere)
    assert files.strays(graph) == ["net.data"]
