"""The connection of a driver and an agent: frames over TCP, whose two ends have shown that they know the same key."""

from __future__ import annotations

import hmac
import json
import os
import secrets
import socket
import struct
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from posecfg.errors import PosecfgError

GREETING = b"posecfg agents 1\n"
NONCE, MAC = 32, 32
MOST_HELLO, MOST_FRAME = 1 << 16, 1 << 30
"""The most bytes of what is heard before the key was shown, and after it."""
SEND_SECONDS = 30
"""How long a frame may wait for the other side to take it."""


class Refused(PosecfgError):
    """The other side does not know the key, or is no posecfg."""


def wire_of(raw: socket.socket) -> Connection:
    """Return a connection that sends small frames at once and notices within half a minute that a machine is gone."""
    raw.setblocking(True)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    patience = struct.pack("ll", SEND_SECONDS, 0)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
    for name, value in {"KEEPIDLE": 10, "KEEPINTVL": 5, "KEEPCNT": 3, "USER_TIMEOUT": 1000 * SEND_SECONDS}.items():
        if hasattr(socket, f"TCP_{name}"):
            raw.setsockopt(socket.IPPROTO_TCP, getattr(socket, f"TCP_{name}"), value)
    return Connection(raw.detach())


def welcome(wire: Connection, key: bytes) -> tuple[dict[str, Any], bytes]:
    """Hear what an agent tells of itself, once it has shown that it knows the key; return its nonce too."""
    nonce = secrets.token_bytes(NONCE)
    wire.send_bytes(GREETING + nonce)
    return _signed(wire.recv_bytes(MOST_HELLO), key, b"agent" + nonce)


def introduce(wire: Connection, key: bytes, about: dict[str, Any]) -> bytes:
    """Tell a driver what this agent is; return the nonce that its answers are signed with."""
    greeting = wire.recv_bytes(MOST_HELLO)
    if not greeting.startswith(GREETING) or len(greeting) != len(GREETING) + NONCE:
        raise Refused("Expected a driver of posecfg at this address, but got another program.")
    nonce = secrets.token_bytes(NONCE)
    wire.send_bytes(_sign(about, key, b"agent" + greeting[len(GREETING) :], nonce))
    return nonce


def answer(wire: Connection, key: bytes, nonce: bytes, values: dict[str, Any]) -> None:
    """Send the first answer to an agent, which shows that this driver knows the key."""
    wire.send_bytes(_sign(values, key, b"driver" + nonce, b""))


def answered(wire: Connection, key: bytes, nonce: bytes) -> dict[str, Any]:
    """Hear the first answer of a driver."""
    return _signed(wire.recv_bytes(MOST_FRAME), key, b"driver" + nonce)[0]


def _sign(values: dict[str, Any], key: bytes, context: bytes, nonce: bytes) -> bytes:
    body = json.dumps(values).encode()
    head = nonce or bytes(NONCE)
    return hmac.digest(key, context + head + body, "sha256") + head + body


def _signed(frame: bytes, key: bytes, context: bytes) -> tuple[dict[str, Any], bytes]:
    mac, rest = frame[:MAC], frame[MAC:]
    if not hmac.compare_digest(mac, hmac.digest(key, context + rest, "sha256")):
        raise Refused("The other side does not know the key of this run.")
    values = json.loads(rest[NONCE:])
    if not isinstance(values, dict):
        raise Refused("Expected the other side to tell what it is.")
    return values, rest[:NONCE]


def names() -> list[str]:
    """Return the names and addresses by which other machines may reach this one, the likeliest first."""
    own = socket.gethostname()
    found = [own]
    with suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(own, None, socket.AF_INET, socket.SOCK_STREAM)]
    found += _routed()
    local = [name for name in found if name.startswith("127.")]
    return list(dict.fromkeys([*(name for name in found if name not in local), *local, "127.0.0.1"]))


def _routed() -> list[str]:
    """Return the address that this machine has towards others; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as raw:
        try:
            raw.connect(("192.0.2.1", 9))
            return [str(raw.getsockname()[0])]
        except OSError:
            return []


def reach(hosts: list[str], port: int, seconds: float = 5.0) -> Connection:
    """Return a connection to the first of ``hosts`` that takes one."""
    last: OSError = OSError("no address is known")
    for host in hosts:
        try:
            return wire_of(socket.create_connection((host, port), seconds))
        except OSError as error:
            last = error
    raise last


def hang_up(wire: Connection) -> None:
    """End a connection, which is still to be closed; both sides notice at once, whatever a child process inherited."""
    with socket.socket(fileno=os.dup(wire.fileno())) as raw, suppress(OSError):
        raw.shutdown(socket.SHUT_RDWR)


def close(wire: Connection) -> None:
    """Close a connection; the other side notices at once."""
    if not wire.closed:
        hang_up(wire)
        wire.close()
