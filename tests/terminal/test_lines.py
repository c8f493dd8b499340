"""What ``console=lines`` prints."""

import io
from pathlib import Path

import pytest
from whole_runs import job_of

from posecfg.executors.protocol import Finished, Placed
from posecfg.pipeline.work import Outcome, Work
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.runs.second_person import Crowd
from posecfg.store.ledger_row import Row
from posecfg.terminal.console import literal
from posecfg.terminal.lines import Lines
from posecfg.types import Clip, Excluded

BROKEN = {"unreadable": True}
DROPPED = "more than one person: 2 above bbox_thr=0.3 in frame 17 of those looked at"


class Screen:
    """The lines that were printed, and how to have more of them."""

    def __init__(self, **report):
        self.console = literal(width=40)
        self.console.file = io.StringIO()
        self.lines = Lines(self.console)
        self.report = Report("out", **report)

    def begin(self, works, excluded=(), why=None):
        found = Survey(work=[Work(Clip(name, Path(name)), ("npy",)) for name in works])
        found.why.update(why or {"new": len(works)})
        self.report.to_do = len(works)
        self.lines.begin(job_of("out"), self.report, found, excluded)
        said = self.said()
        return said[said.index("Building processing tasks...") + 1 :]

    def hear(self, row, *written, fresh=True):
        outcome = Outcome(row, fresh=fresh, written=written)
        self.report.add(outcome)
        self.lines.event(Finished(row.id, outcome))
        return self.said()

    def end(self):
        self.lines.end(self.report)
        return self.said()

    def said(self):
        text = self.console.file.getvalue()
        self.console.file = io.StringIO()
        return text.splitlines()


def left_out(reason, number, first=1):
    return [Excluded(f"line {first + i}: x", reason) for i in range(number)]


def test_what_is_waited_for_is_told_where_it_changes():
    screen = Screen()
    for number, waiting in enumerate([("2 tasks wait",), ("2 tasks wait",), (), ("1 task waits",)]):
        screen.lines.event(Placed("grid", number, waiting))
    assert screen.said() == ["2 tasks wait", "1 task waits"]


def test_the_opening_counts_what_gates_left_out():
    screen = Screen(total=850, already=10, skipped={"a": DROPPED, "b": "frame rate too low: 10 fps, at least 24 fps"})
    excluded = [
        *left_out("too short (<0.2 s)", 100),
        *left_out("too long (>60 s)", 20),
        *left_out("video not found", 30),
        *left_out("the same as an earlier line", 2),
        Excluded("1,200 segments", "not among dataset.only"),
        Excluded("1,000 more", "too short (<0.2 s)"),
    ]
    assert screen.begin([f"s{i}" for i in range(838)], excluded, {"new": 800, "failed before": 38}) == [
        "Total segments: 3,202",
        "Existing: 10",
        "Too short (<0.2 s): 1,100 (lines 1, 2, 3, 4, 5 and 1,095 more)",
        "Too long (>60 s): 20 (lines 1, 2, 3, 4, 5 and 15 more)",
        "Missing videos: 30 (lines 1, 2, 3, 4, 5 and 25 more)",
        "Skipped before (multi-person): 1",
        "Skipped before (fps out of range): 1",
        "Not taken (the same as an earlier line): 2 (lines 1, 2)",
        "Not taken (not among dataset.only): 1,200",
        "All that is not taken, by name: posecfg plan ... --json",
        "Valid tasks: 838 (800 new, 38 failed before)",
        "",
        "Processing segments...",
    ]


def test_files_that_are_no_segments_are_not_counted_as_such():
    others = [Excluded("notes.txt", "not a film"), Excluded("12 files .md", "not a film")]
    said = Screen(total=1).begin(["a"], others)
    assert said[:3] == [
        "Total segments: 1",
        "Not taken (not a film): 13 (notes.txt, 12 files .md)",
        "Valid tasks: 1",
    ]


def test_failures_are_gathered_by_reason_and_those_of_the_input_have_a_counter_of_their_own():
    screen = Screen(total=7)
    screen.begin("abcdefg")
    for i, name in enumerate("abcde"):
        row = Row(name, "failed", f"Expected v/{name}.mp4 to be a film, but it ends at {i} s.", facts=BROKEN)
        screen.hear(row)
    screen.hear(Row("f", "failed", "Expected v/f.mp4 to be a film, but it is empty.", facts=BROKEN))
    screen.hear(Row("g", "failed", "RuntimeError: no"))
    assert screen.end()[1:8] == [
        "Extraction ended: 7 segments failed. Type the same command to try again; for 6 of them mend what "
        "the reasons name first.",
        "Processed: 0 segments",
        "Unreadable: 6",
        "  5: Expected v/a.mp4 to be a film, but it ends at 0 s. (a, b, c and 2 more)",
        "  f: Expected v/f.mp4 to be a film, but it is empty.",
        "Failed: 1",
        "  g: RuntimeError: no",
    ]


def test_where_only_the_input_is_at_fault_nobody_is_told_to_try_again():
    screen = Screen(total=2)
    screen.begin("ab")
    screen.hear(Row("a", "failed", "it is empty", facts=BROKEN))
    screen.hear(Row("b", "done", frames=3))
    said = screen.end()
    assert said[1] == (
        "Extraction ended: 1 segment cannot be read. Mend what the reasons name before the same command is typed again."
    )
    assert "Failed" not in "".join(said)


