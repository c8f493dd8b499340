"""The verb ``diff`` compares settings, outcomes, bytes and poses of two results."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from whole_runs import SMALL, go

from posecfg.commands.program import main
from posecfg.errors import PosecfgError, UsageError
from posecfg.review.diff import diff

CLIP = "synthetic_0001"
TYPED = ("writer=[npy,npz]",)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder with results: a, the same again with other processes, and one of other settings."""
    root = tmp_path_factory.mktemp("made")
    go(root / "a", *TYPED)
    go(root / "same", *TYPED, "limit=3")
    go(root / "other", "writer=[npz,csv]", "bbox_thr=0.4", "detector.noise=1.0", "detector.miss=0.4")
    return root


@pytest.fixture
def here(made, tmp_path, monkeypatch):
    """Work beside copies of the results, which may be harmed."""
    for folder in made.iterdir():
        shutil.copytree(folder, tmp_path / folder.name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def results(made, monkeypatch):
    monkeypatch.chdir(made)
    return made


def of(a, b):
    return diff([str(a), str(b)])


def keys(lines):
    return {line["key"]: (line["a"], line["b"]) for line in lines}


def test_the_same_results_are_the_same(results):
    found = of("a", "same")
    assert (found["exit_code"], found["same"], found["kind"]) == (0, True, "folder")
    assert (found["clips"]["identical"], found["clips"]["both"]) == (3, 3)
    assert keys(found["settings"]["others"]) == {"limit": ("null", "3")}
    assert {kind for kind, lines in found["settings"].items() if lines} == {"others"}
    assert found["poses"] == {"compared": 0, "same": 0, "differ": []}


def test_other_settings_and_what_they_do_are_told(results):
    found = of("a", "other")
    settings = found["settings"]
    assert keys(settings["results"]) == {
        "bbox_thr": ("0.3", "0.4"),
        "detector.miss": ("0", "0.4"),
        "detector.noise": ("0", "1"),
    }
    assert keys(settings["writers"]) == {"writer.npy": ("there", "none"), "writer.csv": ("none", "there")}
    assert settings["others"] == []
    assert found["exit_code"] == 1
    assert found["clips"]["identical"] == 0
    assert found["clips"]["other_bytes"] == ["synthetic_0000", "synthetic_0001", "synthetic_0002"]
    assert all(line["missing"][0] == 0 < line["missing"][1] for line in found["clips"]["differ"])
    poses = found["poses"]["differ"]
    assert len(poses) == found["poses"]["compared"]
    medians = [one["xy"]["median"] for one in poses]
    assert medians == sorted(medians, reverse=True)
    assert all(0 < one["xy"]["median"] < one["xy"]["largest"] < 10 and one["xy"]["unit"] == "px" for one in poses)
    assert all(one["rows"] + one["rows_in_one"] == 3 for one in poses)


def test_a_distance_is_that_of_the_points(here):
    """Move all points of one clip by (3, 4) px, and one score by 0.25."""
    path = here / "same" / f"{CLIP}.npy"
    array = np.load(path)
    array[..., :2] += np.float32([3, 4])
    array[0, 0, 2] -= 0.25
    np.save(path, array)
    (one,) = of(f"a/{CLIP}.npy", f"same/{CLIP}.npy")["poses"]["differ"]
    assert one["xy"]["median"] == pytest.approx(5, abs=1e-4)
    assert one["xy"]["largest"] == pytest.approx(5, abs=1e-4)
    assert (one["score"]["median"], one["score"]["largest"]) == (0, pytest.approx(0.25))
    assert (one["rows"], one["people"]) == (3, 1)


def test_clips_of_one_side_and_other_ends_are_told(here):
    go(here / "few", *TYPED, "only=[synthetic_0000,synthetic_0001]")
    go(here / "none", *TYPED, "persons=only", "detector.people=2", "dataset.people=2")
    assert of("a", "few")["clips"]["only_a"] == ["synthetic_0002"]
    assert of("few", "a")["clips"]["only_b"] == ["synthetic_0002"]
    found = of("few", "none")
    line = found["clips"]["differ"][0]
    assert line["status"] == ["done", "skipped"]
    assert line["reason"][0] == ""
    assert line["reason"][1].startswith("more than one person")
    assert found["clips"]["b"] == {"clips": 3, "done": 0, "skipped": 3, "failed": 0}


def test_failed_clips_are_told(here, film):
    (here / "films").mkdir()
    shutil.copy(film, here / "films/a.mp4")
    (here / "films/b.mp4").write_bytes(b"no film")
    words = ["films", "detector=synthetic", "workers=0", "-q"]
    assert main([*words, "output_dir=one"]) == 3
    shutil.copy(film, here / "films/b.mp4")
    assert main([*words, "output_dir=two"]) == 0
    found = of("one", "two")
    (line,) = found["clips"]["differ"]
    assert line["clip"] == "b"
    assert line["status"] == ["failed", "done"]
    assert (found["clips"]["identical"], found["clips"]["both"]) == (1, 2)


def test_other_input_and_other_clocks_are_told(here, film, other_film):
    shutil.copy(film, here / "a.mp4")
    words = ["a.mp4", "detector=synthetic", "workers=0", "-q"]
    assert main([*words, "output_dir=one"]) == 0
    shutil.copy(other_film, here / "a.mp4")
    assert main([*words, "output_dir=two"]) == 0
    (line,) = of("one", "two")["clips"]["differ"]
    assert line["rows"] == [4, 6]
    assert line["clock"]["decoded"] == [4, 6]
    assert line["input"][0] != line["input"][1]


def test_people_are_paired_by_where_they_are(here):
    words = ("persons=all", "dataset.people=2", "detector.people=2", "writer=[npz,npy]")
    go(here / "one", *words, "limit=1")
    go(here / "two", *words, "limit=1", "persons.patience=20")
    home = here / "two"
    first, second = home / "synthetic_0000.person0.npy", home / "synthetic_0000.person1.npy"
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    (home / "synthetic_0000.npz").unlink()
    (here / "one/synthetic_0000.npz").unlink()
    for root in (here / "one", home):
        path = root / ".posecfg/clips/synthetic_0000.json"
        data = json.loads(path.read_text())
        del data["writers"]["npz"]
        path.write_text(json.dumps(data))
    found = of("one", "two")
    assert found["clips"]["identical"] == 0
    assert (found["poses"]["compared"], found["poses"]["same"]) == (1, 1)


def test_other_rows_are_matched_by_their_frames(here):
    go(here / "half", "writer=[npz]", "sampler=stride", "sampler.every=2")
    found = of("a", "half")
    assert found["poses"]["compared"] == found["poses"]["same"] == 3
    assert found["clips"]["differ"][0]["rows"] == [3, 2]


def test_other_skeletons_are_compared_by_names(here):
    go(here / "blaze", "writer=[npz]", "detector.skeleton=blazepose33")
    found = of("a", "blaze")
    assert any("17 of the same name" in note for note in found["notes"])
    assert found["poses"]["compared"] == 3


def test_poses_in_space_have_their_unit(here):
    go(here / "one", "detector.xyz=true", "writer=[npz]")
    go(here / "two", "detector.xyz=true", "detector.noise=0.5", "writer=[npz]")
    one = of("one", "two")["poses"]["differ"][0]
    assert one["xyz"]["unit"].startswith("metres")
    assert 0 <= one["xyz"]["median"] <= one["xyz"]["largest"]


def test_arrays_of_pixels_and_of_metres_say_why_points_are_not_compared(here):
    go(here / "space", "detector.xyz=true", "writer=[npy,npz]", "writer.npy.space=xyz")
    pixels, space = (f"{folder}/{CLIP}.npy" for folder in ("a", "space"))
    (note,) = of(pixels, space)["notes"]
    assert note.startswith("1 clip: points are of other kinds ('px' and 'metres")
    assert note.endswith("writer=[npz], or writer.npy.space=xy, has pixels of both")
    assert of(pixels.replace("npy", "npz"), space.replace("npy", "npz"))["notes"] == []


def test_components_are_named_as_they_are_typed(here):
    go(here / "everybody", *TYPED, "persons=all")
    assert keys(of("a", "everybody")["settings"]["results"]) == {"persons": ("best", "all")}


def test_what_no_user_types_is_no_setting_that_differs(here):
    go(here / "launched", *TYPED, "cache_floors={d08b669cd9b9b:0.2}")
    assert not any(of("a", "launched")["settings"].values())


def test_films_that_show_times_do_not_count(here, film):
    shutil.copy(film, here / "a.mp4")
    words = ["a.mp4", "detector=synthetic", "workers=0", "writer=[npy,overlay]", "-q"]
    assert main([*words, "output_dir=one"]) == 0
    assert main([*words, "output_dir=two"]) == 0
    assert of("one", "two")["exit_code"] == 0


def test_a_file_that_was_edited_is_seen(here):
    (here / "same" / f"{CLIP}.npy").write_bytes(b"mine")
    (here / "same" / "synthetic_0002.npy").unlink()
    found = of("a", "same")
    assert found["clips"]["other_bytes"] == [CLIP, "synthetic_0002"]
    assert any("1 file of records gone" in note for note in found["notes"])
    assert found["exit_code"] == 1


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (f"a/{CLIP}.npz", f"other/{CLIP}.npz"),
        (f"a/.posecfg/clips/{CLIP}.json", f"other/.posecfg/clips/{CLIP}.json"),
        (f"a/{CLIP}.npz", f"other/.posecfg/clips/{CLIP}.json"),
    ],
)
def test_one_clip_is_compared(results, a, b):
    found = of(a, b)
    assert found["kind"] == "clip"
    assert found["poses"]["compared"] == 1
    assert keys(found["settings"]["results"])["bbox_thr"] == ("0.3", "0.4")
    assert of(a, a)["exit_code"] == 0


