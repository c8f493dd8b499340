"""What can come of an attempt to get a film."""

from __future__ import annotations


class Refused(Exception):
    """What came is not the film, and would not be at the next attempt: the message says why."""


class Gone(Refused):
    """The server has no such film."""


class Passing(Exception):
    """The attempt failed, but the next may not; the server asks to wait ``seconds`` before it, 0 for no wish."""

    def __init__(self, message: str, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.seconds = seconds


class Busy(Refused):
    """Another process is getting the film."""


class Stopped(Exception):
    """The whole download was stopped; what came is kept."""
