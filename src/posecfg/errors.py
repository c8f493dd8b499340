"""Every error that a user can meet; each message says what was expected, what came and what to type next."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any


class PosecfgError(Exception):
    """Base of all errors whose message is meant for the user."""

    exit_code = 1


class UsageError(PosecfgError):
    """The command line itself is off: unknown verb, flag or argument."""

    exit_code = 2


class ConfigError(PosecfgError):
    """The configuration cannot work; nothing was started."""


class BackendMissing(ConfigError):
    """A package that the chosen component needs is not installed."""


class WeightsError(ConfigError):
    """Model weights are missing, damaged or not trusted."""


class OutputError(PosecfgError):
    """The output folder cannot be used: locked, full, read-only, or it belongs to another run."""


class ClipError(PosecfgError):
    """One clip cannot be done; the others go on."""


class Unreadable(ClipError):
    """The clip's input is at fault: no such film, a broken one, or times that it has not; it has to be mended first."""


class Taken(ClipError):
    """A file of somebody else's lies where the clip's own should go; ``name`` is its place in the output folder."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


# No file can help these.
_MACHINE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE, errno.ETIMEDOUT})


def blame(error: Exception) -> type[ClipError]:
    """Return the class of error for an input that cannot be opened: it is at fault, unless the machine is."""
    return ClipError if getattr(error, "errno", None) in _MACHINE else Unreadable


class Dropped(Exception):
    """One clip was set aside by policy; its message is the recorded reason, ``facts`` (JSON values) are kept with it.

    A reason is a few words that many clips share, a colon, and what is this clip's own.
    """

    def __init__(self, reason: str, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.facts = dict(facts or {})
