"""A small AIST++ made of any films: nine views of each, with annotations in the published formats.

    python tools/aist_tree.py OUT film1.mp4 film2.mp4 film3.mp4 ... [--frames 60] [--models FOLDER] [--missing 2]

Each film becomes a sequence; at least three are needed, of which the last but one is on ignore_list.txt and the last
one is damaged: its films end in mid-stream. View cNN is the film at exactly 60 frames/s, its left 8 * NN px cut off.
keypoints2d are MoveNet's of every view (as those of AIST++ are a detector's); keypoints3d and the cameras are made of
BlazePose's points of c01. The first half of the sequences is the split pose_train, the rest pose_val. ``--missing``
leaves that many films out, for `posecfg download`: they lie in OUT/../served instead. Four films of 40 frames take a
minute or more.
"""

from __future__ import annotations

import argparse
import json
import pickle
import shutil
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

import posecfg

NAMES = (
    "gBR_sBM_cAll_d04_mBR1_ch01",
    "gHO_sFM_cAll_d20_mHO5_ch13",
    "gLO_sBM_cAll_d13_mLO2_ch02",
    "gMH_sBM_cAll_d24_mMH3_ch04",
    "gWA_sFM_cAll_d26_mWA4_ch11",
    "gKR_sBM_cAll_d28_mKR0_ch06",
)
VIEWS = [f"c0{number}" for number in range(1, 10)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="a folder that is made")
    parser.add_argument("films", nargs="+", help="at least three")
    parser.add_argument("--frames", type=int, default=60, help="of each film (60)")
    parser.add_argument("--models", help="the folder of MoveNet's weights")
    parser.add_argument("--missing", type=int, default=0, help="films that are left out (0)")
    asked = parser.parse_args()
    if not 3 <= len(asked.films) <= len(NAMES) or asked.out.exists():
        parser.error(f"expected a new folder and 3 to {len(NAMES)} films, but got {asked.out} and {len(asked.films)}")
    names = NAMES[: len(asked.films)]
    for folder in ("keypoints2d", "keypoints3d", "motions", "cameras", "splits", "videos"):
        (asked.out / folder).mkdir(parents=True)
    for name, film in zip(names, asked.films, strict=True):
        sequence(asked.out, name, film, asked.frames, asked.models)
        print(name, "of", film)
    for view in VIEWS:
        cut(asked.out / "videos" / f"{names[-1].replace('cAll', view)}.mp4")
    half = len(names) // 2
    for split, chosen in (("pose_train", names[:half]), ("pose_val", names[half:])):
        (asked.out / "splits" / f"{split}.txt").write_text("\n".join(chosen))
    (asked.out / "ignore_list.txt").write_text(f"{names[-2]} \n\n")
    (asked.out / "cameras" / "mapping.txt").write_text("".join(f"{name} setting1\n" for name in names))
    if asked.missing:
        served = asked.out.parent / "served"
        served.mkdir()
        for film in sorted((asked.out / "videos").iterdir())[: asked.missing]:
            shutil.move(film, served / film.name)


def sequence(out: Path, name: str, film: str, frames: int, models: str | None) -> None:
    """Write the nine films of a sequence and its annotations."""
    pictures = []
    with av.open(film) as opened:
        for _, frame in zip(range(frames), opened.decode(video=0), strict=False):
            pictures.append(frame.to_ndarray(format="rgb24"))
    points = np.full((9, len(pictures), 17, 3), np.nan, np.float32)
    scores = np.zeros((9, len(pictures)), np.float32)
    for view, camera in enumerate(VIEWS):
        made = out / "videos" / f"{name.replace('cAll', camera)}.mp4"
        encode(made, [picture[:, 8 * (view + 1) :] for picture in pictures])
        options = {"models.dir": models} if models else {}
        (track,) = posecfg.extract(made, detector="movenet", **options).tracks
        there = track.valid
        points[view, there] = np.concatenate([track.xy, track.scores[..., None]], axis=2)[there]
        scores[view, there] = track.scores[there].mean(axis=1)
    times = np.arange(len(pictures)) * 1000 // 60
    whole = {"keypoints2d": points, "det_scores": scores, "timestamps": times}
    (out / "keypoints2d" / f"{name}.pkl").write_bytes(pickle.dumps(whole))
    world = space(out / "videos" / f"{name.replace('cAll', 'c01')}.mp4", len(pictures))
    height, width = pictures[0].shape[:2]
    cameras = [camera_of(view, width - 8 * (view + 1), height) for view in range(9)]
    (out / "cameras" / "setting1.json").write_text(json.dumps(cameras))
    whole = {"keypoints3d": world + 1.0, "keypoints3d_optim": world}
    (out / "keypoints3d" / f"{name}.pkl").write_bytes(pickle.dumps(whole))
    motion = {"smpl_poses": np.zeros((len(pictures), 72)), "smpl_scaling": np.ones(1), "smpl_trans": world[:, 0]}
    (out / "motions" / f"{name}.pkl").write_bytes(pickle.dumps(motion))


def encode(path: Path, pictures: list[np.ndarray]) -> None:
    with av.open(str(path), "w") as made:
        stream = made.add_stream("libx264", rate=60, options={"crf": "20", "preset": "veryfast"})
        stream.height, stream.width = (side // 2 * 2 for side in pictures[0].shape[:2])
        stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, 60)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[: stream.height, : stream.width]), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 60)
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))


def space(film: Path, frames: int) -> np.ndarray:
    """Return centimetres in the world, y up, of what BlazePose sees; the camera c01 looks along z, 3 m away."""
    extracted = posecfg.extract(film, detector="blazepose")
    from posecfg.skeletons import load

    names = load("coco17").keypoints
    found = np.full((frames, 17, 3), np.nan)
    for track in extracted.tracks:
        columns = [track.skeleton.index[name] for name in names]
        found[track.valid] = track.xyz[track.valid][:, columns] * 100.0 * (1, -1, -1)
    return found


def camera_of(view: int, width: int, height: int) -> dict[str, object]:
    """Return a camera on a circle around the dancer; x to the right, y down, z ahead, of a world with y up."""
    angle = 2 * np.pi * view / 9
    turned = np.array([[np.cos(angle), 0, -np.sin(angle)], [0, 1, 0], [np.sin(angle), 0, np.cos(angle)]])
    rotation = np.diag([1.0, -1, -1]) @ turned
    # Half a turn around an axis: its vector is that axis, times pi.
    values, vectors = np.linalg.eig(rotation)
    axis = np.real(vectors[:, np.argmin(np.abs(values - 1))])
    return {
        "name": VIEWS[view],
        "size": [width // 2 * 2, height // 2 * 2],
        "matrix": [[float(height), 0, width / 2], [0, float(height), height / 2], [0, 0, 1]],
        "rotation": (axis / np.linalg.norm(axis) * np.pi).tolist(),
        "translation": [0.0, 0.0, 300.0],
        "distortions": [0.0] * 5,
    }


def cut(film: Path) -> None:
    """End a film in mid-stream."""
    with tempfile.TemporaryDirectory() as name:
        moved = Path(name) / "film.mp4"
        with (
            av.open(str(film)) as whole,
            av.open(str(moved), "w", options={"movflags": "frag_keyframe+empty_moov"}) as made,
        ):
            stream = made.add_stream_from_template(whole.streams.video[0])
            for packet in whole.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    made.mux(packet)
        data = moved.read_bytes()
        film.write_bytes(data[: len(data) * 3 // 5])


if __name__ == "__main__":
    main()
