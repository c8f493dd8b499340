"""The command lines that ``same_bytes.py`` runs: presets, detectors, policies, samplers, datasets and writers.

``{film}``, ``{people}``, ``{films}``, ``{signs}``, ``{takes}``, ``{table}`` and ``{stored}`` are places of inputs.
"""

from __future__ import annotations

ALL = "writer=[npy,npz,csv,json,openpose,overlay,preview] writer.overlay.text=false writer.preview.count=2"
DATA = "writer=[npy,npz,csv,json,openpose]"
FILM = "dataset=folder dataset.path={film} video.end=1"
PEOPLE = "dataset=folder dataset.path={people} video.end=1"
FILMS = "dataset=folder dataset.path={films} video.end=0.3"
SIGNS = "dataset=folder dataset.path={signs} video.end=0.6"
TAKES = "dataset.path={takes} video.end=0.5"
TABLE = "dataset.path={table} dataset.videos={signs}"
FIGURES = "dataset=synthetic dataset.clips=2 dataset.frames=20 detector=synthetic detector.noise=1 detector.miss=0.2"
TWO = f"{FIGURES} dataset.people=2 detector.people=2"
ONE = "detector/boxes=rtmdet_nano detector.boxes.most=1 bbox_thr=0.05"
SENTENCES = f"{TABLE} {ONE} workers=1 limit=2"
BLAZE, MOVENET, YOLOX = "blazepose_full", "movenet_lightning_int8", "yolox_nano"

# Name: (command line, weights that it needs).
CASES: dict[str, tuple[str, *tuple[str, ...]]] = {
    "preset_blazepose": (f"experiment=blazepose_totalcapture {TAKES} detector.complexity=1", BLAZE),
    "preset_movenet": (
        "experiment=movenet_overlay dataset.path={film} video.end=1 writer.overlay.text=false "
        "writer.overlay.path=out.mp4 writer.json.path=out.json",
        MOVENET,
    ),
    "preset_rtmpose3d": (f"experiment=rtmpose3d_youtube_asl {SENTENCES}", "rtmdet_nano", "rtmw3d_l"),
    "preset_rtmpose3d_legacy": (f"experiment=rtmpose3d_youtube_asl_legacy {SENTENCES}", "rtmdet_nano", "rtmw3d_l"),
    "demo": (f"dataset=demo {ALL}", BLAZE),
    "blazepose": (f"{FILM} {ALL}", BLAZE),
    "blazepose_lite": (f"{FILM} detector.complexity=0 detector.static=true", "blazepose_lite"),
    "blazepose_options": (f"{FILM} detector.max_side=480 detector.clock='true' detector.smooth=false", BLAZE),
    "movenet": (f"{FILM} detector=movenet {ALL}", MOVENET),
    "movenet_padded": (f"{FILM} detector=movenet detector.crop=padded {DATA}", MOVENET),
    "yolox": (f"{PEOPLE} detector=yolox persons=all {ALL}", YOLOX, MOVENET),
    "yolox_only": (f"{FILMS} detector=yolox persons=only {DATA}", YOLOX, MOVENET),
    "yolox_largest": (f"{FILMS} detector=yolox persons=largest detector.det_every=3 {DATA}", YOLOX, MOVENET),
    "rtmdet": (f"{FILM} detector=rtmdet {ONE} {ALL}", "rtmdet_nano", "rtmpose_m"),
    "rtmdet_all": (
        f"{PEOPLE} detector=rtmdet detector/boxes=rtmdet_nano detector.boxes.most=3 persons=all bbox_thr=0.05 {DATA}",
        *("rtmdet_nano", "rtmpose_m"),
    ),
    "synthetic": (f"{TWO} persons=all {ALL}",),
    "synthetic_xyz": (f"{FIGURES} detector.xyz=true detector.skeleton=blazepose33 metric=[pck] {DATA}",),
    **{f"persons_{name}": (f"{TWO} persons={name} {DATA}",) for name in ("best", "largest", "nearest", "only")},
    "persons_only_mixed": (f"{TWO} persons=only bbox_thr=0.7 {DATA}",),
    "stored": (f"{FILMS} detector=stored detector.path={{stored}} persons=all {ALL}",),
    "stored_filled": (f"{FILMS} detector=stored detector.path={{stored}} persons=largest refine=[fill] {DATA}",),
    "writer_options": (
        f"{FIGURES} writer.npy.normalise=true writer.npy.clip=true writer.npy.missing=zero writer.npy.mask=true "
        "writer.npy.dtype=float16 writer.csv.missing=empty writer.csv.keypoints=[nose,left_hip] "
        "writer.json.path=one/{{id}} "
        f"writer.openpose.frame=index writer.npz.compress=false kpt_thr=0.5 sampler=stride {DATA}",
    ),
    **{
        f"sampler_{name}": (f"{SIGNS} detector=synthetic detector.miss=0.3 sampler={words} refine=[fill] {ALL}",)
        for name, words in {
            "all": "all",
            "fps": "fps sampler.rate=7",
            "accumulator": "fps sampler.rate=7 sampler.mode=accumulator",
            "motion": "motion",
            "stride": "stride sampler.every=3",
            "uniform": "uniform sampler.count=5",
        }.items()
    },
    "motion_movenet": (
        f"{FILMS} detector=movenet detector.crop=padded sampler=motion refine=[fill] {DATA}",
        MOVENET,
    ),
    "folder": (f"{FILMS} detector=movenet video.min_duration=0.1 video.fps=[11,60] workers=2 {DATA}", MOVENET),
    "manifest": (f"dataset=manifest {TABLE} detector=synthetic {ALL}",),
    "totalcapture": (f"dataset=totalcapture {TAKES} detector=synthetic {DATA}",),
    "youtube_asl": (f"dataset=youtube_asl {TABLE} detector=movenet sampler=fps {DATA}", MOVENET),
    "youtube_asl_index": (f"dataset=youtube_asl {TABLE} dataset.segment=inclusive_index detector=synthetic {ALL}",),
}

# What detector=stored replays; OLD makes it once, for both.
STORE = f"{FILMS} detector=synthetic detector.people=2 detector.miss=0.2 persons=all writer=[npz]"
