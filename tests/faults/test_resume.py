"""Jobs that are killed while they train."""

import os
import shutil
import signal
import subprocess
import time

from helpers import forked
from helpers.small_study import ROOT, snakemake

PAIR = "results/predictions/rotten_tomatoes/bilstm"
TARGETS = [
    f"{PAIR}/{cell}/seeds0-0.train.safetensors" for cell in ("dense/none", "rp-ai/sparsity90")
]
LOGS = ["train_dense/rotten_tomatoes.bilstm", "prune/rotten_tomatoes.bilstm.rp-ai.sparsity90"]
EPOCHS = 24  # enough that none ends before it is killed
PATIENCE = 120  # seconds; a slow machine is not a failure


def kill_half_way(folder, target):
    """Start snakemake on a target and kill it with all its jobs once there is a checkpoint."""
    command = [forked.python(), "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command += ["--cores", "1"]
    command += ["--directory", folder, "--configfile", folder / "study.yaml", "--", target]
    run = subprocess.Popen(
        list(map(str, command)), cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + PATIENCE
    checkpoint = (folder / target).with_suffix(".seed0.checkpoint.safetensors")
    while not checkpoint.exists() and run.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    said = run.communicate()[1]
    assert checkpoint.exists(), said
    assert not (folder / target).exists()


def test_killed_jobs_go_on_where_they_were_and_give_the_same_bytes(finished, study, tmp_path):
    (pair,) = (pairs["bilstm"] for pairs in study["training"].values())
    study = study | {
        "training": {"rotten_tomatoes": {"bilstm": pair | {"epochs": EPOCHS}}},
        "compute": {"checkpoint_minutes": 0},
    }
    whole = shutil.copytree(finished, tmp_path / "whole", copy_function=shutil.copy2)
    run = snakemake(whole, study, "--cores", "2", "--", *TARGETS)
    assert run.returncode == 0, run.stderr
    shutil.copy2(whole / "study.yaml", finished)
    for target in TARGETS:
        kill_half_way(finished, target)
        assert snakemake(finished, study, "--unlock").returncode == 0
    run = snakemake(finished, study, "--cores", "2", "--", *TARGETS)
    assert run.returncode == 0, run.stderr
    for target, log in zip(TARGETS, LOGS, strict=True):
        said = (finished / f"results/logs/{log}.seeds0-0.log").read_text()
        assert "seed 0 goes on after stage 0 epoch" in said
        assert "epoch 1:" not in said
        assert f"epoch {EPOCHS}:" in said
        assert (finished / target).read_bytes() == (whole / target).read_bytes()
    assert not [path for path in (finished / "results").rglob("*checkpoint*")]
