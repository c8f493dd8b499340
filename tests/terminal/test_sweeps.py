"""The table that closes a sweep."""

import csv

import pytest

from posecfg.errors import OutputError
from posecfg.runs import sweep_file
from posecfg.runs.people import People
from posecfg.runs.report import Report
from posecfg.runs.scores import Scores
from posecfg.runs.standing import Standing
from posecfg.terminal.console import literal
from posecfg.terminal.sweeps import compared


def printed(*outcomes, width=110, file=""):
    console = literal(width=width)
    with console.capture() as said:
        console.print(compared(outcomes, width, file))
    return said.get().splitlines()


def shown(*outcomes, width=110, file=""):
    lines = printed(*outcomes, width=width, file=file)
    return [" ".join(line.split()) for line in lines if line.strip(" ─")]


def outcome(words, report):
    return {"overrides": ["detector=synthetic", *words], **report.data()}


def people(*counts):
    return People(list(counts))


def scores(**single):
    """Return scores of metrics that were asked for."""
    standing = Standing(chosen=frozenset({"metric.any"}))
    return Scores(single={name: [value] for name, value in single.items()}, standing=standing)


DROPPED = "more than one person: 2 above bbox_thr=0.3 in frame 1 of those looked at"


def test_each_job_has_what_tells_it_from_the_others_and_its_counts():
    jobs = [
        outcome(["bbox_thr=0.3", "score_floor=0.3"], Report("o/a", done=10, frames=1200, skipped={"a": DROPPED})),
        outcome(["bbox_thr=0.5", "score_floor=0.3"], Report("o/b", done=10, already=1, frames=1300, failed={"x": "y"})),
    ]
    assert shown(*jobs) == [
        "The jobs of this sweep: o",
        "more than",
        "job done one person failed new frames results",
        "bbox_thr=0.3 10 1 0 1,200 a",
        "bbox_thr=0.5 11 0 1 1,300 b",
    ]


def test_scores_are_compared():
    jobs = [outcome([f"bbox_thr={i}"], Report(f"{i}/x", done=1, scores=scores(pck=i / 10))) for i in (1, 5)]
    assert shown(*jobs)[1:] == ["job done pck results", "bbox_thr=1 1 0.1000 1/x", "bbox_thr=5 1 0.5000 5/x"]


def test_a_job_that_could_not_run_and_a_sweep_that_was_stopped_are_rows_too():
    lost = {"job": 0, "overrides": ["a=1"], **Report("", error="no [weights]").data()}
    halted = outcome(["a=2"], Report("o/b", done=1, stopped=True))
    said = shown(lost, halted, {"error": "stopped between two jobs", "exit_code": 130})
    assert said[1:] == [
        "job done ended results",
        "a=1 - error",
        "detector=synthetic a=2 1 stopped b",
        "- stopped between two jobs",
        "a=1: no [weights]",
    ]


def test_a_job_that_never_ran_has_no_numbers_and_zero_is_a_score():
    jobs = [
        outcome(["bbox_thr=0.3"], Report("o/a", done=3, frames=30, scores=scores(pck=0))),
        {
            "overrides": ["detector=synthetic", "bbox_thr=0.5"],
            **Report("", error="'o/b' is in use by process 7").data(),
        },
        outcome(["bbox_thr=0.7"], Report("o/c", done=2, frames=20)),
        {"overrides": ["detector=synthetic", "bbox_thr=0.9"], "error": "not started", "exit_code": 3},
    ]
    assert shown(*jobs)[1:] == [
        "job done pck new frames ended results",
        "bbox_thr=0.3 3 0.0000 30 a",
        "bbox_thr=0.5 - - - error",
        "bbox_thr=0.7 2 - 20 c",
        "bbox_thr=0.9 - - - not started",
        "bbox_thr=0.5: 'o/b' is in use by process 7",
        "1 job was not started, as another one failed (on_error=stop).",
    ]


