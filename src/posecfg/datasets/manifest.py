"""List the parts of films that a table names."""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from posecfg.datasets.columns import KNOWN, choose
from posecfg.datasets.films import MISSING, Film, Films
from posecfg.datasets.identifiers import printable
from posecfg.datasets.location import locate
from posecfg.datasets.refused import Refused
from posecfg.datasets.segment_clips import SegmentClips
from posecfg.datasets.segments import Segment, Segments, read
from posecfg.datasets.table import Table, plain
from posecfg.errors import ConfigError
from posecfg.text import shortened
from posecfg.types import Listing
from posecfg.video.suffixes import FILMS

MODES = ("time", "inclusive_index")
LEFT = "not among dataset.only"
LISTS = "a file, and dataset.only takes names: only= in its place reads ids of clips from a file"
SHOWN = 200


class Manifest:
    """List each row of a table as a clip: the segment's name is its id, and its film is found by name.

    ``path`` is the table, ``videos`` are folders that are searched for films (null: the table's folder). ``segment`` is
    the meaning of a row's times: ``time`` is [start, end) on the film's own clock, ``inclusive_index`` the frames
    number int(start x fps) to int(end x fps), both included. ``min_duration`` and ``max_duration`` (s) leave segments
    out before any film is opened; ``only`` keeps the named segments, or those of the named films.
    """

    def __init__(
        self,
        path: str,
        videos: str | Sequence[str] | None = None,
        segment: Literal["time", "inclusive_index"] = "time",
        min_duration: float | None = None,
        max_duration: float | None = None,
        only: int | str | Sequence[int | str] | None = None,
        video_column: str | None = None,
        name_column: str | None = None,
        start_column: str | None = None,
        end_column: str | None = None,
        text_column: str | None = None,
        subject_column: str | None = None,
        extensions: Sequence[str] = FILMS,
    ) -> None:
        if segment not in MODES:
            raise ConfigError(f"Expected dataset.segment to be one of {', '.join(MODES)}, but got '{segment}'.")
        for key, limit in (("min_duration", min_duration), ("max_duration", max_duration)):
            if limit is not None and not limit >= 0:
                raise ConfigError(f"Expected dataset.{key} to be seconds from 0, or null, but got {limit}.")
        if min_duration is not None and max_duration is not None and min_duration > max_duration:
            both = f"{min_duration:g} and {max_duration:g}"
            raise ConfigError(f"Expected dataset.min_duration to be at most dataset.max_duration, but got {both}.")
        if (start_column is None) != (end_column is None):
            raise ConfigError("Expected dataset.start_column and dataset.end_column together, but got one of them.")
        if videos == [] or not extensions:
            raise ConfigError("Expected dataset.videos and dataset.extensions to name something, but got [].")
        self.path = str(path)
        self.videos = [videos] if isinstance(videos, str) else videos
        self.counted = segment == "inclusive_index"
        self.min_duration, self.max_duration = min_duration, max_duration
        self.only = None if only is None else tuple(map(str, [only] if isinstance(only, int | str) else only))
        self.asked = {
            **{"video": video_column, "name": name_column, "start": start_column},
            **{"end": end_column, "text": text_column, "subject": subject_column},
        }
        self.extensions = tuple(dict.fromkeys(extension.lower().lstrip(".") for extension in extensions))

    def scan(self) -> Listing:
        """List the segments by film and start; rows that are left out are named by their line."""
        path, rest = locate(self.path)
        if rest or not path.is_file():
            hint = f": films go to dataset.videos='{self.path}'" if path.is_dir() and not rest else ""
            raise ConfigError(
                f"Expected dataset.path to be a table of segments, but '{self.path}' is not a file{hint}."
            )
        asked = {plain(name) for name in self.asked.values() if name is not None}
        table, refused = Table(path, KNOWN | asked), Refused()
        segments = read(table, choose(path, table.header, self.asked), refused)
        if not segments and not refused.counts:
            names = ", ".join(printable(name) for name in table.header[:8])
            raise ConfigError(
                f"Expected '{path}' to list segments, but it holds only its first line ({names}): type "
                "dataset.path=TABLE."
            )
        folders = [path.parent] if self.videos is None else [Path(os.path.expanduser(name)) for name in self.videos]
        films = Films(folders, self.extensions)
        order, found = self._ordered(segments, films, refused)
        clips = SegmentClips(segments, order, found, self.counted, refused)
        if not clips:
            lost = None
            if refused.counts[MISSING]:
                lost = next((s.video for s in segments if films.find(s.video) == MISSING), None)
            raise self._nothing(path, lost, refused, films)
        return Listing(clips, (*films.excluded, *refused.excluded))

    def _kept(self, segments: Segments, refused: Refused) -> Sequence[int]:
        """Return the numbers of the segments that ``only`` names."""
        if self.only is None:
            return range(len(segments))
        wanted = frozenset(self.only)
        kept = [number for number, s in enumerate(segments) if s.name in wanted or s.video in wanted]
        there = {name for number in kept for name in (segments[number].name, segments[number].video)}
        for name in self.only:
            if name not in there:
                refused.add(
                    printable(name), LISTS if os.path.isfile(name) else "named by dataset.only, but not in the table"
                )
        if len(kept) < len(segments):
            left = len(segments) - len(kept)
            refused.add(f"{left:,} {'segment' if left == 1 else 'segments'}", LEFT, left)
        return kept

    def _ordered(self, segments: Segments, films: Films, refused: Refused) -> tuple[array[int], dict[str, Film]]:
        """Return the numbers of the segments that are taken, by film and start, and the film that each name finds."""
        found: dict[str, Film | str] = {}
        taken: dict[int, array[int]] = {}
        for number in self._kept(segments, refused):
            segment = segments[number]
            film = found.get(segment.video)
            if film is None:
                film = found[segment.video] = films.find(segment.video)
            if isinstance(film, str):
                refused.add(segment.title, film)
            elif wrong := self._unfit(segment):
                refused.add(segment.title, wrong)
            else:
                taken.setdefault(film.rank, array("Q")).append(number)

        def place(number: int) -> tuple[float, float, str]:
            segment = segments[number]
            return segment.start, segment.end, segment.name

        order = array("Q")
        for rank in sorted(taken):
            order.extend(sorted(taken[rank], key=place))
        return order, {name: film for name, film in found.items() if isinstance(film, Film)}

    def _unfit(self, segment: Segment) -> str:
        """Return why a segment is left out, or "" where it is not."""
        if self.min_duration is not None and segment.duration < self.min_duration:
            return f"too short (<{self.min_duration:g} s)"
        if self.max_duration is not None and segment.duration > self.max_duration:
            return f"too long (>{self.max_duration:g} s)"
        return ""

    def _nothing(self, path: Path, name: str | None, refused: Refused, films: Films) -> ConfigError:
        sentence = f"Expected '{path}' to list segments that can be taken, but all are left out: {refused}"
        if name is not None:
            return ConfigError(
                f"{sentence}. It asks for '{shortened(name, SHOWN)}', and the nearest film is '{films.nearest(name)}': "
                "type dataset.videos=FOLDER or dataset.video_column=NAME."
            )
        first = refused.excluded[0]
        return ConfigError(f"{sentence}; the first is {first.name}.")
