"""The words and levels that tables, figures and pages share, each said once."""

MODELS = ("dataset", "model", "method", "level")  # the columns that name a group of models
KEYS = (*MODELS, "baseline")  # those that name a cell: which groups are compared
SIDES = ("baseline", "compressed")  # of a cell
TIES = ("lowest", "highest", "exclude")  # which of the classes with the most votes wins

EQUAL, INPUT, NOTE = "equal scores", "input", "note"  # kinds of rows of external_differences.csv

# A kind of flip, and the column of pies.csv that counts it
FLIPS = {"positive": "positive_flips", "negative": "negative_flips", "both wrong": "both_wrong"}
TIERS = ("certain", "likely", "seed noise")
TIER_FDR = (0.05, 0.20)  # largest q-values of the first two tiers
FDR = 0.05  # of the cells whose PIEs exceed the noise floor
# What changes answers without compression, by what models differ by
BY_ITSELF = {"seed": "retraining", "draw": "another draw", "rerun": "a rerun"}
FEWEST_FOR_TEST = 6  # seeds below which no test of an example or a cell can reach p <= 0.05
FEWEST_FOR_INTERVAL = 4  # seeds below which nothing is known of how results vary with them
NEGLIGIBLE = 0.147  # Cliff's delta below which an effect is negligible (Romano et al. 2006)

REPRODUCED, NOT_REPRODUCED = "reproduced", "not reproduced"
INCONCLUSIVE = "inconclusive"  # more seeds or examples could tell
UNTESTABLE = "cannot be tested here"  # no amount of this data could
ONLY_UNMATCHED = "holds only unmatched"

SCORES = {"single-label": "accuracy", "multi-label": "macro-F1"}  # of a task
LENGTHS = ("tokens", "sentences")
GRADES = (
    "flesch_reading_ease",
    "flesch_kincaid_grade",
    "gunning_fog",
    "smog",
    "ari",
    "coleman_liau",
    "dale_chall",
)
COMPLEXITY = (*LENGTHS, *GRADES, "difficult_share")  # measures of a text, as tables name them
FALLBACK, LAYERS, TRAINING = "fallback", "layers", "training"  # kinds of remedies, in remedies.csv
