"""All errors that a user can meet; each message says what was expected, what came and what to type next."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from typing import Any


class PosecfgError(Exception):
    """Base of all errors whose message is meant for the user.

    ``altered`` are the names under which outputs are kept that were edited since, if the error came after that.
    """

    exit_code = 1
    altered: tuple[str, ...] = ()


class UsageError(PosecfgError):
    """The command line is wrong: unknown verb, flag or argument."""

    exit_code = 2


class ConfigError(PosecfgError):
    """The configuration cannot work; nothing was started."""


class BackendMissing(ConfigError):
    """A package that the chosen component needs is not installed."""


class WeightsError(ConfigError):
    """Model weights are missing, damaged or not trusted."""


class NotBuilt(ConfigError):
    """A model that is built only once it is needed cannot be built: no further clip that needs it can be done."""


class OutputError(PosecfgError):
    """The output folder cannot be used: locked, full, read-only, or it belongs to another run."""


class Incomparable(PosecfgError):
    """Two things cannot be compared, or one of them cannot be read; 1 would say that they differ."""

    exit_code = 2


class InUse(OutputError):
    """The output folder is in use by another run, its ``owner``."""

    def __init__(self, message: str, owner: str = "another run") -> None:
        super().__init__(message)
        self.owner = owner


class Unsure(InUse):
    """The output folder may be in use by another run: whether its ``owner`` is alive is known after ``seconds``."""

    def __init__(self, message: str, owner: str, seconds: float) -> None:
        super().__init__(message, owner)
        self.seconds = seconds


class TakenOver(OutputError):
    """Another run took the output folder over, so that this one may write nothing more there."""


class ClipError(PosecfgError):
    """One clip cannot be processed; the others go on."""


class ComponentFailed(ClipError):
    """The code of a component raised an error that is not posecfg's; its origin belongs in the log."""


class Unreadable(ClipError):
    """The clip's input is at fault: a missing or broken film, or times outside of it; the user has to repair it."""


class Unseen(Unreadable):
    """The clip's input is not there, or may not be read: on another machine that may be for want of a shared disk."""


class Taken(ClipError):
    """A file that posecfg did not write is in the place of a clip's file; ``name`` is relative to the output folder."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


# Errors of the machine that reads, by their names, since some systems lack some: the disk, the network, memory, and
# limits of the process or of the system. A missing file, a refused permission or invalid data are the input's own.
_DISK = (
    *("EIO", "EREMOTEIO", "ENXIO", "ENODEV", "ENOMEDIUM", "ESTALE", "EUCLEAN", "EBADMSG", "ENOSPC", "EDQUOT"),
    *("ENOTRECOVERABLE", "EKEYEXPIRED", "EKEYREVOKED"),
)
_NETWORK = (
    *("ETIMEDOUT", "ENOTCONN", "ECONNRESET", "ECONNABORTED", "ECONNREFUSED", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN"),
    *("ENETUNREACH", "ENETRESET", "EPROTO", "ECOMM", "ENOLINK", "ENOBUFS", "EPIPE", "ESHUTDOWN"),
)
_LIMITS = ("ENOMEM", "EMFILE", "ENFILE", "EAGAIN", "EWOULDBLOCK", "EINTR", "EBUSY", "ENOLCK", "EDEADLK", "ECANCELED")
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL)
"""What a file system says that knows no locks."""
MACHINE = frozenset(getattr(errno, name) for name in (*_DISK, *_NETWORK, *_LIMITS) if hasattr(errno, name))


def is_of_machine(error: BaseException) -> bool:
    """Tell whether an error is one of the machine, which no change to the input can repair: trying again may help."""
    return isinstance(error, MemoryError) or getattr(error, "errno", None) in MACHINE


def blame(error: Exception) -> type[ClipError]:
    """Return the error class for an input that cannot be read: ``Unreadable``, unless the machine is at fault."""
    return ClipError if is_of_machine(error) else Unreadable


class Dropped(Exception):
    """A policy drops a clip; the message is the recorded reason, and ``facts`` (JSON values) are stored with it.

    A reason is a few words that many clips share, a colon, and the details of this clip. ``people`` are the rows of the
    frame's poses that it speaks of, None for all. ``sight`` is the frame, where the pipeline knows it.
    """

    def __init__(
        self, reason: str, facts: Mapping[str, Any] | None = None, people: Sequence[int] | None = None
    ) -> None:
        super().__init__(reason)
        self.facts = dict(facts or {})
        self.people = people
        self.sight: Any = None
