from __future__ import annotations

import hashlib
import io
import time
import zipfile
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest
from webserver import served

from posecfg.errors import WeightsError
from posecfg.models import fetch, registry

GOOD = b"good weights" * 1000
SHA = hashlib.sha256(GOOD).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        count = self.server.asked.count(self.path)
        if self.path == "/missing" or (self.path == "/second" and count == 1):
            self.send_error(404 if self.path == "/missing" else 503)
        elif self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header(
                "Location",
                {
                    "/to/good": "/good",
                    "/to/file": "file:///etc/hostname",
                    "/to/http": "http://localhost:1/x",
                    "/to/circle": "/to/circle",
                }[self.path],
            )
            self.end_headers()
        elif self.path in ("/drip", "/endless", "/silent"):
            self.send_response(200)
            self.end_headers()
            # Until the other side is gone.
            with suppress(OSError):
                while not (self.path == "/silent" and self.server.over.wait(0.5)):
                    self.wfile.write(b"x" if self.path == "/drip" else b"x" * 1_000_000 * (self.path == "/endless"))
                    time.sleep(0.005)
        else:
            bodies = {"/bad": GOOD[::-1], "/long": GOOD * 2, "/short": GOOD[:100], **self.server.zips}
            body = bodies.get(self.path, GOOD)
            self.send_response(200)
            if self.path not in ("/long", "/short"):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:50] if self.path == "/cut" else body)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def serving():
    with served(Handler) as server:
        server.asked, server.zips = [], {}
        yield server


@pytest.fixture
def server(serving, monkeypatch, tmp_path):
    serving.asked.clear()
    serving.zips.clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return serving


def entry(server, *paths, **more):
    urls = tuple(f"http://127.0.0.1:{server.server_port}{path}" for path in paths)
    fields = {"sha256": SHA, "licence": "MIT", "commercial": True, "cite": "c", "what": "w", "urls": urls}
    return registry.Entry(**{"name": "net", "file": "net.bin", **fields, **more})


def get(*arguments, **more):
    return fetch.fetch(entry(*arguments, **more), pause=0.001, timeout=5, local=True)


def left(tmp_path):
    return [path.name for path in (tmp_path / "posecfg" / "models").iterdir()]


def test_a_good_file_arrives_under_its_name(server, tmp_path):
    path = get(server, "/good", bytes=len(GOOD))
    assert path == tmp_path / "posecfg" / "models" / "net.bin"
    assert path.read_bytes() == GOOD
    assert left(tmp_path) == ["net.bin"]


def test_mirrors_are_tried_in_turn(server):
    assert get(server, "/missing", "/bad", "/good").read_bytes() == GOOD
    assert server.asked == ["/missing", "/bad", "/good"]


def test_a_passing_fault_is_tried_again(server):
    assert get(server, "/second").read_bytes() == GOOD
    assert server.asked == ["/second", "/second"]


def test_redirects_are_followed(server):
    assert get(server, "/to/good").read_bytes() == GOOD


@pytest.mark.parametrize(
    ("path", "more", "reason", "tries"),
    [
        ("/missing", {}, "404 Not Found", 1),
        ("/bad", {}, f"expected SHA-256 {SHA}, but got {hashlib.sha256(GOOD[::-1]).hexdigest()}", 1),
        ("/long", {"bytes": len(GOOD)}, f"expected at most {len(GOOD)} bytes, but more came", 1),
        ("/good", {"bytes": 7}, f"expected 7 bytes, but {len(GOOD)} are announced", 1),
        ("/short", {"bytes": len(GOOD)}, f"ended after 100 of {len(GOOD)} bytes", fetch.TRIES),
        ("/cut", {}, "", fetch.TRIES),
        ("/to/file", {}, "302 Found", 1),
        ("/to/http", {}, "expected an https address, but got 'http'", 1),
        ("/to/circle", {}, "302 it leads in a circle: Found", 5),
    ],
)
def test_what_is_wrong_is_said_and_leaves_nothing(server, tmp_path, path, more, reason, tries):
    with pytest.raises(WeightsError) as error:
        get(server, path, **more)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith("posecfg models fetch net")
    assert server.asked == [path] * tries
    assert left(tmp_path) == []


def test_every_mirror_is_named_in_the_error(server):
    with pytest.raises(WeightsError, match=r"/missing: 404 Not Found; .*/bad: expected SHA-256"):
        get(server, "/missing", "/bad")


def test_an_unknown_hash_can_be_fetched_but_not_yet_used(server):
    assert get(server, "/bad", sha256="").read_bytes() == GOOD[::-1]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "http://example.invalid/x", "file:///etc/hostname", "ftp://x/y"]
)
def test_only_https_is_taken(server, url):
    wanted = registry.Entry(**{**vars(entry(server)), "urls": (url,)})
    with pytest.raises(WeightsError, match="expected an https address"):
        fetch.fetch(wanted)


