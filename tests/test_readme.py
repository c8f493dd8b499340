"""The README is true: its table of options, its commands and its rows for the original scripts."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from posecfg.commands.command_line import parse
from posecfg.config.compose import compose

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8").replace(" \\\n        ", " ")


def commands() -> list[str]:
    found = re.findall(r"(?:^ {4}|`)(python run\.py[^`\n]*)", README, re.MULTILINE)
    return list(dict.fromkeys(line.split("#")[0].strip() for line in found))


def settings() -> list[tuple[str, str]]:
    """List (preset, words) of every row for an original script; each table names its preset in its first rows."""
    found = []
    for table in README.split("## Coming from the original scripts")[1].split("\n## ")[0].split("|---|---|")[1:]:
        preset = re.findall(r"experiment=\w+", table)[0]
        rows = [line.split("|")[2] for line in table.splitlines() if line.startswith("| ")]
        spans = [words for row in rows for words in re.findall(r"`([^`]+)`", row)]
        found += [(preset, words) for words in spans if "=" in words and words.split()[0] not in ("python", "pip")]
    return found


def test_the_table_of_options_is_what_conf_holds(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import options

    table = README.split("<!-- options: python tools/options.py -->\n")[1].split("<!-- /options -->")[0]
    assert table == options.table()


@pytest.mark.parametrize("line", commands())
def test_every_command_is_one_that_works(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "films").mkdir()
    command = parse([word for word in shlex.split(line)[2:] if word != "--help"])
    if command.verb in ("run", "plan"):
        assert compose(command.overrides, command.multirun)


@pytest.mark.parametrize(("preset", "words"), settings())
def test_every_row_for_an_original_script_composes(preset, words):
    assert compose([preset, *shlex.split(words)])


def test_original_rows_were_found():
    assert len(settings()) >= 20
    assert len({preset for preset, _ in settings()}) == 3
    assert len(commands()) >= 10
