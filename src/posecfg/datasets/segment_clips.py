"""The clips of the segments that a table names."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from typing import overload

from posecfg.datasets.films import Film
from posecfg.datasets.identifiers import changed, printable, safe
from posecfg.datasets.many_clips import ManyClips
from posecfg.datasets.refused import Refused
from posecfg.datasets.segments import Segments
from posecfg.errors import ConfigError
from posecfg.types import Clip

UNSAFE = "its name cannot be that of a file in the output folder"


class SegmentClips(ManyClips):
    """A clip for each of ``segments`` that ``order`` numbers; one whose name can be no file name is left out.

    ``films`` are those that the segments' videos find. With ``counted``, times count frames.
    """

    def __init__(
        self, segments: Segments, order: array[int], films: Mapping[str, Film], counted: bool, refused: Refused
    ) -> None:
        self._segments, self._films, self._counted = segments, films, counted
        self._sources = {film.name: printable(film.name) for film in films.values()}
        # Of all rows, whichever are taken: an id must not depend on what else is wanted or there.
        self._changed = changed(segments.names)
        self._order = array("Q", self._safe(order, refused))

    def _safe(self, order: array[int], refused: Refused) -> Iterator[int]:
        for number in order:
            try:
                safe(self._id(number))
            except ConfigError:
                refused.add(self._segments[number].title, UNSAFE)
                continue
            yield number

    def _id(self, number: int) -> str:
        name = self._segments.names[number]
        return self._changed.get(name, name)

    def ids(self) -> list[str]:
        """Return the ids of all clips, in order."""
        return [self._id(number) for number in self._order]

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> Clip: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Clip, ...]: ...
    def __getitem__(self, index: int | slice) -> Clip | tuple[Clip, ...]:
        if isinstance(index, slice):
            return tuple(self._clip(number) for number in self._order[index])
        return self._clip(self._order[index])

    def _clip(self, number: int) -> Clip:
        segment = self._segments[number]
        film = self._films[segment.video]
        said = {"sentence": segment.text, "video": segment.video, "subject": segment.subject}
        return Clip(
            id=self._id(number),
            path=film.path,
            source=self._sources[film.name],
            start=segment.start,
            end=segment.end,
            counted=self._counted,
            meta={key: value for key, value in said.items() if value is not None},
        )
