"""Where the value of a key comes from: the place that counts, those that lost, and interpolations to their end."""

from __future__ import annotations

import json

import pytest

from posecfg.commands.command_line import parse
from posecfg.commands.plan import run
from posecfg.components import plugins
from posecfg.config.compose import compose
from posecfg.config.options import options
from posecfg.config.sources import ABSENT, Setting, Sources, below, flat
from posecfg.errors import UsageError
from posecfg.review.origins import origin
from posecfg.terminal.origins import page

TOTAL = ("experiment=blazepose_totalcapture", "dataset.path=films")


@pytest.fixture
def traced(typed):
    """Return what is told of a key of a command line."""

    def trace(key, *words, config_dir=None):
        return origin(typed(*words, config_dir=config_dir), key, config_dir and str(config_dir))

    return trace


def places(told):
    """Return where a value was set, the place that counts first, without the lines."""
    return [one["where"].partition(", line")[0] for one in (told["set_by"], *told["lost"])]


def values(told):
    return [one["value"] for one in (told["set_by"], *told["lost"])]


def test_a_knob_is_set_by_config_yaml_an_experiment_and_the_command_line(traced):
    told = traced("bbox_thr", *TOTAL, "bbox_thr=0.4")
    assert (told["value"], values(told)) == (0.4, [0.4, 0.3, 0.5])
    assert places(told) == [
        "the command line: bbox_thr=0.4",
        "conf/config.yaml",
        "conf/experiment/blazepose_totalcapture.yaml",
    ]


def test_the_line_is_the_one_that_says_it(traced):
    told = traced("writer.npy.missing", *TOTAL)
    for one in (told["set_by"], *told["lost"]):
        with open(one["file"], encoding="utf-8") as file:
            assert file.read().splitlines()[one["line"] - 1].strip().startswith("missing:")
    assert values(told) == ["zero", "nan"]


def test_interpolations_are_followed_to_their_end(traced):
    told = traced("detector.boxes.score_thr", "experiment=rtmpose3d_youtube_asl", "dataset.path=films")
    assert values(told) == ["${score_floor}"]
    (floor,) = told["follows"]
    assert (floor["key"], values(floor)) == ("score_floor", ["${bbox_thr}"])
    (knob,) = floor["follows"]
    assert (knob["key"], knob["value"], values(knob)) == ("bbox_thr", 0.3, [0.3, 0.3])
    assert knob["follows"] == []
    assert knob["set_by"]["option"] == "experiment=rtmpose3d_youtube_asl"


def test_a_word_of_a_group_says_which_option_it_is(traced):
    told = traced("detector.start", "detector=movenet", "persons=largest")
    assert told["value"] == "largest"
    (group,) = told["follows"]
    assert (group["key"], group["value"], places(group)[0]) == (
        "persons",
        "largest",
        "the command line: persons=largest",
    )


@pytest.mark.parametrize("key", ["detector/boxes", "detector.boxes"])
def test_a_group_inside_an_option_is_chosen_by_its_file(traced, key):
    told = traced(key, "detector=rtmdet")
    assert (told["key"], told["value"], places(told)) == ("detector/boxes", "rtmdet_m", ["conf/detector/rtmdet.yaml"])
    told = traced(key, "detector=rtmdet", "detector/boxes=yolox_nano")
    assert values(told) == ["yolox_nano", "rtmdet_m"]


def test_a_list_group_is_chosen_by_the_last_list(traced):
    told = traced("writer", "experiment=aist_coco", "dataset.path=films", "writer=[npy,csv]")
    assert told["value"] == "[npy, csv]"
    assert [str(value).replace(" ", "") for value in values(told)] == ["[npy,csv]", "[npy]", "[coco]"]


def test_what_an_experiment_sets_for_an_option_that_was_replaced_is_void(traced):
    told = traced("persons.follow", *TOTAL, "persons=largest")
    assert (told["value"], values(told)) == (True, [True, False])
    assert "chose another option" in told["lost"][0]["void"]
    assert told["set_by"]["void"] is None


def test_a_time_is_shown_as_it_was_typed(traced):
    told = traced("video.start", "video.start=00:01:30")
    assert (told["value"], values(told)) == (90.0, ["00:01:30", None])


def test_a_word_that_is_forced_is_told_without_its_signs(traced):
    told = traced("seed", "++seed=2")
    assert (values(told), places(told)[0]) == ([2, 0], "the command line: seed=2")


def test_where_no_file_says_anything_the_signature_does(traced, conf):
    folder = conf("sampler/mine.yaml", "_target_: posecfg.samplers.stride.Stride\n")
    told = traced("sampler.every", "sampler=mine", config_dir=folder)
    assert told["value"] == 2
    assert places(told) == ["the default of posecfg.samplers.stride.Stride"]


