"""Settings of models: where weights and mmpose's code are searched, and whether weights may be downloaded.

Environment variables set them for all commands; ``models.*`` of a configuration overrides them for one run.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from posecfg.environment import AUTOFETCH, MMPOSE, MODELS
from posecfg.errors import ConfigError

_chosen: list[Settings] = []
# Those that each thread chose itself: extractions of several threads of a program know nothing of each other.
_own = threading.local()


@dataclass(frozen=True)
class Settings:
    """Folders of weights that are searched before the cache, whether weights are downloaded, and mmpose's repository.

    Plain values, so that they can be sent to worker processes that have none of these environment variables.
    """

    folders: tuple[str, ...] = ()
    autofetch: bool = False
    mmpose: str | None = None

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Settings:
        """Return the settings of this thread, else those of the environment, with those of a configuration on top."""
        models, now = config["models"], _of_thread() or _of_environment()
        code = models["mmpose"]
        return replace(
            now.with_folder(models["dir"]),
            autofetch=models["autofetch"] or now.autofetch,
            mmpose=os.path.abspath(os.path.expanduser(code)) if code else now.mmpose,
        )

    def with_folder(self, folder: str | None) -> Settings:
        """Return these settings with another folder in front; raise ``ConfigError`` if it does not exist."""
        if not folder:
            return self
        path = os.path.expanduser(folder)
        if not os.path.isdir(path):
            raise ConfigError(
                f"Expected models.dir to be a folder of weights, but got '{folder}': make it, or name another."
            )
        return replace(self, folders=tuple(dict.fromkeys([os.path.abspath(path), *self.folders])))


def current() -> Settings:
    """Return the current settings: those of ``using`` in this thread, or in the one it works for, else the usual."""
    return _of_thread() or (_chosen[-1] if _chosen else _of_environment())


def _of_thread() -> Settings | None:
    own: list[Settings] = getattr(_own, "chosen", [])
    return own[-1] if own else None


def _of_environment() -> Settings:
    named = os.environ.get(MODELS, "").split(os.pathsep)
    return Settings(
        folders=tuple(os.path.abspath(os.path.expanduser(folder)) for folder in named if folder),
        autofetch=os.environ.get(AUTOFETCH) == "1",
        mmpose=os.environ.get(MMPOSE) or None,
    )


@contextmanager
def using(settings: Settings) -> Iterator[None]:
    """Apply ``settings`` until the block ends, also in threads that choose none themselves, such as those that help."""
    own: list[Settings] = _own.__dict__.setdefault("chosen", [])
    own.append(settings)
    _chosen.append(settings)
    try:
        yield
    finally:
        own.pop()
        # Other threads may have put theirs on top meanwhile, or taken an equal one away.
        _chosen.remove(settings)
