"""The verb ``reproduce`` makes one clip again as it was made, compares every byte, and writes nothing beside it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from whole_runs import SMALL, go, sidecar_of

from posecfg.backends import present
from posecfg.commands.program import main
from posecfg.errors import PosecfgError, UsageError
from posecfg.pipeline import provenance
from posecfg.review import repeated_job
from posecfg.review.reproduce import reproduce
from posecfg.store import configurations, record_files
from posecfg.terminal.progress import Quiet
from posecfg.terminal.reproduced import show

CLIP = "synthetic_0001"
SYNTHETIC = ("dataset=synthetic", *SMALL, "detector=synthetic", "workers=0")
MEDIA = Path(__file__).parents[3] / "shared" / "media"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Work in this process, in a folder of its own, with temporary files beside it."""
    monkeypatch.setattr(repeated_job, "WORKERS", 0)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("finished") / "out"
    assert go(out, "detector.miss=0.3", "writer=[npy,npz,csv]").exit_code == 0
    return out


@pytest.fixture
def out(finished, here):
    return Path(shutil.copytree(finished, here / "out"))


def state_of(root):
    """Return every file with its content and times."""
    return {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(root.rglob("*")) if p.is_file()}


def again(path, out=None):
    return reproduce([str(path)], out, Quiet())


def states(result):
    return {file["file"]: file["state"] for file in result["files"]}


@pytest.mark.parametrize("name", [f"{CLIP}.npy", f"{CLIP}.npz", f"{CLIP}.csv", f".posecfg/clips/{CLIP}.json"])
def test_a_clip_is_made_again_from_any_of_its_files(out, here, name):
    before = state_of(out)
    result = again(out / name)
    assert (result["identical"], len(result["files"]), result["exit_code"]) == (3, 3, 0)
    assert (result["clip"], result["changed"], result["unknown"]) == (CLIP, [], [])
    assert state_of(out) == before
    assert list((here / "temporary").iterdir()) == []


def test_nothing_that_was_remembered_is_read(here):
    root = here / "out"
    go(root, "shard=1/1")
    record = record_files.read_clip(root, CLIP)
    job = repeated_job.repeated(root, record, here / "again").job
    assert (job.config["cache"], job.config["shard"], job.config["only"]) == ("off", None, [CLIP])


def test_what_is_made_stays_where_out_says(out, here):
    assert again(out / f"{CLIP}.npz", "again")["exit_code"] == 0
    made = {path.name for path in (here / "again").iterdir()}
    assert made == {".posecfg", f"{CLIP}.npy", f"{CLIP}.npz", f"{CLIP}.csv"}
    assert (here / "again" / f"{CLIP}.npz").read_bytes() == (out / f"{CLIP}.npz").read_bytes()


@pytest.mark.parametrize(
    ("place", "told"),
    [("out", "outside of"), ("out/again", "outside of"), ("full", "a new or an empty folder"), ("file", "a new or")],
)
def test_a_folder_that_is_not_free_is_refused(out, here, place, told):
    (here / "full").mkdir()
    (here / "full/a").touch()
    (here / "file").touch()
    before = state_of(here)
    with pytest.raises(UsageError, match=told):
        again(out / f"{CLIP}.npz", place)
    assert state_of(here) == before


def test_a_file_that_was_edited_is_named(out):
    array = np.load(out / f"{CLIP}.npy")
    array[1, :, 0] += 2
    np.save(out / f"{CLIP}.npy", array)
    (out / f"{CLIP}.csv").unlink()
    result = again(out / f"{CLIP}.npz")
    assert states(result) == {f"{CLIP}.csv": "missing", f"{CLIP}.npy": "edited", f"{CLIP}.npz": "identical"}
    assert result["files"][1]["poses"]["xy"]["largest"] == pytest.approx(2, rel=1e-5)
    assert result["exit_code"] == 1


