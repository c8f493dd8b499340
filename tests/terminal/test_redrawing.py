"""Where a live display is shown: on a terminal that can replace lines, and nowhere else."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from posecfg.terminal import redrawing, waiting
from posecfg.terminal.console import WIDE, literal

ROOT = Path(__file__).parents[2]


@pytest.fixture
def terminal(monkeypatch):
    for name in ("JPY_PARENT_PID", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as stream:
        yield stream
    os.close(master)


def test_a_terminal_can_and_a_file_cannot_even_with_colours(terminal, monkeypatch):
    assert redrawing.can_redraw(terminal)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert redrawing.can_redraw(terminal)
    assert not redrawing.can_redraw(io.StringIO())


@pytest.mark.parametrize(("name", "value"), [("JPY_PARENT_PID", "701"), ("TERM", "dumb")])
def test_what_a_cell_of_a_notebook_starts_and_a_plain_terminal_get_lines(terminal, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert not redrawing.can_redraw(terminal)
    with waiting.shown([], terminal) as tell:
        assert tell.__qualname__.endswith("<lambda>")


def test_a_file_with_colours_is_as_wide_as_one_without(terminal, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert literal().width == WIDE


@pytest.mark.parametrize("colours", ["1", ""])
def test_a_log_has_a_line_for_each_clip_and_no_display(tmp_path, colours):
    words = ("dataset=synthetic", "detector=synthetic", "dataset.clips=2", "dataset.frames=4", "workers=0")
    environment = {name: value for name, value in os.environ.items() if name != "JPY_PARENT_PID"}
    done = subprocess.run(
        [sys.executable, ROOT / "run.py", *words],
        cwd=tmp_path,
        env=environment | {"FORCE_COLOR": colours, "TERM": "xterm-256color"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "[2/2] synthetic_0001: 4 frames" in done.stdout
    assert "\x1b[?25l" not in done.stdout
    assert "\x1b[2K" not in done.stdout
