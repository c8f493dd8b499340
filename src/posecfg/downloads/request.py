"""Ask a server for a film, or for the rest of one, and say in our words what is wrong with the answer."""

from __future__ import annotations

import http.client
import ipaddress
import re
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from typing import IO, Any

from posecfg.downloads.faults import Gone, Passing, Refused
from posecfg.errors import ConfigError
from posecfg.models.slow_server import Patience, handlers
from posecfg.text import shortened
from posecfg.version import __version__

_GONE = (404, 410)
_PASSING = (408, 425, 429)
_PAST_END = 416
# Digits of a number of bytes, and characters of a mark, of which no server needs more.
_DIGITS, _MARK = 18, 500
_PORTS = {"http": 80, "https": 443}
# Longest wish of a server to be left alone that is heeded, in seconds.
_LONGEST_WISH = 120.0


@dataclass(frozen=True)
class Manners:
    """How a server is treated: ``tries`` without progress, and ``pause`` s before the second, which then doubles.

    ``timeout`` s is the longest silence; ``opening`` and ``window`` are those of ``Patience``.
    """

    tries: int = 3
    pause: float = 1.0
    timeout: float = 30.0
    opening: float = 60.0
    window: float = 60.0


@dataclass(frozen=True)
class Answer:
    """What a server sends: ``body``, which begins at byte ``start`` of a film of ``total`` bytes, None if not told.

    ``mark`` tells one version of the film from another, "" where the server has none. ``body`` is None where the server
    has nothing more than what was there before. ``ends`` tells whether the end of the body is certain.
    """

    body: http.client.HTTPResponse | None
    start: int
    total: int | None
    mark: str
    ends: bool = True


def check_base(address: str) -> str:
    """Return the address of a folder of films, with a slash; only https, or http of this machine itself, is taken."""
    parts = urllib.parse.urlsplit(address)
    if not parts.hostname or not _is_safe(parts):
        raise ConfigError(
            "Expected --base to be an address that begins with https://, or with http:// and names this machine, below "
            f"which films are directly, but got '{address}'{_typed_without(address)}; films that are on a disk are "
            "copied into the folder of videos."
        )
    return address.rstrip("/") + "/"


def _typed_without(address: str) -> str:
    """Return what to type in place of an address that lacks its beginning."""
    for scheme in ("http", "https") if "://" not in address else ():
        parts = urllib.parse.urlsplit(f"{scheme}://{address}")
        if parts.hostname and _is_safe(parts) and re.fullmatch(r"[\w.-]+\.\w+|localhost", parts.hostname):
            return f": type --base {scheme}://{address}"
    return ""


def _is_safe(parts: urllib.parse.SplitResult) -> bool:
    if parts.scheme != "http":
        return parts.scheme == "https"
    try:
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follow a redirect only to the same host and port, and never from https to http."""

    inf_msg = "it leads in a circle: "

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urllib.parse.urlsplit(req.full_url), urllib.parse.urlsplit(newurl)
        if _place(new) != _place(old) or not _is_safe(new) or (old.scheme == "https" and new.scheme != "https"):
            place = f"{new.scheme}://{new.netloc}"
            raise Refused(f"the server leads to another one, {place}: if you trust it, name it with --base")
        # Else urllib would read its body, however long.
        fp.close()
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _place(parts: urllib.parse.SplitResult) -> tuple[str | None, int | None]:
    """Return host and port of an address; what is usual for its kind counts as none."""
    return parts.hostname, None if parts.port == _PORTS.get(parts.scheme) else parts.port


def ask(address: str, manners: Manners, start: int = 0, mark: str = "") -> Answer:
    """Ask for a film from byte ``start`` on, if it still is the version ``mark``; else all of it comes."""
    headers = {"User-Agent": f"posecfg/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": mark}
    request = urllib.request.Request(address, headers=headers)
    opener = urllib.request.build_opener(*handlers(Patience(manners.opening, manners.window)), _SameHost())
    try:
        response = opener.open(request, timeout=manners.timeout)
    except urllib.error.HTTPError as error:
        # Not `with error`: the body of a redirect is closed already where it leads in a circle.
        with closing(error):
            if error.code == _PAST_END and start:
                return Answer(None, start, _total(error.headers.get("Content-Range")), mark)
            raise _fault(error) from None
    except (http.client.InvalidURL, ValueError) as error:
        raise Refused(f"the server leads to an invalid address ({error})") from None
    except (OSError, http.client.HTTPException) as error:
        raise Passing(told(error)) from error
    try:
        return _answer(response, start)
    except BaseException:
        response.close()
        raise


def _answer(response: http.client.HTTPResponse, start: int) -> Answer:
    headers = response.headers
    if (coding := headers.get("Content-Encoding", "identity").lower()) != "identity":
        raise Refused(f"the film came packed ({coding}), though it was asked for as it is")
    if headers.get_content_type() in ("text/html", "application/xhtml+xml"):
        raise Refused("a page (text/html) came instead of a film")
    size, mark = _bytes(headers.get("Content-Length") or ""), _mark(headers)
    ends = size is not None or response.chunked is True
    if response.status != http.client.PARTIAL_CONTENT:
        return Answer(response, 0, size, mark, ends)
    part = headers.get("Content-Range") or ""
    told_of = re.match(r"bytes (\d+)-", part)
    if told_of is None or _bytes(told_of[1]) != start:
        raise Passing(f"another part came than was asked for ({shortened(part, 60) or 'it does not say which'})")
    return Answer(response, start, _total(part), mark, ends)


def _total(told_of: str | None) -> int | None:
    found = re.search(r"/(\d+)$", told_of or "")
    return _bytes(found[1]) if found else None


def _bytes(told_of: str) -> int | None:
    """Return a number of bytes, None if that is no number."""
    if not told_of.isdecimal():
        return None
    if len(told_of) > _DIGITS:
        raise Refused(f"the server tells a number of bytes with {len(told_of):,} digits, which no film has")
    return int(told_of)


def _mark(headers: Any) -> str:
    """Return what tells one version of the film from another, "" where nothing does that can be asked for again."""
    tag = headers.get("ETag") or ""
    # A weak mark says only that two films look alike.
    found: str = headers.get("Last-Modified") or "" if tag.startswith("W/") or not tag else tag
    return found if len(found) <= _MARK and found.isascii() and found.isprintable() else ""


def _fault(error: urllib.error.HTTPError) -> Refused | Passing:
    reason = " ".join(f"{error.code} {error.reason}".split())
    if error.code in _GONE:
        return Gone(f"the server has no such film ({reason})")
    if error.code < 500 and error.code not in _PASSING:
        return Refused(f"the server refuses it ({reason})")
    wish = error.headers.get("Retry-After") or ""
    return Passing(f"the server has trouble ({reason})", min(float(wish), _LONGEST_WISH) if wish.isdecimal() else 0.0)


def told(error: Exception) -> str:
    """Return an error of the network in a few words."""
    reason = getattr(error, "reason", None) or error
    return " ".join(str(getattr(reason, "strerror", None) or reason).split()) or type(error).__name__
