"""Read pickles of AIST++ as plain arrays: nothing that they ask for is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.errors import ClipError, blame
from posecfg.models import numpy_pickle
from posecfg.models.numpy_pickle import Packed

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from posecfg.arrays import F64

    T = TypeVar("T")


def read(path: Path, what: str, make: Callable[[Any], T]) -> T:
    """Return what ``make`` makes of a pickle; whatever is wrong with the file is a ClipError that calls it ``what``."""
    try:
        return make(numpy_pickle.read(path))
    except ValueError as error:
        raise ClipError(f"Expected '{path}' to be {what} of AIST++, but {error}.") from error
    except OSError as error:
        raise blame(error)(
            f"Expected '{path}' to be {what} of AIST++, but it cannot be read ({error.strerror or error})."
        ) from error


def stamp(path: Path) -> tuple[int, int]:
    """Return size and modification time of a file, (-1, -1) if there is none that can be read."""
    try:
        seen = path.stat()
    except OSError:
        return -1, -1
    return seen.st_size, seen.st_mtime_ns


def entry(whole: Any, name: str) -> Any:
    """Return the value called ``name`` of a pickle's mapping; a ValueError says that there is none."""
    if not isinstance(whole, dict) or name not in whole:
        raise ValueError(f"it lacks {name}")
    return whole[name]


def numbers(value: Any) -> F64:
    """Return an array, or a list of numbers, as float64; a ValueError says that it is none."""
    import numpy as np

    if isinstance(value, Packed):
        return value.array().astype(np.float64)
    if isinstance(value, list) and all(type(one) in (int, float) for one in value):
        return np.array(value, np.float64)
    if isinstance(value, list) and all(isinstance(one, Packed) and one.shape == () for one in value):
        return np.array([one.array() for one in value], np.float64)
    raise ValueError("it holds other things than arrays of numbers")


def items(value: Any) -> list[Any]:
    """Return the items of a list, of an array of objects, or of the first axis of an array of numbers."""
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, Packed):
        try:
            return value.objects()
        except ValueError:
            return list(value.array())
    raise ValueError("it holds other things than lists and arrays")


def stacked(value: Any, *shape: int) -> F64:
    """Return the arrays of people (S, ``shape``) in one frame, which may be one array, a list of arrays, or empty."""
    import numpy as np

    if isinstance(value, Packed | np.ndarray) and not _has_objects(value):
        found = value.array() if isinstance(value, Packed) else value
        found = found.reshape(0, *shape) if found.size == 0 else found
    else:
        each = [one.array() if isinstance(one, Packed) else numbers(one) for one in items(value)]
        found = np.array(each) if each else np.zeros((0, *shape))
    if found.shape[1:] != shape:
        raise ValueError(f"people of a frame have the shape {found.shape}, not (people, {', '.join(map(str, shape))})")
    return found.astype(np.float64)


def _has_objects(value: Any) -> bool:
    if not isinstance(value, Packed):
        return False
    try:
        value.objects()
    except ValueError:
        return False
    return True
