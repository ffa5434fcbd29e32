"""Write the pronouncing dictionary that counts syllables where NLTK looks for it."""

from pathlib import Path

from pielab import complexity, logs


def main(dictionary: str) -> None:
    complexity.write_cmudict(Path(dictionary).parents[2])


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(snakemake.output.dictionary)
