"""What the tool tells of itself: pages of verbs, groups, options and keys."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from posecfg.commands import help as pages
from posecfg.commands.command_line import parse
from posecfg.commands.program import dispatch
from posecfg.commands.verbs import VERBS
from posecfg.config.options import everything, files, options
from posecfg.config.pages import page, root
from posecfg.config.schema import KNOBS
from posecfg.errors import UsageError

OPTIONS = [pytest.param(group, name, id=f"{group}={name}") for group, name, _ in files()]
WIDTHS = (50, 80, 160)


@pytest.fixture
def told(monkeypatch, capsys):
    """Return what a command line prints at some width."""

    def call(*words, width=80):
        monkeypatch.setenv("COLUMNS", str(width))
        assert dispatch(list(words)) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return call


def entries(*words):
    """Return the topics of some words as plain data."""
    return [topic for word in words for topic in pages.found(word)]


@pytest.mark.parametrize(("group", "name"), OPTIONS)
def test_an_option_is_told_with_every_key_and_its_comment(group, name, told):
    (topic,) = entries(f"{group}={name}")
    said = page(group, name)
    assert topic["sentence"] == said.sentence
    assert topic["example"] == said.command
    assert topic["sentence"].endswith(".")
    assert topic["example"]
    out = told("help", f"{group}={name}", width=110)
    for key in topic["keys"]:
        assert f"{key['key']}=" in out
        if group != "experiment":
            assert key["comment"], key["key"]
            assert key["key"] in everything()
    assert len(topic["keys"]) >= len([key for key in said.keys if key])


@pytest.mark.parametrize(("group", "name"), OPTIONS)
def test_the_kind_of_each_key_is_told(group, name):
    (topic,) = entries(f"{group}={name}")
    for key in topic["keys"]:
        unnamed = group == "experiment" or key["key"].rpartition(".")[2] in ("subjects", "actions", "cameras")
        assert key["expected"] or unnamed, key["key"]
        if key["choices"]:
            assert all(word in key["expected"] for word in key["choices"])


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_terminal(width, told):
    words = [f"{group}={name}" for group, name, _ in files()]
    words += [*VERBS, *options(), *(key.name for key in root().keys), "video", "dtype", "threads"]
    out = "\n".join([told("help", *words, width=width), told("--hydra-help", width=width), told("help", width=width)])
    for line in out.splitlines():
        # A word that is longer than that stands alone.
        assert len(line) <= width or len(line.split()) == 1 or line.endswith(" \\"), line


def test_a_page_looks_as_it_should(told):
    assert told("help", "sampler=fps", width=80) == (
        "sampler=fps\n"
        "  Look at a fixed number of frames a second, whatever the rate of the film.\n"
        "\n"
        "  python run.py film.mp4 sampler=fps sampler.rate=24\n"
        "\n"
        "keys\n"
        "  sampler.rate=24.0    a number\n"
        "      frames per second; fewer is cheaper; a slower film is taken whole, see\n"
        "      mode\n"
        "  sampler.mode=exact   exact | accumulator | resample\n"
        "      exact        by time stamp, the same number from every film\n"
        "      accumulator  the frames of the ASL pipeline\n"
        "      resample     as exact, but a slower film is filled up with frames that are\n"
        "                   taken again, as by FFmpeg's fps=RATE:round=down.\n"
        "  sampler.every=1      a whole number\n"
        "      then only every n-th of these; 2 costs half\n"
    )


def test_a_group_names_its_options_and_what_is_usual(told):
    out = told("help", "writer", width=110)
    assert "one or several, chosen with 'writer=[NAME,NAME]'; npy where nothing is chosen" in out
    for name in options()["writer"]:
        assert re.search(rf"^  {name} +\S", out, re.MULTILINE)
    assert "posecfg help writer=npy" in out
    (topic,) = entries("detector.pose")
    assert topic["part_of"] == ["detector=rtmdet", "detector=rtmw3d", "detector=yolox"]
    assert [one["name"] for one in topic["options"]] == list(options()["detector/pose"])
    assert "posecfg help detector/boxes" in told("help", "detector", width=110)
    assert entries("detector/pose") == entries("detector.pose")


def test_presets_are_told_with_what_they_choose_and_set(told):
    assert {one["name"] for one in entries("experiment")[0]["options"]} == set(options()["experiment"])
    (topic,) = entries("experiment=rtmpose3d_youtube_asl")
    assert "detector=rtmw3d" in topic["chooses"]
    keys = {key["key"]: key for key in topic["keys"]}
    assert keys["writer.npy.clip"]["default"] == "true"
    assert keys["writer.npy.clip"]["comment"].startswith("Points beyond the picture's edge")
    assert keys["writer.npy.missing"]["comment"] == "", "the comment of one key is not that of the next"
    assert "writer.npy.missing=zero" in told("help", "experiment=rtmpose3d_youtube_asl")


@pytest.mark.parametrize(("section", "name"), KNOBS)
def test_a_knob_is_told_with_its_range(section, name, told):
    where = f"{section}.{name}" if section else name
    # A verb may have the same name.
    (topic,) = (one for one in entries(where) if one["kind"] == "key")
    assert topic["comment"]
    assert topic["expected"]
    assert f"{where}={topic['default']}" in told("help", where, width=110)
    assert KNOBS[section, name].expected in (topic["expected"], "")
    for word in topic["choices"]:
        assert KNOBS[section, name].holds(word) or word in ("true", "false")


def test_a_knob_says_which_keys_take_it_over():
    assert {"score_floor", "persons.bbox_thr"} <= set(entries("bbox_thr")[0]["followed_by"])
    assert entries("on_error")[0]["choices"] == ["continue", "stop"]


@pytest.mark.parametrize(
    ("word", "of"),
    [
        ("sampler.rate", [["sampler=fps"]]),
        ("writer.npy.dtype", [["writer=[npy]"]]),
        ("dtype", [["writer=[npy]"]]),
        ("sampler.every", [["sampler=annotated"], ["sampler=fps"], ["sampler=stride"]]),
        ("detector.pose.depth", [["detector/pose=rtmw3d_l", "detector/pose=rtmw3d_x"]]),
    ],
)
def test_a_key_is_found_with_and_without_its_place(word, of):
    assert [topic["of"] for topic in entries(word)] == of


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        ("plan", [("verb", "plan")]),
        ("models", [("verb", "models"), *[("key", f"models.{key}") for key in ("dir", "autofetch", "mmpose")]]),
        ("video", [("key", key.name) for key in root().keys if key.name.startswith("video.")]),
        ("movenet", [("option", "movenet"), ("option", "movenet")]),
        ("writer=[npy,csv]", [("option", "npy"), ("option", "csv")]),
        ("writer.npy", [("option", "npy")]),
        ("bbox_thr=0.5", [("key", "bbox_thr")]),
        ("detector/boxes=yolox", [("option", "yolox")]),
    ],
)
def test_a_word_can_be_anything_that_is_typed(word, kinds):
    names = {"verb": "verb", "option": "option", "key": "key"}
    assert [(topic["kind"], topic[names[topic["kind"]]]) for topic in entries(word)] == kinds


def test_another_word_for_an_option_has_its_keys():
    other, itself = entries("detector/boxes=yolox", "detector/boxes=yolox_nano")
    assert other["keys"] == itself["keys"]
    assert other["sentence"] != itself["sentence"]


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("sampler=fsp", "sampler has no option 'fsp'. Did you mean 'fps'? Options: all, annotated, "),
        ("bbox_thresh", "There is nothing called 'bbox_thresh'. Did you mean 'bbox_thr'?"),
        ("detector.modle", "There is nothing called 'detector.modle'. Did you mean 'detector.model'?"),
        ("plam", "There is nothing called 'plam'. Did you mean 'plan'?"),
        ("qqqq", "There is nothing called 'qqqq'. Type help alone for what there is."),
    ],
)
def test_an_unknown_word_is_answered_with_the_nearest(word, sentence):
    with pytest.raises(UsageError) as caught:
        pages.found(word)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_help_about_a_verb_is_about_that_verb(verb, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "films").mkdir()
    out = told(verb.name, "--help")
    assert told("--help", verb.name) == told("--help", verb.name, "x.mp4", "workers=2") == out
    assert told("help", verb.name).startswith(out)
    assert f"python run.py {verb.name}" in out
    topic = entries(verb.name)[0]
    for flag in topic["flags"]:
        assert flag["typed"] in out
    for example in topic["examples"]:
        assert parse(shlex.split(example)[2:]).verb == verb.name


def test_help_beside_settings_is_about_these(told):
    assert told("--help", "sampler=fps", "film.mp4") == told("help", "sampler=fps")
    assert told("film.mp4", "--help") == told("help")


def test_pages_are_there_as_data(told):
    topics = json.loads(told("help", "sampler=fps", "plan", "bbox_thr", "--json"))
    assert [topic["kind"] for topic in topics] == ["option", "verb", "key"]
    assert topics[0]["keys"][1]["choices"] == ["exact", "accumulator", "resample"]
    assert [topic["verb"] for topic in json.loads(told("help", "--json")) if topic["kind"] == "verb"] == list(VERBS)


def test_options_of_a_folder_of_ones_own_are_told(conf, told):
    text = "# Frames of mine.\n# posecfg film.mp4 sampler=mine\n_target_: lab.Mine\nevery: 3  # more is cheaper\n"
    out = told("help", "sampler=mine", "--config-dir", str(conf("sampler/mine.yaml", text)))
    assert "Frames of mine." in out
    assert "sampler.every=3" in out
    assert "more is cheaper" in out


def test_hydras_own_help_is_answered_with_what_to_type(told):
    page = told("--hydra-help", width=110)
    assert "posecfg --cfg" not in page.partition("in the place of others")[0]
    assert "posecfg help detector=yolox" in page
    facts = dict(json.loads(told("--info", "--json")))
    assert "detector=blazepose" in facts["defaults"]
    assert facts["hydra"].startswith("1.")
    assert told("--info=all") == told("--info", "defaults") == told("--info")
    assert "posecfg doctor" in told("--info")


def test_every_key_that_can_be_typed_is_told():
    for name in everything():
        assert pages.knows(name), name
