"""Write the pronouncing dictionary that counts syllables where NLTK looks for it."""

from pathlib import Path

from pielab import jobs
from pielab.analysis import readability


def main(dictionary: str) -> None:
    readability.write_cmudict(Path(dictionary).parents[2])


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(snakemake.output.dictionary)
