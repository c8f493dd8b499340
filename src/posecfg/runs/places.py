"""Where the data of a job lie, and where its results go."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from posecfg.components.identity import digest
from posecfg.config.compose import Job
from posecfg.datasets.several import common_root
from posecfg.layout import RUN
from posecfg.runs import moved_results
from posecfg.store.data_set import DataSet
from posecfg.video.suffixes import FILMS

# Characters of a data set's name in that of a folder.
LONGEST = 40


def root_of(job: Job, several: bool) -> Path:
    """Return the output directory: as typed (a subfolder a job in a sweep), or named after what is done to what.

    Where there is none of the name, one with results of the same films from another path is taken.
    """
    names = [job.choices.get("detector", "detector").replace("/", "-")]
    if job.choices.get("lifter", "none") != "none":
        names.append(job.choices["lifter"])
    location = _place(job.config["dataset"])
    where = os.path.abspath(location) if isinstance(location, str) else location
    name = "-".join([*names, digest([job.identity, job.config["dataset"]["_target_"], where])[:8]])
    typed = job.config["output_dir"]
    if typed is None:
        named = Path("outputs") / f"{_word(location) or job.choices.get('dataset', 'dataset')}-{name}"
        if not isinstance(where, str) or (named / RUN).exists():
            return named
        return moved_results.found(named, job, where) or named
    return Path(typed) / name if several else Path(typed)


def _word(location: Any) -> str:
    """Return the last part of a location as a plain word for the name of a folder, without the suffix of a film.

    A pattern that matches any name, such as ``*.mp4``, has the word of the folder before it.
    """
    if not isinstance(location, str):
        return ""
    above, last = os.path.split(os.path.abspath(location))
    stem, suffix = os.path.splitext(last)
    words = re.findall(r"[\w.]+", stem if suffix[1:].lower() in FILMS or "*" in suffix else last, re.ASCII)
    word = "-".join(words).strip(".-_")[:LONGEST]
    return word or (_word(above) if "*" in last else "")


def data_set(job: Job, root: Path | None = None) -> DataSet:
    """Return what a directory remembers of the job's data set; ``root`` is where its clips lie, if not at its path.

    So films of one folder that are named one by one are one data set, and results of a folder take those of one of its
    films. A folder below is another: its clips have other ids, and would be there twice.
    """
    node = job.config["dataset"]
    place = _place(node) if root is None else str(root)
    location = os.path.abspath(os.path.expanduser(place)) if isinstance(place, str) else place
    return DataSet(job.choices.get("dataset", ""), node["_target_"], None if location is None else str(location))


def _place(node: Mapping[str, Any]) -> Any:
    """Return where a data set is: of several paths, the folder that all have in common."""
    path = node.get("path")
    return str(common_root(path)) if isinstance(path, list) and path else path