def test_what_was_told_can_be_typed(out, capsys):
    (out / f"{CLIP}.npy").write_bytes(b"mine")
    assert main(["reproduce", f"out/{CLIP}.npz"]) == 1
    said = capsys.readouterr().out
    assert "identical: 2 of 3 files" in said
    assert (
        f"{CLIP}.npy was edited since it was written, and is made again as it was: it cannot be read any more" in said
    )
    redo = re.search(r"redo=\S+", said)[0]
    assert go(out, "detector.miss=0.3", "writer=[npy,npz,csv]", redo).exit_code == 0
    assert main(["reproduce", f"out/{CLIP}.npz"]) == 0
    assert "identical: 3 of 3 files" in capsys.readouterr().out
    assert (out / f"{CLIP}.npy.altered").read_bytes() == b"mine"


TYPED = {
    "job of a sweep": ["-m", *SYNTHETIC, "bbox_thr=0.2,0.4", "output_dir=out"],
    "shard": [*SYNTHETIC, "shard='2/2'", "output_dir=out"],
    "a knob that counts clips": [*SYNTHETIC, "limit=2", "output_dir=out"],
    "several people": [*SYNTHETIC, "persons=all", "dataset.people=2", "detector.people=2", "output_dir=out"],
    "a folder of files": [
        "dataset=synthetic",
        "dataset.clips=2",
        "dataset.frames=20",
        *SYNTHETIC[4:],
        "writer=[openpose,npy]",
        "output_dir=out",
    ],
    "files over all clips": [*SYNTHETIC, "writer=[coco]", "output_dir=out"],
    "a film": [
        "a.mp4",
        "detector=synthetic",
        "workers=0",
        "writer=[npy,overlay]",
        "output_dir=out",
        "writer.overlay.text=false",
    ],
    "several films": ["a.mp4", "more/b [1].mp4", "detector=synthetic", "workers=0", "output_dir=out"],
    "a folder": ["more", "detector=synthetic", "workers=0", "output_dir=out", "sampler=fps", "sampler.rate=5"],
    "several processes": ["more", "detector=synthetic", "workers=2", "output_dir=out"],
    "the usual folder": ["more", "detector=synthetic", "workers=0"],
    "metrics": [*SYNTHETIC, "metric=[pck]", "output_dir=out"],
    "a variable": ["more", "detector=synthetic", "workers=0", "output_dir=out", "bbox_thr='${oc.env:LEAST}'"],
}


@pytest.mark.deep
@pytest.mark.parametrize("words", TYPED.values(), ids=TYPED)
def test_whatever_was_typed_is_made_again_from_another_folder(words, here, film, monkeypatch):
    monkeypatch.setenv("LEAST", "0.25")
    (here / "more").mkdir()
    shutil.copy(film, here / "a.mp4")
    shutil.copy(film, here / "more/b [1].mp4")
    assert main([*words, "-q"]) == 0
    records = sorted(here.glob("out*/**/.posecfg/clips/**/*.json"))
    assert records
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    result = again(os.path.relpath(records[-1]))
    assert result["files"]
    assert set(states(result).values()) == {"identical"}
    assert result["exit_code"] == 0


def test_a_film_that_shows_times_is_not_compared(here, film, capsys):
    shutil.copy(film, here / "a.mp4")
    assert main(["a.mp4", "detector=synthetic", "workers=0", "writer=[npy,overlay]", "output_dir=out", "-q"]) == 0
    assert states(again("out/a.npy")) == {"a.mp4": "timed", "a.npy": "identical"}
    assert main(["reproduce", "out/a.mp4"]) == 0
    said = capsys.readouterr().out
    assert "identical: 1 of 1 file\n  a.mp4 shows how long frames took" in said


def test_a_clip_that_was_skipped_is_skipped_again(here, capsys):
    go(here / "out", "persons=only", "detector.people=2", "dataset.people=2")
    result = again(f"out/.posecfg/clips/{CLIP}.json")
    assert result["outcome"]["first"] == result["outcome"]["again"]
    assert result["outcome"]["first"][0] == "skipped"
    assert (result["files"], result["exit_code"]) == ([], 0)
    assert main(["reproduce", f"out/.posecfg/clips/{CLIP}.json"]) == 0
    assert "identical: synthetic_0001 is skipped:" in capsys.readouterr().out


