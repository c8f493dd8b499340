"""Parquet files of poses, read by pyarrow, which is another program than what wrote their numbers."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from samples import extraction, track
from whole_runs import go, published

from posecfg import backends, skeletons
from posecfg.errors import BackendMissing, ConfigError
from posecfg.review.verify import verify
from posecfg.writers import dataset_card
from posecfg.writers.parquet import Parquet

needs_pyarrow = pytest.mark.skipif(not backends.present("pyarrow"), reason="pyarrow is not installed")
DATA = "poses/data/folder/film.parquet"
TWO = ("dataset=synthetic", "dataset.clips=2", "dataset.frames=4", "dataset.size=[32,24]", "persons=all")


@pytest.fixture
def table(written):
    def read(source, **settings):
        parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
        return parquet.read_table(io.BytesIO(written(Parquet(**settings), source).data[DATA]))

    return read


def numbers(table, name, people, points, rows):
    """Return a column as (P, T, K)."""
    values = table.column(name).to_numpy(zero_copy_only=False)
    return values.reshape(people, points, rows).transpose(0, 2, 1)


@needs_pyarrow
def test_all_numbers_names_times_and_ids_come_back(table):
    done = extraction(track(4, missing=[2], xyz=True), track(4, person=7, xyz=True))
    done = replace(done, clock=replace(done.clock, times=np.array([0.0, 0.1, 0.25, 0.3]), indices=np.arange(4) + 9))
    done.tracks[1].made[3] = True
    found = table(done)
    assert found.num_rows == 2 * 4 * 17
    for person, one in enumerate(done.tracks):
        for name, values in {
            "x": one.xy[..., 0],
            "y": one.xy[..., 1],
            "score": one.scores,
            "z3d": one.xyz[..., 2],
        }.items():
            np.testing.assert_array_equal(numbers(found, name, 2, 17, 4)[person], values)
        assert set(numbers(found, "person", 2, 17, 4)[person].ravel().tolist()) == {one.id}
    assert numbers(found, "time", 2, 17, 4)[0, :, 5].tolist() == done.clock.times.tolist()
    assert numbers(found, "frame", 2, 17, 4)[1, :, 0].tolist() == [9, 10, 11, 12]
    assert tuple(numbers(found, "keypoint", 2, 17, 4)[0, 0]) == skeletons.load("coco17").keypoints
    assert numbers(found, "made", 2, 17, 4)[:, :, 3].tolist() == [[False] * 4, [False, False, False, True]]
    assert found.column("x").null_count == 17
    assert found.column("depth").null_count == found.num_rows


@needs_pyarrow
def test_types_are_the_same_in_every_clip_and_units_and_bones_are_told(table):
    flat, nobody = table(extraction(track(3))), table(extraction(rows=3))
    deep = table(extraction(track(2, "wholebody133", xyz=True, depth=True)))
    assert flat.schema.equals(nobody.schema)
    assert flat.schema.equals(deep.schema)
    assert nobody.num_rows == 0
    told = json.loads(nobody.schema.metadata[b"posecfg"])
    assert (told["frames"], told["people"], told["size"]) == (3, [], [200, 100])
    assert told["skeleton"]["keypoints"] == list(skeletons.load("coco17").keypoints)
    assert all(len(bone) == 2 for bone in told["skeleton"]["bones"])
    assert told["units"]["time"] == "s"
    assert json.loads(deep.schema.metadata[b"posecfg"])["units"]["z3d"].startswith("metres")


@needs_pyarrow
def test_a_long_clip_is_written_in_groups_of_rows(table, monkeypatch):
    monkeypatch.setattr("posecfg.writers.long_table.GROUP", 1)
    found = table(extraction(track(600)))
    assert found.num_rows == 600 * 17
    assert found.column("row").to_pylist()[: 256 * 17] == list(range(256)) * 17
    assert sorted(found.column("row").to_pylist()) == sorted(list(range(600)) * 17)


@needs_pyarrow
def test_numbers_that_need_not_be_exact_are_near(table):
    one = track(3)
    one = replace(one, xy=one.xy + np.float32(0.3), scores=one.scores * np.float32(0.777))
    found = table(extraction(one), exact=False)
    assert np.abs(numbers(found, "x", 1, 17, 3)[0] - one.xy[..., 0]).max() <= 1 / 128
    assert np.abs(numbers(found, "score", 1, 17, 3)[0] - one.scores).max() <= 1 / 8192


@needs_pyarrow
def test_keypoints_are_chosen_as_in_other_writers(table):
    found = table(extraction(track(2, "blazepose33")), keypoints="coco17")
    assert json.loads(found.schema.metadata[b"posecfg"])["skeleton"]["name"] == "coco17"
    assert found.num_rows == 2 * 17


@needs_pyarrow
def test_a_run_is_one_table_with_a_card_however_it_was_made(tmp_path):
    import pyarrow.dataset

    words = (*TWO, "writer=[parquet]", "detector.people=2")
    go(tmp_path / "one", *words)
    go(tmp_path / "two", *words, "limit=1")
    go(tmp_path / "two", *words, "shard=2/2")
    go(tmp_path / "two", *words, "workers=2")
    assert published(tmp_path / "one") == published(tmp_path / "two")
    assert verify([str(tmp_path / "one")])["problems"] == []
    table = pyarrow.dataset.dataset(tmp_path / "one" / "poses" / "data").to_table()
    assert sorted(set(table.column("clip").to_pylist())) == ["synthetic_0000", "synthetic_0001"]
    card = (tmp_path / "one" / "poses" / "README.md").read_text()
    assert "2 clips, 8 rows of frames" in card
    assert "| `x` | float32 | px |" in card


@needs_pyarrow
def test_a_table_that_holds_clips_of_other_settings_says_so(tmp_path):
    go(tmp_path, *TWO, "writer=[parquet]")
    others = (*TWO, "writer=[parquet]", "writer.parquet.mask=true", "kpt_thr=0.9", "overwrite=true")
    said = "poses/data still has files of 1 clip made or written with other settings"
    assert [line for line in go(tmp_path, *others, "limit=1").screen.said if said in line]
    assert "1 clip, 4 rows of frames" in (tmp_path / "poses" / "README.md").read_text()
    assert not [line for line in go(tmp_path, *others).screen.said if "still has files" in line]


def test_a_card_names_models_with_their_licences():
    told = {"frames": 3, "people": 1, "lines": 51, "skeleton": "coco17", "keypoints": ["nose"]}
    told["meaning"] = {"score": "visibility", "xyz": "metres, y down", "depth": None}
    told["weights"], told["versions"] = {"pose_detection": "9ba9dd3d42efaaba" * 4, "mine": "0" * 64}, {"numpy": "2.4"}
    text = dataset_card.card([told, told])
    assert "| `pose_detection` | BlazePose's person detector, inside" in text
    assert "| detector=blazepose" in text
    assert "| Apache-2.0 | `9ba9dd3d42efaaba` |" in text
    assert text.count("pose_detection") == 1
    assert "| `mine` |  |  | not known |" in text
    assert "* numpy 2.4" in text
    assert "| `score` | float32 |  | as the model gives it: visibility |" in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"level": 0}, "Expected level to be from 1 to 22"),
        ({"exact": 1}, "Expected exact to be true or false"),
        ({"path": "{id}"}, "Expected path to be the name of a folder"),
    ],
)
def test_arguments_that_cannot_work_are_refused(wrong, said, monkeypatch):
    monkeypatch.setattr(backends, "check", lambda *about: None)
    with pytest.raises(ConfigError, match=said):
        Parquet(**wrong)


def test_without_pyarrow_it_says_what_to_type(monkeypatch):
    monkeypatch.setattr(backends, "present", lambda module: False)
    with pytest.raises(BackendMissing, match=r"pip install 'posecfg\[parquet\]'"):
        Parquet()
