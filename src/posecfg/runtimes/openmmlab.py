"""Run a network of OpenMMLab on torch from its published checkpoint, with the same results as its ONNX graph."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.errors import ClipError, ConfigError, WeightsError
from posecfg.models.architectures import known
from posecfg.openmmlab.compat import prepare, quiet
from posecfg.openmmlab.networks import build, named_checkout
from posecfg.runtimes.memory import OutOfMemory, is_out_of_memory
from posecfg.runtimes.session import FITTING, Port
from posecfg.runtimes.torch_device import chosen, exact
from posecfg.timing import stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32
    from posecfg.runtimes.session import Shape

_LONGEST = 300
_ON_A_CPU = "can't allocate memory"


class Session:
    """The network ``model`` with the weights of ``path``; ``takes``, ``gives`` and ``device`` are as in ``Session``.

    ``points`` is the number of keypoints that a pose network was trained for, None for the published one.
    """

    def __init__(
        self, path: Path, model: str, device: str = "auto", threads: int = 1, points: int | None = None
    ) -> None:
        if threads < 1:
            raise ConfigError(f"Expected threads to be at least 1, but got {threads}.")
        architecture = known(model)
        self.name = architecture.weights
        prepare()
        self._torch: Any = importlib.import_module("torch")
        self.device = chosen(self._torch, device, "openmmlab")
        # The setting is global to the process: a box detector and a pose head share it.
        self._torch.set_num_threads(threads)
        try:
            self._graph = build(model, path, named_checkout(), self.device, points).graph
        except self._torch.OutOfMemoryError as error:
            raise WeightsError(
                f"Expected '{self.name}' to fit into the memory of {self.device}, but it does not: choose a smaller "
                "model, fewer workers or device=cpu."
            ) from error
        width, height = architecture.size
        self.takes = Port("input", (None, 3, height, width), "float")
        shapes = [(None, *one.shape[1:]) for one in self._run(self._torch.zeros(1, 3, height, width))]
        self.gives = tuple(Port(name, shape, "float") for name, shape in zip(architecture.outputs, shapes, strict=True))

    @property
    def takes_many(self) -> bool:
        """Whether the network takes any number of rows at once."""
        return True

    def __call__(self, rows: F32) -> list[NDArray[Any]]:
        """Run the network on rows of its input."""
        try:
            with stage("inference"):
                return [one.cpu().numpy() for one in self._run(self._torch.from_numpy(rows))]
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:_LONGEST].rstrip(".")
            if is_out_of_memory(error) or _ON_A_CPU in reason:
                self._clear()
                raise OutOfMemory(reason) from error
            raise ClipError(f"'{self.name}' did not work: {reason}") from error

    def shapes(self, *row: int) -> tuple[Shape, ...]:
        """Return the shapes of the outputs; ``row``, the shape of one row, is always the same here."""
        return tuple(port.shape for port in self.gives)

    def unlike(self, expected: str, got: str, advice: str = FITTING) -> WeightsError:
        """Return the error for a network that does not fit: what was expected and what it is."""
        return WeightsError(f"Expected '{self.name}' to be a network with {expected}, but it {got}: {advice}.")

    def _run(self, rows: Any) -> tuple[Any, ...]:
        """Run the network in full float32, with fixed algorithms instead of those that a benchmark chooses."""
        with self._torch.inference_mode(), exact(self._torch), quiet():
            given: tuple[Any, ...] = self._graph(rows.to(self.device))
            return given

    def _clear(self) -> None:
        """Free the device memory that torch keeps for reuse."""
        if self.device == "cuda":
            self._torch.cuda.empty_cache()
