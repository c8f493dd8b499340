"""What ``${...}`` can say in a configuration beside names of keys and the resolvers of OmegaConf and Hydra."""

from __future__ import annotations

import os
from glob import has_magic
from typing import Any

from posecfg.config.quoting import parted


def per_film(path: Any) -> str:
    """Return the part of a template that gives each film a folder, ``{id}/``: nothing where ``path`` is one film."""
    path = parted(path)
    one = isinstance(path, str) and not os.path.isdir(os.path.expanduser(path)) and not has_magic(path)
    return "" if one else "{id}/"


def start(policy: Any) -> str:
    """Return whom a detector that follows one person begins with, so that it is the one whom ``policy`` chooses."""
    return {"posecfg.persons.largest.Largest": "largest", "posecfg.persons.nearest.Nearest": "nearest"}.get(
        str(policy), "best"
    )


def register() -> None:
    """Make the resolvers known; Hydra's own set-up forgets them."""
    from omegaconf import OmegaConf

    OmegaConf.register_new_resolver("per_film", per_film, replace=True)
    OmegaConf.register_new_resolver("start", start, replace=True)
