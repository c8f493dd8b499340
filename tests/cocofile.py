"""Annotation files of COCO, with people and pictures as a test has them."""

from __future__ import annotations

import json

from posecfg.datasets.coco import Coco
from posecfg.skeletons.coco17 import SKELETON

NAMES = ["b.jpg", "a.jpg", "sub/c.png"]
PERSON = {"id": 1, "name": "person", "keypoints": list(SKELETON.keypoints)}


def keypoints(first=0, visible=2, number=17):
    return [value for k in range(number) for value in (first + k, 2 * k, visible)]


def person(number, image, **other):
    known = {"keypoints": keypoints(number), "bbox": [1, 2, 10, 20], "area": 150.5, "iscrowd": 0, "num_keypoints": 17}
    return {"id": number, "image_id": image, "category_id": 1, **known, **other}


def whole(annotations, names=NAMES):
    images = [{"id": 10 - n, "file_name": name, "width": 96, "height": 64} for n, name in enumerate(names)]
    return {"images": images, "annotations": annotations, "categories": [PERSON]}


def stored(place, data):
    path = place / "annotations" / "person_keypoints_val.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return str(path)


def reasons(path, **arguments):
    return {one.name: one.reason for one in Coco(path, **arguments).scan().excluded}
