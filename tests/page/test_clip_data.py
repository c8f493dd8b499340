"""The JSON of one clip: its poses in each run, whatever its files hold."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from unpacked import unpack
from whole_runs import go

from posecfg import loading
from posecfg.page.clip_data import ClipRun, clip_data
from posecfg.store import record_files

FEW = ("dataset=synthetic", "dataset.frames=12", "dataset.size=[64,48]", "dataset.clips=1")
CLIP = "synthetic_0000"


def made(out, *words):
    go(out, *FEW, *words)
    return out


def run_of(out, number=0, clip=CLIP, command=""):
    return ClipRun(number, out, record_files.read_clip(out, clip), command)


def shown(out, **how):
    """Return the JSON of the only run, once it went through text."""
    table = []
    found = clip_data(CLIP, [run_of(out)], table, **how)
    return json.loads(json.dumps(found.data, allow_nan=False))["runs"]["0"], table, found


def test_native_poses_come_back_from_the_page(tmp_path):
    out = made(tmp_path, "writer=[npz]", "detector.miss=0.3", "detector.people=2", "persons=all")
    own = loading.load(out / f"{CLIP}.npz")
    run, table, found = shown(out)
    assert [one["name"] for one in table] == ["coco17"]
    assert table[run["skeleton"]]["sides"][:3] == [0, 1, 2]
    assert table[0]["bones"][0] == list(own.skeleton.edges[0])
    assert (run["every"], run["rows"], run["space"], run["note"], run["film"]) == (1, 12, "px", "", None)
    assert np.allclose(unpack(run["times"]), own.clock.times, atol=1e-6)
    assert np.array_equal(unpack(run["index"]), own.clock.indices)
    assert found.data["size"] == [64, 48]
    assert len(run["people"]) == len(own.tracks) > 1
    for person, track in zip(run["people"], own.tracks, strict=True):
        assert person["id"] == track.id
        assert person["state"] == "".join("f" if one else "." for one in track.valid)
        assert np.allclose(unpack(person["xy"]), track.xy, atol=0.01, equal_nan=True)
        assert np.allclose(unpack(person["score"]), track.scores, atol=0.002, equal_nan=True)
        assert person["xyz"] is None


def test_rows_that_were_made_up_are_marked(tmp_path):
    out = made(tmp_path, "writer=[npz]", "detector.miss=0.4", "refine=fill")
    own = loading.load(out / f"{CLIP}.npz").tracks[0]
    run, _, found = shown(out)
    assert own.made.any()
    assert [letter == "m" for letter in run["people"][0]["state"]] == own.made.tolist()
    assert found.strips["0"].count("m") == own.made.sum()


@pytest.mark.parametrize("words", [(), ("writer.npy.normalise=true",), ("writer.npy.missing=zero",)])
def test_arrays_show_the_same_pixels(tmp_path, words):
    native = made(tmp_path / "npz", "writer=[npz]", "detector.people=2", "persons=all")
    arrays = made(tmp_path / "npy", "writer=[npy]", "detector.people=2", "persons=all", *words)
    one, other = shown(native)[0], shown(arrays)[0]
    assert len(one["people"]) == len(other["people"]) == 2
    for first, second in zip(one["people"], other["people"], strict=True):
        assert np.allclose(unpack(first["xy"]), unpack(second["xy"]), atol=0.02, equal_nan=True)
    assert np.allclose(unpack(one["times"]), unpack(other["times"]), atol=1e-6)
    assert unpack(other["index"]).tolist() == list(range(12))


@pytest.mark.parametrize("writer", ["csv", "json"])
def test_tables_show_the_same_pixels(tmp_path, writer):
    native = made(tmp_path / "npz", "writer=[npz]")
    table = made(tmp_path / "table", f"writer=[{writer}]")
    one, other = shown(native)[0], shown(table)[0]
    assert np.allclose(unpack(one["people"][0]["xy"]), unpack(other["people"][0]["xy"]), atol=0.6, equal_nan=True)
    assert other["index"] is None
    assert "writer=npz" in other["note"]


def test_files_that_are_not_read_are_told_with_what_to_type(tmp_path):
    run, table, found = shown(made(tmp_path, "writer=[openpose]"))
    assert (run["people"], run["skeleton"], table, found.strips) == ([], None, [], {})
    assert run["note"] == "its files (openpose) are not read here: writer=npz keeps all of it"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"\x93NUMPY"])
def test_damaged_files_are_a_note(tmp_path, content):
    out = made(tmp_path, "writer=[npz]")
    (out / f"{CLIP}.npz").write_bytes(content)
    run, _, _ = shown(out)
    assert run["people"] == []
    assert "damaged" in run["note"]


def test_a_lost_file_is_a_note(tmp_path):
    out = made(tmp_path, "writer=[npz]")
    (out / f"{CLIP}.npz").unlink()
    assert "there is no" in shown(out)[0]["note"]


def test_two_runs_share_a_skeleton(tmp_path):
    first, second = made(tmp_path / "a", "writer=[npz]"), made(tmp_path / "b", "writer=[npz]", "bbox_thr=0.2")
    table = []
    found = clip_data(CLIP, [run_of(first, 3, command="one"), run_of(second, 7, command="two")], table)
    assert [found.data["runs"][name]["command"] for name in ("3", "7")] == ["one", "two"]
    assert len(table) == 1
    assert set(found.strips) == {"3", "7"}


def test_more_than_the_budget_leaves_out_rows_and_says_so(tmp_path):
    out = made(tmp_path, "writer=[npz]")
    whole = shown(out)[0]
    run, _, _ = shown(out, budget=600)
    assert run["every"] > 1
    assert run["rows"] == len(range(0, 12, run["every"])) == len(run["people"][0]["state"])
    assert unpack(run["times"]).tolist() == unpack(whole["times"])[:: run["every"]].tolist()
    kept = unpack(whole["people"][0]["xy"])[:: run["every"]]
    assert np.allclose(unpack(run["people"][0]["xy"]), kept, atol=0.02, equal_nan=True)
    assert run["note"] == f"of its 12 rows only one in {run['every']} is shown"


def test_a_film_with_poses_is_named_from_where_the_page_is(tmp_path):
    out = made(tmp_path / "a run #1", "writer=[npz,overlay]")
    assert shown(out, base=tmp_path)[0]["film"] == f"a%20run%20%231/{CLIP}.mp4"
    assert shown(out, base=tmp_path / "else")[0]["film"] == f"../a%20run%20%231/{CLIP}.mp4"
    assert shown(out)[0]["film"] is None
    (out / f"{CLIP}.mp4").unlink()
    assert shown(out, base=tmp_path)[0]["film"] is None


def test_a_skipped_clip_has_its_reason(tmp_path):
    out = made(tmp_path, "writer=[npz]", "detector.people=2", "persons=only")
    run, _, _ = shown(out)
    assert run["people"] == []
    assert "person" in run["note"]


def test_reading_twice_gives_the_same(tmp_path):
    out = made(tmp_path, "writer=[npz]")
    copy = shutil.copytree(out, tmp_path.parent / f"{tmp_path.name}-copy")
    assert shown(out)[0] == shown(copy)[0]
