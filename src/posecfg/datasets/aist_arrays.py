"""Read pickles of AIST++ as plain arrays: nothing that they ask for is run."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg import budgets
from posecfg.errors import ClipError, blame
from posecfg.models import numpy_pickle
from posecfg.models.numpy_pickle import Packed
from posecfg.text import size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from numpy.typing import NDArray

    from posecfg.arrays import F64

    T = TypeVar("T")

# Whole numbers beyond have no place among numbers of arrays.
_MOST = 1 << 64


def read(path: Path, what: str, make: Callable[[Any], T]) -> T:
    """Return what ``make`` makes of a pickle; whatever is wrong with the file is a ClipError that calls it ``what``."""
    try:
        return make(numpy_pickle.read(path))
    except ValueError as error:
        raise ClipError(f"Expected '{path}' to be {what} of AIST++, but {error}.") from error
    except (TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise ClipError(f"Expected '{path}' to be {what} of AIST++, but its parts do not fit together.") from error
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


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of an array, or the length of a list, before any of its numbers is made."""
    if isinstance(value, list | tuple):
        return (len(value),)
    shape = getattr(value, "shape", None)
    if not isinstance(shape, tuple):
        raise ValueError("it holds other things than lists and arrays")
    return shape


def numbers(value: Any) -> F64:
    """Return an array, or a list of numbers, as float64; a ValueError says that it is none."""
    import numpy as np

    if (needed := 8 * prod(shape_of(value))) > budgets.most():
        raise ValueError(f"it has an array that takes {size(needed)} of memory")
    if isinstance(value, Packed | np.ndarray):
        return (value.array() if isinstance(value, Packed) else value).astype(np.float64)
    if all(type(one) is float or (type(one) is int and abs(one) < _MOST) for one in value):
        return np.array(value, np.float64)
    if all(isinstance(one, Packed) and one.shape == () for one in value):
        return np.fromiter((one.array() for one in value), np.float64, len(value))
    raise ValueError("it holds other things than arrays of numbers")


def items(value: Any) -> Sequence[Any] | NDArray[Any]:
    """Return the items of a list, of an array of objects, or of the first axis of an array of numbers."""
    if isinstance(value, list | tuple):
        return value
    if not shape_of(value):
        raise ValueError("it holds a number where a list or an array belongs")
    if not isinstance(value, Packed):
        found: NDArray[Any] = value
        return found
    return value.objects() if value.has_objects else value.array()


def stacked(value: Any, *shape: int) -> F64:
    """Return the arrays of people (S, ``shape``) in one frame, which may be one array, a list of arrays, or empty."""
    import numpy as np

    each = items(value)
    if isinstance(each, np.ndarray):
        each = each if each.size else np.zeros((0, *shape))
        shapes = {each.shape[1:]}
    else:
        shapes = set(map(shape_of, each))
    if wrong := shapes - {shape}:
        raise ValueError(f"people of a frame have the shape {min(wrong)}, not ({', '.join(map(str, shape))})")
    found = np.empty((len(each), *shape))
    for number, one in enumerate(each):
        found[number] = numbers(one)
    return found
