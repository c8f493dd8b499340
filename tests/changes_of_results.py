"""Changes of files, records, writers, annotations and of what is asked for between two runs."""

from __future__ import annotations

import json
import os
import pickle
import shutil

import films
from aisttree import FIRST, annotations, tree
from change_place import CLIP, LOST, MANY, NOTHING, OVER, TINY, named
from whole_runs import go

from posecfg.store.record_files import digest_name

AIST = "gBR_sBM_c01_d04_mBR1_ch01"
PEOPLE = (*TINY, "dataset.people=2", "detector.people=2", "persons=only")


@named(NOTHING, "are as recorded")
def touched_output(at):
    words = at.ran(*TINY)
    os.utime(at.out / f"{CLIP}.npy", ns=(1, 1))
    return words


@named(NOTHING, "are as recorded")
def the_ledger_lost(at):
    words = at.ran(*TINY)
    for path in at.home.glob("ledger*"):
        path.unlink()
    return words


@named(NOTHING, "not asked for now, and kept: csv")
def a_writer_left_out(at):
    at.ran(*TINY, "writer=[npy,csv]")
    return (*TINY, "writer=[npy]")


@named(LOST, "synthetic_0000.npy is missing")
def a_file_missing(at):
    words = at.ran(*TINY)
    (at.out / f"{CLIP}.npy").unlink()
    return words


@named(LOST, "synthetic_0000.npy has 732 bytes, but 740 were written")
def a_file_cut_off(at):
    words = at.ran(*TINY)
    path = at.out / f"{CLIP}.npy"
    path.write_bytes(path.read_bytes()[:-8])
    return words


@named(LOST, "has the size that was written, but another content")
def a_file_edited(at):
    words = at.ran(*TINY)
    path = at.out / f"{CLIP}.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    return words


@named(LOST, "synthetic_0000.npy is no file")
def a_link_in_place_of_a_file(at):
    words = at.ran(*TINY)
    (at.out / f"{CLIP}.npy").unlink()
    (at.out / f"{CLIP}.npy").symlink_to(at.tmp)
    return words


@named(LOST, "1 of 20 files in synthetic_0000_json/ are missing, the first is")
def one_of_many_files_missing(at):
    words = at.ran(*MANY)
    next((at.out / f"{CLIP}_json").glob("*_keypoints.json")).unlink()
    return words


@named(LOST, "some are not what was written, as synthetic_0000_json/")
def one_of_many_files_edited(at):
    words = at.ran(*MANY)
    next((at.out / f"{CLIP}_json").glob("*_keypoints.json")).write_text("{}")
    return words


@named(LOST, "the list of the 20 files in synthetic_0000_json/ is lost or damaged")
def a_list_lost(at):
    words = at.ran(*MANY)
    shutil.rmtree(at.home / "files")
    next((at.out / f"{CLIP}_json").glob("*_keypoints.json")).touch()
    return words


@named("failed before", "injected fault on 'synthetic_0000'")
def a_fault_before(at):
    at.ran(*TINY, "detector.crash='raise:0000'")
    return TINY


@named("failed before", "in no format that can be read")
def a_broken_film_before(at):
    at.clip, where = "a", at.tmp / "films"
    where.mkdir()
    (where / "a.mp4").write_bytes(b"no film")
    return at.ran("dataset=folder", f"dataset.path={where}")


@named("new", "a run that was stopped left it half written")
def a_run_killed_before_its_end(at):
    words = at.ran(*TINY)
    at.record.unlink()
    (at.out / f"{CLIP}.npy").unlink()
    for path in at.home.glob("ledger*"):
        path.unlink()
    intent = at.home / "intents" / f"{CLIP}.json"
    intent.parent.mkdir(exist_ok=True)
    intent.write_text("{}")
    return words


@named("record is missing", "its record is gone")
def a_record_missing(at):
    words = at.ran(*TINY)
    at.record.unlink()
    return words


@named("record is damaged", "cut off")
def a_record_damaged(at):
    words = at.ran(*TINY)
    at.record.write_bytes(at.record.read_bytes()[:100])
    return words


@named("writer added", "csv was not asked for before")
def a_writer_added(at):
    at.ran(*TINY, "writer=[npy]")
    return (*TINY, "writer=[npy,csv]")


@named("of another configuration", "writer.npy.dtype: float32, now float64")
def a_writer_changed(at):
    return (*at.ran(*TINY), "writer.npy.dtype=float64")


@named("written with other settings", "writer.npy.dtype: float32, now float64")
def a_writer_changed_and_overwritten(at):
    return (*a_writer_changed(at), OVER)


@named("metric added", "metric.pck was not asked for before")
def a_metric_added(at):
    return (*at.ran(*TINY), "metric=[pck]")


@named("written with other settings", "metric.pck.alpha: 0.05, now 0.5")
def a_metric_changed(at):
    at.ran(*TINY, "metric=[pck]")
    return (*TINY, "metric=[pck]", "metric.pck.alpha=0.5", OVER)


def _annotated(at, *words):
    at.clip = AIST
    film = films.write(at.tmp / "film.mp4", range(4), fps=60, size=(32, 32))
    place = tree(at.tmp / "aist", film, [AIST], frames=4)
    words = at.ran("dataset=aist", f"dataset.path={place}", *words)
    known = annotations(4)
    known["keypoints2d"][..., :2] += 5
    (place / "keypoints2d" / f"{FIRST}.pkl").write_bytes(pickle.dumps(known))
    return words


@named("annotated otherwise", "metric.pck was made of other annotations")
def other_annotations_of_a_metric(at):
    return _annotated(at, "metric=[pck]", "writer=[npz]")


@named("annotated otherwise", "the poses are made of them")
def other_annotations_of_the_poses(at):
    return _annotated(at, "detector=annotations", "sampler=annotated")


@named("skipped", "too short: 0.1 s, at least 60 s was asked for")
def a_gate_that_closes(at):
    return (*at.ran(*TINY), "video.min_duration=60")


@named("skipped by other gates before", "too short: 0.1 s")
def a_gate_that_opens(at):
    at.ran(*TINY, "video.min_duration=60")
    return TINY


@named("damaged, which is refused now", "truncated: 3 of 4 frames")
def strict_now(at):
    words = at.of_film()
    data = json.loads(at.record.read_text())
    data["facts"]["status"] = "truncated"
    data["warnings"] = ["truncated: 3 of 4 frames"]
    at.record.write_text(json.dumps(data))
    return (*words, "strict=true")


@named("asked to be made again", "redo=synthetic_0000")
def redo_by_name(at):
    return (*at.ran(*TINY), f"redo={CLIP}")


@named("asked to be made again", "redo=True")
def redo_of_all(at):
    return (*at.ran(*TINY), "redo=true")


@named("made of other stored poses", "stored poses: ")
def other_stored_poses(at):
    source = at.tmp / "source"
    go(source, *TINY, "writer=[npz]")
    words = at.ran("detector=stored", f"detector.path={source}", *TINY)
    go(source, *TINY, "writer=[npz]", "detector.noise=2", OVER)
    return words


@named("skipped", "already there: '")
def a_file_in_its_place(at):
    at.out.mkdir()
    (at.out / f"{CLIP}.npy").write_text("mine")
    return TINY


@named("skipped", "more than one person")
def dropped_by_a_policy(at):
    return at.ran(*PEOPLE)


@named("new", "a run that was stopped left it half written, or is at work on it")
def at_work_now(at):
    at.out.mkdir()
    aside = at.home / "tmp"
    (aside / digest_name(CLIP)).mkdir(parents=True)
    (aside / digest_name(CLIP) / "a.part").write_text("")
    return TINY
