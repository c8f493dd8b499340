"""COCO's files as pycocotools and MMPose read them."""

from __future__ import annotations

import numpy as np
import pytest

coco = pytest.importorskip("pycocotools.coco", reason="pycocotools is not installed: make test-readers")


def test_results_are_loaded_beside_the_list_of_images(coco_folder):
    folder, keypoints, size = coco_folder
    truth = coco.COCO(str(folder / "annotations" / "train.json"))
    results = truth.loadRes(str(folder / "annotations" / "train_results.json"))
    assert len(truth.getImgIds()) == size
    (category,) = truth.loadCats(truth.getCatIds())
    assert tuple(category["keypoints"]) == keypoints
    found = results.loadAnns(results.getAnnIds())
    assert {len(one["keypoints"]) for one in found} == {3 * len(keypoints)}
    assert {one["image_id"] for one in found} <= set(truth.getImgIds())


def test_poses_score_one_against_themselves(coco_folder):
    from pycocotools.cocoeval import COCOeval

    folder, keypoints, _ = coco_folder
    truth = coco.COCO(str(folder / "annotations" / "train.json"))
    scored = COCOeval(truth, truth.loadRes(str(folder / "annotations" / "train_results.json")), "keypoints")
    scored.params.kpt_oks_sigmas = np.full(len(keypoints), 0.05)
    scored.evaluate()
    scored.accumulate()
    scored.summarize()
    assert scored.stats[0] == 1.0
