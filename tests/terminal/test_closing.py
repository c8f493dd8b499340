from __future__ import annotations

import pytest

from posecfg.pipeline.work import Outcome
from posecfg.runs.made_files import MadeFiles
from posecfg.runs.origin import Origin
from posecfg.runs.rates import Rates
from posecfg.runs.report import Report
from posecfg.store.ledger_row import Row
from posecfg.terminal.closing import closing
from posecfg.terminal.console import literal
from posecfg.terminal.health import show_named
from posecfg.timing import Spread


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
    package = {"kind": "backend", "name": "x", "ok": False, "required": False, "detail": "why"}
    show_named([package | {"advice": "pip install 'posecfg[movenet]'"}])
    assert "pip install 'posecfg[movenet]'" in " ".join(capsys.readouterr().out.split())


def test_broken_input_is_told_apart_and_has_to_be_mended_first():
    broken = {f"c{i}": f"Expected v/c{i}.mp4 to be a film, but it is empty." for i in range(3)}
    said = " ".join(shown(Report("out", total=4, done=1, failed=broken, unreadable=set(broken))).split())
    assert "unreadable 3 c0 and 2 more: Expected v/c0.mp4 to be a film, but it is empty." in said
    assert "3 clips cannot be read. Mend what the reasons name before the same" in said
    assert "failed" not in said
    both = Report("out", total=4, failed=broken | {"x": "it died"}, unreadable=set(broken))
    said = " ".join(shown(both).split())
    assert "failed 1 x: it died" in said
    assert "4 clips failed. Type the same command to try again; for 3 of them mend what the reasons name" in said
    assert "1 clip failed. Type the same command to try again. Results: out" in shown(
        Report("out", total=1, failed={"x": "y"})
    )


def test_files_of_somebody_else_in_every_place_are_no_success():
    taken = {"a": "already there: 'out/a.npy', and no record says that posecfg wrote it for this clip"}
    short = {"b": "too short: 1 s, at least 2 s was asked for"}
    nothing = "Nothing was written: files that posecfg did not write for these clips are in the way."
    for report in (Report("out", total=1, skipped=taken), Report("out", total=2, skipped=taken | short)):
        assert nothing in shown(report)
        assert report.exit_code == 1
    for report, code in (
        (Report("out", total=2, already=1, skipped=taken), 3),
        (Report("out", total=1, skipped=short), 0),
    ):
        assert nothing not in shown(report)
        assert report.exit_code == code


def test_files_of_somebody_else_in_some_places_are_said_in_the_last_line():
    taken = {"a": "already there: 'out/a.npy', and no record says that posecfg wrote it for this clip"}
    said = " ".join(shown(Report("out", total=2, done=1, skipped=taken)).split())
    assert said.endswith("1 clip left out: files that are not theirs are in the way. Results: out")


def test_rows_without_a_person_have_a_line():
    said = " ".join(shown(Report("out", total=5, done=5, rows=2755, missing={"a": 390, "b": 9})).split())
    assert "missing rows 399 of 2,755 rows, in 2 clips: they hold no person" in said
    assert "missing rows" not in shown(Report("out", total=5, done=5, rows=2755))


@pytest.mark.parametrize(("total", "where"), [(1, "in 1 clip"), (2, "all in a")])
def test_the_one_clip_in_which_rows_are_missing_is_named_among_several(total, where):
    said = " ".join(shown(Report("out", total=total, done=total, rows=9, missing={"a": 4})).split())
    assert f"missing rows 4 of 9 rows, {where}: they hold no person" in said


def test_rows_that_were_made_up_have_a_line():
    said = " ".join(shown(Report("out", total=5, done=5, rows=2755, made={"a": 390, "b": 9})).split())
    assert "made-up rows 399 of 2,755 rows (14%), in 2 clips: interpolated or held" in said
    assert "made-up rows" not in shown(Report("out", total=5, done=5, rows=2755))


def test_speed_is_told_where_frames_were_looked_at():
    said = " ".join(shown(Report("out", total=1, done=1, frames=300, seconds=10.0)).split())
    assert "frames/s 30 end to end in 10 s device" in said, "no stage was measured, so that nothing follows"
    assert "this process" in said
    assert "frames/s" not in shown(Report("out", total=1, already=1, seconds=10.0))


