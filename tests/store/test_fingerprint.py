"""What is known of an input without reading it, and what of its content."""

import errno
import os
import shutil

import pytest

from posecfg.errors import ClipError, Unreadable
from posecfg.store import fingerprint
from posecfg.store.clip_record import EARLIER_WHOLE, InputRecord
from posecfg.types import Clip

LARGE = EARLIER_WHOLE + (4 << 20)


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(os.urandom(3 << 10))
    return Clip("a", path)


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.mp4"
    path.write_bytes(os.urandom(1 << 20) * (LARGE >> 20))
    return Clip("large", path)


def overwrite(path, at):
    """Change a byte; size and modification time stay."""
    seen = path.stat()
    with path.open("r+b") as stream:
        stream.seek(at)
        byte = stream.read(1)[0]
        stream.seek(at)
        stream.write(bytes([byte ^ 1]))
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def earlier(clip):
    """Return the fingerprint as earlier versions wrote it."""
    seen = clip.path.stat()
    return InputRecord.from_json(
        {"bytes": seen.st_size, "mtime_ns": seen.st_mtime_ns, "sha256": fingerprint.sampled(clip)}
    )


def between_samples(size):
    """Return the place of a byte that no sample holds."""
    first = (size - fingerprint.BLOCK) // (fingerprint.BLOCKS - 1)
    return (fingerprint.BLOCK + first) // 2


def test_other_bytes_of_the_same_size_and_time_have_another_stamp(clip):
    known = fingerprint.record(clip)
    overwrite(clip.path, 5)
    seen = fingerprint.stamp(clip)
    assert (seen.size, seen.mtime_ns) == (known.bytes, known.mtime_ns)
    assert seen != fingerprint.stamp_of(known)
    assert not fingerprint.is_same(clip, known)


def test_a_copy_with_its_times_has_another_stamp_and_the_same_content(clip, tmp_path):
    known = fingerprint.record(clip)
    copy = Clip("a", tmp_path / "copy.mp4")
    shutil.copy2(clip.path, copy.path)
    assert fingerprint.stamp(copy) != fingerprint.stamp(clip)
    assert fingerprint.is_same(copy, known)


def test_what_is_between_the_samples_of_a_large_file_counts(large):
    known, sampled = fingerprint.record(large), fingerprint.sampled(large)
    assert (known.sampled, len(known.sha256)) == ("", 64)
    overwrite(large.path, between_samples(LARGE))
    assert fingerprint.sampled(large) == sampled
    assert not fingerprint.is_same(large, known)


def test_above_the_bound_samples_are_called_samples(large, monkeypatch):
    monkeypatch.setattr(fingerprint, "WHOLE", 1 << 20)
    known = fingerprint.record(large)
    assert (known.sha256, known.sampled) == ("", fingerprint.sampled(large))
    assert "sha256" not in known.to_json()
    assert fingerprint.is_same(large, known)


def test_what_an_earlier_version_called_sha256_of_a_large_file_is_compared_as_samples(large):
    known = earlier(large)
    assert (known.sha256, known.sampled) == ("", fingerprint.sampled(large))
    assert fingerprint.is_same(large, known)
    assert fingerprint.is_content(large, known.content)
    overwrite(large.path, 5)
    assert not fingerprint.is_same(large, known)
    assert not fingerprint.is_content(large, known.content)


def test_of_a_small_file_an_earlier_version_told_all(clip):
    known = earlier(clip)
    assert known.sha256 == fingerprint.record(clip).sha256
    assert fingerprint.is_same(clip, known)


def test_parts_of_one_film_cost_one_reading(clip, monkeypatch):
    fingerprint.record(clip)
    monkeypatch.setattr(type(clip.path), "open", lambda *arguments: pytest.fail("it was read again"))
    assert fingerprint.record(Clip("b", clip.path, start=1.0)).sha256


def test_a_picture_of_a_folder_counts(tmp_path):
    folder = tmp_path / "walk"
    folder.mkdir()
    for name in ("1.png", "2.png"):
        (folder / name).write_bytes(name.encode())
    clip = Clip("walk", folder)
    known = fingerprint.record(clip)
    assert fingerprint.stamp(clip) == fingerprint.stamp_of(known)
    overwrite(folder / "2.png", 0)
    assert fingerprint.stamp(clip)[:2] == fingerprint.stamp_of(known)[:2]
    assert fingerprint.stamp(clip) != fingerprint.stamp_of(known)
    assert not fingerprint.is_same(clip, known)


def test_a_file_that_grows_while_it_is_read_is_refused(clip):
    known = fingerprint.record(clip)
    fingerprint.refuse_change(clip, known)
    os.utime(clip.path)
    fingerprint.refuse_change(clip, known)
    with clip.path.open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ClipError, match="changed while it was read"):
        fingerprint.refuse_change(clip, known)


@pytest.fixture
def failing(monkeypatch):
    """Let the status of files fail with that error."""

    def start(number, name=""):
        good = os.stat

        def fail(path, **how):
            if os.fspath(path).endswith(name):
                raise OSError(number, os.strerror(number))
            return good(path, **how)

        monkeypatch.setattr("posecfg.store.fingerprint.os.stat", fail)

    return start


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENOTCONN, errno.ENOMEM])
def test_a_file_whose_status_the_machine_cannot_tell_is_not_called_missing(clip, failing, number):
    known = fingerprint.record(clip)
    failing(number, "a.mp4")
    for ask in (lambda: fingerprint.record(clip), lambda: fingerprint.is_same(clip, known)):
        with pytest.raises(ClipError, match="cannot be read") as caught:
            ask()
        assert type(caught.value) is ClipError
    with pytest.raises(ClipError, match="cannot be read"):
        fingerprint.refuse_change(clip, known)
    assert fingerprint.stamp(clip) is None


def test_one_picture_of_a_folder_that_the_machine_cannot_look_at_fails_the_clip(tmp_path, failing):
    (tmp_path / "1.png").write_bytes(b"1")
    failing(errno.EIO, "1.png")
    with pytest.raises(ClipError) as caught:
        fingerprint.record(Clip("walk", tmp_path))
    assert type(caught.value) is ClipError


def test_only_a_file_that_is_gone_is_told_as_missing(clip, failing):
    clip.path.unlink()
    with pytest.raises(Unreadable, match="not there any more"):
        fingerprint.record(clip)
    failing(errno.EACCES)
    with pytest.raises(Unreadable, match="Permission denied"):
        fingerprint.record(clip)
