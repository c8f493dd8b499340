"""What a result depends on besides its film: versions of packages, and stored poses that a detector replays."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import Any

from posecfg.components.build import targets
from posecfg.components.parts import packages, top
from posecfg.version import __version__

ALWAYS = ("numpy", "av")


def versions(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions of Python, posecfg and the packages of models and of components that are not posecfg's."""
    foreign = {target.partition(".")[0] for target in targets(dict(config))} - {"posecfg"}
    found = {name: _version(name) for name in (*ALWAYS, *sorted({*packages(config), *foreign}))}
    own = {"python": platform.python_version(), "posecfg": __version__}
    return own | {name: number for name, number in found.items() if number is not None}


@cache
def _version(module: str) -> str | None:
    try:
        return version(module)
    except PackageNotFoundError:
        pass
    # One module comes in packages of several names: opencv-python or its headless twin, onnxruntime or its GPU build.
    names = packages_distributions().get(module, ())
    return "+".join(sorted({f"{name} {version(name)}" for name in names})) or None


def stamper(config: Mapping[str, Any]) -> Callable[[str], list[int] | None]:
    """Return what tells, for a clip's id, size and modification time of the file that the detector reads for it.

    It gives None where the detector reads none.
    """
    reads = top(config, "detector").facts.reads

    def stamp(clip_id: str) -> list[int] | None:
        if reads is None:
            return None
        try:
            seen = reads(clip_id).stat()
        except OSError:
            return [-1, -1]
        return [seen.st_size, seen.st_mtime_ns]

    return stamp
