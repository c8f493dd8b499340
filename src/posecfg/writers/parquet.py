"""Write Parquet: one long, typed table a run, in a file for each clip, with a card that tells what it is."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from posecfg import backends
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.finishing import FinishedRun, part_name
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.text import count
from posecfg.types import Clip, Extraction
from posecfg.writers import long_table
from posecfg.writers.dataset_card import card
from posecfg.writers.names import Names
from posecfg.writers.points import Points, idle

WANTED_BY = "writer=parquet"
# Columns whose few different values are listed once; time, row and frame repeat by keypoint, which zstd sees.
_LISTED = ("clip", "person", "keypoint")
# Columns of which each part of a file tells its least and its largest value.
_SOUGHT = ("clip", "row", "frame", "time", "person")


class Parquet:
    """Write ``<path>/data/<id>.parquet`` for each clip, and ``<path>/README.md`` about all of them.

    The files together are one table: readers of folders take them so, and a run that is killed or sharded loses none
    that is finished. Numbers keep all their bits, unless ``exact`` is false: then pixels are kept to 1/64, and scores,
    points in space and depth to 1/4096. ``level`` is zstd's.
    """

    suffix = ".parquet"

    def __init__(
        self,
        path: str = "poses",
        keypoints: str | Sequence[str] | Sequence[int] | None = None,
        mask: bool = False,
        kpt_thr: float = 0.3,
        level: int = 3,
        exact: bool = True,
    ) -> None:
        backends.check("pyarrow", WANTED_BY)
        if not isinstance(path, str) or not path or set("{}") & set(path):
            raise ConfigError(f"Expected path to be the name of a folder, but got {path!r}.")
        if isinstance(level, bool) or not isinstance(level, int) or not 1 <= level <= 22:
            raise ConfigError(f"Expected level to be from 1 to 22, but got {level!r}.")
        if not isinstance(exact, bool):
            raise ConfigError(f"Expected exact to be true or false, but got {exact!r}.")
        self._exact = exact
        self._folder = Names(path, "", fixed=True)("all")
        self._data = Names(f"{path}/data/{{id}}", self.suffix)
        self._points, self._level = Points(keypoints, mask, kpt_thr), level

    @staticmethod
    def facts(mask: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(packages=("pyarrow",), finishes=True, operational=idle(mask))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if poses lack the keypoints that are asked for."""
        self._points.target(skeleton)

    def target(self, clip_id: str) -> str:
        """Return the name of what is kept of a clip for the card."""
        return part_name("parquet", clip_id)

    def places(self, clip: Clip) -> dict[str, str]:
        """Return the card, and the file of a clip."""
        return {"": f"{self._folder}/README.md", ".data": self._data(clip.id)}

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the file of one clip, also of one in which no person was found, and what the card tells of it."""
        arrow = backends.require("pyarrow", WANTED_BY)
        parquet = backends.require("pyarrow.parquet", WANTED_BY)
        tracks = [self._points(track) for track in extraction.tracks]
        target = self._points.target(extraction.skeleton)
        shape = long_table.schema(arrow)
        about = {
            "kind": "parquet",
            "shape": [len(tracks), len(extraction.clock), len(target)],
            "missing": "null",
            "made": sum(int(track.made.sum()) for track in tracks),
        }
        with (
            files.open(self._data(extraction.clip.id), about) as stream,
            parquet.ParquetWriter(
                stream,
                shape,
                compression="zstd",
                compression_level=self._level,
                use_dictionary=list(_LISTED),
                use_byte_stream_split=list(long_table.NUMBERS),
                write_statistics=list(_SOUGHT),
                # Arrow's own copy of names, types and metadata: Parquet's are the same.
                store_schema=False,
            ) as table,
        ):
            for group in long_table.groups(arrow, extraction, tracks, shape, self._exact):
                table.write_table(group)
            table.add_key_value_metadata(long_table.metadata(extraction, target))
        with files.open(self.target(extraction.clip.id), {"kind": "part"}) as stream:
            stream.write(json.dumps(self._told(extraction), ensure_ascii=False, sort_keys=True).encode())

    def _told(self, extraction: Extraction) -> dict[str, Any]:
        target, meaning, about = self._points.target(extraction.skeleton), extraction.meaning, extraction.about
        return {
            "frames": len(extraction.clock),
            "people": len(extraction.tracks),
            "lines": len(extraction.tracks) * len(extraction.clock) * len(target),
            "skeleton": target.name,
            "keypoints": list(target.keypoints),
            "meaning": vars(meaning),
            "weights": dict(about.get("weights", {})),
            "versions": dict(about.get("versions", {})),
        }

    def finish(self, run: FinishedRun) -> None:
        """Write the card, and warn of files beside it that readers of the folder take for parts of this table."""
        with run.open(f"{self._folder}/README.md", {"kind": "card"}) as stream:
            stream.write(card([json.loads(part.read()) for part in run.parts]).encode())
        if run.others:
            run.note(
                f"{self._folder}/data still has files of {count(run.others, 'clip')} made or written with other "
                "settings, and whoever reads the folder gets their lines too: type overwrite=true for all clips, or "
                "another output_dir="
            )
