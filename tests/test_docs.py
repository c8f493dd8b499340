"""The documentation is true: its commands, its tables of options and of the original scripts, its links."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from test_imports import PLACES

from posecfg.commands.command_line import parse
from posecfg.config.compose import compose
from posecfg.config.launchers import is_here
from posecfg.models import registry
from posecfg.runs.places import root_of

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINKING = [*PAGES, ROOT / "CONTRIBUTING.md"]
PRESETS = {file.stem for file in (ROOT / "conf/experiment").glob("*.yaml")}
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text(page: Path) -> str:
    """Return a page with every command on one line."""
    return re.sub(r" \\\n +", " ", page.read_text("utf-8"))


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return FENCE.sub("", page.read_text("utf-8"))


def test_every_promise_is_held_by_a_test_that_is_there():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs/promises.md").read_text("utf-8"))
    assert len(named) > 40
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text("utf-8"), f"{file}::{test}"


def blocks(language: str) -> list[tuple[str, str]]:
    return [(name(page), body) for page in PAGES for _, kind, body in FENCE.findall(text(page)) if kind == language]


def commands() -> list[tuple[str, str]]:
    """List (page, command line) of all blocks, and of what stands between backticks."""
    lines = [(page, line) for page, body in blocks("sh") for line in body.splitlines()]
    lines += [(name(page), span) for page in PAGES for span in re.findall(r"`([^`\n]+)`", FENCE.sub("", text(page)))]
    found = [(page, shlex.join(shlex.split(line, comments=True))) for page, line in lines if line.startswith("python ")]
    return list(dict.fromkeys(found))


def runs() -> list[tuple[str, str]]:
    """List those commands that start posecfg; an ellipsis stands for words of the reader's own."""
    return [(page, line) for page, line in commands() if line.startswith("python run.py") and "..." not in line]


def settings() -> list[tuple[str, str, str]]:
    """List (page, preset, words) of every row for an original script; each table names its preset in its first rows."""
    found = []
    for page in PAGES:
        for table in re.findall(r"^\| original \| here \|\n\|---\|---\|\n((?:\|.*\n)+)", text(page), re.MULTILINE):
            preset = re.findall(r"experiment=\w+", table)[0]
            spans = [words for row in table.splitlines() for words in re.findall(r"`([^`]+)`", row.split("|")[2])]
            rows = [words for words in spans if "=" in words and words.split()[0] not in ("python", "pip")]
            found += [(name(page), preset, words) for words in rows]
    return found


def links() -> list[tuple[str, str]]:
    """List (page, target) of all links and pictures that stay inside the repository."""
    found = []
    for page in LINKING:
        targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", prose(page))
        found += [(name(page), one or other) for one, other in targets]
    return [(page, target) for page, target in found if not target.startswith(("https://", "mailto:"))]


def anchors(page: Path) -> set[str]:
    """Return the anchors that a code host gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("marker", "command"), [("options", "table"), ("knobs", "knobs")])
def test_the_tables_of_options_are_what_conf_holds(marker, command, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import options

    page = (ROOT / "docs/options.md").read_text("utf-8")
    table = re.findall(rf"<!-- {marker}: python tools/options.py[ \w]* -->\n(.*?)<!-- /{marker} -->", page, re.DOTALL)
    assert table == [getattr(options, command)()]


@pytest.mark.deep
@pytest.mark.parametrize(("page", "line"), runs())
def test_every_command_is_one_that_works(page, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "films").mkdir()
    command = parse([word for word in shlex.split(line)[2:] if word != "--help"])
    if "hydra/launcher=" in line and not is_here("hydra_plugins.hydra_joblib_launcher"):
        pytest.skip("the launchers are not installed: type make test-launchers")
    if command.verb in ("run", "plan"):
        assert compose(command.overrides, command.multirun)
    if command.verb == "models" and command.words[0] in ("fetch", "export"):
        names = {word for word in command.words[1:] if "=" not in word} - {"NAME"}
        assert names <= set(registry.load())


@pytest.mark.deep
@pytest.mark.parametrize(("page", "preset", "words"), settings())
def test_every_row_for_an_original_script_composes(page, preset, words):
    assert compose([preset, *shlex.split(words)])


def test_what_is_looked_for_was_found():
    assert len(settings()) >= 45
    assert len(runs()) >= 35
    assert len(links()) >= 30
    assert {preset.removeprefix("experiment=") for _, preset, _ in settings()} == {
        preset for preset in PRESETS if not preset.endswith("_legacy")
    }


def test_a_shell_takes_every_command_as_it_is_meant():
    lines = [(page, line) for page, body in blocks("sh") for line in body.splitlines()]
    assert not [line for line in lines if "#" in line[1]], "zsh takes a comment for words of the command"
    lines += [(page, words) for page, _, words in settings()]
    bare = [(page, line) for page, line in lines if set(re.sub(r"'[^']*'|\"[^\"]*\"", "", line)) & set("[]*?{}<>")]
    assert not bare, "zsh would look for files of this name: put the word in quotes"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_in_a_sentence_stands_on_one_line(page):
    assert not [line for line in prose(page).splitlines() if line.count("`") % 2]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_program_target_and_extra_exists(page):
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    page_text = text(page)
    assert set(re.findall(r"(?:^|`)make ([a-z][\w-]*)", page_text, re.MULTILINE)) <= targets
    assert set(re.findall(r"posecfg\[([\w-]+)\]", page_text)) <= set(extras)
    for program in re.findall(r"(?<![\w/])((?:benchmarks|tools|tests)/\w+\.py)", page_text):
        assert (ROOT / program).is_file(), program


@pytest.mark.parametrize(("page", "target"), links())
def test_every_link_leads_somewhere(page, target):
    file, _, anchor = target.partition("#")
    found = ((ROOT / page).parent / file).resolve() if file else ROOT / page
    assert found.exists()
    assert ROOT in found.parents
    assert not anchor or anchor in anchors(found)


def test_every_page_can_be_reached_from_the_readme():
    seen, left = set(), [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page in seen:
            continue
        seen.add(page)
        targets = [target.partition("#")[0] for of, target in links() if of == name(page)]
        left += [(page.parent / target).resolve() for target in targets if target.endswith(".md")]
    assert set(PAGES) <= seen


@pytest.mark.parametrize(("page", "code"), blocks("python"))
def test_every_python_example_is_python(page, code):
    compile(re.sub(r"^  ", "", code, flags=re.MULTILINE) if code.startswith("  ") else code, page, "exec")


def test_the_folder_of_the_demo_is_the_one_that_is_named():
    (job,) = compose([])
    named = {folder for page in PAGES for folder in re.findall(r"outputs/demo-[\w-]+", text(page))}
    assert named == {root_of(job, several=False).as_posix()}


def test_the_page_on_architecture_lists_the_rooms_floor_by_floor():
    page, picture = (text(ROOT / "docs" / file) for file in ("architecture.md", "architecture.svg"))
    rooms = re.findall(r"^\| `(\w+)/?` \|", page, re.MULTILINE)
    floors = [PLACES[room] for room in rooms if room in PLACES]
    assert set(PLACES) - {"posecfg"} <= set(rooms)
    assert [floor for floor, _ in floors] == sorted(floor for floor, _ in floors)
    assert set(rooms) <= set(re.findall(r">([a-z]+)</text>", picture))


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150
