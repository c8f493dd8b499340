"""What a run says it came to, and the exit code that goes with it."""

import json
import re

import films
import pytest
from whole_runs import SMALL, go, job_of, published, sidecar_of

import posecfg
from posecfg.errors import ConfigError
from posecfg.pipeline.work import Outcome
from posecfg.review.plan import plan
from posecfg.runs.report import Report
from posecfg.store.ledger_row import Row

CLIPS = ("dataset=synthetic", *SMALL)


def test_nobody_anywhere_is_done_and_said(tmp_path):
    report = go(tmp_path, *CLIPS, "detector.people=0")
    assert (report.exit_code, report.done, report.empty) == (0, 3, 3)
    assert sidecar_of(tmp_path, "synthetic_0000")["reason"] == "no person was found: 3 frames were looked at"
    assert len(published(tmp_path)) == 3
    assert go(tmp_path, *CLIPS, "detector.people=0").todo == {}


def test_everything_skipped_is_no_failure(tmp_path):
    report = go(tmp_path, *CLIPS, "video.max_duration=0.01")
    assert (report.exit_code, report.done, len(report.skipped)) == (0, 0, 3)
    assert published(tmp_path) == {}


def test_no_clip_at_all(tmp_path):
    report = go(tmp_path, "dataset=synthetic", "dataset.clips=0")
    assert (report.exit_code, report.total, report.done) == (0, 0, 0)


def test_some_failed_and_all_failed(tmp_path):
    assert go(tmp_path / "some", *CLIPS, "detector.crash='raise:0001'").exit_code == 3
    report = go(tmp_path / "all", *CLIPS, "detector.crash=raise")
    assert (report.exit_code, len(report.failed)) == (1, 3)


@pytest.mark.parametrize(
    ("statuses", "stopped", "error", "code"),
    [
        ("dd", False, None, 0),
        ("ss", False, None, 0),
        ("", False, None, 0),
        ("df", False, None, 3),
        ("uf", False, None, 3),
        ("sf", False, None, 1),
        ("f", False, None, 1),
        ("df", True, None, 130),
        ("d", False, "full", 1),
        ("d", True, "full", 1),
    ],
)
def test_exit_codes(statuses, stopped, error, code):
    report = Report("out", stopped=stopped, error=error)
    names = {"d": "done", "s": "skipped", "f": "failed", "u": "done"}
    for number, letter in enumerate(statuses):
        report.add(Outcome(Row(f"clip {number}", names[letter], "why", frames=2), fresh=letter != "u"))
    assert report.exit_code == report.data()["exit_code"] == code
    assert report.frames == 2 * statuses.count("d")


def test_a_truncated_film_is_done_with_a_warning_and_failed_when_strict(tmp_path):
    (tmp_path / "films").mkdir()
    film = films.make("truncated.mp4", tmp_path)
    film.rename(tmp_path / "films" / "cut.mp4")
    overrides = ("dataset=folder", f"dataset.path={tmp_path / 'films'}")
    report = go(tmp_path / "strict", *overrides, "strict=true")
    assert (report.exit_code, published(tmp_path / "strict")) == (1, {})
    assert "strict=true refuses it" in report.failed["cut"]
    report = go(tmp_path / "mild", *overrides)
    assert (report.exit_code, report.done) == (0, 1)
    said = r"truncated: 1\d\d frames of 300 declared, 4\.\d s of the 10 s that it declares, 1 damaged"
    assert re.fullmatch(said, report.warned["cut"])
    assert sidecar_of(tmp_path / "mild", "cut")["facts"]["duration"] == 10
    assert go(tmp_path / "mild", *overrides).todo == {}
    report = go(tmp_path / "mild", *overrides, "strict=true")
    assert report.why == {"damaged, which is refused now": 1}
    assert "strict=true refuses it" in report.failed["cut"]
    assert len(published(tmp_path / "mild")) == 1
    report = go(tmp_path / "mild", *overrides)
    assert (report.exit_code, report.already, report.todo) == (0, 1, {})


def test_a_clip_that_ends_before_the_start_that_was_typed_is_skipped(tmp_path, folder):
    report = go(tmp_path / "out", *folder("a.mp4"), "video.start=100")
    assert re.fullmatch(r"shorter than video\.start \(100 s\): it lasts [\d.]+ s", report.skipped["a"])
    assert (report.failed, published(tmp_path / "out")) == ({}, {})
    assert go(tmp_path / "out", *folder("a.mp4"), "video.start=100").todo == {}


def test_no_writer_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"writer=\[npy\]"):
        go(tmp_path / "out", *CLIPS, "writer=[]")
    assert not (tmp_path / "out").exists()


def test_limit_and_shard_take_a_part(tmp_path):
    assert go(tmp_path / "out", *CLIPS, "limit=2").done == 2
    report = go(tmp_path / "out", *CLIPS)
    assert (report.already, report.done) == (2, 1)
    parts = [go(tmp_path / str(i), *CLIPS, f"shard={i}/3") for i in (1, 2, 3)]
    assert sum(part.total for part in parts) == 3
    assert {part.exit_code for part in parts} == {0}


