"""Words that people type who know other tools, or type too fast, and what they are told to type: mistypings.tsv."""

from __future__ import annotations

import re
import shlex
from collections import Counter, defaultdict
from functools import cache
from itertools import zip_longest
from pathlib import Path

import pytest

from posecfg.commands import models
from posecfg.commands.command_line import parse
from posecfg.commands.flags import ALWAYS, FLAGS
from posecfg.commands.verbs import VERBS
from posecfg.config import mistyped, not_yet, other_words
from posecfg.config.chosen import Chosen
from posecfg.config.compose import compose
from posecfg.config.options import LISTS, everything, options
from posecfg.errors import PosecfgError
from posecfg.suggestions import ALIASES
from posecfg.text import parse_time

TABLE = Path(__file__).with_name("mistypings.tsv")
ROWS = [tuple(line.split("\t")) for line in TABLE.read_text("utf-8").splitlines() if "\t" in line]
SETTING = re.compile(r"(?<![\w./])([a-z_]\w*(?:[./]\w+)*)=(\[[^\]]*\]|[^\s,;)'\]]*)")
VERB = re.compile(r"posecfg (\w+|--\w+)")
FLAG = re.compile(r"(?<![\w/-])(--?[a-z][\w-]*)")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def answer(words):
    """Return what is said of a command line; "" where nothing is wrong."""
    try:
        command = parse(words)
        if command.verb == "models":
            models.do(command.words)
        else:
            compose(command.overrides, command.multirun)
    except PosecfgError as error:
        return str(error)
    return ""


@cache
def together(number):
    """Return what is said of the unknown keys of one round, as one composition serves them all."""
    return answer([typed for typed, turn in rounds().items() if turn == number]).splitlines()


@cache
def rounds():
    """Map each row that is one unknown key to its round: in each round a key is typed once."""
    found, seen = {}, Counter()
    for typed, _ in ROWS:
        key, equals, _ = typed.partition("=")
        if equals and re.fullmatch(r"\w+", key) and key not in everything() and " " not in typed:
            found[typed] = seen[key]
            seen[key] += 1
    return found


def told(typed):
    if typed in rounds():
        key = typed.partition("=")[0]
        return next(line for line in together(rounds()[typed]) if line.startswith(f"nothing reads '{key}'"))
    return answer(shlex.split(typed))


def test_the_table_is_long_and_has_each_row_once():
    assert len(ROWS) >= 300
    assert len({typed for typed, _ in ROWS}) == len(ROWS)


@pytest.mark.deep
@pytest.mark.parametrize(("typed", "wanted"), ROWS, ids=[typed for typed, _ in ROWS])
def test_what_was_meant_is_told(typed, wanted):
    sentence = told(typed)
    assert re.search(rf"(?<![\w./=]){re.escape(wanted)}(?![\w/])", sentence), sentence
    assert "\n" not in sentence
    for text in meant(sentence):
        refuse_what_is_not_there(text)


def meant(sentence):
    """Return the parts of a sentence that say what to type."""
    found = re.findall(r"(?:type|yet:|Did you mean) (.*?)(?: \(options: |\? |$)", sentence)
    return [re.sub(r"Settings are key=value.*", "", text) for text in found]


def refuse_what_is_not_there(text):
    """Fail where a text names what does not exist, or a key of what it does not choose."""
    settings = SETTING.findall(text)
    chosen = Chosen([f"{key}={value}" for key, value in settings])
    for key, value in settings:
        if key in ("key", "group"):
            continue
        group, known = key.replace(".", "/"), options()
        if key in known:
            names = re.findall(r"[\w]+", value) if value not in ("NAME", "...", "null", "") else []
            assert set(names) <= set(known[key]), text
            continue
        assert group not in known, text
        assert key in everything(), text
        where = key.rpartition(".")[0]
        if where and where.partition(".")[0] in known and settings[0][0] in known:
            assert any(f"{where}.{one.name}" == key for one in chosen.places().get(where, ())), text
    for word in VERB.findall(text):
        assert word in VERBS or word in flags(), text
    for flag in FLAG.findall(text):
        assert flag in flags(), text


def flags():
    return {name for flag in (*FLAGS, *ALWAYS) for name in flag.names}


ANSWERS = defaultdict(list)
for source in (*other_words.OPTIONS.values(), other_words.KEYS, *not_yet.NOT_YET.values(), other_words.NEVER):
    for name, text in source.items():
        ANSWERS[text.replace("experiment={}", "experiment=NAME").replace("{}", "5")].append(name)


@pytest.mark.parametrize("text", ANSWERS)
def test_every_answer_names_what_is_there(text):
    refuse_what_is_not_there(text)
    assert SETTING.search(text) or VERB.search(text) or FLAG.search(text) or " " in text


