"""Changes of inputs, settings, weights and libraries between two runs."""

from __future__ import annotations

import os
import shutil

import films
from change_place import CLIP, CONFIG, LOST, NOTHING, OVER, TINY, named
from whole_runs import go


@named(NOTHING, "are as recorded")
def untouched(at):
    return at.ran(*TINY)


@named(NOTHING, "its date or place is another one, but its content is the recorded one")
def touched_input(at):
    words = at.of_film()
    os.utime(at.tmp / "films" / "a.mp4", ns=(1, 1))
    return words


@named(NOTHING, "but its content is the recorded one")
def replaced_by_the_same_input(at):
    words = at.of_film()
    path = at.tmp / "films" / "a.mp4"
    path.unlink()
    shutil.copy(at.film, path)
    return words


@named(NOTHING, "are as recorded")
def another_workers_and_on_error(at):
    return (*at.ran(*TINY), "workers=2", "on_error=stop")


@named(NOTHING, "by posecfg 0.0.1-")
def another_posecfg(at):
    words = at.ran(*TINY)
    at.record.write_text(at.record.read_text().replace('"posecfg": "', '"posecfg": "0.0.1-'))
    return words


@named("new", "nothing in this folder was made of it with these settings")
def a_clip_added(at):
    at.clip = "synthetic_0001"
    at.ran("dataset=synthetic", "dataset.clips=1", *TINY[2:])
    return TINY


@named("input has changed", "bytes before")
def another_input(at):
    words = at.of_film()
    shutil.copy(at.other, at.tmp / "films" / "a.mp4")
    return words


@named("input has changed", "the same size, but another content")
def another_input_of_the_same_size(at):
    words = at.of_film()
    path = at.tmp / "films" / "a.mp4"
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    return words


@named("input has changed", "bytes before")
def a_picture_added(at):
    at.clip = "shots"
    films.pictures(at.tmp / "in" / "shots", ["1.png", "2.png"])
    words = at.ran("dataset=folder", f"dataset.path={at.tmp / 'in'}", "dataset.images=true", "writer=json")
    films.pictures(at.tmp / "in" / "shots", ["3.png"])
    return words


@named("of unrelated pictures now, or no longer", "unrelated pictures: no, now yes")
def unrelated_pictures(at):
    at.clip = "shots"
    films.pictures(at.tmp / "in" / "shots", ["1.png", "2.png"])
    words = at.ran("dataset=folder", f"dataset.path={at.tmp / 'in'}", "dataset.images=true", "writer=json")
    return (*words, "dataset.independent=true")


@named("of another part of its file", "start: 0, now 0.1")
def another_start(at):
    at.ran(*at.of_table())
    return at.of_table(start="0.1")


@named("of another part of its file", "end: 0.3, now 0.2")
def another_end(at):
    at.ran(*at.of_table())
    return at.of_table(end="0.2")


@named("described otherwise by the data set", "sentence: hello, now bye")
def another_sentence(at):
    at.ran(*at.of_table())
    return at.of_table(text="bye")


@named("of another configuration", "bbox_thr: 0.3, now 0.5")
def another_threshold(at):
    return (*at.ran(*TINY), "bbox_thr=0.5")


@named(CONFIG, "bbox_thr: 0.3, now 0.5")
def another_threshold_overwritten(at):
    return (*another_threshold(at), OVER)


@named(CONFIG, "sampler: All, now Stride")
def another_sampler(at):
    return (*at.ran(*TINY), "sampler=stride", OVER)


@named(CONFIG, "sampler.every: 2, now 3")
def another_rate(at):
    at.ran(*TINY, "sampler=stride")
    return (*TINY, "sampler=stride", "sampler.every=3", OVER)


@named(CONFIG, "detector.noise: 0, now 2")
def another_detector_argument(at):
    return (*at.ran(*TINY), "detector.noise=2", OVER)


@named(CONFIG, "persons: Best, now Largest")
def another_policy(at):
    return (*at.ran(*TINY), "persons=largest", OVER)


@named(CONFIG, "refine: [], now [Fill]")
def a_step_added(at):
    return (*at.ran(*TINY), "refine=[fill]", OVER)


@named(CONFIG, "video.start: null, now 0.05")
def another_part_of_all_films(at):
    return (*at.ran(*TINY), "video.start=0.05", OVER)


@named(CONFIG, "device.precision: fp32, now fp16")
def another_precision(at):
    return (*at.ran(*TINY), "device.precision=fp16", OVER)


@named(CONFIG, "detector.noise: 0, now 2")
def overwritten_in_part_by_another(at):
    at.clip = "synthetic_0001"
    at.ran(*TINY)
    words = (*TINY, "detector.noise=2", OVER)
    go(at.out, *words, "limit=1")
    return words


@named(CONFIG, "an earlier configuration, of which nothing but its hash is known")
def overwritten_in_part_and_forgotten(at):
    words = overwritten_in_part_by_another(at)
    shutil.rmtree(at.home / "configurations")
    return words


@named("of another configuration", "run.json, which would tell more, is gone")
def an_identity_that_is_lost(at):
    at.ran(*TINY)
    (at.home / "run.json").unlink()
    return (*TINY, "bbox_thr=0.5")


@named("of other weights", "net 7692c3ad3540, now 3fc4ccfe7458")
def other_weights(at):
    at.weights(b"one")
    at.ran(*TINY)
    at.weights(b"two")
    return TINY


@named("made with other weights or versions", "net 7692c3ad3540, now 3fc4ccfe7458")
def other_weights_overwritten(at):
    return (*other_weights(at), OVER)


@named(NOTHING, "are as recorded")
def another_library_after_all_is_done(at):
    at.ran(*TINY)
    at.versions["av"] = "19.0.0"
    return TINY


@named("made with other weights or versions", "av 18.0, now 19.0")
def another_library_overwritten(at):
    return (*another_library_after_all_is_done(at), OVER)


@named(LOST, "version changed: av 18.0, now 19.0")
def another_library_and_a_clip_to_do(at):
    words = another_library_after_all_is_done(at)
    (at.out / f"{CLIP}.npy").unlink()
    return words


@named("of another data set", "another data set")
def another_data_set(at):
    at.of_film()
    other = at.tmp / "others"
    other.mkdir()
    shutil.copy(at.other, other / "a.mp4")
    return "dataset=folder", f"dataset.path={other}"


@named("left out of this run", "limit=1 takes other clips")
def beyond_the_limit(at):
    at.clip = "synthetic_0001"
    return (*at.ran(*TINY), "limit=1")


@named("left out of this run", "only=synthetic_0001 takes other clips")
def not_among_those_named(at):
    return (*at.ran(*TINY), "only=synthetic_0001")
