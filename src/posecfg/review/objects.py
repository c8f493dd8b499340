"""Read npz files whose arrays hold Python objects; nothing that their pickles ask for is run."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from posecfg import budgets
from posecfg.models import numpy_pickle
from posecfg.models.numpy_pickle import Packed


def are_in(path: Path) -> bool:
    """Tell whether an array of the file holds objects."""
    with budgets.archive(path) as archive:
        for name in archive.namelist():
            if name.endswith(".npy"):
                with archive.open(name) as stream:
                    if budgets.header(stream)[1].hasobject:
                        return True
    return False


def read(path: Path) -> dict[str, list[Any]]:
    """Return the items of every array; arrays inside them are NumPy's."""
    found = {}
    with budgets.archive(path) as archive:
        budgets.check(path, sum(info.file_size for info in archive.infolist()))
        for name in archive.namelist():
            stream = io.BytesIO(budgets.member(archive, name, budgets.most()))
            shape, kind = budgets.header(stream)
            whole = numpy_pickle.load(stream) if kind.hasobject else None
            if not isinstance(whole, Packed) or whole.shape != shape:
                raise ValueError(f"{name} in it is no array of objects")
            known: dict[int, Any] = {}
            found[name.removesuffix(".npy")] = [_plain(item, known) for item in whole.objects()]
    return found


def _plain(value: Any, known: dict[int, Any]) -> Any:
    """Return a value with NumPy's arrays in it; ``known`` are those made, as one may be there any number of times."""
    if id(value) not in known:
        known[id(value)] = _made(value, known)
    return known[id(value)]


def _made(value: Any, known: dict[int, Any]) -> Any:
    if isinstance(value, Packed):
        return value.array()
    if isinstance(value, dict):
        return {key: _plain(one, known) for key, one in value.items()}
    return [_plain(one, known) for one in value] if isinstance(value, list) else value
