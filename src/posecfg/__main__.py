"""``python -m posecfg``: the command line."""

from __future__ import annotations

from posecfg.cli import main

if __name__ == "__main__":
    main()
