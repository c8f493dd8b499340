"""The program as a person meets it: mostly in this process, and a few times as a process of its own."""

from __future__ import annotations

import json
import os
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from posecfg import __version__, cli, interruption
from posecfg.commands import program
from posecfg.config.options import options

pytestmark = pytest.mark.deep

ROOT = Path(__file__).parents[1]
RUN = [sys.executable, str(ROOT / "run.py")]
HEAVY = ("hydra", "omegaconf", "yaml", "numpy", "av", "rich", "mediapipe", "cv2", "torch", "onnxruntime")
LOADED = f"import sys; print(*[name for name in {HEAVY!r} if name in sys.modules])"


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def python(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def run(monkeypatch, capsys):
    """Return (exit code, output, errors) of a command line run in this process."""

    def call(*words):
        monkeypatch.setattr("sys.argv", ["posecfg", *words])
        # The process of the tests goes on.
        monkeypatch.setattr(interruption, "end_at_once", lambda code: None)
        with pytest.raises(SystemExit) as caught:
            cli.main()
        return (caught.value.code, *capsys.readouterr())

    return call


def test_a_python_without_what_is_needed_is_told_in_one_line(tmp_path):
    done = subprocess.run([sys.executable, "-I", "-S", *RUN[1:], "plan"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"posecfg: this Python ({sys.executable}) has no hydra, numpy, av, rich: type ")
    assert done.stderr.count("\n") == 1


def test_help_names_every_group_and_knob(run):
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    for word in (
        "sampler",
        *options()["detector"],
        "bbox_thr=0.3",
        "workers=1",
        "video.start=null",
        "models.autofetch=false",
        "--config-dir",
        "exit codes",
    ):
        assert word in out
    assert max(len(line) for line in out.splitlines()) <= 120
    assert run("x.mp4", "-h") == run("help") == (0, out, "")


def test_the_version_is_told(run):
    assert run("--version") == (0, f"posecfg {__version__}\n", "")


def test_help_is_quick_and_loads_nothing():
    code = f"from posecfg.commands.program import dispatch; dispatch(['--help']); dispatch(['--version']); {LOADED}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert python(code).splitlines()[-1] == ""
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.8


@pytest.mark.parametrize("words", [["dataset=synthetic", "detector=synthetic"], []])
def test_plan_loads_no_backend_and_no_numbers(words, place):
    said = python(f"from posecfg.commands.program import dispatch; dispatch(['plan', *{words!r}]); {LOADED}")
    assert set(said.splitlines()[-1].split()) <= {"hydra", "omegaconf", "yaml", "rich"}
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["bbox_tr=0.2", "wrkers=2"], 1, "posecfg: nothing reads 'wrkers'. Did you mean 'workers'?\n"),
        (["pln"], 2, "There is no verb, file or folder 'pln'. Did you mean 'plan'? Type --help for what there is.\n"),
        (["plan", "bbox_tr=0.2"], 1, "posecfg: nothing reads 'bbox_tr'. Did you mean 'bbox_thr'?\n"),
        (["--cfg", "job", "bbox_tr=1"], 1, "posecfg: nothing reads 'bbox_tr'. Did you mean 'bbox_thr'?\n"),
        (
            ["-m", "bbox_thr=0.1,7"],
            1,
            "posecfg: job 1 (bbox_thr=7): bbox_thr: expected a number from 0 to 1, but got 7.\n",
        ),
    ],
)
def test_a_fault_is_told_on_stderr(run, words, code, sentence):
    got, out, err = run(*words)
    assert (got, out) == (code, "")
    assert err.endswith(sentence)
    assert all(line.startswith("posecfg: ") for line in err.splitlines())


def test_nothing_to_write_is_refused(run, place):
    code, _, err = run("dataset=synthetic", "detector=synthetic", "writer=null", "workers=0")
    assert code == 1
    assert err == "posecfg: No writer is chosen, so nothing would be saved: type writer=[npy], or several of them.\n"


def test_the_configuration_can_be_printed(run):
    code, out, err = run("--cfg", "job", "--resolve", "dataset=synthetic", "sampler=fps")
    page = yaml.safe_load(out)
    assert (code, err) == (0, "")
    assert (page["sampler"]["rate"], page["persons"]["bbox_thr"]) == (24.0, 0.3)
    assert "hydra" not in page
    assert "start: null" in run("--cfg", "job", "-p", "video")[1]


