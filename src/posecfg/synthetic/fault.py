"""Fault injection for testing executors: fail on purpose, as a broken backend would."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

from posecfg.errors import ConfigError

KINDS = ("raise", "exit", "segfault", "hang")


@dataclass(frozen=True)
class Fault:
    """A way to fail, on clips whose id contains ``within``."""

    kind: str
    within: str = ""

    def strike(self, identifier: str) -> None:
        """Fail if the clip's id contains ``within``."""
        if self.within not in identifier:
            return
        if self.kind == "exit":
            os._exit(86)
        if self.kind == "segfault":
            signal.raise_signal(signal.SIGSEGV)
        while self.kind == "hang":
            time.sleep(1.0)
        raise RuntimeError(f"injected fault on '{identifier}'")


def parse(text: str) -> Fault:
    """Read ``kind`` or ``kind:part of an id``."""
    kind, _, within = text.partition(":")
    if kind not in KINDS:
        raise ConfigError(f"Expected crash to be one of {', '.join(KINDS)}, or such as 'raise:bad', but got '{text}'.")
    return Fault(kind, within)
