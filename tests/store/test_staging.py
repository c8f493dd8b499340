import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from whole_runs import go, leftovers, published

from posecfg.errors import ClipError, ConfigError, OutputError, Taken
from posecfg.store.inputs import Inputs
from posecfg.store.replacing import digest, remove_recorded
from posecfg.store.staging import Staging, replace_bytes
from posecfg.writers.npy import Npy

CLIP = "synthetic_0001"


@pytest.fixture
def staging(tmp_path):
    root = tmp_path / "out"
    root.mkdir()
    return Staging(root, tmp_path / "aside")


def put(staging, name, data=b"data"):
    with staging.open(name) as stream:
        stream.write(data)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/etc/x", "../x", "a/..", "a//b", "./a", "a/.", "a/", ".posecfg/x", ".Posecfg/x", "a\0"],
)
def test_a_name_that_leads_out_or_is_not_plain_is_refused(staging, name):
    with pytest.raises(ClipError, match="inside the output folder"):
        put(staging, name)
    assert staging.written == []


@pytest.mark.parametrize("name", ["a", "a b/ü [1].npy", "-", "..a", "a..", "'\"$;&|*?<>\\", "x" * 250, ".hidden"])
def test_any_other_name_is_written(staging, name):
    put(staging, name)
    assert not (staging.root / name).exists()
    (fact,) = staging.publish()
    assert (fact.name, fact.bytes) == (name, 4)
    assert (staging.root / name).read_bytes() == b"data"


def test_two_files_may_be_open_at_once(staging):
    with staging.open("a") as one, staging.open("b") as two:
        one.write(b"1")
        two.write(b"22")
    assert {f.name: f.bytes for f in staging.publish()} == {"a": 1, "b": 2}
    assert (staging.root / "a").read_bytes() == b"1"


def test_a_name_is_given_once(staging):
    put(staging, "a")
    with pytest.raises(ClipError, match=r"opened .* twice"):
        put(staging, "a")


def test_a_block_that_fails_leaves_no_file_and_its_name_free(staging):
    with pytest.raises(ValueError, match="broken"), staging.open("a"):
        raise ValueError("broken")
    put(staging, "a")
    assert [f.name for f in staging.publish()] == ["a"]


def test_foreign_files_and_folders_stay(staging):
    (staging.root / "file").write_text("mine")
    (staging.root / "folder").mkdir()
    (staging.root / "broken").symlink_to("nowhere")
    for name in ("file", "folder", "file/below", "broken"):
        with pytest.raises(ClipError, match=r"already there|a link"):
            put(staging, name)
    assert (staging.root / "file").read_text() == "mine"


def test_a_file_that_appears_at_the_last_moment_stays(staging):
    put(staging, "a")
    (staging.root / "a").write_text("mine")
    with pytest.raises(Taken, match="already there"):
        staging.publish()
    assert (staging.root / "a").read_text() == "mine"


def test_so_it_does_where_files_cannot_be_linked(staging, monkeypatch):
    def refuse(*args, **named):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    put(staging, "a")
    put(staging, "b")
    (staging.root / "b").write_text("mine")
    with pytest.raises(Taken, match="already there"):
        staging.publish()
    assert (staging.root / "a").read_bytes() == b"data"
    assert (staging.root / "b").read_text() == "mine"


def test_our_own_are_replaced(tmp_path):
    (tmp_path / "a").write_text("old")
    staging = Staging(tmp_path, tmp_path / ".posecfg" / "tmp", {"a": digest(tmp_path / "a")})
    put(staging, "a")
    staging.publish()
    assert (tmp_path / "a").read_bytes() == b"data"
    assert staging.altered == {}


@pytest.mark.parametrize("inside", [True, False])
def test_links_below_the_output_folder_are_refused(staging, tmp_path, inside):
    target = staging.root / "real" if inside else tmp_path / "elsewhere"
    target.mkdir()
    (staging.root / "sub").symlink_to(target)
    with pytest.raises(ClipError, match="link"):
        put(staging, "sub/deep/a")
    assert list(target.iterdir()) == []


def test_the_output_folder_itself_may_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert go(tmp_path / "link").exit_code == 0
    assert len(published(tmp_path / "real")) == 3


def test_removal_does_not_leave_the_output_folder(staging, tmp_path):
    (tmp_path / "outside").mkdir()
    mine = tmp_path / "outside" / "a"
    mine.write_text("mine")
    (staging.root / "sub").symlink_to(tmp_path / "outside")
    for name in ("../outside/a", "sub/a", str(mine)):
        assert not remove_recorded(staging.root, name, digest(mine), Inputs())
    assert mine.exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
def test_a_disk_that_fails_ends_the_run(staging, code):
    with pytest.raises(OutputError), staging.open("a"):
        raise OSError(code, os.strerror(code))


def test_an_input_that_cannot_be_read_is_not_the_output_folders_fault(staging):
    with pytest.raises(FileNotFoundError), staging.open("a"):
        Path("/does/not/exist").read_bytes()