def test_every_other_word_for_an_option_is_no_option_itself():
    for group, words in other_words.OPTIONS.items():
        assert not set(words) & set(options()[group]), group
        for word in words:
            assert word == word.lower().replace("-", "_")


def test_every_other_word_for_a_key_is_no_key_itself():
    assert set(other_words.KEYS) & set(everything()) == {"video"}
    assert not set(other_words.NEVER) & set(everything())
    assert not set(other_words.GPU) & set(everything())
    for key in other_words.SHORT.values():
        assert key in everything() or key in other_words.KEYS or f"--{key}" in flags() or key in ALIASES, key


def test_every_other_word_for_a_verb_leads_to_one():
    for word, text in other_words.VERBS.items():
        assert word not in VERBS
        first = text.split()[0]
        assert first in VERBS or first in flags(), text
    for text in other_words.MODELS.values():
        assert text.split()[0] in models.ACTIONS


def test_every_other_word_for_a_value_leads_to_one_that_is_taken(typed):
    words = {"precision": "device.precision", "dtype": "writer.npy.dtype"}
    known = {words.get(key, key): list(dict.fromkeys(values.values())) for key, values in other_words.VALUES.items()}
    for turn in zip_longest(*([f"{key}={value}" for value in values] for key, values in known.items())):
        assert typed(*filter(None, turn))


@pytest.mark.parametrize("group", not_yet.NOT_YET)
def test_what_is_said_not_to_be_there_is_not_there(group):
    """Take a row out of the table when what it names comes."""
    there = {"verb": VERBS, "key": everything()}.get(group) or options()[group]
    assert not set(not_yet.NOT_YET[group]) & set(there)


def test_what_there_is_is_never_said_to_be_missing(monkeypatch, typed):
    monkeypatch.setitem(not_yet.NOT_YET["writer"], "csv", "nothing")
    assert typed("writer=csv")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00:01", 1.0),
        ("1:02:03", 3723.0),
        ("01:30", 90.0),
        ("90:00", 5400.0),
        ("0:05.25", 5.25),
        ("00:01:00.5", 60.5),
        ("5", 5.0),
    ],
)
def test_times_are_seconds(text, seconds, typed):
    job = typed(f"video.start={text}", "video.end=100000")
    assert (job.config["video"]["start"], type(job.config["video"]["start"])) == (seconds, float)
    assert job.hash == typed(f"video.start={seconds}", "video.end=27:46:40").hash


def test_times_can_be_swept_over_and_stand_in_presets(swept, conf):
    jobs = swept("-m", "video.start=00:01,00:02")
    assert [job.config["video"]["start"] for job in jobs] == [1.0, 2.0]
    folder = conf("experiment/mine.yaml", '# @package _global_\nvideo:\n  end: "00:02:00"\n')
    (job,) = swept("experiment=mine", config_dir=folder)
    assert job.config["video"]["end"] == 120.0


@pytest.mark.parametrize("text", ["00:99", "00:99:00", "1:2:3:4", ":30", "12:", "a:b", "-1:00", "1h30", "99999:00:00"])
def test_what_is_no_time_has_no_seconds(text):
    assert parse_time(text) is None


def test_what_is_no_time_is_refused(refused):
    assert refused("video.start=00:99") == (
        ["video.start: expected seconds, or a time such as 00:01:30, but got '00:99'."],
        1,
    )


@pytest.mark.parametrize(
    "words",
    [
        ["device=\x1b[31m"],
        ["writer=;;;"],
        ["writer=npy;"],
        ["model="],
        ["model={}"],
        ["gpu=${x}"],
        ["--"],
        ["---"],
        ["-"],
        ["--split"],
        ["--split="],
        ["-o"],
        ["detector:"],
        ["detector:/"],
        ["a:b"],
        ["c:\\films"],
        ["fps={0.__class__}"],
        ["--fps", "{0.__class__}"],
        ["fps=[1,2]"],
        ["x" * 200 + "=1"],
        ["x" * 5000 + "=1"],
        ["detector." + "x" * 300 + "=1"],
        ["x." * 3000 + "x=1"],
    ],
)
def test_hostile_words_are_answered_in_a_sentence(words):
    sentence = answer(words)
    assert "\n" not in sentence
    assert "<class" not in sentence


def test_a_list_with_other_signs_is_one_only_where_all_are_known():
    assert mistyped.listed("writer", "npy;qqq") is None
    assert mistyped.listed("sampler", "fps;all") is None
    assert not set(LISTS) - {"writer", "refine", "metric"}
