from __future__ import annotations

import dataclasses
import io
import json
from contextlib import contextmanager

import numpy as np
import pytest
from films import read_code, write
from played import ROWS, extracted, image
from samples import clock, track

from posecfg import skeletons
from posecfg.errors import ClipError, ConfigError, Dropped
from posecfg.types import Clip
from posecfg.writers.coco import Coco
from posecfg.writers.coco_labels import WHOLE, Labels
from posecfg.writers.frames import Frames

SIZE = (320, 240)
LABELS = Labels(skeletons.load("coco17"), least=5, margin=20, seen_thr=0.5, hidden_thr=0.3)


def person(xy, scores, skeleton="coco17", **others):
    """A track whose keypoints not named are missing: ``xy`` and ``scores`` map their numbers to values."""
    base = track(ROWS, skeleton)
    places, marks = np.full(base.xy.shape, np.nan, np.float32), np.full(base.scores.shape, np.nan, np.float32)
    for point, value in xy.items():
        places[:, point], marks[:, point] = value, scores[point]
    return dataclasses.replace(base, xy=places, scores=marks, **others)


FIVE = {k: (100 + 10 * k, 50 + k) for k in range(5)}
SURE = dict.fromkeys(range(17), 0.9)


class Run:
    """The finished clips of a folder, in memory."""

    def __init__(self, *parts):
        self.parts = [Part(clip, data) for clip, data in sorted(parts)]
        self.data, self.notes = {}, []

    @contextmanager
    def open(self, name, about=None):
        stream = io.BytesIO()
        yield stream
        self.data[name] = json.loads(stream.getvalue())

    def note(self, text):
        self.notes.append(text)


@dataclasses.dataclass(frozen=True)
class Part:
    id: str
    data: bytes

    def read(self):
        return self.data


def kept(written, writer, clip, *tracks):
    """Write a clip; return its id with the part that is kept of it, and all other files."""
    files = written(writer, extracted(clip, *tracks)).data
    return (clip.id, files.pop(writer.target(clip.id))), files


@pytest.fixture
def film(tmp_path):
    return write(tmp_path / "film.mp4", range(ROWS), size=SIZE)


def test_images_annotations_and_results_are_as_coco_has_them(film, written):
    writer = Coco(path="set", results=True)
    seen = dict(zip(range(5), (0.9, 0.51, 0.5, 0.31, 0.3), strict=True))
    six = person(FIVE | {5: (10, 10), 6: (300, 200)}, seen | {5: 0.4, 6: 0.8})
    part, files = kept(written, writer, Clip("b/film", film), six)
    assert list(files) == [f"set/train/images/b/film_frame_{row:06d}.jpg" for row in range(ROWS)]
    assert [read_code(image(data)) for data in files.values()] == list(range(ROWS))
    run = Run(part)
    writer.finish(run)
    whole, results = run.data["set/train/annotations/train.json"], run.data["set/train/annotations/train_results.json"]
    assert list(whole) == ["info", "licenses", "categories", "images", "annotations"]
    assert whole["images"][1] == {"id": 2, "file_name": "b/film_frame_000001.jpg", "width": 320, "height": 240}
    (category,) = whole["categories"]
    assert len({tuple(sorted(edge)) for edge in category["skeleton"]}) == len(category["skeleton"]) == 19
    annotation = whole["annotations"][1]
    assert [annotation[key] for key in ("id", "image_id", "category_id", "iscrowd")] == [2, 2, 1, 0]
    # 0.9, 0.51 and 0.8 are seen, 0.5, 0.31 and 0.4 are hidden, 0.3 is none.
    assert annotation["keypoints"][2::3] == [2, 2, 1, 1, 0, 1, 2, *[0] * 10]
    assert annotation["keypoints"][12:15] == [0, 0, 0]
    assert annotation["num_keypoints"] == 6
    # From x 10 to 300 and y 10 to 200, with 20 px around, inside 320 x 240.
    assert annotation["bbox"] == [0, 0, 320, 220]
    assert annotation["area"] == 320 * 220
    assert annotation["segmentation"] == []
    assert results[1]["image_id"] == 2
    box = six.box_scores[1] if np.isfinite(six.box_scores[1]) else 1
    assert results[1]["score"] == pytest.approx(box * np.mean([0.9, 0.51, 0.5, 0.31, 0.3, 0.4, 0.8]))
    assert results[1]["keypoints"][:3] == [100, 50, pytest.approx(0.9)]
    assert results[1]["keypoints"][12:15] == [140, 54, pytest.approx(0.3)]