def test_a_file_of_the_users_own_is_told_with_its_path(traced, conf):
    folder = conf("experiment/mine.yaml", "# @package _global_\nbbox_thr: 0.7\n")
    told = traced("persons.bbox_thr", "experiment=mine", config_dir=folder)
    (knob,) = told["follows"]
    assert knob["set_by"]["where"] == f"{folder}/experiment/mine.yaml, line 2 (experiment=mine)"


def test_a_plugin_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(plugins, "folders", lambda: {"labpose": tmp_path})
    one = Setting(7, tmp_path / "sampler" / "lab.yaml", 2, "sampler=lab")
    assert one.where == f"{tmp_path}/sampler/lab.yaml, line 2 of the plugin 'labpose' (sampler=lab)"


def test_a_section_lists_its_keys(traced):
    assert "video.start" in traced("video")["keys"]


def test_the_environment_is_named_where_it_is_asked(traced, monkeypatch):
    monkeypatch.setenv("FILMS", "here")
    told = traced("dataset.path", "dataset=folder", "dataset.path='${oc.env:FILMS}'")
    assert (told["value"], told["asks"]) == ("here", ["FILMS"])


@pytest.mark.parametrize(
    ("key", "words", "sentence"),
    [
        ("bbox_tr", (), "There is no key 'bbox_tr'. Did you mean 'bbox_thr'?"),
        ("dtype", (), "Did you mean 'writer.npy.dtype'?"),
        ("writer.npy.dtyp", (), "Did you mean 'writer.npy.dtype'?"),
        ("video.begin", (), "Did you mean 'video.start'?"),
        ("detector.complexity", ("detector=movenet",), "but detector=blazepose or detector=holistic does"),
        (
            "detector.pose.flip_test",
            ("detector=yolox",),
            "detector/pose=movenet does not read 'flip_test', but detector/pose=rtm",
        ),
        ("writer.csv.missing", (), "type 'writer=[npy,csv]' --why writer.csv.missing"),
        ("hydra.run.dir", (), "--cfg hydra --package hydra.run.dir"),
        ("bbox_thr=0.5", (), "type --why bbox_thr bbox_thr=0.5"),
    ],
)
def test_a_wrong_key_is_told_in_one_sentence(traced, key, words, sentence):
    with pytest.raises(UsageError) as caught:
        traced(key, *words)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["default", *options()["experiment"]])
def test_what_counts_is_what_the_configuration_holds(name):
    """Every plain value of every experiment is the one that its last place sets."""
    (job,) = compose([] if name == "default" else [f"experiment={name}"])
    sources, compared = Sources.of(job), 0
    for key in flat(job.config):
        value, found = below(job.config, key.split(".")), sources.settings(key)
        assert value is not ABSENT
        if isinstance(value, dict):
            continue
        assert found, key
        if "${" not in str(found[-1].value):
            assert found[-1].value == value, key
            compared += 1
    assert compared > 30


@pytest.mark.parametrize("words", [(), ("-m", "seed=1,2")])
def test_the_verb_prints_it(capsys, monkeypatch, words):
    monkeypatch.setenv("COLUMNS", "80")
    line = ["plan", "--why", "persons.bbox_thr", "bbox_thr=0.4", *words]
    assert run(parse(line)) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "persons.bbox_thr is 0.4\n  ${bbox_thr}  conf/persons/best.yaml, line " in out
    assert "bbox_thr is 0.4\n  0.4      the command line: bbox_thr=0.4\n  not 0.3  conf/config.yaml, line " in out
    assert out.count("persons.bbox_thr is") == (2 if words else 1)
    assert run(parse([*line, "--json"])) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told[0] if words else told)["follows"][0]["key"] == "bbox_thr"


def test_a_bare_path_is_told_as_it_was_typed(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert run(parse(["plan", "--why", "dataset", str(tmp_path)])) == 0
    assert "a path alone is one of dataset=folder" in capsys.readouterr().out
    assert run(parse(["plan", "--why", "dataset.path", str(tmp_path)])) == 0
    assert f"the command line:\n{' ' * 32}{tmp_path}" in capsys.readouterr().out


def test_each_job_of_a_sweep_has_a_floor_of_its_own(capsys):
    assert run(parse(["plan", "--why", "score_floor", "-m", "bbox_thr=0.2,0.5", "--json"])) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["value"] for one in told] == [0.2, 0.5]


def test_a_long_value_and_a_name_cannot_disturb_the_page(traced):
    told = traced("output_dir", "output_dir='\x1b[31m" + "x" * 200 + "'")
    assert "\x1b" not in page(told, 80)
