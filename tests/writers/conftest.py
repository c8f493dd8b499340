from __future__ import annotations

import io
from contextlib import contextmanager

import pytest


class Memory:
    """The ``Files`` of a writer, kept in memory."""

    def __init__(self):
        self.data = {}
        self.about = {}

    @contextmanager
    def open(self, name, about=None):
        assert name not in self.data, f"{name} was opened twice"
        stream = io.BytesIO()
        yield stream
        assert not stream.closed, "the stream belongs to the one who opened it"
        self.data[name] = stream.getvalue()
        self.about[name] = dict(about or {})

    def link(self, name, source, about=None):
        with self.open(name, about) as stream:
            stream.write(source.read_bytes())


@pytest.fixture
def written():
    """Write an extraction with a writer and return what it wrote."""

    def write(writer, extraction):
        files = Memory()
        writer.write(extraction, files)
        return files

    return write


@pytest.fixture
def dropped():
    """Let a writer show a clip that was dropped, and return what it wrote."""

    def write(writer, sight):
        files = Memory()
        writer.write_dropped(sight, files)
        return files

    return write
