"""Run an ONNX graph on ONNX Runtime, on the device that was asked for and on no other."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from posecfg import backends
from posecfg.errors import BackendMissing, ClipError, ConfigError, WeightsError
from posecfg.models.external_data import outside
from posecfg.models.roads import cure
from posecfg.runtimes.graph_files import unread
from posecfg.runtimes.memory import OutOfMemory, is_out_of_memory, log
from posecfg.runtimes.providers import PROVIDERS, check_loaded, chosen, requested
from posecfg.runtimes.session import FITTING, Port
from posecfg.timing import stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32
    from posecfg.runtimes.session import Shape

_CODE = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ")
# Severities of the runtime's own log: errors only, or nothing.
_ERRORS, _NOTHING = 3, 4
_LONGEST = 300


def library(wanted_by: str) -> ModuleType:
    """Import ONNX Runtime with telemetry off: else it sends data and stores a machine id in the home folder."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    return backends.require("onnxruntime", wanted_by)


class Session:
    """The graph in ``path``, or in memory: ``takes`` is its only input, ``gives`` its outputs, ``device`` its device.

    Raise ``WeightsError`` if the graph cannot be opened, or has not exactly one input of float32.
    """

    def __init__(self, path: Path | bytes, name: str, device: str = "auto", threads: int = 1) -> None:
        self.name = name
        self._session, self.device = started(path, name, device, threads)
        takes = [_port(one) for one in self._session.get_inputs()]
        self.gives = tuple(_port(one) for one in self._session.get_outputs())
        if len(takes) != 1 or takes[0].kind != "float":
            raise self.unlike("one input of float32", f"takes {', '.join(map(str, takes))}")
        self.takes = takes[0]
        self._tried: dict[tuple[int, ...], tuple[Shape, ...]] = {}

    @property
    def takes_many(self) -> bool:
        """Whether the graph takes any number of rows at once: its first dimension has no fixed length."""
        return len(self.takes.shape) > 0 and self.takes.shape[0] is None

    def __call__(self, rows: F32) -> list[NDArray[Any]]:
        """Run the graph on rows of its input."""
        given = run(self._session, self.name, {self.takes.name: rows})
        for array in given:
            if array.shape[:1] != (len(rows),):
                counts = f"gives {array.shape[0] if array.ndim else 'none'} for {len(rows)}"
                raise self.unlike("as many rows of each output as of the input", counts)
        return given

    def shapes(self, *row: int) -> tuple[Shape, ...]:
        """Return the shapes of the outputs; if the graph does not declare them, run it on one row of zeros.

        ``row`` is the shape of one row. The first length of an output, and others that the graph leaves open, are None.
        """
        if all(length is not None for port in self.gives for length in port.shape[1:]):
            return tuple(port.shape for port in self.gives)
        if row not in self._tried:
            self._tried[row] = self._try(row)
        return self._tried[row]

    def _try(self, row: tuple[int, ...]) -> tuple[Shape, ...]:
        import numpy as np

        try:
            given = self(np.zeros((1, *row), np.float32))
        except (ClipError, OutOfMemory) as error:
            raise self.unlike(f"an input of 1x{'x'.join(map(str, row))}", f"refuses it ({error})") from error
        return tuple((None, *array.shape[1:]) for array in given)

    def unlike(self, expected: str, got: str, advice: str = FITTING) -> WeightsError:
        """Return the error for a graph that does not fit: what was expected and what it is."""
        return WeightsError(f"Expected '{self.name}' to be a graph with {expected}, but it {got}: {advice}.")


def started(path: Path | bytes, name: str, device: str, threads: int) -> tuple[Any, str]:
    """Return the runtime's session of the graph in ``path``, or in memory, and the device that it runs on."""
    if threads < 1:
        raise ConfigError(f"Expected threads to be at least 1, but got {threads}.")
    runtime = library(f"'{name}'")
    if isinstance(path, Path):
        _check_place(runtime, path, name)
    session, failure = _opened(runtime, path, name, device, threads)
    loaded, meant = session.get_providers(), chosen(runtime, device)
    if device == "auto" and PROVIDERS[meant] not in loaded:
        log.warning(
            "device=auto means the processor here, since %s cannot be used (%s): `posecfg doctor` shows what "
            "works, or type device=cpu",
            meant,
            failure or f"ONNX Runtime could not load its {PROVIDERS[meant]}",
        )
        meant = "cpu"
    check_loaded(meant, loaded)
    return session, meant


