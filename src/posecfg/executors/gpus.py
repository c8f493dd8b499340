"""The GPUs of this machine that this process may use, one for each worker, told without a package of models."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from posecfg.components.parts import packages, parts
from posecfg.errors import ConfigError
from posecfg.executors import capacity

CUDA, HIP, ROCR = "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"
SHARE = "POSECFG_SHARE"
"""2/3: of three agents on one machine, this one is the second."""
PROC, SYS = "proc/driver/nvidia", "sys/class/kfd/kfd/topology/nodes"
ASK_SECONDS = 20.0
LISTS = ("cuda", "tensorrt")
"""Devices of which the environment shows some only."""
_LISTED = re.compile(r"^\s*(GPU|MIG) .*\(UUID: ((?:GPU|MIG)-[^)\s]+)\)")


@dataclass(frozen=True)
class Gpu:
    """One GPU: the environment ``variable`` that shows a process some GPUs only, and its ``name`` there."""

    variable: str
    name: str


def dealt(device: str, config: Mapping[str, Any], root: str = "/") -> tuple[Gpu, ...]:
    """Return the GPUs over which workers are dealt; none where models use no GPU, or there is no other one."""
    wanted = "cuda" if device == "auto" else device
    chain = [part for group in ("detector", "lifter") for part in parts(config.get(group), group)]
    devices = [part.facts.devices for part in chain if part.facts.packages]
    if wanted not in LISTS or not any(one is None or wanted in one for one in devices):
        return ()
    found = visible(root) if on_gpu(device, config, root) else ()
    return found if len(found) > 1 else ()


def on_gpu(device: str, config: Mapping[str, Any], root: str = "/") -> bool:
    """Tell whether models run on a GPU, as ``device`` is meant; auto is the processor where all GPUs are hidden."""
    return capacity.on_gpu(device, packages(config)) and not (device == "auto" and is_hidden(root))


def share(gpus: Sequence[Gpu], text: str) -> Gpu | None:
    """Return the GPU of one of several agents of a machine, as the environment tells in ``text``; None for all."""
    if not text:
        return None
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise ConfigError(f"Expected {SHARE} to be such as 1/2, but got '{text}'.")
    return gpus[(int(number) - 1) % len(gpus)] if gpus and int(of) > 1 else None


def visible(root: str = "/") -> tuple[Gpu, ...]:
    """Return the GPUs that this process may use, none where that is not known."""
    variable, listed = _in_force(root)
    if listed is not None:
        names = shown(listed, _known(root, variable))
    elif variable == CUDA:
        names = _nvidia(root)
    else:
        names = _numbers(_amd(root))
    return tuple(Gpu(variable, name) for name in names)


def is_hidden(root: str = "/") -> bool:
    """Tell whether the environment hides all GPUs."""
    variable, listed = _in_force(root)
    return listed is not None and not shown(listed, _known(root, variable))


def hiding(root: str = "/") -> str:
    """Return the variable that chooses GPUs as it would be typed; empty where none is set."""
    variable, listed = _in_force(root)
    return "" if listed is None else f"{variable}={listed}"


def shown(listed: str, known: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names in a list, read as CUDA does: up to the first that is none, and nothing where one is twice.

    A number must be below that of the ``known`` GPUs, and a name the beginning of one of theirs, where these are known.
    """
    found: list[str] = []
    for entry in map(str.strip, listed.split(",")):
        number = re.match(r"\d+", entry)
        name = str(int(number[0])) if number else entry
        if not _is_one(name, known) or (found and _kind(name) != _kind(found[0])):
            break
        if name in found:
            return ()
        found.append(name)
    return tuple(found)


def _is_one(name: str, known: Sequence[str]) -> bool:
    if name.isdecimal():
        return not known or int(name) < len(known)
    # The driver does not list slices, and has no name yet of a GPU that nothing uses.
    sure = known and all(one.startswith("GPU-") and "?" not in one for one in known)
    fits = not sure or any(one.lower().startswith(name.lower()) for one in known)
    return _kind(name) == "MIG-" or (_kind(name) == "GPU-" and fits)


def _kind(name: str) -> str:
    return "" if name.isdecimal() else name[:4]


def _in_force(root: str) -> tuple[str, str | None]:
    """Return the variable that shows GPUs to a process here, and its value; None where it is not set."""
    if not _is_amd(root):
        return CUDA, os.environ.get(CUDA)
    # HIP chooses among those that ROCR leaves, and knows CUDA's variable as its own.
    return next(((name, os.environ[name]) for name in (HIP, CUDA, ROCR) if name in os.environ), (HIP, None))


def _is_amd(root: str) -> bool:
    nvidia = any(os.path.exists(os.path.join(root, name.lstrip("/"))) for name in capacity.GPU_FILES)
    return os.path.exists(os.path.join(root, capacity.AMD_FILE.lstrip("/"))) and not nvidia


def _known(root: str, variable: str) -> tuple[str, ...]:
    """Return the GPUs that a list in ``variable`` may name; none where that is not known."""
    if not _is_amd(root):
        return _installed(root)
    left = os.environ.get(ROCR)
    return _amd(root) if left is None or variable == ROCR else shown(left, _amd(root))


def _nvidia(root: str) -> tuple[str, ...]:
    """Return names of NVIDIA's GPUs where the environment shows all: numbers, or names where some are in slices."""
    found = _installed(root)
    if not found or any(Path(root, PROC).glob("capabilities/gpu*/mig/gi*")):
        program = shutil.which("nvidia-smi")
        return (_listed(program) if program else ()) or _numbers(found)
    return _numbers(found)


def _numbers(found: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(str, range(len(found))))


def _installed(root: str) -> tuple[str, ...]:
    """Return the UUIDs of NVIDIA's GPUs, as the driver lists them, which this process may open."""
    found = []
    for path in sorted(Path(root, PROC).glob("gpus/*/information")):
        try:
            lines = path.read_text(errors="replace").splitlines()
        except OSError:
            continue
        told = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        device = Path(root, "dev", f"nvidia{told.get('Device Minor', '')}")
        found.append((told.get("GPU UUID", ""), device.exists(), os.access(device, os.R_OK | os.W_OK)))
    # Where no GPU was used since the machine started, none has a device file yet.
    if any(exists for _, exists, _ in found):
        found = [one for one in found if one[2]]
    return tuple(name for name, _, _ in found)


def _amd(root: str) -> tuple[str, ...]:
    """Return AMD's GPUs, without their names, as the driver lists them: processors have no SIMD.

    Those that a container does not have cannot be read.
    """
    found = []
    for path in sorted(Path(root, SYS).glob("*/properties"), key=lambda path: path.parent.name.zfill(9)):
        try:
            told = dict(line.split(maxsplit=1) for line in path.read_text().splitlines() if " " in line)
        except (OSError, ValueError):
            continue
        if told.get("simd_count", "0").strip() != "0":
            found.append("")
    return tuple(found)


@cache
def _listed(program: str) -> tuple[str, ...]:
    """Return the UUIDs that nvidia-smi lists: slices instead of the GPU that is cut into them."""
    try:
        done = subprocess.run(
            [program, "-L"], capture_output=True, text=True, errors="replace", timeout=ASK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found: list[list[str]] = []
    for line in done.stdout.splitlines() if done.returncode == 0 else ():
        if match := _LISTED.match(line):
            if match[1] == "GPU":
                found.append([])
            if found:
                found[-1].append(match[2])
    return tuple(name for gpu in found for name in (gpu[1:] or gpu))
