"""How much a run shows: with -q what needs a look, with -v the configuration and every clip."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from posecfg.commands import run as runs
from posecfg.commands.command_line import parse
from posecfg.commands.program import main
from posecfg.errors import UsageError
from posecfg.terminal import console

pytestmark = pytest.mark.deep

BASE = ("dataset=synthetic", "dataset.clips=2", "dataset.frames=3", "'dataset.size=[32,24]'", "detector=synthetic")


@pytest.fixture
def ran(monkeypatch, capsys, tmp_path):
    """Return what a run prints, on a terminal or elsewhere, and its exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["posecfg"])
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)

    def call(*words, terminal=False):
        screen = io.StringIO()
        monkeypatch.setattr(screen, "isatty", lambda: terminal)
        width = 100
        shown = Console(
            file=screen, width=width, force_terminal=terminal, highlight=False, markup=False, color_system=None
        )
        if terminal:
            monkeypatch.setattr(console, "literal", lambda width=None: shown)
        code = main([word.strip("'") for word in (*BASE, "workers=0", *words)])
        out, err = capsys.readouterr()
        assert err == ""
        return code, screen.getvalue() if terminal else out

    return call


@pytest.mark.parametrize("flag", ["-q", "--quiet"])
@pytest.mark.parametrize("terminal", [False, True])
def test_a_quiet_run_shows_its_closing_line_alone(ran, flag, terminal):
    code, out = ran(flag, "output_dir=out", terminal=terminal)
    assert (code, out) == (0, "Results: out\n")
    assert ran("output_dir=out", flag, terminal=terminal)[1] == "Nothing was left to do. Results: out\n"


def test_a_quiet_run_shows_failures_and_notes(ran):
    code, out = ran("-q", "output_dir=out", "detector.crash=raise:synthetic_0001", "kpt_thr=0.5")
    assert code == 3
    note, failure, closing = out.splitlines()
    assert note.startswith("note: kpt_thr changes nothing here")
    assert failure.startswith("synthetic_0001: FAILED: ")
    assert closing == "1 clip failed. Type the same command to try again. Results: out"


def test_a_quiet_run_shows_no_details_of_what_it_goes_on_with(ran):
    ran("-q", "output_dir=out", "detector.crash=raise:synthetic_0001")
    code, out = ran("-q", "output_dir=out", "'writer=[npy,coco]'")
    assert (code, out.splitlines()[-1]) == (0, "Results: out")
    assert "made of the" not in out


def test_a_quiet_sweep_shows_a_closing_line_with_the_settings_of_each_job(ran):
    code, out = ran("-q", "-m", "output_dir=out", "bbox_thr=0.2,0.5")
    assert code == 0
    closing = [f"[job {number}] bbox_thr={thr}: Results: out/synthetic" for number, thr in ((0, 0.2), (1, 0.5))]
    assert [line.partition("-")[0] for line in out.splitlines()] == closing


def test_a_quiet_sweep_says_of_which_job_a_failure_is(ran):
    code, out = ran("-q", "-m", "output_dir=out", "bbox_thr=0.2,0.5", "detector.crash=raise:synthetic_0001")
    assert code == 3
    assert [line.split()[1] for line in out.splitlines() if "synthetic_0001: FAILED" in line] == ["0]", "1]"]


def test_a_quiet_run_is_still_told_as_data(ran):
    code, out = ran("-q", "--json", "output_dir=out")
    assert (code, json.loads(out)["done"]) == (0, 2)


@pytest.mark.parametrize("flag", ["-v", "--verbose"])
@pytest.mark.parametrize("terminal", [False, True])
def test_a_verbose_run_shows_its_configuration_and_every_clip(ran, flag, terminal):
    code, out = ran(flag, "output_dir=out", terminal=terminal)
    assert code == 0
    assert out.startswith("=== posecfg ")
    for line in (
        "Configuration:",
        "  detector: synthetic (coco17)",
        "  thresholds: bbox_thr=0.3",
        "[1/2] synthetic_0000: ",
    ):
        assert line in out
    assert out.index("Configuration:") < out.index("2 clips: 0 done") < out.index("[1/2]") < out.index("[2/2]")
    assert "frames/s" in out


def test_a_terminal_shows_a_line_for_each_clip_only_where_that_is_asked(ran):
    assert "[1/2]" in ran("output_dir=one")[1]
    assert "[1/2]" not in ran("output_dir=two", terminal=True)[1]


def test_numbered_lines_are_as_they_are_with_verbose(ran):
    def without_times(text):
        return [line for line in text.splitlines() if not line.startswith(("  started", "  overrides", "Device"))]

    plain, verbose = (ran(*words, "console=lines", "output_dir=out", "redo=true")[1] for words in ((), ("-v",)))
    assert without_times(plain)[0] == without_times(verbose)[0]
    assert len(without_times(plain)) == len(without_times(verbose))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-q", "-v"], "--quiet and --verbose contradict each other: keep one of them."),
        (["plan", "-q"], "--quiet belongs to 'run' and 'triangulate', but the verb is 'plan'."),
        (["verify", "out", "--verbose"], "--verbose belongs to 'run' and 'triangulate', but the verb is 'verify'."),
    ],
)
def test_what_cannot_be_meant_is_refused(words, sentence):
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert str(caught.value) == sentence


def test_data_come_before_anything_else_that_is_asked():
    assert runs.shows(parse(["--json", "-q"])) == "nothing"
    assert runs.shows(parse(["-q"])) == "quiet"
    assert runs.shows(parse(["-v"])) == "verbose"
    assert runs.shows(parse([])) == ""
