"""Bad files, bad words and hostile situations get one clear sentence: a quick part of ``python tools/corpus.py``.

Here, commands are forks of a process that has all modules loaded.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from one_folder import Runs

pytestmark = pytest.mark.deep

TOOLS = Path(__file__).resolve().parents[1] / "tools"
QUICK = (
    "missing film",
    "bad films",
    "past the end",
    "plan opens",
    "output is a file",
    "file in the way",
    "record points out",
    "misspelt verb",
    "unknown nested",
    "out of range",
    "no writer",
    "missing weights",
    "foreign target",
    "writes outside",
    "marks in names",
    "movenet missing",
    "movenet nan",
    "overlay one for two",
    "overlay of the film itself",
    "overlay threshold inf",
    "table rows",
    "table bom",
    "names in a folder",
    "name 03",
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    sys.path.insert(0, str(TOOLS))
    try:
        import corpus
        import corpus_stage
    finally:
        sys.path.remove(str(TOOLS))
    with Runs(tmp_path_factory.mktemp("server").resolve(), None) as server, pytest.MonkeyPatch.context() as patch:
        started = corpus_stage.Stage.run

        def run(stage, *words, seconds=90):
            line, how = stage.command(words)
            if line[0] != sys.executable or "PYTHONPATH" in how["env"]:
                return started(stage, *words, seconds=seconds)
            ended = server.run(*words, env=how["env"], place=how["cwd"], limit=seconds, whole=True)
            return subprocess.CompletedProcess(words, ended.code, ended.said, ended.complaints)

        patch.setattr(corpus_stage.Stage, "run", run)
        yield corpus


def test_the_corpus_is_wide_and_its_names_are_distinct_folders(corpus):
    names = Counter(case.name for case in corpus.CASES)
    assert len(names) >= 200
    assert not [name for name, count in names.items() if count > 1 or "/" in name]
    assert set(QUICK) <= names.keys()


@pytest.mark.parametrize("name", QUICK)
def test_it_answers_in_one_clear_sentence(corpus, name, tmp_path):
    case = next(case for case in corpus.CASES if case.name == name)
    rows = corpus.play([case], tmp_path, 1)
    assert not [(row.case.strip(), fault, row.sentence) for row in rows for fault in row.faults]


def test_a_case_that_is_not_as_it_should_be_is_at_fault(corpus, tmp_path):
    wrong = corpus.refused("wrong", "--version", "no such words")
    (row,) = corpus.play([wrong], tmp_path, 1)
    assert row.faults == ("expected exit code 1", "does not say 'no such words'")
