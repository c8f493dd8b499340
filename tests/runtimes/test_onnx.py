from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import onnxgraphs
import pytest

from posecfg import backends
from posecfg.errors import BackendMissing, ClipError, ConfigError, WeightsError
from posecfg.executors.warnings import warnings_to
from posecfg.runtimes.memory import OutOfMemory
from posecfg.runtimes.onnx import Session
from posecfg.timing import Laps, measured

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@pytest.fixture
def graph(tmp_path):
    """A path to a graph that answers with what its picture's mean is."""
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("onnx", reason="onnx is not installed")

    def write(batch="n", told=True):
        path = tmp_path / f"{batch}{told}.onnx"
        return onnxgraphs.constant(path, {"out": np.arange(3, dtype=np.float32)}, (8, 4), batch, 1.0, told)

    return write


def one_sentence(error):
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 700
    return text


def test_a_graph_tells_its_ports_and_answers(graph):
    session = Session(graph(), "tiny", "cpu")
    assert (session.takes.name, session.takes.shape, session.takes.kind) == ("input", (None, 3, 4, 8), "float")
    assert [(port.name, port.shape) for port in session.gives] == [("out", (None, 3))]
    assert session.takes_many
    assert session.device == "cpu"
    rows = np.stack([np.full((3, 4, 8), value, np.float32) for value in (0, 5)])
    assert np.array_equal(session(rows)[0], [[0, 1, 2], [5, 6, 7]])


def test_a_fixed_first_dimension_takes_one_at_a_time(graph):
    session = Session(graph(batch=1), "tiny", "cpu")
    assert not session.takes_many
    with pytest.raises(ClipError, match="'tiny' did not work: Got invalid dimensions"):
        session(np.zeros((2, 3, 4, 8), np.float32))


def test_shapes_that_the_graph_leaves_open_are_tried_out_once(graph):
    told, open_ = Session(graph(), "tiny"), Session(graph(told=False), "tiny")
    assert open_.gives[0].shape == (None, None)
    assert open_.shapes(3, 4, 8) == told.shapes(3, 4, 8) == ((None, 3),)
    open_._session = None
    assert open_.shapes(3, 4, 8) == ((None, 3),)
    with pytest.raises(WeightsError, match="to be a graph with an input of 1x3x9x9, but it refuses it"):
        Session(graph(told=False), "tiny").shapes(3, 9, 9)


def test_the_run_counts_as_inference(graph):
    session = Session(graph(), "tiny")
    with measured(Laps("postprocess")) as laps:
        session(np.zeros((1, 3, 4, 8), np.float32))
    assert laps.stages["inference"].total > 0


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"not a graph\n" * 50])
def test_a_file_that_is_no_graph_is_one_sentence(graph, damage):
    path = graph()
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(WeightsError) as error:
        Session(path, "tiny")
    text = one_sentence(error)
    assert text.startswith(f"Expected '{path}' to be an ONNX graph that ONNX Runtime ")
    assert text.endswith("delete it, and get the right one: posecfg models fetch tiny")
    assert "ONNXRuntimeError" not in text


def test_a_file_that_is_not_there_is_one_sentence(graph, tmp_path):
    graph()
    with pytest.raises(WeightsError, match="cannot be opened"):
        Session(tmp_path / "none.onnx", "tiny")


def test_graphs_with_other_inputs_are_refused(graph, tmp_path):
    from onnx import TensorProto, helper

    graph()
    add = helper.make_node("Add", ["a", "b"], ["c"])
    two = onnxgraphs.save(tmp_path / "two.onnx", [add], [("a", (1, 2)), ("b", (1, 2))], [("c", (1, 2))], {})
    with pytest.raises(WeightsError, match="one input of float32, but it takes a 1x2 float, b 1x2 float:"):
        Session(two, "tiny")
    ports = [("a", (1, 2), TensorProto.INT64)], [("c", (1, 2), TensorProto.INT64)]
    whole = onnxgraphs.save(tmp_path / "int.onnx", [helper.make_node("Add", ["a", "a"], ["c"])], *ports, {})
    with pytest.raises(WeightsError, match="one input of float32, but it takes a 1x2 int64:"):
        Session(whole, "tiny")


@pytest.mark.parametrize(("device", "provider"), [("cuda", CUDA), ("openvino", "OpenVINO"), ("mps", "CoreML")])
def test_a_device_that_this_build_lacks_is_an_error(graph, device, provider):
    import onnxruntime

    if any(provider in name for name in onnxruntime.get_available_providers()):
        pytest.skip(f"this ONNX Runtime has {provider}")
    with pytest.raises(BackendMissing, match=rf"device={device} was asked for.*without {provider}.*device=cpu$"):
        Session(graph(), "tiny", device)


def test_unknown_devices_and_threads_are_refused(graph):
    with pytest.raises(ConfigError, match=r"Expected device to be auto or one of cpu, cuda, .*, but got 'gpu'"):
        Session(graph(), "tiny", "gpu")
    with pytest.raises(ConfigError, match="Expected threads to be at least 1, but got 0"):
        Session(graph(), "tiny", threads=0)


def test_without_the_package_the_command_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(backends, "present", lambda module: False)
    with pytest.raises(BackendMissing, match=r"'tiny' needs the package 'onnxruntime', which is not installed: pip"):
        Session(tmp_path / "any.onnx", "tiny")


