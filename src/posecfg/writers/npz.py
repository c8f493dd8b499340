"""Write the native format: all data of a clip in one npz, without loss.

``numpy.load`` reads the arrays: ``ids`` (P,), ``xy`` (P, T, K, 2), ``scores`` (P, T, K), ``boxes`` (P, T, 4),
``box_scores`` (P, T), ``valid`` and ``made`` (P, T), ``xyz`` and ``depth`` where there are any, ``indices`` and
``times`` (T,), ``moments`` (T,) where frames were taken for moments, ``keypoints`` (K,) names. Where tracks were
lifted, ``source_xy`` and so on are those that they were lifted from. ``detections_*`` are all people that the detector
saw, as in ``posecfg.types.Detections``. Missing is NaN.
The member ``header.json`` holds the rest; ``posecfg.load`` reads all of it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Extraction
from posecfg.writers.jsontext import dumps
from posecfg.writers.names import Names
from posecfg.writers.npz_members import HEADER, SCHEMA, arrays, header
from posecfg.writers.zips import member

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Npz:
    """Write one native npz a clip, with all its tracks; with ``detections``, also everybody that the detector saw."""

    suffix = ".npz"

    def __init__(self, path: str = "{id}", compress: bool = True, detections: bool = True) -> None:
        self._names = Names(path, self.suffix)
        for name, typed in (("compress", compress), ("detections", detections)):
            if not isinstance(typed, bool):
                raise ConfigError(f"Expected {name} to be true or false, but got {typed!r}.")
        self._detections = detections
        self._method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED

    @staticmethod
    def facts(detections: bool = True, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(detections=detections is True)

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Accept poses of any kind."""

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the file of one clip."""
        if not self._detections:
            extraction = replace(extraction, detections=None)
        people, rows, points = len(extraction.tracks), len(extraction.clock), len(extraction.skeleton)
        for track in extraction.tracks:
            if track.skeleton != extraction.skeleton or len(track) != rows:
                raise ValueError(f"Expected track {track.id} to have {rows} rows of {extraction.skeleton.name}.")
        about = {
            "kind": "npz",
            "schema": SCHEMA,
            "shape": [people, rows, points],
            "dtype": "float32",
            "missing": "nan",
            "made": sum(int(track.made.sum()) for track in extraction.tracks),
        }
        with (
            files.open(self._names(extraction.clip.id), about) as stream,
            zipfile.ZipFile(stream, "w") as archive,
        ):
            with archive.open(member(HEADER, self._method), "w") as text:
                text.write(dumps(header(extraction)).encode())
            for name, dtype, shape, parts in arrays(extraction):
                self._put(archive, name, dtype, shape, parts)

    def _put(
        self, archive: zipfile.ZipFile, name: str, dtype: str, shape: tuple[int, ...], parts: Iterable[NDArray[Any]]
    ) -> None:
        """Write an array given in parts along its first axis, so that no copy of the whole is made."""
        import numpy as np

        with archive.open(member(f"{name}.npy", self._method), "w", force_zip64=True) as array:
            kind = np.lib.format.dtype_to_descr(np.dtype(dtype))
            np.lib.format.write_array_header_1_0(array, {"descr": kind, "fortran_order": False, "shape": shape})
            for part in parts:
                array.write(np.ascontiguousarray(part, dtype).tobytes())
