"""Pictures of a clip: the very frames of its rows, upright and square, and a note where there are none."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import shutil
from fractions import Fraction

import numpy as np
import pytest
import simplejpeg
from films import damage, pictures, read_code, sound, write
from whole_runs import go

from posecfg.page import frames as reading
from posecfg.page.clip_data import ClipRun, clip_data, clips_data
from posecfg.page.frames import Wanted, frames
from posecfg.page.pictures import Pictures, chosen
from posecfg.page.poses import of_clip
from posecfg.store import record_files
from posecfg.types import Clip
from posecfg.video.film import Film

pytestmark = pytest.mark.deep

SIZE = (320, 240)
WORDS = ("dataset=folder", "bbox_thr=0.3", "writer=[npz]")


def film(folder, name="a.mp4", numbers=range(40), **how):
    folder.mkdir(exist_ok=True)
    return write(folder / name, numbers, **{"size": SIZE, **how})


def run_of(out, clip="a", number=0):
    return ClipRun(number, out, record_files.read_clip(out, clip))


def decoded(picture):
    head, data = picture["src"].split(",")
    assert head == "data:image/jpeg;base64"
    found = simplejpeg.decode_jpeg(base64.b64decode(data))
    assert found.shape == (picture["h"], picture["w"], 3)
    return found


def shown(*runs, **how):
    return clip_data("a", [dataclasses.replace(run, number=k) for k, run in enumerate(runs)], [], None, Pictures(**how))


def codes(found):
    return [read_code(decoded(one)) for one in found.data["pictures"]]


def test_pictures_are_the_frames_that_they_say(tmp_path):
    film(tmp_path / "films")
    go(tmp_path / "out", *WORDS, f"dataset.path={tmp_path / 'films'}")
    found = shown(run_of(tmp_path / "out"), number=5)
    indices = [one["index"] for one in found.data["pictures"]]
    assert found.data["note"] == ""
    assert len(indices) == 5
    assert indices == sorted(indices) == codes(found)
    assert [one["time"] for one in found.data["pictures"]] == pytest.approx([index / 30 for index in indices])
    json.dumps(found.data, allow_nan=False)


def test_rows_of_other_frames_are_those_frames(tmp_path):
    film(tmp_path / "films")
    words = ("sampler=stride", "sampler.every=3", "video.start=0.2")
    go(tmp_path / "out", *WORDS, *words, f"dataset.path={tmp_path / 'films'}")
    found = shown(run_of(tmp_path / "out"))
    assert codes(found) == [one["index"] for one in found.data["pictures"]]
    assert all(number % 3 == 0 and number >= 6 for number in codes(found))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_pictures_are_upright(tmp_path, rotation):
    film(tmp_path / "films", size=(240, 320), rotation=rotation)
    go(tmp_path / "out", *WORDS, f"dataset.path={tmp_path / 'films'}")
    found = shown(run_of(tmp_path / "out"), number=3, longest=160)
    assert found.data["size"] == [240, 320]
    assert {(one["w"], one["h"]) for one in found.data["pictures"]} == {(120, 160)}
    assert codes(found) == [one["index"] for one in found.data["pictures"]]


def test_pixels_become_square(tmp_path):
    film(tmp_path / "films", size=(160, 240), aspect=Fraction(2))
    go(tmp_path / "out", *WORDS, f"dataset.path={tmp_path / 'films'}")
    found = shown(run_of(tmp_path / "out"), number=2)
    assert found.data["size"] == [320, 240]
    assert {(one["w"], one["h"]) for one in found.data["pictures"]} == {(320, 240)}


def test_a_folder_of_pictures_is_a_film(tmp_path):
    pictures(tmp_path / "films" / "a", [f"{n}.png" for n in range(12)], SIZE)
    go(tmp_path / "out", *WORDS, f"dataset.path={tmp_path / 'films'}", "dataset.images=true")
    found = shown(run_of(tmp_path / "out"), number=4)
    assert codes(found) == [one["index"] for one in found.data["pictures"]]
    assert len(codes(found)) == 4


def test_unrelated_pictures_of_another_size_are_not_shown(tmp_path):
    pictures(tmp_path / "films" / "a", ["0.png", "1.png"], SIZE)
    pictures(tmp_path / "films" / "a", ["2.png"], (100, 80))
    words = ("dataset.images=true", "dataset.independent=true")
    go(tmp_path / "out", *WORDS, *words, f"dataset.path={tmp_path / 'films'}")
    found = shown(run_of(tmp_path / "out"))
    assert [one["index"] for one in found.data["pictures"]] == [0, 1]
    assert found.data["note"] == "1 picture of it cannot be shown"


def lost(path):
    path.unlink()


def other(path):
    write(path, range(40, 80), size=SIZE)


def heard(path):
    sound(path, "mp4")


def torn(path):
    path.write_bytes(path.read_bytes()[:100])


def folder(path):
    path.unlink()
    path.mkdir()


def pipe(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lost, "any more"),
        (other, "is another film by now"),
        (heard, "is another film by now"),
        (torn, "is another film by now"),
        (folder, "is another film by now"),
        (pipe, "another film"),
    ],
)
@pytest.mark.parametrize("blur", [False, True])
def test_without_the_film_poses_come_with_a_note(tmp_path, change, said, blur):
    path = film(tmp_path / "films")
    go(tmp_path / "out", *WORDS, f"dataset.path={tmp_path / 'films'}")
    change(path)
    found = shown(run_of(tmp_path / "out"), blur=blur)
    assert found.data["pictures"] == []
    assert said in found.data["note"]
    assert len(found.data["runs"]["0"]["people"]) == 1


def test_the_same_film_copied_to_its_place_is_shown(tmp_path):
    path = film(tmp_path / "films")
    go(tmp_path / "out", *WORDS, f"dataset.path={tmp_path / 'films'}")
    copy = shutil.copy(path, tmp_path / "copy.mp4")
    os.replace(copy, path)
    assert len(shown(run_of(tmp_path / "out")).data["pictures"]) == 8


def test_a_film_that_was_never_whole_shows_what_it_has(tmp_path):
    whole = film(tmp_path / "films", "whole.mp4", range(300), options={"movflags": "faststart"})
    damage(whole, tmp_path / "films" / "a.mp4")
    whole.unlink()
    go(tmp_path / "out", *WORDS, f"dataset.path={tmp_path / 'films'}")
    found = shown(run_of(tmp_path / "out"))
    assert 0 < len(found.data["pictures"]) <= 8


def test_a_record_cannot_show_another_file_of_the_machine(tmp_path):
    film(tmp_path / "films")
    private = film(tmp_path / "private", "secret.mp4", range(60, 90))
    go(tmp_path / "out", *WORDS, f"dataset.path={tmp_path / 'films'}")
    run = run_of(tmp_path / "out")
    stolen = dataclasses.replace(run.record.input, path=str(private), bytes=private.stat().st_size)
    found = shown(dataclasses.replace(run, record=dataclasses.replace(run.record, input=stolen)))
    assert found.data["pictures"] == []
    assert "is another film by now" in found.data["note"]


def test_pictures_come_from_the_first_run_whose_film_is_there(tmp_path):
    for name, numbers in (("one", range(40)), ("two", range(100, 140))):
        film(tmp_path / name, numbers=numbers)
        go(tmp_path / f"out_{name}", *WORDS, f"dataset.path={tmp_path / name}")
    runs = [run_of(tmp_path / f"out_{name}") for name in ("one", "two")]
    found = shown(*runs)
    assert codes(found)[0] < 40
    assert found.data["note"] == "some runs are of another film, whose pictures are not shown"
    (tmp_path / "one" / "a.mp4").unlink()
    assert codes(shown(*runs))[0] >= 100


def test_unknown_frames_are_not_guessed(tmp_path):
    film(tmp_path / "films")
    words = ("dataset=folder", "bbox_thr=0.3", "writer=[npy]", "sampler=stride", "sampler.every=3")
    go(tmp_path / "out", *words, f"dataset.path={tmp_path / 'films'}")
    found = shown(run_of(tmp_path / "out"))
    assert found.data["pictures"] == []
    assert "writer=npz" in found.data["note"]


def test_the_worst_row_and_the_middle_of_the_longest_gap_are_shown(tmp_path):
    film(tmp_path / "films")
    go(tmp_path / "out", *WORDS, f"dataset.path={tmp_path / 'films'}")
    seen = of_clip(tmp_path / "out", run_of(tmp_path / "out").record)
    (track,) = seen.people
    track.valid[20:31] = False
    track.xy[20:31] = np.nan
    track.scores[7] = 0.01
    rows = chosen(seen, 6)
    assert {7, 25} <= set(rows)
    assert len(rows) == 6
    assert not {20, 21, 22, 23, 24, 26, 27, 28, 29, 30} & set(rows)
    track.valid[:] = False
    assert chosen(seen, 4) == [5, 15, 25, 35]
    assert chosen(seen, 4, np.ones(40, bool)) == []


@pytest.mark.parametrize("kind", ["long.mp4", "long.mkv", "long.avi"])
@pytest.mark.parametrize("gop", [30, 1000])
def test_far_frames_are_sought_and_never_decoded_twice(tmp_path, monkeypatch, kind, gop):
    path = write(tmp_path / kind, range(800), size=(96, 64), gop=gop)
    opened = []
    monkeypatch.setattr(reading, "open_reel", lambda clip: opened.append(0) or Counted(clip.path))

    class Counted(Film):
        def shots(self, span):
            for shot in super().shots(span):
                opened[-1] = max(opened[-1], shot.index + 1 - self.began)
                yield shot

    wanted = [Wanted(number, number / 30) for number in (3, 40, 300, 301, 799)]
    found = list(frames(Clip("a", path), wanted, (96, 64), (96, 64)))
    assert [one for one, _ in found] == wanted
    assert [read_code(picture) for _, picture in found] == [one.number for one in wanted]
    if gop == 30 and not kind.endswith("avi"):
        assert len(opened) == 3
        assert sum(opened) < 200
    else:
        assert sum(opened) <= 800 + 302


def test_several_clips_come_in_order_whatever_the_threads(tmp_path):
    for name in "abcdef":
        film(tmp_path / "films", f"{name}.mp4", range(10))
    go(tmp_path / "out", *WORDS, f"dataset.path={tmp_path / 'films'}")
    clips = [(name, [run_of(tmp_path / "out", name)]) for name in "abcdef"]
    tables = [], []
    one, four = (list(clips_data(clips, table, None, Pictures(2), n)) for n, table in zip((1, 4), tables, strict=True))
    assert [found.data["id"] for found in four] == list("abcdef")
    assert one == four
    assert tables[0] == tables[1]
    assert all(len(found.data["pictures"]) == 2 for found in four)


def test_leaving_early_does_not_wait_for_the_rest(tmp_path):
    film(tmp_path / "films")
    go(tmp_path / "out", *WORDS, f"dataset.path={tmp_path / 'films'}")
    made = clips_data([("a", [run_of(tmp_path / "out")])] * 50, [], None, Pictures(), 1)
    assert next(made).data["id"] == "a"
    made.close()
