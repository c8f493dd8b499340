"""The few settings that travel as environment variables: worker processes and Hydra's own section read them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from posecfg.environment import AUTOFETCH, MMPOSE, MODELS, variables
from posecfg.errors import ConfigError


@contextmanager
def environment(config: dict[str, Any]) -> Iterator[None]:
    """Hand down where weights and mmpose's code lie, and whether weights may be fetched, to everything below."""
    folder, fetch, code = (config["models"][key] for key in ("dir", "autofetch", "mmpose"))
    if code:
        code = os.path.abspath(os.path.expanduser(code))
    with weights_in(folder), variables({AUTOFETCH: "1" if fetch else None, MMPOSE: code}):
        yield


@contextmanager
def weights_in(folder: str | None) -> Iterator[None]:
    """Look for weights in ``folder`` first, where one is named."""
    if folder:
        if not os.path.isdir(os.path.expanduser(folder)):
            raise ConfigError(
                f"Expected models.dir to be a folder of weights, but got '{folder}': make it, or name another."
            )
        folders = [os.path.abspath(os.path.expanduser(folder)), *os.environ.get(MODELS, "").split(os.pathsep)]
        folder = os.pathsep.join(dict.fromkeys(filter(None, folders)))
    with variables({MODELS: folder or None}):
        yield
