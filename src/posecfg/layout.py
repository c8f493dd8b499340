"""Names inside an output folder that belong to posecfg and to no writer."""

from __future__ import annotations

HOME = ".posecfg"
"""The folder of records, ledger, locks and logs."""
STARTS = f"{HOME}/starts"
"""Hydra's logs, one folder a start."""
