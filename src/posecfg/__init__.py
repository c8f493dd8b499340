"""posecfg turns video into human-pose data, with every choice written as configuration."""

from __future__ import annotations

from posecfg.version import __version__

# The module typing is left out: the command line must start fast.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from posecfg.api import extract
    from posecfg.loading import load

__all__ = ["__version__", "extract", "load"]


def __getattr__(name: str) -> Any:
    """Import the two public functions when they are first used."""
    if name == "extract":
        from posecfg.api import extract

        return extract
    if name == "load":
        from posecfg.loading import load

        return load
    raise AttributeError(f"module 'posecfg' has no attribute '{name}'")
