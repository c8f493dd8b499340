"""What other thresholds would drop."""

import pytest
from whole_runs import SMALL, go, sidecar_of

from posecfg.runs.second_person import Crowd
from posecfg.store.ledger_row import Row


def crowd(*clips, bbox_thr=0.5, floor=0.2):
    found = Crowd(bbox_thr, floor)
    for second, dropped in clips:
        facts = {"second_score": second} | ({"people": 2} if dropped else {})
        found.add(Row("a", "skipped" if dropped else "done", facts=facts))
    return found


def test_each_threshold_counts_the_clips_with_two_people_above_it():
    found = crowd((0.9, True), (0.61, True), (0.45, False), (0.0, False)).counts()
    assert found == {"0.2": 3, "0.3": 3, "0.4": 3, "0.5": 2, "0.6": 2, "0.7": 1, "0.8": 1, "0.9": 0}


def test_a_dropped_clip_counts_at_the_threshold_that_dropped_it_however_its_score_was_rounded():
    assert crowd((0.5, True)).counts()["0.5"] == 1
    assert crowd((0.5, False)).counts()["0.5"] == 0


def test_nothing_is_said_below_what_detectors_report():
    assert list(crowd((0.7, True), bbox_thr=0.45, floor=0.45).counts()) == ["0.45", "0.5", "0.6", "0.7", "0.8", "0.9"]


def test_the_sentence_names_steps_where_the_count_changes():
    said = crowd((0.85, True), (0.61, True), (0.45, False)).sentence()
    assert said == (
        "2 above bbox_thr=0.5; other thresholds would drop at least 3 above 0.2 to 0.4, 2 above 0.6, 1 above 0.7 to 0.8"
    )


def test_thresholds_above_which_nobody_is_second_are_not_told():
    assert crowd((0.15, True), bbox_thr=0.01, floor=0.01).sentence() == "1 above bbox_thr=0.01"
    assert crowd((0.45, False)).sentence() == (
        "0 above bbox_thr=0.5; other thresholds would drop at least 1 above 0.2 to 0.4"
    )


def test_nothing_is_said_where_nobody_is_ever_second():
    assert crowd((0.0, False), (0.15, False)).sentence() == ""
    assert crowd().counts() == {}
    found = crowd()
    found.add(Row("a", "done"))
    assert found.counts() == {}


PEOPLE = ("dataset=synthetic", *SMALL, "dataset.people=2", "detector.people=2", "persons=only", "score_floor=0.2")


@pytest.mark.parametrize("again", [False, True], ids=["in the run", "in a later one"])
@pytest.mark.parametrize(("threshold", "dropped"), [("0.5", 3), ("0.7", 0)])
def test_a_run_knows_what_other_thresholds_would_drop(tmp_path, again, threshold, dropped):
    words = (*PEOPLE, f"bbox_thr={threshold}")
    report = go(tmp_path, *words)
    report = go(tmp_path, *words) if again else report
    assert report.data()["skipped"] == ({"more than one person": 3} if dropped else {})
    counts = report.data()["two_people_above"]
    assert counts == {step: 3 if float(step) < 0.6 else 0 for step in counts}
    assert counts[threshold] == dropped
    assert sidecar_of(tmp_path, "synthetic_0000")["facts"]["second_score"] == 0.6


def test_other_policies_have_nothing_to_say(tmp_path):
    assert go(tmp_path, "dataset=synthetic", *SMALL, "detector.people=2").data()["two_people_above"] == {}


def test_the_rest_of_a_dropped_clip_is_not_decoded(tmp_path, monkeypatch):
    from posecfg.video.video import Video

    play, given = Video.__iter__, []

    def counted(self):
        for batch in play(self):
            given.append(len(batch))
            yield batch

    monkeypatch.setattr(Video, "__iter__", counted)
    clip = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=400", "dataset.size=[32,24]")
    assert go(tmp_path, *clip, "detector.people=2", "persons=only").kinds == {"more than one person": 1}
    assert 0 < sum(given) <= 40
