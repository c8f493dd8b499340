"""Check an argument that must be one of a few values."""

from __future__ import annotations

from collections.abc import Collection

from posecfg.errors import ConfigError
from posecfg.suggestions import hint


def expect(name: str, value: object, options: Collection[str]) -> None:
    """Raise ``ConfigError`` if ``value`` is not among ``options``."""
    if value not in options:
        raise ConfigError(
            f"Expected {name} to be one of {', '.join(options)}, but got {value!r}.{hint(str(value), options)}"
        )
