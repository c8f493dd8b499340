"""Export ONNX graphs that are not published from OpenMMLab's checkpoints, in a separate environment; check them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from posecfg.environment import OPENMMLAB
from posecfg.errors import WeightsError
from posecfg.export import environment
from posecfg.models import files, registry, settings, store
from posecfg.models.describe import origin_file
from posecfg.models.locking import Say, alone
from posecfg.models.trust import remember

# Largest differences of an accepted graph; the child process compares, and its result is checked against these.
_LIMITS = {"px": 0.01, "metres": 1e-4}
_LEAST = 5
_LONGEST = 300


def export(name: str, checkout: str | None, say: Say) -> None:
    """Make the weights ``name`` unless they exist: fetch the checkpoint, export the graph, check it and keep it.

    ``checkout`` is a folder with mmpose's repository, which the code of RTMW3D comes from.
    """
    entry = makeable(name)
    if store.status(name).state == "present":
        say(f"{name} is there already")
        return
    source = registry.entry(str(entry.made_from))
    folder = checked(name, checkout)
    if store.status(source.name).state == "missing":
        say(f"fetching {source.name} ({source.file})")
    checkpoint = store.find(source.name, autofetch=True).absolute()
    python = environment.python(say)
    with _workplace(name, say) as place:
        if store.status(name).state == "present":
            return
        graph = place / entry.file
        job = {"name": name, "checkpoint": str(checkpoint), "checkout": folder, "graph": str(graph)}
        facts = _run(name, [str(python), "-m", "posecfg.export.worker", json.dumps(job)], place, say)
        _accept(entry, graph, {"from": source.file, "from_sha256": files.digest(checkpoint), **facts})
    say(f"{name} is ready")


def makeable(name: str) -> registry.Entry:
    """Return the entry ``name``; raise ``WeightsError`` if it cannot be made by an export."""
    entry = registry.entry(name)
    if entry.made_from is None:
        names = ", ".join(other.name for other in registry.load().values() if other.made_from)
        raise WeightsError(f"Expected weights that can be made ({names}), but got '{name}': {_instead(entry)}")
    return entry


def _instead(entry: registry.Entry) -> str:
    return f"posecfg models fetch {entry.name}" if entry.urls else "it needs no export"


def checked(name: str, checkout: str | None) -> str | None:
    """Return the folder of mmpose's repository, if any; raise an error if ``name`` needs one and it is missing."""
    from posecfg.models.architectures import known
    from posecfg.openmmlab.networks import config_file

    named = checkout or settings.current().mmpose
    folder = os.path.abspath(os.path.expanduser(named)) if named else None
    if known(name).package is not None:
        return folder
    if folder is None:
        raise WeightsError(
            f"'{name}' is built by code that only mmpose's repository has: type "
            f"git clone --depth 1 https://github.com/open-mmlab/mmpose && posecfg models export {name} "
            "models.mmpose=mmpose"
        )
    config_file(known(name), Path(folder))
    return folder


@contextmanager
def _workplace(name: str, say: Say) -> Iterator[Path]:
    """Make a temporary folder on the disk of the cache, where the graph is written and checked."""
    folder = files.cache_folder().absolute() / f".export-{name}"
    with alone(folder.parent, say):
        try:
            # Left by a process that was killed; posecfg never makes a link here.
            if folder.is_symlink():
                folder.unlink()
            shutil.rmtree(folder, ignore_errors=True)
            # The child can import posecfg, but no package that is installed beside it.
            (folder / "own").mkdir(parents=True)
            (folder / "own" / "posecfg").symlink_to(Path(__file__).resolve().parents[1])
            (folder / "home").mkdir()
            yield folder
        except OSError as error:
            reason = " ".join(str(error.strerror or error).split())
            raise WeightsError(f"Expected to write to '{folder.parent}', but got: {reason}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _run(name: str, command: Sequence[str], place: Path, say: Say) -> dict[str, Any]:
    """Run the child process and return the facts that it reports; raise ``WeightsError`` if it reports none."""
    variables = environment.clean(os.environ) | {
        "PYTHONPATH": str(place / "own"),
        # What the packages write to their home and cache folders is deleted with the work folder.
        **dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR"), str(place / "home")),
        "PYTHONWARNINGS": "ignore",
        # Threads that wait by spinning would take cores from threads that work.
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    facts: dict[str, Any] | None = None
    with (place / "log").open("w+", encoding="utf-8", errors="replace") as log:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, env=variables, cwd=place
        ) as child:
            try:
                for line in child.stdout or ():
                    message = _message(line)
                    if "error" in message:
                        raise WeightsError(str(message["error"]))
                    if "say" in message:
                        say(f"  {message['say']}")
                    facts = message.get("done", facts)
            except BaseException:
                child.kill()
                raise
        if child.returncode or not isinstance(facts, dict):
            log.seek(0)
            lines = [line.strip() for line in log if line.strip()] or [f"exit code {child.returncode}"]
            raise WeightsError(
                f"Expected the exporter to make '{name}', but it ended with: {lines[-1][:_LONGEST]}; try again with "
                f"more memory or disk, or in another environment: {OPENMMLAB}=/path/to/bin/python"
            )
    return facts


def _message(line: str) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        raise WeightsError(f"Expected the exporter to speak JSON, but got '{line.strip()[:_LONGEST]}'.")
    return message


def _accept(entry: registry.Entry, graph: Path, facts: dict[str, Any]) -> None:
    """Keep ``graph``: remember its hash, write its origin file, and move the graph to its place last."""
    parity = facts.get("parity")
    if not isinstance(parity, dict) or not graph.is_file() or not _agrees(parity):
        raise WeightsError(f"Expected a graph of '{entry.name}' that was compared well, but got {parity}: not kept.")
    sha256 = files.digest(graph)
    target = files.cache_folder() / entry.file
    text = json.dumps({"name": entry.name, "sha256": sha256, **facts, "pins": _pins()}, indent=2, sort_keys=True)
    note = graph.with_name("origin")
    note.write_text(f"{text}\n", "utf-8")
    remember(entry.name, sha256)
    note.replace(origin_file(target))
    with graph.open("rb") as file:
        os.fsync(file.fileno())
    graph.replace(target)


def _agrees(parity: dict[str, Any]) -> bool:
    close = all((parity.get(what) or 0.0) <= limit for what, limit in _LIMITS.items())
    return close and parity.get("boxes", 0) >= _LEAST


def _pins() -> list[str]:
    return [] if os.environ.get(OPENMMLAB) else [*environment.PINS, *environment.ALONE]
