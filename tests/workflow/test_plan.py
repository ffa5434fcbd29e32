import copy
import re

from helpers.small_study import ROOT, STUDY, plan, snakemake


def test_a_fresh_study_plans_each_stage_once_a_block(tmp_path, study):
    jobs = plan(tmp_path, study)
    counts = {}
    for (rule, _), count in jobs.items():
        counts[rule] = counts.get(rule, 0) + count
    assert counts["fetch"] == counts["encode_words"] == 1
    assert counts["train_dense"] == 2  # blocks of one seed
    assert counts["prune"] == 2 * 2
    assert counts["find_pies"] == 2


def test_at_initialisation_methods_do_not_wait_for_the_dense_models(tmp_path, study):
    target = "results/predictions/rotten_tomatoes/bilstm/rp-ai/sparsity90/seeds0-0.test.safetensors"
    run = snakemake(tmp_path, study, "-n", "--quiet", "rules", "--", target)
    assert "train_dense" not in run.stdout


def test_every_rule_tracks_settings_and_code_and_nothing_else():
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        text = path.read_text()
        rules = len(re.findall(r"^ *(?:use )?rule\b", text, re.MULTILINE))
        assert len(re.findall(r"^ *params:\n +settings=", text, re.MULTILINE)) == rules, path.name
        digests = re.findall(r"^ +code=(?:code\(|\w+_code)", text, re.MULTILINE)
        assert len(digests) == rules, path.name


def test_the_default_config_names_what_the_readme_promises():
    import yaml

    study = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    assert list(study["datasets"]) == ["bbc"]
    assert list(study["methods"]) == ["imp-ft", "ibp-ai", "control"]
    assert {model["seeds"] for model in study["models"].values()} == {9}
    assert study["models"]["minilm"]["freeze_layers"] == 5
    assert study["sparsities"] == [50, 90]


def test_a_block_of_all_seeds_and_blocks_of_one_seed_give_the_same_bytes(finished_once, tmp_path):
    from pielab import files

    study = copy.deepcopy(STUDY)
    study["models"]["bilstm"]["seeds_per_job"] = 2
    cell = "results/predictions/rotten_tomatoes/bilstm/imp-ft/sparsity90"
    run = snakemake(tmp_path, study, "--cores", "1", "--", f"{cell}/seeds0-1.test.safetensors")
    assert run.returncode == 0, run.stderr
    both, _ = files.read_arrays(tmp_path / cell / "seeds0-1.test.safetensors")
    for seed in (0, 1):
        path = finished_once / cell / f"seeds{seed}-{seed}.test.safetensors"
        alone, _ = files.read_arrays(path)
        assert (alone["logits"][0] == both["logits"][seed]).all()
