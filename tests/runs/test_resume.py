import json
import os
import shutil
import sqlite3

import films
import pytest
from whole_runs import go, job_of, published, sidecar_of

from posecfg.errors import ConfigError
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.store import ledger, outputs, record_files

NPY = "writer=[npy]"
BOTH = "writer=[npy,csv]"


def touch(path):
    stamp = path.stat()
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns + 5_000_000_000))


def without_altered(out):
    """Return the published files but for those that were kept because they are not as written."""
    return {name: data for name, data in published(out).items() if not name.endswith(".altered")}


def swap_a_byte(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    touch(path)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def done(out, folder):
    """Return a finished run of two films: its folder, and the overrides that made it."""
    overrides = (*folder("a.mp4", "b.mp4"), BOTH)
    assert go(out, *overrides).exit_code == 0
    return out, overrides


def test_the_second_run_has_nothing_to_do(done):
    out, overrides = done
    before = published(out)
    report = go(out, *overrides)
    assert (report.exit_code, report.already, report.done, report.todo) == (0, 2, 0, {})
    assert published(out) == before


@pytest.mark.parametrize("harm", ["deleted", "shortened", "same size", "a folder in its place"])
def test_an_output_that_is_not_as_written_is_made_again(done, harm):
    out, overrides = done
    before, path = published(out), out / "a.npy"
    if harm == "deleted":
        path.unlink()
    elif harm == "shortened":
        path.write_bytes(path.read_bytes()[:-8])
    elif harm == "same size":
        swap_a_byte(path)
    else:
        path.unlink()
        path.mkdir()
    report = go(out, *overrides)
    assert report.todo == {"a": ("npy",)}
    assert report.why == {"output is missing or changed": 1}
    if harm == "a folder in its place":
        assert report.skipped["a"].startswith(f"already there: '{path}'")
        path.rmdir()
        report = go(out, *overrides)
    assert report.exit_code == 0
    assert without_altered(out) == before
    kept = ["a.npy.altered"] if harm in ("shortened", "same size") else []
    assert (report.altered, (out / "a.npy.altered").exists()) == (kept, bool(kept))


def test_an_output_that_was_only_touched_is_read_once(done, monkeypatch):
    out, overrides = done
    read = []
    monkeypatch.setattr(outputs, "digest", lambda path, real=outputs.digest: read.append(path.name) or real(path))
    for name in ("a.npy", "a.csv", "b.npy"):
        touch(out / name)
    assert go(out, *overrides).already == 2
    assert sorted(read) == ["a.csv", "a.npy", "b.npy"]
    assert go(out, *overrides).already == 2
    assert len(read) == 3


def test_an_input_that_was_only_touched_is_read_once(done, folder):
    out, overrides = done
    before = published(out)
    touch(out.parent / "films" / "a.mp4")
    told = plan(job_of(out, *overrides))
    assert told["why"] == {"input may have changed": 1}
    assert "1 input may have changed, and is compared by a run first: plan --inputs does it now" in told["notes"]
    report = go(out, *overrides)
    assert (report.exit_code, report.already, report.done, report.todo) == (0, 2, 0, {})
    assert published(out) == before
    assert plan(job_of(out, *overrides))["why"] == {}
    assert go(out, *overrides).todo == {}


def test_an_input_that_changed_is_done_again_by_all_writers(done, other_film):
    out, overrides = done
    before = published(out)
    shutil.copy(other_film, out.parent / "films" / "a.mp4")
    report = go(out, *overrides)
    assert (report.done, report.frames) == (1, 6)
    after = published(out)
    assert {name for name in after if after[name] != before[name]} == {"a.npy", "a.csv"}
    assert sidecar_of(out, "a")["attempt"] == 2


def test_an_input_that_changed_leaves_nothing_of_a_writer_that_is_not_asked_any_more(done, other_film):
    out, (*dataset, _) = done
    shutil.copy(other_film, out.parent / "films" / "a.mp4")
    assert go(out, *dataset, NPY).done == 1
    assert sorted(published(out)) == ["a.npy", "b.csv", "b.npy"]
    assert go(out, *dataset, BOTH).todo == {"a": ("csv",)}


def test_an_input_that_changed_before_another_writer_came_is_not_mixed(done, other_film):
    out, (*dataset, _) = done
    shutil.copy(other_film, out.parent / "films" / "a.mp4")
    report = go(out, *dataset, "writer=[npy,csv,npz]")
    assert (report.done, report.failed) == (2, {})
    assert {f["name"] for w in sidecar_of(out, "a")["writers"].values() for f in w["files"]} == {
        *("a.npy", "a.csv", "a.npz")
    }
    clean = out.parent / "clean"
    go(clean, *dataset, "writer=[npy,csv,npz]")
    assert published(out) == published(clean)


def test_an_input_that_vanished_is_left_as_it_is(done):
    out, overrides = done
    before = published(out)
    (out.parent / "films" / "a.mp4").unlink()
    report = go(out, *overrides)
    assert (report.total, report.already, report.todo) == (1, 1, {})
    assert published(out) == before


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda p: p.unlink(), "record is missing"),
        (lambda p: p.write_bytes(b""), "record is damaged"),
        (lambda p: p.write_bytes(p.read_bytes()[:100]), "record is damaged"),
        (lambda p: p.write_bytes(b"\xff\xfe\0garbage"), "record is damaged"),
        (lambda p: p.write_text("[" * 100_000), "record is damaged"),
        (lambda p: p.write_text(json.dumps({"schema": 1, "status": "done"})), "record is damaged"),
        (lambda p: p.write_text(p.read_text().replace('"a.npy"', '"../a.npy"')), "record is damaged"),
        (lambda p: shutil.copy(p.with_name("b.json"), p), "record is damaged"),
        (lambda p: p.write_text(p.read_text().replace('"schema": 1', '"schema": 99')), "record is damaged"),
        (lambda p: p.write_text(p.read_text().replace('"attempt": 1', '"attempt": "one"')), "record is damaged"),
        (lambda p: p.write_text(p.read_text().replace('"fps": 10.0', '"fps": "fast"', 1)), "record is damaged"),
    ],
)
def test_a_record_that_is_of_no_use_costs_its_clip_only(done, harm, why):
    out, overrides = done
    before = published(out)
    harm(out / ".posecfg" / "clips" / "a.json")
    report = go(out, *overrides)
    assert report.why == {why: 1}
    assert report.todo == {"a": ("npy", "csv")}
    assert report.exit_code == 0
    assert published(out) == before
    assert go(out, *overrides).todo == {}