def test_a_person_with_too_few_points_is_left_out(film, written):
    four = person(FIVE, SURE | {4: 0.3})
    run = Run(kept(written, Coco(images="none"), Clip("a", film), four)[0])
    with pytest.raises(Dropped, match=f"no person has enough labelled points in {ROWS} images"):
        Coco().finish(run)
    assert run.data == {}
    assert kept(written, Coco(images="none", least=4), Clip("a", film), four)[0][1].count(b'"bbox"') == ROWS


def test_points_outside_the_picture_and_people_who_are_absent_are_no_labels():
    out = person(FIVE | {5: (-1, 10), 6: (330, 20)}, SURE, valid=np.arange(ROWS) != 1, made=np.zeros(ROWS, bool))
    found = dict(LABELS.annotations(out, SIZE))
    assert list(found) == [0, 2, 3, 4, 5]
    assert found[0]["num_keypoints"] == 5
    assert found[0]["bbox"] == [80, 30, 80, 44]
    assert list(dict(LABELS.results(out))) == [0, 2, 3, 4, 5]


def test_a_whole_body_has_the_fields_of_its_parts(film, written):
    points = FIVE | {20: (50, 60), 100: (70, 80), 101: (90, 100)}
    part, _ = kept(
        written, Coco(images="none"), Clip("a", film), person(points, dict.fromkeys(points, 0.9), "wholebody133")
    )
    run = Run(part)
    Coco().finish(run)
    (annotation, *_) = run.data["coco/train/annotations/train.json"]["annotations"]
    assert {name: len(annotation[name]) for name in WHOLE} == {n: 3 * (b - a) for n, (a, b) in WHOLE.items()}
    assert annotation["foot_kpts"][9:12] == [50, 60, 2]
    assert [annotation[f"{name}_valid"] for name in ("foot", "face", "lefthand", "righthand")] == [
        True,
        False,
        True,
        False,
    ]
    assert annotation["lefthand_box"] == [70, 80, 20, 20]
    assert (annotation["face_box"], annotation["num_keypoints"]) == ([0, 0, 0, 0], 5)


def test_ids_depend_on_the_names_of_clips_only_and_splits_have_their_own(film, written):
    parts = []
    for name, split in (("c", "val"), ("a", "train"), ("b", "train")):
        clip = Clip(name, film, meta={"split": split})
        parts.append(kept(written, Coco(images="none"), clip, person(FIVE, SURE), person(FIVE, SURE, id=1))[0])
    one, other = Run(*parts), Run(*reversed(parts))
    for run in (one, other):
        Coco().finish(run)
    assert one.data == other.data
    train, val = (one.data[f"coco/{split}/annotations/{split}.json"] for split in ("train", "val"))
    assert [annotation["id"] for annotation in train["annotations"]] == list(range(1, 4 * ROWS + 1))
    assert [annotation["image_id"] for annotation in train["annotations"]] == sorted([*range(1, 2 * ROWS + 1)] * 2)
    assert [picture["id"] for picture in val["images"]] == list(range(1, ROWS + 1))
    assert train["images"][ROWS]["file_name"] == "b_frame_000000.jpg"


def test_a_split_without_labels_is_told_and_others_are_written(film, written):
    parts = [kept(written, Coco(images="none", split="val"), Clip("a", film))[0]]
    parts.append(kept(written, Coco(images="none"), Clip("b", film), person(FIVE, SURE))[0])
    run = Run(*parts)
    Coco(results=True).finish(run)
    assert list(run.data) == ["coco/train/annotations/train.json"]
    assert run.notes[-2:] == [
        f"coco/val/annotations/val.json is not written: no person has enough labelled points in {ROWS} images "
        "(writer.coco.least, writer.coco.hidden_thr)",
        "coco/val/annotations/val_results.json is not written: no person was found",
    ]


@pytest.mark.parametrize("images", ["link", "copy"])
def test_pictures_of_an_earlier_run_are_taken(film, written, tmp_path, images):
    folder = tmp_path / "frames" / "a"
    folder.mkdir(parents=True)
    first = extracted(Clip("a", film), person(FIVE, SURE))
    pictures = written(Frames(path="frames/{id}"), first).data
    for name, data in pictures.items():
        (tmp_path / name).write_bytes(data)
    writer = Coco(images=images, frames=str(tmp_path / "frames"))
    taken = list(kept(written, writer, Clip("a", film), person(FIVE, SURE))[1].values())
    assert taken == [data for name, data in pictures.items() if name.endswith(".jpg")]
    for other in (
        dataclasses.replace(first, about={"input": "of another film"}),
        dataclasses.replace(first, clock=clock(ROWS, 24)),
    ):
        with pytest.raises(ClipError, match=r"frame_mapping.json' to be of .* as it is now, frame by frame"):
            written(writer, other)
    (folder / "frame_000003.jpg").unlink()
    with pytest.raises(ClipError, match=r"Expected 6 pictures, one a row, in .* but found 5: run writer=\[frames\]"):
        kept(written, writer, Clip("a", film), person(FIVE, SURE))


