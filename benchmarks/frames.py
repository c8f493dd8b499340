"""How fast writer=frames writes pictures, beside ffmpeg -vf fps=60 -q:v 2 on the same film, and how near to it.

    python benchmarks/frames.py [--film FILM] [--frames 600] [--rounds 3] [--ffmpeg FFMPEG]

Without a film, one of 1080p at 60 frames/s and about 10 Mbit/s is made of moving noise. Both take turns, each as a
process of its own from start to end, on all cores that this process may use. Prints seconds of wall clock and of
processors for each (medians), their ratios, the size of the pictures, and how near their brightness is to that of the
film (PSNR over the first pictures, each against the film in its own range).
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SIZE, FPS, COMPARED = (1920, 1080), 60, 20


def film(path: Path, frames: int) -> Path:
    """Make a film of soft shapes and fine noise that move."""
    dice = np.random.default_rng(0)
    soft = dice.uniform(30, 220, (SIZE[1] // 60, SIZE[0] // 40, 3)).repeat(60, axis=0).repeat(60, axis=1)
    picture = np.clip(soft + dice.normal(0, 6, soft.shape), 0, 255).astype(np.uint8)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "b": "10M"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(frames):
            left = 2 * number % (picture.shape[1] - SIZE[0])
            part = np.ascontiguousarray(picture[: SIZE[1], left : left + SIZE[0]])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(part)))
        out.mux(stream.encode(None))
    return path


def spent(command: list[str]) -> tuple[float, float]:
    """Run a command; return its seconds of wall clock and of processors."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, used


def nearness(source: Path, pictures: list[Path]) -> float:
    """Return the mean PSNR (dB) of the brightness of pictures against the film's, scaled to the full range."""
    found = []
    with av.open(str(source)) as one:
        for frame, path in zip(one.decode(video=0), pictures, strict=False):
            with av.open(str(path)) as other:
                got = next(other.decode(video=0)).to_ndarray(format="yuvj420p")[: frame.height].astype(float)
            luma = frame.to_ndarray(format="yuv420p")[: frame.height].astype(float)
            # A line through both: readers of JPEG take the full range and the older matrix.
            slope, base = np.polyfit(luma.ravel()[::97], got.ravel()[::97], 1)
            found.append(10 * np.log10(255**2 / np.mean((got - slope * luma - base) ** 2)))
    return float(np.mean(found))


def main() -> None:
    """Let both write the same film in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", type=Path)
    parser.add_argument("--frames", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ffmpeg", default=shutil.which("ffmpeg"))
    asked = parser.parse_args()
    if asked.ffmpeg is None:
        sys.exit("There is no ffmpeg on the PATH: name one with --ffmpeg.")
    with tempfile.TemporaryDirectory(prefix="posecfg-frames-", dir=ROOT.parent) as name:
        folder = Path(name)
        source = (asked.film or film(folder / "film.mp4", asked.frames)).resolve()
        theirs, ours = folder / "ffmpeg", folder / "posecfg"
        commands = {
            "ffmpeg": f"{asked.ffmpeg} -v error -i FILM -vf fps={FPS} -q:v 2 {theirs}/%06d.jpg",
            "posecfg": f"{sys.executable} {ROOT}/run.py dataset=folder dataset.path=FILM sampler=fps "
            f"sampler.rate={FPS} detector=synthetic writer=[frames] output_dir={ours}",
        }
        times: dict[str, list[tuple[float, float]]] = {who: [] for who in commands}
        for _ in range(asked.rounds):
            for who, command in commands.items():
                shutil.rmtree(folder / who, ignore_errors=True)
                theirs.mkdir(exist_ok=True)
                times[who].append(spent([word.replace("FILM", str(source)) for word in command.split()]))
        print(f"{len(os.sched_getaffinity(0))} cores, {source.name}")
        medians = {}
        for who in commands:
            wall, used = medians[who] = tuple(statistics.median(one) for one in zip(*times[who], strict=True))
            pictures = sorted((folder / who).rglob("*.jpg"))
            size = sum(path.stat().st_size for path in pictures) / len(pictures)
            print(
                f"{who:8} {len(pictures)} pictures of {size / 1000:.0f} kB, {wall:.2f} s wall "
                f"({len(pictures) / wall:.0f} a second), {used:.2f} s of processors, "
                f"{nearness(source, pictures[:COMPARED]):.2f} dB"
            )
        wall, used = (medians["ffmpeg"][i] / medians["posecfg"][i] for i in (0, 1))
        print(f"posecfg is {wall:.2f} times as quick by the clock, and takes 1/{used:.2f} of the processors' time")


if __name__ == "__main__":
    main()
