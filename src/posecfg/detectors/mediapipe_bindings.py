"""Import MediaPipe's C++ bindings without running ``mediapipe/__init__.py``.

That file imports every solution and task, and with them OpenCV and matplotlib; the pose graph needs neither.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from posecfg import backends
from posecfg.errors import BackendMissing, ConfigError

GRAPH = "modules/pose_landmark/pose_landmark_cpu.binarypb"
HOLISTIC = "modules/holistic_landmark/holistic_landmark_cpu.binarypb"

_PINNED = backends.PINS["mediapipe"]
_EXTENSION = "mediapipe.python._framework_bindings"
_lock = threading.Lock()
_loaded: Bindings | None = None
# The process that loaded them.
_process = 0


@dataclass(frozen=True)
class Bindings:
    """The modules of MediaPipe that run a graph, and the folder of the package."""

    folder: Path
    graphs: Any
    images: Any
    resources: Any
    validation: Any
    make: Any
    get: Any
    configs: Any
    detections: Any
    inference: Any
    thresholds: Any


def package(wanted_by: str) -> Path:
    """Return the folder of the installed MediaPipe; raise ``BackendMissing`` if it has no pose graph."""
    spec = importlib.util.find_spec("mediapipe") if backends.present("mediapipe") else None
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if folders and (Path(folders[0]) / GRAPH).is_file():
        return Path(folders[0])
    if not folders:
        raise backends.missing("mediapipe", wanted_by)
    raise BackendMissing(
        f"{wanted_by} needs MediaPipe {_PINNED}, but {version()} is installed, which no longer carries the pose graph: "
        f"{backends.advice('mediapipe')}"
    )


def version() -> str:
    """Return the installed version of MediaPipe, from its metadata."""
    return backends.version("mediapipe") or "an unknown version"


def load(wanted_by: str) -> Bindings:
    """Import the bindings once a process; a later ``import mediapipe`` still gets the real package.

    A process that was forked off one that has them is refused: MediaPipe's threads are not in it, and it would wait for
    them without end.
    """
    global _loaded, _process
    folder = package(wanted_by)
    with _lock:
        if _loaded is not None and _process != os.getpid():
            raise ConfigError(
                f"{wanted_by} cannot run in a process that was forked after MediaPipe was loaded: start processes with "
                "multiprocessing.get_context('spawn'), or fork before the first extraction."
            )
        if _loaded is None:
            _process = os.getpid()
            try:
                _loaded = _load(folder)
            except ImportError as error:
                raise BackendMissing(
                    f"{wanted_by} needs 'mediapipe', which is installed but cannot be imported ({error}): "
                    f"{backends.advice('mediapipe')}"
                ) from error
        return _loaded


def _load(folder: Path) -> Bindings:
    if "mediapipe" in sys.modules:
        return _import(folder)
    before = set(sys.modules)
    stand_in = ModuleType("mediapipe")
    # Another thread that asks meanwhile whether it is installed is told so.
    stand_in.__spec__ = importlib.util.find_spec("mediapipe")
    stand_in.__path__ = [str(folder)]
    sys.modules["mediapipe"] = stand_in
    try:
        return _import(folder)
    finally:
        # The C++ extension cannot be initialised twice, so it stays; the other modules have a stand-in as their parent.
        for name in set(sys.modules) - before:
            if name == "mediapipe" or (name.startswith("mediapipe.") and not name.startswith(_EXTENSION)):
                del sys.modules[name]


@contextmanager
def _old_protobuf() -> Iterator[None]:
    """Add a method that protobuf dropped in version 5: without it, the extension prints an error once."""
    factory: Any = importlib.import_module("google.protobuf.message_factory")
    if hasattr(factory.MessageFactory, "GetPrototype"):
        yield
        return
    factory.MessageFactory.GetPrototype = lambda self, descriptor: factory.GetMessageClass(descriptor)
    try:
        yield
    finally:
        del factory.MessageFactory.GetPrototype


def _import(folder: Path) -> Bindings:
    def module(name: str) -> Any:
        return importlib.import_module(f"mediapipe.{name}")

    # Registers the message type of the two landmark streams.
    module("framework.formats.landmark_pb2")
    with _old_protobuf():
        extension = module("python._framework_bindings")
    return Bindings(
        folder=folder,
        graphs=extension.calculator_graph,
        images=extension.image_frame,
        resources=extension.resource_util,
        validation=extension.validated_graph_config,
        make=module("python.packet_creator"),
        get=module("python.packet_getter"),
        configs=module("framework.calculator_pb2"),
        detections=module("calculators.tensor.tensors_to_detections_calculator_pb2"),
        inference=module("calculators.tensor.inference_calculator_pb2"),
        thresholds=module("calculators.util.thresholding_calculator_pb2"),
    )