@pytest.mark.parametrize("split", ["../x", "a/b", "..", "a\\b", 3])
def test_a_split_that_would_leave_the_folder_is_refused(film, written, split):
    with pytest.raises(ClipError, match="Expected the clip's split to be a name"):
        kept(written, Coco(images="none"), Clip("a", film, meta={"split": split}), person(FIVE, SURE))
    with pytest.raises(ConfigError, match="Expected split to be a plain name"):
        Coco(split=split)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"images": "link"}, "Expected frames to name the folder"),
        ({"frames": "x"}, "Expected frames to name the folder"),
        ({"images": "link", "frames": "tests/writter"}, r"no folder 'tests/writter'\. Did you mean 'tests/writers'\?"),
        ({"images": "symlink"}, "Expected images to be one of"),
        ({"least": 0}, "Expected least from 1"),
        ({"margin": -1}, "Expected least from 1 and margin from 0"),
        ({"seen_thr": 0.2}, "Expected 0 <= hidden_thr <= seen_thr"),
        ({"skeleton": "h36m17"}, "Expected skeleton to be one of"),
        ({"path": "../x"}, "Expected path to"),
        ({"path": ".posecfg"}, "Expected path to"),
    ],
)
def test_arguments_that_cannot_work_are_refused(wrong, said):
    with pytest.raises(ConfigError, match=said):
        Coco(**wrong)


def test_poses_without_the_points_of_coco_are_refused():
    with pytest.raises(ConfigError, match="coco17 cannot be made from h36m17"):
        Coco(skeleton="coco17").check(skeletons.load("h36m17"))


def test_other_keypoints_have_a_category_of_their_own_and_tracks_are_counted_over_all_clips(film, written):
    writer, parts = Coco(images="none", results=True), []
    for name, people in (("a", (0, 2)), ("b", (1,))):
        points = {k: (100 + k, 50) for k in range(17)}
        tracks = [person(points, SURE, "h36m17", id=number) for number in people]
        parts.append(kept(written, writer, Clip(name, film), *tracks)[0])
    run = Run(*parts)
    writer.finish(run)
    whole, results = (run.data[f"coco/train/annotations/train{end}.json"] for end in ("", "_results"))
    (category,) = whole["categories"]
    assert category["keypoints"] == list(skeletons.load("h36m17").keypoints)
    assert len(category["skeleton"]) == len(skeletons.load("h36m17").bones)
    assert {a["num_keypoints"] for a in whole["annotations"]} == {17}
    assert {a["image_id"]: a["track_id"] for a in whole["annotations"] if a["image_id"] > ROWS}[ROWS + 1] == 5
    assert [a["track_id"] for a in results][:2] == [1, 3]
    mixed = Run(parts[0], kept(written, writer, Clip("c", film), person(FIVE, SURE))[0])
    with pytest.raises(Dropped, match=r"cannot be in one file: type writer\.coco\.skeleton=coco17"):
        writer.finish(mixed)


def test_results_without_labels_have_the_list_of_their_images(film, written):
    writer = Coco(images="none", results=True)
    run = Run(kept(written, writer, Clip("a", film), person(FIVE, dict.fromkeys(range(5), 0.1)))[0])
    writer.finish(run)
    whole = run.data["coco/train/annotations/train.json"]
    assert (len(whole["images"]), whole["annotations"]) == (ROWS, [])
    assert run.notes[0].startswith("coco/train/annotations/train.json has no annotations: no person has enough")


def test_pycocotools_scores_the_truth_against_itself_and_the_results_as_perfect(film, written, tmp_path):
    coco = pytest.importorskip("pycocotools.coco", reason="pycocotools is not installed here")
    from pycocotools.cocoeval import COCOeval

    writer = Coco(images="none", results=True)
    run = Run(kept(written, writer, Clip("a", film), person(FIVE, SURE))[0])
    writer.finish(run)
    whole, results = (
        run.data["coco/train/annotations/train.json"],
        run.data["coco/train/annotations/train_results.json"],
    )
    (tmp_path / "train.json").write_text(json.dumps(whole))
    truth = coco.COCO(str(tmp_path / "train.json"))
    itself = [
        {**{k: a[k] for k in ("image_id", "category_id", "keypoints")}, "score": 1.0} for a in whole["annotations"]
    ]
    for entries in (itself, results):
        scored = COCOeval(truth, truth.loadRes(entries), "keypoints")
        scored.evaluate()
        scored.accumulate()
        scored.summarize()
        assert scored.stats[0] == 1.0
