"""Read pickles step by step, in Python, so that what takes for ever or makes no plain data is refused."""

from __future__ import annotations

import pickle
import struct
from typing import Any, ClassVar

from posecfg import budgets, environment

_Steps: Any = pickle._Unpickler
_DAMAGE = (EOFError, LookupError, TypeError, AttributeError, MemoryError, OverflowError, struct.error, ValueError)
# Whole numbers of more than this can be made such that a mapping of them takes the square of its length.
_MOST_KEY = 1 << 40
# Bytes of memory that a step of a pickle may take.
_STEP = 64


class _Counted(dict[int, Any]):
    """What to do for each step of a pickle, for as many steps as a file may have: one byte can make a mapping."""

    def __init__(self, known: dict[int, Any]) -> None:
        super().__init__(known)
        self._most = self._left = budgets.most() // _STEP

    def __getitem__(self, code: int, /) -> Any:
        self._left -= 1
        if self._left < 0:
            raise pickle.UnpicklingError(
                f"it has more than {self._most:,} parts: if you trust it, set {environment.LOADED} in the environment "
                f"to more than {budgets.most() >> 30}"
            )
        return super().__getitem__(code)


def checked_key(key: Any) -> str | int:
    """Return what may be a key of a mapping; anything else is refused before it is hashed or compared."""
    if type(key) is str or (type(key) is int and abs(key) < _MOST_KEY):
        return key
    raise pickle.UnpicklingError("it has a mapping whose keys are neither texts nor whole numbers")


class Map(dict[Any, Any]):
    """A mapping of the file, of such keys only; attributes that the file gives it are dropped."""

    __slots__ = ()

    def __init__(self, pairs: Any = ()) -> None:
        """Take a mapping, or a list of pairs."""
        super().__init__()
        each = list(pairs.items()) if isinstance(pairs, dict) else pairs
        if not _is_sequence(each) or not all(_is_sequence(pair) and len(pair) == 2 for pair in each):
            raise pickle.UnpicklingError("it makes a mapping of what holds no pairs")
        for key, value in each:
            self[checked_key(key)] = value

    def __setstate__(self, state: Any) -> None:
        pass


def _is_sequence(value: Any) -> bool:
    return isinstance(value, list | tuple)


class Plain(_Steps):  # type: ignore[misc]
    """Reader of a pickle whose mappings have texts and whole numbers as keys, and that has no sets.

    Others could be made such that their hash takes as long as the one who made them likes.
    """

    dispatch: ClassVar[dict[int, Any]] = dict(_Steps.dispatch)

    def load(self) -> Any:
        """Return what the pickle holds; a ValueError tells what is wrong with it."""
        own: Any = self
        own.dispatch = _Counted(type(self).dispatch)
        try:
            return super().load()
        except pickle.UnpicklingError as error:
            raise ValueError(str(error)) from error
        except _DAMAGE as error:
            raise ValueError("it is no pickle, or a damaged one") from error

    def find_class(self, module: str, name: str, /) -> Any:
        """Refuse whatever a pickle names: a reader says itself what stands for what."""
        raise pickle.UnpicklingError(f"it asks for {f'{module}.{name}'[:100]}")

    def _put(self, items: list[Any], into: Any) -> None:
        if not isinstance(into, dict) or len(items) % 2:
            raise pickle.UnpicklingError("it puts values by name into what is no mapping")
        for key, value in zip(items[::2], items[1::2], strict=True):
            into[checked_key(key)] = value

    def _setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._put([key, value], self.stack[-1])

    def _setitems(self) -> None:
        items = self.pop_mark()
        self._put(items, self.stack[-1])

    def _dict(self) -> None:
        items = self.pop_mark()
        made: dict[Any, Any] = {}
        self._put(items, made)
        self.append(made)

    def _set(self) -> None:
        raise pickle.UnpicklingError("it has a set")

    dispatch[pickle.SETITEM[0]] = _setitem
    dispatch[pickle.SETITEMS[0]] = _setitems
    dispatch[pickle.DICT[0]] = _dict
    for _code in (pickle.EMPTY_SET, pickle.ADDITEMS, pickle.FROZENSET):
        dispatch[_code[0]] = _set
