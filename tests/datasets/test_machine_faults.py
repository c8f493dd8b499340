"""A disk or a network that fails while a folder is listed never makes a shorter data set."""

import errno
import os

import pytest

from posecfg.datasets.folder import Folder
from posecfg.errors import ConfigError


def listed(root):
    found = Folder(str(root)).scan()
    return [clip.id for clip in found.clips], [item.name for item in found.excluded]


@pytest.mark.parametrize("place", ["scandir", "stat"])
@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENOMEM])
def test_a_folder_that_the_machine_cannot_list_stops_the_run(tree, monkeypatch, place, number):
    root, good = tree("a.mp4", "far/b.mp4"), getattr(os, place)

    def failing(path, **how):
        if str(path).endswith("far"):
            raise OSError(number, os.strerror(number))
        return good(path, **how)

    monkeypatch.setattr(os, place, failing)
    with pytest.raises(ConfigError, match=r"^Expected to list all of '.*far'.* the machine could not .*again\.$"):
        listed(root)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE])
def test_a_file_that_the_machine_cannot_look_at_stops_the_run(tree, monkeypatch, number):
    class Entry:
        def __init__(self, entry):
            self.name, self.path, self._own = entry.name, entry.path, entry

        def is_dir(self):
            if self.name == "b.mp4":
                raise OSError(number, os.strerror(number))
            return self._own.is_dir()

        def is_file(self):
            return self._own.is_file()

        def is_symlink(self):
            return True

    class Listed(list):
        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

    root, good = tree("a.mp4", "b.mp4"), os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: Listed(Entry(entry) for entry in good(path)))
    with pytest.raises(ConfigError, match=r"b\.mp4"):
        listed(root)


def test_a_folder_that_may_not_be_listed_is_left_out_and_told(tree, monkeypatch):
    root, good = tree("a.mp4", "locked/b.mp4"), os.stat

    def refused(path, **how):
        if str(path).endswith("locked"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return good(path, **how)

    monkeypatch.setattr(os, "stat", refused)
    assert listed(root) == (["a"], ["locked"])