@pytest.mark.parametrize("overwrite", ["false", "true"])
def test_a_clip_whose_place_is_taken_by_a_foreign_file_is_not_looked_at(tmp_path, overwrite):
    (tmp_path / f"{CLIP}.npy").write_text("mine")
    report = go(tmp_path, f"overwrite={overwrite}")
    assert report.exit_code == 3
    assert list(report.skipped) == [CLIP]
    assert report.skipped[CLIP].startswith(f"already there: '{tmp_path / CLIP}.npy', and no record says that posecfg")
    assert (report.done, report.failed) == (2, {})
    assert CLIP not in [clip_id for _, clip_id in report.screen.events]
    assert published(tmp_path)[f"{CLIP}.npy"] == b"mine"
    (tmp_path / f"{CLIP}.npy").unlink()
    again = go(tmp_path)
    assert (again.exit_code, again.already, again.done) == (0, 2, 1)


PREVIEWS = ("writer=[npy,preview]", "writer.preview.count=2")


def test_pictures_in_a_folder_of_the_clip_are_its_own(tmp_path):
    assert go(tmp_path, *PREVIEWS).exit_code == 0
    whole = published(tmp_path)
    lost = next(name for name in whole if name.startswith(f"{CLIP}/"))
    (tmp_path / lost).unlink()
    assert go(tmp_path, *PREVIEWS).done == 1
    assert published(tmp_path) == whole
    again = go(tmp_path, *PREVIEWS, "detector.noise=2", "overwrite=true")
    assert (again.exit_code, again.done, again.skipped) == (0, 3, {})


def test_nothing_but_files_of_others_is_no_success(tmp_path):
    for name in ("synthetic_0000", "synthetic_0001", "synthetic_0002"):
        (tmp_path / f"{name}.npy").write_text("mine")
    report = go(tmp_path)
    assert (report.exit_code, report.done, len(report.skipped)) == (1, 0, 3)


def test_a_name_that_clips_share_is_refused_before_anything_starts(tmp_path, folder):
    dataset = folder("x/film.mp4", "y/film.mp4", "z/other.mp4")
    with pytest.raises(ConfigError, match=r"names one file, 'film\.npy', for 2 clips: put \{id\} into it"):
        go(tmp_path / "out", *dataset, "writer.npy.path='{name}'")
    assert published(tmp_path / "out") == {}
    assert go(tmp_path / "out", *dataset, "writer.npy.path='{name}'", "limit=1").exit_code == 0
    assert list(published(tmp_path / "out")) == ["film.npy"]


class Full:
    """Stands for ``os.fsync`` on a disk that is full from call ``count`` on."""

    def __init__(self, count):
        self.count, self.real = count, os.fsync

    def __call__(self, descriptor):
        self.count -= 1
        if self.count < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.real(descriptor)


@pytest.mark.parametrize("count", range(4, 12))
def test_a_full_disk_is_one_sentence_and_the_next_run_goes_on(tmp_path, monkeypatch, count):
    out = tmp_path / "out"
    monkeypatch.setattr(os, "fsync", Full(count))
    report = go(out)
    assert (report.exit_code, report.failed) == (1, {})
    assert report.error.startswith("The disk that holds")
    assert leftovers(out) == []
    monkeypatch.undo()
    assert go(out).exit_code == 0
    go(tmp_path / "clean")
    assert published(out) == published(tmp_path / "clean")


@pytest.mark.deep
def test_a_file_larger_than_allowed_ends_the_run_in_one_sentence(tmp_path):
    out = tmp_path / "out"
    clips = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=120", "dataset.size=[8,8]")
    words = ["detector=synthetic", "detector.skeleton=blazepose33", *clips, f"output_dir={out}"]
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (45_000, 45_000)); "
        "sys.path.insert(0, 'src'); from posecfg.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert done.returncode == 1
    assert "is full" in " ".join(done.stdout.split())
    assert "Traceback" not in done.stdout + done.stderr
    assert published(out) == {}
    assert leftovers(out) == []
    assert go(out, "detector.skeleton=blazepose33", *clips).exit_code == 0


@pytest.mark.parametrize("below", ["", "/sub/deep"])
def test_an_output_folder_that_cannot_be(tmp_path, below):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="choose another output_dir="):
        go(f"{tmp_path}/file{below}")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_is_read_only(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(OutputError, match="Read-only"):
        go(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_error_inside_a_writer_costs_its_clip_only(tmp_path, monkeypatch):
    def write(self, extraction, files):
        if extraction.clip.id == CLIP:
            with files.open("half.npy") as stream:
                stream.write(b"half")
            raise ValueError("no\nsuch thing")
        good(self, extraction, files)

    good = Npy.write
    monkeypatch.setattr(Npy, "write", write)
    report = go(tmp_path)
    assert report.failed == {CLIP: "writer=npy failed (ValueError: no such thing)."}
    assert report.exit_code == 3
    assert sorted(published(tmp_path)) == ["synthetic_0000.npy", "synthetic_0002.npy"]
    assert leftovers(tmp_path) == []


def test_what_is_in_the_way_of_a_record_is_named(tmp_path):
    (tmp_path / "record.json").mkdir()
    with pytest.raises(OutputError, match=r"record\.json' is in the way \(Is a directory\)"):
        replace_bytes(tmp_path / "record.json", b"{}", tmp_path / "aside")
    assert not (tmp_path / "aside").exists()


def test_a_file_whose_block_does_not_end_is_known(staging):
    opened = staging.open("open.txt")
    opened.__enter__().write(b"x")
    with pytest.raises(ValueError, match="no"), staging.open("failed.txt"):
        raise ValueError("no")
    put(staging, "closed.txt")
    assert staging.left_open == {"open.txt"}
    del opened
    assert staging.left_open == {"open.txt"}
