"""``only`` and ``redo`` take a file that lists ids of clips."""

import pytest
from whole_runs import SMALL, go, job_of, published

from posecfg.config.compose import compose
from posecfg.errors import ConfigError
from posecfg.review.plan import plan
from posecfg.runs.named_clips import again, only

IDS = [
    "a",
    "a*",
    "take [1], 'one'",
    '"q", <b>',
    "رقص 1",
    "ü" * 120,
    "S1/act 2",
    "#3",
    " blank ",
    "x\u2028y",
    "list.txt",
]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Type commands in an empty folder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def said(value, ids=IDS, knob=only):
    with pytest.raises(ConfigError) as caught:
        knob(value, ids)
    return str(caught.value)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("knob", [only, again])
def test_ids_are_taken_as_they_stand(here, knob, mark, end):
    text = end.join(["# marked", "", *IDS[1:10], "# a", IDS[1], ""])
    (here / "marked.txt").write_bytes((mark + text).encode())
    assert knob("marked.txt", IDS) == set(IDS[1:10])
    assert knob(["a", str(here / "marked.txt")], IDS) == set(IDS[:10])


def test_a_run_takes_the_list_as_it_is_typed(here, tmp_path):
    (here / "my marks (1).txt").write_text("synthetic_0002  \nsynthetic_0000")
    out, words = tmp_path / "out", "only=my marks (1).txt"
    assert plan(job_of(out, words))["to_do"] == 2
    assert list(go(out, words).todo) == ["synthetic_0000", "synthetic_0002"]
    assert set(published(out)) == {"synthetic_0000.npy", "synthetic_0002.npy"}
    assert go(out).done == 1
    assert list(go(out, words.replace("only", "redo")).todo) == ["synthetic_0000", "synthetic_0002"]


def test_a_clip_or_a_pattern_is_meant_before_a_file(here):
    (here / "list.txt").write_text("a")
    (here / "[a].txt").write_text("list.txt")
    assert only("list.txt", IDS) == {"list.txt"}
    assert only("[a].txt", ["a.txt", "list.txt"]) == {"a.txt"}
    assert only("[a].txt", IDS) == {"list.txt"}


def test_the_home_folder_may_be_meant(here, monkeypatch):
    monkeypatch.setenv("HOME", str(here))
    (here / "marked.txt").write_text("a")
    assert only("~/marked.txt", IDS) == {"a"}


@pytest.mark.parametrize("content", [b"", b"\n\r\n", b"\xef\xbb\xbf# none\n"])
def test_a_list_without_ids_is_refused(here, content):
    (here / "marked.txt").write_bytes(content)
    assert said("marked.txt") == "only: expected ids of clips in 'marked.txt', one a line, but it names none."


def test_ids_that_the_data_set_does_not_have_are_told_with_their_line(here):
    after = "which this data set does not have: take such lines out, or name the data set that the list was made of."
    (here / "marked.txt").write_text("a\n\nb*\n")
    assert said("marked.txt") == f"only: 'marked.txt' names 'b*' in line 3, {after}"
    (here / "marked.txt").write_text("c\na\n" + "d" * 1000)
    assert said("marked.txt", knob=again) == f"redo: 'marked.txt' names 2 clips (first 'c') in line 1, {after}"


def test_what_is_neither_a_clip_nor_a_file_is_told_with_the_nearest_list(here):
    (here / "marked.txt").write_text("a")
    (here / "folder.txt").mkdir()
    start = (
        "only: expected the id of a clip, a pattern such as 'S1/*' or a file with an id on each line, but no clip and "
    )
    assert said("maked.txt") == f"{start}no file is called 'maked.txt'. Did you mean only=marked.txt?"
    assert said("folder.txt", ["b"]) == f"{start}no file is called 'folder.txt'. Did you mean only=b?"
    assert said("no\0ne", ["b"]).startswith(start)
    assert said("x" * 5000, ["b"]).startswith(start)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\x89PNG\r\n\x1a\n", "UTF-8, one id a line, but 'marked.txt' is no text (byte 0)."),
        (b"a\n\0\1\2", "UTF-8, one id a line, but 'marked.txt' is no text (byte 2)."),
        ("a\n".encode("utf-16"), "UTF-8, but 'marked.txt' is UTF-16: save it as UTF-8."),
    ],
)
def test_what_is_no_text_is_refused(here, content, why):
    (here / "marked.txt").write_bytes(content)
    assert said("marked.txt") == f"only: expected a list of clips in {why}"


def test_a_file_of_gigabytes_is_not_read(here):
    with (here / "marked.txt").open("wb") as file:
        file.truncate(2_000_000_000)
    assert said("marked.txt").endswith("of at most 256 MB, one id a line, but 'marked.txt' has 2.0 GB.")


def test_of_a_data_set_without_this_key_the_knob_is_told():
    with pytest.raises(ConfigError, match=r"the run itself does: type only=\.\.\. in place of dataset\.only=\.\.\.$"):
        compose(["dataset=synthetic", *SMALL, "detector=synthetic", "dataset.only=marked.txt"])
