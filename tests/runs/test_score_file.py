"""The table of scores: made of all finished clips of the directory, whatever run made them."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from samples import extraction, track
from whole_runs import go, job_of

from posecfg.metrics.pck import Pck
from posecfg.review.verify import verify
from posecfg.runs.score_file import table
from posecfg.runs.scores import Scores
from posecfg.runs.standing import Standing
from posecfg.types import Truth

WORDS = ("metric=[pck,oks]", "detector.noise=1")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def read(out):
    with (out / "scores.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_table_has_all_clips_and_each(out):
    report = go(out, *WORDS)
    assert (report.scores_file, report.data()["scores_file"]) == ("scores.csv", "scores.csv")
    rows = read(out)
    whole = {(row["metric"], row["measure"]): float(row["value"]) for row in rows if row["by"] == "all"}
    assert whole["pck", "pck"] == pytest.approx(report.data()["scores"]["pck"], rel=1e-8)
    assert whole["oks", "ap"] == pytest.approx(report.data()["scores"]["ap"], rel=1e-8)
    assert {row["of"] for row in rows if row["by"] == "clip"} == {f"synthetic_000{number}" for number in range(3)}
    assert {row["of"] for row in rows if row["by"] == "joint"} >= {"nose", "left_ankle"}
    assert {row["compared"] for row in rows if row["by"] == "all"} == {"9"}
    assert verify([str(out)])["problems"] == []
    assert not verify([str(out)])["notes"]


def test_the_table_is_the_same_however_many_runs_and_shards_made_it(out, tmp_path):
    go(out, *WORDS)
    several = tmp_path / "several"
    go(several, *WORDS, "limit=1")
    assert len({row["of"] for row in read(several) if row["by"] == "clip"}) == 1
    go(several, *WORDS, "limit=2")
    go(several, *WORDS)
    shards = tmp_path / "shards"
    for part in ("1/2", "2/2"):
        go(shards, *WORDS, f"shard={part}")
    whole = (out / "scores.csv").read_bytes()
    assert whole == (several / "scores.csv").read_bytes() == (shards / "scores.csv").read_bytes()


def test_the_order_of_metrics_in_the_table_does_not_tell_the_order_of_runs(out, tmp_path):
    for metrics in ("[pck]", "[oks]"):
        go(out, f"metric={metrics}", "detector.noise=1")
    go(tmp_path / "once", *WORDS)
    assert (out / "scores.csv").read_bytes() == (tmp_path / "once" / "scores.csv").read_bytes()


def test_a_table_that_was_edited_or_lost_is_told_and_written_again(out):
    go(out, *WORDS)
    whole = (out / "scores.csv").read_bytes()
    (out / "scores.csv").write_text("mine")
    assert verify([str(out)])["problems"] == [
        "scores.csv is not what was written (its size or content differs): run again, with the same metric=[...], to "
        "write it anew"
    ]
    assert go(out, *WORDS).altered == ["scores.csv.altered"]
    assert (out / "scores.csv").read_bytes() == whole
    (out / "scores.csv").unlink()
    assert ["missing" in text for text in verify([str(out)])["problems"]] == [True]
    assert go(out, *WORDS).scores_file == "scores.csv"
    assert (out / "scores.csv").read_bytes() == whole


def test_a_run_without_metrics_leaves_the_table_unless_its_clips_are_made_again(out):
    go(out, *WORDS)
    whole = (out / "scores.csv").read_bytes()
    assert go(out, "detector.noise=1", "writer=[npy,csv]").scores_file == "scores.csv"
    assert (out / "scores.csv").read_bytes() == whole
    assert verify([str(out)])["problems"] == []
    assert go(out, "detector.noise=2", "overwrite=true").scores_file == ""
    assert not (out / "scores.csv").exists()


def test_metrics_of_earlier_runs_stay_in_the_table_and_count_as_they_say(out):
    both = go(out, *WORDS, "metric.pck.alpha=0.2", "detector.miss=0.4")
    whole = (out / "scores.csv").read_bytes()
    for words in (["metric=[oks]"], ["metric=[epe]"], []):
        later = go(out, *words, "detector.noise=1", "detector.miss=0.4")
        told = later.report.scores.values()
        assert {name: told[name] for name in ("pck", "ap")} == {
            name: both.report.scores.values()[name] for name in ("pck", "ap")
        }
        assert set(later.report.scores.remarks()) >= set(both.report.scores.remarks())
    rows = read(out)
    assert {row["metric"] for row in rows} == {"pck", "oks", "epe"}
    earlier = list(csv.DictReader(whole.decode().splitlines()))
    assert sorted(map(str, (row for row in rows if row["metric"] != "epe"))) == sorted(map(str, earlier))
    go(out, "detector.noise=1", "detector.miss=0.4", "redo=synthetic_0000")
    assert {row["clips"] for row in read(out) if row["by"] == "all"} == {"2"}


def test_a_metric_that_is_gone_leaves_the_table_as_it_is(out, monkeypatch):
    go(out, *WORDS)
    whole = (out / "scores.csv").read_bytes()
    monkeypatch.setattr("posecfg.metrics.pck.Pck.facts", staticmethod(lambda **arguments: 1 / 0))
    assert go(out, "detector.noise=1", "writer=[npy,csv]").exit_code == 0
    assert (out / "scores.csv").read_bytes() == whole


@pytest.mark.parametrize("other", ["posecfg.metrics.pck.Gone", "posecfg.writers.npy.Npy", "os.system"])
def test_a_folder_that_names_something_else_as_its_metric_builds_nothing(out, other):
    go(out, *WORDS)
    path = out / ".posecfg" / "run.json"
    path.write_text(path.read_text().replace("posecfg.metrics.pck.Pck", other))
    assert go(out, "detector.noise=1").exit_code == 0
    assert {row["metric"] for row in read(out)} == {"oks"}


def test_another_setting_of_a_metric_makes_another_table(out):
    go(out, "metric=[pck]", "detector.noise=1")
    first = read(out)[0]["value"]
    go(out, "metric=[pck]", "detector.noise=1", "metric.pck.alpha=0.5", "overwrite=true")
    assert float(read(out)[0]["value"]) > float(first)
    part = go(out, "metric=[pck]", "detector.noise=1", "metric.pck.alpha=0.3", "overwrite=true", "limit=1")
    row = read(out)[0]
    assert (row["clips"], row["why"]) == ("1", "2 clips scored with other settings")
    assert part.data()["scores_left_out"] == {"pck": {"scored with other settings": 2}}


def test_what_was_left_out_and_whose_truth_it_is_has_columns(out):
    known = Scores.of(Standing.of(job_of(out, "metric=[pck]"), {}))
    told = {"sequence": "a,b", "view": "c01", "found_by": "a net"}
    known.add("x", {"score_sums": {"metric.pck": {"left_out/no true pose": 3}}, "scored": told})
    rows = list(csv.DictReader(table(known).splitlines()))
    assert {row["by"]: row["of"] for row in rows} == {"all": "", "sequence": "a,b", "view": "c01", "clip": "x"}
    first = rows[0]
    assert (first["value"], first["compared"], first["left_out"]) == ("", "0", "3")
    assert (first["why"], first["truth_found_by"]) == ("no true pose 3", "a net")


def by_joint(out, metric):
    return {row["of"]: row for row in read(out) if row["by"] == "joint" and row["metric"] == metric}


def test_rows_of_keypoints_tell_what_they_are_of(out):
    go(out, "metric=[pck,epe]", "detector.miss=0.4")
    pck, epe = by_joint(out, "pck"), by_joint(out, "epe")
    assert len(pck) == 17
    for joint, row in epe.items():
        assert int(row["compared"]) + int(row["left_out"]) == int(pck[joint]["compared"]) == 9
        assert int(row["left_out"]) > 0
        assert row["why"] == f"no pose found {row['left_out']}"
        assert (pck[joint]["left_out"], pck[joint]["why"], pck[joint]["used"]) == ("0", "", "")


def test_keypoints_of_clips_of_an_earlier_version_tell_no_counts(out):
    words = ("metric=[pck]", "detector.miss=0.4")
    go(out, *words)
    path = out / ".posecfg" / "clips" / "synthetic_0001.json"
    data = json.loads(path.read_text())
    counts = data["facts"]["score_sums"]["metric.pck"]
    data["facts"]["score_sums"]["metric.pck"] = {k: v for k, v in counts.items() if not k.startswith("joint/")}
    path.write_text(json.dumps(data))
    (out / ".posecfg" / "ledger.db").unlink()
    value = {joint: row["value"] for joint, row in by_joint(out, "pck").items()}
    go(out, *words)
    rows = by_joint(out, "pck")
    assert {joint: row["value"] for joint, row in rows.items()} == value
    assert {(row["compared"], row["left_out"], row["left_out_keypoints"]) for row in rows.values()} == {("", "", "")}


def test_keypoints_that_a_detector_only_guessed_are_counted_by_name(out):
    pck = Pck()
    one = track(4)
    scores = np.full((1, 4, 17), 0.9, np.float32)
    scores[0, :3, 0] = 0.1
    scores[0, :, 1] = 0.2
    truth = Truth(one.skeleton.keypoints, one.xy[None], scores=scores, found_by="a net")
    known = Scores.of(Standing.of(job_of(out, "metric=[pck]"), {}))
    known.add("x", {"score_sums": {"metric.pck": pck.partial(extraction(one), truth)}})
    rows = {row["of"]: row for row in csv.DictReader(table(known).splitlines()) if row["by"] == "joint"}
    low = "score at most 0.3 in the annotations"
    assert (rows["nose"]["compared"], rows["nose"]["left_out_keypoints"]) == ("1", f"{low} 3")
    assert (rows["left_wrist"]["compared"], rows["left_wrist"]["left_out_keypoints"]) == ("4", "")
    unknown = rows["left_eye"]
    assert (unknown["value"], unknown["compared"], unknown["left_out_keypoints"]) == ("", "0", f"{low} 4")


def test_no_scores_no_table(out, tmp_path):
    assert go(out).scores_file == ""
    assert go(out / "all", *WORDS, "detector.crash=raise").scores_file == ""
    assert not list(out.rglob("scores.csv"))
