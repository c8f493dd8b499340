from __future__ import annotations

import pytest
from awkward_names import AWKWARD
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from posecfg.commands.command_line import parse
from posecfg.config.compose import compose
from posecfg.config.quoting import quote_path, tidy
from posecfg.errors import UsageError


@pytest.mark.parametrize("name", AWKWARD)
def test_a_bare_path_arrives_as_it_is(name):
    (word,) = parse([f"./{name}"]).overrides[1:]
    (parsed,) = OverridesParser.create().parse_overrides([word])
    assert OmegaConf.create({"path": parsed.value()}).path == f"./{name}"


def test_a_bare_path_arrives_in_the_job(typed, swept):
    name = "./a, [b] (it's) = ${x} #1 & {y} \\' \"é\" 🎬\\"
    assert typed(name).config["dataset"]["path"] == name
    assert [job.config["dataset"]["path"] for job in swept(name, "-m", "seed=1,2")] == [name] * 2


@pytest.mark.parametrize("name", ["-x.mp4", "-m", "a=b=c.mp4", "workers=2.mp4", "plan", "sampler"])
def test_a_file_that_is_there_may_look_like_anything(monkeypatch, tmp_path, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).touch()
    assert parse([f"./{name}"]).overrides == ["dataset=folder", f"dataset.path='./{name}'"]
    after = parse(["--", name])
    assert after.overrides[-1] == (f"dataset.path='{name}'" if not name.startswith("workers") else name)
    assert (after.verb, after.multirun) == ("run", False)


