"""Standard streams that go on: also where a signal's handler writes in the midst of writing."""

from __future__ import annotations

import io

import pytest

from posecfg.commands.streams import Output


class Interrupted(io.StringIO):
    """A stream in whose ``write`` or ``flush`` a signal comes once, whose handler writes and flushes too."""

    def __init__(self, where):
        super().__init__()
        self.where, self.busy, self.out = where, False, Output(self)

    def _enter(self, where):
        if self.busy:
            raise RuntimeError("reentrant call")
        if where == self.where:
            self.where, self.busy = "", True
            self.out.write("Stopping.\n")
            self.out.flush()
            self.busy = False

    def write(self, text):
        self._enter("write")
        return super().write(text)

    def flush(self):
        self._enter("flush")


@pytest.mark.parametrize("where", ["write", "flush"])
def test_what_a_handler_writes_comes_after_what_was_being_written(where):
    stream = Interrupted(where)
    stream.out.write("[1/6] a: 3 frames\n")
    stream.out.flush()
    assert stream.getvalue() == "[1/6] a: 3 frames\nStopping.\n"
    stream.out.write("[2/6] b: 3 frames\n")
    assert stream.getvalue().endswith("Stopping.\n[2/6] b: 3 frames\n")


def test_after_an_error_nothing_is_written():
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

    out = Output(Full())
    assert out.write("a") == 1
    assert out.error.errno == 28
    out.write("b")
    out.flush()
