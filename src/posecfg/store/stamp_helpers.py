"""Look at very many files with helper processes, which take turns with this one at the folders that have a list.

Threads would not do: one look takes millionths of a second, and Python lets one thread run at a time. A helper only
answers questions, and ends with this process. A folder that it does not vouch for is looked at again by the caller.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from posecfg import budgets
from posecfg.layout import HOME
from posecfg.store import file_lists, list_stamps, outputs, real_files
from posecfg.store.helper_process import helping
from posecfg.store.ledger_row import OutputStamp

Folder = tuple[str, OutputStamp]
"""The id of a clip, and what the ledger knows of a folder that has a list of its files."""
EACH = 50_000
"""Files for which a helper is started: looks at them take a tenth of a second."""
BATCH = 7_000
MOST = 7
PATIENCE = 30.0
"""Seconds that the last answer of a helper is waited for."""


def untouched(root: Path, folders: Iterable[Folder], cores: Callable[[], int]) -> set[Folder]:
    """Return folders whose files have all the stamps that they had; others are not known.

    For too few files, or on one core, there are no helpers, and nothing is looked at.
    """
    waiting = deque(_batches(folders))
    worth = sum(file[4] for batch in waiting for _, file in batch) // EACH
    number = min(worth, cores() - 1, MOST) if worth and sys.executable else 0
    if number < 1:
        return set()
    real_files.require_folders(root / HOME / file_lists.FILES / "any")
    found: list[Folder] = []
    with helping(number, _start, lambda helper: _ask(helper, root, waiting, found), PATIENCE):
        while batch := _next(waiting):
            found += [folder for folder in batch if outputs.is_untouched(str(root), *folder)]
    return set(found)


def _batches(folders: Iterable[Folder]) -> Iterator[list[Folder]]:
    """Yield folders with some thousand files together; those whose stamps are not known are left out."""
    batch, files = list[Folder](), 0
    for folder in folders:
        _, (_, *numbers) = folder
        # A ledger may be damaged.
        if all(type(number) is int and number >= 0 for number in numbers):
            batch.append(folder)
            files += numbers[-1]
        if files >= BATCH:
            yield batch
            batch, files = [], 0
    yield batch


def _next(waiting: deque[list[Folder]]) -> list[Folder]:
    """Take a batch, an empty one where none is left."""
    try:
        return waiting.popleft()
    except IndexError:
        return []


def _start() -> subprocess.Popen[bytes]:
    """Start a helper, which imports nothing but parts of Python's own library."""
    command = [sys.executable, "-I", "-S", list_stamps.__file__, str(budgets.LISTING)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _ask(helper: subprocess.Popen[bytes], root: Path, waiting: deque[list[Folder]], found: list[Folder]) -> None:
    """Let a helper look at batches until none is left, or it ends."""
    asked, told = helper.stdin, helper.stdout
    with suppress(OSError, ValueError):
        while asked and told and (batch := _next(waiting)):
            asked.write(b" ".join(_question(root, *folder) for folder in batch) + b"\n")
            asked.flush()
            answers = told.readline().strip().decode()
            found += [folder for folder, holds in zip(batch, answers, strict=True) if holds == "1"]


def _question(root: Path, clip_id: str, file: OutputStamp) -> bytes:
    name, _, list_number, stamps, _ = file
    listing, folder = file_lists.place(root, clip_id, name, list_number), f"{root}/{name}"
    return f"{os.fsencode(listing).hex()} {os.fsencode(folder).hex()} {list_number} {stamps}".encode()