def test_a_machine_without_network_gets_one_line(server):
    wanted = registry.Entry(**{**vars(entry(server)), "urls": ("http://127.0.0.1:1/x",)})
    with pytest.raises(WeightsError, match=r": Connection refused\).*by hand, or try again: posecfg models fetch net$"):
        fetch.fetch(wanted, pause=0.001, local=True)


def test_a_folder_that_cannot_be_made_is_a_sentence(server, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match=r"Expected to write weights to .*but got: [A-Z]"):
        get(server, "/good")


def test_weights_without_an_address_say_so(server):
    with pytest.raises(WeightsError, match="have no address"):
        get(server)


def zipped(**files):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return memory.getvalue()


def test_one_file_is_taken_out_of_a_zip(server, tmp_path):
    server.zips["/net.zip"] = zipped(**{"model__net.onnx": GOOD, "model__pipeline.json": b"{}", "..__evil.bin": b"x"})
    path = get(server, "/net.zip", archive="net.onnx", bytes=len(GOOD))
    assert path.read_bytes() == GOOD
    assert left(tmp_path) == ["net.bin"]
    assert not (tmp_path / "posecfg" / "evil.bin").exists()


@pytest.mark.parametrize(
    ("files", "more", "reason"),
    [
        ({"other.onnx": GOOD}, {}, "one file called net.onnx inside, but there are 0"),
        ({"a__net.onnx": GOOD, "b__net.onnx": GOOD}, {}, "but there are 2"),
        ({"net.onnx": GOOD[::-1]}, {}, f"expected SHA-256 {SHA}, but got"),
        ({"net.onnx": bytes(9_000_000)}, {"bytes": len(GOOD)}, f"at most {len(GOOD)} bytes, but more came"),
        ({"net.onnx": GOOD[:9]}, {"bytes": len(GOOD)}, f"expected {len(GOOD)} bytes inside, but there are 9"),
    ],
)
def test_a_zip_that_holds_something_else_leaves_nothing(server, tmp_path, files, more, reason):
    server.zips["/net.zip"] = zipped(**files)
    with pytest.raises(WeightsError, match=reason) as error:
        get(server, "/net.zip", archive="net.onnx", **more)
    assert "put net.onnx, out of the zip, as 'net.bin' into" in str(error.value)
    assert left(tmp_path) == []


def test_what_is_no_zip_is_a_sentence(server, tmp_path):
    server.zips["/net.zip"] = zipped(**{"net.onnx": GOOD})[:-30]
    with pytest.raises(WeightsError, match="expected a zip that can be opened"):
        get(server, "/net.zip", archive="net.onnx")
    assert left(tmp_path) == []


def test_a_zip_may_not_be_much_larger_than_what_is_wanted_of_it(server, monkeypatch):
    monkeypatch.setattr("posecfg.models.archive._ALLOWANCE", 100)
    server.zips["/net.zip"] = zipped(**{"net.onnx": GOOD}) + bytes(3 * len(GOOD))
    with pytest.raises(WeightsError, match=f"at most {2 * len(GOOD) + 100} bytes, but more came"):
        get(server, "/net.zip", archive="net.onnx", bytes=len(GOOD))


def test_a_beginning_of_a_hash_is_compared(server):
    assert get(server, "/good", sha256="", sha256_prefix=SHA[:8]).read_bytes() == GOOD
    with pytest.raises(WeightsError, match=rf"expected SHA-256 {SHA[:8]}\.\.\., but got"):
        get(server, "/bad", sha256="", sha256_prefix=SHA[:8])


def test_a_server_that_drips_is_given_up(server, tmp_path):
    with pytest.raises(WeightsError, match=r"came too slowly: [\d,]+ bytes a second in \d+ s, but 10,000 are expected"):
        fetch.fetch(entry(server, "/drip"), pause=0.001, window=0.05, local=True)
    assert server.asked == ["/drip"] * fetch.TRIES
    assert left(tmp_path) == []


def test_a_server_that_falls_silent_is_given_up(server, tmp_path):
    with pytest.raises(WeightsError, match="timed out"):
        fetch.fetch(entry(server, "/silent"), pause=0.001, timeout=0.05, local=True)
    assert left(tmp_path) == []


def test_a_body_without_end_is_cut_at_the_size_that_is_known(server, tmp_path):
    with pytest.raises(WeightsError, match="expected at most 5000000 bytes, but more came"):
        get(server, "/endless", bytes=5_000_000)
    assert server.asked == ["/endless"]
    assert left(tmp_path) == []


def test_a_fast_server_may_take_longer_than_the_window(server):
    assert fetch.fetch(entry(server, "/good", bytes=len(GOOD)), window=0.0, local=True).read_bytes() == GOOD
