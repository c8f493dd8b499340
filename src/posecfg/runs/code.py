"""Which code detections depend on: it may change within a version, as in a checkout, or in a plugin that grows."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

OWN = __package__.partition(".")[0]
# What of posecfg comes between a film and its detections; the rest changes often, and nothing of them.
_OWN = (
    *("detectors", "openmmlab", "runtimes", "samplers", "skeletons", "synthetic", "types", "video"),
    *("pixels.py", "shapes.py", "pipeline/finds.py", "pipeline/boxes_memory.py"),
)
_DIGITS = 16


def code_of(components: Iterable[type]) -> dict[str, str]:
    """Return a hash of the sources of posecfg, and of each package that one of ``components`` comes from.

    A component imports other files of its package, some of them only when it is built, so that all of them count.
    """
    return {name: _package(name) for name in sorted({OWN, *(one.__module__.partition(".")[0] for one in components)})}


@cache
def _package(name: str) -> str:
    module = sys.modules.get(name)
    folders = [Path(folder) for folder in getattr(module, "__path__", ())]
    if name == OWN:
        folders = [folder / part for folder in folders for part in _OWN]
    found = hashlib.sha256()
    for place in folders or [Path(getattr(module, "__file__", None) or os.devnull)]:
        for file in _sources(place):
            try:
                content = hashlib.sha256(file.read_bytes()).hexdigest()
            except OSError:
                content = ""
            found.update(f"{file.relative_to(place)}\0{content}\n".encode(errors="surrogatepass"))
    return found.hexdigest()[:_DIGITS]


def _sources(place: Path) -> Iterator[Path]:
    if place.is_dir():
        for folder, below, names in os.walk(place):
            below[:] = sorted(one for one in below if not one.startswith("."))
            yield from (Path(folder, one) for one in sorted(names) if one.endswith(".py"))
    elif place.is_file():
        yield place