def test_metadata_that_is_no_json_does_no_harm(tmp_path, monkeypatch):
    from dataclasses import replace

    import numpy as np

    from posecfg.datasets.synthetic import Synthetic

    scan = Synthetic.scan
    meta = {"age": float("nan"), "count": np.int64(3), "where": {"path": tmp_path}, 5: (1, 2)}

    def told(self):
        listing = scan(self)
        return replace(listing, clips=tuple(replace(clip, meta=meta) for clip in listing.clips))

    monkeypatch.setattr(Synthetic, "scan", told)
    assert go(tmp_path / "out", *CLIPS).failed == {}
    assert sidecar_of(tmp_path / "out", "synthetic_0000")["meta"] == {
        **{"age": None, "count": 3, "where": {"path": tmp_path.as_posix()}, "5": [1, 2]}
    }


def test_a_file_that_clips_would_share_is_refused_before_the_first(tmp_path, folder):
    films = folder("x/a.mp4", "y/a.mp4", "y/b.mp4")
    shared = {
        "all.json": r"writer\.json\.path='all\.json' names one file for 3 clips: put \{id\} into it\.$",
        "{name}": r"names one file, 'a\.json', for 2 clips",
        "{folder}/poses.json": r"names one file, 'y/poses\.json', for 2 clips",
    }
    for path, message in shared.items():
        with pytest.raises(ConfigError, match=message):
            go(tmp_path / "out", *films, "writer=[json]", f"writer.json.path='{path}'")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("path", ["{folder}_{name}", "{name}", "{folder}/poses.json"])
def test_a_part_of_the_id_will_do_where_it_tells_the_clips_apart(tmp_path, folder, path):
    report = go(tmp_path / "out", *folder("x/a.mp4", "y/b.mp4"), "writer=[json]", f"writer.json.path='{path}'")
    assert (report.done, len(published(tmp_path / "out"))) == (2, 2)


def test_the_default_folder_depends_on_what_is_done_and_on_the_input(tmp_path, monkeypatch):
    from posecfg.runs.scope import scope

    monkeypatch.chdir(tmp_path)

    def root(*overrides, several=False, out=None):
        job = job_of(out, *CLIPS, *overrides)
        job.config["output_dir"] = out
        return scope(job, several).directory.root

    first = root()
    assert first.parts[:-1] == ("outputs",)
    assert first.name.startswith("synthetic-synthetic-"), "the data set and the detector"
    assert root("workers=3", "limit=1") == first
    assert root("bbox_thr=0.5") != first
    assert root(out="x").parts == ("x",)
    assert root(out="x", several=True).parts[0] == "x"
    assert len(root(out="x", several=True).parts) == 2


@pytest.mark.parametrize("again", [False, True])
def test_rows_without_a_person_are_counted_in_this_run_and_in_those_before(tmp_path, again):
    words = ("dataset=synthetic", "dataset.frames=20", "dataset.size=[32,24]", "dataset.clips=3", "detector.miss=0.5")
    report = go(tmp_path, *words)
    if again:
        report = go(tmp_path, *words)
    import numpy as np

    empty = {path.stem: int(np.isnan(np.load(path)).all(axis=(1, 2)).sum()) for path in tmp_path.glob("*.npy")}
    assert report.report.missing == {name: number for name, number in empty.items() if number}
    assert report.data()["rows"] == 60
    assert 0 < report.data()["rows_missing"] == sum(empty.values()) < 60
    assert report.data()["rows_made"] == 0
    filled = go(tmp_path, *words, "refine=[fill]", "overwrite=true")
    assert (filled.data()["rows_missing"], filled.data()["rows_made"]) == (0, sum(empty.values()))
    assert filled.report.made == report.report.missing


def test_films_of_unrelated_pictures_are_refused_before_anything_is_loaded(tmp_path):
    films.pictures(tmp_path / "shots", ["0.png", "1.png"])
    words = ("dataset=folder", f"dataset.path={tmp_path / 'shots'}", "dataset.images=true", "dataset.independent=true")
    told = "writer=overlay makes films, but the pictures of '"
    (problem,) = plan(job_of(tmp_path / "out", *words, "writer=[npy,overlay]"))["problems"]
    assert problem.startswith(told)
    with pytest.raises(ConfigError, match="makes films"):
        go(tmp_path / "out", *words, "writer=[npy,overlay]")
    assert go(tmp_path / "out", *words, "writer=[npy,preview]").exit_code == 0


def test_unrelated_pictures_are_named_in_every_file_that_can_hold_it(tmp_path):
    films.pictures(tmp_path / "shots", ["10.png", "9.png", "b.jpg"])
    words = ("dataset=folder", f"dataset.path={tmp_path / 'shots'}", "dataset.images=true")
    out = tmp_path / "out"
    assert go(out, *words, "dataset.independent=true", "writer=[npz,json]").exit_code == 0
    (name,) = (path.stem for path in out.glob("*.npz"))
    expected = ["b.jpg", "9.png", "10.png"]
    assert posecfg.load(out / f"{name}.npz").notes["pictures"] == expected
    assert json.loads((out / f"{name}.json").read_text())["meta"]["pictures"] == expected
    assert sidecar_of(out, name)["notes"]["pictures"] == expected
    assert go(tmp_path / "film", *words, "writer=[npz]").exit_code == 0
    assert "pictures" not in posecfg.load(next((tmp_path / "film").glob("*.npz"))).notes
