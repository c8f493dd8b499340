"""The screens of runs that are watched."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from run_states import WORKING, over

from posecfg.review.watching import DEAD, ENDED, HANGS, WORKS, Clips, Folder, Seen
from posecfg.terminal import watching
from posecfg.terminal.watched import drawn, rows


def folder(verdict=WORKS, part="", name="out", **changes):
    return Folder(Path(name), (Seen(part, verdict, replace(WORKING, **changes), False),), Clips(140, 2, 1, 257))


def lines(folders, width=120):
    screen = Console(file=io.StringIO(), width=width)
    screen.print(drawn(folders, width))
    return [line.rstrip() for line in screen.file.getvalue().splitlines()]


def said(one):
    return {word: text for word, text, _ in rows(one)}


@pytest.mark.parametrize("width", [50, 80, 160])
def test_a_run_at_work_tells_where_how_far_and_what_it_waits_for(width):
    found = lines([folder()], width)
    assert found[0] == "out"
    assert all(len(line) <= width for line in found)
    text = " ".join(" ".join(found).split())
    for told in ("process 4711 on", "for 12 min 04 s", "by its clock", "4 of 8 ready", "SLURM job 123", "23/280 clips"):
        assert told in text
    assert "3 of 5 tasks wait in the queue (Resources)" in text
    assert "140 done (120 of them before), 2 dropped, 1 failed, 257 to do" in text
    assert "about 22 min 00 s left" in text
    assert "812 of 1,394 frames" in text
    assert "gpu8" in text


def test_a_run_that_was_asked_to_stop_says_from_where():
    told = said(folder(stop="finish", stop_host="desk"))
    assert told["asked"] == "to stop, from desk: it finishes the 2 clips in work"
    assert "stopping" in told


ENDS = {
    "finished": (over(), {"finished": "2023-11-14"}),
    "stopped": (over("stopped", 130, stop="finish", stop_host="desk"), {"stopped": "by posecfg stop typed on desk"}),
    "an error": (over("error", 1, error="The disk is full."), {"error": ": The disk is full."}),
    "failures": (over("failed", 3), {"ended": "after 12 min 04 s"}),
}


@pytest.mark.parametrize(("changes", "told"), ENDS.values(), ids=ENDS)
def test_a_run_that_ended_says_how_and_when_and_what_to_type_to_go_on(changes, told, monkeypatch):
    found = said(folder(ENDED, **changes))
    for word, text in told.items():
        assert text in found[word]
    goes_on = changes["exit_code"] != 0
    assert (found.get("type") == "posecfg films output_dir=out") == goes_on
    assert (found.get("in") == "/data") == goes_on
    monkeypatch.chdir("/")
    assert "in" not in said(folder(ENDED, **changes, folder="/"))


def test_a_dead_run_and_a_suspended_one_say_what_to_type():
    assert said(folder(DEAD))["dead"].startswith("process 4711 on gpu7 gives no sign of life; it wrote last 12 min")
    assert said(folder(DEAD, command=()))["type"] == "the same command again"
    assert said(folder(HANGS))["type"] == "kill -CONT 4711"


def test_an_earlier_version_left_only_clips():
    assert said(Folder(Path("out"), (), Clips(3)))["clips"] == "3 done"


def test_names_cannot_control_the_terminal():
    evil = "\x1b[2Jx"
    text = "\n".join(lines([folder(executor=evil, engine=evil, waiting=(evil,), error=evil)]))
    assert "\x1b[2J" not in text
    assert "\\x1b[2J" in text


@pytest.mark.parametrize("width", [50, 80, 160])
def test_many_shards_are_summed_up(width):
    runs = []
    for number in range(1, 41):
        state = replace(WORKING, process=replace(WORKING.process, host=f"gpu{number % 6}"))
        runs.append(Seen(f"-{number}of40", WORKS if number % 10 else DEAD, state, False))
    found = lines([Folder(Path("out"), tuple(runs), Clips(5600))], width)
    text = " ".join(" ".join(found).split())
    assert "36 shards (1/40, 2/40, 3/40, 4/40 and 32 more) on gpu1, gpu2, gpu3, gpu4 and 2 more" in text
    assert "dead 4 shards (10/40, 20/40, 30/40, 40/40)" in text
    assert "828/10,080 clips" in text
    assert text.count("3 of 5 tasks wait") == 1
    assert len(found) <= 30
    assert all(len(line) <= width for line in found)


def test_several_folders_have_a_line_each():
    found = lines([folder(name="a"), folder(DEAD, name="b"), folder(ENDED, name="c", **over()), Folder(Path("d"))])
    assert [" ".join(line.split()[:2]) for line in found] == ["a working", "b dead", "c finished", "d unknown"]
    assert "23/280 clips, 212 frames/s, about 22 min 00 s left" in found[0]


def test_where_there_is_no_terminal_a_line_is_printed_for_each_change(capsys):
    with watching.showing() as show:
        show([folder()])
        show([folder()])
        show([folder(waiting=())])
        show([folder(ENDED, **{**over(), "waiting": ("3 of 5 tasks wait in the queue (Resources)",)})])
    first, second, third = capsys.readouterr().out.splitlines()
    assert "out: working, 23/280 clips" in first
    assert first.endswith("; 3 of 5 tasks wait in the queue (Resources)")
    assert second.endswith("left")
    assert "out: finished, 140 done" in third
    assert "wait" not in third


def test_nothing_is_shown_beside_json(capsys):
    with watching.showing(quiet=True) as show:
        show([folder()])
    assert capsys.readouterr().out == ""


def test_a_clip_of_unknown_length_has_an_empty_bar_in_a_picture_that_does_not_move():
    (line,) = [line for line in lines([folder()], 160) if "a-film-with" in line]
    (known,) = [line for line in lines([folder()], 160) if "S1/walking" in line]
    assert "━" in known
    assert "━" not in line