def test_scores_that_no_job_asked_for_are_not_compared():
    asked, earlier = scores(pck=0.5), Scores(single={"pck": [0.4], "epe_px": [7]})
    jobs = [outcome([f"a={i}"], Report(f"o/{i}", done=1, scores=one)) for i, one in enumerate((asked, earlier))]
    assert shown(*jobs)[1:] == ["job done pck results", "a=0 1 0.5000 0", "a=1 1 - 1"]


def test_one_job_alone_is_named_in_full():
    assert shown(outcome(["bbox_thr=0.3"], Report("o/a", done=1)))[-1] == "detector=synthetic bbox_thr=0.3 1 a"


def test_broken_input_has_a_column_of_its_own():
    broken = Report("o/b", done=1, failed={"x": "empty", "y": "it died"}, unreadable={"x"})
    said = shown(outcome(["a=1"], Report("o/a", done=3)), outcome(["a=2"], broken))
    assert said[1:] == ["job done unreadable failed results", "a=1 3 0 0 a", "a=2 1 1 1 b"]


def test_many_scores_have_a_table_of_their_own():
    names = ("ap", "ar", "ap50", "ar50", "epe_px")
    known = [scores(**{name: i + place for place, name in enumerate(names)}) for i in (0, 5)]
    known[1].single.pop("ar")
    jobs = [outcome([f"bbox_thr={i}"], Report(f"{i}/x", done=1, scores=one)) for i, one in enumerate(known)]
    assert shown(*jobs)[1:] == [
        "job done results",
        "bbox_thr=0 1 0/x",
        "bbox_thr=1 1 1/x",
        "score bbox_thr=0 bbox_thr=1",
        "ap 0.0000 5.0000",
        "ar 1.0000 -",
        "ap50 2.0000 7.0000",
        "ar50 3.0000 8.0000",
        "epe_px 4.0000 9.0000",
    ]


def test_what_poses_tell_of_themselves_is_compared_too():
    sums = {"rows": 8, "found": 6, "persons": 6, "points": 4, "score": 3.0, "jitter_px": 4e6, "jitters_px": 80}
    jobs = []
    for name, more in (("blazepose", {"jitter_m": 880.0, "jitters_m": 8}), ("movenet", {"found": 8})):
        report = Report(f"o/{name}", done=1)
        report.quality.add(sums | more)
        jobs.append(outcome([f"detector={name}"], report))
    jobs.append({"overrides": ["detector=synthetic", "detector=yolox"], **Report("", error="no").data()})
    *said, _, remark = shown(*jobs)
    assert remark.startswith("Scores of one detector cannot be held against those of another")
    assert said[1:] == [
        "people a jitter jitter",
        "job done mean score rows found row px/s² m/s² ended results",
        "detector=blazepose 1 0.75 75.0% 1.00 50,000 110 blazepose",
        "detector=movenet 1 0.75 100.0% 0.75 50,000 - movenet",
        "detector=yolox - - - - - - error",
    ]


def test_thresholds_that_keep_other_people_do_not_look_alike():
    reports = [Report(f"o/{n}", done=2, people=people(n, 0), missing={"a": n}, rows=9) for n in (7, 4, 3)]
    jobs = [outcome([f"bbox_thr=0.{i}"], report) for i, report in enumerate(reports, 1)]
    said = shown(*jobs)
    assert said[1:3] == ["rows", "job done people no person missing results"]
    assert said[3:] == ["bbox_thr=0.1 2 7 1 7 7", "bbox_thr=0.2 2 4 1 4 4", "bbox_thr=0.3 2 3 1 3 3"]
    assert [(job["people"], job["people_median"], job["clips_without_person"]) for job in jobs] == [
        (7, 3.5, 1),
        (4, 2, 1),
        (3, 1.5, 1),
    ]


def test_people_of_records_of_earlier_versions_are_not_known():
    job = outcome(["a=1"], Report("o/a", done=2, people=People([2], untold=1)))
    assert (job["people"], job["people_median"]) == (None, None)
    assert shown(job)[1:] == ["job done results", "detector=synthetic a=1 2 a"]


