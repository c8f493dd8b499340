"""Films that were joined of several recordings: a clip's record says where time or size do not go on."""

import pytest
from films import write
from whole_runs import go, sidecar_of

SMALL, LARGE = (96, 64), (192, 128)
RESTART = "its clock is set back 1 time, as where recordings were joined: times go on there by one frame"
RESIZED = "its pictures change their size 1 time: all are scaled to that of the first"


def joined(tmp_path, *parts):
    """Join transport streams: each is the size of its pictures and the time stamp of its first one."""
    (tmp_path / "films").mkdir()
    films = [write(tmp_path / f"{n}.ts", range(20), size=size, offset=at) for n, (size, at) in enumerate(parts)]
    (tmp_path / "films" / "a.ts").write_bytes(b"".join(film.read_bytes() for film in films))
    return "dataset=folder", f"dataset.path={tmp_path / 'films'}"


@pytest.mark.parametrize(
    ("parts", "notes", "warning"),
    [
        ([(SMALL, 0)], {}, None),
        ([(SMALL, 0), (SMALL, 1)], {}, None),
        ([(SMALL, 2), (SMALL, 0)], {"clock_restarts": 1}, RESTART),
        ([(SMALL, 0), (LARGE, 1)], {"size_changes": 1}, RESIZED),
        ([(SMALL, 2), (LARGE, 0)], {"clock_restarts": 1, "size_changes": 1}, f"{RESTART}; {RESIZED}"),
    ],
)
def test_a_clip_of_joined_recordings_says_so(tmp_path, parts, notes, warning):
    report = go(tmp_path / "out", *joined(tmp_path, *parts))
    assert report.warned.get("a") == warning
    found = sidecar_of(tmp_path / "out", "a")["notes"]
    assert {name: found[name] for name in ("clock_restarts", "size_changes") if name in found} == notes
