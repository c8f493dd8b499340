"""The table that closes a sweep."""

from posecfg.runs.report import Report
from posecfg.runs.scores import Scores
from posecfg.runs.standing import Standing
from posecfg.terminal.console import literal
from posecfg.terminal.sweeps import compared


def shown(*outcomes, width=110):
    console = literal(width=width)
    with console.capture() as said:
        console.print(compared(outcomes))
    return [" ".join(line.split()) for line in said.get().splitlines() if line.strip(" ─")]


def outcome(words, report):
    return {"overrides": ["detector=synthetic", *words], **report.data()}


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
        "job done more than one person failed new frames results",
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
    assert said[2].endswith("no [weights]")
    assert said[3].endswith("b (stopped)")
    assert said[4].endswith("stopped between two jobs")


def test_a_job_that_never_ran_has_no_numbers_and_zero_is_a_score():
    jobs = [
        outcome(["bbox_thr=0.3"], Report("o/a", done=3, frames=30, scores=scores(pck=0))),
        {
            "overrides": ["detector=synthetic", "bbox_thr=0.5"],
            **Report("", error="'o/b' is in use by process 7").data(),
        },
        outcome(["bbox_thr=0.7"], Report("o/c", done=2, frames=20)),
    ]
    assert shown(*jobs)[1:] == [
        "job done new frames pck results",
        "bbox_thr=0.3 3 30 0.0000 a",
        "bbox_thr=0.5 - - - 'o/b' is in use by process 7",
        "bbox_thr=0.7 2 20 - c",
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
    assert shown(*jobs, width=80)[-4:] == [
        "job rows found people mean score jitter px/s² m/s²",
        "detector=blazepose 75.0% 1.00 0.75 50,000 110",
        "detector=movenet 100.0% 0.75 0.75 50,000 -",
        "detector=yolox - - - - -",
    ]
