"""Write a netCDF-4 file, which is HDF5 with names for the axes of its arrays.

It is written through h5py, as h5netcdf takes five times as long for the same file of a short clip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Variable:
    """An array with the names of its axes; one of the name of its only axis tells where along it things are."""

    name: str
    axes: tuple[str, ...]
    data: NDArray[Any]
    packed: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def write(h5py: ModuleType, stream: BinaryIO, variables: Sequence[Variable], facts: Mapping[str, Any]) -> None:
    """Write variables, of which each axis has its own before others use it, and facts about all of them."""
    import numpy as np

    # Texts are the only objects.
    text = h5py.string_dtype()
    with h5py.File(stream, "w", track_order=True) as file:
        numbers: dict[str, int] = {}
        for one in variables:
            kind = text if one.data.dtype == object else one.data.dtype
            # An axis without entries may grow, as netCDF has no other word for it.
            limits = tuple(length or None for length in one.data.shape)
            open_ended = {} if all(limits) else {"maxshape": limits, "chunks": tuple(length or 1 for length in limits)}
            made = file.create_dataset(one.name, data=one.data.astype(kind), dtype=kind, **open_ended, **one.packed)
            if one.axes == (one.name,):
                numbers[one.name] = len(numbers)
                made.make_scale(one.name)
            else:
                for place, axis in enumerate(one.axes):
                    made.dims[place].attach_scale(file[axis])
            made.attrs["_Netcdf4Coordinates"] = np.array([numbers[axis] for axis in one.axes], np.int32)
            made.attrs["_Netcdf4Dimid"] = np.int32(numbers[one.axes[0]])
            for name, fact in one.facts.items():
                made.attrs[name] = fact
        for name, fact in facts.items():
            file.attrs[name] = fact if isinstance(fact, str) else np.array([fact])
        known = h5py.version
        file.attrs["_NCProperties"] = np.bytes_(f"version=2,hdf5={known.hdf5_version},h5py={known.version}")
