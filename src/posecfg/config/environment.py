"""The few settings that travel as environment variables: worker processes and Hydra's own section read them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from posecfg.errors import ConfigError

MODELS = "POSECFG_MODELS"
FETCH = "POSECFG_AUTOFETCH"
MMPOSE = "POSECFG_MMPOSE"


@contextmanager
def variables(values: dict[str, str | None]) -> Iterator[None]:
    """Set environment variables for a while; None leaves one as it is."""
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
def environment(config: dict[str, Any]) -> Iterator[None]:
    """Hand down where weights and mmpose's code lie, and whether weights may be fetched, to everything below."""
    folder, fetch, code = (config["models"][key] for key in ("dir", "autofetch", "mmpose"))
    if code:
        code = os.path.abspath(os.path.expanduser(code))
    with weights_in(folder), variables({FETCH: "1" if fetch else None, MMPOSE: code}):
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
