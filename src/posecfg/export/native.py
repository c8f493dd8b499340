"""Results of OpenMMLab's own inference functions, as plain arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posecfg.detectors.topdown.simcc3d import REACH
from posecfg.openmmlab.compat import quiet

if TYPE_CHECKING:
    from posecfg.arrays import F32, U8

# No limit on the number of boxes, before duplicates are removed and after.
_MANY = 100_000


def boxes(network: Any, picture: U8, score_thr: float, nms: float, most: int) -> tuple[F32, F32]:
    """Return people's boxes (N, 4) px and scores (N,) in a ``picture`` (H, W, 3) RGB, the highest score first."""
    import numpy as np
    from mmdet.apis import inference_detector
    from mmengine.registry import DefaultScope

    rules = network.model.bbox_head.test_cfg
    rules.update(score_thr=score_thr, nms={"type": "nms", "iou_threshold": nms}, nms_pre=_MANY, max_per_img=_MANY)
    with quiet(), DefaultScope.overwrite_default_scope("mmdet"):
        given = inference_detector(network.model, np.ascontiguousarray(picture[..., ::-1])).pred_instances.numpy()
    people = np.flatnonzero(given.labels == 0)
    people = people[np.argsort(-given.scores[people], kind="stable")][:most]
    return given.bboxes[people], given.scores[people]


def points(network: Any, picture: U8, xyxy: F32) -> tuple[F32, F32, F32 | None]:
    """Return keypoints (P, K, 2) px, their scores (P, K) and, where there is one, depth (P, K) metres from the hips."""
    import numpy as np
    from mmpose.apis import inference_topdown

    with quiet():
        given = inference_topdown(network.model, np.ascontiguousarray(picture[..., ::-1]), xyxy)
    people = [one.pred_instances for one in given]
    scores = np.concatenate([one.keypoint_scores for one in people])
    if "simcc_z" not in network.outputs:
        return np.concatenate([one.keypoints for one in people]), scores, None
    bins = np.concatenate([one.keypoints_simcc for one in people])[..., 2]
    depth = (bins / (network.model.cfg.codec["input_size"][2] / 2) - 1) * REACH
    return np.concatenate([one.transformed_keypoints for one in people]), scores, depth.astype(np.float32)
