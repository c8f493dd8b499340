"""The width of what is printed, blanks at the ends of lines, and what is said where nothing reads it."""

import io
import os
import sys
import threading

import pytest
from rich.console import Console
from rich.text import Text

from posecfg.pipeline.work import Outcome
from posecfg.runs.report import Report
from posecfg.store.ledger_row import Row
from posecfg.terminal.closing import closing
from posecfg.terminal.console import USUAL, in_sight, literal, say, say_in_sight


@pytest.mark.parametrize("columns", ["0", "1", "9"])
def test_a_width_that_is_none_hides_nothing(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert literal().width == USUAL


@pytest.mark.parametrize("seconds", [0.0, 5.0])
def test_what_no_program_reads_is_said_on_the_standard_error(capsys, seconds):
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as pipe:
        console = Console(file=pipe, width=80)
        assert in_sight(console) is console
        end = threading.Timer(seconds / 100, os.close, (reader,))
        end.start()
        if not seconds:
            end.join()
        found = in_sight(console, seconds)
        end.join()
    assert found is not console
    assert say_in_sight(found, Text("Stopping: a")) is found
    assert capsys.readouterr().err == "Stopping: a\n"


def test_a_line_is_said_once_where_it_is_read(capsys):
    console = Console(file=io.StringIO(), width=80)
    assert say_in_sight(console, Text("Stopping")) is console
    assert console.file.getvalue() == "Stopping\n"
    assert capsys.readouterr().err == ""


def test_ctrl_c_is_answered_on_the_terminal_where_the_output_is_kept_in_a_file(tmp_path, monkeypatch, capsys):
    with (tmp_path / "log").open("w") as log:
        monkeypatch.setattr(sys, "stdout", log)
        console = literal()
        assert say_in_sight(console, Text("Stopping: a")) is console
        assert capsys.readouterr().err == ""
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        assert say_in_sight(console, Text("Stopping: b")) is console
    assert capsys.readouterr().err == "Stopping: b\n"
    assert (tmp_path / "log").read_text() == "Stopping: a\nStopping: b\n"


def test_lines_of_a_log_end_without_blanks(capsys):
    report = Report("out", total=1)
    report.add(Outcome(Row("a", "done", frames=100, seconds=2.0)))
    console = literal()
    console.print(closing(report, console.width))
    console.print(Text("a name  \nwith blanks"))
    lines = capsys.readouterr().out.splitlines()
    assert any("done" in line for line in lines)
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize(("is_terminal", "lines"), [(True, 3), (False, 1)])
def test_lines_end_between_words_on_a_terminal_and_are_whole_elsewhere(is_terminal, lines, monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: is_terminal)
    text = "Stopping: the clip in work is finished first."
    say(Console(width=20, file=screen, color_system=None), Text(text))
    said = screen.getvalue().splitlines()
    assert len(said) == lines
    assert " ".join(line.strip() for line in said) == text
