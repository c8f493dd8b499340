"""Build the wheel, install it in a new environment, and run the demo from there: what a release is.

    python tools/wheel.py [FOLDER]

The wheel is left in ``FOLDER`` (dist). Nothing of the checkout is seen by what is tried.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist").resolve()
    # What is in the environment of whoever builds must not help what is installed.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "POSECFG"))}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        call(sys.executable, *PIP, "wheel", "--no-deps", "-w", place / "built", ROOT, env=clean, cwd=place)
        (built,) = (place / "built").glob("*.whl")
        venv.create(place / "env", with_pip=True)
        python, posecfg = (place / "env" / "bin" / program for program in ("python", "posecfg"))
        print(f"Installing {built.name} into a new environment ...", flush=True)
        call(python, *PIP, "install", built, env=clean, cwd=place)
        call(posecfg, "--version", env=clean, cwd=place)
        words = ("detector=synthetic", "writer=[npy,preview]", "output_dir=results")
        call(posecfg, *words, env=clean, cwd=place)
        told = subprocess.run([posecfg, "verify", "results", "--json"], cwd=place, env=clean, capture_output=True)
        found = json.loads(told.stdout)
        if told.returncode or found["problems"] or found["clips"]["done"] != 1:
            sys.exit(f"The demo of the wheel did not come out as it should: {told.stdout.decode()}")
        folder.mkdir(exist_ok=True)
        target = folder / built.name
        target.write_bytes(built.read_bytes())
    print(f"wheel:   {target}, {target.stat().st_size / 1e6:.1f} MB; its demo ran, and its results are verified")


def call(*words: str | Path, env: dict[str, str], cwd: Path) -> None:
    if code := subprocess.run(words, cwd=cwd, env=env).returncode:
        sys.exit(f"'{' '.join(map(str, words))}' ended with {code}")


if __name__ == "__main__":
    main()
