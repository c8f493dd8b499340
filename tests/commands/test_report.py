"""The verb ``report``: what is in the page of runs and sweeps, where it goes, and what it never replaces."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from whole_runs import go

from posecfg.commands.program import main
from posecfg.review import watching

pytestmark = pytest.mark.deep

FEW = ("dataset=synthetic", "dataset.clips=3", "dataset.frames=6", "dataset.size=[64,48]", "detector=synthetic")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def data_of(page):
    """Return the data within a page."""
    text = Path(page).read_text("utf-8")
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def told(capsys, *words):
    """Report as JSON."""
    capsys.readouterr()
    code = main(["report", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_run_has_its_clips_and_measures(capsys):
    go(Path("out"), *FEW, "detector.miss=0.4", "writer=[npz]")
    code, found = told(capsys, "out")
    assert (code, found["page"], found["kind"]) == (0, "out/report.html", "run")
    data = data_of("out/report.html")
    (run,) = data["runs"]
    assert [data["ids"][number] for number in run["clips"]["id"]] == [f"synthetic_000{n}" for n in range(3)]
    assert run["clips"]["rows"] == [6, 6, 6]
    (job,) = data["jobs"]
    missing = sum(run["clips"]["missing"]) / 18
    assert job["measures"]["detection_rate"] == pytest.approx(1 - missing, abs=1e-6)
    assert job["clips"] == {"total": 3, "done": 3, "skipped": 0, "failed": 0, "no_person": 0, "recalled": 0}


def test_the_worst_clip_comes_first_and_says_why(capsys):
    go(Path("out"), *FEW, "detector.miss=0.4", "writer=[npz]")
    _, found = told(capsys, "out")
    run = data_of("out/report.html")["runs"][0]["clips"]
    worst = max(range(3), key=lambda number: run["badness"][number])
    assert found["worst"][0]["clip"] == f"synthetic_000{worst}"
    share = run["missing"][worst] / 6
    assert f"{share:.0%} of frames without a person" in found["worst"][0]["why"]


def test_a_clip_that_failed_is_the_worst_of_all(capsys):
    assert main([*FEW, "output_dir=out", "detector.crash='raise:0001'"]) == 3
    _, found = told(capsys, "out")
    assert (found["worst"][0]["clip"], found["worst"][0]["badness"]) == ("synthetic_0001", 100)
    assert found["jobs"][0]["state"] == "failed"


def test_a_sweep_ends_with_its_page(capsys):
    assert main([*FEW, "-m", "bbox_thr=0.2,0.9"]) == 0
    page = re.search(r"The page of this sweep: (\S+)", capsys.readouterr().out)[1]
    data = data_of(page)
    assert (data["kind"], data["knobs"]) == ("sweep", ["bbox_thr"])
    assert [job["settings"] for job in data["jobs"]] == [{"bbox_thr": "0.2"}, {"bbox_thr": "0.9"}]
    assert [job["measures"]["people"] > 0 for job in data["jobs"] if "people" in job["measures"]] != []
    with Path(page).with_suffix(".csv").open() as stream:
        assert [row["bbox_thr"] for row in csv.DictReader(stream)] == ["0.2", "0.9"]


def test_a_sweep_may_go_without_its_page(here, capsys):
    assert main([*FEW, "page=false", "-m", "bbox_thr=0.2,0.9"]) == 0
    assert "page of this sweep" not in capsys.readouterr().out
    assert list(here.glob("outputs/.hydra/*/report.*")) == []


def test_a_job_that_was_not_run_is_a_row_that_says_so(capsys):
    assert main([*FEW, "on_error=stop", "detector.crash='raise:0001'", "-m", "bbox_thr=0.2,0.5"]) == 3
    folder = next(Path("outputs/.hydra").iterdir())
    _, found = told(capsys, str(folder))
    assert [job["state"] for job in found["jobs"]] == ["failed", "not run"]


def test_runs_that_are_named_are_held_against_each_other(capsys):
    for name, more in (("one", "bbox_thr=0.2"), ("two", "bbox_thr=0.6")):
        go(Path(name), *FEW, more)
    _, found = told(capsys, "one", "two", "--out", "both.html")
    data = data_of("both.html")
    assert (data["kind"], data["knobs"]) == ("runs", ["bbox_thr"])
    assert [job["name"] for job in found["jobs"]] == ["bbox_thr=0.2", "bbox_thr=0.6"]


def test_the_table_has_settings_as_they_were_typed_and_before_all_numbers(here, capsys):
    films = here / "it's 100 %"
    films.mkdir()
    (films / "a.mp4").write_bytes(b"no film")
    assert main([str(films), "detector=synthetic", "output_dir=one"]) == 1
    go(Path("two"), *FEW, "bbox_thr=0.6")
    told(capsys, "one", "two", "--out", "both.html")
    with Path("both.csv").open() as stream:
        columns = csv.DictReader(stream)
        one, two = columns
    names = list(columns.fieldnames)
    assert max(map(names.index, ("dataset.path", "bbox_thr"))) < names.index("folder") < names.index("total")
    assert (one["dataset.path"], two["bbox_thr"]) == (str(films), "0.6")
    assert (two["gaps"], two["swaps"]) == ("0", "0")


def test_a_page_replaces_a_page_and_nothing_else(here, capsys):
    go(Path("out"), *FEW)
    assert told(capsys, "out")[0] == told(capsys, "out")[0] == 0
    for name in ("report.html", "report.csv"):
        (here / "out" / name).write_text("precious")
        assert main(["report", "out"]) == 1
        assert f"'out/{name}' is there already, and is no page of posecfg" in capsys.readouterr().err
        assert (here / "out" / name).read_text() == "precious"
        (here / "out" / name).unlink()
    (here / "out" / "report.html").symlink_to(here / "elsewhere.html")
    assert main(["report", "out"]) == 1
    assert not (here / "elsewhere.html").exists()


QUOTES = '<!doctype html>\n<p>Their pages say <meta name="generator" content="posecfg report">, mine is precious.'


@pytest.mark.parametrize(("name", "text"), [("report.html", QUOTES), ("report.csv", "id,job,state,\n1,2,3,\n")])
def test_a_file_that_quotes_ours_is_not_replaced(here, capsys, name, text):
    go(Path("out"), *FEW)
    (here / "out" / name).write_text(text)
    assert main(["report", "out"]) == 1
    assert (here / "out" / name).read_text() == text


def test_files_of_others_where_clips_would_go_are_not_replaced(here, capsys, monkeypatch):
    go(Path("out"), *FEW, "writer=[npz]")
    monkeypatch.setattr("posecfg.page.document.documents.__defaults__", (1000,))
    folder = here / "out" / "report_files"
    folder.mkdir()
    (folder / "clip-1.js").write_text("precious; posecfg.take(0,")
    assert main(["report", "out"]) == 1
    assert "'out/report_files/clip-1.js' is there already" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["clip-1.js"]
    assert not (here / "out" / "report.html").exists()


def test_a_page_is_no_result(capsys):
    go(Path("out"), *FEW)
    told(capsys, "out")
    assert main(["verify", "out"]) == 0
    assert "report" not in capsys.readouterr().out
    assert main([*FEW, "output_dir=out"]) == 0


def test_names_from_data_are_never_markup(here, capsys):
    name = "</script><img src=x onerror=alert(1)>"
    (here / "films").mkdir()
    go(Path("out"), *FEW)
    folder = here / name.replace("/", "\u2215")
    (here / "out").rename(folder)
    assert main(["report", str(folder), "--out", "page.html"]) == 0
    text = Path("page.html").read_text("utf-8")
    assert "<img" not in text
    assert data_of("page.html")["title"] == folder.name


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((), 2, "Expected a folder of results, but got none."),
        (("nowhere",), 1, "'nowhere' is not there"),
        (("empty",), 1, "is an empty folder"),
        (("out", "clips=-1"), 1, "Expected clips= to be a whole number from 0 to 2,000, but got '-1'."),
        (("out", "clip=3"), 2, "report has no 'clip='. Did you mean 'clips'?"),
        (("out", "--out", "page.pdf"), 1, "Expected --out to end in .html, but got 'page.pdf'."),
        (("out", "--out", "no/page.html"), 1, "there is no "),
    ],
)
def test_what_is_wrong_is_a_sentence(here, capsys, words, code, sentence):
    go(Path("out"), *FEW)
    (here / "empty").mkdir()
    capsys.readouterr()
    assert main(["report", *words]) == code
    assert sentence in capsys.readouterr().err
    assert list(here.rglob("*.html")) == []


def test_view_makes_the_page_of_a_folder_and_says_where_it_is(here, capsys, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    go(Path("out"), *FEW)
    capsys.readouterr()
    assert main(["view", "out"]) == 0
    assert "out/report.html" in capsys.readouterr().out
    before = (here / "out" / "report.html").stat().st_mtime_ns
    assert main(["view", "out"]) == 0
    assert (here / "out" / "report.html").stat().st_mtime_ns == before


def test_a_page_that_is_too_large_has_its_clips_in_a_folder_beside_it(here, capsys, monkeypatch):
    go(Path("out"), *FEW, "writer=[npz]")
    monkeypatch.setattr("posecfg.page.document.documents.__defaults__", (1000,))
    assert told(capsys, "out")[1]["folder"] == "out/report_files"
    folder = here / "out" / "report_files"
    assert sorted(path.name for path in folder.iterdir()) == [f"clip-{n}.js" for n in range(3)]
    clips = [json.loads(path.read_text()[len("posecfg.take(0,") : -3]) for path in sorted(folder.iterdir())]
    assert {clip["id"] for clip in clips} == set(data_of("out/report.html")["ids"])
    (folder / "mine.txt").write_text("precious")
    assert told(capsys, "out", "clips=1")[1]["folder"] == "out/report_files"
    assert sorted(path.name for path in folder.iterdir()) == ["clip-0.js", "mine.txt"]
    monkeypatch.undo()
    monkeypatch.chdir(here)
    assert told(capsys, "out")[1]["folder"] is None
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_a_job_of_a_sweep_that_is_at_work_says_so(here, capsys):
    assert main([*FEW, "-m", "bbox_thr=0.2,0.5"]) == 0
    folder = next(here.glob("outputs/.hydra/*"))
    (folder / "1" / "posecfg.json").rename(folder / "1" / "posecfg.begun")
    _, found = told(capsys, str(folder))
    assert [(job["state"], job["settings"]) for job in found["jobs"]] == [
        ("done", {"bbox_thr": "0.2"}),
        ("working", {"bbox_thr": "0.5"}),
    ]
    assert found["title"] == "sweep over bbox_thr"
    assert "still going on" in found["notes"][0]


def test_without_faces_no_film_of_a_writer_is_shown(here):
    go(Path("out"), *FEW, "limit=1", "writer=[npz,overlay]")
    for flags, films in (((), True), (("--no-pictures",), False), (("--blur-faces",), False)):
        assert main(["report", "out", *flags]) == 0
        page = Path("out/report.html").read_text("utf-8")
        assert ('"film":"synthetic_0000.mp4"' in page) == films


def test_a_run_that_is_named_by_a_link_has_its_own_name(capsys):
    assert main([*FEW]) == 0
    code, found = told(capsys, "outputs/latest")
    own = Path("outputs/latest").readlink().name
    assert (code, found["title"], found["jobs"][0]["folder"]) == (0, own, f"outputs/{own}")
    assert found["page"] == "outputs/latest/report.html"


def test_clips_that_were_made_again_leave_the_command_as_it_was(capsys):
    assert main([*FEW, "output_dir=out"]) == 0
    assert main([*FEW, "output_dir=out", "only=synthetic_0001"]) == 0
    assert told(capsys, "out")[1]["jobs"][0]["command"].endswith("only=synthetic_0001")
    assert "only=" not in data_of("out/report.html")["runs"][0]["all"]
    assert main([*FEW, "output_dir=out", "redo=synthetic_0001"]) == 0
    assert "redo=" not in told(capsys, "out")[1]["jobs"][0]["command"]


def test_a_job_of_a_sweep_beside_other_runs_has_its_own_command(capsys):
    assert main([*FEW, "-m", "bbox_thr=0.2,0.5"]) == 0
    _, found = told(capsys, "outputs")
    assert sorted(job["command"].rpartition(" ")[2] for job in found["jobs"]) == ["bbox_thr=0.2", "bbox_thr=0.5"]
    assert not any(" -m" in job["command"] for job in found["jobs"])


def test_clips_that_are_still_to_do_are_counted(capsys, monkeypatch):
    go(Path("out"), *FEW)
    seen = watching.Folder(Path("out"), clips=watching.Clips(done=3, left=5))
    monkeypatch.setattr(watching.Folder, "verdict", watching.WORKS)
    monkeypatch.setattr(watching.Watch, "look", lambda self: [seen])
    (job,) = told(capsys, "out")[1]["jobs"]
    assert (job["state"], job["clips"]["done"], job["clips"]["total"]) == ("working", 3, 8)


def test_points_in_space_alone_are_told_with_what_to_type(capsys):
    go(Path("out"), *FEW, "detector.xyz=true", "writer=[npy]")
    _, found = told(capsys, "out")
    assert "hold points in space alone" in found["notes"][0]
    assert "'writer=[npy,npz]'" in found["notes"][0]
    assert told(capsys, "out", "--blur-faces")[1]["notes"][1:] == [
        "3 of 3 clips have no picture: no picture is shown, as not all faces in it can be found"
    ]
    go(Path("both"), *FEW, "detector.xyz=true", "writer=[npy,npz]")
    assert told(capsys, "both")[1]["notes"] == []


def test_what_is_shown_says_which_clips_are_without_poses(capsys):
    go(Path("out"), *FEW, "detector.crash=raise:0001")
    assert told(capsys, "out")[1]["shown"]["why"] == "all 2 clips that are done are shown with their poses, of 3"
    assert told(capsys, "out", "clips=1")[1]["shown"]["why"] == "the 1 clip that seems worst is shown with poses, of 3"
