"""The grid of a study: its cells, its blocks of models, and the files that they are kept in."""

import os
from dataclasses import dataclass
from functools import cached_property
from glob import glob
from itertools import product

from pielab.cells import CELL, Cell, Comparison, fill, natural, sparsity_names
from pielab.methods import calibration, compresses, is_retrained, level_text, own_levels, unit_of


def _cut(number: int, size: int) -> list[str]:
    """Return blocks of so many from 0 on, each by its first and last."""
    return [f"{first}-{min(first + size, number) - 1}" for first in range(0, number, size)]


@dataclass(frozen=True)
class Study:
    """A study as its config spans it.

    `config`: what `check_config` returned.
    """

    config: dict

    @property
    def datasets(self) -> dict[str, dict]:
        """All datasets that the config describes, by name."""
        return self.config["datasets"]

    @property
    def models(self) -> dict[str, dict]:
        """All models, by name."""
        return self.config["models"]

    @property
    def methods(self) -> dict[str, dict]:
        """All methods, by name; the dense models are none of them."""
        return self.config["methods"]

    @property
    def training(self) -> dict[str, dict[str, dict]]:
        """The hyperparameters by dataset and model."""
        return self.config["training"]

    @property
    def shared(self) -> str | None:
        """The folder of predictions that this study left elsewhere."""
        predictions = self.config["predictions"]
        return predictions if isinstance(predictions, str) else None

    @property
    def given(self) -> dict | None:
        """What the config says of predictions, logs or models that others made."""
        predictions = self.config["predictions"]
        return predictions if isinstance(predictions, dict) else None

    @property
    def are_models_elsewhere(self) -> bool:
        """Whether no models are trained here."""
        return bool(self.config["predictions"])

    def given_files(self, cell: Cell | Comparison, split: str) -> list[str]:
        """Return the files that others made of a cell on a split, in natural order.

        A pattern that matches nothing stands for itself: the job says what is missing.
        """
        found = []
        for pattern in (self.given or {})["files"][cell.method]:
            names = cell._asdict() | {"level": f"{float(cell.sparsity):g}", "split": split}
            path = fill(pattern, names)
            found += sorted(glob(path, recursive=True), key=natural) or [path]
        return found

    def missing_predictions(self) -> list[str]:
        """Return a line on each file of predictions that is not there."""
        if not self.given:
            return []
        dense = [Cell(dataset, model, "dense", "00") for dataset, model in self.pairs]
        return [
            f"predictions.files.{cell.method}: {path!r}: no such file"
            for cell in [*dense, *self.cells]
            for split in self.splits
            for path in self.given_files(cell, split)
            if not os.path.exists(path)
        ]

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """The splits that are predicted; of predictions that are given perhaps only the test."""
        files = self.given["files"].values() if self.given else []
        whole = all("{split}" in pattern for patterns in files for pattern in patterns)
        return ("test", "train") if whole else ("test",)

    @cached_property
    def has_influence(self) -> bool:
        """Whether predictions after the first epoch, which EL2N takes, are made or given."""
        if not self.given:
            return True
        dense = [Cell(dataset, model, "dense", "00") for dataset, model in self.pairs]
        early = [path for cell in dense for path in self.given_files(cell, "early")]
        return "train" in self.splits and all(map(os.path.exists, early))

    @property
    def browsed_splits(self) -> list[str]:
        """The splits that the browser shows, of those that are predicted."""
        return [split for split in self.config["report"]["splits"] if split in self.splits]

    @cached_property
    def studied_datasets(self) -> list[str]:
        """The datasets that some model is trained on."""
        return list(self.training)

    @cached_property
    def published_as(self) -> dict[str, str]:
        """The paper's name of each studied dataset that the config says is the paper's."""
        names = {name: self.datasets[name]["published_as"] for name in self.studied_datasets}
        return {name: published for name, published in names.items() if published}

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of dataset and model that are run."""
        return [(dataset, model) for dataset, models in self.training.items() for model in models]

    @cached_property
    def pruning_methods(self) -> list[str]:
        """The methods that compress, so that they have a cell for each of their levels."""
        return [name for name, method in self.methods.items() if compresses(method)]

    @cached_property
    def retrained_methods(self) -> list[str]:
        """The methods that train models, and do not only compress the dense ones."""
        return [name for name, method in self.methods.items() if is_retrained(method)]

    @cached_property
    def compressing_methods(self) -> list[str]:
        """The methods that compress the dense models after training."""
        return [name for name in self.methods if name not in self.retrained_methods]

    def unit(self, method: str) -> str:
        """Return the unit of a method's levels."""
        return unit_of(self.methods[method])

    def level_text(self, cell: Cell | Comparison) -> str:
        """Return the level of a cell as it is said, such as 90 % or 8 bits."""
        return level_text(float(cell.sparsity), self.unit(cell.method))

    def levels(self, method: str) -> list[str]:
        """Return the levels of a method as they stand in paths."""
        if method in self.controls:
            return ["00"]
        own = own_levels(self.methods[method])
        return sparsity_names(self.config["sparsities"] if own is None else own)

    @cached_property
    def controls(self) -> list[str]:
        """The methods that train and prune nothing."""
        return [name for name in self.methods if name not in self.pruning_methods]

    @cached_property
    def iterative_methods(self) -> list[str]:
        """The methods that go on training from the dense models."""
        schedules = {name: method.get("schedule") for name, method in self.methods.items()}
        return [name for name, schedule in schedules.items() if schedule == "iterative"]

    @cached_property
    def bilstms(self) -> list[str]:
        """The models that read word vectors."""
        return [name for name, model in self.models.items() if model["vectors"] is not None]

    @cached_property
    def encoders(self) -> list[str]:
        """The models that start from a pretrained encoder."""
        return [name for name in self.models if name not in self.bilstms]

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells that are compared with the dense models, broad to narrow."""
        return [
            Cell(dataset, model, method, sparsity)
            for (dataset, model), method in product(self.pairs, self.methods)
            for sparsity in self.levels(method)
        ]

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """The cells with each baseline of theirs, the dense models first."""
        return [
            Comparison(*cell, baseline)
            for cell in self.cells
            for baseline in self.baselines(cell.method)
        ]

    def baselines(self, method: str) -> list[str]:
        """Return what a method is compared with: dense models, and those trained as long as its."""
        trains_longer = method in self.pruning_methods and method in self.iterative_methods
        wanted = self.config["pies"]["baseline"]
        matched = self.controls[:1] if trains_longer and wanted != "dense" else []
        return matched if matched and wanted == "control" else ["dense", *matched]

    def is_headline(self, comparison: Comparison) -> bool:
        """Return whether a comparison is the one to quote: with models trained as long, if any."""
        return comparison.baseline == self.baselines(comparison.method)[-1]

    @cached_property
    def headlines(self) -> list[Comparison]:
        """The comparisons to quote, one a cell."""
        return [each for each in self.comparisons if self.is_headline(each)]

    @cached_property
    def pruned_comparisons(self) -> list[Comparison]:
        """The comparisons of the methods that prune."""
        return [each for each in self.comparisons if each.method in self.pruning_methods]

    @cached_property
    def dense_comparisons(self) -> list[Comparison]:
        """The comparisons of compressed models with dense ones."""
        return [each for each in self.pruned_comparisons if each.baseline == "dense"]

    def judged_comparisons(self, dataset: str, model: str) -> list[Comparison]:
        """Return the comparisons by which the paper's claims are judged: of methods that train.

        In a study without any, those of the methods with the most models.
        """
        own = [each for each in self.pruned_comparisons if each.pair == (dataset, model)]
        trained = [each for each in own if each.method in self.retrained_methods]
        most = max(self.members(model, each.method) for each in own)
        return trained or [each for each in own if self.members(model, each.method) == most]

    def comparisons_of(self, dataset: str, model: str) -> list[Comparison]:
        """Return the comparisons of a pair."""
        return [each for each in self.comparisons if each.pair == (dataset, model)]

    def blocks(self, model: str) -> list[str]:
        """Return the blocks of seeds of a model, such as 0-9; more seeds add blocks at the end."""
        seeds = self.models[model]["seeds"]
        return _cut(seeds, seeds if self.given else self.models[model]["seeds_per_job"])

    @cached_property
    def cells_by_layer(self) -> list[Cell]:
        """The cells in whose models dense layers are put back; none of models that are not here."""
        if self.are_models_elsewhere:
            return []
        return [cell for cell in self.cells if cell.method in self.config["layers"]["methods"]]

    def layer_file(self, cell: Cell, suffix: str, separator: str = ".") -> str:
        """Return the path of what is known of a cell's layers."""
        return f"results/layers/{CELL}".format(**cell._asdict()) + separator + suffix

    def members(self, model: str, method: str) -> int:
        """Return the number of models of a cell: seeds by draws of calibration texts."""
        drawn = calibration(self.methods.get(method, {}))
        return self.models[model]["seeds"] * (drawn["draws"] if drawn else 1)

    def member_blocks(self, model: str, method: str) -> list[str]:
        """Return the blocks of a cell's models, such as 0-9 or, by draws too, 0-9.draws0-4."""
        drawn = calibration(self.methods.get(method, {}))
        if not drawn:
            return self.blocks(model)
        parts = _cut(drawn["draws"], drawn["draws_per_job"])
        return [f"{block}.draws{part}" for block in self.blocks(model) for part in parts]

    def prediction_files(self, cell: Cell, split: str) -> list[str]:
        """Return the predictions of all blocks of a cell, or of dense models, on a split."""
        if split not in (*self.splits, "early"):
            return []
        root = self.shared or "results/predictions"
        folder = f"{root}/{CELL}".format(**cell._asdict())
        blocks = self.member_blocks(cell.model, cell.method)
        return [f"{folder}/seeds{block}.{split}.safetensors" for block in blocks]

    @cached_property
    def predicted(self) -> list[str]:
        """The predictions of all cells and of the dense models, on each split."""
        dense = [Cell(dataset, model, "dense", "00") for dataset, model in self.pairs]
        paths = [(cell, split) for cell in [*dense, *self.cells] for split in self.splits]
        paths += [(cell, "early") for cell in dense if self.has_influence]
        return [path for cell, split in paths for path in self.prediction_files(cell, split)]

    def by_pair(self, pattern: str) -> list[str]:
        """Return a path for each pair; those of one dataset share what names no model."""
        return [pattern.format(dataset=dataset, model=model) for dataset, model in self.pairs]

    def expand(self, pattern: str) -> list[str]:
        """Return a path for each cell, pair or dataset, and block of seeds, that `pattern` names.

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
                for block in self.member_blocks(row["model"], row.get("method", "dense"))
            ]
        return [pattern.format(**row) for row in rows]

    def by_browsed_split(self, pattern: str) -> list[str]:
        """Return a path for each group of the browser's examples, in their order."""
        return [
            pattern.format(dataset=dataset, split=split)
            for split in self.browsed_splits
            for dataset in self.studied_datasets
        ]