def test_a_writer_that_was_added_later_is_made_again_too(here):
    go(here / "out", "writer=[npz]")
    go(here / "out", "writer=[npz,csv]")
    result = again(f"out/{CLIP}.csv")
    assert set(states(result)) == {f"{CLIP}.csv", f"{CLIP}.npz"}
    assert result["exit_code"] == 0


def test_other_versions_are_named_with_what_to_type(out, monkeypatch):
    real = provenance._version
    monkeypatch.setattr(provenance, "_version", lambda name: "9.9.9" if name == "av" else real(name))
    result = again(out / f"{CLIP}.npz")
    assert states(result)[f"{CLIP}.npz"] == "differs"
    assert states(result)[f"{CLIP}.npy"] == "identical"
    assert next(file for file in result["files"] if file["state"] == "differs")["poses"]["same"]
    (told,) = result["changed"]
    assert (told["what"], told["then"], told["now"]) == ("av", real("av"), "9.9.9")
    assert told["do"] == f"pip install av=={real('av')}"


def test_another_input_is_named(here, film, other_film):
    shutil.copy(film, here / "a.mp4")
    assert main(["a.mp4", "detector=synthetic", "workers=0", "output_dir=out", "-q"]) == 0
    shutil.copy(other_film, here / "a.mp4")
    result = again("out/a.npy")
    assert [one["what"] for one in result["changed"]] == ["input"]
    assert states(result) == {"a.npy": "differs"}
    (here / "a.mp4").unlink()
    with pytest.raises(PosecfgError, match=r"its input '.*a\.mp4' is gone: put it back there"):
        again("out/a.npy")
    assert list((here / "temporary").iterdir()) == []


def test_a_variable_with_another_value_is_named(here, film, monkeypatch):
    monkeypatch.setenv("LEAST", "0.25")
    shutil.copy(film, here / "a.mp4")
    assert main(["a.mp4", "detector=synthetic", "workers=0", "output_dir=out", "bbox_thr='${oc.env:LEAST}'"]) == 0
    monkeypatch.setenv("LEAST", "0.5")
    with pytest.raises(PosecfgError, match=r"other values of the environment \(LEAST\)"):
        again("out/a.npy")
    monkeypatch.delenv("LEAST")
    with pytest.raises(PosecfgError, match="LEAST"):
        again("out/a.npy")


def test_code_that_reads_the_configuration_otherwise_is_named(out, monkeypatch):
    monkeypatch.setattr(repeated_job, "__version__", "9.9")
    (name,) = configurations.names(out)
    data = configurations.read(out, name)
    data["config"]["bbox_thr"] = 0.31
    other = configurations.keep(out, out / "tmp", data)
    record = out / f".posecfg/clips/{CLIP}.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"configurations": [other]}))
    with pytest.raises(PosecfgError, match=r"made by posecfg \S+, and to this one \(9\.9\) .*pip install posecfg=="):
        again(record)


def test_a_folder_of_an_earlier_version_says_what_to_type_and_then_works(out):
    shutil.rmtree(out / ".posecfg/configurations")
    with pytest.raises(PosecfgError, match="type the command of that run once more, which only adds it"):
        again(out / f"{CLIP}.npz")
    assert go(out, "detector.miss=0.3", "writer=[npy,npz,csv]").todo == {}
    assert again(out / f"{CLIP}.npz")["exit_code"] == 0


