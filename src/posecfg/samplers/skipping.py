"""Check ``skipped``: whether frames that a sampler leaves out have rows."""

from __future__ import annotations

from posecfg.errors import ConfigError
from posecfg.suggestions import hint

WAYS = ("auto", "drop", "rows")


def check(skipped: str) -> None:
    """Raise ``ConfigError`` if ``skipped`` is not one of ``WAYS``."""
    if skipped not in WAYS:
        raise ConfigError(
            f"Expected sampler.skipped to be one of {', '.join(WAYS)}, but got {skipped!r}.{hint(str(skipped), WAYS)}"
        )