@pytest.fixture
def wide():
    """Return outcomes that have more to tell than a narrow screen has room for."""
    jobs = []
    for thr in (1, 2):
        report = Report(f"o/synthetic-{'x' * 20}-{thr}", done=1, frames=4000, seconds=12.34, people=people(3), rows=9)
        report.skipped, report.failed, report.missing = {"a": DROPPED}, {"b": "it died"}, {"c": 2}
        report.scores = scores(pck=0.5)
        report.quality.add(
            {"rows": 8, "found": 6, "persons": 6, "points": 4, "score": 3.0, "jitter_px": 4, "jitters_px": 8}
        )
        jobs.append(outcome([f"detector.a_long_name.of_a_setting_that_takes_room=0.{thr}"], report))
    return jobs


@pytest.mark.parametrize(("width", "left_out"), [(40, 12), (80, 9), (120, 7), (240, 0)])
def test_what_matters_least_is_left_out_where_the_screen_is_narrow(wide, width, left_out):
    lines = printed(*wide, width=width, file="o/sweep.csv")
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert "All numbers of all jobs: o/sweep.csv" in text
    told = text.partition("No room here for ")[2].partition(".")[0]
    assert len(told.split(", ") if told else []) == left_out
    assert "done" in text


def test_no_cell_is_cut_at_any_width(wide):
    cut = [width for width in range(40, 241) if any("…" in line for line in printed(*wide, width=width))]
    assert cut == []


def test_the_file_of_a_sweep_has_all_numbers_of_all_jobs(wide, tmp_path):
    alone = {"job": 2, "overrides": ["detector=synthetic", "x=[a,b]"], "error": "not started", "exit_code": 130}
    path = sweep_file.write(tmp_path, [*wide, alone])
    assert [file.name for file in tmp_path.iterdir()] == ["sweep.csv"]
    first, second, third = csv.DictReader(path.read_text("utf-8").splitlines())
    assert first["detector.a_long_name.of_a_setting_that_takes_room"] == "0.1"
    assert (first["done"], first["skipped: more than one person"], first["failed"], first["people"]) == (
        "1",
        "1",
        "1",
        "3",
    )
    assert (first["scores.pck"], first["quality.score"], first["rows_missing"], first["seconds"]) == (
        "0.5",
        "0.75",
        "2",
        "12.34",
    )
    assert second["output_dir"].endswith("-2")
    assert {name: value for name, value in third.items() if value} == {
        "job": "2",
        "x": "[a,b]",
        "exit_code": "130",
        "error": "not started",
    }


def test_a_file_that_cannot_be_written_is_one_sentence(wide, tmp_path):
    (tmp_path / "sweep.csv").mkdir()
    with pytest.raises(
        OutputError, match=r"The table of the sweep, '.*sweep\.csv', cannot be written \(Is a directory\)"
    ):
        sweep_file.write(tmp_path, wide)
    assert [file.name for file in tmp_path.iterdir()] == ["sweep.csv"]


def test_a_job_that_dropped_nobody_has_a_number_for_the_reason_of_another(tmp_path):
    crowded = outcome(["persons=only"], Report("out/1", total=2, done=1, skipped={"a": "more than one person: 2"}))
    other = outcome(["persons=all"], Report("out/2", total=2, done=2))
    lines = csv.DictReader(sweep_file.write(tmp_path, [crowded, other]).read_text("utf-8").splitlines())
    assert [line["skipped: more than one person"] for line in lines] == ["1", "0"]


def test_how_many_clips_a_job_recalled_is_in_the_table_and_in_the_file(tmp_path):
    first, second = (Report(f"out/{name}", total=2, done=2, frames=9) for name in "ab")
    second.files.recalled = 2
    jobs = [outcome([f"bbox_thr=0.{number}"], one) for number, one in enumerate((first, second), 1)]
    lines = csv.DictReader(sweep_file.write(tmp_path, jobs).read_text("utf-8").splitlines())
    assert [line["recalled"] for line in lines] == ["0", "2"]
    assert "recalled" in " ".join(shown(*jobs))
