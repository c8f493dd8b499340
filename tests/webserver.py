"""A server on this machine that answers as a test's handler has it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import ThreadingHTTPServer


@contextmanager
def served(handler):
    """Serve until the block ends; ``over`` of the server is set then, for handlers that wait."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.over = threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
