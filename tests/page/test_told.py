"""Sentences of a page name no folders of the machine that it was made on."""

import pytest

from posecfg.page.told import without_folders


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("its film is not at '/home/anna/films/a b.mp4' any more", "its film is not at 'a b.mp4' any more"),
        ("'/data/a.mp4' and '/data/b.mp4' differ", "'a.mp4' and 'b.mp4' differ"),
        ("'/home/anna/' is a folder", "'anna' is a folder"),
        ("Expected /home/anna/raw.h264 to hold a frame", "Expected raw.h264 to hold a frame"),
        ("[Errno 2] No such file: /mnt/x/y/z.npz", "[Errno 2] No such file: z.npz"),
        ("'S1/session/a.mp4' cannot be read", "'S1/session/a.mp4' cannot be read"),
        ("12 frames/s, 3/4 of them, https://example.org/a/b", "12 frames/s, 3/4 of them, https://example.org/a/b"),
        ("the person's leg/arm isn't there", "the person's leg/arm isn't there"),
    ],
)
def test_whole_paths_become_names(text, told):
    assert without_folders(text) == told
