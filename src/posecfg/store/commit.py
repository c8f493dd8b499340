"""The order of events that makes a clip done: files aside, intent, moves, record, removals, intent removed.

A kill between any two steps leaves either the old state or an intent, which the next start undoes, or finishes once the
record is there. Before each step, what the one before it wrote is on the disk.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from posecfg.layout import HOME
from posecfg.store import file_lists, lease, real_files, record_files, sync
from posecfg.store.absence import cannot_read, is_absence, matching, status
from posecfg.store.clip_record import ClipRecord
from posecfg.store.file_record import FileRecord, is_inside
from posecfg.store.inputs import Inputs
from posecfg.store.replacing import Content, cannot_write, is_as_recorded, remove_recorded, set_aside
from posecfg.store.staging import Staging, replace_bytes


def commit(
    root: Path,
    part: str,
    record: ClipRecord,
    stagings: Mapping[str, Staging],
    scratch: Path,
    stale: Mapping[str, Content] | None = None,
    inputs: Inputs | None = None,
    altered: list[str] | None = None,
    held: str = "",
) -> ClipRecord:
    """Publish the staged files of each writer and write the clip's record, which is returned as it was written.

    The names under which files are kept that were edited since are added to ``altered``, also where this fails.
    ``record`` lacks its token and the files of the writers in ``stagings``. ``stale`` are files of an earlier result of
    this clip that the new one no longer has; those that are not as recorded are kept under another name. ``held`` is
    the token of the run's lease, without which nothing is published.
    """
    lease.require(root, part, held)
    token, reads = secrets.token_hex(8), inputs or Inputs()
    new = [file for staging in stagings.values() for file in staging.written]
    made = {file.name for file in new}
    old = {name: content for name, content in (stale or {}).items() if name not in made}
    intent = record_files.place(root, f"intents{part}", record.id)
    lists = {place: data for one in stagings.values() for place, data in _lists(root, record.id, one).items()}
    dropped = file_lists.places(root, record_files.read_clip(root, record.id)) - file_lists.places(root, record)
    dropped -= lists.keys()
    if new or old or dropped:
        files = [{"name": f.name, "mtime_ns": f.mtime_ns, "bytes": f.bytes, "sha256": f.sha256} for f in new]
        gone = [{"name": name, "bytes": size, "sha256": sha} for name, (size, sha) in old.items()]
        note = {"id": record.id, "token": token, "files": files, "stale": gone}
        note |= {"lists": [place.name for place in lists], "stale_lists": [place.name for place in dropped]}
        _begin(root, intent, record_files.encode(note), [file.temporary for file in new])
    # The record that is replaced needs its own lists until then.
    changed = {folder: None for place, data in lists.items() for folder in replace_bytes(place, data, scratch)}
    names = [] if altered is None else altered
    try:
        published = {name: staging.publish() for name, staging in stagings.items()}
    finally:
        names += [kept for staging in stagings.values() for kept in staging.altered.values()]
    for name, content in old.items():
        if not is_as_recorded(root / name, [content]):
            set_aside(root, name, reads, names)
    writers = {
        name: replace(writer, files=file_lists.fold(published[name])) if name in published else writer
        for name, writer in record.writers.items()
    }
    record = replace(record, writers=writers, token=token)
    changed |= {folder: None for staging in stagings.values() for folder in staging.changed}
    place = record_files.place(root, "clips", record.id)
    lease.require(root, part, held)
    folders = replace_bytes(place, record_files.encode(record.to_json()), scratch, list(changed))
    if new or old or dropped:
        _end(root, intent, old, dropped, reads, folders)
    return record


def _lists(root: Path, clip_id: str, staging: Staging) -> dict[Path, bytes]:
    """Return the lists of a writer's files that are still aside."""
    files = (FileRecord(one.name, one.bytes, one.sha256, one.mtime_ns, one.about) for one in staging.written)
    return file_lists.lists(root, clip_id, files)


def _begin(root: Path, intent: Path, data: bytes, files: list[Path]) -> None:
    """Write an intent; it, and the files that it is about, are on the disk then."""
    try:
        real_files.require_folders(intent)
        folders = sync.make_folder(intent.parent)
        # Half of one is none: nothing was moved then.
        real_files.write_bytes(intent, data)
        sync.flush([*files, intent, *folders])
    except OSError as error:
        raise cannot_write(root, error) from error


