"""Download weights over https to a temporary file, which gets its own name only when the hash is right."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from posecfg import process
from posecfg.errors import WeightsError
from posecfg.models import files, registry
from posecfg.models.archive import limit, take_out
from posecfg.models.hashing import Damaged, written
from posecfg.models.slow_server import Patience, handlers
from posecfg.models.trust import refuses, wanted

TRIES = 3
_LIMIT = 4 << 30
# Digits of a number of bytes; one of more is none.
_DIGITS = 18
OPENING = WINDOW = 60.0
_PASSING = (408, 425, 429)


def fetch(
    entry: registry.Entry,
    *,
    pause: float = 1.0,
    timeout: float = 30.0,
    opening: float = OPENING,
    window: float = WINDOW,
    local: bool = False,
) -> Path:
    """Download ``entry`` into the cache folder, trying its addresses in turn, and return its path.

    ``local`` also allows this machine's own http server (tests). Seconds between rounds double from ``pause``.
    ``timeout`` (s) is the longest silence, ``opening`` (s) the time in which an answer's headers must have come, and
    ``window`` (s) the time in which ``SLOWEST`` must be reached.
    """
    if not entry.urls:
        raise WeightsError(f"The weights '{entry.name}' have no address to be fetched from: {entry.what}")
    folder = files.cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(f"Expected to write weights to '{folder}', but got: {_sentence(error)}") from error
    patience = Patience(opening, window)
    failures: dict[str, str] = {}
    waiting = list(entry.urls)
    for attempt in range(TRIES):
        if attempt:
            time.sleep(pause * 2 ** (attempt - 1))
        for url in list(waiting):
            try:
                return _download(entry, url, folder, timeout=timeout, patience=patience, local=local)
            except Damaged as refused:
                failures[url] = str(refused)
                waiting.remove(url)
            except (OSError, http.client.HTTPException) as error:
                failures[url] = _sentence(error)
        if not waiting:
            break
    reasons = "; ".join(f"{url}: {reason}" for url, reason in failures.items())
    thing = f"{entry.archive}, out of the zip, as '{entry.file}'" if entry.archive else f"'{entry.file}'"
    raise WeightsError(
        f"Could not fetch '{entry.name}' ({reasons}); put {thing} into '{folder}' by hand, or try again: "
        f"posecfg models fetch {entry.name}"
    )


class _SafeRedirect(urllib.request.HTTPRedirectHandler):
    """Follow a redirect only where the first address itself would be allowed."""

    inf_msg = "it leads in a circle: "

    def __init__(self, local: bool) -> None:
        self.local = local

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        _check_address(newurl, self.local)
        # Else urllib would read its body, however long.
        fp.close()
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check_address(url: str, local: bool) -> None:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (local and parts.scheme == "http" and parts.hostname == "127.0.0.1"):
        raise Damaged(f"expected an https address, but got '{parts.scheme}'")


def _download(
    entry: registry.Entry, url: str, folder: Path, *, timeout: float, patience: Patience, local: bool
) -> Path:
    _check_address(url, local)
    opener = urllib.request.build_opener(*handlers(patience), _SafeRedirect(local))
    request = urllib.request.Request(url, headers={"User-Agent": "posecfg"})
    try:
        response = opener.open(request, timeout=timeout)
    except ValueError as error:
        raise Damaged(f"led to an invalid address ({error})") from None
    except urllib.error.HTTPError as error:
        # Not `with error`: the body of a redirect is closed already where it leads in a circle.
        with closing(error):
            reason = " ".join(f"{error.code} {error.reason}".split())
            passing = error.code >= 500 or error.code in _PASSING
            raise (OSError if passing else Damaged)(reason) from None
    temporary = folder / f".{entry.file}.{process.unique()}.part"
    unpacked = temporary.with_suffix(".unpacked")
    try:
        with response, temporary.open("wb") as file:
            found = _copy(response, file, entry)
        if entry.archive:
            found = take_out(temporary, entry.archive, unpacked, entry.bytes, _LIMIT)
        if refuses(entry, found):
            raise Damaged(f"expected SHA-256 {wanted(entry)}, but got {found}")
        return (unpacked if entry.archive else temporary).replace(folder / entry.file)
    finally:
        temporary.unlink(missing_ok=True)
        unpacked.unlink(missing_ok=True)


def _copy(response: http.client.HTTPResponse, file: IO[bytes], entry: registry.Entry) -> str:
    length = response.headers.get("Content-Length") or ""
    declared = int(length) if length.isdecimal() and len(length) <= _DIGITS else 0
    size = 0 if entry.archive else entry.bytes
    most = limit(entry.bytes, _LIMIT) if entry.archive else size or _LIMIT
    if size and declared and declared != size:
        raise Damaged(f"expected {size} bytes, but {declared} are announced")
    count, found = written(response, file, most)
    if count < (size or declared):
        raise OSError(f"the connection ended after {count} of {size or declared} bytes")
    if not count:
        raise Damaged("expected a file, but nothing came")
    return found


def _sentence(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return " ".join(str(getattr(reason, "strerror", None) or reason).split()) or type(error).__name__
