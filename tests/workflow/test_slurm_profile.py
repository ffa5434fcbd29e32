import logging
import os

import pytest
from snakemake.cli import main

from helpers.small_study import ROOT
from pielab import machine

GPU_RULES = {"train_dense", "prune"}


@pytest.fixture
def requests(tmp_path, monkeypatch, caplog):
    """Return a function that plans the default study and lists each rule's resources."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PATH", os.devnull)  # no SLURM here

    def plan(profile, *arguments):
        where = ["--directory", tmp_path, "--configfile", ROOT / "config/config.yaml"]
        caplog.clear()
        with caplog.at_level(logging.INFO), pytest.raises(SystemExit) as end:
            main(["-n", "--profile", str(profile), *map(str, where), *arguments])
        assert end.value.code == 0
        jobs = [record for record in caplog.records if hasattr(record, "rule_name")]
        jobs = [job for job in jobs if job.rule_name != "study"]
        plan.by_model = {
            (job.rule_name, job.wildcards["model"]): job.resources
            for job in jobs
            if job.rule_name in GPU_RULES
        }
        return {job.rule_name: job.resources for job in jobs}

    return plan


def test_only_jobs_that_use_a_model_ask_for_a_gpu(requests):
    found = requests("slurm")
    assert {rule for rule, resources in found.items() if resources.get("gpu")} == GPU_RULES
    assert {found[rule].gpu for rule in GPU_RULES} == {1}


def test_memory_and_time_are_stated_for_every_rule_and_double_with_each_attempt(requests):
    first, third = requests("slurm"), requests("slurm", "--attempt", "3")
    for rule, resources in first.items():
        assert resources.mem_mb >= 1000, rule
        assert third[rule].mem_mb == 4 * resources.mem_mb, rule
        assert third[rule].runtime == 4 * resources.runtime, rule


def test_account_partition_and_gpu_model_are_taken_from_the_lines_that_name_them(
    requests, tmp_path
):
    text = (ROOT / "slurm/config.yaml").read_text()
    lines = ["default-resources", "  slurm_", "set-resources", *(f"  {rule}" for rule in GPU_RULES)]
    for line in lines:
        assert f"\n# {line}" in text
        text = text.replace(f"\n# {line}", f"\n{line}")
    (tmp_path / "config.yaml").write_text(text)
    found = requests(tmp_path)
    for rule, resources in found.items():
        assert resources.slurm_account == "my_account"
        assert resources.slurm_partition == ("gpu" if rule in GPU_RULES else "cpu"), rule
        assert resources.get("gpu_model") == ("a100" if rule in GPU_RULES else None), rule


def test_four_bilstm_jobs_or_one_encoder_job_fill_a_gpu_where_its_shares_are_counted(
    requests, monkeypatch
):
    monkeypatch.setattr(machine, "has_gpu", lambda device: True)
    requests(ROOT / "profiles/default")
    shares = {key: resources.gpu_share for key, resources in requests.by_model.items()}
    assert shares == {
        (rule, model): share
        for rule in GPU_RULES
        for model, share in (("bilstm", 25), ("minilm", 100))
    }


def test_the_guides_lines_on_shards_give_them_to_bilstm_jobs_only(requests, tmp_path):
    guide = (ROOT / "docs/guides/slurm.md").read_text()
    lines = next(part for part in guide.split("```") if "shard:1" in part)
    text = (ROOT / "slurm/config.yaml").read_text()
    (tmp_path / "config.yaml").write_text(text + lines.removeprefix("yaml"))
    requests(tmp_path)
    for (_, model), resources in requests.by_model.items():
        wanted = (0, "shard:1") if model == "bilstm" else (1, "")
        assert (resources.gpu, resources.gres) == wanted
