import csv
from dataclasses import asdict

import pytest

from posecfg.datasets.manifest import Manifest
from posecfg.datasets.youtube_asl import YoutubeAsl
from posecfg.errors import ConfigError

HEADER = ["VIDEO_NAME", "SENTENCE_NAME", "START_REALIGNED", "END_REALIGNED", "SENTENCE"]
ROWS = [
    ["-a_bcdefghi", "-a_bcdefghi-000", 0.0, 2.5, "Hello."],
    ["-a_bcdefghi", "-a_bcdefghi-001", 2.5, 2.6, "Um"],
    ["-a_bcdefghi", "-a_bcdefghi-002", 3.0, 63.5, "A long story"],
    ["_zzzzzzzzzz", "_zzzzzzzzzz-000", 1.0, 2.0, "Gone"],
]


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Lay films and a manifest as the original scripts do: appended to twice, all of it in quotes."""
    monkeypatch.chdir(tmp_path)
    for folder in ("assets", "dataset/origin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "dataset/origin/-a_bcdefghi.mp4").touch()
    with (tmp_path / "assets/youtube_asl.csv").open("w", newline="") as stream:
        csv.writer(stream, delimiter="\t", quoting=csv.QUOTE_ALL).writerows([HEADER, *ROWS, *ROWS[:1]])


def test_the_published_layout_needs_no_options(published):
    listing = YoutubeAsl().scan()
    (clip,) = listing.clips
    assert (clip.id, str(clip.path), clip.start, clip.end) == (
        "-a_bcdefghi-000",
        "dataset/origin/-a_bcdefghi.mp4",
        0.0,
        2.5,
    )
    assert [(item.name, item.reason) for item in listing.excluded] == [
        ("line 6: -a_bcdefghi-000", "the same as an earlier line"),
        ("line 3: -a_bcdefghi-001", "too short (<0.2 s)"),
        ("line 4: -a_bcdefghi-002", "too long (>60 s)"),
        ("line 5: _zzzzzzzzzz-000", "video not found"),
    ]


def test_it_is_a_manifest_with_the_usual_limits(published):
    same = Manifest("assets/youtube_asl.csv", "dataset/origin", min_duration=0.2, max_duration=60.0)
    assert [asdict(clip) for clip in YoutubeAsl().scan().clips] == [asdict(clip) for clip in same.scan().clips]
    assert len(YoutubeAsl(min_duration=None, max_duration=None).scan().clips) == 3
    assert YoutubeAsl(segment="inclusive_index").scan().clips[0].counted
    assert [clip.end for clip in YoutubeAsl(only="-a_bcdefghi-000").scan().clips] == [2.5]


def test_it_says_what_is_missing_where_it_is_not_laid_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"got 'assets/youtube_asl\.csv': the current folder holds no 'assets'"):
        YoutubeAsl().scan()


def test_columns_with_other_names_can_be_named(published, tmp_path):
    table = tmp_path / "assets/youtube_asl.csv"
    table.write_text(table.read_text().replace("VIDEO_NAME", "FILE").replace("START_REALIGNED", "FROM"))
    with pytest.raises(ConfigError, match=r"dataset\.video_column=NAME"):
        YoutubeAsl().scan()
    named = YoutubeAsl(video_column="FILE", start_column="FROM", end_column="END_REALIGNED")
    assert [clip.id for clip in named.scan().clips] == ["-a_bcdefghi-000"]