def test_a_clip_that_failed_is_tried_again_and_keeps_its_files(done):
    out, overrides = done
    (out / ".posecfg" / "clips" / "a.json").unlink()
    film = out.parent / "films" / "a.mp4"
    good = film.read_bytes()
    film.write_bytes(b"no film")
    report = go(out, *overrides)
    assert (list(report.failed), report.exit_code) == (["a"], 3)
    assert (out / "a.npy").exists()
    film.write_bytes(good)
    report = go(out, *overrides)
    assert report.why == {"failed before": 1}
    assert (report.done, report.exit_code) == (1, 0)
    assert sidecar_of(out, "a")["attempt"] == 3


def test_a_clip_that_a_policy_dropped_is_not_tried_again(out):
    people = ("dataset=synthetic", "dataset.clips=2", "dataset.frames=2", "dataset.people=2", "detector.people=2")
    report = go(out, *people, "persons=only")
    assert (report.exit_code, report.done, len(report.skipped)) == (0, 0, 2)
    report = go(out, *people, "persons=only")
    assert (report.exit_code, report.todo, len(report.skipped)) == (0, {}, 2)
    assert published(out) == {}


def test_a_dropped_clip_whose_input_was_touched_stays_dropped(out, folder):
    overrides = (*folder("a.mp4"), "detector.people=2", "persons=only")
    reason = dict(go(out, *overrides).skipped)
    touch(out.parent / "films" / "a.mp4")
    report = go(out, *overrides)
    assert (report.done, dict(report.skipped)) == (0, reason)
    assert go(out, *overrides).todo == {}


