"""Whether the head of a Ray cluster still answers: a minute after it is lost, Ray ends this process without a word."""

from __future__ import annotations

import socket
import time

from posecfg.errors import ConfigError

ASK_SECONDS, ANSWER_SECONDS = 5.0, 2.0
LOST_SECONDS = 20.0
"""How long the head may be away, as while it starts again."""


class Head:
    """The head of the cluster at ``address``, a host and its port."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._asked = self._answered = time.monotonic()

    def check(self) -> None:
        """Raise an error where the head has not answered for a while."""
        now = time.monotonic()
        if now - self._asked < ASK_SECONDS:
            return
        host, _, port = self.address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), ANSWER_SECONDS).close()
            self._answered = time.monotonic()
        except OSError as error:
            if now - self._answered > LOST_SECONDS:
                raise ConfigError(
                    f"The head of the Ray cluster at {self.address} is lost: type the same command once it is back."
                ) from error
        self._asked = time.monotonic()
