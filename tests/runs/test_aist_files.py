"""AIST++ from a tree of films and annotations to frames and to a data set in the layout of COCO."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import pytest
from aisttree import FIRST, SECOND, THIRD, tree
from films import write
from whole_runs import go, published

PRESET = (
    *("dataset=aist", "sampler=annotated", "detector=annotations", "persons=all", "bbox_thr=0.0", "writer=[coco]"),
    *("writer.coco.path=rtmpose_dataset",),
)


@pytest.fixture
def root(tmp_path):
    film = write(tmp_path / "film.mp4", range(10), fps=60, size=(320, 240))
    films = [name.replace("cAll", view) for name in (FIRST, SECOND) for view in ("c01", "c02")]
    splits = {"pose_train": [FIRST, THIRD], "pose_val": [SECOND]}
    return tree(tmp_path / "aist", film, films, splits, ignored=[THIRD], frames=10)


def test_two_splits_one_after_another_keep_both_in_any_order(root, tmp_path):
    found = []
    for order in (("pose_train", "pose_val"), ("pose_val", "pose_train"), ("all",)):
        out = tmp_path / order[0]
        for split in order:
            assert (
                go(out, *PRESET, f"dataset.path={root}", "dataset.views=[c01,c02]", f"dataset.split={split}").exit_code
                == 0
            )
        found.append(published(out))
    assert found[0] == found[1] == found[2]
    train, val = (json.loads(found[0][f"rtmpose_dataset/{s}/annotations/{s}.json"]) for s in ("train", "val"))
    first = FIRST.replace("cAll", "c01")
    assert train["images"][0]["file_name"] == f"{first}_frame_000000.jpg"
    assert {name.rpartition("/")[0] for name in found[0]} == {
        f"rtmpose_dataset/{split}/{kind}" for split in ("train", "val") for kind in ("images", "annotations")
    }
    assert [one["id"] for one in val["annotations"]] == list(range(1, len(val["annotations"]) + 1))
    # View c02 is row 1 of the pickle: keypoint k of frame n lies at (10 k + n, 100 + k).
    seventh = train["annotations"][10 + 7]
    assert seventh["keypoints"][:6] == [7, 100, 2, 17, 101, 2]
    assert seventh["bbox"] == [0, 80, 187, 56]


def test_frames_are_linked_into_the_data_set(root, tmp_path):
    out, path = tmp_path / "out", f"dataset.path={root}"
    assert go(out, *PRESET[:-2], path, "writer=[frames]", "writer.frames.path='frames/{id}'").exit_code == 0
    words = (*PRESET, path, "writer.coco.images=link", f"writer.coco.frames={out}/frames")
    # Where pictures come from may differ from split to split.
    assert go(out, *PRESET, path, "dataset.split=pose_val").done == 1
    assert go(out, *words).done == 1
    name = FIRST.replace("cAll", "c01")
    one = out / f"frames/{name}/frame_000003.jpg"
    assert one.samefile(out / f"rtmpose_dataset/train/images/{name}_frame_000003.jpg")
    copied = (*PRESET, path, "writer.coco.images=copy", f"writer.coco.frames={out}/../out/frames")
    for more in (words, copied, (*PRESET[:-2], path, "writer=[frames]", "writer.frames.path='frames/{id}'")):
        again = go(out, *more)
        assert (again.exit_code, again.done, again.already) == (0, 0, 2)


@pytest.mark.parametrize("fps", [24, 25, 30, 50, Fraction(60000, 1001), 60])
@pytest.mark.parametrize("every", [1, 3])
def test_each_row_is_its_own_annotation_in_all_files_and_scores(tmp_path, fps, every):
    """Keypoint 0 lies at (n, 0) in annotation n, and the film repeats frames, or leaves some out."""
    film = write(tmp_path / "film.mp4", range(math.ceil(14 * fps / 60)), fps=fps, size=(64, 64))
    name = FIRST.replace("cAll", "c01")
    path = f"dataset.path={tree(tmp_path / 'aist', film, [name], frames=14)}"
    chain = (path, *PRESET[:2], "bbox_thr=0.0", f"sampler.every={every}")
    words = (*chain, PRESET[2], "writer=[coco,frames,csv,npz]", "writer.coco.images=none")
    out, wanted = tmp_path / "out", [float(n) for n in range(0, 14, every)]
    report = go(out, *words, "metric=[epe,oks]")
    scores = report.data()["scores"]
    assert (scores["epe_px"], scores["ap"]) == (0, 1)
    files = published(out)
    table = json.loads(files[f"{name}/frame_mapping.json"])["frame_mapping"].values()
    assert [row["annotation_index"] for row in table] == wanted
    assert [row["timestamp_sec"] for row in table] == [round(n / 60, 6) for n in wanted]
    train = json.loads(files["coco/train/annotations/train.json"])["annotations"]
    assert [one["keypoints"][0] for one in train] == wanted
    lines = [line.split(",") for line in files[f"{name}.csv"].decode().splitlines() if ",nose," in line]
    assert [float(line[4]) for line in lines] == wanted
    assert [row["frame_sec"] for row in table] == [float(line[1]) for line in lines]
    if (fps, every) == (30, 3):
        again = go(tmp_path / "late", *chain, "detector=stored", f"detector.path={out}", "metric=[epe]")
        assert again.data()["scores"]["epe_px"] == 0, "stored poses are those of the rows too"
        later = go(out, *words, "metric=[pck]")
        assert later.data()["scores"]["pck"] == 1, "and so they are for scores that are asked for later"
