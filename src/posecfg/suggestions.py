"""Suggest the nearest known name for a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

# Names in other tools; the first of ours that is known in the context is suggested.
ALIASES: dict[str, tuple[str, ...]] = {
    "cache_dir": ("cache",),
    "use_cache": ("cache",),
    "no_cache": ("cache",),
    "threshold": ("bbox_thr", "score_thr"),
    "thresh": ("bbox_thr", "score_thr"),
    "thr": ("bbox_thr", "score_thr"),
    "score_thr": ("bbox_thr",),
    "conf": ("bbox_thr", "score_thr", "detection_confidence"),
    "confidence": ("bbox_thr", "score_thr", "detection_confidence"),
    "min_detection_confidence": ("detection_confidence", "detector.detection_confidence"),
    "min_tracking_confidence": ("tracking_confidence", "detector.tracking_confidence"),
    "model_complexity": ("complexity", "detector.complexity"),
    "smooth_landmarks": ("smooth", "detector.smooth"),
    "static_image_mode": ("static", "detector.static"),
    "keypoint_thr": ("kpt_thr",),
    "jobs": ("workers",),
    "n_jobs": ("workers",),
    "num_workers": ("workers",),
    "max_workers": ("workers",),
    "processes": ("workers",),
    "parallel": ("workers",),
    "model": ("detector",),
    "backend": ("detector",),
    "estimator": ("detector",),
    "gpu": ("device",),
    "cuda": ("device",),
    "fp16": ("precision", "device.precision"),
    "half": ("precision", "device.precision"),
    "threads": ("device.threads",),
    "num_threads": ("threads", "device.threads"),
    "batch_size": ("batch", "detector.batch"),
    "input": ("path", "dataset.path"),
    "inputs": ("path", "dataset.path"),
    "source": ("path", "dataset.path"),
    "folder": ("path", "dataset.path"),
    "root": ("path", "dataset.path"),
    "video_path": ("path", "dataset.path"),
    "videos": ("path", "dataset.path"),
    "film": ("path", "dataset.path"),
    "path": ("dataset.path",),
    "output": ("output_dir",),
    "out": ("output_dir",),
    "out_dir": ("output_dir",),
    "outdir": ("output_dir",),
    "save_dir": ("output_dir",),
    "result_dir": ("output_dir",),
    "force": ("redo", "overwrite"),
    "format": ("writer",),
    "formats": ("writer",),
    "fps": ("rate", "sampler.rate"),
    "frame_rate": ("rate", "sampler.rate"),
    "framerate": ("rate", "sampler.rate"),
    "frame_skip": ("every", "sampler.every"),
    "reduce_fps_to": ("sampler.rate",),
    "accept_video_fps_within": ("video.fps",),
    "remove_z": ("writer.npy.channels",),
    "add_visible": ("writer.npy.channels",),
    "coco_wholebody_idx": ("writer.npy.keypoints",),
    "csv_file": ("dataset.path",),
    "npy_dir": ("output_dir",),
    "video_dir": ("dataset.videos", "dataset.path"),
    "det_model_config": ("detector.boxes.model", "detector.model"),
    "det_model_checkpoint": ("detector.boxes.model", "detector.model"),
    "pose_model_config": ("detector.pose.model", "detector.model"),
    "pose_model_checkpoint": ("detector.pose.model", "detector.model"),
    "det_cat_id": ("detector.boxes.category", "category"),
    "skip": ("every", "sampler.every"),
    "step": ("every", "sampler.every"),
    "stride": ("every", "sampler.every"),
    "num_frames": ("count", "sampler.count"),
    "max_frames": ("count", "sampler.count"),
    "max_clips": ("limit",),
    "video_name": ("only",),
    "view": ("view", "dataset.views"),
    "views": ("view", "dataset.views"),
    "split": ("dataset.split",),
    "videoname": ("only",),
    "num_videos": ("limit",),
    "part": ("shard",),
    "chunk": ("shard",),
    "preset": ("experiment",),
    "config": ("experiment",),
    "lift": ("lifter",),
    "person": ("persons",),
    "people": ("persons",),
    "tracking": ("persons",),
    "tracker": ("persons",),
    "metrics": ("metric",),
    "seconds": ("video.end",),
    "duration": ("video.max_duration",),
    "weights": ("checkpoint",),
    "begin": ("start", "video.start"),
    "from": ("start", "video.start"),
    "stop": ("end", "video.end"),
    "until": ("end", "video.end"),
    "nan": ("missing",),
    "variant": ("model",),
    "output_format": ("writer",),
    "shards": ("shard",),
    "checkpoint": ("weights",),
}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``word`` most likely meant, or None."""
    options = {_plain(name): name for name in known}
    plain = _plain(word)
    if plain in options:
        return options[plain]
    prefix, dot, last = plain.rpartition(".")
    below = {name.rpartition(".")[2]: full for name, full in options.items() if name.rpartition(".")[0] == prefix}
    if dot and below:
        alias = next((below[other] for other in ALIASES.get(last, ()) if other in below), None)
        return alias or _close(last, below, 0.6)
    alias = next((options[other] for other in ALIASES.get(plain, ()) if other in options), None)
    level = {name: full for name, full in options.items() if name.count(".") == plain.count(".")}
    tails = {name.rpartition(".")[2]: full for name, full in reversed(options.items())}
    return alias or tails.get(plain) or _close(plain, level, 0.6) or _close(last, tails, 0.75)


def _plain(word: str) -> str:
    return word.lower().replace("-", "_")


def _close(word: str, options: dict[str, str], least: float) -> str | None:
    found: Sequence[str] = difflib.get_close_matches(word, options, n=1, cutoff=least)
    return options[found[0]] if found else None


def hint(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` or an empty string."""
    near = nearest(word, known)
    return f" Did you mean '{near}'?" if near else ""
