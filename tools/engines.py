"""Start SLURM with fake nodes and a Ray cluster on this machine, run a command that needs them, and end both.

python tools/engines.py -- python -m pytest tests/engines

The command finds SLURM by SLURM_CONF and Ray by POSECFG_TEST_RAY; what cannot be had here is said and left out.
Debian's package slurm-wlm is installed where this may be done; neither munge nor systemd is needed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path

NODES, RAY_NODES = 10, 3
CONF = """\
ClusterName=posecfg
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=root
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0,requeue_setup_env_fail
JobRequeue=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=5
MinJobAge=300
MaxArraySize=1001
SlurmdTimeout=20
SlurmctldPort={port}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
StateSaveLocation={folder}/state
SlurmdPidFile={folder}/%n.pid
SlurmdLogFile={folder}/%n.log
SlurmdSpoolDir={folder}/spool/%n
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
GresTypes=gpu
PartitionName=main Nodes=node[1-{nodes}] Default=YES MaxTime=60 State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=0
PartitionName=urgent Nodes=node[1-{nodes}] MaxTime=60 State=UP PriorityTier=10 PreemptMode=OFF
"""
NODE = "NodeName=node{number} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port} CPUs=1 RealMemory=4000 Gres=gpu:1\n"


class Slurm:
    """SLURM below a folder; its nodes are processes of this machine, each with a device that is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf")}

    def start(self) -> None:
        """Start the controller and the nodes, and wait until they are idle."""
        nodes = [f"node{number + 1}" for number in range(NODES)]
        for name in nodes:
            (self.folder / "spool" / name).mkdir(parents=True)
        (self.folder / "state").mkdir()
        (self.folder / "nvidia0").touch()
        first, *others = free_ports(NODES + 1)
        lines = [NODE.format(number=number + 1, port=port) for number, port in enumerate(others)]
        conf = CONF.format(folder=self.folder, port=first, nodes=NODES) + "".join(lines)
        (self.folder / "slurm.conf").write_text(conf)
        (self.folder / "gres.conf").write_text(f"Name=gpu File={self.folder}/nvidia0\n")
        self._run("slurmctld", "-c")
        for name in nodes:
            self.start_node(name)
        end = time.monotonic() + 20
        while self._run("sinfo", "-h", "-t", "idle", "-o", "%D", "-p", "main").strip() != str(NODES):
            if time.monotonic() > end:
                raise SystemExit(f"SLURM does not start: see {self.folder}/slurmctld.log.")
            time.sleep(0.1)

    def start_node(self, name: str) -> None:
        """Start the daemon of a node."""
        self._run("slurmd", "-N", name)

    def end(self) -> None:
        """End all daemons and what they started, by their process numbers."""
        with suppress(subprocess.SubprocessError):
            self._run("scancel", "--user=root", "--full")
        for file in [*self.folder.glob("node*.pid"), self.folder / "slurmctld.pid"]:
            with suppress(OSError, ValueError):
                os.kill(int(file.read_text()), signal.SIGKILL)

    def _run(self, *words: str) -> str:
        done = subprocess.run(words, env={**os.environ, **self.environment}, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise SystemExit(f"'{' '.join(words)}' failed: {done.stderr.strip()}")
        return done.stdout


def free_ports(number: int) -> list[int]:
    """Return ports of this machine that nothing listens on."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [one.getsockname()[1] for one in found]


class Ray:
    """A Ray cluster of this machine, whose nodes have a core each."""

    def __init__(self, folder: Path) -> None:
        self._place, self._log = folder / "ray.json", folder / "ray.log"

    def start(self) -> dict[str, str]:
        """Start the cluster; return what tells tests of it."""
        words = [sys.executable, str(Path(__file__).with_name("ray_nodes.py")), str(RAY_NODES), str(self._place)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + 90
        while not self._place.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"Ray does not start: {self._log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        address = json.loads(self._place.read_text())["address"]
        return {"POSECFG_TEST_RAY": address, "POSECFG_TEST_RAYLETS": str(self._place)}

    def end(self) -> None:
        """End the cluster."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def slurm_is_here() -> bool:
    """Install SLURM where it is missing and may be installed; tell whether it is here."""
    if shutil.which("slurmctld") is None and os.geteuid() == 0 and shutil.which("apt-get") is not None:
        packages = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "slurm-wlm"]
        for words in (["apt-get", "update", "-q"], packages):
            subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=600)
    return shutil.which("slurmctld") is not None and os.geteuid() == 0


def main() -> int:
    """Run the command; its exit code is that of this program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", nargs="+")
    command = parser.parse_args().command
    # All that is started has this mark, by which tools/chaos.py finds what was left.
    os.environ["POSECFG_CHAOS"] = str(os.getpid())
    environment = dict(os.environ)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="posecfg-engines-")))
        environment["POSECFG_TEST_LOCKS"] = str(folder)
        if slurm_is_here():
            slurm = Slurm(folder)
            stack.callback(slurm.end)
            slurm.start()
            environment |= slurm.environment
        else:
            print("SLURM is left out: only root can start it here, from Debian's package slurm-wlm.", flush=True)
        if find_spec("ray") is not None:
            ray = Ray(folder)
            stack.callback(ray.end)
            environment |= ray.start()
        else:
            print("Ray is left out: it is not installed in this environment (extra ray).", flush=True)
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
