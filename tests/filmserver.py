"""A server of films that fails in every way that servers fail in, by the name of the film."""

from __future__ import annotations

import struct
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler

from webserver import served

ETAG = '"one"'


def mp4(size=3000, fill=b"\x07"):
    """Return bytes in the boxes of an MP4."""

    def box(kind, body):
        return struct.pack(">I4s", 8 + len(body), kind) + body

    head, tail = box(b"ftyp", b"isom"), box(b"moov", b"m" * 20)
    return head + box(b"mdat", fill * (size - len(head) - len(tail) - 8)) + tail


class Handler(BaseHTTPRequestHandler):
    """``films`` of the server maps paths to bytes; ``ways`` maps paths to how they fail, one after the other."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        ways = self.server.ways.get(self.path, [])
        way = ways.pop(0) if len(ways) > 1 else ways[0] if ways else "fine"
        body = self.server.films.get(self.path)
        if body is None and way == "fine":
            way = 404
        self.close_connection = True
        if isinstance(way, int):
            self.send_error(way)
        else:
            getattr(self, way)(body)

    def fine(self, body, etag=ETAG, length=True, cut=None, start=None):
        begin = 0
        ranges = self.headers.get("Range")
        if ranges and self.headers.get("If-Range") == etag:
            begin = int(ranges.removeprefix("bytes=").partition("-")[0])
            if begin >= len(body):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin if start is None else start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Type", "video/mp4")
        if length:
            self.send_header("Content-Length", str(len(body) - begin))
        self.end_headers()
        self.wfile.write(body[begin:] if cut is None else body[begin : begin + cut])

    def cut(self, body):
        self.fine(body, cut=1000)

    def dawdle(self, body):
        """Send little, and then nothing until a test is over or the other side has gone."""
        self.fine(body, cut=1000)
        self.wfile.flush()
        with suppress(OSError):
            self.connection.settimeout(0.2)
            self.connection.recv(1)

    def cut_without_mark(self, body):
        self.fine(body, etag="", cut=1000)

    def cut_without_length(self, body):
        self.fine(body, length=False, cut=1000)

    def changed(self, body):
        self.fine(mp4(4000, b"\x09"), etag='"two"')

    def goes_on_with_another(self, body):
        """Answer a range of another version, although it was asked for only if it is the same."""
        self.headers.replace_header("If-Range", '"two"')
        self.fine(body[:-28] + b"\x01" * 28, etag='"two"')

    def goes_on_without_a_mark(self, body):
        self._rest(1000, len(body), body[1000:-28] + b"\x01" * 28, ("Content-Length", str(len(body) - 1000)))

    def long_mark(self, body):
        self.fine(body, etag=f'"{"e" * 12_000}"', cut=1000)

    def marks_in_folds(self, body):
        self.fine(body, etag='"a\r\n b"', cut=1000)

    def digits(self, body):
        self._plain(body, "video/mp4", ("Content-Length", "9" * 5000))

    def digits_of_a_part(self, body):
        self._rest(1000, 3000, b"", ("Content-Range", f"bytes 1000-2999/{'9' * 5000}"))

    def negative_piece(self, body):
        self._pieces(b"-1\r\n" + body[:100], bytes(100_000))

    def endless_trailers(self, body):
        self._pieces(b"%x\r\n" % len(body) + body + b"\r\n0\r\n", b"X: y\r\n" * 500)

    def other_port(self, body):
        self._to(f"http://127.0.0.1:{self.server.server_port + 1}/fine.mp4")

    def other_part(self, body):
        self.fine(body, start=5)

    def without_length(self, body):
        self.fine(body, length=False)

    def torn(self, body):
        self.fine(body[:-8])

    def page(self, body):
        self._plain(b"<html>Sign in</html>", "text/html")

    def page_as_film(self, body):
        self._plain(b"<!DOCTYPE html><html>Sign in</html>" * 9, "video/mp4")

    def nothing(self, body):
        self._plain(b"", "video/mp4")

    def packed(self, body):
        self._plain(body, "video/mp4", ("Content-Encoding", "gzip"))

    def huge(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 50))
        self.end_headers()

    def elsewhere(self, body):
        self._to("http://elsewhere.invalid/film.mp4")

    def to_a_file(self, body):
        self._to("file:///etc/hostname")

    def same_host(self, body):
        self._to("/fine.mp4")

    def longer_rest(self, body):
        """Answer a range with what belongs there, and a box more than the film has."""
        rest = body[1000:] + struct.pack(">I4s", 100, b"free") + bytes(92)
        sent = b"%x\r\n" % len(rest) + rest + b"\r\n0\r\n\r\n"
        self._rest(1000, len(body), sent, ("Transfer-Encoding", "chunked"), ("ETag", ETAG))

    def longer(self, body):
        """Tell a length, and send pieces that have more."""
        sent = body + struct.pack(">I4s", 100, b"free") + bytes(92)
        self._plain(
            b"%x\r\n" % len(sent) + sent + b"\r\n0\r\n\r\n",
            "video/mp4",
            ("Transfer-Encoding", "chunked"),
            ("Content-Length", str(len(body))),
        )

    def nothing_more(self, body):
        """Answer a range behind the film's end as if it were inside."""
        start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        self._rest(start, len(body), b"", ("Content-Length", "0"), ("ETag", ETAG))

    def in_a_circle(self, body):
        self._to(self.path)

    def on_and_on(self, body):
        """Lead to another address each time, all of which do the same."""
        self.server.ways[f"{self.path}x"] = ["on_and_on"]
        self._to(f"{self.path}x")

    def broken(self, body):
        self.busy(body, 500)

    def busy(self, body, code=503):
        self.send_response(code)
        self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def drip(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):
            for place in range(len(body)):
                self.wfile.write(body[place : place + 1])
                time.sleep(0.005)

    def endless(self, body):
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)
            while True:
                self.wfile.write(b"x" * 100_000)

    def silent(self, body):
        self.server.over.wait(2)

    def _to(self, place):
        self.send_response(302)
        self.send_header("Location", place)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _rest(self, start, total, sent, *headers):
        self.send_response(206)
        for name, value in [*headers, ("Content-Range", f"bytes {start}-{total - 1}/{total}")]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    def _pieces(self, first, again):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(first)
            while True:
                self.wfile.write(again)

    def _plain(self, body, kind, *more):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        for name, value in more:
            self.send_header(name, value)
        if "Content-Length" not in dict(more):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@contextmanager
def filmserver():
    """Serve no film and no fault until a test names some; ``base`` is the address."""
    with served(Handler) as server:
        server.asked, server.films, server.ways = [], {}, {}
        server.base = f"http://127.0.0.1:{server.server_port}/"
        yield server
