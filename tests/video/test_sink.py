"""What the muxer writes to: the first error of a disk is raised, and no other."""

from __future__ import annotations

import errno
import io

import pytest

from posecfg.video.sink import Sink


class Full(io.BytesIO):
    """A file on a disk that is full: whatever flushes it fails."""

    def fail(self, *arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    write = seek = tell = read = fail


@pytest.mark.parametrize("first", ["write", "seek", "tell", "read"])
def test_only_the_first_error_is_raised(first):
    sink = Sink(Full())
    back = sink.reopen("", 0, {})
    calls = {"write": lambda: sink.write(b"abc"), "seek": lambda: sink.seek(5), "tell": sink.tell}
    calls["read"] = lambda: back.read(9)
    with pytest.raises(OSError, match="No space left"):
        calls[first]()
    assert [call() for call in calls.values()] == [3, 0, 0, b""]


def test_a_second_view_reads_from_the_beginning_and_leaves_the_first_where_it_is():
    stream = io.BytesIO()
    sink = Sink(stream)
    sink.write(b"abcdef")
    back = sink.reopen("", 0, {})
    assert (back.read(2), back.read(2)) == (b"ab", b"cd")
    sink.write(b"g")
    assert (back.seek(1), back.seek(1, 1), back.tell(), back.read(9)) == (1, 2, 2, b"cdefg")
    assert stream.getvalue() == b"abcdefg"
