"""The plain loops that ``rtm.py`` holds posecfg against: programs that take a folder, two models and a table.

Words: folder for results, box model, pose model, threshold, table of segments, folder of films.
"""

READ = """
import csv, sys, cv2, numpy as np
from pathlib import Path
out, boxes, pose, threshold, table, films = sys.argv[1:]
threshold = float(threshold)

def segments():
    for row in csv.DictReader(open(table)):
        film = cv2.VideoCapture(str(next(Path(films).glob(row["VIDEO_NAME"] + ".*"))))
        rate, start, end = film.get(cv2.CAP_PROP_FPS), float(row["START"]), float(row["END"])
        first, last = -int(-start * rate // 1), -int(-end * rate // 1)
        film.set(cv2.CAP_PROP_POS_FRAMES, first)
        yield row["SENTENCE_NAME"], film, last - first

def run(find, look, count):
    for name, film, frames in segments():
        rows = []
        for _ in range(frames):
            ok, image = film.read()
            if not ok:
                break
            box = find(image)
            rows.append(np.full((count, 3), np.nan, np.float32) if box is None else look(image, box))
        np.save(f"{out}/{name}.npy", np.array(rows))
"""

NATIVE = (
    READ
    + """
import os
from posecfg.openmmlab import networks
def build(path):
    return networks.build(Path(path).stem, Path(path), networks.named_checkout()).model
detector, estimator = build(boxes), build(pose)
from mmdet.apis import inference_detector
from mmpose.apis import inference_topdown

def find(image):
    found = inference_detector(detector, image).pred_instances.numpy()
    good = (found.labels == 0) & (found.scores > threshold)
    return found.bboxes[good][:1] if good.any() else None

def look(image, box):
    found = inference_topdown(estimator, image, box)[0].pred_instances
    points = found.transformed_keypoints if "transformed_keypoints" in found else found.keypoints
    return np.concatenate([points[0][:, :2], found.keypoint_scores[0][:, None]], axis=1)

run(find, look, 133 if "3d" in pose else 17)
"""
)

ONNX = (
    READ
    + """
import onnxruntime
detector, estimator = (onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]) for path in (boxes, pose))
side = detector.get_inputs()[0].shape[2]
height, width = estimator.get_inputs()[0].shape[2:]
mean, std = np.array((123.675, 116.28, 103.53), np.float32), np.array((58.395, 57.12, 57.375), np.float32)

def find(image):
    ratio = min(side / image.shape[0], side / image.shape[1])
    size = [int(length * ratio + 0.5) for length in image.shape[1::-1]]
    inside = np.full((side, side, 3), 114, np.uint8)
    inside[: size[1], : size[0]] = cv2.resize(image, size)
    rows = ((inside.astype(np.float32) - mean[::-1]) / std[::-1]).transpose(2, 0, 1)[None]
    xyxy, scores = (found[0] for found in detector.run(None, {"input": np.ascontiguousarray(rows)}))
    xyxy, scores = np.clip(xyxy, 0, side), scores[:, 0]
    good = np.flatnonzero((scores > threshold) & (xyxy[:, 2:] > xyxy[:, :2]).all(axis=1))
    if not len(good):
        return None
    # One person: the best box, which no other can suppress.
    return xyxy[good[scores[good].argmax()]] * np.array(image.shape[1::-1] * 2) / np.array(size * 2)

def look(image, box):
    centre, sides = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) * 1.25
    across = max(sides[0], sides[1] * width / height)
    there = np.array([centre, centre - (across / 2, 0), centre + (-across / 2, across / 2)], np.float32)
    here = np.array([(width / 2, height / 2), (0, height / 2), (0, height / 2 + width / 2)], np.float32)
    how = cv2.getAffineTransform(there, here)
    crop = cv2.warpAffine(image, how, (width, height), flags=cv2.INTER_LINEAR)[..., ::-1]
    rows = ((crop.astype(np.float32) - mean) / std).transpose(2, 0, 1)[None]
    bins = estimator.run(None, {"input": np.ascontiguousarray(rows)})
    places = np.stack([axis[0].argmax(axis=1) / 2 for axis in bins[:2]], axis=1)
    scores = np.minimum(*(axis[0].max(axis=1) for axis in bins[:2]))
    points = (places / (width, height) - 0.5) * (across, across * height / width) + centre
    return np.concatenate([points, scores[:, None]], axis=1).astype(np.float32)

run(find, look, 133 if "3d" in pose else 17)
"""
)
