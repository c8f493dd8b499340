"""What every dataset keeps to, built from its YAML on inputs that are made here."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import replace

import manyviews
import numpy as np
import pytest
from aisttree import tree
from films import pictures, write
from samples import clock
from yaml_options import params

from posecfg.datasets.identifiers import safe
from posecfg.datasets.many_clips import ManyClips
from posecfg.runs.listing import ids_of
from posecfg.samplers.every import All
from posecfg.types import Clip, Listing
from posecfg.video.video import Video

HEADER = "VIDEO_NAME\tSENTENCE_NAME\tSTART_REALIGNED\tEND_REALIGNED\tSENTENCE\n"
TABLE = HEADER + "one\tone-000\t0.0\t0.3\tHello.\none\tone-001\t0.3\t0.6\tYou.\ngone\tgone-000\t0\t1\tNobody.\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a folder with films under all the names that datasets look for, images and a table."""
    root = tmp_path_factory.mktemp("inputs")
    film = write(root / "one.mp4", range(8), fps=10)
    for name in ("a/two.mp4", "b/two.mp4", "s1/acting1/TC_S1_acting1_cam1.mp4", "s2/rom2/TC_S2_rom2_cam10.mp4"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_bytes(film.read_bytes())
    (root / "b/two.mkv").write_bytes(write(root / "b/other.mkv", range(4)).read_bytes())
    tree(root / "aist", film, ["gBR_sBM_c01_d04_mBR1_ch01", "pose_val/gHO_sFM_c01_d20_mHO5_ch13"])
    (root / "empty.mp4").touch()
    (root / "notes.txt").write_text("no film")
    pictures(root / "images", ["1.png", "2.png"])
    (root / "table.tsv").write_text(TABLE)
    return root


def of_coco(root):
    """Write an annotation file for the pictures of the folder."""
    images = [{"id": n, "file_name": f"{n}.png", "width": 96, "height": 64} for n in (1, 2)]
    person = {"id": 0, "image_id": 1, "category_id": 1, "keypoints": [5, 6, 2], "bbox": [1, 2, 3, 4], "area": 12}
    category = {"id": 1, "name": "person", "keypoints": ["nose"]}
    data = {"images": images, "annotations": [person], "categories": [category]}
    (root / "coco.json").write_text(json.dumps(data))
    return {"path": str(root / "coco.json"), "images": str(root / "images")}


INPUTS = {
    "aist": lambda root: {"path": str(root / "aist")},
    "coco": of_coco,
    "demo": lambda root: {},
    "folder": lambda root: {"path": str(root), "images": True},
    "manifest": lambda root: {"path": str(root / "table.tsv"), "videos": str(root)},
    "synthetic": lambda root: {"clips": 3, "frames": 4, "size": [32, 24], "people": 2},
    "views": lambda root: manyviews.run_of(root / "views"),
    "totalcapture": lambda root: {"path": str(root)},
    "youtube_asl": lambda root: {"path": str(root / "table.tsv"), "videos": str(root)},
}


@pytest.fixture(params=params("dataset"))
def dataset(request, place):
    """Return a function that builds the dataset anew."""
    arguments = INPUTS[request.param.name](place)
    return lambda: request.param.build(**arguments)


def test_two_scans_are_equal(dataset):
    one = dataset()
    first = one.scan()
    assert isinstance(first, Listing)
    assert first.clips
    assert isinstance(first.clips, tuple | ManyClips)
    assert list(ids_of(first.clips)) == [clip.id for clip in first.clips]
    for again in (one.scan(), dataset().scan()):
        assert again == first


def test_ids_are_safe_and_unique(dataset):
    ids = [clip.id for clip in dataset().scan().clips]
    assert [safe(name) for name in ids] == ids
    assert len({name.casefold() for name in ids}) == len(ids)


def test_what_is_left_out_has_a_reason(dataset):
    for item in dataset().scan().excluded:
        assert item.name
        assert item.reason


def test_every_clip_crosses_processes(dataset):
    listing = dataset().scan()
    assert pickle.loads(pickle.dumps(listing)) == listing
    for clip in listing.clips:
        assert isinstance(clip, Clip)
        again = copy.deepcopy(clip)
        assert repr(again) == repr(clip), "what a clip is must be told by its fields"
        json.dumps(dict(clip.meta), allow_nan=False)
        assert not clip.source.startswith("/")
        assert clip.start is None or clip.end is None or 0 <= clip.start < clip.end


def test_every_clip_can_be_played_or_fails_alone(dataset):
    played = 0
    for clip in dataset().scan().clips:
        if clip.path.suffix and clip.path.is_file() and not clip.path.stat().st_size:
            continue
        video = Video(replace(clip, end=min(clip.end or 0.5, 0.5)) if clip.start is None else clip, All(), batch=4)
        played += sum(len(batch) for batch in video)
        assert len(video.clock()) > 0
    assert played


def test_known_poses_are_those_of_the_clip(dataset):
    for clip in dataset().scan().clips:
        if clip.truth is None:
            continue
        rows = clock(len(clip.pictures) or 5)
        known = clip.truth(rows)
        assert known.xy.shape[1:] == (len(rows), len(known.keypoints), 2)
        assert known.xy.dtype == np.float32
        again = pickle.loads(pickle.dumps(clip)).truth(rows)
        np.testing.assert_array_equal(again.xy, known.xy)
