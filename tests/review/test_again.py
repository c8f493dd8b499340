"""Why a clip would be made again: each kind of change has its name, from the decision that a run takes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from change_place import CLIP, KINDS, MANY, TINY, Place
from changes_of_results import a_file_missing
from changes_of_runs import another_threshold
from whole_runs import go, job_of

from posecfg.commands.command_line import parse
from posecfg.commands.plan import run
from posecfg.detectors.synthetic import Synthetic
from posecfg.errors import ConfigError
from posecfg.models import registry
from posecfg.pipeline import provenance
from posecfg.review.again import again
from posecfg.review.plan import plan
from posecfg.runs import run as one_run
from posecfg.terminal.progress import Quiet


@pytest.fixture
def place(tmp_path, film, other_film, monkeypatch):
    """Return a place where libraries have versions of their own, and the detector gets weights where asked."""
    at = Place(tmp_path, film, other_film, monkeypatch, versions={"numpy": "2.1.3", "av": "18.0.0"})
    monkeypatch.setattr(provenance, "_version", at.versions.get)
    facts = Synthetic.facts

    def weights(content):
        (tmp_path / "net.bin").write_bytes(content)
        monkeypatch.setenv("POSECFG_MODELS", str(tmp_path))
        monkeypatch.setattr(Synthetic, "facts", staticmethod(lambda **own: replace(facts(**own), weights=("net",))))
        entry = registry.Entry("net", "net.bin", hashlib.sha256(content).hexdigest(), "MIT", True, "", "")
        monkeypatch.setattr(registry, "load", lambda: {"net": entry})

    at.weights = weights
    return at


def tree(root):
    return sorted((str(p), p.lstat().st_mtime_ns, p.lstat().st_size) for p in root.rglob("*"))


def told_of(at, *words):
    (row,) = (told := again(job_of(at.out, *words), at.clip))["clips"]
    return row, told


def attempt(out, *words):
    """Return the report of a run, and the sentence that refused it."""
    try:
        report = go(out, *words)
    except ConfigError as error:
        return None, str(error)
    return report, report.error


@pytest.mark.deep
@pytest.mark.parametrize("change", KINDS, ids=lambda change: change.__name__)
def test_every_kind_of_change_has_its_name(place, change):
    words = change(place)
    before = tree(place.tmp)
    row, told = told_of(place, *words)
    reason, text = KINDS[change]
    said = "; ".join([*row["because"], *row["notes"], told["refused"] or ""])
    assert row["reason"] == reason, said
    assert text in said
    assert tree(place.tmp) == before


@pytest.mark.deep
@pytest.mark.parametrize("change", KINDS, ids=lambda change: change.__name__)
def test_what_is_told_is_what_a_run_does(place, change):
    words = change(place)
    row, told = told_of(place, *words)
    report, error = attempt(place.out, *words)
    if error:
        assert told["refused"] == error
        assert report is not None or not row["to_do"]
    elif report.screen.found is not None:
        assert row["to_do"] == (place.clip in report.todo)
        if row["to_do"]:
            assert row["reason"] in report.why


def test_there_are_kinds_enough():
    assert len(KINDS) > 60
    assert len(set(KINDS.values())) > 50


def test_a_folder_beside_that_has_the_clip_is_named(place, monkeypatch, typed):
    monkeypatch.chdir(place.tmp)
    words = ("detector=synthetic", *TINY, "workers=0")
    for more in ((), ("bbox_thr=0.4", "detector.noise=1")):
        one_run.run(typed(*words, *more), Quiet())
    (row,) = again(typed(*words, "bbox_thr=0.5"), CLIP)["clips"]
    assert row["reason"] == "new"
    assert row["because"][1].startswith("'outputs/synthetic-synthetic-")
    assert row["because"][1].endswith("' has it with other settings (bbox_thr: 0.3, now 0.5)")
    (row,) = again(typed(*words, "bbox_thr=0.5", f"output_dir={place.out}"), CLIP)["clips"]
    assert len(row["because"]) == 1


def test_names_that_no_clip_has_are_refused_with_the_nearest(place):
    with pytest.raises(ConfigError, match=r"no clip and no file is called 'synthetic_000'.*--why-again=synthetic_000"):
        again(job_of(place.out, *TINY), "synthetic_000")


def test_a_pattern_tells_of_several_clips_in_order(place):
    a_file_missing(place)
    rows = again(job_of(place.out, *TINY), "synthetic_*")["clips"]
    assert [(row["clip"], row["to_do"]) for row in rows] == [(CLIP, True), ("synthetic_0001", False)]
    assert rows[0]["does"] == "npy alone"


def test_what_a_run_would_compute_is_told(place):
    place.ran(*TINY, "writer=[npy]")
    row, _ = told_of(place, *TINY, "writer=[npy,csv]")
    assert row["does"] == "csv alone"
    assert "csv needs the frames decoded again for 1 clip" in row["notes"][0]
    row, _ = told_of(place, *TINY, "writer=[npy,csv]", "redo=true")
    assert row["does"] == "all of it: npy, csv"


def test_a_plan_tells_the_reasons_too(place):
    a_file_missing(place)
    found = plan(job_of(place.out, *TINY))
    assert found["again"] == {CLIP: ["output is missing or changed", "synthetic_0000.npy is missing"]}
    assert plan(job_of(place.tmp / "new", *TINY))["again"] == {}


def test_the_page_fits_a_terminal(place, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    words = a_file_missing(place)
    line = ["plan", "--why-again", "*", "detector=synthetic", *words, f"output_dir={place.out}"]
    assert run(parse(line)) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        f"{CLIP}: to do: output is missing or changed\n  {CLIP}.npy is missing\n  a run would make npy"
    )
    assert max(map(len, out.splitlines())) <= 80
    assert run(parse([*line, "bbox_thr=0.5"])) == 1
    assert "A run would refuse:" in capsys.readouterr().out
    assert run(parse([*line, "--json"])) == 0
    assert [row["clip"] for row in json.loads(capsys.readouterr().out)["clips"]] == [CLIP, "synthetic_0001"]


def test_a_refusal_is_told_of_each_clip(place):
    words = another_threshold(place)
    told = again(job_of(place.out, *words), "*")
    assert [row["reason"] for row in told["clips"]] == ["of another configuration"] * 2
    assert "type overwrite=true" in told["refused"]


def test_many_clips_are_told_in_part(place, capsys):
    many = ("dataset=synthetic", "dataset.clips=15", *TINY[2:])
    line = ["plan", "--why-again", "*", "detector=synthetic", *many, f"output_dir={place.out}"]
    assert run(parse(line)) == 0
    assert "and 3 other clips: --json tells of all" in capsys.readouterr().out


def test_files_of_a_folder_are_not_read_twice_for_the_reason(place, monkeypatch):
    from posecfg.store import outputs

    place.ran(*MANY)
    first = sorted((place.out / f"{CLIP}_json").glob("*_keypoints.json"))[0]
    first.write_text("{}")
    read = []
    monkeypatch.setattr(
        outputs, "known_content", lambda path, real=outputs.known_content: read.append(path) or real(path)
    )
    row, _ = told_of(place, *MANY)
    assert first.name in row["because"][0]
    assert read == []
