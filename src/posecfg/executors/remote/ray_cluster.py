"""Join a Ray cluster: without noise, without waiting for one that is not there, and without starting one unasked."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from posecfg import backends
from posecfg.errors import ConfigError
from posecfg.text import sentence

SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # What Ray is going to do by default, of which it warns otherwise.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
WANTED_BY = "executor=ray"
STORE = 100 << 20
"""Bytes of shared memory for objects, of which there are none: clips and files never travel through Ray."""
REACH_SECONDS = 10.0


def refuse_client(address: str) -> None:
    """Refuse an address of Ray Client or of Ray's jobs, through which no actor could be watched."""
    if "://" in address:
        raise ConfigError(
            f"executor=ray joins a cluster itself, but '{address}' is for clients: start posecfg on a machine of the "
            "cluster, with executor.address=auto."
        )


@contextmanager
def joined(address: str) -> Iterator[Any]:
    """Yield the package ``ray``, connected to the cluster at ``address``: auto, local, or a host and its port.

    Where the program is connected already, it stays so.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray = backends.require("ray", WANTED_BY)
    if ray.is_initialized():
        if ray.util.client.ray.is_connected():
            refuse_client("ray://")
        yield ray
        return
    with _quiet(ray):
        _join(ray, address)
        try:
            yield ray
        finally:
            ray.shutdown()


def _join(ray: Any, address: str) -> None:
    found = _place(address)
    local = {"include_dashboard": False, "object_store_memory": STORE} if found == "local" else {}
    if local:
        # Otherwise Ray makes one in the home folder.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    try:
        with _own_signals(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ray.init(address=found, log_to_driver=False, logging_level=logging.WARNING, **local)
    except ConnectionError as error:
        raise _none(address) from error
    except Exception as error:
        raise ConfigError(f"Ray cannot join the cluster at '{address}' ({sentence(error)}).") from error


def _place(address: str) -> str:
    """Return where the cluster is, once something answers there: Ray itself would try for minutes."""
    if address == "auto":
        refuse_client(os.environ.get("RAY_ADDRESS", ""))
        from ray._private.services import get_ray_address_from_environment

        try:
            address = get_ray_address_from_environment("auto", None)
        except ConnectionError as error:
            raise _none("auto") from error
    host, _, port = address.rpartition(":")
    if address == "local":
        return address
    if not host or not port.isdigit():
        raise ConfigError(f"Expected executor.address to be auto, local or HOST:PORT, but got '{address}'.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise _none(address) from error
    return address


def _none(address: str) -> ConfigError:
    where = "RAY_ADDRESS or this machine" if address == "auto" else f"'{address}'"
    return ConfigError(f"No Ray cluster answers at {where}: type 'ray start --head', or executor.address=local.")


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep the handler of SIGTERM, which Ray replaces; what arrives meanwhile is handled afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before, came = signal.getsignal(signal.SIGTERM), False
    try:
        yield
    except SystemExit as error:
        if error.code != signal.SIGTERM:
            raise ConfigError(f"Ray ended while it was joined ({error.code}).") from error
        came = True
    finally:
        signal.signal(signal.SIGTERM, before)
    if came:
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _quiet(ray: Any) -> Iterator[None]:
    """Send what Ray logs to file descriptor 2, which is kept aside, and not to the screen."""
    import faulthandler

    logger, dumps = logging.getLogger("ray"), faulthandler.is_enabled()
    # It prints what it tells of nodes that are lost among the results, whatever it is told of logs.
    printing = ray._private.worker
    printing._worker_logs_enabled = False
    before, level = logger.handlers, logger.level
    with open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False) as stream:
        logger.handlers = [logging.StreamHandler(stream)]
        try:
            yield
        finally:
            logger.handlers = before
            logger.setLevel(level)
            printing._worker_logs_enabled = True
            if not dumps:
                # It would go on to print to a file descriptor that is another file's by then.
                faulthandler.disable()
