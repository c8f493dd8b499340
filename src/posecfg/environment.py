"""Names of environment variables that posecfg reads, and a context that sets some of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

MODELS = "POSECFG_MODELS"
"""Folders of weights that are searched first, separated as in PATH."""
AUTOFETCH = "POSECFG_AUTOFETCH"
"""1 lets a run download missing weights."""
MMPOSE = "POSECFG_MMPOSE"
"""A folder with mmpose's repository."""
OPENMMLAB = "POSECFG_OPENMMLAB"
"""The Python of an environment with OpenMMLab's packages."""
LOADED = "POSECFG_LOADED_GIB"
"""GiB of arrays that one file may hold to be loaded."""
LOGS = "POSECFG_LOGS"
"""Folder of Hydra's own logs; set for Hydra only, and read by conf/config.yaml."""


@contextmanager
def variables(values: Mapping[str, str | None]) -> Iterator[None]:
    """Set environment variables inside the block; None leaves one as it is."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update({name: value for name, value in values.items() if value is not None})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
