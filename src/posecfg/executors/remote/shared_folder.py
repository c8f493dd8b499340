"""Whether the output folder of a run is one and the same on two machines: each reads what the other wrote there."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from posecfg.executors.remote.crew_file import place_of
from posecfg.pipeline.work import Destination
from posecfg.store import real_files
from posecfg.text import sentence

WAIT_SECONDS = 10.0
"""How long a network file system may take to show a new file."""


def show(destination: Destination, number: int, token: str) -> str:
    """Let the driver see that this machine writes to its folder; return why it does not, in a sentence."""
    other = f"'{destination.root}' is another folder there: name an output_dir= that all machines share."
    end = time.monotonic() + WAIT_SECONDS
    while not _is_of(destination, token):
        if time.monotonic() > end:
            return other
        time.sleep(0.1)
    try:
        real_files.write_bytes(_place(destination, number), token.encode())
    except OSError as error:
        return f"'{destination.root}' cannot be written there ({sentence(error)})."
    return ""


def is_shown(destination: Destination, number: int) -> bool:
    """Wait for what ``show`` wrote on another machine, and remove it; tell whether it was there."""
    end = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            os.unlink(_place(destination, number))
        except FileNotFoundError:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        else:
            return True


def _is_of(destination: Destination, token: str) -> bool:
    try:
        told = json.loads(place_of(destination).read_text("utf-8"))
        return bool(told["token"] == token)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _place(destination: Destination, number: int) -> Path:
    return destination.aside / f"agent-{number}.part"
