import json
import subprocess
import sys
from pathlib import Path

import films
import pytest
from whole_runs import SMALL, go, job_of

from posecfg.review.plan import plan

ROOT = Path(__file__).parents[2]
CLIPS = ("dataset=synthetic", *SMALL)


def tree(root):
    return sorted((str(p.relative_to(root)), p.stat().st_mtime_ns, p.stat().st_size) for p in root.rglob("*"))


def test_a_data_set_over_all_clips_is_told_by_its_own_name(tmp_path):
    root = tmp_path / "out/coco/train"
    assert plan(job_of(tmp_path / "out", "writer=[coco]"))["outputs"] == {
        "coco": str(root / "annotations/train.json"),
        "coco.images": str(root / "images/synthetic_0000_frame_000000.jpg"),
    }


def test_a_plan_of_a_new_folder(tmp_path):
    found = plan(job_of(tmp_path / "out", *CLIPS, "writer=[npy,csv]"))
    assert (found["clips"], found["done"], found["to_do"], found["unopened"]) == (3, 0, 3, 3)
    assert found["why"] == {"new": 3}
    assert found["problems"] == []
    assert found["ids"] == ["synthetic_0000", "synthetic_0001", "synthetic_0002"]
    assert found["outputs"] == {name: str(tmp_path / "out" / f"synthetic_0000.{name}") for name in ("npy", "csv")}
    assert [step["role"] for step in found["chain"]] == [
        *("dataset", "sampler", "detector", "persons", "lifter", "writer")
    ]
    assert not (tmp_path / "out").exists()


def test_a_plan_says_why_and_writes_nothing(tmp_path):
    out = tmp_path / "out"
    go(out, *CLIPS)
    (out / "synthetic_0000.npy").unlink()
    (out / ".posecfg" / "clips" / "synthetic_0001.json").write_text("{")
    before = tree(tmp_path)
    found = plan(job_of(out, *CLIPS, "writer=[npy,csv]"))
    assert (found["done"], found["to_do"]) == (0, 3)
    assert found["why"] == {"output is missing or changed": 1, "record is damaged": 1, "writer added": 1}
    assert tree(tmp_path) == before


def test_a_plan_and_the_run_after_it_agree(tmp_path):
    go(tmp_path, *CLIPS, "detector.crash='raise:0001'")
    why = "RuntimeError: injected fault on 'synthetic_0001'"
    found = plan(job_of(tmp_path, *CLIPS))
    assert (found["done"], found["to_do"], found["why"]) == (2, 1, {"failed before": 1})
    assert found["failed_before"] == {"synthetic_0001": f"detector (Synthetic) failed ({why})."}
    assert go(tmp_path, *CLIPS).why == found["why"]
    assert plan(job_of(tmp_path, *CLIPS))["to_do"] == 0


def test_skipped_clips_are_counted_by_reason(tmp_path):
    go(tmp_path, *CLIPS)
    found = plan(job_of(tmp_path, *CLIPS, "video.min_duration=60"))
    assert (found["done"], found["to_do"]) == (0, 0)
    assert list(found["skipped"].values()) == [3]


@pytest.mark.parametrize(
    ("overrides", "text"),
    [
        (("bbox_thr=0.9",), "0.3, now 0.9"),
        (("writer.npy.dtype=float64",), "writer.npy.dtype"),
        (("writer=[]",), "No writer is chosen"),
        (("dataset=folder", "dataset.path=/does/not/exist"), "dataset.path"),
        (("device=mps", "detector=blazepose"), "device=mps"),
    ],
)
def test_problems_are_sentences(tmp_path, overrides, text):
    go(tmp_path, *CLIPS)
    dataset = () if any(o.startswith("dataset=") for o in overrides) else CLIPS
    job = job_of(tmp_path, *dataset, *(o for o in overrides if not o.startswith("detector=")))
    if any(o.startswith("detector=") for o in overrides):
        job.config["detector"] = {"_target_": "posecfg.detectors.blazepose.BlazePose", "device": "mps"}
    found = plan(job)
    assert any(text in problem for problem in found["problems"]), found["problems"]


