"""Which kind of file system a folder is on: what locks and shared memory there can do depends on it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_LOCAL = frozenset(
    (
        *("ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "ramfs", "overlay", "zfs", "f2fs", "bcachefs", "jfs"),
        *("reiserfs", "nilfs2", "vfat", "exfat", "msdos", "ntfs", "ntfs3", "fuseblk", "hfs", "hfsplus", "apfs", "ufs"),
    )
)
_SHARED = frozenset(
    (
        *("nfs", "nfs4", "lustre", "beegfs", "cifs", "smb3", "smbfs", "gpfs", "ceph", "9p", "virtiofs", "fuse", "afs"),
        *("ocfs2", "gfs2", "orangefs", "pvfs2", "panfs", "wekafs", "glusterfs", "vboxsf", "prl_fs", "fhgfs", "ncpfs"),
    )
)


def is_local(folder: Path) -> bool:
    """Tell whether a folder is on a disk of this machine, where locks reach all that use it here."""
    return kind(folder) in _LOCAL


def is_shared(folder: Path) -> bool:
    """Tell whether a folder is on a file system that other machines may use too, or that a program provides."""
    found = kind(folder)
    return found in _SHARED or found.startswith("fuse.")


def kind(folder: Path) -> str:
    """Return the name of the kind of file system, "" where the system does not tell."""
    try:
        return _kind(os.stat(folder).st_dev)
    except OSError:
        return ""


@cache
def _kind(device: int) -> str:
    """Find a device in the table of mounts: its third field is the device, the kind comes after a dash."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) > 2 and fields[2] == wanted and "-" in fields[6:]:
            return fields[fields.index("-", 6) + 1]
    return ""
