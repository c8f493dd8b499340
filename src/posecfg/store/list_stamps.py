"""Compare what the file system tells of all files in a list with what it told before, as one number.

Helper processes (``stamp_helpers``) run this file alone, and are to start within hundredths of a second: so nothing of
posecfg is imported here.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

# Digits of a hash that fit a number of SQLite and of JSON.
_DIGITS = 15
_STAMP = attrgetter("st_size", "st_mtime_ns", "st_ctime_ns", "st_ino")
# Files are looked at from their folder: the system need not find the way to it for each. Its names are not read.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
_LIST = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def number(sha256: str) -> int:
    """Return the beginning of a hash as a number."""
    return int(sha256[:_DIGITS], 16)


def stand_for(told: Iterable[os.stat_result]) -> int:
    """Return a number that stands for the stamps of files, in order; of a million files it must take a second or so."""
    return number(hashlib.sha256(b"\n".join(map(b"%d %d %d %d".__mod__, map(_STAMP, told)))).hexdigest())


def are(folder: str | bytes, listing: bytes, stamps: int) -> bool:
    """Tell whether the files of a list, all in one folder, have the ``stamps`` that a number stands for.

    What cannot be looked at has not.
    """
    if b"/" in listing:
        return False
    names = [line.split(b" ", 2)[-1] for line in listing.split(b"\n")[:-1]]
    look = os.stat
    try:
        place = os.open(folder, _FOLDER)
        try:
            return stand_for(look(name, dir_fd=place) for name in names) == stamps
        finally:
            os.close(place)
    except (OSError, ValueError):
        return False


def answer(most: int, asked: Iterable[bytes], told: BinaryIO) -> None:
    """Answer each line of questions with a line of 1 for each that holds, and 0 where anything else is the case.

    A question has the paths of a list and of its folder in hexadecimal digits, and the numbers of the list and of the
    stamps. No list above ``most`` bytes is read. A parent that ends needs no more answers.
    """
    parent = os.getppid()
    for line in asked:
        words, found = line.split(), []
        for at in range(0, len(words), 4):
            if os.getppid() != parent:
                return
            place, folder = (bytes.fromhex(word.decode()) for word in words[at : at + 2])
            found.append(b"%d" % _holds(place, folder, int(words[at + 2]), int(words[at + 3]), most))
        told.write(b"".join(found) + b"\n")
        told.flush()


def _holds(place: bytes, folder: bytes, list_number: int, stamps: int, most: int) -> bool:
    """Tell whether there is the list with this number, and all of its files have their ``stamps``."""
    try:
        with os.fdopen(os.open(place, _LIST), "rb") as stream:
            seen = os.fstat(stream.fileno())
            if not stat.S_ISREG(seen.st_mode) or seen.st_size > most:
                return False
            listing = stream.read(seen.st_size)
    except OSError:
        return False
    return number(hashlib.sha256(listing).hexdigest()) == list_number and are(folder, listing, stamps)


if __name__ == "__main__":
    answer(int(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