def test_gates_are_held_against_what_is_remembered(out, folder, other_film):
    dataset = folder("short.mp4")
    shutil.copy(other_film, out.parent / "films" / "long.mp4")
    report = go(out, *dataset, "video.min_duration=0.5")
    assert (report.done, list(report.skipped.values())) == (1, ["too short: 0.4 s, at least 0.5 s was asked for"])
    assert go(out, *dataset, "video.min_duration=0.5").todo == {}
    report = go(out, *dataset, "video.min_duration=1")
    assert (report.todo, len(report.skipped)) == ({}, 2)
    assert sorted(published(out)) == ["long.npy"]
    report = go(out, *dataset)
    assert (report.why, report.done, report.already) == ({"skipped by other gates before": 1}, 1, 1)
    assert go(out, *dataset, "video.max_duration=0.5").todo == {}
    assert sorted(published(out)) == ["long.npy", "short.npy"]


def test_a_gated_clip_whose_input_changed_is_looked_at_again(out, folder, other_film):
    dataset = folder("a.mp4")
    assert go(out, *dataset, "video.min_duration=0.5").done == 0
    shutil.copy(other_film, out.parent / "films" / "a.mp4")
    assert go(out, *dataset, "video.min_duration=0.5").done == 1


def test_a_writer_that_is_added_writes_its_files_only(out, folder):
    dataset = folder()
    go(out, *dataset, NPY)
    stamps = {name: (out / name).stat().st_mtime_ns for name in published(out)}
    report = go(out, *dataset, BOTH)
    assert (report.why, report.todo) == ({"writer added": 2}, {"a": ("csv",), "b": ("csv",)})
    assert stamps == {name: (out / name).stat().st_mtime_ns for name in stamps}
    clean = out.parent / "clean"
    go(clean, *dataset, BOTH)
    assert published(out) == published(clean)


def test_a_writer_whose_arguments_changed_is_refused_or_writes_again(done):
    out, overrides = done
    before = published(out)
    with pytest.raises(ConfigError, match=r"writer\.npy\.dtype: float32, now float64.*overwrite=true"):
        go(out, *overrides, "writer.npy.dtype=float64")
    assert published(out) == before
    report = go(out, *overrides, "writer.npy.dtype=float64", "overwrite=true")
    assert report.todo == {"a": ("npy",), "b": ("npy",)}
    after = published(out)
    assert {name for name in after if after[name] != before[name]} == {"a.npy", "b.npy"}
    with pytest.raises(ConfigError, match=r"writer\.npy\.dtype: float64, now float32"):
        go(out, *overrides)


def test_another_configuration_is_refused_or_does_all_again(done):
    out, overrides = done
    before = published(out)
    with pytest.raises(ConfigError, match=r"0\.3, now 0\.5.*detector\.noise: 0, now 2"):
        go(out, *overrides, "bbox_thr=0.5", "detector.noise=2")
    assert published(out) == before
    report = go(out, *overrides, "detector.noise=2", "overwrite=true")
    assert (report.done, report.why) == (2, {"made with another configuration": 2})
    assert go(out, *overrides, "detector.noise=2").todo == {}


def test_an_overwrite_of_a_part_says_what_stays_and_the_rest_needs_overwrite_too(out, folder):
    other = (*folder("a.mp4", "b.mp4"), NPY, "detector.noise=2")
    go(out, *other[:-2], BOTH)
    report = go(out, *other, "limit=1", "overwrite=true")
    assert report.done == 1
    assert "note: 1 other clip in this folder stays as another configuration made it" in report.screen.said
    before = published(out)
    assert "b.csv" in before
    report = go(out, *other)
    assert (report.exit_code, report.done) == (1, 0)
    assert "holds 1 clip of another configuration" in report.error
    assert plan(job_of(out, *other))["problems"] == [report.error]
    assert published(out) == before
    assert go(out, *other, "overwrite=true").exit_code == 0
    assert sorted(published(out)) == ["a.npy", "b.npy"]


