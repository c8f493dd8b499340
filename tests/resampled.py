"""A witness for exact rates: FFmpeg's own filter ``fps``, which PyAV has too, on frames that PyAV decodes."""

from __future__ import annotations

import hashlib
from fractions import Fraction

import av
from av.filter import Graph


def fingerprint(picture):
    """Return a hash of the pixels of a decoded picture as it is stored."""
    sha = hashlib.sha256()
    for plane in picture.planes:
        line = memoryview(plane)
        for row in range(plane.height):
            sha.update(line[row * plane.line_size : row * plane.line_size + plane.width])
    return sha.hexdigest()


def filtered(path, rate=60):
    """Return the hashes of the frames that ``-vf fps=RATE:round=down`` gives."""
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        graph = Graph()
        source = graph.add_buffer(template=stream, time_base=stream.time_base)
        step = graph.add("fps", f"fps={Fraction(rate)}:round=down")
        sink = graph.add("buffersink")
        source.link_to(step)
        step.link_to(sink)
        graph.configure()
        found, first = [], None
        for picture in [*film.decode(stream), None]:
            if picture is not None:
                # As ffmpeg shifts a film to begin at 0.
                first = picture.pts if first is None else first
                picture.pts -= first
            graph.push(picture)
            while True:
                try:
                    found.append(fingerprint(graph.pull()))
                except (av.BlockingIOError, av.EOFError, BlockingIOError, EOFError):
                    break
    return found


def ours(video):
    """Return the hashes of the frame behind each row of a ``Video``."""
    found = [fingerprint(shot.picture) for batch in video for shot in batch._shots]
    return [found[row] for row in video.rows]