def test_the_shell_completes_options_and_keys(run, monkeypatch):
    for line, found in (
        ("posecfg detector=bl", "detector=blazepose"),
        ("python run.py plan sampler=f", "sampler=fps"),
        ("run.py run video.st", "video.start="),
    ):
        monkeypatch.setenv("COMP_LINE", line)
        monkeypatch.setenv("COMP_POINT", str(len(line)))
        code, out, _ = run("-sc", "query=bash")
        assert code == 0
        assert found in out.split()
        assert all(word.startswith(line.split()[-1]) for word in out.split())


def test_a_plan_of_a_sweep_is_a_list(run):
    base = ["plan", "--json", "dataset=synthetic", "detector=synthetic"]
    code, out, _ = run(*base, "-m", "bbox_thr=0.2,0.5")
    assert code == 0
    assert [plan["thresholds"]["bbox_thr"] for plan in json.loads(out)] == [0.2, 0.5]
    assert json.loads(run(*base)[1])["thresholds"]["bbox_thr"] == 0.3


def test_ctrl_c_is_said_in_one_line(run, monkeypatch):
    monkeypatch.setattr(program, "dispatch", lambda argv: (_ for _ in ()).throw(KeyboardInterrupt))
    assert run() == (130, "", "posecfg: stopped.\n")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        *(("hydra", "SIGINT"), ("posecfg.cli", "SIGINT"), ("posecfg.environment", "SIGINT")),
        *(("posecfg.commands.program", "SIGINT"), ("posecfg.commands.program", "SIGTERM"), ("yaml", "SIGTERM")),
    ],
)
def test_a_signal_while_modules_are_imported_is_said_in_one_line(place, module, name):
    (place / "sitecustomize.py").write_text(
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Striking:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        f"            signal.raise_signal(signal.{name})\n"
        "sys.meta_path.insert(0, Striking())\n"
    )
    environment = os.environ | {"PYTHONPATH": str(place)}
    words = [*RUN, "plan", "dataset=synthetic", "detector=synthetic"]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "posecfg: stopped.\n")


def test_a_reader_that_goes_away_is_no_error():
    code = f"{RUN[0]} {RUN[1]} --help"
    done = subprocess.run(f"{code} | head -n 1", shell=True, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith("posecfg turns")


def test_a_run_from_another_folder_and_by_either_name_is_the_same(place):
    words = ["dataset=synthetic", "dataset.clips=1", "dataset.frames=3", "detector=synthetic", "workers=0", "--json"]
    script = Path(sys.executable).with_name("posecfg")
    for start in (RUN, [str(script)]):
        done = subprocess.run([*start, *words], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        outcome = json.loads(done.stdout)
    assert outcome["already_done"] == 1
    assert Path(outcome["output_dir"]).is_dir()
    assert len(list(Path("outputs/.hydra").iterdir())) == 2


@pytest.fixture
def shell(place):
    """Return (exit code, output, errors) of a command line with redirections, by a shell."""

    def call(words, redirection):
        program = f"set -o pipefail; {shlex.join(RUN)} {words} {redirection}"
        done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return call


ONE = "dataset=synthetic dataset.clips=1 dataset.frames=2 'dataset.size=[32,24]' detector=synthetic output_dir=out"
FULL = "posecfg: The output cannot be written (No space left on device)"


@pytest.mark.parametrize(
    ("redirection", "told"),
    [
        (">&-", ""),
        ("2>&-", ""),
        ("<&- >&- 2>&-", ""),
        (">/dev/full", f"{FULL}; the run itself went on.\n"),
        (">/dev/full 2>/dev/full", ""),
        ("| head -n 1", ""),
    ],
)
def test_a_run_is_done_whatever_becomes_of_its_output(shell, place, redirection, told):
    code, _, err = shell(f"{ONE} workers=1", redirection)
    assert (code, err) == (0, told)
    assert [path.name for path in (place / "out").glob("*.npy")] == ["synthetic_0000.npy"]


def test_what_is_printed_into_nowhere_is_in_no_file(shell, place):
    """A file that is opened while the errors are closed must not get their number."""
    shell(f"{ONE} workers=1 detector.crash=segfault:synthetic_0000", ">&- 2>&-")
    for path in (place / "out").rglob("*"):
        assert path.is_dir() or path.name.startswith("worker-") or b"Fatal Python error" not in path.read_bytes()


@pytest.mark.parametrize(
    "words", ["--help", "plan --json dataset=synthetic detector=synthetic", "models", "doctor synthetic"]
)
def test_a_result_that_cannot_be_written_is_an_error(shell, words):
    assert shell(words, ">/dev/full") == (1, "", f"{FULL}.\n")


def test_a_reader_that_goes_away_changes_no_exit_code(shell):
    assert shell("plan dataset=synthetic detector=synthetic writer=null", "| head -n 1")[::2] == (1, "")
    assert shell("verify nowhere", "2>&-")[0] == 2
