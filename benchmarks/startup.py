"""How long the command line takes to answer: python benchmarks/startup.py"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CASES = (
    ["--help"],
    ["plan"],
    ["dataset=synthetic", "dataset.clips=1", "dataset.frames=1", "detector=synthetic", "output_dir={out}"],
)


# Users' modules are compiled once: where this is set, each start would compile them again.
NEVER_COMPILED = "PYTHONDONTWRITEBYTECODE"


def main() -> None:
    environment = {name: value for name, value in os.environ.items() if name != NEVER_COMPILED}
    for words in CASES:
        walls = []
        for _ in range(5):
            with tempfile.TemporaryDirectory() as out:
                began = time.perf_counter()
                command = [sys.executable, "run.py", *(word.format(out=out) for word in words)]
                subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=environment)
                walls.append(time.perf_counter() - began)
        shown = " ".join(word for word in words if "{" not in word)
        print(f"{statistics.median(walls):.2f} s (best {min(walls):.2f})  python run.py {shown}")


if __name__ == "__main__":
    main()
