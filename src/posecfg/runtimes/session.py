"""Protocol of an open network, for every runtime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from posecfg.errors import WeightsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32

    Shape = tuple[int | None, ...]

FITTING = "choose a model that fits this component (`posecfg models list`)"


@dataclass(frozen=True)
class Port:
    """An input or output: ``shape`` has None for lengths that are left open, ``kind`` is its type, such as float."""

    name: str
    shape: Shape
    kind: str

    def __str__(self) -> str:
        lengths = "x".join("?" if length is None else str(length) for length in self.shape)
        return f"{self.name} {lengths} {self.kind}"


class Session(Protocol):
    """An open network: ``takes`` is its only input, ``gives`` its outputs, ``device`` the one it runs on."""

    name: str
    device: str
    takes: Port
    gives: tuple[Port, ...]

    @property
    def takes_many(self) -> bool:
        """Whether any number of rows may be given at once."""

    def __call__(self, rows: F32) -> list[NDArray[Any]]:
        """Run the network on rows of its input; raise ``OutOfMemory`` if memory is too small for so many."""

    def shapes(self, *row: int) -> tuple[Shape, ...]:
        """Return the shapes of the outputs; ``row`` is the shape of one row of the input."""

    def unlike(self, expected: str, got: str, advice: str = FITTING) -> WeightsError:
        """Return the error for a network that does not fit: what was expected, what it is, and what to do."""
