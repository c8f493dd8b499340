"""Many whole runs of posecfg at about 50 ms each: a server that has all modules loaded forks for each run.

A run composes its configuration twice, in 300 ms. The server composes once for all runs of the same words, and Hydra's
own logs are left out, unless a run is to be ``whole``.

A run may be struck: killed, or told an error, at the n-th operation that changes something below a folder, or that only
looks there, or at a read of a sick file. ``strike.c`` does that; it is compiled when it is needed, and without a
compiler runs are not struck.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ACTS = {"kill": -1, "after": -2, "half": -3, **{name: getattr(errno, name) for name in ("ENOSPC", "EIO", "EROFS")}}
HANG, ORPHANS = "hang", "orphans"


@dataclass(frozen=True)
class Strike:
    """What befalls a run: ``act`` at operation ``at`` below ``root``, of the run itself or of its ``worker``.

    With ``lasting``, all later operations fail too. ``at`` 0 only lists the operations. With ``looks``, operations are
    those that only look: reads, opening to read, statuses and lists of folders.
    """

    root: str
    at: int = 0
    act: str = "kill"
    lasting: bool = False
    worker: bool = False
    looks: bool = False


@dataclass(frozen=True)
class Sick:
    """From the read ``first`` on, reads below ``root`` that touch a range fail with ``error``.

    With ``error`` 0 none fails. The operations of the run are then the offsets that were read.
    """

    root: str
    low: int = 0
    high: int = 1 << 62
    first: int = 0
    error: int = errno.EIO


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code (a signal is negative), its words and its operations, the struck one marked.

    Its ``complaints`` are part of what it said, but for a run in a ``place`` of its own.
    """

    code: int | str
    said: str
    operations: list[str] = field(default_factory=list)
    complaints: str = ""

    @property
    def struck(self) -> str:
        """Return the operation that was struck, or nothing."""
        return next((text[1:] for text in self.operations if text.startswith("*")), "")


def compiled(folder: Path) -> Path | None:
    """Compile the shim into a folder; None where there is no compiler, or no way to load it first."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    shim = folder / "strike.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", shim, HERE / "strike.c", "-ldl"], check=True)
    return shim


class Runs:
    """A server in a process of its own; ``folder`` is where runs start and where their temporary files go.

    ``packages`` are loaded before the first run.
    """

    def __init__(self, folder: Path, shim: Path | None, packages: Sequence[str] = ()) -> None:
        self.folder, self.shim = folder, shim
        (folder / "tmp").mkdir(parents=True, exist_ok=True)
        env = {**os.environ, "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(HERE.parent / "src")}
        env |= {"LD_PRELOAD": str(shim)} if shim else {}
        words = [sys.executable, str(HERE / "forked_server.py"), *packages]
        self._server = subprocess.Popen(
            words, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(
        self,
        *words: str,
        strike: Strike | None = None,
        sick: Sick | None = None,
        env: Mapping[str, str] | None = None,
        after: float | None = None,
        limit: float = 60.0,
        whole: bool = False,
        place: Path | None = None,
    ) -> Ended:
        """Type ``words`` after posecfg; ``after`` so many seconds the run is killed.

        In a ``place``, the run has no environment but ``env``.
        """
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        asked: dict[str, Any] = {"words": words, "env": dict(env or {}), "after": after, "limit": limit, "whole": whole}
        asked["place"] = place and str(place)
        asked |= {
            "shim": self.shim and str(self.shim),
            "strike": strike and asdict(strike),
            "sick": sick and asdict(sick),
        }
        self._server.stdin.write(json.dumps(asked) + "\n")
        self._server.stdin.flush()
        return Ended(**json.loads(self._server.stdout.readline()))

    def close(self) -> None:
        """End the server."""
        self._server.communicate()

    def __enter__(self) -> Runs:
        return self

    def __exit__(self, *why: object) -> None:
        self.close()
