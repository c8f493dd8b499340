"""List the parts of films that a table names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from sys import intern
from typing import Literal

from posecfg.datasets.columns import KNOWN, choose
from posecfg.datasets.films import MISSING, Film, Films
from posecfg.datasets.identifiers import distinct, printable, safe
from posecfg.datasets.location import locate
from posecfg.datasets.refused import Refused
from posecfg.datasets.segments import Segment, read
from posecfg.datasets.table import Table, plain
from posecfg.errors import ConfigError
from posecfg.types import Clip, Listing
from posecfg.video.suffixes import FILMS

MODES = ("time", "inclusive_index")
LEFT = "not among dataset.only"
UNSAFE = "its name cannot be that of a file in the output folder"


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
        taken = [(film, s) for s in self._kept(segments, refused) if (film := self._film(s, films, refused))]
        taken.sort(key=lambda item: (item[0].rank, item[1].start, item[1].end, item[1].name))
        lost = None
        if refused.counts[MISSING]:
            lost = next((s.video for s in segments if films.find(s.video) == MISSING), None)
        # Millions of segments need not be held beside their clips.
        del segments
        clips = tuple(self._clips(taken, refused))
        if not clips:
            raise self._nothing(path, lost, refused, films)
        return Listing(clips, (*films.excluded, *refused.excluded))

    def _kept(self, segments: Sequence[Segment], refused: Refused) -> list[Segment]:
        """Return the segments that ``only`` names."""
        if self.only is None:
            return list(segments)
        wanted = frozenset(self.only)
        kept = [s for s in segments if s.name in wanted or s.video in wanted]
        there = {name for s in kept for name in (s.name, s.video)}
        for name in self.only:
            if name not in there:
                refused.add(printable(name), "named by dataset.only, but not in the table")
        if len(kept) < len(segments):
            left = len(segments) - len(kept)
            refused.add(f"{left:,} {'segment' if left == 1 else 'segments'}", LEFT, left)
        return kept

    def _film(self, segment: Segment, films: Films, refused: Refused) -> Film | None:
        """Return the film that a segment is taken from; None if the segment is left out."""
        film = films.find(segment.video)
        if isinstance(film, str):
            refused.add(segment.title, film)
        elif self.min_duration is not None and segment.duration < self.min_duration:
            refused.add(segment.title, f"too short (<{self.min_duration:g} s)")
        elif self.max_duration is not None and segment.duration > self.max_duration:
            refused.add(segment.title, f"too long (>{self.max_duration:g} s)")
        else:
            return film
        return None

    def _clips(self, taken: list[tuple[Film, Segment]], refused: Refused) -> Iterator[Clip]:
        """Yield a clip for each segment whose name can be a file name; ``taken`` is empty afterwards."""
        ids = distinct({segment.name: segment.name for _, segment in taken})
        taken.reverse()
        while taken:
            film, segment = taken.pop()
            try:
                identifier = safe(ids[segment.name])
            except ConfigError:
                refused.add(segment.title, UNSAFE)
                continue
            said = {"sentence": segment.text, "video": segment.video, "subject": segment.subject}
            yield Clip(
                id=identifier,
                path=film.path,
                source=intern(printable(film.name)),
                start=segment.start,
                end=segment.end,
                counted=self.counted,
                meta={key: value for key, value in said.items() if value is not None},
            )

    def _nothing(self, path: Path, name: str | None, refused: Refused, films: Films) -> ConfigError:
        sentence = f"Expected '{path}' to list segments that can be taken, but all are left out: {refused}"
        if name is not None:
            return ConfigError(
                f"{sentence}. It asks for '{printable(name)}', and the nearest film is '{films.nearest(name)}': type "
                "dataset.videos=FOLDER or dataset.video_column=NAME."
            )
        first = refused.excluded[0]
        return ConfigError(f"{sentence}; the first is {first.name}.")
