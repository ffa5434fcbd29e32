"""A study: its grid, its blocks of models, and the files that they are kept in."""

import hashlib
import os
import re
from functools import cached_property
from glob import glob

from pielab import asked, harness_folders, influence_measures
from pielab.cells import CELL, CellKey, Comparison, chosen_for, fill, natural, read_level
from pielab.grid import Grid
from pielab.methods import calibration
from pielab.seeds import FIRST_TEACHER

INSPECT, INSPECT_TABLES = "inspect", "results/inspect"  # a source, and where its tables lie
EMBEDDINGS = "embeddings.safetensors"  # in the folder of a dataset that a study shares


def _cut(number: int, size: int, start: int = 0) -> list[str]:
    """Return blocks of so many from `start` on, each by its first and last."""
    end = start + number
    return [f"{first}-{min(first + size, end) - 1}" for first in range(start, end, size)]


def inspect_table(path: str) -> str:
    """Return the table into which a log of Inspect is converted."""
    digest = hashlib.sha256(path.encode()).hexdigest()[:8]
    name = re.sub("[^A-Za-z0-9]+", "-", path).strip("-")[-80:]
    return f"{INSPECT_TABLES}/samples_inspect_{name}-{digest}.jsonl"


def _has_train(dataset: dict) -> bool:
    """Return whether a dataset has a training split, or one can be drawn."""
    return dataset["files"] is None or "train" in dataset["files"]


