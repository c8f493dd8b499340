"""Names of files and folders of posecfg itself in an output folder."""

from __future__ import annotations

HOME = ".posecfg"
"""The folder of records, ledger, locks and logs."""
RUN = f"{HOME}/run.json"
"""What a run was: a folder that has it holds results."""
STARTS = f"{HOME}/starts"
"""Hydra's logs, one folder for each start of a run."""
PARTS = f"{HOME}/parts"
"""What writers keep of each clip for files over all clips: ``<PARTS>/<kind>/<name>``, outputs as any other."""
PAGE, TABLE = "report.html", "report.csv"
"""The page of the runs in a folder, and its table: made from results, and none of them."""
CREW, JOBS, SUBMITTED = "crew", "slurm", "submitted-"
"""What the names of files below ``HOME`` begin with: where the driver of a run is; its jobs in SLURM's queue; runs that
were submitted as jobs."""
