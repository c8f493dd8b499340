"""Records of runs that never were."""

from posecfg.store import clip_record, record_files


def record(root, clip, *names):
    """Leave the record of a run that wrote ``names`` below ``root``."""
    file = {"bytes": 1, "mtime_ns": 1, "sha256": "0", "about": {}}
    data = {
        "schema": clip_record.SCHEMA,
        "id": clip,
        "token": "t",
        "status": "done",
        "reason": "",
        "identity": "i",
        "input": {"bytes": 1, "mtime_ns": 1, "sha256": "0"},
        "facts": {},
        "writers": {"overlay": {"identity": "w", "files": [{"name": name, **file} for name in names]}},
        "frames": 1,
        "seconds": 1.0,
        "attempt": 1,
        "at": 1.0,
    }
    place = record_files.place(root, "clips", clip)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(record_files.encode(data))
    assert record_files.read(place) is not None
