"""Nothing of the current folder is imported, however a run was started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.deep

ROOT = Path(__file__).parents[2]
# Modules that Python, multiprocessing, Hydra and workers import, and packages that may not be installed.
NAMES = (
    *("signal", "struct", "pickle", "socket", "selectors", "multiprocessing", "tempfile", "json", "pathlib", "typing"),
    *("runpy", "logging", "concurrent", "ctypes", "fcntl", "sqlite3", "hydra", "numpy", "av", "rich", "torch", "cv2"),
    *("posecfg", "mediapipe", "onnxruntime", "sitecustomize", "usercustomize"),
)
WORDS = ("dataset=synthetic", "dataset.clips=2", "dataset.frames=2", "dataset.size=[32,24]", "detector=synthetic")


@pytest.fixture
def place(tmp_path):
    """Return a folder with files that note that they were imported, under names of modules that a run needs."""
    folder = tmp_path / "films"
    folder.mkdir()
    hostile(folder)
    return folder


def hostile(folder):
    for name in NAMES:
        note = f"open({str(folder / 'imported')!r}, 'a').write({name!r} + chr(10))\nraise ImportError({name!r})\n"
        (folder / f"{name}.py").write_text(note)


def started(place, *command, **environment):
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=place,
        env={**{k: v for k, v in os.environ.items() if k != "PYTHONPATH"}, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    imported = place / "imported"
    assert (imported.read_text() if imported.exists() else "") == ""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_run_beside_hostile_files(place, workers):
    text = started(place, ROOT / "run.py", *WORDS, f"workers={workers}", "output_dir=out")
    assert "2 to do" in text
    assert len(list((place / "out").glob("*.npy"))) == 2


def test_the_program_as_it_is_installed(place):
    script = place.parent / "bin" / "posecfg"
    script.parent.mkdir()
    script.write_text("import sys\nfrom posecfg.cli import main\n\nif __name__ == '__main__':\n    sys.exit(main())\n")
    started(place, script, *WORDS, "workers=1", "output_dir=out", PYTHONPATH=str(ROOT / "src"))
    assert len(list((place / "out").glob("*.npy"))) == 2


def test_hostile_files_in_the_checkout_itself(tmp_path):
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "run.py").write_bytes((ROOT / "run.py").read_bytes())
    for name in ("src", "conf"):
        (checkout / name).symlink_to(ROOT / name)
    hostile(checkout)
    started(checkout, "run.py", *WORDS, "workers=1", "output_dir=out")
    assert len(list((checkout / "out").glob("*.npy"))) == 2


SESSION = """
import os, sys, time
sys.path.insert(1, {source!r})
from posecfg.environment import SAFE_PATH
from posecfg.executors.worker_start import Starts

os.chdir({place!r})
assert sys.path[0] == ""
before = list(sys.path), os.environ.get(SAFE_PATH)
starts = Starts(["posecfg.detectors.synthetic.Synthetic"])
starts.ahead(1)
assert (sys.path, os.environ.get(SAFE_PATH)) == before
process = starts._waiting[0].process
process.join(1.5)
assert process.is_alive(), process.exitcode
starts.end()
"""


def test_workers_of_an_interactive_session(place):
    started(place.parent, "-c", SESSION.format(source=str(ROOT / "src"), place=str(place)))
    assert not (place / "imported").exists()


SCRIPT = """
import helper
from posecfg.executors.worker_start import Starts

if __name__ == "__main__":
    starts = Starts(["labpose.parts.Lab"])
    starts.ahead(1)
    wire = starts._waiting[0].wire
    assert wire.poll(20), "the plugin was not imported"
    starts.end()
"""


def test_a_script_its_folder_and_the_plugins_of_a_user_are_still_found(place):
    """A worker imports the script that started it, which imports what is beside it, and a plugin on PYTHONPATH."""
    lab, scripts = place.parent / "lab", place.parent / "scripts"
    for folder in (lab / "labpose", lab / "labpose-1.dist-info", scripts):
        folder.mkdir(parents=True)
    (lab / "labpose-1.dist-info" / "METADATA").write_text("Name: labpose\nVersion: 1\n")
    (lab / "labpose-1.dist-info" / "entry_points.txt").write_text("[posecfg.plugins]\nlab = labpose\n")
    # A worker that gets that far ends, which is seen at the other end of its pipe.
    (lab / "labpose" / "__init__.py").write_text("")
    (lab / "labpose" / "parts.py").write_text("import os\nos._exit(7)\n")
    (scripts / "helper.py").write_text("")
    (scripts / "own.py").write_text(SCRIPT)
    started(place, scripts / "own.py", PYTHONPATH=os.pathsep.join([str(ROOT / "src"), str(lab)]))
