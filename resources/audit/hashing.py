"""Linear models of news topics, and the same with their words hashed into few buckets.

An example of predictions that this project has no part in: scikit-learn makes them, and hashing is
how linear models of text are made small. Each side has ten models, of bootstrap samples.

    python resources/audit/hashing.py FOLDER
"""

import sys
from pathlib import Path

from news import SEEDS, draw, frame_of, read_news, write_audit
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

BUCKETS = (4096, 1024, 256)


def main(folder: Path) -> None:
    """Train all models and write what they predict."""
    train, test = read_news(1000)
    words = {"dense": CountVectorizer()}
    words |= {f"hashed-{number}": HashingVectorizer(n_features=number) for number in BUCKETS}
    sides: dict[str, list] = {name: [] for name in words}
    for name, vectorizer in words.items():
        for seed in range(SEEDS):
            own = train.iloc[draw(len(train), seed)]
            model = make_pipeline(vectorizer, TfidfTransformer(), LogisticRegression(max_iter=500))
            model.fit(own["text"], own["label"])
            probabilities = model.predict_proba(test["text"])
            sides[name].append(frame_of(test["id"], seed, model.classes_, probabilities))
            accuracy = (model.classes_[probabilities.argmax(1)] == test["label"]).mean()
            print(f"{name}, seed {seed}: accuracy {accuracy:.3f}")
    methods = {name: {"compressor": "given"} for name in words if name != "dense"}
    write_audit(folder, test, sides, methods)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
