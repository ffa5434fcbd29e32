# A decoder is compressed and asked in one job, and leaves logs as lm-evaluation-harness writes them.
# A rule a dataset, since datasets have different tasks, and each task a log.

from functools import partial

for DATASET in dict.fromkeys(cell.dataset for cell in STUDY.asked_cells):

    rule:
        name:
            "ask_" + re.sub(r"\W", "_", DATASET)
        input:
            pretrained="results/pretrained/{model}/model.safetensors",
            configs=expand(
                "results/pretrained/{{model}}/{name}.json",
                name=["config", "tokenizer", "tokenizer_config"],
            ),
            external=partial(asked_files, DATASET),
        output:
            samples=[
                f"results/asked/{DATASET}/{{model}}/{{method}}/{{level}}/{{run}}/samples_{task}.jsonl"
                for task in STUDY.datasets[DATASET]["tasks"]
            ],
            results=f"results/asked/{DATASET}/{{model}}/{{method}}/{{level}}/{{run}}/results.json",
            weights=f"results/asked/{DATASET}/{{model}}/{{method}}/{{level}}/{{run}}/weights.json",
        log:
            f"results/logs/ask_decoder/{DATASET}.{{model}}.{{method}}.{{level}}.{{run}}.log",
        benchmark:
            f"results/benchmarks/ask_decoder/{DATASET}.{{model}}.{{method}}.{{level}}.{{run}}.tsv"
        wildcard_constraints:
            run=r"draw\d+|rerun\d+",
        conda:
            "../../envs/harness.yaml"
        threads: COMPUTE["threads"]
        resources:
            **doubling(mem_mb=8000, runtime=720),
            gpu=1,
            gpu_share=gpu_share,
        params:
            settings=partial(ask_settings, DATASET),
            code=ask_code,
            untracked=train_untracked,
            level=level_said,
        message:
            f"Ask {{wildcards.model}} {DATASET}: {{wildcards.method}}, {{params.level}}, {{wildcards.run}}"
        script:
            "../../scripts/ask_decoder.py"
