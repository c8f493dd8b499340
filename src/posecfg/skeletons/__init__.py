"""Load skeletons by name: each module here holds one as ``SKELETON``, except those in ``MECHANISM``."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from functools import cache

from posecfg.errors import ConfigError
from posecfg.skeletons import own
from posecfg.skeletons.skeleton import Skeleton

MECHANISM = {"own", "skeleton"}
# Names that other tools use.
ALIASES = {"coco_wholebody_133": "wholebody133", "coco_wholebody_85": "wholebody85", "holistic": "holistic543"}


@cache
def names() -> tuple[str, ...]:
    """List the skeletons that can be loaded."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name not in MECHANISM))


def load(name: str) -> Skeleton:
    """Return the skeleton called ``name``, or that of the user's own whose YAML file is at this path."""
    known = names()
    if own.is_file(name):
        return own.read(name, {*known, *ALIASES})
    name = ALIASES.get(name, name)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise ConfigError(
            f"Expected a skeleton among {', '.join(known)}, or the path of a YAML file of your own, but got "
            f"'{name}'.{hint}"
        )
    skeleton: Skeleton = importlib.import_module(f"{__name__}.{name}").SKELETON
    return skeleton


@cache
def named(keypoints: tuple[str, ...], name: str) -> Skeleton:
    """Return the skeleton with these keypoints in this order, or one without bones that is called ``name``."""
    found = (load(one) for one in names())
    return next((one for one in found if one.keypoints == keypoints), Skeleton(name, keypoints))


def advice(points: int | None) -> str:
    """Return what to type for a network that gives ``points`` keypoints, where another skeleton was named."""
    fitting = [name for name in names() if len(load(name)) == points]
    own_file = "skeleton=mine.yaml, a file of your own that names its keypoints"
    return f"type skeleton={fitting[0]} if it gives those, or {own_file}" if fitting else f"type {own_file}"
