"""Show a page to browsers of this machine that open no files: a server on the loopback address, of that page alone."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote, unquote, urlsplit

HOST = "127.0.0.1"
FILMS = (".mp4", ".webm")


class _Handler(SimpleHTTPRequestHandler):
    """Give away the page, what is in its own folder, and films beside it; nothing else of the disk, and no lists."""

    def __init__(self, *arguments: Any, page: Path, **more: Any) -> None:
        self._page = page
        super().__init__(*arguments, directory=str(page.parent), **more)

    def send_head(self) -> Any:
        """Refuse what is none of the page, and who calls this server by another name."""
        host = (self.headers.get("Host") or "").rpartition(":")[0]
        if host not in (HOST, "localhost") or not self._is_ours():
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def _is_ours(self) -> bool:
        name = posixpath.normpath(unquote(urlsplit(self.path).path)).lstrip("/")
        parts = name.split("/")
        if any(part.startswith(".") for part in parts):
            return False
        own = parts[0] == f"{self._page.stem}_files" and len(parts) == 2 and name.endswith(".js")
        return name == self._page.name or own or name.lower().endswith(FILMS)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing of each request."""


@contextmanager
def serving(page: Path) -> Iterator[str]:
    """Serve a page as long as the block lasts, and yield its address."""
    server = ThreadingHTTPServer((HOST, 0), partial(_Handler, page=page.absolute()))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}/{quote(page.name)}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
