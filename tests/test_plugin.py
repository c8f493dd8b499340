"""A package that is installed and registered takes part whole: its options, their help, and its classes."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.deep

ROOT = Path(__file__).resolve().parents[1]
NET = """
from posecfg.detectors.synthetic import Synthetic
from posecfg.facts import Facts


class LabNet(Synthetic):
    @staticmethod
    def facts(**arguments) -> Facts:
        return Facts(skeleton="coco17", gives=())

    def __init__(self, sharpness: float = 1.0, people: int = 1) -> None:
        super().__init__(people=people)
"""
OPTION = """# A net of the lab.
# python run.py film.mp4 detector=labnet
_target_: labpose.net.LabNet
# How sharp it looks.
sharpness: 2.0
people: 1
"""
EXPERIMENT = """# @package _global_
# What the lab does every day.
defaults:
  - override /dataset: synthetic
  - override /detector: labnet
  - override /writer: [npy]
"""
ANY_FILM = "# @package _global_\n# Of any film.\ndefaults:\n  - override /detector: labnet\n"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Install a wheel with pip, and return the folder that it is in."""
    place = tmp_path_factory.mktemp("lab")
    wheel = place / "labpose-1.0-py3-none-any.whl"
    files = {
        "labpose/__init__.py": "",
        "labpose/net.py": NET,
        "labpose/conf/detector/labnet.yaml": OPTION,
        "labpose/conf/experiment/lab.yaml": EXPERIMENT,
        "labpose/conf/experiment/any_film.yaml": ANY_FILM,
        "labpose-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: labpose\nVersion: 1.0\n",
        "labpose-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "labpose-1.0.dist-info/entry_points.txt": "[posecfg.plugins]\nlab = labpose\n",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        record = "".join(f"{name},,\n" for name in (*files, "labpose-1.0.dist-info/RECORD"))
        archive.writestr("labpose-1.0.dist-info/RECORD", record)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--target",
        place / "site",
        wheel,
    ]
    subprocess.run(pip, check=True, capture_output=True)
    return place / "site"


@pytest.fixture
def typed(installed, tmp_path):
    def call(*words, code=0):
        done = subprocess.run(
            [sys.executable, ROOT / "run.py", *words],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": f"{installed}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
                "COLUMNS": "100",
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert code is None or done.returncode == code, done.stderr
        return done.stdout + done.stderr

    return call


def test_its_experiment_runs_in_a_worker_and_is_resumed(typed, tmp_path):
    words = (
        "experiment=lab",
        "dataset.clips=1",
        "dataset.frames=4",
        "detector.sharpness=3",
        "output_dir=out",
        "workers=1",
    )
    assert "1 to do" in typed(*words)
    assert list((tmp_path / "out").glob("*.npy"))
    assert "Nothing was left to do" in typed(*words)


def test_its_options_are_in_the_help_and_in_the_configuration(typed):
    page = typed("--help")
    assert "labnet" in page
    assert "What the lab does every day" in typed("help", "experiment=lab")
    assert "How sharp it looks" in typed("help", "detector=labnet")
    assert "sharpness: 2.0" in typed("--cfg", "job", "--package", "detector", "detector=labnet")
    assert "labnet" in typed("plan", "detector=labnett", code=1)


def test_its_folder_may_be_named_as_one_of_options_too(typed, installed):
    """An author whose checkout is installed with ``pip install -e`` names the very files that are installed."""
    text = typed("plan", "experiment=lab", "--config-dir", str(installed / "labpose" / "conf"))
    assert "No problems were found" in text


def test_it_extracts_in_python(installed, film):
    program = (
        f"import posecfg; print(posecfg.extract({str(film)!r}, detector='labnet'), "
        f"posecfg.extract({str(film)!r}, experiment='any_film'), sep='\\n')"
    )
    path = f"{installed}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = done.stdout.splitlines()
    assert first == second
    assert first.startswith("<Extraction 'four': 4 rows")


def test_an_option_that_is_called_as_one_of_ours_is_refused(installed, tmp_path, typed):
    twin = installed / "labpose/conf/detector/movenet.yaml"
    twin.write_text(OPTION)
    try:
        text = typed("plan", "detector=labnet", code=1)
    finally:
        twin.unlink()
    assert "The plugin 'labpose': detector=movenet is there already" in text


@pytest.fixture
def beside(installed):
    """Put something beside the plugin's options, and take it away again."""
    folder = installed / "labpose" / "conf"
    before = set(folder.rglob("*"))
    yield folder
    for path in sorted(set(folder.rglob("*")) - before, reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def test_files_that_are_no_options_break_nothing_else(typed, beside):
    folder = beside / "detector"
    (folder / "old.yaml").write_bytes(b"# Fran\xe7ois' net.\n_target_: labpose.net.LabNet\n")
    (folder / "short.yaml").write_text("_target_: labpose.net.LabNet\n")
    (folder / "empty.yaml").touch()
    (folder / "inside.yaml").mkdir()
    (folder / "gone.yaml").symlink_to("/nothing/there.yaml")
    # Emacs marks a file that is being edited like this.
    (folder / ".#labnet.yaml").symlink_to("user@machine.4711")
    os.mkfifo(folder / "pipe.yaml")
    assert "No problems were found" in typed("plan", "experiment=lab")
    assert "labnet" in typed("help", "detector")
    assert "Ready now" in typed("doctor", code=None)


def test_hydras_own_options_stay_hydras(typed, beside):
    (beside / "hydra" / "launcher").mkdir(parents=True)
    (beside / "hydra" / "launcher" / "basic.yaml").write_text("_target_: os.system\n")
    text = typed("plan", "detector=labnet", code=1)
    assert "The plugin 'labpose': '" in text
    assert "would take the place of an option of Hydra's own" in text


def test_what_a_plugin_says_does_not_control_the_terminal(typed, beside):
    (beside / "detector/odd.yaml").write_text("# \x1b]0;title\x07 \x1b[31mred.\n_target_: labpose.net.LabNet\n")
    (beside / "detector/\x1b[31m.yaml").write_text(OPTION)
    for words in (("help", "detector"), ("help", "detector=odd"), ("doctor", "odd")):
        text = typed(*words, code=None)
        assert "\x1b" not in text
        assert "Traceback" not in text
