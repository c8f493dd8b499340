"""Count the workers that suit this machine, or the share of it that a container or a batch system grants."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from posecfg import backends

# Bytes that a worker with large models may take.
EACH = 2 << 30
GPUS = ("cuda", "tensorrt", "mps", "coreml")
# The distribution of a package with which device=auto means a GPU, where there is one.
GPU_BUILDS = {"onnxruntime": "onnxruntime-gpu", "torch": "torch"}
GPU_FILES = ("/dev/nvidiactl", "/dev/dxg", "/dev/nvhost-gpu", "/dev/nvgpu")
AMD_FILE, AMD_BUILD = "/dev/kfd", "rocm"
CGROUPS = "/sys/fs/cgroup"


def fitting() -> int:
    """Return how many workers suit this machine: one a core, where memory allows."""
    return max(1, min(cores(), memory() // EACH))


def on_gpu(device: str, packages: Collection[str]) -> bool:
    """Tell whether models that import ``packages`` run on a GPU, as ``device`` is meant."""
    if device != "auto":
        return device in GPUS
    able = [build for package, build in GPU_BUILDS.items() if package in packages]
    if any(map(os.path.exists, GPU_FILES)) and any(map(_installed, able)):
        return True
    return "torch" in packages and os.path.exists(AMD_FILE) and AMD_BUILD in (backends.version("torch") or "")


def cores(root: str = "/") -> int:
    """Return how many cores this process may keep busy."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    granted = [here]
    for folder in _groups(root, "cpu"):
        for quota, period in (_pair(folder / "cpu.max"), (_number(folder / "cpu.cfs_quota_us"), _period(folder))):
            if quota and period:
                granted.append(-(-quota // period))
    return max(1, min(granted))


def memory(root: str = "/") -> int:
    """Return how many bytes of memory this process may take."""
    granted = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for folder in _groups(root, "memory"):
        granted += [n for n in map(_number, (folder / "memory.max", folder / "memory.limit_in_bytes")) if n]
    return min(granted)


def _groups(root: str, controller: str) -> list[Path]:
    """Return the folders of this process's control groups, of either version, from its own up to the first."""
    top = Path(root, CGROUPS.lstrip("/"))
    try:
        lines = Path(root, "proc/self/cgroup").read_text(errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, names, place = [*line.split(":", 2), "", ""][:3]
        if names and controller not in names.split(","):
            continue
        base = top / controller if names else top
        own = PurePosixPath(place.lstrip("/"))
        found += [base / folder for folder in (own, *own.parents)]
    return found


def _number(path: Path) -> int:
    """Return the number in a file; 0 where there is none, or no limit."""
    try:
        return max(0, int(path.read_text()))
    except (OSError, ValueError):
        return 0


def _pair(path: Path) -> tuple[int, int]:
    try:
        quota, period = map(int, path.read_text().split())
    except (OSError, ValueError):
        return 0, 0
    return quota, period


def _period(folder: Path) -> int:
    return _number(folder / "cpu.cfs_period_us")


def _installed(distribution: str) -> bool:
    """Tell whether a build for GPUs is installed; torch has another one of the same name, for processors."""
    found = backends.version(distribution)
    return found is not None and not found.endswith("+cpu")
