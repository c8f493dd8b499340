"""Run posecfg from a checkout: ``python run.py [verb | path] key=value ...``."""

import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEEDED = ("hydra", "numpy", "av", "rich")

if __name__ == "__main__":
    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        ready = HERE / ".venv" / "bin" / "python"
        another = ready.exists() and Path(sys.prefix) != HERE / ".venv"
        cure = f"type '{ready}' '{HERE / 'run.py'}'" if another else "type make demo, and then .venv/bin/python run.py"
        sys.exit(f"posecfg: this Python ({sys.executable}) has no {', '.join(lacking)}: {cure}")
    sys.path.insert(0, str(HERE / "src"))
    from posecfg.cli import main

    main()