class Study(Grid):
    """A study as its config spans it."""

    @property
    def shared(self) -> str | None:
        """The folder of predictions that this study left elsewhere."""
        predictions = self.config["predictions"]
        return predictions if isinstance(predictions, str) else None

    @property
    def external(self) -> dict | None:
        """What the config says of external predictions, logs or models."""
        predictions = self.config["predictions"]
        return predictions if isinstance(predictions, dict) else None

    @property
    def are_models_elsewhere(self) -> bool:
        """Whether no models are trained here."""
        return bool(self.config["predictions"])

    def folders(self, cell: CellKey | Comparison) -> list[str]:
        """Return the folders of a cell's runs, each of which is a model."""
        return self._external_paths(cell, "test")

    def runs(self, cell: CellKey | Comparison) -> list[dict[str, str]]:
        """Return the logs of a cell's runs by task; none of a dataset that is not of folders."""
        if not (tasks := self.datasets[cell.dataset].get("found_tasks")):
            return []
        if self.has_decoders:
            return [asked.logs_of(folder, tasks) for folder in self.folders(cell)]
        runs = [harness_folders.logs_of(folder) for folder in self.folders(cell)]
        return [{task: logs[task] for task in tasks} for logs in runs]

    def external_files(self, cell: CellKey | Comparison, split: str) -> list[str]:
        """Return the external files of a cell on a split, in natural order.

        A pattern that matches nothing stands for itself: the job says what is missing.
        """
        files = self.named_files(cell, split)
        return list(map(inspect_table, files)) if self.is_of_inspect(cell.dataset) else files

    def named_files(self, cell: CellKey | Comparison, split: str) -> list[str]:
        """Return the files of external_files as the config names them.

        A log of Inspect is converted before it is read.
        """
        if runs := self.runs(cell):
            return [path for logs in runs for path in logs.values()]
        return self._external_paths(cell, split)

    def is_of_inspect(self, dataset: str) -> bool:
        """Return whether a dataset is of logs of Inspect."""
        return self.datasets[dataset]["source"] == INSPECT

    @cached_property
    def has_decoders(self) -> bool:
        """Whether the models are decoders, whose runs are logs that the harness left."""
        return asked.are_asked(self.config)

    @cached_property
    def asked_cells(self) -> list[CellKey]:
        """The groups of decoders that are asked here; none whose logs an earlier run left."""
        asks = self.has_decoders and self.external and not self.external["logs"]
        return self.groups if asks else []

    def scores(self, dataset: str) -> str | None:
        """Return what external files hold of a dataset: labels, probabilities or logits."""
        return chosen_for((self.external or {}).get("scores"), dataset)

    def reruns(self, model: str, method: str) -> list[dict]:
        """Return what further runs of a dense decoder change; they are no models of their own."""
        return self.models[model]["reruns"] if method == "dense" else []

    @cached_property
    def asked_logs(self) -> set[str]:
        """The logs that jobs of this study make by asking."""
        return {path for cell in self.asked_cells for path in self.named_files(cell, "test")}

    @cached_property
    def described_decoders(self) -> dict[tuple[str, str], str]:
        """What dense decoders' jobs leave of their weights, by pair; perhaps none by logs."""
        if not self.has_decoders or not self.external:
            return {}
        paths = {cell.pair: f"{self.folders(cell)[0]}/weights.json" for cell in self.dense_cells}
        asks = bool(self.asked_cells)
        return {pair: path for pair, path in paths.items() if asks or os.path.isfile(path)}

    @cached_property
    def sized_pairs(self) -> list[tuple[str, str]]:
        """The pairs whose models' weights are described, so that sizes are known."""
        return self.pairs if not self.are_models_elsewhere else list(self.described_decoders)

    @cached_property
    def inspect_logs(self) -> dict[str, str]:
        """The logs of Inspect, by the tables into which they are converted."""
        cells = [cell for cell in self.groups if self.is_of_inspect(cell.dataset)]
        files = [path for cell in cells for path in self.named_files(cell, "test")]
        return {inspect_table(path): path for path in files}

    def _external_paths(self, cell: CellKey | Comparison, split: str) -> list[str]:
        """Return what the config's patterns match, files or folders."""
        found = []
        if self.has_decoders:
            runs = asked.runs(
                self.n_models(cell.model, cell.method), self.reruns(cell.model, cell.method)
            )
            (folder,) = (self.external or {})["files"][cell.method]
            return [f"{fill(folder, cell._asdict())}/{run}" for run in runs]
        for pattern in (self.external or {})["files"][cell.method]:
            names = cell._asdict() | {"level": f"{read_level(cell.level).number:g}", "split": split}
            path = fill(pattern, names)
            found += sorted(glob(path, recursive=True), key=natural) or [path]
        return found

    def missing_predictions(self) -> list[str]:
        """Return a line on each file of predictions that is not there."""
        if not self.external:
            return []
        return [
            f"predictions.files.{cell.method}: {path!r}: no such file"
            for cell in self.groups
            for split in self.splits
            for path in self.named_files(cell, split)
            if path not in self.asked_logs and not os.path.exists(path)
        ]

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """The splits that are predicted; of predictions that are given perhaps only the test."""
        if self.shared and not glob(f"{self.shared}/**/*.train.safetensors", recursive=True):
            return ("test",)
        if not self.external and any(not _has_train(self.datasets[n]) for n in self.training):
            return ("test",)
        files = self.external["files"].values() if self.external else []
        whole = all("{split}" in pattern for patterns in files for pattern in patterns)
        return ("test", "train") if whole else ("test",)

    @cached_property
    def has_influence(self) -> bool:
        """Whether predictions after the first epoch, which influence takes, are made or given."""
        if not self.external:
            return bool(self.influential_pairs)
        early = [path for cell in self.dense_cells for path in self.external_files(cell, "early")]
        return "train" in self.splits and all(map(os.path.exists, early))

    @cached_property
    def kept_of_training(self) -> list[str]:
        """What dense training keeps for measures of influence beside its first epoch's logits."""
        if self.are_models_elsewhere:
            return []
        return influence_measures.kept(self.config["influence"]["measures"])

    @cached_property
    def influential_pairs(self) -> list[tuple[str, str]]:
        """The pairs with predictions after the first epoch: none of models trained elsewhere."""
        if self.external:
            return self.pairs if self.has_influence else []
        if self.shared and "train" not in self.splits:
            return []
        return [pair for pair in self.pairs if pair[1] not in self.trained_elsewhere]

    @property
    def has_claims(self) -> bool:
        """Whether the paper's claims are judged, which read the training split."""
        return "train" in self.splits and (not self.external or self.has_influence)

    @property
    def embeds_texts(self) -> bool:
        """Whether texts are embedded, to compare them with training texts that are known here."""
        return bool(self.config["causes"]["embeddings"]) and "train" in self.splits

    @property
    def browsed_splits(self) -> list[str]:
        """The splits that the browser shows, of those that are predicted."""
        return [split for split in self.config["report"]["splits"] if split in self.splits]

    def blocks(self, model: str) -> list[str]:
        """Return the blocks of seeds of a model, such as 0-9; more seeds add blocks at the end."""
        seeds = self.models[model]["seeds"]
        return _cut(seeds, seeds if self.external else self.models[model]["seeds_per_job"])

    def teacher_blocks(self, model: str, number: int) -> list[str]:
        """Return the blocks of the seeds that teach, which no comparison counts."""
        return _cut(number, self.models[model]["seeds_per_job"], FIRST_TEACHER)

    @cached_property
    def cells_by_layer(self) -> list[CellKey]:
        """The cells in whose models dense layers are put back; none of models that are not here."""
        if self.are_models_elsewhere and not self.asked_cells:
            return []
        return [cell for cell in self.cells if cell.method in self.config["layers"]["methods"]]

    def mixture_files(self, cell: CellKey, sets: str) -> list[str]:
        """Return what models with a cell's layers put back predict: a file a block, or a draw."""
        blocks = self.model_blocks(cell.model, cell.method)
        if self.has_decoders:
            blocks = [f"0-0.draws{n}-{n}" for n in range(self.n_models(cell.model, cell.method))]
        return [self.layer_file(cell, f"seeds{block}.{sets}.safetensors", "/") for block in blocks]

    def layer_file(self, cell: CellKey, suffix: str, separator: str = ".") -> str:
        """Return the path of what is known of a cell's layers."""
        return f"results/layers/{CELL}".format(**cell._asdict()) + separator + suffix

    def model_blocks(self, model: str, method: str) -> list[str]:
        """Return the blocks of a cell's models, such as 0-9 or, by draws too, 0-9.draws0-4."""
        drawn = calibration(self.methods.get(method, {}))
        if not drawn:
            return self.blocks(model)
        parts = _cut(drawn["draws"], drawn["draws_per_job"])
        return [f"{block}.draws{part}" for block in self.blocks(model) for part in parts]

    def block_of(self, model: str, method: str, seed: int, draw: int) -> str:
        """Return the block of a cell's models that has one of them.

        Raises
        ------
        ValueError
            If there is no such model.
        """
        for block in self.model_blocks(model, method):
            numbers = [int(number) for number in re.findall(r"\d+", block)]
            first, last, *draws = numbers
            low, high = draws or (0, 0)
            if first <= seed <= last and low <= draw <= high:
                return block
        raise ValueError(
            f"export: seed {seed}, draw {draw}; expected fewer, as models.{model} and "
            f"methods.{method} have"
        )

    def prediction_files(self, cell: CellKey, split: str) -> list[str]:
        """Return the predictions of all blocks of a cell, or of dense models, on a split."""
        if split not in (*self.splits, "early", *self.kept_of_training):
            return []
        root = self.shared or "results/predictions"
        folder = f"{root}/{CELL}".format(**cell._asdict())
        blocks = self.model_blocks(cell.model, cell.method)
        return [f"{folder}/seeds{block}.{split}.safetensors" for block in blocks]

    def shared_embeddings(self, dataset: str) -> str | None:
        """Return the embeddings of a dataset's texts that another study left, if it did."""
        path = f"{self.shared}/{dataset}/{EMBEDDINGS}"
        return path if self.shared and os.path.isfile(path) else None

    @cached_property
    def predicted(self) -> list[str]:
        """The predictions of all cells and of the dense models, on each split."""
        paths = [(cell, split) for cell in self.groups for split in self.splits]
        paths += [
            (cell, "early") for cell in self.dense_cells if cell.pair in self.influential_pairs
        ]
        return [path for cell, split in paths for path in self.prediction_files(cell, split)]

    def expand(self, pattern: str) -> list[str]:
        """Return a path for each cell, pair or dataset, and block, that `pattern` names."""
        return [pattern.format(**row) for row in self.rows(pattern)]

    def rows(self, pattern: str) -> list[dict[str, str]]:
        """Return the wildcards of each cell, pair or dataset, and block, that `pattern` names.

        `pattern` holds wildcards as in rules: `{dataset}`, `{dataset}` and `{model}`, or all four
        of a cell and its `{baseline}`, and `{seeds}` where there is a file a block.
        """
        rows: list[dict[str, str]] = [{"dataset": dataset} for dataset in self.studied_datasets]
        if "{model}" in pattern:
            rows = [{"dataset": dataset, "model": model} for dataset, model in self.pairs]
        if "{method}" in pattern:
            rows = [cell._asdict() for cell in self.cells]
        if "{baseline}" in pattern:
            rows = [comparison._asdict() for comparison in self.comparisons]
        if "{seeds}" in pattern:
            rows = [
                row | {"seeds": block}
                for row in rows
                for block in self.model_blocks(row["model"], row.get("method", "dense"))
            ]
        return rows

    def by_browsed_split(self, pattern: str) -> list[str]:
        """Return a path for each group of the browser's examples, in their order."""
        return [
            pattern.format(dataset=dataset, split=split)
            for split in self.browsed_splits
            for dataset in self.studied_datasets
        ]