def run(session: Any, name: str, given: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
    """Run a session of the runtime on its inputs, and return its outputs."""
    try:
        with stage("inference"):
            found: list[NDArray[Any]] = session.run(None, dict(given))
    except Exception as error:
        # The runtime's errors have no common class.
        if is_out_of_memory(error):
            raise OutOfMemory(_sentence(error)) from error
        raise ClipError(f"'{name}' did not work: {_sentence(error)}") from error
    return found


def _check_place(runtime: ModuleType, path: Path, name: str) -> None:
    """Refuse a graph that reads weights from outside its folder: not every version of the runtime does."""
    try:
        other = outside(path)
    except (ValueError, OSError, MemoryError) as error:
        raise _unreadable(runtime, path, name, error) from error
    if other is not None:
        raise WeightsError(
            f"Expected '{path}' to have its weights in its own folder, but it reads {other[:_LONGEST]!r}, which is not "
            f"there: {cure(name)}"
        )


def _opened(runtime: ModuleType, path: Path | bytes, name: str, asked: str, threads: int) -> tuple[Any, str]:
    """Open the graph on the device that ``asked`` means; ``auto`` falls back to the processor, and says why."""
    device = chosen(runtime, asked)
    wanted = requested(runtime, device, threads)
    if device in ("cuda", "tensorrt") and hasattr(runtime, "preload_dlls"):
        # CUDA libraries that are installed as packages are found only this way; its messages are not output of posecfg.
        with contextlib.redirect_stdout(io.StringIO()):
            runtime.preload_dlls()
    quiet = asked == "auto" and device != "cpu"
    try:
        graph = str(path) if isinstance(path, Path) else path
        return runtime.InferenceSession(graph, _options(runtime, threads, quiet), wanted, enable_fallback=0), ""
    except Exception as error:
        if device == "cpu":
            raise _unreadable(runtime, path, name, error) from error
        failure = error
    # Opened on the processor to tell whether the graph or the device is at fault.
    session, _ = _opened(runtime, path, name, "cpu", threads)
    if asked == "auto":
        return session, _sentence(failure)
    raise BackendMissing(
        f"device={device} was asked for, but '{name}' cannot be opened on it ({_sentence(failure)}): `posecfg doctor` "
        "shows what works, or type device=cpu"
    ) from failure


def _options(runtime: ModuleType, threads: int, quiet: bool) -> Any:
    options: Any = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.use_deterministic_compute = True
    options.log_severity_level = _NOTHING if quiet else _ERRORS
    # Threads that wait by spinning would take cores from threads that work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _unreadable(runtime: ModuleType, path: Path | bytes, name: str, error: Exception) -> WeightsError:
    if isinstance(path, Path) and (reason := unread(path, error)):
        return WeightsError(
            f"Expected to read all of '{path}', but the machine could not ({reason}): look at its memory, the disk or "
            "the permissions of the file, and type the same command again."
        )
    if is_out_of_memory(error):
        return WeightsError(f"Expected '{name}' to fit into the memory here, but it does not: choose a smaller model.")
    place = path if isinstance(path, Path) else name
    return WeightsError(
        f"Expected '{place}' to be an ONNX graph that ONNX Runtime {runtime.__version__} can run, but it cannot be "
        f"opened ({_sentence(error)}); {cure(name)}"
    )


def _port(described: Any) -> Port:
    shape = tuple(length if isinstance(length, int) else None for length in described.shape)
    return Port(described.name, shape, described.type.removeprefix("tensor(").removesuffix(")"))


def _sentence(error: Exception) -> str:
    text = " ".join(_CODE.sub("", str(error)).split()).rstrip(".")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
