"""Give the knobs of a composed configuration their types."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from posecfg.config.copies import copies
from posecfg.config.hydra_errors import explain_type
from posecfg.config.schema import TIMES, Root
from posecfg.errors import ConfigError
from posecfg.text import parse_time


def typed(config: Any, config_dir: str | None = None) -> Any:
    """Give the knobs their types; a ConfigError has one sentence for each value that has the wrong one."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    def checked(bare: Any) -> Any:
        OmegaConf.set_readonly(bare, False)
        _take_times(bare.get("video"))
        return OmegaConf.unsafe_merge(_root()(), bare)

    keys = [str(key) for key in config if key != "hydra"]
    try:
        return checked(_without_hydra(config))
    except (OmegaConfBaseException, ValueError, OverflowError):
        errors = []
    for key in keys:
        try:
            checked(OmegaConf.masked_copy(config, [key]))
        except (OmegaConfBaseException, ValueError, OverflowError) as error:
            errors.append(explain_type(error, key, config_dir))
    raise ConfigError("\n".join(errors))


@cache
def _root() -> Callable[[], Any]:
    from omegaconf import OmegaConf

    return copies(OmegaConf.structured(Root))


def _without_hydra(config: Any) -> Any:
    """Return a copy of all knobs, into which anything can be set."""
    from omegaconf import OmegaConf

    found = copies(config)()
    for forbid in (OmegaConf.set_struct, OmegaConf.set_readonly):
        forbid(found, None)
    found.pop("hydra", None)
    return found


def _take_times(video: Any) -> None:
    """Write times such as 00:01:30 as seconds."""
    from omegaconf import DictConfig

    for key in TIMES if isinstance(video, DictConfig) else ():
        node = video._get_node(key)
        given = node._value() if node is not None else None
        if isinstance(given, str) and (seconds := parse_time(given)) is not None:
            video[key] = seconds
