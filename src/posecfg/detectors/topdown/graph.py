"""Open the ONNX graph of a box detector or a pose head, and see what it is fed with."""

from __future__ import annotations

from posecfg.errors import ConfigError
from posecfg.models import store
from posecfg.runtimes.onnx import Session

# Pictures at once where nobody says: a processor gains nothing by many.
_CPU, _GPU = 1, 16
_LARGEST = 1 << 14


def opened(model: str, device: str, threads: int) -> Session:
    """Open the graph of the weights ``model``."""
    return Session(store.find(model), model, device, threads)


def input_size(session: Session, width: int | None = None, height: int | None = None) -> tuple[int, int]:
    """Return (width, height) of the pictures that the graph takes; the arguments fill in what it leaves open."""
    shape = session.takes.shape
    if len(shape) != 4 or shape[0] not in (None, 1) or shape[1] != 3:
        raise session.unlike("an input of Nx3xHxW (N open or 1)", f"takes {session.takes}")
    sides = []
    for name, own, given in (("width", shape[3], width), ("height", shape[2], height)):
        side = own if given is None else given
        if side is None:
            raise ConfigError(f"'{session.name}' takes pictures of any {name}: say which with side, such as side=640.")
        if own not in (None, side):
            raise ConfigError(f"'{session.name}' takes pictures of {name} {own} only, but got {side}: leave side null.")
        if not 0 < side <= _LARGEST:
            raise ConfigError(f"Expected side to be from 1 to {_LARGEST}, but got {side}.")
        sides.append(side)
    return sides[0], sides[1]


def at_once(session: Session, batch: int | None) -> int:
    """Return how many pictures the graph gets at once: ``batch``, what suits the device, or the one that it takes."""
    if batch is not None and batch < 1:
        raise ConfigError(f"Expected batch to be at least 1, or null, but got {batch}.")
    if not session.takes_many:
        return 1
    return batch or (_CPU if session.device == "cpu" else _GPU)
