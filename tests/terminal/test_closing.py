from __future__ import annotations

import pytest

from posecfg.engine.report import Report
from posecfg.terminal.closing import closing
from posecfg.terminal.console import literal
from posecfg.terminal.tables import show_doctor


def shown(report: Report) -> str:
    console = literal(width=100)
    with console.capture() as said:
        console.print(closing(report))
    return said.get()


def test_a_run_that_ended_before_it_was_timed_still_closes():
    assert "Stopped: the disk is full" in shown(Report("out", total=2, done=1, frames=30, error="the disk is full"))


def test_control_characters_of_a_name_are_shown_and_not_obeyed():
    said = shown(Report("out", total=1, failed={"\x1b[31mred\n": "it is empty"}))
    assert "\\x1b[31mred\\n: it is empty" in said
    assert "\x1b[31mred" not in said


@pytest.mark.parametrize("name", ["[/red]", "[red]a", "[link=x]", ":smile:", "[", "\\[bold]"])
def test_brackets_and_colons_of_a_name_are_shown_and_not_obeyed(name):
    said = shown(Report("out", total=1, failed={name: "choose writer=[preview]"}))
    assert f"{name}: choose writer=[preview]" in said


def test_what_to_type_keeps_its_brackets(capsys):
    show_doctor([{"name": "x", "ok": False, "advice": "pip install 'posecfg[movenet]'"}])
    assert "pip install 'posecfg[movenet]'" in " ".join(capsys.readouterr().out.split())
