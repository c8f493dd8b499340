"""What a result rests on besides its film: versions of packages, and stored poses that a detector replays."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import Any

from posecfg import __version__
from posecfg.components.parts import parts

ALWAYS = ("numpy", "av")


def versions(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions of Python, posecfg and the packages that the models of a configuration load."""
    models = [part for group in ("detector", "lifter") for part in parts(config[group], group)]
    modules = {module for part in models for module in part.fact("requires", ())}
    found = {name: _version(name) for name in (*ALWAYS, *sorted(modules))}
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


def stamp(config: Mapping[str, Any], clip_id: str) -> list[int] | None:
    """Return size and modification time of the file that the detector reads for a clip, None where it reads none."""
    part = next(parts(config["detector"], "detector"))
    ask = getattr(part.component, "depends_of", None)
    if ask is None:
        return None
    try:
        seen = ask(clip_id, **part.arguments).stat()
    except OSError:
        return [-1, -1]
    return [seen.st_size, seen.st_mtime_ns]
