"""A server that keeps sending, but never the whole, is given up."""

from __future__ import annotations

import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest
from webserver import served

from posecfg.errors import WeightsError
from posecfg.models import fetch, registry

START = b"HTTP/1.1 200 OK\r\n"
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"
# What comes first, and what then comes again and again.
SENDS = {
    "/status": (b"", b"x"),
    "/header": (START + b"Content-Type: ", b"x"),
    "/headers": (START, b"X: y\r\n"),
    "/continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "/body": (START + b"\r\n", b"x"),
    "/chunk": (CHUNKED + b"5;", b"x"),
    "/trailer": (CHUNKED + b"5\r\nhello\r\n0\r\n", b"X: y\r\n"),
    "/to": (b"HTTP/1.1 302 Found\r\nLocation: /good\r\n\r\n", b"x" * 10_000),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/good":
            self.wfile.write(START + b"Content-Length: 4\r\n\r\ngood")
            return
        first, again = SENDS[self.path]
        with suppress(OSError):
            self.wfile.write(first)
            while not self.server.over.wait(0.002):
                self.wfile.write(again)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with served(Handler) as server:
        yield server


def get(server, path, **more):
    url = f"http://127.0.0.1:{server.server_port}{path}"
    fields = {"sha256": "", "licence": "MIT", "commercial": True, "cite": "c", "what": "w", "urls": (url,)}
    entry = registry.Entry(name="net", file="net.bin", **fields)
    return fetch.fetch(entry, pause=0.001, timeout=5, local=True, **more)


@pytest.mark.parametrize("path", ["/status", "/header", "/headers", "/continue"])
def test_headers_that_never_end_are_given_up(server, tmp_path, monkeypatch, path):
    monkeypatch.setattr(fetch, "TRIES", 1)
    # Without these limits urllib itself would end after 100 headers or a line of 64 kB, minutes or days later.
    monkeypatch.setattr("http.client._MAXHEADERS", 10**6)
    monkeypatch.setattr("http.client._MAXLINE", 10**6)
    began = time.monotonic()
    with pytest.raises(WeightsError, match=r"/\w+: sent no complete headers in \d+ s\)"):
        get(server, path, opening=0.2)
    assert time.monotonic() - began < 3
    assert list((tmp_path / "posecfg" / "models").iterdir()) == []


@pytest.mark.parametrize("path", ["/body", "/chunk", "/trailer"])
def test_a_body_that_never_ends_is_given_up(server, monkeypatch, path):
    monkeypatch.setattr(fetch, "TRIES", 1)
    with pytest.raises(WeightsError, match=r"came too slowly: [\d,]+ bytes a second in \d+ s"):
        get(server, path, window=0.2)


def test_the_body_of_a_redirect_is_not_read(server):
    assert get(server, "/to").read_bytes() == b"good"
