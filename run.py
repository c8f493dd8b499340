"""Run posecfg from a checkout: ``python run.py [verb | path] key=value ...``."""

import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
NEEDED = ("hydra", "numpy", "av", "rich")


def start() -> None:
    """Hand over to posecfg, or say which packages this Python lacks."""
    # Python searches the folder of this file first: what lies there beside it is no module, whatever its name.
    if not sys.flags.safe_path and os.path.realpath(sys.path[0]) == HERE:
        del sys.path[0]
    from importlib.util import find_spec

    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        venv = os.path.join(HERE, ".venv")
        ready, itself = os.path.join(venv, "bin", "python"), os.path.join(HERE, "run.py")
        another = os.path.exists(ready) and os.path.realpath(sys.prefix) != os.path.realpath(venv)
        cure = f"type '{ready}' '{itself}'" if another else "type make demo, and then .venv/bin/python run.py"
        sys.exit(f"posecfg: this Python ({sys.executable}) has no {', '.join(lacking)}: {cure}")
    sys.path.insert(0, os.path.join(HERE, "src"))
    from posecfg.cli import main

    main()


if __name__ == "__main__":
    try:
        start()
    except KeyboardInterrupt:
        # Ctrl-C before there is a program that could say it.
        if sys.stderr is not None:
            sys.stderr.write("posecfg: stopped.\n")
        sys.exit(130)
