"""BlazePose over 1080p60 films: posecfg with two workers beside the plain script, in one run.

    pip install -e '.[blazepose,bench]' && pip install --no-deps mediapipe==0.10.21
    python benchmarks/blazepose.py FILM... [--seconds 50] [--rounds 3]

Script and posecfg take turns, as the speed of a machine drifts; each turn is a whole program, start-up included. Prints
frames/s of both, the ratio of each round and of all together, the steady rate, and the limit: the cores divided by the
CPU seconds that decoding and the model need for a frame, measured between the turns with one thread on each core. Then
it compares the arrays with those of a plain MediaPipe loop over the same frames.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from turns import WORKERS, options, python, turns

PLAIN = """
import sys, cv2, numpy as np, mediapipe as mp
for path in sys.argv[2:]:
    rows, film = [], cv2.VideoCapture(path)
    with mp.solutions.pose.Pose(model_complexity=1) as pose:
        while True:
            ok, image = film.read()
            if not ok:
                break
            found = pose.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)).pose_world_landmarks
            rows.append([[p.x, p.y, p.z, p.visibility] for p in found.landmark] if found else np.zeros((33, 4)))
    np.save(sys.argv[1] + "/" + path.rsplit("/", 1)[1] + ".npy", np.array(rows, np.float32))
"""

COST = """
import sys, time, av, json, mediapipe as mp
decode = model = 0.0
frames = 0
for path in sys.argv[1:]:
    with av.open(path) as film, mp.solutions.pose.Pose(model_complexity=1) as pose:
        film.streams.video[0].thread_type, film.streams.video[0].codec_context.thread_count = "SLICE", 1
        clock, images = time.process_time(), []
        for frame in film.decode(video=0):
            image = frame.to_ndarray(format="rgb24")
            decode += time.process_time() - clock
            clock = time.process_time()
            pose.process(image)
            model += time.process_time() - clock
            clock = time.process_time()
            frames += 1
print(json.dumps({"decode": decode / frames, "model": model / frames}))
"""

SAME = """
import sys, av, numpy as np, mediapipe as mp
worst = 0.0
for path, ours in zip(sys.argv[1::2], sys.argv[2::2]):
    rows = []
    with av.open(path) as film, mp.solutions.pose.Pose(model_complexity=1) as pose:
        for frame in film.decode(video=0):
            image = np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), (frame.rotation // 90) % 4))
            found = pose.process(image).pose_world_landmarks
            rows.append([[p.x, p.y, p.z, p.visibility] for p in found.landmark] if found else np.zeros((33, 4)))
    plain, mine = np.array(rows, np.float32), np.load(ours)
    same = plain.shape == mine.shape and np.array_equal(plain, mine)
    print(f"  {path.rsplit('/', 1)[1]}: {len(mine)} frames, {'equal' if same else 'DIFFERENT'}")
"""


def ours(films: Path, out: Path) -> list[str]:
    settings = ["writer.npy.channels=[x,y,z,visibility]", "writer.npy.missing=zero", "persons.follow=false"]
    settings += ["bbox_thr=0.5", f"workers={WORKERS}", f"output_dir={out}"]
    return [sys.executable, "run.py", str(films), *settings]


def main() -> None:
    with turns(
        options(__doc__),
        lambda folder, films: python(PLAIN, str(folder), *map(str, films)),
        ours,
        lambda films: python(COST, *map(str, films)),
    ) as (films, results):
        pairs = [word for film in films for word in (str(film), str(results / f"{film.stem}_000.npy"))]
        print("compared with a plain MediaPipe loop over the same frames:")
        print(subprocess.run(python(SAME, *pairs), capture_output=True, text=True, check=True).stdout, end="")


if __name__ == "__main__":
    main()
