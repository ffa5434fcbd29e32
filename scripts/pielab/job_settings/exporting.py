"""Which compressed models may leave, and the settings of the job that writes them."""

from collections.abc import Sequence

from pielab.cells import Comparison, read_level
from pielab.job_settings.jobs import subset, train
from pielab.methods import calibration, compressor, compressor_of
from pielab.study import Study


def exports(study: Study, gated: Sequence[Comparison]) -> list[dict]:
    """Return the versions that may leave: gated, of pretrained models, with weights that are known.

    Each has its comparison, the wildcards of its model's files, `paths`, and whether it was trained
    after pruning, so that its weights are read and not made again.
    """
    chosen, found = study.config["export"], []
    for comparison in gated:
        method = study.methods[comparison.method]
        if not _is_wanted(study, comparison) or _why_not_exported(study, comparison):
            continue
        seed, draw = (0 if chosen[key] == "first" else chosen[key] for key in ("seed", "draw"))
        drawn = calibration(method)
        stored_draw = draw if drawn else 0
        paths = comparison._asdict() | {
            "seeds": study.block_of(comparison.model, "dense", seed, 0),
            "block": study.block_of(comparison.model, comparison.method, seed, stored_draw),
        }
        texts = (drawn or {}).get("file")
        found.append({"comparison": comparison, "paths": paths, "seed": seed, "draw": stored_draw})
        found[-1]["has_file"] = bool(texts)
        found[-1]["is_retrained"] = comparison.method in study.retrained_methods
    return found


def _is_wanted(study: Study, version: Comparison) -> bool:
    """Return whether the config names a version's method for export, or none."""
    wanted = study.config["export"]["methods"]
    return not wanted or version.method in wanted


def _why_not_exported(study: Study, version: Comparison) -> str | None:
    """Return why a version's model cannot be exported, None if it can."""
    method = study.methods[version.method]
    if version.model not in study.pretrained_models:
        architecture = study.models[version.model]["architecture"]
        return f"transformers has no class for a {architecture} model"
    if version.method in study.retrained_methods:
        if study.config["compute"]["keep_pruned_models"] and not study.are_models_elsewhere:
            return None
        return "its trained weights are not kept; compute.keep_pruned_models: true keeps them"
    if version.method not in study.compressing_methods:
        return "its models are not made here"
    if compressor(compressor_of(method)).cpu_only:
        return "its weights have a form of torch's own, for which transformers has no class"
    return None


def export(study: Study, gated: Sequence[Comparison]) -> dict:
    """Return what exporting has to know, with a mapping for each version in their order.

    `left`: a line for each version that is wanted and cannot be exported.
    """
    versions = []
    for version in exports(study, gated):
        comparison: Comparison = version["comparison"]
        names = comparison.dataset, comparison.model, comparison.method
        folders = study.models[comparison.model].get("folders")
        versions.append(
            {
                "cell": comparison.row(),
                "folder": [*names, comparison.level],
                "settings": train(study, *names),
                "source": folders[version["seed"]] if folders else None,
                "draws": study.n_models(comparison.model, comparison.method)
                // study.models[comparison.model]["seeds"],
                **subset(study.training[comparison.dataset][comparison.model], "max_tokens"),
                **subset(version, "seed", "draw", "has_file", "is_retrained"),
            }
        )
    left = [
        f"{left.dataset}, {left.model}, {left.method}, {read_level(left.level).text}: {reason}"
        for left in gated
        if _is_wanted(study, left) and (reason := _why_not_exported(study, left))
    ]
    chosen = subset(study.config["export"], "force") | subset(study.config["gate"], "fail_on")
    chosen |= {"versions": versions, "left": left}
    return chosen | subset(study.config["compute"], "threads")
