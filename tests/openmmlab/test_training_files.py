"""MMPose's own CocoDataset loads what ``writer=coco`` wrote, with the lines that the page on AIST++ shows."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from aisttree import FIRST, SECOND, annotations, tree
from films import write
from whole_runs import go

from posecfg.openmmlab import compat

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data_set(tmp_path):
    """Write a data set of two splits, with one image each."""
    film = write(tmp_path / "film.mp4", range(10), fps=60, size=(320, 240))
    films = [name.replace("cAll", "c01") for name in (FIRST, SECOND)]
    root = tree(tmp_path / "aist_plusplus", film, films, {"pose_train": [FIRST], "pose_val": [SECOND]}, frames=10)
    for split in ("pose_train", "pose_val"):
        words = ("sampler=annotated", "detector=annotations", "persons=all", "bbox_thr=0.0", "writer=[coco]")
        place = ("writer.coco.path=rtmpose_dataset", f"dataset.path={root}", f"dataset.split={split}")
        assert go(tmp_path / "aist", "dataset=aist", *words, *place).exit_code == 0
    return tmp_path / "aist/rtmpose_dataset"


def test_the_lines_of_the_page_load_it(data_set, tmp_path, monkeypatch):
    coco = pytest.importorskip("pycocotools.coco", reason="pycocotools is not installed here")
    from mmengine.config import Config
    from mmengine.registry import init_default_scope
    from mmpose.datasets.datasets.base import base_coco_style_dataset
    from mmpose.registry import DATASETS

    # xtcocotools, which MMPose names, is not built for current versions of NumPy; this reads the same files.
    monkeypatch.setattr(base_coco_style_dataset, "COCO", coco.COCO)
    page = (ROOT / "docs/pipelines/aist.md").read_text("utf-8")
    (lines,) = re.findall(r"```python\n(_base_.*?)```", page, re.DOTALL)
    file = tmp_path / "aist_rtmpose-s.py"
    file.write_text(lines.replace('"aist/rtmpose_dataset/"', repr(f"{data_set}/")))
    config = Config.fromfile(file)
    init_default_scope("mmpose")
    for loader in (config.train_dataloader, config.val_dataloader, config.test_dataloader):
        described = loader.dataset.to_dict()
        # Its augmentation needs a package of its own.
        described["pipeline"] = [step for step in described["pipeline"] if step["type"] != "Albumentation"]
        with compat.quiet():
            found = DATASETS.build(described)
        assert len(found) == 10
        assert tuple(found[3]["inputs"].shape) == (3, 256, 192)
        known = found.get_data_info(3)
        shown = annotations(10)["keypoints2d"][0, 3, :, :2]
        np.testing.assert_array_equal(known["keypoints"][0], shown)
    assert config.val_evaluator.ann_file == f"{data_set}/val/annotations/val.json"