def test_a_damaged_folder_is_a_problem(tmp_path):
    go(tmp_path, *CLIPS)
    (tmp_path / ".posecfg" / "run.json").write_bytes(b"\xff")
    assert "damaged" in plan(job_of(tmp_path, *CLIPS))["problems"][0]


def test_clips_are_opened_only_when_asked(tmp_path):
    found = plan(job_of(tmp_path / "out", *CLIPS, "video.min_duration=60"), probe=True)
    assert found["unopened"] == 0
    assert [row["refused"][:9] for row in found["probed"]] == ["too short"] * 3
    assert found["probed"][0] | {"refused": ""} == {
        **{"id": "synthetic_0000", "fps": 30.0, "duration": 0.1, "size": [32, 24], "frames": 3, "refused": ""}
    }


def test_clips_of_an_earlier_run_are_not_called_unopened(tmp_path):
    go(tmp_path / "out", *CLIPS, "limit=2")
    found = plan(job_of(tmp_path / "out", *CLIPS, "writer=[npy,csv]"))
    assert (found["to_do"], found["unopened"]) == (3, 1)


def run(tmp_path, *words):
    command = [sys.executable, ROOT / "run.py", "plan", "detector=synthetic", *CLIPS, *words]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)


def test_the_exit_code_says_whether_there_are_problems(tmp_path):
    done = run(tmp_path, "--json")
    assert (done.returncode, json.loads(done.stdout)["to_do"]) == (0, 3)
    assert run(tmp_path, "writer=[]").returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_no_backend_is_imported(tmp_path):
    code = (
        "import sys; sys.argv = ['run.py', 'plan', *sys.argv[1:]]\n"
        "from posecfg.cli import main\n"
        "try: main()\n"
        "finally: print('HEAVY', sorted({'numpy', 'av', 'mediapipe', 'cv2', 'onnxruntime'} & sys.modules.keys()))"
    )
    words = ["dataset=folder", f"dataset.path={ROOT / 'src/posecfg/assets'}", "writer=[npy,npz,csv,openpose]"]
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True)
    assert "HEAVY []" in done.stdout, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_plan_of_which_nothing_would_come_is_a_problem(tmp_path):
    for number in range(3):
        (tmp_path / f"synthetic_{number:04}.npy").write_text("mine")
    (problem,) = plan(job_of(tmp_path, *CLIPS))["problems"]
    assert problem.startswith(
        "Nothing would be written: the places of 3 clips are taken, first that of 'synthetic_0000', "
    )
    (tmp_path / "synthetic_0001.npy").unlink()
    (problem,) = plan(job_of(tmp_path, *CLIPS))["problems"]
    assert problem.startswith("2 clips would be left out: the places of 2 clips are taken, first that of 'synthetic")


def test_a_probe_finds_segments_behind_the_end_of_their_film(tmp_path):
    films.write(tmp_path / "film.mp4")
    table = "VIDEO_NAME,SENTENCE_NAME,START,END\nfilm,good,0,1\nfilm,late,900,901\n"
    (tmp_path / "t.csv").write_text(table)
    words = ("dataset=manifest", f"dataset.path={tmp_path / 't.csv'}", f"dataset.videos={tmp_path}")
    (problem,) = plan(job_of(tmp_path / "out", *words), probe=True)["problems"]
    assert "1 of 2 opened clips would fail, without stopping the others; the first is 'late': " in problem
    assert problem.endswith("it begins after the end of the film, which lasts 3 s.")
    # A run with this gate does not get so far.
    gated = (*words, "video.min_duration=0.2")
    assert plan(job_of(tmp_path / "out", *gated), probe=True)["problems"] == []
