from __future__ import annotations

import pytest

from posecfg.commands.command_line import parse
from posecfg.config import sizes
from posecfg.config.sizes import check_expansion
from posecfg.errors import ConfigError, UsageError

LAUGHS = "a0: &a0 [1, 1]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
DOUBLED = "".join(f"  a{i}: ${{dataset.a{i + 1}}}${{dataset.a{i + 1}}}\n" for i in range(40))
PAGES = {
    "aliases": (LAUGHS, "becomes more than 20,000 values by its aliases: leave them out."),
    "brackets": ("seed: " + "[" * 5000 + "]" * 5000, "has values inside each other without end"),
    "fewer brackets": ("seed: " + "[" * 200 + "]" * 200, "has values inside each other without end"),
    "interpolations": (f"dataset:\n{DOUBLED}  a40: text\n", "becomes more than 1.0 MB once its interpolations"),
    "size": ("seed:\n" + "- 1\n" * 40_000, "has more than 65.5 kB, which no configuration needs"),
    "jobs": (
        "hydra:\n  mode: MULTIRUN\n  sweeper:\n    params:\n      seed: range(1000000000)\n",
        "1,000,000,000 jobs",
    ),
}


@pytest.mark.deep
@pytest.mark.parametrize("what", PAGES)
def test_a_page_that_grows_without_end_is_one_sentence(refused, conf, what):
    page, sentence = PAGES[what]
    folder = conf("experiment/bomb.yaml", f"# @package _global_\n{page}")
    sentences, code = refused("experiment=bomb", config_dir=folder)
    assert len(sentences) == 1
    assert sentence in sentences[0]
    assert code == 1


def test_a_folder_of_the_search_path_is_looked_at_too(refused, conf):
    folder = conf("experiment/bomb.yaml", LAUGHS)
    assert "by its aliases" in refused(f"hydra.searchpath=[file://{folder}]")[0][0]


def test_aliases_and_interpolations_of_a_usual_size_work(typed, conf):
    page = "# @package _global_\nvideo: &v {start: 1}\nmetric: {}\nkpt_thr: ${oc.decode:${oc.env:NONE,0.2}}\n"
    job = typed("experiment=fine", config_dir=conf("experiment/fine.yaml", page))
    assert (job.config["kpt_thr"], job.config["video"]["start"]) == (0.2, 1.0)


@pytest.mark.parametrize(
    ("plain", "grows"),
    [
        ({"a": "${b}" * 10, "b": "${c.d}" * 10, "c": {"d": "x" * 20_000}}, True),
        ({"a": ["${b}"] * 100, "b": ["${c}"] * 100, "c": ["${d}"] * 100, "d": ["x"] * 100}, True),
        ({"p": {"a": "${.b}" * 10, "b": "${..q[0]}" * 10}, "q": ["x" * 20_000]}, True),
        ({"a": "${oc.select:b,null}" * 10, "b": "${oc.dict.values:c}" * 10, "c": {"d": "x" * 20_000}}, True),
        ({"a": r"${oc.decode:'\${b}\${b}'}" * 10, "b": "x" * 80_000}, True),
        ({"a": "${b.inside}" * 10, "b": "${c}", "c": {"inside": "x" * 200_000}}, True),
        ({"a": "${b}", "b": "${a}"}, False),
        ({"a": "${b}" * 9, "b": "${c}" * 9, "c": "text", "d": None, "e": 1.5, "f": "${missing} ${}"}, False),
    ],
)
def test_the_size_after_interpolation_is_known_before(plain, grows):
    if grows:
        with pytest.raises(ConfigError, match=r"becomes more than 1\.0 MB once its interpolations"):
            check_expansion(plain)
    else:
        check_expansion(plain)


def test_names_that_are_made_of_names_are_refused():
    with pytest.raises(ConfigError, match=r"the name in \$\{...\} must stand there"):
        check_expansion({"a": "${b${c}}", "c": "1"})
    with pytest.raises(ConfigError, match="at most 20 interpolations inside each other"):
        check_expansion({"a": "${oc.env:A," * 30 + "}" * 30})


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["seed=" + "1" * 300_000], "has 300,005 characters, but at most 200,000 are read"),
        (["-m", "seed=" + "1," * 6_000 + "1"], "has 6,000 commas and brackets, but at most 5,000 are read"),
        ([f"seed={'[' * 6_000}"], "has 6,000 commas and brackets"),
    ],
)
def test_a_long_command_line_is_refused_before_it_is_read(words, sentence):
    with pytest.raises(UsageError, match=sentence):
        parse(words)


def test_many_names_of_clips_may_be_typed():
    names = ",".join(f"S1/clip{i}" for i in range(4_000))
    assert parse([f"redo={names}"]).overrides[0].count("'S1/clip") == 4_000
    assert sizes.MARKS < sizes.WORDS


def test_brackets_inside_each_other_are_a_sentence(refused):
    sentence = "seed has brackets inside each other without end: leave some out."
    assert refused("seed=" + "[" * 1_000 + "]" * 1_000)[0] == [sentence]


@pytest.mark.parametrize("key", ["bbox_thr", "seed", "video.start", "persons.patience", "sampler.rate", "workers"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_number_without_end_is_one_sentence(refused, key, sign):
    option = ["sampler=fps"] if key.startswith("sampler") else []
    sentences, code = refused("detector=synthetic", *option, f"{key}={sign}1{'0' * 400}")
    assert len(sentences) == 1
    assert f"{key}: expected a number of at most 308 digits" in sentences[0]
    assert code == 1


def test_a_number_without_end_is_found_behind_an_interpolation_and_in_a_list(refused, conf, monkeypatch):
    monkeypatch.setenv("LONG", "9" * 400)
    for setting in ("bbox_thr: ${oc.decode:${oc.env:LONG}}", "seed: ${oc.decode:${oc.env:LONG}}"):
        sentences, _ = refused(
            "experiment=x", config_dir=conf("experiment/x.yaml", f"# @package _global_\n{setting}\n")
        )
        assert len(sentences) == 1
    assert "video.fps[1]: expected a number" in refused(f"video.fps=[1,{'9' * 400}]")[0][0]


def test_a_number_of_thousands_of_digits_in_a_file_is_one_sentence(refused, conf):
    page = f"# @package _global_\nseed: {'9' * 5000}\n"
    assert len(refused("experiment=x", config_dir=conf("experiment/x.yaml", page))[0]) == 1