def test_arrays_without_records_are_compared_alone(here):
    for side in ("a", "other"):
        shutil.copy(here / side / f"{CLIP}.npz", here / f"{side}.npz")
    shutil.copy(here / "a" / f"{CLIP}.npy", here / "a.npy")
    np.save("b.npy", np.load("a.npy") + 1)
    np.save("c.npy", np.zeros((3, 5, 2)))
    assert of("a.npz", "other.npz")["poses"]["differ"][0]["xy"]["median"] > 0
    one = of("a.npy", "b.npy")["poses"]["differ"][0]
    assert one["numbers"]["median"] == pytest.approx(1, abs=1e-4)
    with pytest.raises(PosecfgError, match="arrays of other shapes"):
        of("a.npy", "c.npy")


def test_presets_are_compared_without_a_run(here):
    found = of("experiment=rtmpose3d_youtube_asl", "rtmpose3d_youtube_asl_legacy")
    assert found["kind"] == "configuration"
    assert found["settings"]["results"]
    assert found["exit_code"] == 1
    assert of("aist_coco", "experiment=aist_coco")["exit_code"] == 0
    assert "clips" not in found


def test_what_comes_from_the_environment_is_shown_by_its_name(here, film, monkeypatch, capsys):
    for name in ("s3cr3t", "elsewhere"):
        (here / name).mkdir()
        shutil.copy(film, here / name / "a.mp4")
    words = ["dataset=folder", "detector=synthetic", "workers=0", "-q"]
    monkeypatch.setenv("MARK", "s3cr3t")
    assert main([*words, "dataset.path='${oc.env:MARK}'", "output_dir=one"]) == 0
    assert main([*words, "dataset.path=elsewhere", "output_dir=two"]) == 0
    for value in ("s3cr3t", None):
        if value is None:
            monkeypatch.delenv("MARK")
        found = of("one", "two")
        assert keys(found["settings"]["others"]) == {"dataset.path": ("${oc.env:MARK}", "elsewhere")}
        assert "s3cr3t" not in json.dumps(found)
    assert found["exit_code"] == 0


