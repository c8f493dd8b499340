"""Which data sets the results of a directory are of, and whether those of another may come there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg.errors import ConfigError
from posecfg.store import fingerprint, record_files
from posecfg.text import count
from posecfg.types import Clip


@dataclass(frozen=True)
class DataSet:
    """A data set as a directory remembers it: name of its option, its class, absolute location or None."""

    name: str
    target: str
    location: str | None

    def __str__(self) -> str:
        return self.name if self.location is None else f"{self.name} '{self.location}'"

    def to_json(self) -> dict[str, Any]:
        """Return the entry of ``run.json``."""
        return {"dataset": self.name, "_target_": self.target, "location": self.location}


@dataclass(frozen=True)
class Incoming:
    """A data set that a run is about: all its ``clips``, whatever shard and limit.

    With ``append``, results of it may go beside those of another. ``redo`` are the ids of clips to be made again.
    """

    data: DataSet
    clips: Sequence[Clip]
    append: bool = False
    redo: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Admitted:
    """The data sets that a directory remembers from now on, and what the user should know of it, "" for nothing."""

    known: tuple[DataSet, ...]
    note: str = ""


def remembered(stored: Mapping[str, Any] | None) -> tuple[DataSet, ...]:
    """Return the data sets that ``run.json`` names; one that an earlier version made names none."""
    found = []
    entries = (stored or {}).get("data_sets")
    for entry in entries if isinstance(entries, list) else ():
        try:
            location = entry["location"]
            found.append(
                DataSet(str(entry["dataset"]), str(entry["_target_"]), None if location is None else str(location))
            )
        except (KeyError, TypeError):
            continue
    return tuple(found)


def admit(root: Path, known: tuple[DataSet, ...], new: Incoming) -> Admitted:
    """Return what to remember of a directory with results of ``known`` once ``new`` comes; refuse another data set.

    The same films at another place are the same data set: a folder that was moved, that another machine sees under
    another path, or a part of it whose clips have the same ids. The clips that have a record decide, and all of them
    must agree, since folders of different films often use the same names. Where a known data set is still at its own
    place, a film that both have does not make them one: then all clips must have a record.
    """
    if known == (new.data,):
        return Admitted(known)
    recorded = {clip.id: _is_recorded(root, clip) for clip in new.clips}
    same = [clip_id for clip_id, found in recorded.items() if found]
    other = [clip_id for clip_id, found in recorded.items() if found is False]
    if new.data in known:
        _refuse_clash(root, new, other)
        return Admitted(known)
    if same and not other and (len(same) == len(new.clips) or not any(is_apart(one, new.data) for one in known)):
        left = (one for one in known if one.location is None or os.path.exists(one.location))
        films, names = f"{count(len(same), 'clip')} of the same name, file name and size", " or ".join(map(str, known))
        return Admitted((*left, new.data), f"{new.data} is taken for the same data set as {names}, by {films}")
    if not new.append:
        raise refusal(root, known, new.data)
    _refuse_clash(root, new, other)
    return Admitted((*known, new.data))


def refusal(root: Path, known: tuple[DataSet, ...], new: DataSet) -> ConfigError:
    """Return why results of another data set do not go into this directory."""
    return ConfigError(
        f"'{root}' holds results of another data set ({' and '.join(map(str, known))}, now {new}): choose another "
        "output_dir=, or type append=true to put the results of this one beside them."
    )


def is_apart(one: DataSet, new: DataSet) -> bool:
    """Tell whether a data set is here, at a place that is neither inside nor around that of another."""
    if one.location is None or new.location is None:
        return one != new
    if not os.path.exists(one.location):
        return False
    here, there = os.path.realpath(one.location), os.path.realpath(new.location)
    return os.path.commonpath([here, there]) not in (here, there)


def _refuse_clash(root: Path, new: Incoming, other: Sequence[str]) -> None:
    """Refuse clips whose names are those of clips of another film, unless they are asked to be made again."""
    clash = [clip_id for clip_id in other if clip_id not in new.redo]
    if not clash:
        return
    more = f" and {count(len(clash) - 1, 'other clip')}" if len(clash) > 1 else ""
    raise ConfigError(
        f"'{root}' holds results of several data sets, and '{clash[0]}'{more} of {new.data} has the name of a clip "
        "that was made of another film: choose another output_dir=, or type redo=NAME, with this name, to have its "
        "files replaced."
    )


def _is_recorded(root: Path, clip: Clip) -> bool | None:
    """Tell whether a clip's record was made of this film, by file name and size; None where there is no record.

    The folder of the file is not compared: data sets that give ids by file names find the same film from a folder
    above or below.
    """
    record = record_files.read(record_files.place(root, "clips", clip.id))
    if record is None or record.id != clip.id:
        return None
    seen = fingerprint.stamp(clip)
    if seen is None or seen.size != record.input.bytes:
        return False
    return record.source.rpartition("/")[2] == (clip.source or clip.id).rpartition("/")[2]