def timed(**origin):
    """Return a report whose frames took a tenth of a second in each stage."""
    report = Report("out", total=1, origin=Origin(**origin), seconds=10.0)
    stages = {name: Spread() for name in ("decode", "preprocess", "inference", "postprocess", "lift", "encode")}
    for spread in stages.values():
        spread.add(1.0, 10)
    report.add(Outcome(Row("a", "done", frames=10), stages))
    return report


def test_a_speed_of_models_is_told_where_a_model_looked_at_frames():
    found = timed()
    assert "one worker alone: decode 10, model 3" in shown(found)
    assert all(name in shown(found) for name in found.stages)
    lifted = timed(detected=False)
    assert "; one worker alone: decode 10\n" in "\n".join(line.rstrip() for line in shown(lifted).splitlines())
    assert [name for name in lifted.stages if name not in shown(lifted)] == ["preprocess", "inference"]
    replayed = shown(timed(detected=False, replayed=True))
    assert [name for name in found.stages if name in replayed] == ["decode", "encode"]


def test_the_files_that_were_made_are_counted_with_their_size_and_place():
    report = Report("out", total=3)
    names = [("a/frame_0.jpg", "a/frame_1.jpg", "a/map.json"), ("b/frame_0.jpg", ".posecfg/parts/coco/b.json"), ()]
    for number, written in enumerate(names):
        report.add(Outcome(Row(str(number), "done", frames=2), written=written, bytes=2_000_000))
    assert "files 4 3 .jpg, 1 .json, 6.0 MB" in " ".join(shown(report).split())
    assert (report.data()["files"], report.data()["bytes"]) == (4, 6_000_000)
    assert "files" not in shown(Report("out", total=1, already=1))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["coco/train/a.jpg", "coco/val/b.jpg"], ".jpg, 5 B, in coco: train/a.jpg, val/b.jpg"),
        (["x/a.npy"], ".npy, 5 B, in x: a.npy"),
        (["a.npy", "x/a.npy"], ".npy, 5 B: a.npy, x/a.npy"),
        (["README", "a.b.npy"], "1 without a suffix, 1 .npy, 5 B: README, a.b.npy"),
        ([f"a.{i}" for i in "11122334456"], "3 .1, 2 .2, 2 .3, 2 .4, 2 others, 5 B: a.1, a.1, a.1 ..."),
    ],
)
def test_files_of_several_clips_are_in_the_folder_that_all_share(names, told):
    files = MadeFiles()
    for name in names:
        files.add([name], 0)
    files.add([], 5)
    assert files.sentence() == told


def measured(clips=2, **sums):
    """Return a report of two clips, some of which told their quality."""
    report = Report("out", total=2, done=2, frames=100)
    for _ in range(clips):
        report.quality.add(sums)
    return report


PERSON = {"rows": 50, "found": 48, "persons": 48, "points": 816, "score": 700.0}


def test_how_often_a_person_was_found_and_how_steadily_has_two_lines():
    moving = {"jitter_px": 4e5, "jitters_px": 800, "jitter_m": 2000.0, "jitters_m": 800}
    said = " ".join(shown(measured(**PERSON, **moving)).split())
    assert "found 96.0% of the rows show 1 person, mean score 0.86" in said
    assert "jitter 500 px/s² (2.5 m/s²), mean acceleration of keypoints" in said
    several = " ".join(shown(measured(1, **PERSON | {"persons": 120})).split())
    assert "found 96.0% of the rows show 2.5 people, mean score 0.86 (1 of 2 clips)" in several
    assert "jitter" not in several


def test_where_nothing_is_known_of_quality_there_is_no_line():
    for report in (measured(0), measured(rows=50)):
        assert "found" not in shown(report)


def test_a_recalled_clip_tells_no_speed_of_a_model():
    recalled = timed()
    recalled.rates = Rates()
    stages = {name: Spread() for name in ("preprocess", "inference", "postprocess")}
    for spread in stages.values():
        spread.add(0.01, 10)
    recalled.rates.add(Outcome(Row("a", "done", frames=10), stages, helped=True))
    assert recalled.model_rate() is None
    assert "model" not in shown(recalled)
    found = timed()
    found.add(Outcome(Row("b", "done", frames=10), stages, helped=True))
    assert found.data()["frames_per_second"]["model"] == timed().data()["frames_per_second"]["model"]
