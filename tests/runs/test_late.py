"""Clips that reach beyond the end of their film."""

import films
import pytest
from whole_runs import go, sidecar_of

from posecfg.review.verify import verify


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a film of 3 s at 10 fps."""
    where = tmp_path_factory.mktemp("late")
    films.write(where / "a.mp4", range(30), fps=10)
    return where


def warned(folder, out, start, end, *words, name="a"):
    table = folder / "segments.csv"
    table.write_text(f"SENTENCE_NAME\tVIDEO_NAME\tSTART\tEND\ns\t{name}\t{start}\t{end}\n")
    report = go(out, "dataset=manifest", f"dataset.path={table}", *words)
    assert report.done == 1, report.failed
    return report.warned.get("s", "")


@pytest.mark.parametrize("sampler", ["sampler=all", "sampler=fps", "sampler=stride"])
@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [(0, 4.3, "1.3"), (2, 4.3, "1.3"), (2.5, 3.25, "0.25"), (0, 3.1, ""), (1, 3, ""), (1, 2.95, ""), (1, 2, "")],
)
def test_more_than_a_missing_frame_is_said(folder, tmp_path, sampler, start, end, seconds):
    found = warned(folder, tmp_path, start, end, sampler)
    assert found == (f"ends {seconds} s after the film" if seconds else "")


def test_it_is_in_the_record_and_a_note_of_verify(folder, tmp_path):
    warned(folder, tmp_path, 2, 4.3)
    assert sidecar_of(tmp_path, "s")["warnings"] == ["ends 1.3 s after the film"]
    assert verify([str(tmp_path)])["notes"] == ["s: ends 1.3 s after the film"]


def test_counted_frames_are_said_too(folder, tmp_path):
    assert warned(folder, tmp_path / "a", 2, 4.3, "dataset.segment=inclusive_index") == "ends 1.3 s after the film"
    assert warned(folder, tmp_path / "b", 2, 3, "dataset.segment=inclusive_index") == ""


def test_an_earlier_end_of_what_is_looked_at_counts(folder, tmp_path):
    assert warned(folder, tmp_path, 0, 4.3, "video.end=2.5") == ""


def test_what_the_container_says_is_not_believed_where_frames_tell(folder, tmp_path):
    """A film whose sound lasts longer than its pictures."""
    from fractions import Fraction

    import av
    import numpy as np

    path = folder / "sound.mkv"
    with av.open(str(path), "w") as out:
        film, sound = out.add_stream("mpeg4", rate=10), out.add_stream("aac", rate=8000)
        film.width, film.height, film.pix_fmt = 96, 64, "yuv420p"
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(films.picture(number), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            out.mux(film.encode(frame))
        out.mux(film.encode(None))
        for block in range(50):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 8000, block * 800, Fraction(1, 8000)
            out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    assert warned(folder, tmp_path / "a", 2, 4.3, name="sound") == "ends 1.3 s after the film"
    assert warned(folder, tmp_path / "b", 1, 2, name="sound") == ""
