"""Load skeletons by name: each module here holds one as ``SKELETON``, except those in ``MECHANISM``."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from functools import cache

from posecfg.errors import ConfigError
from posecfg.skeletons.skeleton import Skeleton

MECHANISM = {"skeleton", "convert"}
# Names that other tools use.
ALIASES = {"coco_wholebody_133": "wholebody133", "coco_wholebody_85": "wholebody85"}


@cache
def names() -> tuple[str, ...]:
    """List the skeletons that can be loaded."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name not in MECHANISM))


def load(name: str) -> Skeleton:
    """Return the skeleton called ``name``."""
    known = names()
    name = ALIASES.get(name, name)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise ConfigError(f"Expected a skeleton among {', '.join(known)}, but got '{name}'.{hint}")
    skeleton: Skeleton = importlib.import_module(f"{__name__}.{name}").SKELETON
    return skeleton


@cache
def named(keypoints: tuple[str, ...], name: str) -> Skeleton:
    """Return the skeleton with these keypoints in this order, or one without bones that is called ``name``."""
    found = (load(one) for one in names())
    return next((one for one in found if one.keypoints == keypoints), Skeleton(name, keypoints))
