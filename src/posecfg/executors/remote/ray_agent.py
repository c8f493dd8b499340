"""What an actor of Ray is: it starts an agent as its child, and tells how that ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LEAVE_SECONDS = 10.0
"""How long an actor stays after its agent, for Ray to hear how that ended; Ray itself may never end it."""


def actor_class() -> type:
    """Return the class of actors. Ray sends it as it is here, so that a node without posecfg can tell that."""
    leave_seconds = LEAVE_SECONDS

    class PosecfgAgent:
        def here(self) -> str:
            """Return the name of the machine."""
            import socket

            return socket.gethostname()

        def run(self, words: Sequence[str], text: str, environment: Mapping[str, str], parent: str) -> tuple[int, str]:
            """Run an agent with this Python until it ends; return its exit code, and the end of what it printed."""
            import os
            import subprocess
            import sys
            import tempfile
            import threading

            own = dict(os.environ)
            try:
                with open("/proc/self/environ", "rb") as stream:
                    given = stream.read().split(b"\0")
            except OSError:
                given = [b"OMP_NUM_THREADS="]
            # Ray sets it by what the actor asks for: then results might depend on that.
            if not any(one.startswith(b"OMP_NUM_THREADS=") for one in given):
                own.pop("OMP_NUM_THREADS", None)
            own.update(environment)
            own[parent] = str(os.getpid())
            with tempfile.TemporaryFile() as said:
                child = subprocess.Popen(
                    [sys.executable, *words], stdin=subprocess.PIPE, stdout=said, stderr=said, env=own
                )
                try:
                    child.communicate(text.encode())
                finally:
                    child.kill()
                    leave = threading.Timer(leave_seconds, os._exit, (0,))
                    leave.daemon = True
                    leave.start()
                said.seek(max(0, said.seek(0, 2) - 2000))
                return child.returncode, said.read().decode("utf-8", "replace")

    return PosecfgAgent
