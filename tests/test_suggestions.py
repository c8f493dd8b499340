from __future__ import annotations

import pytest

from posecfg.config.options import everything, options
from posecfg.suggestions import ALIASES, hint, nearest

WORDS = {
    "bbox_thresh": "bbox_thr",
    "bboxthr": "bbox_thr",
    "box_thr": "bbox_thr",
    "bbox-thr": "bbox_thr",
    "Threshold": "bbox_thr",
    "conf": "bbox_thr",
    "kp_thr": "kpt_thr",
    "worker": "workers",
    "num_workers": "workers",
    "n_workers": "workers",
    "ouput_dir": "output_dir",
    "outputdir": "output_dir",
    "out": "output_dir",
    "overwite": "overwrite",
    "force": "redo",
    "limt": "limit",
    "detectors": "detector",
    "model": "detector",
    "datset": "dataset",
    "writers": "writer",
    "expriment": "experiment",
    "preset": "experiment",
    "gpu": "device",
    "threads": "device.threads",
    "model_complexity": "detector.complexity",
    "detector.model_complexity": "detector.complexity",
    "detector.min_tracking_confidence": "detector.tracking_confidence",
    "fps": "sampler.rate",
    "sampler.fps": "sampler.rate",
    "input": "dataset.path",
    "dataset.folder": "dataset.path",
    "path": "dataset.path",
    "dtype": "writer.npy.dtype",
    "writer.npy.dtpye": "writer.npy.dtype",
    "video.begin": "video.start",
    "start": "video.start",
    "models.fetch": "models.autofetch",
    "end": "video.end",
    "precision": "device.precision",
    "qqqq": None,
    "detector.qqqq": None,
    "": None,
}


@pytest.mark.parametrize("word", WORDS)
def test_a_wrong_name_leads_to_the_right_one(word):
    assert nearest(word, everything()) == WORDS[word]


def test_every_alias_leads_somewhere():
    leaves = {name.rpartition(".")[2] for name in everything()}
    for word, names in ALIASES.items():
        assert any(name in everything() or name in leaves for name in names), word


def test_a_right_name_is_its_own_nearest():
    for name in everything():
        assert nearest(name, everything()) == name


def test_a_hint_is_a_question_or_nothing():
    assert hint("blazpose", options()["detector"]) == " Did you mean 'blazepose'?"
    assert hint("Blaze_Pose", ("blazepose", "movenet")) == " Did you mean 'blazepose'?"
    assert hint("qqq", ("blazepose",)) == hint("x", ()) == ""
