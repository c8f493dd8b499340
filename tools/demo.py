"""Run the demo clip and say where its results are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    from posecfg import backends

    words = [] if backends.present("mediapipe") else ["detector=synthetic"]
    if words:
        print("BlazePose is not installed on this Python, so the demo follows a computed figure instead.")
    command = [sys.executable, "run.py", *words, "writer=[npy,preview]"]
    print("$ python", *(f"'{word}'" if "[" in word else word for word in command[1:]), flush=True)
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code:
        sys.exit(code)
    plan = json.loads(
        subprocess.run(
            [sys.executable, "run.py", "plan", "--json", *command[2:]],
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout
    )
    print(f"arrays:  {ROOT / plan['outputs']['npy']}")
    print(f"picture: {ROOT / plan['outputs']['preview']}")


if __name__ == "__main__":
    main()
