"""Run posecfg from a checkout: ``python run.py [verb | path] key=value ...``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))

from posecfg.cli import main

if __name__ == "__main__":
    main()
