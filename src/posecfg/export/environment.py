"""The Python environment for OpenMMLab's packages: built once in the cache folder, separate from that of posecfg."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from posecfg.backends import pinned
from posecfg.environment import OPENMMLAB
from posecfg.errors import BackendMissing
from posecfg.models import files
from posecfg.models.locking import Say, alone

# Versions that were tested together; torch makes up most of the environment's size.
PINS = (
    pinned("torch"),
    "numpy>=2,<3",
    pinned("mmengine"),
    pinned("mmcv-lite"),
    pinned("mmdet"),
    "munkres>=1.1,<4",
    "json-tricks>=3.17,<4",
    "onnx>=1.17,<2",
    "onnxruntime>=1.20,<2",
)
# Installed without dependencies: mmpose declares one that has to be compiled and is not needed here.
ALONE = (pinned("mmpose"),)
_COST = "about 2 minutes and 2 GB with torch for processors, more where pip chooses torch for graphics cards"
_READY = "ready.json"
_LARGE = (" MB)", " GB)")
_LONGEST = 300
_ELSEWHERE = (
    *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONWARNINGS"),
    *("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "PIP_REQUIREMENT"),
    *("PIP_DRY_RUN", "PIP_NO_DEPS", "PIP_ONLY_DEPS"),
)
# Modules that must be importable after the build: pip's settings could have installed them elsewhere.
_MODULES = ("torch", "mmengine", "mmcv", "mmdet", "mmpose", "onnx", "onnxruntime")
_LOOK = (
    "import sys; from importlib.util import find_spec; "
    "print(sys.argv[1], *[name for name in sys.argv[2:] if find_spec(name) is None])"
)
_ABSENT = "absent:"


def python(say: Say) -> Path:
    """Return the environment's Python, and build the environment if it is missing.

    ``POSECFG_OPENMMLAB`` names another Python, which is used instead.
    """
    named = os.environ.get(OPENMMLAB)
    if named:
        found = shutil.which(os.path.expanduser(named))
        if found is None:
            raise BackendMissing(
                f"Expected {OPENMMLAB} to be a Python that can be run, but got '{named}': name one, or unset it"
            )
        return Path(found).absolute()
    folder = place()
    with alone(folder.parent, say):
        if not _is_ready(folder):
            with _stopped_by_signals():
                build(folder, say)
    return _python(folder)


def place() -> Path:
    """Return the folder of the environment; each set of pins and each Python version has its own."""
    facts = json.dumps([PINS, ALONE, sys.version_info[:2], os.path.realpath(sys.base_prefix)])
    return files.cache_folder().parent.absolute() / f"openmmlab-{hashlib.sha256(facts.encode()).hexdigest()[:12]}"


def clean(variables: Mapping[str, str]) -> dict[str, str]:
    """Return ``variables`` without those that add other packages or change where pip installs.

    The current directory is not searched for modules.
    """
    return {name: value for name, value in variables.items() if name not in _ELSEWHERE} | {
        "PYTHONNOUSERSITE": "1",
        "PYTHONSAFEPATH": "1",
    }


def build(folder: Path, say: Say) -> None:
    """Build the environment in ``folder`` with the running Python; remove a half-built one first."""
    shutil.rmtree(folder, ignore_errors=True)
    say(f"building an environment for OpenMMLab in '{folder}', once: {_COST}")
    own = str(_python(folder))
    # ``--python`` repeats the interpreter, since pip's settings may name another.
    pip = [own, "-m", "pip", "--python", own, "install", "--disable-pip-version-check", "--no-input"]
    steps: dict[str, list[str]] = {
        "an empty environment": [sys.executable, "-m", "venv", str(folder)],
        f"{', '.join(PINS)} and what they need": [*pip, *PINS],
        f"{', '.join(ALONE)} without what it asks for": [*pip, "--no-deps", *ALONE],
    }
    try:
        for number, (what, command) in enumerate(steps.items(), 1):
            say(f"step {number} of {len(steps)}: {what}")
            _run(command, say)
        # The output may also contain warnings.
        answers = [line for line in _run([own, "-c", _LOOK, _ABSENT, *_MODULES], say) if line.startswith(_ABSENT)]
        absent = answers[-1].split()[1:] if answers else ["everything"]
        if absent:
            raise _Failed(f"pip put {', '.join(absent)} elsewhere (see its settings: pip config list)")
        (folder / _READY).write_text(json.dumps({"pins": [*PINS, *ALONE]}) + "\n", "utf-8")
    except OSError as error:
        raise _failed(folder, " ".join(str(error.strerror or error).split())) from error
    except _Failed as error:
        raise _failed(folder, str(error)) from None
    say("the environment is ready")


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into KeyboardInterrupt, so that no pip process is left running."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    try:
        # Signals that are ignored (nohup) or already handled stay as they are.
        ours = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is signal.SIG_DFL]
        before = {number: signal.signal(number, stop) for number in ours}
    except ValueError:  # only the main thread can set signal handlers
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Failed(Exception):
    """A step ended with an error; the message is its last line."""


def _run(command: Sequence[str], say: Say) -> list[str]:
    """Run a command and return the last lines of its output."""
    lines: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=clean(os.environ),
        # pip starts another pip: stopping it must stop both.
        process_group=0,
    ) as child:
        try:
            for line in child.stdout or ():
                text = line.strip()
                lines = [*lines[-200:], text] if text else lines
                if (text.startswith("Downloading ") and text.endswith(_LARGE)) or text.startswith("Installing "):
                    say(f"  {text[:_LONGEST]}")
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise
    if child.returncode:
        errors = [line for line in lines if line.startswith("ERROR:")]
        raise _Failed((errors or lines or [f"exit code {child.returncode}"])[-1][:_LONGEST])
    return lines


def _failed(folder: Path, reason: str) -> BackendMissing:
    with suppress(OSError):
        shutil.rmtree(folder)
    return BackendMissing(
        f"Expected to build an environment for OpenMMLab in '{folder}', but got: {reason.rstrip('.')}; try again, or "
        f"name the Python of one that exists: {OPENMMLAB}=/path/to/bin/python"
    )


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _is_ready(folder: Path) -> bool:
    return (folder / _READY).is_file() and os.access(_python(folder), os.X_OK)
