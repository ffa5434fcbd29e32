"""The grid of a study: what its config spans, its cells and what each is compared with."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

from pielab.cells import AS_GIVEN, NOT_COMPRESSED, CellKey, Comparison, level_path, of_pair
from pielab.methods import calibration, compresses, is_retrained, own_levels, unit_of
from pielab.objectives import has_objective
from pielab.text_scores import has_remedy


@dataclass(frozen=True)
class Grid:
    """What a study compares.

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

    def levels(self, method: str) -> list[str]:
        """Return the levels of a method as they stand in paths."""
        if method in self.controls:
            return [NOT_COMPRESSED]
        unit, stated = unit_of(self.methods[method]), own_levels(self.methods[method])
        if unit == "none":
            return [AS_GIVEN]
        return [
            level_path(level, unit)
            for level in (self.config["sparsities"] if stated is None else stated)
        ]

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
    def word_models(self) -> list[str]:
        """The models that start from word vectors."""
        return [name for name, model in self.models.items() if model["vectors"] is not None]

    @cached_property
    def pretrained_models(self) -> list[str]:
        """The models that start from pretrained weights."""
        return [name for name in self.models if name not in self.word_models]

    @cached_property
    def trained_elsewhere(self) -> list[str]:
        """The models whose dense ones are checkpoints that users have: nothing trains them here."""
        return [name for name, model in self.models.items() if model["checkpoints"]]

    @cached_property
    def cells(self) -> list[CellKey]:
        """The cells that are compared with the dense models, broad to narrow."""
        return [
            CellKey(dataset, model, method, level)
            for (dataset, model), method in product(self.pairs, self.methods)
            for level in self.levels(method)
        ]

    @cached_property
    def dense_cells(self) -> list[CellKey]:
        """The dense models of each pair."""
        return [CellKey(dataset, model, "dense", NOT_COMPRESSED) for dataset, model in self.pairs]

    @property
    def groups(self) -> list[CellKey]:
        """All groups of models, the dense ones first."""
        return [*self.dense_cells, *self.cells]

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
        plain = [name for name in self.controls if not has_objective(self.methods[name])]
        matched = plain[:1] if trains_longer and wanted != "dense" else []
        return matched if matched and wanted == "control" else ["dense", *matched]

    def is_primary(self, comparison: Comparison) -> bool:
        """Return whether a comparison is the primary one: with models trained as long, if any."""
        return comparison.baseline == self.baselines(comparison.method)[-1]

    @cached_property
    def primary_comparisons(self) -> list[Comparison]:
        """The primary comparisons, one a cell."""
        return [comparison for comparison in self.comparisons if self.is_primary(comparison)]

    @cached_property
    def pruned_comparisons(self) -> list[Comparison]:
        """The comparisons of the methods that prune."""
        return [
            comparison
            for comparison in self.comparisons
            if comparison.method in self.pruning_methods
        ]

    @cached_property
    def explained_comparisons(self) -> list[Comparison]:
        """The primary comparisons of the methods that compress, one a cell."""
        return [comparison for comparison in self.pruned_comparisons if self.is_primary(comparison)]

    @cached_property
    def dense_comparisons(self) -> list[Comparison]:
        """The comparisons of compressed models with dense ones."""
        return [
            comparison for comparison in self.pruned_comparisons if comparison.baseline == "dense"
        ]

    def judged_comparisons(self, dataset: str, model: str) -> list[Comparison]:
        """Return the comparisons by which the paper's claims are judged: of methods that train.

        In a study without any, those of the methods with the most models. Not of methods with a
        remedy, whose claims are others, if there are methods without.
        """
        comparisons = of_pair(self.pruned_comparisons, dataset, model)
        comparisons = [
            comparison
            for comparison in comparisons
            if not has_remedy(self.methods[comparison.method])
        ] or comparisons
        trained = [
            comparison for comparison in comparisons if comparison.method in self.retrained_methods
        ]
        most = max(self.n_models(model, comparison.method) for comparison in comparisons)
        return trained or [
            comparison
            for comparison in comparisons
            if self.n_models(model, comparison.method) == most
        ]

    def comparisons_of(self, dataset: str, model: str) -> list[Comparison]:
        """Return the comparisons of a pair."""
        return of_pair(self.comparisons, dataset, model)

    def n_models(self, model: str, method: str) -> int:
        """Return the number of models of a cell: seeds by draws of calibration texts."""
        drawn = calibration(self.methods.get(method, {}))
        return self.models[model]["seeds"] * (drawn["draws"] if drawn else 1)