def test_a_folder_without_results_takes_any_configuration(out, folder):
    dataset = folder("a.mp4", "b.mp4")
    report = go(out, *dataset, NPY, "detector.crash=raise")
    assert (report.done, len(report.failed)) == (0, 2)
    assert go(out, *dataset, NPY, "detector.noise=2", "writer.npy.path='x-{name}'").done == 2
    with pytest.raises(ConfigError, match="holds results of another configuration"):
        go(out, *dataset, NPY, "detector.noise=3")


def test_results_whose_records_are_lost_are_not_replaced_by_those_of_another_configuration(done):
    out, overrides = done
    before = published(out)
    shutil.rmtree(out / ".posecfg" / "clips")
    with pytest.raises(ConfigError, match="holds results of another configuration"):
        go(out, *overrides, "detector.noise=2")
    assert published(out) == before


def test_a_writer_of_a_configuration_that_was_overwritten_is_forgotten(done):
    out, (*dataset, _) = done
    go(out, *dataset, NPY, "detector.noise=2", "overwrite=true")
    assert sorted(published(out)) == ["a.npy", "b.npy"]
    assert go(out, *dataset, BOTH, "writer.csv.missing=empty", "detector.noise=2").exit_code == 0


def test_a_configuration_that_was_lost_is_asked_of_a_record(done):
    out, overrides = done
    (out / ".posecfg" / "run.json").unlink()
    with pytest.raises(ConfigError, match=r"run\.json.*overwrite=true"):
        go(out, *overrides, "bbox_thr=0.5")
    assert go(out, *overrides).todo == {}


@pytest.mark.parametrize("change", ["workers=2", "limit=1", "shard=1/3", "on_error=stop", "seed=0", "strict=true"])
def test_what_cannot_change_a_byte_is_not_refused(done, change):
    out, overrides = done
    before = published(out)
    assert go(out, *overrides, change).todo == {}
    assert published(out) == before


def test_the_ledger_is_lost_and_comes_back_from_the_records(done):
    out, overrides = done
    for path in (out / ".posecfg").glob("ledger*"):
        path.unlink()
    assert go(out, *overrides).already == 2
    with sqlite3.connect(out / ".posecfg" / "ledger.db") as db:
        assert db.execute("SELECT count(*) FROM clips").fetchone() == (2,)
    db.close()


def test_results_among_the_inputs_are_not_taken_for_inputs(tmp_path, folder, monkeypatch):
    from posecfg.writers.npy import Npy

    dataset = folder("a.mp4", "sub/b.mp4")
    where = tmp_path / "films"

    def write(self, extraction, files):
        with files.open(f"{extraction.clip.id}_overlay.mp4") as stream:
            stream.write(b"a film of ours")

    monkeypatch.setattr(Npy, "write", write)
    assert go(where, *dataset).done == 2
    assert len(published(where)) == 4
    report = go(where, *dataset)
    assert (report.total, report.already, report.todo) == (2, 2, {})
    assert [item.reason for item in report.screen.excluded] == ["written by an earlier run"] * 2
    for path in (where / ".posecfg").glob("ledger*"):
        path.unlink()
    assert go(where, *dataset, "limit=1").total == 1
    assert go(where, *dataset).already == 2
    shutil.copy(where / "a.mp4", where / "mine.mp4")
    assert go(where, *dataset).done == 1


def test_images_of_ours_are_no_clip_and_our_files_no_images(tmp_path, monkeypatch):
    from posecfg.writers.npy import Npy

    where = films.pictures(tmp_path / "set" / "walk", ["1.png", "2.png"]).parent
    dataset = ("dataset=folder", f"dataset.path={where}", "dataset.images=true")
    good = Npy.write

    def write(self, extraction, files):
        good(self, extraction, files)
        with files.open(f"{extraction.clip.id}/pose.txt") as stream:
            stream.write(b"in the input's own folder")
        with files.open(f"drawn/{extraction.clip.id}/1.png") as stream:
            stream.write((where / "walk" / "1.png").read_bytes())

    monkeypatch.setattr(Npy, "write", write)
    assert go(where, *dataset).done == 1
    report = go(where, *dataset)
    assert (report.total, report.already, report.todo) == (1, 1, {})