def test_folders_of_an_earlier_version_are_compared_as_far_as_they_tell(here):
    shutil.rmtree(here / "other/.posecfg/configurations")
    found = of("a", "other")
    assert keys(found["settings"]["results"])["bbox_thr"] == ("0.3", "0.4")
    assert found["settings"]["others"] == []
    assert any("kept what results depend on, and no other settings" in note for note in found["notes"])


def test_versions_and_weights_are_told(here):
    path = here / "same/.posecfg/clips" / f"{CLIP}.json"
    data = json.loads(path.read_text())
    data["versions"]["av"] = "1.2.3"
    data["weights"] = {"x": "a" * 64}
    path.write_text(json.dumps(data))
    path = here / "a/.posecfg/clips" / f"{CLIP}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"weights": {"x": "b" * 64}}))
    settings = of("a", "same")["settings"]
    assert keys(settings["weights"]) == {"x": ("b" * 12, "a" * 12)}
    assert keys(settings["versions"])["av"][1].startswith("1.2.3 and ")


@pytest.mark.deep
@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ("a", "nowhere", "There is no file, folder or experiment 'nowhere'"),
        ("a", "empty", "'empty' holds no records of posecfg: what can be compared is two folders"),
        (".", "a", r"name one of the runs below it, such as a\."),
        ("a", "experiment=aist_coco", "'a' is a folder of results, and 'experiment=aist_coco' is a configuration"),
        ("a", f"a/{CLIP}.npz", "'a' is a folder of results, and '.*npz' is one clip"),
        ("experiment=aist_cocos", "aist_coco", "no experiment 'aist_cocos'. Did you mean 'aist_coco'"),
        ("a", "films", "have no clip of the same name"),
        (
            f"a/{CLIP}.npz",
            f"a/{CLIP}.npy",
            "has npz, and '.*' has npy: what can be compared is two files of one format",
        ),
        (f"a/{CLIP}.npz", "broken.npz", "damaged or not an npz"),
        (f"a/{CLIP}.npz", "text.csv", "no folder above it has records"),
        (f"a/{CLIP}.npz", "foreign.npz", "was not written by writer=npz"),
        ("a", "damaged", "is damaged, so it is not known what this directory holds"),
        ("a", "bare", "holds no clip that was finished or failed"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(here, a, b, told, film, capsys):
    (here / "empty").mkdir()
    (here / "broken.npz").write_bytes(b"PK")
    (here / "text.csv").write_text("a")
    np.savez("foreign.npz", a=np.zeros(3))
    shutil.copytree(here / "a", here / "damaged")
    (here / "damaged/.posecfg/run.json").write_text("{")
    (here / "bare/.posecfg/clips").mkdir(parents=True)
    shutil.copy(film, here / "film.mp4")
    assert main(["film.mp4", "detector=synthetic", "workers=0", "output_dir=films", "-q"]) == 0
    with pytest.raises(PosecfgError, match=told) as caught:
        of(a, b)
    assert "\n" not in str(caught.value)
    capsys.readouterr()
    assert main(["diff", a, b]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("words", [[], ["a"], ["a", "b", "c"]])
def test_two_things_are_named(words):
    with pytest.raises(UsageError, match=f"but got {len(words)}"):
        diff(words)


def test_a_damaged_record_is_left_out_and_told(here):
    (here / "same/.posecfg/clips" / f"{CLIP}.json").write_text("{")
    found = of("a", "same")
    assert found["clips"]["only_a"] == [CLIP]
    assert any("1 damaged record in 'same' left out" in note for note in found["notes"])


def test_what_is_shown_fits_on_a_screen(results, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["diff", "a", "same"]) == 0
    said = capsys.readouterr().out
    assert "identical: 3 of 3 clips" in said
    assert "Nothing differs that can change a result." in said
    assert main(["diff", "a", "other"]) == 1
    said = capsys.readouterr().out
    for text in ("what results depend on", "detector.noise", "rows without anybody", "2D (px)", "median / most"):
        assert text in said
    assert max(map(len, said.splitlines())) <= 80
    assert main(["diff", "a", "other", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == of("a", "other")


def test_many_clips_are_cut_to_twenty(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ("dataset=synthetic", "dataset.clips=23", *SMALL[:2], "writer=[npz]")
    go(tmp_path / "one", *words)
    go(tmp_path / "two", *words, "detector.noise=1.0")
    assert main(["diff", "one", "two"]) == 1
    said = capsys.readouterr().out
    assert "and 3 more clips with other poses (--json lists them all)" in said
    assert said.count("synthetic_00") == 20


def test_nothing_is_written(here):
    before = {path: path.stat().st_mtime_ns for path in sorted(Path().rglob("*"))}
    of("a", "other")
    assert {path: path.stat().st_mtime_ns for path in sorted(Path().rglob("*"))} == before
