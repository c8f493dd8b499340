"""Names of environment variables that posecfg reads or sets, and contexts that set some of them."""

from __future__ import annotations

import os
import sys
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
BLAS_PATIENCE = "OPENBLAS_THREAD_TIMEOUT"
"""Power of two of the cycles for which an idle thread of OpenBLAS keeps its core busy; 4 is the least."""
NOTEBOOK = "JPY_PARENT_PID"
"""Set by Jupyter's kernels: what a cell starts with ! has a terminal, of which no line can be replaced."""
SAFE_PATH = "PYTHONSAFEPATH"
"""1 keeps a Python that is started from importing what lies in the current folder."""


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


@contextmanager
def safe_path() -> Iterator[None]:
    """Keep processes that are started inside the block from importing what lies in the current folder.

    All other folders of ``sys.path`` stay: multiprocessing hands the list on, with the current folder for ''.
    """
    before = list(sys.path)
    leave_current_folder()
    try:
        with variables({SAFE_PATH: "1"}):
            yield
    finally:
        sys.path[:] = before


def leave_current_folder() -> None:
    """Stop importing from the current folder, where an interactive session or ``python -c`` looks first."""
    sys.path[:] = [folder for folder in sys.path if os.path.normpath(folder) != os.curdir]