def test_another_part_of_the_same_file_is_done_again(out, folder, monkeypatch):
    from dataclasses import replace

    from posecfg.datasets.folder import Folder

    dataset = folder("a.mp4")
    scan = Folder.scan

    def cut(self, end):
        listing = scan(self)
        return replace(listing, clips=tuple(replace(clip, end=end) for clip in listing.clips))

    go(out, *dataset, BOTH)
    monkeypatch.setattr(Folder, "scan", lambda self: cut(self, 0.2))
    report = go(out, *dataset, BOTH)
    assert (report.why, report.frames) == ({"of another part of its file": 1}, 2)
    assert go(out, *dataset, BOTH).todo == {}


def test_another_scene_of_the_same_name_is_done_again(out):
    clips = ("dataset=synthetic", "dataset.clips=2", "dataset.size=[32,24]")
    go(out, *clips, "dataset.frames=2")
    report = go(out, *clips, "dataset.frames=3")
    assert (report.why, report.done, report.frames) == ({"input has changed": 2}, 2, 6)


def test_a_gate_never_takes_finished_files_away(out, folder):
    dataset = folder("a.mp4")
    go(out, *dataset, NPY)
    before = published(out)
    os.utime(out.parent / "films" / "a.mp4")
    report = go(out, *dataset, BOTH, "video.min_duration=100")
    assert report.done == 0
    assert published(out) == before
    assert go(out, *dataset, BOTH).todo == {"a": ("csv",)}


def test_what_a_run_at_work_has_just_finished_is_nobody_elses(tmp_path, monkeypatch):
    go(tmp_path)
    monkeypatch.setattr(record_files, "walk", lambda root: iter(()))
    monkeypatch.setattr(ledger, "read", lambda path: {})
    assert plan(job_of(tmp_path))["skipped"] == {}


def test_a_place_that_is_found_taken_when_it_is_written_to_is_skipped_too(tmp_path):
    mine = tmp_path / "synthetic_0001.npy"
    mine.write_text("mine")
    for _ in range(2):
        report = go(tmp_path, "persons=all")
        assert (report.exit_code, report.failed, list(report.skipped)) == (3, {}, ["synthetic_0001"])
        assert report.places == {"synthetic_0001": "synthetic_0001.npy"}
        assert mine.read_text() == "mine"
    mine.unlink()
    assert (go(tmp_path, "persons=all").done, verify([str(tmp_path)])["problems"]) == (1, [])


def test_files_of_single_people_are_no_matter_where_everybody_has_one(tmp_path):
    (tmp_path / "synthetic_0001.npy").write_text("mine")
    report = go(tmp_path, "persons=all", "detector.people=2")
    assert (report.exit_code, report.done, report.skipped) == (0, 3, {})
    assert (tmp_path / "synthetic_0001.npy").read_text() == "mine"


def test_a_file_that_was_altered_by_hand_is_kept_when_its_writer_goes(done):
    out, (*dataset, _) = done
    (out / "a.csv").write_text("mine")
    report = go(out, *dataset, NPY, "redo=true")
    assert (report.warned, report.altered) == ({}, ["a.csv.altered"])
    assert (out / "a.csv.altered").read_text() == "mine"
    assert sorted(published(out)) == ["a.csv.altered", "a.npy", "b.npy"]


@pytest.mark.parametrize(
    "harm",
    [
        {"facts": {"rows_missing": "x"}},
        {"facts": {"scores": 5}},
        {"facts": {"clipped": {"npy": "x"}}},
        {"frames": 10**30},
        {"attempt": 10**25},
    ],
)
def test_a_record_with_values_of_another_kind_is_damaged(done, harm):
    out, overrides = done
    path = record_files.place(out, "clips", "a")
    path.write_text(json.dumps(json.loads(path.read_text()) | harm))
    report = go(out, *overrides)
    assert (report.exit_code, report.why) == (0, {"record is damaged": 1})
