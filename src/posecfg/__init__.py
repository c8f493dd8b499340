"""posecfg turns video into human-pose data, with every choice written as configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posecfg.version import __version__

if TYPE_CHECKING:
    from posecfg.api import extract
    from posecfg.loading import load

__all__ = ["__version__", "extract", "load"]


def __getattr__(name: str) -> Any:
    """Import the two public functions when they are first used: the command line must start fast."""
    if name == "extract":
        from posecfg.api import extract

        return extract
    if name == "load":
        from posecfg.loading import load

        return load
    raise AttributeError(f"module 'posecfg' has no attribute '{name}'")