def _end(
    root: Path, intent: Path, stale: Mapping[str, Content], lists: Set[Path], inputs: Inputs, folders: list[Path]
) -> None:
    """Remove stale files and ``lists``, and the intent, once the record is on the disk."""
    try:
        sync.flush(folders)
        _remove(root, stale, inputs)
        _unlink(lists)
        real_files.unlink(intent)
    except OSError as error:
        raise cannot_write(root, error) from error


def _remove(root: Path, files: Mapping[str, Content], inputs: Inputs) -> None:
    """Remove files that are as recorded; that they are gone is on the disk then."""
    gone = [name for name, content in files.items() if remove_recorded(root, name, content, inputs)]
    if gone:
        sync.flush(list({(root / name).parent: None for name in gone}))


def _unlink(lists: Set[Path]) -> None:
    """Remove lists of files that no record needs; that they are gone is on the disk then."""
    gone = [place for place in lists if status(place) is not None]
    for place in gone:
        real_files.unlink(place)
    if gone:
        sync.flush([gone[0].parent])


def undo(root: Path, intent: Path, inputs: Inputs | None = None, altered: list[str] | None = None) -> bool:
    """Remove what an unfinished commit published, or the stale files of a finished one, and its intent.

    Returned is whether a commit was undone. What the clip's record vouches for is left as it is; a file that was edited
    since is kept under another name, which is added to ``altered``. What the commit left aside must still be there.
    """
    reads = inputs or Inputs()
    try:
        note = json.loads(real_files.read_bytes(intent))
        clip_id, token, files = str(note["id"]), str(note["token"]), [_entry(file) for file in note["files"]]
        stale = {file["name"]: (file["bytes"], file["sha256"]) for file in map(_entry, note.get("stale", ()))}
        lists, dropped = ({_place(root, name) for name in note.get(key, ())} for key in ("lists", "stale_lists"))
        done = record_files.read_clip(root, clip_id)
    except OSError as error:
        # A machine that fails for a moment must not cost the only note of what is half done.
        if is_absence(error):
            return False
        raise cannot_read(intent, error) from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        real_files.unlink(intent)
        return False
    vouched = file_lists.contents(root, done) if done is not None else {}
    needed = file_lists.places(root, done)
    if done is not None and done.token == token:
        _remove(root, {name: content for name, content in stale.items() if name not in vouched}, reads)
        _unlink(dropped - needed)
        real_files.unlink(intent)
        return False
    part = intent.relative_to(root / HOME).parts[0].removeprefix("intents")
    aside = matching(root / HOME / f"tmp{part}", f"{record_files.digest_name(clip_id)}*")
    for file in files:
        name = file["name"]
        if (vouched.get(name) or ("", ""))[1] == file["sha256"]:
            continue
        size = file["bytes"] if file["bytes"] is not None else _size(root / name)
        gone = remove_recorded(root, name, (size, file["sha256"]), reads)
        if not gone and name not in vouched and _was_published(root / name, aside):
            set_aside(root, name, reads, altered)
    with suppress(OSError):
        sync.flush(list({folder: None for file in files if (folder := (root / file["name"]).parent).is_dir()}))
    _unlink(lists - needed)
    real_files.unlink(intent)
    return True


def _place(root: Path, name: Any) -> Path:
    """Check the name of a list in an intent."""
    if not isinstance(name, str) or not file_lists.NAME.fullmatch(name):
        raise ValueError("no list of ours")
    return root / HOME / file_lists.FILES / name


def _entry(file: Mapping[str, Any]) -> dict[str, Any]:
    """Check one file of an intent; a name that leads outside counts as damage."""
    name, sha, numbers = file["name"], file["sha256"], [file.get(key) for key in ("bytes", "mtime_ns")]
    if not isinstance(name, str) or not is_inside(name) or not isinstance(sha, str):
        raise ValueError("no file of ours")
    if any(number is not None and type(number) is not int for number in numbers):
        raise TypeError("no number")
    return {"name": name, "sha256": sha, "bytes": numbers[0]}


def _size(path: Path) -> int:
    seen = status(path)
    return -1 if seen is None else seen.st_size


def _was_published(path: Path, aside: Sequence[Path]) -> bool:
    """Tell whether the file at an output name was edited since it was published.

    It then still has its first name too, among the files that the commit left ``aside``. Without that, nothing tells
    that posecfg wrote it, and it stays.
    """
    seen = status(path)
    files = (file for folder in aside for file in folder.rglob("*.part")) if seen else ()
    first = [found for file in files if (found := status(file)) is not None]
    return seen is not None and any(os.path.samestat(seen, one) for one in first)