class Runtime:
    """ONNX Runtime of a build with CUDA; ``loads`` are the providers that work, and the others fail or are dropped."""

    __version__ = "9.9"

    def __init__(self, loads, fails=None):
        self.loads, self.fails, self.asked, self.preloaded = loads, fails, [], 0

    def get_available_providers(self):
        return [CUDA, CPU]

    def preload_dlls(self):
        self.preloaded += 1
        sys.stdout.write("noise")

    class SessionOptions:
        def add_session_config_entry(self, key, value):
            pass

    def InferenceSession(self, path, options, wanted, enable_fallback):
        names = [name for name, _ in wanted]
        self.asked.append((names, options.intra_op_num_threads, enable_fallback))
        if self.fails and CUDA in names:
            raise RuntimeError(self.fails)
        port = SimpleNamespace(name="x", shape=["n", 2], type="tensor(float)")
        return SimpleNamespace(
            get_providers=lambda: [name for name in names if name in self.loads],
            get_inputs=lambda: [port],
            get_outputs=lambda: [port],
            run=self.run,
        )

    def run(self, names, feed):
        raise RuntimeError("CUDA failure 2: out of memory")


@pytest.fixture
def runtime(monkeypatch):
    def install(*arguments):
        made = Runtime(*arguments)
        monkeypatch.setattr(backends, "require", lambda module, wanted_by: made)
        return made

    return install


def test_a_device_that_loads_is_used_and_nothing_stands_in_for_it(runtime, tmp_path, capsys):
    made = runtime([CUDA, CPU])
    assert Session(tmp_path / "x", "tiny", "cuda", threads=2).device == "cuda"
    assert Session(tmp_path / "x", "tiny", "auto").device == "cuda"
    assert made.asked == [([CUDA, CPU], 2, 0), ([CUDA, CPU], 1, 0)]
    assert made.preloaded == 2
    assert capsys.readouterr().out == ""


def test_a_device_that_does_not_load_is_an_error_and_not_a_slow_run(runtime, tmp_path):
    runtime([CPU])
    with pytest.raises(BackendMissing, match=rf"could not load its {CUDA} and would run on {CPU} .*device=cpu$"):
        Session(tmp_path / "x", "tiny", "cuda")
    assert Session(tmp_path / "x", "tiny", "auto").device == "cpu"


def test_a_device_that_fails_is_told_from_a_bad_graph(runtime, tmp_path):
    runtime([CPU], "CUDA driver version is insufficient")
    with pytest.raises(BackendMissing, match=r"'tiny' cannot be opened on it \(CUDA driver version is insufficient\)"):
        Session(tmp_path / "x", "tiny", "cuda")
    assert Session(tmp_path / "x", "tiny", "auto").device == "cpu"


@pytest.mark.parametrize("fails", [None, "CUDA driver version is insufficient"])
def test_auto_that_falls_back_to_the_processor_is_told(runtime, tmp_path, fails):
    runtime([CPU], fails)
    said = []
    with warnings_to(said.append):
        assert Session(tmp_path / "x", "tiny", "auto").device == "cpu"
    why = fails or f"ONNX Runtime could not load its {CUDA}"
    assert said == [
        f"device=auto means the processor here, since cuda cannot be used ({why}): `posecfg doctor` shows what works, "
        "or type device=cpu"
    ]


def test_a_device_that_auto_finds_is_no_warning(runtime, tmp_path):
    runtime([CUDA, CPU])
    said = []
    with warnings_to(said.append):
        Session(tmp_path / "x", "tiny", "auto")
        Session(tmp_path / "x", "tiny", "cpu")
    assert said == []


def test_memory_that_runs_out_is_told_from_other_errors(runtime, tmp_path):
    runtime([CUDA, CPU])
    with pytest.raises(OutOfMemory, match="out of memory"):
        Session(tmp_path / "x", "tiny", "cuda")(np.zeros((1, 2), np.float32))


def test_importing_the_modules_loads_no_backend():
    code = """
import sys
import posecfg.runtimes.onnx, posecfg.runtimes.providers, posecfg.runtimes.memory
sys.stdout.write(" ".join(sorted({"numpy", "onnxruntime", "onnx", "cv2", "av"} & set(sys.modules))))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == ""


def test_nothing_is_reported_home_and_nothing_left_behind(tmp_path):
    places = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    code = "from posecfg.runtimes.onnx import library; library('a test')"
    subprocess.run([sys.executable, "-B", "-c", code], env={**os.environ, **places}, check=True)
    assert list(tmp_path.iterdir()) == []


def test_a_graph_that_answers_for_fewer_than_it_was_asked_is_refused(tmp_path):
    from onnx import helper

    shape = ("n", 3, 4, 8)
    nodes = [helper.make_node("ReduceMean", ["input"], ["out"], axes=[0], keepdims=1)]
    session = Session(onnxgraphs.save(tmp_path / "one.onnx", nodes, [("input", shape)], [("out", shape)], {}), "one")
    assert len(session(np.zeros((1, 3, 4, 8), np.float32))[0]) == 1
    with pytest.raises(WeightsError, match="as many rows of each output as of the input, but it gives 1 for 2"):
        session(np.zeros((2, 3, 4, 8), np.float32))
