"""A disk or a network that fails while clips are read: they fail, and the next run gives what a good disk gives."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from disks import ERRNOS, BadDisk
from films import write
from whole_runs import go, published

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* Reads of a file whose name ends in BAD_NAME, from the byte BAD_BEGIN on, fail with BAD_ERRNO. */
ssize_t read(int fd, void *into, size_t size) {
    static ssize_t (*good)(int, void *, size_t);
    char link[64], path[PATH_MAX];
    const char *name = getenv("BAD_NAME");
    if (!good) good = dlsym(RTLD_NEXT, "read");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = name ? readlink(link, path, sizeof path) : -1;
    /* Only FFmpeg's pieces: the fingerprint of the input asks for more at a time. */
    if (length >= (ssize_t)strlen(name ? name : "") && size < 100000
        && !strncmp(path + length - strlen(name), name, strlen(name))
        && lseek(fd, 0, SEEK_CUR) + (off_t)size > atol(getenv("BAD_BEGIN"))) {
        errno = atoi(getenv("BAD_ERRNO"));
        return -1;
    }
    return good(fd, into, size);
}
"""


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for name in ("good.mp4", "sick.mp4"):
        write(folder / name, range(60), size=(320, 240), options={"movflags": "faststart"})
    return folder


@pytest.fixture(scope="module")
def undisturbed(clips, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    assert go(out, *words(clips)).exit_code == 0
    return published(out)


def words(clips, writers="csv"):
    return "dataset=folder", f"dataset.path={clips}", f"writer=[{writers}]"


@pytest.mark.parametrize("number", ERRNOS)
def test_a_clip_that_the_machine_could_not_read_fails_and_the_next_run_does_it(
    clips, undisturbed, tmp_path, monkeypatch, number
):
    with monkeypatch.context() as patch:
        begin = (clips / "sick.mp4").stat().st_size // 2
        patch.setattr("posecfg.video.container.PIECE", 4096)
        BadDisk("sick.mp4", begin, number).install(patch)
        went = go(tmp_path, *words(clips))
    assert went.exit_code == 3
    assert list(went.failed) == ["sick"]
    assert not went.unreadable
    assert "type the same command again" in went.failed["sick"]
    assert "Error" not in went.failed["sick"].partition(":")[0]
    assert not [name for name in published(tmp_path) if "sick" in name]
    again = go(tmp_path, *words(clips))
    assert list(again.todo) == ["sick"]
    assert again.exit_code == 0
    assert published(tmp_path) == undisturbed


def test_a_second_decoding_for_an_overlay_fails_the_clip_too(clips, tmp_path, monkeypatch):
    """A filled row is drawn from a second pass over the film."""
    from posecfg.pipeline.chain import Chain

    again = Chain.again
    bad = BadDisk("sick.mp4", 0, errno.EIO)
    monkeypatch.setattr(Chain, "again", lambda self, *rest: bad.install(monkeypatch) and again(self, *rest))
    went = go(tmp_path, *words(clips, "csv,overlay"), "refine=fill")
    assert bad.hits
    assert list(went.failed) == ["sick"]
    assert not [name for name in published(tmp_path) if "sick" in name]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the shim is loaded the way of Linux")
@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here; a reader that fails is tested instead")
def test_a_real_error_of_read(clips, undisturbed, tmp_path):
    (tmp_path / "shim.c").write_text(SHIM)
    build = ["cc", "-shared", "-fPIC", "-o", tmp_path / "shim.so", tmp_path / "shim.c", "-ldl"]
    if subprocess.run(build, capture_output=True).returncode:
        pytest.skip("the C compiler here builds no shared library")
    out, root = tmp_path / "out", Path(__file__).parents[2]
    command = [sys.executable, "run.py", "detector=synthetic", *words(clips), f"output_dir={out}", "workers=0"]
    bad = {"LD_PRELOAD": tmp_path / "shim.so", "BAD_NAME": "/sick.mp4", "BAD_BEGIN": "10000", "BAD_ERRNO": "5"}
    env = {**os.environ, "POSECFG_LOGS": str(tmp_path / "logs"), "PYTHONPATH": str(root / "src")}
    first = subprocess.run(
        command, cwd=root, env=env | {k: str(v) for k, v in bad.items()}, capture_output=True, text=True
    )
    assert first.returncode == 3, first.stdout + first.stderr
    assert "Input/output error" in first.stdout + first.stderr
    assert go(out, *words(clips)).exit_code == 0
    assert published(out) == undisturbed
