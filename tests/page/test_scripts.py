"""The scripts of the page: their style and their types. Their behaviour is in browser/."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
JS = ROOT / "tests" / "page" / "js"
ASSETS = ROOT / "src" / "posecfg" / "page" / "assets"


def checked(*words):
    if shutil.which("node") is None:
        pytest.skip("Node.js is not here")
    if not (JS / "node_modules").is_dir():
        pytest.skip("the npm packages of tests/page/js are not here: make test-page installs them")
    return subprocess.run(["node", *words], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_eslint_finds_nothing():
    done = checked(JS / "node_modules/eslint/bin/eslint.js", "-c", JS / "eslint.config.js", "--max-warnings=0", ASSETS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_fit():
    done = checked(JS / "node_modules/typescript/bin/tsc", "-p", JS / "tsconfig.json")
    assert done.returncode == 0, done.stdout + done.stderr


def test_scripts_are_of_this_page_alone():
    for script in ASSETS.glob("*.js"):
        text = script.read_text("utf-8")
        assert '"use strict";' in text, script.name
        # One inline script holds them all: this would end it.
        assert "</script" not in text.lower(), script.name
        assert "<!--" not in text, script.name
