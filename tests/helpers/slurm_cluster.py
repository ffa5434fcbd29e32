"""A private SLURM of one node: all its state in one folder, without systemd or accounting."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import time

PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
# Before a command: it dies with the process that starts it, even where no clean-up runs
TETHERED = ("setpriv", "--pdeathsig", "KILL")
CONFIG = """\
ClusterName=pielab
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
# A job over its memory is killed without the kernel's help, which a container may not have
JobAcctGatherParams=OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
# Ended jobs stay visible to squeue; requests that can never be met are refused, not left pending
MinJobAge=3600
EnforcePartLimits=ALL
KillWait=2
ReturnToService=2
SlurmdParameters=config_overrides
GresTypes=gpu
# More than the machine has: requests are what is tested
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=1000000 Gres=gpu:{cpus}
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""
# The plugin strips SLURM_CONF from the environment of the srun that it calls inside a job
SRUN = '#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {srun} "$@"\n'


def why_not():
    """Return why SLURM cannot be started here; nothing if it can."""
    tools = ("munged", "slurmctld", "slurmd", "sbatch", "setpriv")
    if missing := [tool for tool in tools if not shutil.which(tool, path=PATH)]:
        return f"no {', '.join(missing)}: apt-get install slurm-wlm munge"
    return "" if os.geteuid() == 0 else "SLURM's daemons need root"


@contextlib.contextmanager
def cluster(folder, cpus=4):
    """Start SLURM, yield the environment in which its commands work, stop what was started."""
    environment = os.environ | {"SLURM_CONF": f"{folder}/slurm.conf", "PATH": f"{folder}:{PATH}"}
    host = socket.gethostname().split(".")[0]
    configure(folder, host, cpus)
    with explained(folder), contextlib.ExitStack() as stack:

        def start(*command):
            stack.enter_context(daemon(folder, environment, *command))

        key = ["--key-file", f"{folder}/munge.key", "--seed-file", f"{folder}/munge.seed"]
        where = ["--socket", f"{folder}/munge.socket", "--pid-file", f"{folder}/munge.pid"]
        log = ["--log-file", f"{folder}/munge.log"]
        start("munged", "--foreground", "--force", *key, *where, *log)
        wait_for(lambda: ask(environment, "munge", "-n", "-S", f"{folder}/munge.socket"), 20)
        start("slurmctld", "-D")
        start("slurmd", "-D", "-N", host)
        wait_for(lambda: ask(environment, "sinfo", "-h", "-o", "%t").strip() == "idle", 30)
        try:
            yield environment
        finally:
            ask(environment, "scancel", "--user", "root")
            wait_for(lambda: not ask(environment, "squeue", "-h"), 20)


@contextlib.contextmanager
def explained(folder):
    """Add what the daemons said to an error of waiting."""
    try:
        yield
    except TimeoutError as error:
        for out in folder.glob("*.out"):
            error.add_note(f"{out.name}: {out.read_text()[-2000:]}")
        raise


def configure(folder, host, cpus):
    """Write what SLURM reads: configuration, a key, files that stand for GPUs, and our srun."""
    for name in ("state", "spool"):
        (folder / name).mkdir()
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        ports = [taken.getsockname()[1] for taken in (one, other)]
    text = CONFIG.format(folder=folder, host=host, ports=ports, cpus=cpus)
    (folder / "slurm.conf").write_text(text)
    (folder / "cgroup.conf").write_text(f"CgroupPlugin=cgroup/v1\nCgroupMountpoint={folder}/none\n")
    for gpu in range(cpus):
        (folder / f"gpu{gpu}").touch()
    (folder / "gres.conf").write_text(f"NodeName={host} Name=gpu File={folder}/gpu[0-{cpus - 1}]\n")
    (folder / "munge.key").write_bytes(secrets.token_bytes(1024))
    (folder / "munge.key").chmod(0o600)
    (folder / "srun").write_text(SRUN.format(folder=folder, srun=shutil.which("srun")))
    (folder / "srun").chmod(0o755)


@contextlib.contextmanager
def daemon(folder, environment, *command):
    """Run a daemon in the foreground while the block runs."""
    with open(folder / f"{command[0]}.out", "w") as out:
        process = subprocess.Popen(
            [*TETHERED, *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ask(environment, *command):
    """Return what a command prints, nothing if it fails."""
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=30
    ).stdout


def wait_for(condition, seconds):
    """Return the condition's value once it is true; fail after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.2)
    raise TimeoutError(f"not within {seconds} s: {condition.__code__.co_names}")