def test_the_closing_tells_where_and_how_long():
    said = Screen(total=1, done=1, frames=3, device="cpu", workers=2, seconds=75.0).end()
    assert "Device: cpu, 2 workers, 1 min 15 s" in said


def test_one_numbered_line_a_clip_that_is_never_broken():
    screen = Screen(total=4)
    screen.begin(["abc123-000", "b", "c", "d"])
    long = "a-very-long-name-of-a-folder/" * 3
    row = Row("abc123-000", "done", frames=72, warnings=("ends 1.3 s after the film",))
    said = screen.hear(row, f"{long}abc123-000.npy", "abc123-000.json")
    assert said == [f"[1/4] abc123-000: 72 frames → out/{long}abc123-000.npy and 1 more (ends 1.3 s after the film)"]
    assert screen.hear(Row("b", "skipped", DROPPED)) == [f"⊗ [2/4] b: Skipped ({DROPPED})"]
    assert screen.hear(Row("c", "failed", "it is empty")) == ["✗ [3/4] c: FAILED: it is empty"]
    assert screen.hear(Row("d", "done", frames=1), fresh=False) == ["[4/4] d: 1 frame → no new file"]


def test_control_characters_and_brackets_are_shown_and_not_obeyed():
    screen = Screen(total=1)
    screen.begin(["[red]\x1b[31m"])
    assert screen.hear(Row("[red]\x1b[31m", "failed", "[/]")) == ["✗ [1/1] [red]\\x1b[31m: FAILED: [/]"]


def test_the_closing_of_a_complete_run():
    screen = Screen(total=4, already=1, crowd=Crowd(0.3, 0.3))
    screen.begin(["a", "b", "c"])
    screen.hear(Row("a", "done", frames=60_000), "a.npy")
    screen.hear(Row("b", "done", frames=984), "b.npy")
    screen.hear(Row("c", "skipped", DROPPED, facts={"people": 2, "second_score": 0.55}))
    assert screen.end() == [
        "",
        "Extraction complete!",
        "Processed: 2 segments",
        "Existing: 1",
        "Skipped (multi-person): 1",
        "Two people: 1 above bbox_thr=0.3; other thresholds would drop at least 1 above 0.4 to 0.5",
        "Total frames: 60,984",
        "Output directory: out",
    ]


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        ({"error": "the disk is full"}, "Extraction stopped: the disk is full"),
        ({"stopped": True}, "Extraction stopped. Type the same command to go on where it stopped."),
        ({"failed": {"x": "why"}}, "Extraction ended: 1 segment failed. Type the same command to try again."),
        (
            {"failed": {"x": "why"}, "to_do": 3, "ended": 1},
            "Extraction stopped: 1 segment failed. Type the same command to try again.",
        ),
        ({"total": 0}, "There was no segment to look at."),
    ],
)
def test_complete_is_said_only_when_it_is(report, verdict):
    said = Screen(**({"total": 3, "done": 1, "frames": 5} | report)).end()
    assert said[1] == verdict
    assert "omplete" not in "".join(said)
    assert "Processed: 1 segment" in said


def test_a_stop_that_left_nothing_to_do_asks_for_nothing():
    said = Screen(total=1, done=1, frames=5, to_do=1, ended=1, stopped=True, whole=True).end()
    assert said[1] == "Extraction complete!"


def test_the_closing_tells_everything_that_is_not_as_hoped():
    screen = Screen(total=9, to_do=7, ended=5, done=3, empty=2, failed={"f": "x"}, warned={"w": "y"})
    screen.report.scores.single["pck"] = [0.5, 1.0]
    assert screen.end()[2:] == [
        "Processed: 3 segments",
        "No person found: 2 (their rows are all missing)",
        "Failed: 1",
        "  f: x",
        "With a warning: 1",
        "Not tried: 2",
        "Score pck: 0.7500, mean of 2 clips",
        "Total frames: 0",
        "Output directory: out",
    ]


def test_rows_that_are_missing_and_made_up_are_counted():
    said = Screen(total=2, done=2, rows=40, missing={"a": 3}, made={"a": 4, "b": 6}).end()
    assert "Missing rows: 3 of 40 rows, all in a: they hold no person" in said
    assert "Made-up rows: 10 of 40 rows (25%), in 2 segments: interpolated or held" in said


def test_files_of_others_are_named_and_are_not_said_to_be_done():
    taken = {name: f"already there: 'out/{name}.npy', and no record says so" for name in "ab"}
    screen = Screen(total=3, skipped=taken)
    said = screen.begin(["c"])
    assert said[1:3] == [
        "Files in the way that posecfg did not write: 2",
        "  2: already there: 'out/a.npy', and no record says so (a, b)",
    ]
    screen.hear(Row("c", "done", frames=3), "c.npy")
    said = screen.end()
    assert said[1] == "Extraction complete, but for 2 segments whose place is taken by another file."
    assert "Files in the way that posecfg did not write: 2" in said
    assert not any("Skipped" in line for line in said)


def test_numbers_that_were_clipped_are_counted():
    screen = Screen(total=2, writers=frozenset({"npy", "csv"}))
    screen.begin("ab")
    screen.hear(Row("a", "done", frames=3, facts={"clipped": {"npy": 1200, "csv": 34, "of a run before": 9}}), "a.npy")
    screen.hear(Row("b", "done", frames=3, facts={"clipped": {"npy": 0}}), "b.npy")
    assert "Clipped to 0 to 1: 1,234 numbers in 1 segment" in screen.end()
