"""Extract one file from a zip that was downloaded."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from posecfg.models.hashing import Damaged, written

# Bytes that a zip may hold beside the file itself.
_ALLOWANCE = 64 << 20


def limit(size: int, most: int) -> int:
    """Return the most bytes that a zip with a file of ``size`` bytes (0 when unknown) may have, up to ``most``."""
    return min(2 * size + _ALLOWANCE, most) if size else most


def take_out(archive: Path, name: str, target: Path, size: int, most: int) -> str:
    """Write the only file called ``name``, in whichever folder of ``archive``, to ``target``; return its SHA-256.

    It must have ``size`` bytes (0 when unknown) and no more than ``most``, whatever the zip says of it.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            found = [one for one in opened.infolist() if PurePosixPath(one.filename).name == name and not one.is_dir()]
            if len(found) != 1:
                raise Damaged(f"expected one file called {name} inside, but there are {len(found)}")
            with opened.open(found[0]) as source, target.open("wb") as file:
                count, sha256 = written(source, file, size or most)
    except (Damaged, OSError):
        raise
    except Exception as error:
        # Each compression method of zip raises errors of its own.
        raise Damaged(f"expected a zip that can be opened, but got: {error}") from error
    if size and count != size:
        raise Damaged(f"expected {size} bytes inside, but there are {count}")
    return sha256