def test_a_file_with_a_leading_dash_needs_no_dashes_before_it(typed, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-x.mp4").touch()
    (tmp_path / "take=2.mp4").touch()
    assert typed("-x.mp4").config["dataset"]["path"] == "-x.mp4"
    assert typed("take=2.mp4").config["dataset"]["path"] == "take=2.mp4"


def test_a_path_beside_an_experiment_without_a_data_set_is_one_of_films(conf):
    head = "# @package _global_\ndefaults:\n"
    conf("experiment/day.yaml", f"{head}  - override /detector: synthetic\n  - override /writer: [npz]\n")
    conf("experiment/based.yaml", f"{head}  - day\n  - _self_\nbbox_thr: 0.5\n")
    conf("experiment/stored.yaml", f"{head}  - override /dataset: totalcapture\n")
    folder = str(conf("experiment/upon.yaml", f"{head}  - stored\n  - override /detector: synthetic\n"))
    for name in ("day", "based", "null", "day,based"):
        words = ["--config-dir", folder, "./films", f"experiment={name}"]
        assert parse(words).overrides[0] == "dataset=folder", name
    for name in ("stored", "upon", "nowhere", "day,upon", "rtmpose3d_youtube_asl_legacy"):
        assert not any(word.startswith("dataset=") for word in parse([*words[:-1], f"experiment={name}"]).overrides)
    (job,) = compose(parse([*words[:-1], "experiment=based"]).overrides, config_dir=folder)
    assert (job.choices["dataset"], job.choices["detector"], job.config["bbox_thr"]) == ("folder", "synthetic", 0.5)


def test_home_is_found(typed, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert typed("~/films").config["dataset"]["path"] == str(tmp_path / "films")
    assert typed("dataset.path=~/films").config["dataset"]["path"] == str(tmp_path / "films")
    assert typed("output_dir=~/out").config["output_dir"] == str(tmp_path / "out")


def test_a_typed_key_takes_the_same_names(typed):
    for name in ("a, it's (1).mp4=", "${x}[1]\\"):
        words = ["dataset=totalcapture", f"dataset.path={name}", f"output_dir={name}", f"models.dir={name}"]
        config = typed(*words, "writer.npy.path={folder}/{name}").config
        assert [config["dataset"]["path"], config["output_dir"], config["models"]["dir"]] == [name] * 3
        assert config["writer"]["npy"]["path"] == "{folder}/{name}"


def test_quotes_and_interpolations_keep_their_meaning(typed, monkeypatch):
    monkeypatch.setenv("FILMS", "here")
    config = typed("dataset.path=${oc.env:FILMS}/x", "output_dir=run-${seed}", "models.dir='a b'").config
    assert (config["dataset"]["path"], config["output_dir"], config["models"]["dir"]) == ("here/x", "run-0", "a b")
    assert tidy("output_dir=null") == "output_dir=null"


def test_a_path_alone_means_a_folder_unless_something_else_is_chosen(typed):
    assert parse(["x.mp4"]).overrides[0] == parse(["dataset.path=x.mp4"]).overrides[0] == "dataset=folder"
    assert typed("./x", "dataset=totalcapture").choices["dataset"] == "totalcapture"
    assert typed("dataset=totalcapture", "./x").config["dataset"]["path"] == "./x"
    job = typed("./films", "experiment=blazepose_totalcapture")
    assert (job.choices["dataset"], job.config["dataset"]["path"]) == ("totalcapture", "./films")


@pytest.mark.parametrize(
    "line",
    [
        "plan x.mp4 workers=2 -m --json",
        "-m plan x.mp4 workers=2 --json",
        "--json plan workers=2 x.mp4 --multirun",
        "plan --json workers=2 -m x.mp4",
    ],
)
def test_words_may_stand_in_any_order(line):
    command = parse(line.split())
    assert (command.verb, command.multirun, command.json) == ("plan", True, True)
    assert command.overrides == ["dataset=folder", "workers=2", "dataset.path='x.mp4'"]


def test_other_verbs_take_their_words_as_they_are():
    assert parse(["verify", "out put", "--json"]).words == ["out put"]
    assert parse(["models", "trust", "x", "abc"]).words == ["trust", "x", "abc"]
    assert parse(["doctor"]).words == []
    assert parse(["-cd", "x", "--cfg=job", "--resolve", "-p", "video"]).config_dir == "x"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("pln", "There is no verb, file or folder 'pln'. Did you mean 'plan'?"),
        ("pln film.mp4", "There is no verb, file or folder 'pln'. Did you mean 'plan'?"),
        ("film.mp4 plan", "The verb 'plan' comes first: type 'run.py plan ...'."),
        ("sampler", "'sampler' needs a value: type sampler=NAME, one of all, annotated, fps, motion, stride, uniform."),
        ("workers", "'workers' needs a value: type workers=..."),
        ("a.mp4 dataset.path=b.mp4", "Expected a path or dataset.path=, but got both ('a.mp4'): keep one of them."),
        ("a.mp4 b.mp4 dataset.path=c.mp4", "but got both ('a.mp4'): keep one of them."),
        ("./films a.mp4 verfy", "There is no verb, file or folder 'verfy'. Did you mean 'verify'?"),
        ("--workers=4", "There is no flag '--workers=4': settings have no dashes, type workers=4"),
        ("--num-workers 4", "There is no flag '--num-workers': settings have no dashes, type workers=4"),
        ("--output", "settings have no dashes, type output_dir=..."),
        ("--output -m", "settings have no dashes, type output_dir=..."),
        ("--output seed=1", "settings have no dashes, type output_dir=..."),
        ("--limit 'a b'", "type limit='"),
        ("--jsn", "There is no flag '--jsn'. Did you mean '--json'?"),
        ("-x", "There is no flag '-x'."),
        ("--config-name=x", "There is no flag '--config-name=x': settings have no dashes, type experiment=x"),
        ("--qqqq=x", "There is no flag '--qqqq=x'. Settings are key=value, without dashes."),
        ("--cfg", "--cfg needs a value"),
        ("--cfg=", "--cfg needs a value"),
        ("plan a.mp4 --why", "--why needs a value: type --why KEY."),
        ("plan a.mp4 --why bbox_thr --why=kpt_thr", "--why is given twice: keep one of them."),
        ("plan a.mp4 --why bbox_thr --why-again a", "--why and --why-again are two questions: ask one at a time."),
        ("--cfg jobs", "--cfg: expected job, hydra or all, but got 'jobs'."),
        ("--probe", "--probe belongs to 'plan', but the verb is 'run'."),
        ("--inputs", "--inputs belongs to 'plan' and 'verify', but the verb is 'run'."),
        ("plan --cfg job", "--cfg belongs to 'run', but the verb is 'plan'."),
        ("--resolve", "--resolve and --package belong to --cfg"),
    ],
)
def test_a_wrong_word_is_a_usage_error(line, sentence):
    with pytest.raises(UsageError) as caught:
        parse(line.split())
    assert sentence in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["detector=", "movenet"], "leave the blanks out, detector=movenet."),
        (["x.mp4", "-m", "bbox_thr=0.2,", "0.5"], "leave the blanks out, bbox_thr=0.2,0.5."),
        (["writer=[npy,", "csv]"], "leave the blanks out, 'writer=[npy,csv]'."),
        (["writer=[npy,", "csv,", "json]", "limit=1"], "leave the blanks out, 'writer=[npy,csv,json]'."),
        (["writer=[npy", "csv]"], "leave the blanks out, 'writer=[npy,csv]'."),
        (["writer=[npy", ",csv", "json", "]"], "leave the blanks out, 'writer=[npy,csv,json]'."),
        (["models", "list", "--dir", "weights"], "There is no flag '--dir': type models.dir=weights."),
        (["plan", "my", "films"], "A path with blanks needs quotes: type 'my films'."),
    ],
)
def test_what_a_shell_cuts_at_a_blank_is_put_together(words, sentence, tmp_path, monkeypatch):
    (tmp_path / "my films").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert sentence in str(caught.value)


def test_paths_can_be_swept_over(swept):
    jobs = swept("-m", "dataset.path='a,b.mp4',\"c,d\",it's (1).mp4")
    assert [job.config["dataset"]["path"] for job in jobs] == ["a,b.mp4", "c,d", "it's (1).mp4"]


def test_a_comma_in_the_name_of_a_file_is_no_sweep(swept, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a,b.mp4").touch()
    (tmp_path / "'c'").touch()
    assert [job.config["dataset"]["path"] for job in swept("-m", "dataset.path=a,b.mp4")] == ["a,b.mp4"]
    assert swept("dataset.path='c'")[0].config["dataset"]["path"] == "'c'"


def test_three_question_marks_are_a_pattern():
    assert parse(["???"]).overrides[1] == f"dataset.path={quote_path('./???')}"
