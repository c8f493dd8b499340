"""Where weights and mmpose's code are looked for, and whether weights may be downloaded.

Environment variables say it for all that a user starts, ``models.*`` of a configuration on top of them for one run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from posecfg.environment import AUTOFETCH, MMPOSE, MODELS
from posecfg.errors import ConfigError

_chosen: list[Settings] = []


@dataclass(frozen=True)
class Settings:
    """Folders of weights that are searched before the cache, whether weights are downloaded, and mmpose's repository.

    Plain values, so that they go with the work to processes that have none of these environment variables.
    """

    folders: tuple[str, ...] = ()
    autofetch: bool = False
    mmpose: str | None = None

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Settings:
        """Return what a configuration asks for, on top of what holds now."""
        models, now = config["models"], current()
        code = models["mmpose"]
        return replace(
            now.with_folder(models["dir"]),
            autofetch=models["autofetch"] or now.autofetch,
            mmpose=os.path.abspath(os.path.expanduser(code)) if code else now.mmpose,
        )

    def with_folder(self, folder: str | None) -> Settings:
        """Return these settings with another folder in front; one that is not there is refused."""
        if not folder:
            return self
        path = os.path.expanduser(folder)
        if not os.path.isdir(path):
            raise ConfigError(
                f"Expected models.dir to be a folder of weights, but got '{folder}': make it, or name another."
            )
        return replace(self, folders=tuple(dict.fromkeys([os.path.abspath(path), *self.folders])))


def current() -> Settings:
    """Return the settings that hold now: those in use, else what environment variables say."""
    if _chosen:
        return _chosen[-1]
    named = os.environ.get(MODELS, "").split(os.pathsep)
    return Settings(
        folders=tuple(os.path.abspath(os.path.expanduser(folder)) for folder in named if folder),
        autofetch=os.environ.get(AUTOFETCH) == "1",
        mmpose=os.environ.get(MMPOSE) or None,
    )


@contextmanager
def using(settings: Settings) -> Iterator[None]:
    """Let ``settings`` hold in this process, in all of its threads, until the block ends."""
    _chosen.append(settings)
    try:
        yield
    finally:
        _chosen.pop()
