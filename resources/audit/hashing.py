"""Linear models of news topics, and the same with their words hashed into few buckets.

An example of predictions that this project has no part in: scikit-learn makes them, and hashing is
how linear models of text are made small. Each side has seven models, of bootstrap samples of one
half of the texts, which say what the other half is about; and the other way round, so that there
are predictions for all texts. config/audit.yaml audits what this writes, beside it, into hashed/.

    python resources/audit/hashing.py FOLDER
"""

import sys
from pathlib import Path

import pandas as pd
from news import draw, frame_of, read_news
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

BUCKETS = (1024, 256)
SEEDS, LEARNED = 7, 500  # models a side, and texts of each


def main(folder: Path) -> None:
    """Train all models and write what they predict."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = read_news(LEARNED), read_news(LEARNED, swapped=True)
    words = {"dense": CountVectorizer()}
    words |= {f"hashed-{number}": HashingVectorizer(n_features=number) for number in BUCKETS}
    for name, vectorizer in words.items():
        parts = []
        for seed in range(SEEDS):
            right = []
            for train, test in halves:
                own = train.iloc[draw(len(train), seed)]
                model = make_pipeline(
                    vectorizer, TfidfTransformer(), LogisticRegression(max_iter=500)
                )
                model.fit(own["text"], own["label"])
                said = model.predict_proba(test["text"])
                parts.append(frame_of(test["id"], seed, model.classes_, said.round(3)))
                right += list(model.classes_[said.argmax(1)] == test["label"])
            print(f"{name}, seed {seed}: accuracy {sum(right) / len(right):.3f}")
        pd.concat(parts).sort_values(["seed", "id"]).to_csv(folder / f"{name}.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
