"""Starting jobs through Hydra; the runner itself is stood in for, so that only what launch does is seen."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from posecfg.commands import hydra_app, run
from posecfg.commands.command_line import parse
from posecfg.config.compose import compose
from posecfg.errors import ConfigError, OutputError, PosecfgError
from posecfg.models.settings import current
from posecfg.runs import run as one_run
from posecfg.runs.places import root_of
from posecfg.runs.report import Report

BASE = ("dataset=synthetic", "detector=synthetic")
STAMP = r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-\d{6}"


class Runner:
    """Stands in for ``posecfg.runs.run.run``; what comes of a job is an exit code, or an error to raise."""

    def __init__(self) -> None:
        self.jobs = []
        self.several = []
        self.outcomes = {}
        self.models = []
        self.screens = []

    def __call__(self, job, screen, several=False, executor=None, patience=0):
        self.jobs.append(job)
        self.several.append(several)
        self.screens.append(screen)
        self.models.append(current().folders)
        outcome = self.outcomes.get(job.config["bbox_thr"], 0)
        if isinstance(outcome, BaseException):
            raise outcome
        report = Report("out", total=2, done=1, stopped=outcome == 130)
        report.failed = {"a": "broken"} if outcome == 3 else {}
        report.error = "full" if outcome == 1 else None
        return report


@pytest.fixture
def ran(monkeypatch, tmp_path):
    stand_in = Runner()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["posecfg"])
    monkeypatch.setattr(one_run, "run", stand_in)
    return stand_in


@pytest.fixture
def left(monkeypatch, tmp_path):
    """Stand in for Hydra too: only exit codes are left behind, and then perhaps somebody presses Ctrl-C."""
    monkeypatch.chdir(tmp_path)

    def leave(*codes, stopped=False):
        def start(overrides, several, task, *rest):
            for number, code in enumerate(codes):
                outcome = code if isinstance(code, dict) else {"exit_code": code}
                task.keywords["start"].kept[number] = outcome
            if stopped:
                raise KeyboardInterrupt

        monkeypatch.setattr(hydra_app, "start", start)

    return leave


def start(*words):
    return run.run(parse([*BASE, *words]))


def test_a_job_arrives_as_it_was_checked_and_logs_go_to_a_folder_of_its_own(ran):
    assert start("bbox_thr=0.4", "detector.people=2") == 0
    assert start() == 0
    job = ran.jobs[0]
    assert (job.config["bbox_thr"], job.config["detector"]["people"]) == (0.4, 2)
    assert job.choices["detector"] == "synthetic"
    assert ran.several == [False, False]
    folders = sorted(Path("outputs/.hydra").iterdir())
    assert len(folders) == 2
    assert all(re.fullmatch(STAMP, folder.name) for folder in folders)
    names = {"config.yaml", "hydra.yaml", "overrides.yaml", "posecfg.log", "posecfg.json"}
    assert {path.name for path in folders[0].iterdir()} == names
    assert json.loads((folders[0] / "posecfg.json").read_text("utf-8"))["exit_code"] == 0


def test_logs_stay_below_an_output_dir_that_was_given(ran):
    start("output_dir=my results")
    (folder,) = Path("my results/.posecfg/starts").iterdir()
    assert re.fullmatch(STAMP, folder.name)
    start("-m", "output_dir=swept")
    (folder,) = Path("swept/.posecfg/starts").iterdir()
    assert {path.name for path in folder.iterdir()} == {"0", "multirun.yaml", "report.csv", "report.html", "sweep.csv"}
    assert not Path("outputs").exists()


def test_a_log_folder_that_was_typed_is_used_and_weights_hold_for_their_job(ran, monkeypatch):
    monkeypatch.setenv("POSECFG_MODELS", "/first")
    Path("a").mkdir()
    start("output_dir=out", "hydra.run.dir=mine", "models.dir=a")
    assert {"config.yaml", "posecfg.log"} <= {path.name for path in Path("mine").iterdir()}
    assert sorted(path.name for path in Path().iterdir()) == ["a", "mine"]
    assert ran.models == [(f"{os.getcwd()}/a", "/first")]
    assert (os.environ["POSECFG_MODELS"], os.environ.get("POSECFG_LOGS")) == ("/first", None)


def test_a_folder_that_cannot_be_written_is_one_sentence(ran):
    Path("outputs").touch()
    with pytest.raises(OutputError, match=r"The log folder 'outputs/.*cannot be written .*output_dir=FOLDER\.$"):
        start()
    with pytest.raises(ConfigError, match="output_dir to be a folder, but 'outputs' is a file: type output_dir="):
        start("output_dir=outputs/x")
    assert ran.jobs == []


def test_an_error_of_the_system_inside_a_job_is_not_about_logs(ran):
    ran.outcomes[0.3] = PermissionError(13, "no", "film.mp4")
    with pytest.raises(PermissionError):
        start()


def test_an_error_of_a_job_is_said_and_recorded(ran, capsys):
    ran.outcomes[0.3] = PosecfgError("Two\nlines.")
    assert start("--json") == 1
    out, err = capsys.readouterr()
    assert err == "posecfg: Two\nposecfg: lines.\n"
    assert json.loads(out)["error"] == "Two\nlines."


def test_a_sweep_goes_on_after_a_job_that_failed(ran, capsys):
    ran.outcomes = {0.2: PosecfgError("no"), 0.1: 3}
    assert start("--json", "-m", "bbox_thr=0.2,0.1") == 1
    assert [job.config["bbox_thr"] for job in ran.jobs] == [0.2, 0.1]
    assert [(job.config["score_floor"], job.floor) for job in ran.jobs] == [(0.2, 0.1), (0.1, 0.1)]
    assert ran.several == [True] * 2
    found = json.loads(capsys.readouterr().out)
    assert [(outcome["job"], outcome["exit_code"]) for outcome in found] == [(0, 1), (1, 3)]
    assert found[1]["overrides"] == [*BASE, "bbox_thr=0.1"]


@pytest.mark.parametrize(("came", "codes"), [(3, [0, 3, 3]), (PosecfgError("no"), [0, 1, 3]), (1, [0, 1, 3])])
def test_a_job_that_failed_ends_a_sweep_that_is_to_stop_on_errors(ran, capsys, came, codes):
    ran.outcomes = {0.2: came}
    assert start("--json", "-m", "bbox_thr=0.3,0.2,0.1", "on_error=stop") == min(codes[1:])
    assert [job.config["bbox_thr"] for job in ran.jobs] == [0.3, 0.2]
    found = json.loads(capsys.readouterr().out)
    assert [outcome["exit_code"] for outcome in found] == codes
    assert found[2]["error"] == "not started"
    (folder,) = Path("outputs/.hydra").iterdir()
    made = {"report.csv", "report.html", "sweep.csv"}
    assert {path.name for path in folder.iterdir()} == {"0", "1", "multirun.yaml", "posecfg.end", *made}
    assert json.loads((folder / "1" / "posecfg.json").read_text("utf-8"))["exit_code"] == codes[1]


def test_a_quiet_sweep_says_that_jobs_were_not_started(ran, capsys):
    ran.outcomes = {0.3: 3}
    words = ("--quiet", "-m", "bbox_thr=0.3,0.2,0.1")
    assert start(*words, "on_error=stop") == 3
    assert capsys.readouterr().out == "2 jobs were not started, as another one failed (on_error=stop).\n"
    start(*words)
    ran.outcomes = {0.3: 130}
    start(*words)
    assert capsys.readouterr().out == ""


def test_each_job_may_say_for_itself_whether_its_errors_end_the_sweep(ran):
    ran.outcomes = {0.3: 3}
    assert start("-m", "on_error=continue,stop") == 3
    assert start("-m", "on_error=stop,continue") == 3
    assert [job.config["on_error"] for job in ran.jobs] == ["continue", "stop", "stop"]


def test_a_sweep_closes_with_its_jobs_side_by_side(ran, capsys):
    assert start("-m", "bbox_thr=0.2,0.1") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["bbox_thr=0.2", "1", "out"] in lines
    assert ["bbox_thr=0.1", "1", "out"] in lines


def test_a_single_run_is_compared_with_nothing(ran, capsys):
    assert start() == 0
    assert "sweep" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "screen"), [([], "Plain"), (["console=lines"], "Lines"), (["console=lines", "--json"], "Quiet")]
)
def test_the_console_is_chosen(ran, words, screen):
    assert start(*words) == 0
    assert [type(one).__name__ for one in ran.screens] == [screen]


@pytest.mark.parametrize(("codes", "code"), [([0], 0), ([0, 3], 3), ([3, 1, 0], 1), ([1, 130, 3], 130), ([2, 0], 2)])
def test_the_worst_code_counts(codes, code):
    assert run.worst(codes) == code


def test_a_stopped_job_stops_what_would_come_after_it(ran, capsys):
    ran.outcomes[0.3] = 130
    assert start("--json") == 130
    assert json.loads(capsys.readouterr().out)["stopped"]


def test_a_stop_before_any_outcome_is_passed_on(left):
    left(stopped=True)
    with pytest.raises(KeyboardInterrupt):
        start()


def test_a_stop_between_jobs_is_no_success(left):
    left(0, stopped=True)
    assert start() == 130


def test_a_job_that_left_nothing_is_no_success(left):
    left(0)
    assert start("-m", "bbox_thr=0.1,0.2") == 1


def test_jobs_that_a_stop_left_out_are_named_by_what_is_swept(ran, capsys):
    ran.outcomes[0.2] = 130
    words = ("-m", "detector.people=1", "bbox_thr=0.3,0.2,0.1")
    assert start(*words) == 130
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    begin = lines.index(["job", "done", "ended", "results"])
    assert [line for line in lines[begin + 2 : -2] if line] == [
        ["bbox_thr=0.3", "1", "out"],
        ["bbox_thr=0.2", "1", "stopped", "out"],
        ["bbox_thr=0.1", "-", "not", "started"],
    ]
    (file,) = Path("outputs/.hydra").glob("*/sweep.csv")
    assert lines[-2] == ["All", "numbers", "of", "all", "jobs:", str(file)]
    assert lines[-1] == ["The", "page", "of", "this", "sweep:", str(file.with_name("report.html"))]
    start("--json", *words)
    found = json.loads(capsys.readouterr().out)
    assert [outcome["exit_code"] for outcome in found] == [0, 130, 130]
    assert found[2] == {
        "job": 2,
        "overrides": [*BASE, "detector.people=1", "bbox_thr=0.1"],
        "error": "not started",
        "exit_code": 130,
        "sweep_file": found[0]["sweep_file"],
        "page": found[0]["page"],
    }


def test_a_job_that_was_started_and_left_no_outcome_is_told_apart(ran, capsys):
    ran.outcomes = {0.2: KeyboardInterrupt()}
    assert start("--json", "-m", "bbox_thr=0.3,0.2,0.1") == 130
    found = json.loads(capsys.readouterr().out)
    assert [outcome.get("error") for outcome in found] == [None, "no outcome was left", "not started"]


def test_a_score_that_a_job_does_not_have_is_null(left, capsys):
    have = {"exit_code": 0, "scores": {"epe_px": 2.0, "pck": 0.0, "ap": 1.0}, "scores_earlier": ["ap"]}
    left(have, {"exit_code": 1, "scores": {}})
    start("--json", "-m", "bbox_thr=0.3,0.2")
    found = json.loads(capsys.readouterr().out)
    assert [outcome["scores"] for outcome in found] == [have["scores"], {"epe_px": None, "pck": None}]


def test_a_sweep_of_one_job_is_still_a_list(left, capsys):
    left(0)
    start("--json", "hydra.mode=MULTIRUN")
    assert json.loads(capsys.readouterr().out) == [{"exit_code": 0, "sweep_file": "", "page": ""}]
    start("--json")
    assert json.loads(capsys.readouterr().out) == {"exit_code": 0, "sweep_file": "", "page": ""}


def test_nothing_starts_when_one_of_the_jobs_cannot(ran):
    with pytest.raises(PosecfgError, match=r"^job 1 \(.*detector\.path='nowhere'.*\): detector: .*'nowhere'"):
        run.run(parse(["dataset=synthetic", "-m", "detector.path=.,nowhere", "detector=stored"]))
    assert ran.jobs == []
    assert list(Path().iterdir()) == []


def test_every_problem_of_a_job_is_told(ran):
    with pytest.raises(PosecfgError) as caught:
        start("device=cuda", "detector.people=-1", "persons.overlap=7", "writer.npy.clip=true")
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["persons", "writer.npy", "detector"]


def test_an_experiment_of_ones_own_is_found_by_the_job(ran, tmp_path):
    folder = tmp_path / "more"
    (folder / "experiment").mkdir(parents=True)
    page = "# @package _global_\ndefaults:\n  - override /sampler: fps\nsampler: {every: 3}\n"
    (folder / "experiment" / "mine.yaml").write_text(page, "utf-8")
    start("--config-dir", "more", "experiment=mine", "sampler=stride")
    assert [job.config["sampler"]["every"] for job in ran.jobs] == [2]
    assert ran.jobs[0].notes == ("left out, because the command line chose another option: sampler.every",)


def test_a_bad_interpolation_in_hydras_section_is_one_sentence(ran):
    with pytest.raises(PosecfgError, match=r"hydra\.run\.dir.*'nothing'"):
        start("hydra.run.dir=${nothing}")


@pytest.mark.parametrize("words", [[], ["-m"]])
def test_paths_of_any_kind_reach_the_job(ran, words):
    name = "./it's (1) [b]=${x} \\"
    run.run(parse(["detector=synthetic", "bbox_thr=${kpt_thr}", name, f"output_dir={name[2:]}", *words]))
    assert ran.jobs[0].config["dataset"]["path"] == name
    assert ran.jobs[0].config["output_dir"] == name[2:]


def test_a_sweep_over_folders_gives_each_its_own_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.mp4").write_bytes(b"not opened here")
    command = parse(["-m", "dataset.path=a,b", "detector=synthetic", "workers=0", "output_dir=out"])
    jobs = compose(command.overrides, command.multirun)
    run.refuse(jobs)
    assert len({root_of(job, True) for job in jobs}) == 2


def test_what_is_wrong_with_all_jobs_of_a_sweep_is_said_once(tmp_path):
    base = [*BASE, "detector.skeleton=nosuch", f"output_dir={tmp_path}", "-m"]
    command = parse([*base, "bbox_thr=0.2,0.5"])
    with pytest.raises(PosecfgError) as caught:
        run.refuse(compose(command.overrides, command.multirun))
    (line,) = str(caught.value).split("\n")
    assert line.startswith("all 2 jobs: ")
    assert "nosuch" in line
    command = parse([*base, "writer.npy.keypoints=null,nowhere"])
    with pytest.raises(PosecfgError) as caught:
        run.refuse(compose(command.overrides, command.multirun))
    first, other = str(caught.value).split("\n")
    assert first == line
    assert other.startswith("job 1 (")


def test_jobs_that_would_write_one_folder_differently_are_refused(tmp_path):
    words = [
        "-m",
        "dataset=synthetic",
        "detector=synthetic",
        "writer.npy.dtype=float32,float64",
        f"output_dir={tmp_path}",
    ]
    command = parse(words)
    with pytest.raises(ConfigError, match=r"another job of this sweep writes the same .*npy\.dtype"):
        run.refuse(compose(command.overrides, command.multirun))


def test_a_folder_of_another_configuration_is_refused_before_anything_is_written(tmp_path):
    base = ["dataset=synthetic", "dataset.clips=1", "dataset.frames=1", "detector=synthetic", "workers=0"]
    assert run.run(parse([*base, f"output_dir={tmp_path / 'out'}"])) == 0
    before = sorted(tmp_path.rglob("*"))
    for change in ("bbox_thr=0.5", "writer=null"):
        with pytest.raises(ConfigError):
            run.run(parse([*base, change, f"output_dir={tmp_path / 'out'}"]))
    assert sorted(tmp_path.rglob("*")) == before
