"""How pages of text are laid out."""

from __future__ import annotations

import re
import sys

import pytest

from posecfg.commands import help as pages
from posecfg.terminal.layout import columns, command, table, wrapped


def test_names_are_bold_on_a_terminal_only(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    plain = pages.text(["sampler=fps"])
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" not in pages.text(["sampler=fps"])
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    styled = pages.text(["sampler=fps"])
    assert "\x1b[1msampler.rate=24.0\x1b[0m" in styled
    assert re.sub(r"\x1b\[\dm", "", styled) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert pages.text(["sampler=fps"]) == plain


@pytest.mark.parametrize(
    ("said", "found"), [("80", 80), ("20", 40), ("500", 110), ("0", 110), ("wide", 110), ("-5", 110), ("", 110)]
)
def test_the_width_is_that_of_the_terminal_within_what_can_be_read(monkeypatch, said, found):
    monkeypatch.setenv("COLUMNS", said)
    assert columns() == found


def test_a_command_that_is_long_goes_on_behind_a_backslash():
    text = command("python run.py film.mp4 detector=movenet persons=all sampler=fps", 40, 2)
    assert text == "  python run.py film.mp4 \\\n      detector=movenet persons=all \\\n      sampler=fps\n"


def test_rows_stand_below_each_other_where_it_is_narrow():
    rows = [("a-name-of-some-length", "what it tells of itself"), ("b", "")]
    assert table(rows, 80) == "  a-name-of-some-length  what it tells of itself\n  b\n"
    assert table(rows, 40) == "  a-name-of-some-length\n    what it tells of itself\n  b\n"
    assert table([], 80) == ""


def test_words_are_never_cut():
    assert wrapped("one https://example.org/a-very-long-address-that-does-not-fit two", 40, 2) == (
        "  one\n  https://example.org/a-very-long-address-that-does-not-fit\n  two\n"
    )
