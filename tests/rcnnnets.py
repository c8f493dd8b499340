"""Small keypoint R-CNNs of random weights in the format of Detectron2's zoo, and the same networks in plain NumPy."""

from __future__ import annotations

import math
import pickle

import numpy as np

UP, RPN, HEADS = "backbone.bottom_up", "proposal_generator.rpn_head", "roi_heads"
HEAD = f"{HEADS}.keypoint_head"
SIZES, RATIOS = (32, 64, 128, 256, 512), (0.5, 1.0, 2.0)


def weights(
    blocks=(1, 1, 1, 1),
    stem=4,
    narrow=4,
    wide=8,
    fpn=6,
    inner=10,
    head=5,
    heads=2,
    groups=1,
    seed=0,
    bias=1.0,
    growth=1,
):
    """Return the arrays by name; ``bias`` makes boxes more likely to be people, stages widen by ``growth``."""
    draw, found = np.random.default_rng(seed), {}

    def layer(name, *shape, gain=1.0, bias=0.1):
        found[f"{name}.weight"] = draw.normal(0, gain * math.prod(shape[1:]) ** -0.5, shape)
        if bias:
            found[f"{name}.bias"] = draw.normal(0, bias, shape[0])

    def normed(name, *shape, gain=1.0):
        layer(name, *shape, gain=1.4, bias=0)
        found[f"{name}.norm.weight"] = draw.uniform(0.5, 1.5, shape[0]) * gain
        found[f"{name}.norm.bias"] = draw.normal(0, 0.2, shape[0])
        found[f"{name}.norm.running_mean"] = draw.normal(0, 0.2, shape[0])
        found[f"{name}.norm.running_var"] = draw.uniform(0.5, 1.5, shape[0])

    normed(f"{UP}.stem.conv1", stem, 3, 7, 7, gain=0.02)
    before = stem
    for stage, count in zip((2, 3, 4, 5), blocks, strict=True):
        for block in range(count):
            name = f"{UP}.res{stage}.{block}"
            if block == 0:
                normed(f"{name}.shortcut", wide, before, 1, 1)
            normed(f"{name}.conv1", narrow, before, 1, 1)
            normed(f"{name}.conv2", narrow, narrow // groups, 3, 3)
            normed(f"{name}.conv3", wide, narrow, 1, 1, gain=0.3)
            before = wide
        narrow, wide = narrow * growth, wide * growth
        layer(f"backbone.fpn_lateral{stage}", fpn, before, 1, 1, gain=0.3)
        layer(f"backbone.fpn_output{stage}", fpn, fpn, 3, 3)
    layer(f"{RPN}.conv", fpn, fpn, 3, 3)
    layer(f"{RPN}.objectness_logits", 3, fpn, 1, 1)
    layer(f"{RPN}.anchor_deltas", 12, fpn, 1, 1, gain=0.3)
    layer(f"{HEADS}.box_head.fc1", inner, fpn * 49)
    layer(f"{HEADS}.box_head.fc2", inner, inner)
    layer(f"{HEADS}.box_predictor.cls_score", 2, inner, gain=2.0)
    layer(f"{HEADS}.box_predictor.bbox_pred", 4, inner, gain=0.3)
    found[f"{HEADS}.box_predictor.cls_score.bias"] += (bias, 0)
    for number in range(1, heads + 1):
        layer(f"{HEAD}.conv_fcn{number}", head, fpn if number == 1 else head, 3, 3, gain=1.4)
    found[f"{HEAD}.score_lowres.weight"] = draw.normal(0, 2 * head**-0.5, (head, 17, 4, 4))
    found[f"{HEAD}.score_lowres.bias"] = draw.normal(0, 0.2, 17)
    return {name: array.astype(np.float32) for name, array in found.items()}


def pickled(path, arrays, protocol=2, **others):
    """Write a file as those of the zoo are."""
    content = {"model": arrays, "__author__": "Detectron2 Model Zoo", **others}
    path.write_bytes(pickle.dumps(content, protocol))
    return path


class Plain:
    """The network of ``arrays``, computed from its description in float64."""

    def __init__(self, arrays, groups=1, stride_in_1x1=True):
        self.arrays = {name: array.astype(np.float64) for name, array in arrays.items()}
        self.groups, self.first = groups, stride_in_1x1

    def conv(self, values, name, stride=1, groups=1):
        weight = self.arrays[f"{name}.weight"]
        pad, side = weight.shape[-1] // 2, weight.shape[-1]
        windows = np.lib.stride_tricks.sliding_window_view(
            np.pad(values, ((0, 0), (0, 0), (pad, pad), (pad, pad))), (side, side), axis=(2, 3)
        )[:, :, ::stride, ::stride]
        parts = zip(np.split(windows, groups, axis=1), np.split(weight, groups), strict=True)
        made = np.concatenate([np.einsum("nchwij,ocij->nohw", *part, optimize=True) for part in parts], axis=1)
        if f"{name}.bias" in self.arrays:
            return made + self.arrays[f"{name}.bias"][:, None, None]
        one = [self.arrays[f"{name}.norm.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        mean, variance, scale, shift = (array[:, None, None] for array in one)
        return (made - mean) / np.sqrt(variance + 1e-5) * scale + shift

    def features(self, picture):
        """Return p2 to p6 of (1, 3, H, W)."""
        values = np.maximum(self.conv(picture, f"{UP}.stem.conv1", 2), 0)
        padded = np.pad(values, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
        values = windows[:, :, ::2, ::2].max(axis=(4, 5))
        stages = []
        for stage in (2, 3, 4, 5):
            block = 0
            while f"{UP}.res{stage}.{block}.conv1.weight" in self.arrays:
                values = self.block(values, f"{UP}.res{stage}.{block}", 2 if stage > 2 and block == 0 else 1)
                block += 1
            stages.append(values)
        found, above = [], 0
        for stage in (5, 4, 3, 2):
            above = self.conv(stages[stage - 2], f"backbone.fpn_lateral{stage}") + above
            found.insert(0, self.conv(above, f"backbone.fpn_output{stage}"))
            above = above.repeat(2, axis=2).repeat(2, axis=3)
        return [*found, found[3][:, :, ::2, ::2]]

    def block(self, values, name, stride):
        one, two = (stride, 1) if self.first else (1, stride)
        inner = np.maximum(self.conv(values, f"{name}.conv1", one), 0)
        inner = np.maximum(self.conv(inner, f"{name}.conv2", two, self.groups), 0)
        inner = self.conv(inner, f"{name}.conv3")
        beside = self.conv(values, f"{name}.shortcut", stride) if f"{name}.shortcut.weight" in self.arrays else values
        return np.maximum(inner + beside, 0)

    def proposals(self, features, size, before=1000, after=1000, nms=0.7):
        """Return the best boxes (N, 4) px and their logits."""
        boxes, logits = [], []
        for level, values in enumerate(features):
            inner = np.maximum(self.conv(values, f"{RPN}.conv"), 0)
            scores = self.conv(inner, f"{RPN}.objectness_logits")[0]
            moves = self.conv(inner, f"{RPN}.anchor_deltas")[0].reshape(3, 4, *scores.shape[1:])
            anchors = np.array(
                [
                    (
                        x * 4 * 2**level - w / 2,
                        y * 4 * 2**level - h / 2,
                        x * 4 * 2**level + w / 2,
                        y * 4 * 2**level + h / 2,
                    )
                    for y in range(scores.shape[1])
                    for x in range(scores.shape[2])
                    for w, h in [(SIZES[level] / r**0.5, SIZES[level] * r**0.5) for r in RATIOS]
                ]
            )
            moved = decoded(anchors, moves.transpose(2, 3, 0, 1).reshape(-1, 4), size)
            flat = scores.transpose(1, 2, 0).ravel()
            best = np.argsort(-flat, kind="stable")[:before]
            best = best[(moved[best, 2:] > moved[best, :2]).all(axis=1)]
            kept = best[distinct(moved[best], nms)]
            boxes.append(moved[kept])
            logits.append(flat[kept])
        boxes, logits = np.concatenate(boxes), np.concatenate(logits)
        best = np.argsort(-logits, kind="stable")[:after]
        return boxes[best], logits[best]

    def people(self, features, size, **limits):
        """Return the boxes (N, 4) px of all proposals and how much each is a person (N,)."""
        boxes, _ = self.proposals(features, size, **limits)
        values = self.cut(features, boxes, 7).reshape(len(boxes), -1)
        for name in ("fc1", "fc2"):
            values = np.maximum(self.dense(values, f"{HEADS}.box_head.{name}"), 0)
        logits = self.dense(values, f"{HEADS}.box_predictor.cls_score")
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        moves = self.dense(values, f"{HEADS}.box_predictor.bbox_pred") / (10, 10, 5, 5)
        return decoded(boxes, moves, size), shares[:, 0] / shares.sum(axis=1)

    def dense(self, values, name):
        return values @ self.arrays[f"{name}.weight"].T + self.arrays[f"{name}.bias"]

    def cut(self, features, boxes, side):
        """Return (N, C, side, side): each box from the features that fit its size."""
        pieces = []
        for x0, y0, x1, y1 in boxes:
            level = int(np.clip(math.floor(4 + math.log2(math.sqrt((x1 - x0) * (y1 - y0)) / 224 + 1e-8)), 2, 5))
            box = np.array([x0, y0, x1, y1]) / 2**level - 0.5
            pieces.append(aligned(features[level - 2][0], box, side))
        return np.stack(pieces)

    def heatmaps(self, features, boxes):
        values, number = self.cut(features, boxes, 14), 1
        while f"{HEAD}.conv_fcn{number}.weight" in self.arrays:
            values = np.maximum(self.conv(values, f"{HEAD}.conv_fcn{number}"), 0)
            number += 1
        weight = self.arrays[f"{HEAD}.score_lowres.weight"]
        spread = np.zeros((len(boxes), 17, 30, 30))
        for y in range(14):
            for x in range(14):
                spread[:, :, 2 * y : 2 * y + 4, 2 * x : 2 * x + 4] += np.einsum(
                    "nc,ckij->nkij", values[:, :, y, x], weight
                )
        spread = spread[:, :, 1:-1, 1:-1] + self.arrays[f"{HEAD}.score_lowres.bias"][:, None, None]
        return np.einsum("yi,nkij,xj->nkyx", doubling(28), spread, doubling(28), optimize=True)


def decoded(boxes, moves, size):
    """Move boxes (N, 4), stretch them by no more than 62.5 times, and cut them to ``size`` (width, height)."""
    extents = boxes[:, 2:] - boxes[:, :2]
    middles = boxes[:, :2] + extents / 2 + moves[:, :2] * extents
    halves = np.exp(np.minimum(moves[:, 2:], math.log(1000 / 16))) * extents / 2
    return np.clip(np.concatenate([middles - halves, middles + halves], axis=1), 0, np.array([*size, *size]))


def distinct(boxes, most):
    """Return the rows of boxes, the best first, that overlap none before them by more than ``most``."""
    kept = []
    for row, (x0, y0, x1, y1) in enumerate(boxes):
        others = boxes[kept]
        wide = np.minimum(x1, others[:, 2]) - np.maximum(x0, others[:, 0])
        high = np.minimum(y1, others[:, 3]) - np.maximum(y0, others[:, 1])
        common = np.maximum(wide, 0) * np.maximum(high, 0)
        both = (x1 - x0) * (y1 - y0) + (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1]) - common
        if not (common > most * both).any():
            kept.append(row)
    return kept


def aligned(values, box, side):
    """Return the means (C, side, side) of samples in each cell of a box, one a px or more."""
    x0, y0, x1, y1 = box
    across, down = (x1 - x0) / side, (y1 - y0) / side
    wide, high = max(1, math.ceil(across)), max(1, math.ceil(down))
    xs = x0 + (np.arange(side * wide) + 0.5) * across / wide
    ys = y0 + (np.arange(side * high) + 0.5) * down / high
    rows, columns = samples(ys, values.shape[1]), samples(xs, values.shape[2])
    found = np.einsum("yi,cij,xj->cyx", rows, values, columns, optimize=True)
    return found.reshape(len(values), side, high, side, wide).mean(axis=(2, 4))


def samples(places, length):
    """Return the weights (N, length) of samples between px; what is a px or more outside is 0."""
    found = np.zeros((len(places), length))
    for row, place in enumerate(places):
        if -1 <= place <= length:
            place = min(max(place, 0), length - 1)
            low = int(place)
            found[row, low] += 1 - (place - low)
            found[row, min(low + 1, length - 1)] += place - low
    return found


def doubling(length):
    """Return the weights (2 length, length) of linear interpolation between middles of px."""
    places = np.clip((np.arange(2 * length) + 0.5) / 2 - 0.5, 0, length - 1)
    return samples(places, length)


def enlarged(values, length):
    """Return the weights (length, values) of cubic interpolation with a = -0.75 between middles of px."""
    found = np.zeros((length, values))
    for row in range(length):
        place = (row + 0.5) * values / length - 0.5
        low = math.floor(place)
        for column in range(low - 1, low + 3):
            far = abs(place - column)
            near = (1.25 * far - 2.25) * far * far + 1 if far <= 1 else -0.75 * (((far - 5) * far + 8) * far - 4)
            found[row, min(max(column, 0), values - 1)] += near
    return found


def read(heatmaps, boxes):
    """Return points (P, K, 2) px and scores (P, K), from the description of Detectron2's decoding."""
    points, scores = np.empty((*heatmaps.shape[:2], 2)), np.empty(heatmaps.shape[:2])
    for person, (x0, y0, x1, y1) in enumerate(boxes.astype(np.float64)):
        width, height = max(x1 - x0, 1), max(y1 - y0, 1)
        rows, columns = enlarged(heatmaps.shape[2], math.ceil(height)), enlarged(heatmaps.shape[3], math.ceil(width))
        for point, values in enumerate(heatmaps[person].astype(np.float64)):
            large = rows @ values @ columns.T
            y, x = np.unravel_index(large.argmax(), large.shape)
            points[person, point] = x0 + (x + 0.5) * width / large.shape[1], y0 + (y + 0.5) * height / large.shape[0]
            scores[person, point] = 1 / np.exp(values - large.max()).sum()
    return points, scores


def published(kind="r50", **how):
    """Return random arrays of a network of the zoo, with all of its widths."""
    sizes = {
        "r50": {"blocks": (3, 4, 6, 3), "narrow": 64},
        "r101": {"blocks": (3, 4, 23, 3), "narrow": 64},
        "x101": {"blocks": (3, 4, 23, 3), "narrow": 256, "groups": 32},
    }[kind]
    whole = {"stem": 64, "wide": 256, "fpn": 256, "inner": 1024, "head": 512, "heads": 8, "growth": 2}
    return weights(**{**sizes, **whole, **how})
