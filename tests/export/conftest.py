from __future__ import annotations

import json
import os
import sys

import pytest

# What a Python does that is none: it builds no environment, and installs and exports nothing, but says that it did.
SCRIPT = """#!{python}
import json, os, pathlib, shutil, sys, time

words, mode = sys.argv[1:], os.environ.get("FAKE", "good")
with open({log!r}, "a") as log:
    names = ["PYTHONPATH", "PYTHONNOUSERSITE", "PYTHONSAFEPATH", "PIP_TARGET", "PIP_PYTHON", "PIP_REQUIREMENT"]
    seen = [os.environ.get(name) for name in [*names, "PYTHONWARNINGS", "PYTHONINSPECT"]]
    log.write(json.dumps([words, *seen]) + "\\n")
if words[:2] == ["-m", "venv"]:
    folder = pathlib.Path(words[2], "bin")
    folder.mkdir(parents=True)
    shutil.copy(__file__, folder / "python")
elif words[:3] == ["-m", "pip", "--python"] and words[3] == __file__:
    print("Collecting torch")
    print("  Downloading torch-2.13.0.whl (800.5 MB)")
    print("  Downloading six-1.0.whl (11 kB)")
    if mode == "no network":
        print("ERROR: No matching distribution found for torch==2.13.0")
        print("a line that says nothing")
        sys.exit(1)
    print("Installing collected packages: torch")
elif words[0] == "-c":
    print("something that nobody asked to be told")
    print("absent: torch mmpose" if mode == "elsewhere" else "absent:")
    print("something else")
else:
    job = json.loads(words[2])
    graph = pathlib.Path(job["graph"])
    def tell(**message):
        print(json.dumps(message), flush=True)
    tell(say="writing the graph")
    if mode == "dies":
        sys.stderr.write("a traceback\\n\\nMemoryError: no memory left\\n")
        os.kill(os.getpid(), 9)
    if mode == "says no":
        tell(error="The graph made of 'x' is thrown away.")
        time.sleep(60)
    if mode == "babbles":
        print("a banner")
    if mode != "writes nothing":
        graph.write_bytes(b"a graph of " + pathlib.Path(job["checkpoint"]).read_bytes())
    if mode == "falls silent":
        sys.exit(0)
    parity = {{"boxes": 7, "px": 0.001, "metres": None, "elsewhere": 0, "results": 14}}
    bad = {{"few boxes": ("boxes", 4), "far away": ("px", 0.02), "too deep": ("metres", 0.01)}}
    bad["no number"] = "px", float("nan")
    if mode in bad:
        parity[bad[mode][0]] = bad[mode][1]
    tell(done={{"parity": parity, "versions": {{"torch": "2.13.0"}}, "checkout": job["checkout"]}})
"""


class Fake:
    """A Python that does what the environment variable FAKE says, and notes how it was called."""

    def __init__(self, folder):
        self.path, self._log = folder / "python", folder / "calls"
        self.path.write_text(SCRIPT.format(python=sys.executable, log=str(self._log)))
        self.path.chmod(0o755)

    @property
    def calls(self):
        return [json.loads(line) for line in self._log.read_text().splitlines()] if self._log.exists() else []

    @property
    def commands(self):
        return [words for words, *_ in self.calls]


@pytest.fixture
def checkout(tmp_path):
    """Return a folder with the files of mmpose's repository that RTMW3D-l is built from, all empty."""
    project = tmp_path / "mmpose" / "projects" / "rtmpose3d"
    for file in ("rtmpose3d/__init__.py", "configs/rtmw3d-l_8xb64_cocktail14-384x288.py"):
        (project / file).parent.mkdir(parents=True, exist_ok=True)
        (project / file).write_text("")
    return tmp_path / "mmpose"


@pytest.fixture
def fake(tmp_path, monkeypatch):
    for name in ("POSECFG_OPENMMLAB", "POSECFG_MMPOSE", "POSECFG_MODELS", "POSECFG_AUTOFETCH", "FAKE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["elsewhere", os.environ.get("PYTHONPATH", "")]))
    return Fake(tmp_path)
