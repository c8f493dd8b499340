"""The parts of clips, and the JSON files of COCO that they are joined to.

A part is text: a line of facts, then one for each image, annotation and result. Their JSON lacks the ids, which depend
on the clips before: joining puts them in front, and never holds more than one part.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from posecfg.errors import Dropped
from posecfg.finishing import FinishedRun, Part
from posecfg.skeletons import coco17
from posecfg.skeletons.skeleton import Skeleton

SCHEMA = 1
IMAGE, ANNOTATION, RESULT = b"i", b"a", b"r"
# Pairs of keypoints that COCO joins, counted from 1.
EDGES = (
    *([16, 14], [14, 12], [17, 15], [15, 13], [12, 13], [6, 12], [7, 13], [6, 7], [6, 8], [7, 9], [8, 10], [9, 11]),
    *([2, 3], [1, 2], [1, 3], [2, 4], [3, 5], [4, 6], [5, 7]),
)
CATEGORY = {
    "id": 1,
    "name": "person",
    "supercategory": "person",
    "keypoints": list(coco17.SKELETON.keypoints),
    "skeleton": [list(edge) for edge in EDGES],
}
_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
AGAINST = "evaluate it against the file of a folder with detector=annotations and the same clips and rows"


def part_lines(
    split: str,
    skeleton: Skeleton,
    images: Iterable[Mapping[str, Any]],
    annotations: Iterable[tuple[int, int, Mapping[str, Any]]],
    results: Iterable[tuple[int, int, Mapping[str, Any]]],
) -> Iterator[bytes]:
    """Yield the lines of a part; each annotation and result has the number of its image within the clip, and a track.

    Keypoints that are not COCO's are told in the line of facts.
    """
    theirs = skeleton.keypoints[: len(coco17.SKELETON)] == coco17.SKELETON.keypoints
    yield _line(b"", {"schema": SCHEMA, "split": split, **({} if theirs else {"category": _category(skeleton)})})
    for image in images:
        yield _line(IMAGE, image)
    for kind, entries in ((ANNOTATION, annotations), (RESULT, results)):
        for number, person, entry in entries:
            yield _line(b"%b %d:%d" % (kind, number, person), entry)


def _category(skeleton: Skeleton) -> dict[str, Any]:
    bones = [[a + 1, b + 1] for a, b in skeleton.edges]
    return {**CATEGORY, "keypoints": list(skeleton.keypoints), "skeleton": bones}


def _line(kind: bytes, value: Mapping[str, Any]) -> bytes:
    return kind + b" " + _JSON.encode(value).encode() + b"\n"


def join(run: FinishedRun, folder: str, results: bool) -> None:
    """Write ``<folder>/<split>/annotations/<split>.json`` for each split, and its list of results if asked for."""
    splits: dict[str, list[Part]] = {}
    for part in run.parts:
        head = json.loads(part.read().partition(b"\n")[0])
        splits.setdefault(head["split"], []).append(part)
    wrote = False
    for split, parts in sorted(splits.items()):
        where = f"{folder}/{split}/annotations/{split}"
        count = sum(line[:1] == ANNOTATION for part in parts for line in _lines(part))
        found = results and any(line[:1] == RESULT for part in parts for line in _lines(part))
        # Readers of results need the list of images.
        if count or found:
            wrote = True
            with run.open(f"{where}.json", {"kind": "coco"}) as stream:
                _annotations(stream, parts)
        if not count:
            told = "has no annotations" if found else "is not written"
            run.note(f"{where}.json {told}: {_nobody(parts)}")
        if found:
            wrote = True
            with run.open(f"{where}_results.json", {"kind": "coco"}) as stream:
                _list(stream, _results(parts))
            run.note(f"{where}_results.json has the poses of {where}.json: {AGAINST}")
        elif results:
            run.note(f"{where}_results.json is not written: no person was found")
    if not wrote:
        raise Dropped(_nobody([part for parts in splits.values() for part in parts]))


def _nobody(parts: Sequence[Part]) -> str:
    images = sum(line[:1] == IMAGE for part in parts for line in _lines(part))
    return f"no person has enough labelled points in {images:,} images (writer.coco.least, writer.coco.hidden_thr)"


def _lines(part: Part) -> list[bytes]:
    return part.read().split(b"\n")[1:-1]


def _annotations(stream: BinaryIO, parts: Sequence[Part]) -> None:
    categories = {json.dumps(category): category for category in map(_category_of, parts)}
    if len(categories) > 1:
        known = " and of ".join(f"{len(one['keypoints'])} keypoints" for one in categories.values())
        raise Dropped(f"poses of {known} cannot be in one file: type writer.coco.skeleton=coco17")
    head = {"info": {"description": "made by posecfg"}, "licenses": [], "categories": [*categories.values()]}
    stream.write(_JSON.encode(head).encode()[:-1] + b',"images":')
    _list(stream, _images(parts))
    stream.write(b',"annotations":')
    _list(stream, _numbered(parts))
    stream.write(b"}")


def _category_of(part: Part) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(part.read().partition(b"\n")[0]).get("category", CATEGORY)
    return found


def _list(stream: BinaryIO, entries: Iterable[bytes]) -> None:
    """Write a list, an entry a line."""
    between = b"[\n"
    for entry in entries:
        stream.write(between)
        stream.write(entry)
        between = b",\n"
    stream.write(b"\n]" if between != b"[\n" else b"[]")


def _images(parts: Sequence[Part]) -> Iterator[bytes]:
    number = 0
    for part in parts:
        for line in _lines(part):
            if line[:1] == IMAGE:
                number += 1
                yield b'{"id":%d,' % number + line[3:]


def _numbered(parts: Sequence[Part]) -> Iterator[bytes]:
    for number, (image, track, entry) in enumerate(_of(parts, ANNOTATION), 1):
        yield b'{"id":%d,"image_id":%d,%b' % (number, image, track) + entry


def _results(parts: Sequence[Part]) -> Iterator[bytes]:
    for image, track, entry in _of(parts, RESULT):
        yield b'{"image_id":%d,%b' % (image, track) + entry


def _of(parts: Sequence[Part], kind: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the id of the image, the track and the rest of the JSON of each entry of a kind.

    Tracks are counted from 1 on over all clips, as their ids begin anew in each; parts of earlier versions tell none.
    """
    before = tracks = 0
    for part in parts:
        images = people = 0
        for line in _lines(part):
            images += line[:1] == IMAGE
            if line[:1] not in (ANNOTATION, RESULT):
                continue
            _, number, entry = line.split(b" ", 2)
            row, _, person = number.partition(b":")
            people = max(people, int(person or -1) + 1)
            if line[:1] == kind:
                track = b'"track_id":%d,' % (tracks + int(person) + 1) if person else b""
                yield before + int(row) + 1, track, entry[1:]
        before, tracks = before + images, tracks + people
