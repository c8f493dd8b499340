"""Keypoint R-CNN in plain torch, from the description of Detectron2's: a witness that shares no code with posecfg."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

UP, RPN, HEADS = "backbone.bottom_up", "proposal_generator.rpn_head", "roi_heads"
HEAD = f"{HEADS}.keypoint_head"
SIZES, RATIOS = (32, 64, 128, 256, 512), (0.5, 1.0, 2.0)


class Torch:
    """The network of NumPy ``arrays``, without gradients; ``dtype`` is that of all numbers."""

    def __init__(self, arrays, groups=1, stride_in_1x1=True, dtype=torch.float32):
        self.arrays = {name: torch.from_numpy(array.copy()).to(dtype) for name, array in arrays.items()}
        self.groups, self.first, self.dtype = groups, stride_in_1x1, dtype

    @torch.no_grad()
    def __call__(self, picture, size, score_thr=0.7, nms=0.5, most=100):
        """Return boxes (P, 4), scores (P,), points (P, 17, 2) and their scores (P, 17), in px of ``picture``."""
        features = self.features(torch.from_numpy(picture).to(self.dtype))
        boxes, scores = self.people(features, size)
        wanted = torch.nonzero((scores > score_thr) & (boxes[:, 2:] > boxes[:, :2]).all(dim=1))[:, 0]
        wanted = wanted[scores[wanted].argsort(descending=True, stable=True)]
        wanted = wanted[distinct(boxes[wanted], nms)][:most]
        boxes, scores = boxes[wanted], scores[wanted]
        points, peaks = read(self.heatmaps(features, boxes), boxes)
        return [one.numpy() for one in (boxes, scores, points, peaks)]

    def conv(self, values, name, stride=1, groups=1):
        weight = self.arrays[f"{name}.weight"]
        made = functional.conv2d(
            values, weight, self.arrays.get(f"{name}.bias"), stride, weight.shape[-1] // 2, groups=groups
        )
        if f"{name}.norm.weight" not in self.arrays:
            return made
        parts = ("running_mean", "running_var", "weight", "bias")
        return functional.batch_norm(made, *(self.arrays[f"{name}.norm.{part}"] for part in parts), eps=1e-5)

    def features(self, picture):
        values = functional.max_pool2d(functional.relu(self.conv(picture, f"{UP}.stem.conv1", 2)), 3, 2, 1)
        stages = []
        for stage in (2, 3, 4, 5):
            block = 0
            while f"{UP}.res{stage}.{block}.conv1.weight" in self.arrays:
                values = self.block(values, f"{UP}.res{stage}.{block}", 2 if stage > 2 and block == 0 else 1)
                block += 1
            stages.append(values)
        found, above = [], None
        for stage in (5, 4, 3, 2):
            lateral = self.conv(stages[stage - 2], f"backbone.fpn_lateral{stage}")
            above = lateral if above is None else lateral + functional.interpolate(above, scale_factor=2)
            found.insert(0, self.conv(above, f"backbone.fpn_output{stage}"))
        return [*found, functional.max_pool2d(found[3], 1, 2)]

    def block(self, values, name, stride):
        one, two = (stride, 1) if self.first else (1, stride)
        inner = functional.relu(self.conv(values, f"{name}.conv1", one))
        inner = functional.relu(self.conv(inner, f"{name}.conv2", two, self.groups))
        inner = self.conv(inner, f"{name}.conv3")
        beside = self.conv(values, f"{name}.shortcut", stride) if f"{name}.shortcut.weight" in self.arrays else values
        return functional.relu(inner + beside)

    def proposals(self, features, size):
        boxes, logits = [], []
        for level, values in enumerate(features):
            inner = functional.relu(self.conv(values, f"{RPN}.conv"))
            scores = self.conv(inner, f"{RPN}.objectness_logits")[0]
            moves = self.conv(inner, f"{RPN}.anchor_deltas")[0].reshape(3, 4, *scores.shape[1:]).permute(2, 3, 0, 1)
            flat, best = scores.permute(1, 2, 0).reshape(-1).topk(min(1000, scores.numel()))
            anchors = self.anchors(level, *scores.shape[1:])[best]
            moved = decoded(anchors, moves.reshape(-1, 4)[best], size)
            full = (moved[:, 2:] > moved[:, :2]).all(dim=1)
            moved, flat = moved[full], flat[full]
            kept = distinct(moved, 0.7)
            boxes.append(moved[kept])
            logits.append(flat[kept])
        boxes, logits = torch.cat(boxes), torch.cat(logits)
        return boxes[logits.argsort(descending=True, stable=True)[:1000]]

    def anchors(self, level, rows, columns):
        sides = [(SIZES[level] / ratio**0.5 / 2, SIZES[level] * ratio**0.5 / 2) for ratio in RATIOS]
        own = torch.tensor([(-w, -h, w, h) for w, h in sides], dtype=self.dtype)
        y, x = torch.meshgrid(
            *(torch.arange(n, dtype=self.dtype) * 4 * 2**level for n in (rows, columns)), indexing="ij"
        )
        return (torch.stack([x, y, x, y], dim=2)[:, :, None] + own).reshape(-1, 4)

    def people(self, features, size):
        boxes = self.proposals(features, size)
        values = self.cut(features, boxes, 7).flatten(1)
        for name in ("fc1", "fc2"):
            values = functional.relu(self.dense(values, f"{HEADS}.box_head.{name}"))
        shares = self.dense(values, f"{HEADS}.box_predictor.cls_score").softmax(dim=1)
        moves = self.dense(values, f"{HEADS}.box_predictor.bbox_pred")
        return decoded(boxes, moves / torch.tensor([10, 10, 5, 5]), size), shares[:, 0]

    def dense(self, values, name):
        return functional.linear(values, self.arrays[f"{name}.weight"], self.arrays[f"{name}.bias"])

    def cut(self, features, boxes, side):
        sizes = ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).sqrt()
        levels = (4 + (sizes / 224 + 1e-8).log2()).floor().clamp(2, 5).long()
        found = torch.empty(len(boxes), features[0].shape[1], side, side, dtype=self.dtype)
        for level in (2, 3, 4, 5):
            rows = torch.nonzero(levels == level)[:, 0]
            scaled = boxes[rows] / 2**level - 0.5
            counts = ((scaled[:, 2:] - scaled[:, :2]) / side).ceil().clamp(min=1).long()
            for wide, high in torch.unique(counts, dim=0).tolist():
                alike = torch.nonzero((counts == torch.tensor([wide, high])).all(dim=1))[:, 0]
                found[rows[alike]] = aligned(features[level - 2], scaled[alike], side, wide, high)
        return found

    def heatmaps(self, features, boxes):
        values, number = self.cut(features, boxes, 14), 1
        while f"{HEAD}.conv_fcn{number}.weight" in self.arrays:
            values = functional.relu(self.conv(values, f"{HEAD}.conv_fcn{number}"))
            number += 1
        weight, bias = (self.arrays[f"{HEAD}.score_lowres.{part}"] for part in ("weight", "bias"))
        values = functional.conv_transpose2d(values, weight, bias, stride=2, padding=1)
        return functional.interpolate(values, scale_factor=2, mode="bilinear", align_corners=False)


def decoded(boxes, moves, size):
    extents = boxes[:, 2:] - boxes[:, :2]
    middles = boxes[:, :2] + extents / 2 + moves[:, :2] * extents
    halves = moves[:, 2:].clamp(max=math.log(1000 / 16)).exp() * extents / 2
    corners = torch.cat([middles - halves, middles + halves], dim=1)
    return torch.minimum(corners.clamp(min=0), torch.tensor([*size, *size], dtype=boxes.dtype))


def distinct(boxes, most):
    """Return the rows of boxes, the best first, that overlap none that is kept by more than ``most``."""
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)
    common = torch.minimum(boxes[:, None, 2:], boxes[:, 2:]) - torch.maximum(boxes[:, None, :2], boxes[:, :2])
    common = common.clamp(min=0).prod(dim=2)
    over = (common / (areas[:, None] + areas - common) > most).numpy()
    gone, kept = over[:0].sum(axis=0).astype(bool), []
    for row in range(len(boxes)):
        if not gone[row]:
            kept.append(row)
            gone |= over[row]
    return torch.tensor(kept, dtype=torch.long)


def aligned(values, boxes, side, wide, high):
    """Return (N, C, side, side): means of ``high`` x ``wide`` samples in each cell of each box."""
    height, width = values.shape[2:]
    across, down = (torch.arange(side * count, dtype=values.dtype) for count in (wide, high))
    xs = boxes[:, :1] + (across + 0.5) / (side * wide) * (boxes[:, 2:3] - boxes[:, :1])
    ys = boxes[:, 1:2] + (down + 0.5) / (side * high) * (boxes[:, 3:] - boxes[:, 1:2])
    shape = (len(boxes), side * high, side * wide)
    xs = (2 * xs / max(width - 1, 1) - 1)[:, None, :].expand(shape)
    ys = (2 * ys / max(height - 1, 1) - 1)[:, :, None].expand(shape)
    grid = torch.stack([xs, ys], dim=3).reshape(1, -1, side * wide, 2)
    found = functional.grid_sample(values, grid, padding_mode="border", align_corners=True)
    found = functional.avg_pool2d(found, (high, wide)).reshape(values.shape[1], len(boxes), side, side)
    return found.transpose(0, 1)


def read(heatmaps, boxes):
    """Return points (P, K, 2) px and scores (P, K)."""
    points, peaks = boxes.new_zeros(*heatmaps.shape[:2], 2), boxes.new_zeros(heatmaps.shape[:2])
    extents = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1)
    for row, whole in enumerate(extents.ceil().long().tolist()):
        large = functional.interpolate(heatmaps[row : row + 1], size=whole[::-1], mode="bicubic", align_corners=False)[
            0
        ]
        best, place = large.flatten(1).max(dim=1)
        pixels = torch.stack([place % whole[0], place // whole[0]], dim=1) + 0.5
        points[row] = boxes[row, :2] + pixels * extents[row] / extents[row].ceil()
        peaks[row] = 1 / (heatmaps[row] - best[:, None, None]).exp().sum(dim=(1, 2))
    return points, peaks
