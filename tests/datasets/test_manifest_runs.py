"""Whole runs over manifests, of real films and of their synthetic twins."""

from __future__ import annotations

import csv
import json
import tracemalloc
from pathlib import Path

import films
import numpy as np
import pytest
from whole_runs import go, job_of, published, sidecar_of

import posecfg
from posecfg.config.compose import compose
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.runs.scope import scope

MEDIA = Path(__file__).resolve().parents[2].parent / "shared" / "media"
SIGNS = ("again", "book", "eat")
HEADER = ("VIDEO_NAME", "SENTENCE_NAME", "START_REALIGNED", "END_REALIGNED", "SENTENCE")


def write(path, rows):
    with path.open("w", newline="") as stream:
        csv.writer(stream, delimiter="\t", quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    return path


def words(path, videos, *more, dataset="manifest"):
    return (f"dataset={dataset}", f"dataset.path={path}", f"dataset.videos={videos}", *more)


@pytest.fixture
def laid(tmp_path):
    """Return a folder with two films and a table of five segments, two of which cannot be taken."""
    folder = tmp_path / "films"
    folder.mkdir()
    for name in ("-a", "_b"):
        films.write(folder / f"{name}.mp4")
    rows = [("_b", "_b-000", 0, 1, "x"), ("-a", "-a-001", 1, 2, "y"), ("-a", "-a-000", 0, 0.5, "z")]
    write(tmp_path / "t.csv", [*rows, ("-a", "-a-002", 2, 2.1, ""), ("c", "c-000", 0, 1, "")])
    return words(tmp_path / "t.csv", folder, dataset="youtube_asl")


def test_segments_are_extracted_and_those_left_out_are_told(laid, tmp_path):
    went = go(tmp_path / "out", *laid)
    assert (went.exit_code, went.done, went.excluded) == (0, 3, 2)
    assert list(published(tmp_path / "out")) == ["-a-000.npy", "-a-001.npy", "_b-000.npy"]
    assert len(np.load(tmp_path / "out/-a-000.npy")) == 15
    assert sidecar_of(tmp_path / "out", "-a-001")["meta"] == {"sentence": "y", "video": "-a"}
    again = go(tmp_path / "out", *laid)
    assert (again.exit_code, again.already, again.to_do) == (0, 3, 0)


def test_a_plan_lists_segments_by_film_and_start_and_says_what_is_left_out(laid, tmp_path):
    told = plan(job_of(tmp_path / "out", *laid))
    assert told["problems"] == []
    assert told["ids"] == ["-a-000", "-a-001", "_b-000"]
    assert [(item["name"], item["reason"]) for item in told["excluded"]] == [
        ("line 5: -a-002", "too short (<0.2 s)"),
        ("line 6: c-000", "video not found"),
    ]


def test_a_changed_time_makes_its_segment_again_and_no_other(laid, tmp_path):
    go(tmp_path / "out", *laid)
    path = tmp_path / "t.csv"
    path.write_text(path.read_text().replace('"1"\t"2"', '"1"\t"1.5"'))
    went = go(tmp_path / "out", *laid)
    assert went.why == {"of another part of its file": 1}
    assert len(np.load(tmp_path / "out/-a-001.npy")) == 15


def test_segments_can_be_counted_in_frames(laid, tmp_path):
    go(tmp_path / "out", *laid, "dataset.segment=inclusive_index")
    assert len(np.load(tmp_path / "out/-a-000.npy")) == 16


def test_a_table_that_cannot_be_used_is_a_problem_of_the_plan(tmp_path):
    (tmp_path / "t.csv").write_text("VIDEO\n")
    (problem,) = plan(job_of(tmp_path / "out", *words(tmp_path / "t.csv", tmp_path)))["problems"]
    assert "VIDEO_NAME" in problem


def test_columns_and_lists_can_be_typed():
    (job,) = compose(["dataset=manifest", "dataset.path=t.csv", "dataset.videos=[a,b]", "dataset.only=[-x-000,7]"])
    assert (job.config["dataset"]["videos"], job.config["dataset"]["only"]) == (["a", "b"], ["-x-000", 7])


def test_real_films_of_signs(tmp_path):
    paths = [MEDIA / f"intel_asl_{sign}.mkv" for sign in SIGNS]
    if not all(path.is_file() for path in paths):
        pytest.skip("real films of signs are not here; their synthetic twin is tested")
    rows = [
        (path.stem, f"{path.stem}-{n:03d}", n / 2, n / 2 + 0.5, sign)
        for path, sign in zip(paths, SIGNS, strict=True)
        for n in (1, 0)
    ]
    typed = words(write(tmp_path / "t.csv", rows), MEDIA)
    assert len(plan(job_of(tmp_path / "out", *typed))["ids"]) == 6
    went = go(tmp_path / "out", *typed)
    assert (went.exit_code, went.done) == (0, 6)
    for name in published(tmp_path / "out"):
        clock = sidecar_of(tmp_path / "out", name.removesuffix(".npy"))["facts"]
        assert len(np.load(tmp_path / "out" / name)) == pytest.approx(clock["fps"] / 2, abs=1)


@pytest.mark.deep
def test_a_long_table_of_which_few_clips_are_wanted_takes_little_memory(tmp_path):
    rows = 20_000
    videos = tmp_path / "films"
    videos.mkdir()
    for number in range(20):
        (videos / f"v{number}.mp4").write_bytes(b"")
    said = "What is said in a sentence of usual length, and a few more words."
    write(tmp_path / "t.csv", ((f"v{n % 20}", f"v{n % 20}-{n:06d}", n, n + 2, f"{said} {n}") for n in range(rows)))
    job = job_of(tmp_path / "out", *words(tmp_path / "t.csv", videos), "limit=2")
    tracemalloc.start()
    try:
        place = scope(job)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [clip.id for clip in place.clips] == ["v0-000000", "v0-000020"]
    assert (len(place.data.clips), place.clips[1].meta["sentence"]) == (rows, f"{said} 20")
    assert peak < 500 * rows


def test_what_a_table_does_not_list_any_more_is_told_and_its_failures_are_no_problem(laid, tmp_path):
    table, out = tmp_path / "t.csv", tmp_path / "out"
    whole = table.read_text("utf-8")
    table.write_text(whole + '"-a"\t"-a-009"\t"900"\t"901"\t"late"\n', "utf-8")
    assert go(out, *laid).exit_code == 3
    assert [text.partition(":")[0] for text in verify([str(out)])["problems"]] == ["-a-009 failed"]
    table.write_text("\n".join(line for line in whole.splitlines() if "-a-001" not in line) + "\n", "utf-8")
    told = "1 result here ('-a-001') is of a clip that the data set does not list now: move such files away where they"
    assert [text for text in plan(job_of(out, *laid))["notes"] if told in text]
    went = go(out, *laid)
    assert went.exit_code == 0
    assert [text for text in went.screen.said if told in text]
    found = verify([str(out)])
    assert found["problems"] == []
    assert found["notes"][0] == "2 inputs not taken by the latest run: 1 too short (<0.2 s), 1 video not found"
    assert found["notes"][1].startswith(told)
    assert found["notes"][2].startswith("-a-009 failed, and is not listed now: ")


def test_part_of_a_table_says_nothing_of_the_rest(laid, tmp_path):
    out = tmp_path / "out"
    go(out, *laid)
    assert not [text for text in go(out, *laid, "limit=1").screen.said if "does not list" in text]
    assert not [text for text in verify([str(out)])["notes"] if "does not list" in text]


def test_a_sentence_that_was_corrected_is_corrected_in_the_results(laid, tmp_path):
    out = tmp_path / "out"
    go(out, *laid, "writer=[npz]")
    table = tmp_path / "t.csv"
    table.write_text(table.read_text("utf-8").replace('"y"', '"yes"'), "utf-8")
    assert go(out, *laid, "writer=[npz]").why == {"described otherwise by the data set": 1}
    assert posecfg.load(out / "-a-001.npz").clip.meta["sentence"] == "yes"
    assert sidecar_of(out, "-a-001")["meta"]["sentence"] == "yes"
    assert go(out, *laid, "writer=[npz]").to_do == 0


def test_a_folder_of_before_sentences_were_compared_stays_as_it_is(laid, tmp_path):
    out = tmp_path / "out"
    go(out, *laid)
    for path in (out / ".posecfg/clips").glob("*.json"):
        data = json.loads(path.read_text())
        del data["facts"]["said"]
        path.write_text(json.dumps(data))
    for path in (out / ".posecfg").glob("ledger*"):
        path.unlink()
    assert go(out, *laid).to_do == 0
