"""detector=detectron2 against the same network in torch, with all the widths of the zoo's."""

from __future__ import annotations

import numpy as np
import pytest
import rcnnnets

torch = pytest.importorskip("torch", reason="torch is not installed: it is the witness")
cv2 = pytest.importorskip("cv2")
pytest.importorskip("onnxruntime")

from rcnntorch import Torch  # noqa: E402

from posecfg.detectors.rcnn.configs import chosen  # noqa: E402
from posecfg.detectors.rcnn.network import Network  # noqa: E402

ZOO = {
    "r50": ("COCO-Keypoints/keypoint_rcnn_R_50_FPN_3x.yaml", 1, True),
    "x101": ("COCO-Keypoints/keypoint_rcnn_X_101_32x8d_FPN_3x.yaml", 32, False),
}


@pytest.mark.parametrize("kind", ZOO)
def test_people_and_keypoints_are_those_of_torch(kind):
    config, groups, first = ZOO[kind]
    arrays = rcnnnets.published(kind)
    net = Network(arrays, chosen(config), cv2, kind, "cpu", 2)
    given = []
    look = net._look
    net._look = lambda picture: given.append(picture) or look(picture=picture)
    image = cv2.resize(np.random.default_rng(4).integers(0, 256, (9, 12, 3), np.uint8), (320, 240))
    seen = net.look(image, 240, 400)
    boxes, scores = net.people(seen, 0.0, 0.5, 20)
    xy, peaks = net.points(seen, boxes)
    found = Torch(arrays, groups, first)(given[0], seen.size, 0.0, 0.5, 20)
    assert len(boxes) == len(found[0]) > 5
    np.testing.assert_allclose(boxes, found[0], atol=0.01)
    np.testing.assert_allclose(scores, found[1], atol=1e-4)
    # Two pixels of an enlarged map may be alike.
    assert (np.abs(xy - found[2]).max(axis=2) < 0.05).mean() > 0.97
    # Peaks are up to 15; one next to 0 has an error of its own, which depends on the processor.
    np.testing.assert_allclose(peaks, found[3], rtol=1e-3, atol=1e-4)
