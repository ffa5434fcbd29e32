"""Plan the number of seeds: which changes of single examples they can tell from seed noise.

For each number of seeds, the power: the share of changed examples whose q-value reaches the false
discovery rate (pielab/stats/power.py), and what a study of the config would cost. Dense and pruned
models of a seed are taken to be right independently of each other, given the example; where they
agree more than that, the power is greater. Below it, the power of the shift: how far compression
moves the example's log odds, in standard deviations over seeds of what it does to them.
"""

import argparse
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
SHIFT_SEEDS = (4, 5, 8)  # shown beside those asked for: a shift wants fewer than votes
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

import cost  # noqa: E402
from shift_power import shift_power, shift_seeds_needed  # noqa: E402
from sizes import trained  # noqa: E402

from pielab.config import check_config  # noqa: E402
from pielab.stats.power import MOST_SEEDS, power, seeds_needed  # noqa: E402
from pielab.vocabulary import FEWEST_FOR_TEST  # noqa: E402


def power_table(seeds: list[int], lost: list[float], options: dict) -> list[list[float]]:
    """Return the power by number of seeds and share of the right votes that are lost."""
    return [
        [
            power(number, share * number, fewest=min(FEWEST_FOR_TEST, number), **options)
            for share in lost
        ]
        for number in seeds
    ]


def costs(study: dict, seeds: list[int], throughput: Path) -> list[tuple[int, float | None]]:
    """Return trainings and hours of a study by its seeds; no hours if nobody measured any."""
    levels = [
        1 if method["criterion"] == "none" else len(study["sparsities"])
        for method in cost.trained_methods(study).values()
    ]
    pairs = [model for models in study["training"].values() for model in models]
    a_seed = len(pairs) * (1 + sum(levels))
    try:
        rates = cost.read_rows(throughput)
        device = cost.choose_device(study, rates)
        rows = cost.estimate(study, rates, device, Path("results"))
        hours = sum(row["hours"] / study["models"][row["model"]]["seeds"] for row in rows)
    except (ValueError, OSError):
        return [(number * a_seed, None) for number in seeds]
    return [(number * a_seed, number * hours) for number in seeds]


def show(options: argparse.Namespace, study: dict) -> None:
    """Print the table and, for each change, the fewest seeds that find it."""
    lost = [percent / 100 for percent in options.lost]
    known = {
        "dense_share": options.dense / 100,
        "fdr": options.fdr / 100,
        "changed": options.changed / 100,
    }
    print(
        f"Power at a false discovery rate of {options.fdr:g} %, if dense models are right with "
        f"probability {known['dense_share']:g} on the\nexamples that change, and these are "
        f"{options.changed:g} % of those that are tested (where {FEWEST_FOR_TEST} seeds or more "
        "changed):\n"
    )
    print("   seeds   trainings       hours" + "".join(f"{f'-{p:g} %':>9}" for p in options.lost))
    table = power_table(options.seeds, lost, known)
    for number, (trainings, hours), row in zip(
        options.seeds, costs(study, options.seeds, options.throughput), table, strict=True
    ):
        shown = "-" if hours is None else f"{hours:,.0f}" if hours >= 10 else f"{hours:.2f}"
        print(f"{number:>8}{trainings:>12,}{shown:>12}" + "".join(f"{x:>9.2f}" for x in row))
    print(f"\nFewest seeds with a power of {options.power:g}:")
    for percent, share in zip(options.lost, lost, strict=True):
        needed = seeds_needed(
            share,
            known["dense_share"],
            options.power,
            **dict(fdr=known["fdr"], changed=known["changed"], fewest=FEWEST_FOR_TEST),
        )
        if needed is None:
            print(f"  -{percent:g} % of the votes: more than {MOST_SEEDS}")
            continue
        ((trainings, _),) = costs(study, [needed], options.throughput)
        votes = share * needed
        print(
            f"  -{percent:g} % of the votes: {needed} seeds, where that is {votes:.1f} votes; "
            f"{trainings:,} trainings"
        )


def show_shifts(options: argparse.Namespace) -> None:
    """Print the same of shifts, for any number of seeds from which some are found."""
    known = {"fdr": options.fdr / 100, "changed": options.changed / 100}
    print(
        f"\nPower by the shift of the log odds, if {options.changed:g} % of the examples shift by "
        "so many standard deviations:\n"
    )
    print("   seeds" + "".join(f"{f'{shift:g} sd':>9}" for shift in options.shifts))
    for number in sorted({*SHIFT_SEEDS, *options.seeds}):
        row = [shift_power(number, shift, **known) for shift in options.shifts]
        print(f"{number:>8}" + "".join(f"{share:>9.2f}" for share in row))
    print(f"\nFewest seeds with a power of {options.power:g}:")
    for shift in options.shifts:
        needed = shift_seeds_needed(shift, options.power, **known)
        print(
            f"  {shift:g} sd: {f'more than {MOST_SEEDS}' if needed is None else f'{needed} seeds'}"
        )


def main() -> None:
    """Read the options and the config, and print the plan."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=ROOT / "config/config.yaml")
    parser.add_argument("--throughput", type=Path, default=ROOT / "resources/throughput.csv")
    parser.add_argument("--seeds", type=int, nargs="+", default=[5, 10, 20, 30, 50, 100])
    parser.add_argument(
        "--lost",
        type=float,
        nargs="+",
        default=[20, 30, 40, 50],
        help="percent of the models that pruning makes wrong on a changed example",
    )
    parser.add_argument(
        "--shifts",
        type=float,
        nargs="+",
        default=[1, 1.5, 2, 3],
        help="of a changed example's log odds, in standard deviations over seeds",
    )
    parser.add_argument("--dense", type=float, default=90, help="percent of dense models right")
    parser.add_argument(
        "--changed", type=float, default=5, help="percent of the tested examples that change"
    )
    parser.add_argument("--fdr", type=float, default=5, help="false discovery rate, percent")
    parser.add_argument("--power", type=float, default=0.8, help="the power that is wanted")
    options = parser.parse_args()
    try:
        schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
        config = yaml.safe_load(options.config.read_text(encoding="utf-8"))
        show(options, trained(check_config(config, schema, [str(options.config)])))
        show_shifts(options)
    except (ValueError, OSError) as error:
        sys.exit(f"power: {error}")


if __name__ == "__main__":
    main()
