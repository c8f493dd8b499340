"""A file that only names other files is no film: what it names would be neither hashed nor bounded."""

from __future__ import annotations

import os

import films
import pytest

from posecfg.errors import Unreadable
from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.video import Video

LISTS = {
    "ffconcat": "ffconcat version 1.0\nfile one.mp4\n",
    "hls": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:1,\none.ts\n#EXT-X-ENDLIST\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>\n',
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("name", ["list.mp4", "list.m3u8"])
def test_a_list_of_files_is_refused_in_words(tmp_path, text, name):
    films.write(tmp_path / "one.mp4", [7])
    films.write(tmp_path / "one.ts", [7])
    (tmp_path / name).write_text(text)
    with pytest.raises(Unreadable, match=r"but it is a list of other files: give these instead\."):
        list(Video(Clip("list", tmp_path / name), All()))


def test_a_list_that_names_a_pipe_does_not_wait_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.mkv")
    (tmp_path / "list.mp4").write_text("ffconcat version 1.0\nfile pipe.mkv\n")
    with pytest.raises(Unreadable, match="list of other files"):
        list(Video(Clip("list", tmp_path / "list.mp4"), All()))
