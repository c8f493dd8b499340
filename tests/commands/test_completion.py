"""What shells complete, asked as each of them asks."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

from posecfg.commands import completion, view
from posecfg.commands.candidates import MODELS, VIEW, candidates
from posecfg.commands.command_line import parse
from posecfg.commands.flags import ALWAYS, FLAGS
from posecfg.commands.models import ACTIONS
from posecfg.commands.program import dispatch
from posecfg.commands.shell_words import BREAKS, escaped, split_line, without_program
from posecfg.commands.verbs import VERBS
from posecfg.config.options import everything, options

HEAVY = ("hydra", "omegaconf", "yaml", "numpy", "av", "rich")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("films/a.mp4", "films/b c.mp4", "reel.mp4", ".hidden/x.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def words_for(line):
    """Return what may stand in the place of the last word of a line, in which blanks part words."""
    *before, current = line.split(" ")
    return [one.word for one in candidates(without_program(before), current)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("posecfg pl", ["plan"]),
        ("posecfg plan sampler=f", ["sampler=fps"]),
        ("posecfg plan --why persons.f", ["persons.follow"]),
        ("posecfg plan sampler=fps --why sampler.r", ["sampler.rate"]),
        ("posecfg plan --why=bbox", ["--why=bbox_thr"]),
        ("python run.py plan sampler=f", ["sampler=fps"]),
        ("python3 -X dev run.py sampler=u", ["sampler=uniform"]),
        ("POSECFG_MODELS=x posecfg det", ["detector=", "detector."]),
        ("posecfg detec", ["detector=", "detector."]),
        ("posecfg sampler=fps sampler.", ["sampler.rate=", "sampler.mode=", "sampler.every="]),
        ("posecfg sampler=uniform sampler.", ["sampler.count="]),
        ("posecfg sampler.", []),
        (
            "posecfg sampler=fps sampler.mode=",
            [f"sampler.mode={word}" for word in ("exact", "accumulator", "resample")],
        ),
        ("posecfg sampler=fps sampler.rate=", ["sampler.rate=24.0"]),
        ("posecfg detector=yolox detector/", ["detector/boxes=", "detector/pose="]),
        ("posecfg detector/", []),
        (
            "posecfg detector=rtmdet detector/pose=rtmw3d_l detector.pose.de",
            ["detector.pose.depth=", "detector.pose.device="],
        ),
        (
            "posecfg detector=rtmdet detector/pose=rtmw3d_l detector.pose.depth=",
            ["detector.pose.depth=root", "detector.pose.depth=camera"],
        ),
        ("posecfg writer.", ["writer.npy."]),
        ("posecfg writer=[npy,csv] writer.", ["writer.npy.", "writer.csv."]),
        ("posecfg writer=csv writer.csv.mi", ["writer.csv.missing="]),
        ("posecfg writer=csv writer.csv.missing=", ["writer.csv.missing=omit", "writer.csv.missing=empty"]),
        ("posecfg writer.npy.missing=", ["writer.npy.missing=nan", "writer.npy.missing=zero"]),
        ("posecfg writer=npy,c", ["writer=npy,c3d", "writer=npy,coco", "writer=npy,csv"]),
        ("posecfg writer=[npy,cs", ["writer=[npy,csv]"]),
        ("posecfg writer=[np", ["writer=[npy]", "writer=[npz]"]),
        ("posecfg -m detector=blazepose,m", ["detector=blazepose,movenet"]),
        ("posecfg ++sampler=f", ["++sampler=fps"]),
        ("posecfg experiment=movenet_overlay writer.", ["writer.overlay.", "writer.json."]),
        ("posecfg experiment=movenet_overlay detector.mod", ["detector.model="]),
        ("posecfg on_error=", ["on_error=continue", "on_error=stop"]),
        ("posecfg strict=", ["strict=true", "strict=false"]),
        ("posecfg video.start=", []),
        ("posecfg video.th", ["video.threads="]),
        ("posecfg models.", ["models.dir=", "models.autofetch=", "models.mmpose=", "models."]),
        ("posecfg re", ["refine=", "redo=", "reel.mp4", "report", "reproduce"]),
        ("posecfg fi", ["films/"]),
        ("posecfg films/", ["films/a.mp4", "films/b c.mp4"]),
        ("posecfg dataset.path=fi", ["dataset.path=films/"]),
        ("posecfg .hid", [".hidden/"]),
        ("posecfg nowhere/", []),
        ("posecfg --in", ["--inputs"]),
        ("posecfg plan --p", ["--probe"]),
        ("posecfg verify --", ["--json", "--inputs", "--help", "--version"]),
        ("posecfg --cfg ", ["job", "hydra", "all"]),
        ("posecfg --cfg=h", ["--cfg=hydra"]),
        ("posecfg --cfg job -p samp", ["sampler"]),
        ("posecfg --cfg job sampler=f", ["sampler=fps"]),
        ("posecfg --config-dir ", ["films/"]),
        ("posecfg verify ", ["films/"]),
        ("posecfg diff experiment=mov", ["experiment=movenet_overlay"]),
        ("posecfg reproduce re", ["reel.mp4"]),
        ("posecfg models ", ["list", "show", "fetch", "export", "verify", "trust"]),
        ("posecfg models fetch movenet_l", ["movenet_lightning_int8", "movenet_lightning_float16"]),
        ("posecfg models list mo", ["models.dir="]),
        ("posecfg view re", ["reel.mp4"]),
        ("posecfg view ro", ["rows="]),
        ("posecfg completion ", ["bash", "zsh", "fish"]),
        ("posecfg help det", ["detector", "detector/boxes", "detector/pose"]),
        ("posecfg help sampler=f", ["sampler=fps"]),
        ("posecfg help sampler.r", ["sampler.rate"]),
        ("posecfg doctor mo", ["movenet"]),
        ("posecfg doctor v", ["videopose3d"]),
    ],
)
def test_what_may_stand_next(place, line, found):
    got = words_for(line)
    assert sorted(got) == sorted(found)


def test_everything_that_can_be_typed_first_is_offered(place):
    found = words_for("posecfg ")
    assert set(VERBS) <= set(found)
    assert {f"{group}=" for group in options() if "/" not in group} <= set(found)
    assert {f"{key}=" for key in everything() if "." not in key and key not in options()} <= set(found) | {
        "video=",
        "models=",
    }
    flags = words_for("posecfg -")
    assert set(flags) == {name for flag in (*FLAGS, *ALWAYS) for name in flag.names}


def test_nothing_is_offered_that_is_refused(place):
    """Each option and key with a value that is offered can be typed."""
    for group in ("sampler", "detector", "persons", "refine", "metric", "device", "lifter"):
        for word in words_for(f"posecfg {group}="):
            place_of = word.replace("=", ".") if group in ("refine", "metric") else group
            keys = [key for key in words_for(f"posecfg {word} {place_of}.") if key.endswith("=")]
            for key in keys:
                for value in words_for(f"posecfg {word} {key}"):
                    assert parse([word, value]).overrides


def test_options_of_a_folder_of_ones_own_are_offered(place, conf):
    folder = conf("sampler/mine.yaml", "# Of mine.\n# posecfg x sampler=mine\n_target_: lab.Mine\nevery: 3\n")
    assert words_for(f"posecfg --config-dir {folder} sampler=mi") == ["sampler=mine"]
    assert words_for(f"posecfg --config-dir {folder} sampler=mine sampler.") == ["sampler.every="]
    assert words_for("posecfg --config-dir nowhere sampler=mi") == []


def test_the_words_of_other_verbs_are_theirs():
    assert list(MODELS) == list(ACTIONS)
    assert {*VIEW, "file"} == set(vars(view.Wishes()))


@pytest.mark.parametrize(
    ("line", "words", "raw"),
    [
        ("posecfg ", ["posecfg", ""], ""),
        ("posecfg  a", ["posecfg", "a"], "a"),
        ("posecfg 'my film.mp4' wri", ["posecfg", "my film.mp4", "wri"], "wri"),
        ("posecfg 'writer=[npy, c", ["posecfg", "writer=[npy, c"], "'writer=[npy, c"),
        ("posecfg my\\ fi", ["posecfg", "my fi"], "my\\ fi"),
        ('a "b\\"c', ["a", 'b"c'], '"b\\"c'),
        ("a '' b", ["a", "", "b"], "b"),
        ("", [""], ""),
    ],
)
def test_a_line_is_cut_as_the_shell_cuts_it(line, words, raw):
    assert split_line(line) == (words, raw)


@pytest.mark.parametrize(
    ("word", "raw", "put"),
    [
        ("sampler=fps", "sampler=f", "fps"),
        ("sampler=fps", "sam", "sampler=fps"),
        ("a b.mp4", "a", "a\\ b.mp4"),
        ("writer=[npy,csv]", "'writer=[npy,c", "writer=[npy,csv]"),
        ("it's (1).mp4", "it", "it\\'s\\ \\(1\\).mp4"),
        ("detector/pose=x", "detector/pose=", "x"),
    ],
)
def test_bash_gets_what_it_puts_behind_its_last_break(word, raw, put):
    assert escaped(word, raw, BREAKS) == put


def asked(shell, line, capsys, monkeypatch):
    """Return the lines that a shell's script is answered with."""
    if shell == "bash":
        monkeypatch.setenv("COMP_LINE", line + " and what is behind the cursor")
        monkeypatch.setenv("COMP_POINT", str(len(line)))
        monkeypatch.setenv("COMP_WORDBREAKS", BREAKS)
    assert dispatch(["completion", "answer", shell, "--", *line.split(" ")]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.splitlines()


def test_each_shell_is_answered_in_its_own_way(place, capsys, monkeypatch):
    assert asked("bash", "posecfg sampler=f", capsys, monkeypatch) == ["fps"]
    for shell in ("zsh", "fish"):
        (line,) = asked(shell, "posecfg sampler=f", capsys, monkeypatch)
        assert line == "sampler=fps\tLook at a fixed number of frames a second, whatever the rate of the film"
        assert asked(shell, "posecfg --help", capsys, monkeypatch) == [f"--help\t{ALWAYS[0].sentence}"]
    assert asked("fish", "posecfg 'writer=[npy,cs", capsys, monkeypatch)[0].startswith("writer=[npy,csv]\t")


@pytest.mark.parametrize(
    "line", ["posecfg detector=nothing detector.", "posecfg 'qq", "posecfg sampler==", "posecfg " + "x" * 9999]
)
def test_a_line_that_means_nothing_is_answered_with_nothing(place, line, capsys, monkeypatch):
    assert asked("bash", line, capsys, monkeypatch) == []


def test_hydras_own_flag_is_answered(place, capsys, monkeypatch):
    monkeypatch.setenv("COMP_LINE", "posecfg sampler=f")
    monkeypatch.setenv("COMP_POINT", "17")
    assert dispatch(["-sc", "query=bash"]) == 0
    assert capsys.readouterr().out == "sampler=fps\n"
    assert dispatch(["--shell-completion", "install=zsh"]) == 0
    assert capsys.readouterr().out == completion.script("zsh", False)


def test_an_answer_is_quick_and_loads_nothing(place):
    line = "posecfg detector=yolox detector.pose."
    code = (
        "from posecfg.commands.program import dispatch; import sys; dispatch(['completion', 'answer', 'bash']); "
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    environment = os.environ | {"COMP_LINE": line, "COMP_POINT": str(len(line))}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    *found, loaded = done.stdout.split("\n")[:-1]
    assert "detector.pose.model=" in found
    assert loaded == ""
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


@pytest.mark.parametrize("words", [[], ["tcsh"], ["bash", "zsh"]])
def test_an_unknown_shell_is_a_usage_error(words):
    from posecfg.errors import UsageError

    with pytest.raises(UsageError, match="completion: expected a shell, bash, zsh or fish, but got"):
        completion.run(parse(["completion", *words]))
