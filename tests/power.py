"""A disk that loses power: what was not waited for is lost, in any subset, or is there without its data."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

from posecfg.store import sync

GARBAGE = (b"", b"\0" * 200)
OPEN = os.open


class Cut(BaseException):
    """Stands for the loss of power: from here on nothing reaches the disk."""


class Held:
    """Holds a file open as long as it lives."""

    def __init__(self, path):
        self.descriptor = OPEN(path, getattr(os, "O_PATH", os.O_RDONLY) | os.O_NOFOLLOW | os.O_CLOEXEC)

    def __del__(self):
        os.close(self.descriptor)


class Disk:
    """Watches what is done below ``root``; the power is cut before operation ``last``.

    The content of a file counts from its own ``fsync``, the entries of a folder from that of the folder. SQLite's files
    and scratch files are not watched: a run begins without the latter.
    """

    def __init__(self, patch, root, last=None):
        self.root, self.last, self.count, self.is_cut = str(root), last, 0, False
        self.lock = threading.RLock()
        self.entries, self.data, self.pending, self.held = {}, {}, [], {}
        for path in [Path(root), *Path(root).rglob("*")]:
            seen = path.lstat()
            self.entries[str(path)] = self.hold(path)
            if stat.S_ISREG(seen.st_mode):
                self.data[seen.st_ino] = path.read_bytes()
        calls = {"open": self.made, "mkdir": self.made, "link": self.moved, "replace": self.moved}
        calls |= {"rename": self.moved, "unlink": self.removed, "fsync": self.waited}
        for name, note in calls.items():
            patch.setattr(os, name, self.watched(getattr(os, name), name, note))
        patch.setattr(sync, "_flush_all", self.all_waited)

    def hold(self, path):
        """Return the number of a file, and keep it from being given to another one once the file is removed."""
        number = os.lstat(path).st_ino
        if number not in self.held:
            self.held[number] = Held(path)
        return number

    def watched(self, call, name, note):
        def do(*args, **kwargs):
            if "dir_fd" in kwargs or not self.concerns(name, args):
                return call(*args, **kwargs)
            with self.lock:
                self.step()
                done = call(*args, **kwargs)
                note(*args)
                return done

        return do

    def step(self):
        if self.last is not None and self.count >= self.last:
            self.is_cut = True
            raise Cut
        self.count += 1

    def concerns(self, name, args):
        path = str(args[1] if name in ("link", "replace", "rename") else args[0])
        if name == "fsync":
            path = os.readlink(f"/proc/self/fd/{args[0]}")
        elif name == "open":
            flags = args[1] if len(args) > 1 else 0
            if not flags & os.O_CREAT or os.path.lexists(path):
                return False
        return path.startswith(self.root) and "/ledger" not in path

    def made(self, path, *rest):
        self.pending.append((os.path.dirname(str(path)), str(path), self.hold(path)))

    def moved(self, here, there, *rest):
        self.made(there)

    def removed(self, path, *rest):
        self.pending.append((os.path.dirname(str(path)), str(path), None))

    def waited(self, descriptor):
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if not os.path.isdir(path):
            self.data[os.fstat(descriptor).st_ino] = Path(path).read_bytes()
            return
        self.put([one for one in self.pending if one[0] == path])
        self.pending = [one for one in self.pending if one[0] != path]

    def all_waited(self, path):
        with self.lock:
            self.step()
            for file in Path(self.root).rglob("*"):
                if file.is_file():
                    self.data[file.lstat().st_ino] = file.read_bytes()
            self.put(self.pending)
            self.pending = []
        return True

    def put(self, changes):
        for _, path, number in changes:
            if number is None:
                self.entries.pop(path, None)
            else:
                self.entries[path] = number

    def after_the_cut(self, there, chance):
        """Write what is left to the folder ``there``; ``chance`` draws what of the rest is."""
        self.put([one for one in self.pending if chance.random() < 0.5])
        numbers = {path.lstat().st_ino: path.is_dir() for path in [Path(self.root), *Path(self.root).rglob("*")]}
        there.mkdir()
        for path, number in sorted(self.entries.items()):
            target = there / os.path.relpath(path, self.root)
            if "/tmp" in path[len(self.root) :] or not target.parent.is_dir() or target.exists():
                continue
            if number in self.data:
                target.write_bytes(self.data[number])
            elif numbers.get(number, "." not in target.name):
                target.mkdir()
            else:
                target.write_bytes(chance.choice(GARBAGE))
