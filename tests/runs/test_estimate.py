"""How long the work that is left takes and how much it writes, by what earlier runs measured."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import films
import pytest
from whole_runs import go, job_of, published

from posecfg.commands.command_line import parse
from posecfg.commands.plan import run
from posecfg.review.plan import plan
from posecfg.runs import measure
from posecfg.runs.estimate import estimate, remembered
from posecfg.runs.resume import survey
from posecfg.runs.scope import scope
from posecfg.store import speeds

pytestmark = pytest.mark.deep

CLIPS = ("dataset=synthetic", "dataset.frames=4", "dataset.size=[32,24]")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def told(out, *words, probe=False):
    return plan(job_of(out, *words), probe=probe)["estimate"]


def clips(number, *more):
    return (*CLIPS, f"dataset.clips={number}", *more)


def put(out, **values):
    """Let the runs that were measured have other values."""
    path = out / ".posecfg" / "speeds.json"
    data = json.loads(path.read_text())
    for one in data["runs"]:
        one.update(values)
    path.write_text(json.dumps(data))


def test_without_a_measured_run_the_speed_is_unknown_and_how_to_get_it_is_told(out):
    found = told(out, *clips(3))
    assert (found["clips"], found["frames"], found["seconds"]) == (3, 12, None)
    assert "a run with limit=1 does" in found["by"]["seconds"]
    assert found["last"] is None


def test_a_run_of_one_clip_tells_the_speed(out):
    go(out, *clips(5), "limit=1")
    put(out, start=1.0, seconds=0.5)
    found = told(out, *clips(5))
    assert (found["clips"], found["frames"], found["seconds"]) == (4, 16, 3.0)
    assert found["frames_per_second"] == 8.0
    assert found["by"]["seconds"].startswith("a run of synthetic had 8 frames/s")


def test_the_last_estimate_is_held_against_what_it_took(out):
    go(out, *clips(5), "limit=1")
    put(out, start=1.0, seconds=0.5)
    go(out, *clips(3))
    put(out, start=1.5, seconds=2.0)
    assert told(out, *clips(5))["last"] == {"estimated": 2.0, "took": 3.5}


def test_another_threshold_or_writer_has_the_same_speed_and_another_detector_has_not(out, tmp_path, monkeypatch):
    go(out, *clips(2))
    speed = remembered(job_of(out, *clips(2)), scope(job_of(out, *clips(2))))
    monkeypatch.setattr(speeds, "read", lambda path: list(speed))
    other = tmp_path / "other"
    assert told(other, *clips(3, "bbox_thr=0.5", "writer=[npy,csv]"))["seconds"] is not None
    for words in ("detector.noise=2", "device.precision=fp16", "device.threads=2"):
        assert told(other, *clips(3, words))["seconds"] is None


def test_workers_share_the_clips_in_rounds(out, monkeypatch):
    monkeypatch.setattr("posecfg.executors.capacity.cores", lambda: 4)
    go(out, *clips(4))
    put(out, workers=1, clips=4, frames=16, start=0.0, seconds=4.0)
    job = job_of(out, *clips(14))
    place = scope(job)
    found = survey(place.clips, {}, place.wanted(job))
    seconds = [estimate(job, place, found, {}, workers).seconds for workers in (1, 2, 4, 20)]
    assert seconds == pytest.approx([10.0, 5.0, 3.0, 2.5])
    assert "with 1 worker instead of 2" in estimate(job, place, found, {}, 2).by["seconds"]


def test_the_run_most_like_this_one_is_taken(out):
    go(out, *clips(2))
    known = speeds.read(out / ".posecfg" / "speeds.json")[0]
    for number, change in enumerate(({}, {"sampler": "other"}, {"data": "other"}, {"workers": 7})):
        speeds.add(
            out / ".posecfg" / "speeds.json", replace(known, **change, at=known.at + 1 + number, seconds=10.0 + number)
        )
    job = job_of(out, *clips(2))
    assert [one.seconds for one in remembered(job, scope(job))][1:] == [10.0, 11.0, 12.0, 13.0]
    assert told(out, *clips(2, "redo=true"))["seconds"] == pytest.approx(known.start + 10.0, abs=0.1)


def test_frames_of_films_are_reckoned_by_the_sizes_of_those_that_are_done(out, folder):
    words = folder("a.mp4", "b.mp4", "c.mp4")
    assert told(out, *words)["frames"] is None
    assert "--probe counts" in told(out, *words)["by"]["frames"]
    assert told(out, *words, probe=True)["frames"] == 12
    go(out, *words, "limit=1")
    found = told(out, *words)
    assert (found["frames"], found["by"]["frames"]) == (8, "the sizes of their files, like those that were made")


def test_frames_of_segments_are_reckoned_by_their_lengths(out, tmp_path):
    films.write(tmp_path / "a.mp4", range(20), fps=10)
    table = tmp_path / "table.csv"
    table.write_text("VIDEO_NAME,SENTENCE_NAME,START,END\na,one,0,1\na,two,0.5,2\n")
    words = ("dataset=manifest", f"dataset.path={table}")
    go(out, *words, "limit=1")
    found = told(out, *words)
    assert (found["frames"], found["by"]["frames"]) == (15, "their lengths")


def test_frames_that_a_sampler_leaves_out_do_not_count(out):
    go(out, *clips(2, "sampler=stride", "sampler.every=2"))
    assert told(out, *clips(4, "sampler=stride", "sampler.every=2"))["frames"] == 4


def test_clips_that_were_made_before_have_the_frames_of_their_records(out):
    go(out, *clips(3))
    found = told(out, *clips(3, "redo=true"))
    assert (found["clips"], found["frames"], found["by"]["frames"]) == (3, 12, "their records")


def test_bytes_are_those_that_the_writers_wrote(out):
    go(out, *clips(2, "writer=[npy,csv]"))
    size = sum(map(len, published(out).values()))
    assert told(out, *clips(4, "writer=[npy,csv]"))["bytes"] == size
    assert told(out, *clips(4, "writer=[npy,csv]"))["by"]["bytes"] == "what earlier runs wrote"


def test_bytes_of_a_format_that_is_known_need_no_run(out):
    found = told(out, *clips(3))
    assert (found["bytes"], found["by"]["bytes"]) == (12 * 17 * 3 * 4, "the format of npy")
    assert told(out, *clips(3, "writer.npy.dtype=float64", "writer.npy.channels=[x,y]"))["bytes"] == 12 * 17 * 2 * 8
    assert told(out, *clips(3, "detector.xyz=true"))["bytes"] == 12 * 17 * 4 * 4
    assert told(out, *clips(3, "writer.npy.keypoints=[0,1]"))["bytes"] == 12 * 2 * 3 * 4
    assert told(out, *clips(3, "persons=all"))["bytes"] is None


def test_bytes_that_nothing_tells_are_unknown(out):
    found = told(out, *clips(3, "writer=[npy,csv]"))
    assert found["bytes"] is None
    assert found["by"]["bytes"] == "no run of csv was measured here; the others take about 2.4 kB"


def test_nothing_to_do_has_no_estimate(out):
    go(out, *clips(2))
    assert told(out, *clips(2)) is None


def test_files_made_of_stored_poses_tell_nothing_of_the_model(out):
    go(out, *clips(2, "writer=[npz]"))
    words = clips(2, "writer=[npz,csv]")
    assert "may need no model" in told(out, *words)["by"]["seconds"]
    before = (out / ".posecfg" / "speeds.json").read_text()
    assert go(out, *words).done == 2
    assert (out / ".posecfg" / "speeds.json").read_text() == before


def test_a_run_in_which_clips_fail_or_that_does_nothing_is_not_remembered(out):
    go(out, *clips(2), "detector.crash='raise:0001'")
    assert not (out / ".posecfg" / "speeds.json").exists()
    go(out, *clips(2))
    before = (out / ".posecfg" / "speeds.json").read_text()
    go(out, *clips(2))
    assert (out / ".posecfg" / "speeds.json").read_text() == before


def test_a_run_of_which_detections_are_remembered_says_nothing_of_the_model(out, tmp_path):
    words = clips(2, f"cache={tmp_path / 'memory'}")
    go(out, *words)
    assert go(tmp_path / "other", *words, "bbox_thr=0.5").done == 2
    assert not (tmp_path / "other" / ".posecfg" / "speeds.json").exists()
    assert "less for clips whose detections are remembered" in told(out, *words, "redo=true")["by"]["seconds"]
    assert "remembered" not in told(out, *clips(2, "cache=off"), "redo=true")["by"]["seconds"]


def test_a_file_that_cannot_be_kept_does_not_end_a_run(out, monkeypatch):
    (out / ".posecfg" / "speeds.json").mkdir(parents=True)
    assert go(out, *clips(2)).exit_code == 0
    monkeypatch.setattr(measure.speeds, "MOST", 0)
    assert go(out, *clips(3)).exit_code == 0


def test_folders_without_a_name_share_their_speeds(tmp_path, monkeypatch, typed):
    from posecfg.runs.run import run as one_run
    from posecfg.terminal.progress import Quiet

    monkeypatch.chdir(tmp_path)
    words = ("detector=synthetic", *clips(2), "workers=0")
    one_run(typed(*words), Quiet())
    assert (tmp_path / "outputs" / ".posecfg-speeds.json").is_file()
    assert plan(typed(*words, "bbox_thr=0.5"))["estimate"]["seconds"] is not None
    shutil.rmtree(tmp_path / "outputs")
    assert plan(typed(*words, "bbox_thr=0.5"))["estimate"]["seconds"] is None


def test_the_page_ends_in_the_estimate(out, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    go(out, *clips(2))
    put(out, start=1.0, seconds=1.0, estimated=40.0)
    assert run(parse(["plan", "detector=synthetic", *clips(6), f"output_dir={out}", "workers=0"])) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "estimate 4 clips, about 16 frames (the data set)" in page
    assert "time: about 3.0 s (a run of synthetic had 8 frames/s" in page
    assert "(what earlier runs wrote)" in page
    assert "the last estimate said 40 s, it took 2.0 s" in page
