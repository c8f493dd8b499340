"""Get a browser and what scripts are checked with, then run a command that needs them.

python tools/browser.py -- python -m pytest tests/page

Debian's package chromium is installed where it is missing and this may be done, and the npm packages of tests/page/js
where npm is. What cannot be had here is said and left out; the command finds out by itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1] / "tests" / "page" / "js"
INSTALLED = SCRIPTS / "node_modules" / ".package-lock.json"


def chromium_is_here() -> bool:
    """Install Chromium where it is missing and may be installed; tell whether it is here."""
    if shutil.which("chromium") is None and os.geteuid() == 0 and shutil.which("apt-get") is not None:
        packages = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]
        for words in (["apt-get", "update", "-q"], packages):
            subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=600)
    return shutil.which("chromium") is not None


def packages_are_here() -> bool:
    """Install the locked npm packages, unless they are there as the lock says; tell whether they are here."""
    lock = SCRIPTS / "package-lock.json"
    if INSTALLED.exists() and INSTALLED.stat().st_mtime >= lock.stat().st_mtime:
        return True
    if shutil.which("npm") is None:
        return False
    words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(words, cwd=SCRIPTS, check=False, timeout=600).returncode == 0:
        INSTALLED.touch()
    return INSTALLED.exists()


def main() -> int:
    """Run the command; its exit code is that of this program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", nargs="+")
    command = parser.parse_args().command
    if not chromium_is_here():
        print("Chromium is left out: only root can install it here, from Debian's package chromium.", flush=True)
    if not packages_are_here():
        print("The checks of scripts and axe-core are left out: npm is not here, or cannot install.", flush=True)
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