def test_a_model_that_is_not_ready_stops_it_before_anything_is_made(out, here, monkeypatch):
    def missing(job):
        return [PosecfgError("Weights x are missing: type posecfg models fetch x.")]

    monkeypatch.setattr("posecfg.review.reproduce.preflight.problems", missing)
    with pytest.raises(PosecfgError, match="models fetch x"):
        again(out / f"{CLIP}.npz", "again")
    assert not (here / "again").exists()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere.npy", "there is no 'nowhere.npy'"),
        ("out", "'out' holds 3 clips: type reproduce out/.posecfg/clips/synthetic_0000.json"),
        ("temporary", "a folder without records"),
        ("alone.npy", "no folder above it has records"),
        ("out/other.npy", "No record in '.*out' has the file 'other.npy'"),
        ("out/.posecfg/run.json", "is posecfg's own"),
        ("out/.posecfg/clips/broken.json", "is damaged, or no record of a clip"),
    ],
)
def test_what_is_no_result_of_a_clip_is_one_sentence(out, here, name, told):
    (here / "alone.npy").touch()
    (out / "other.npy").touch()
    (out / ".posecfg/clips/broken.json").write_text("{")
    if name == "out":
        (out / ".posecfg/clips/broken.json").unlink()
    with pytest.raises(PosecfgError, match=told) as caught:
        again(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("words", [[], ["a", "b"]])
def test_one_file_is_named(words):
    with pytest.raises(UsageError, match=f"but got {len(words)}"):
        reproduce(words, None, Quiet())


def test_a_damaged_record_of_configurations_is_one_sentence(out):
    record = out / f".posecfg/clips/{CLIP}.json"
    known = sidecar_of(out, CLIP)
    for names in ([1, None], ["../../run"], [{}], [], "x"):
        record.write_text(json.dumps(known | {"configurations": names}))
        if names == "x":
            with pytest.raises(PosecfgError, match="damaged"):
                again(record)
        else:
            assert again(record)["exit_code"] == 0
    (out / ".posecfg/configurations" / f"{known['configurations'][0]}.json").write_text("[]")
    record.write_text(json.dumps(known))
    with pytest.raises(PosecfgError, match="or it was lost"):
        again(record)


@pytest.mark.parametrize("words", [5, None, [5], {"a": "b"}, "word"], ids=str)
@pytest.mark.parametrize("name", ["command", "overrides"])
def test_a_configuration_whose_words_are_none_is_as_good_as_lost(out, name, words):
    record = out / f".posecfg/clips/{CLIP}.json"
    known = sidecar_of(out, CLIP)
    kept = configurations.read(out, known["configurations"][0])
    for path in (out / ".posecfg/configurations").iterdir():
        path.unlink()
    made = configurations.keep(out, out / ".posecfg/tmp", {**kept, name: words})
    record.write_text(json.dumps(known | {"configurations": [made]}))
    with pytest.raises(PosecfgError, match="or it was lost"):
        again(record)


def test_a_file_of_a_sweep_is_told_with_its_job(here, capsys):
    words = [*SYNTHETIC, "output_dir=swept", "-q", "-m", "bbox_thr=0.2,0.3", "persons=best,all"]
    assert main(words) == 0
    found = [again(path) for path in here.glob("swept/*/*_0001.npy")]
    told = sorted(result["job"] for result in found)
    assert told == [[f"bbox_thr={thr}", f"persons={who}"] for thr in (0.2, 0.3) for who in ("all", "best")]
    show(found[0])
    assert f"(the job with {' '.join(found[0]['job'])})" in " ".join(capsys.readouterr().out.split())


@pytest.mark.skipif(not MEDIA.is_dir() or sys.version_info >= (3, 13), reason="the shared media are not here")
def test_a_real_model_gives_the_same_bytes_again(here):
    if not present("mediapipe"):
        pytest.skip("mediapipe is not installed")
    shutil.copy(MEDIA / "pose2sim_single_cam01.mp4", here / "a.mp4")
    assert main(["a.mp4", "writer=[npy,npz]", "video.end=0.4", "output_dir=out", "workers=0", "-q"]) == 0
    assert states(again("out/a.npz")) == {"a.npy": "identical", "a.npz": "identical"}
