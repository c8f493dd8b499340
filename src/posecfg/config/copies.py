"""Copies of a configuration, several times as quick as ``copy.deepcopy`` is with OmegaConf's nodes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any


def copies(config: Any) -> Callable[[], Any]:
    """Return what makes copies of a configuration as it is now."""
    try:
        packed = pickle.dumps(config, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError):  # of a class that is found by no name
        whole = copy.deepcopy(config)
        return lambda: copy.deepcopy(whole)
    return lambda: pickle.loads(packed)
