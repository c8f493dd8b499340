"""List YouTube-ASL: sentences in American Sign Language, as segments of films in a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from posecfg.datasets.manifest import Manifest
from posecfg.types import Listing
from posecfg.video.suffixes import FILMS


class YoutubeAsl:
    """List the segments of ``youtube_asl.csv``, or of one of How2Sign's tables, as a manifest with its usual limits.

    The arguments are those of ``dataset=manifest``.
    """

    def __init__(
        self,
        path: str = "assets/youtube_asl.csv",
        videos: str | Sequence[str] | None = "dataset/origin",
        segment: Literal["time", "inclusive_index"] = "time",
        min_duration: float | None = 0.2,
        max_duration: float | None = 60.0,
        only: int | str | Sequence[int | str] | None = None,
        video_column: str | None = None,
        name_column: str | None = None,
        start_column: str | None = None,
        end_column: str | None = None,
        text_column: str | None = None,
        subject_column: str | None = None,
        extensions: Sequence[str] = FILMS,
    ) -> None:
        self.manifest = Manifest(
            path,
            videos,
            segment=segment,
            min_duration=min_duration,
            max_duration=max_duration,
            only=only,
            video_column=video_column,
            name_column=name_column,
            start_column=start_column,
            end_column=end_column,
            text_column=text_column,
            subject_column=subject_column,
            extensions=extensions,
        )

    def scan(self) -> Listing:
        """List the segments by film and start; rows that are left out are named by their line."""
        return self.manifest.scan()
