"""Readers of tone: this file holds the classifier, the lexicons, and how well a reader reads."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.data.ingest.posts import chunks, columns_of, plain, required

TONES = ("negative", "neutral", "positive")
FEWEST = 10  # different texts of each tone; with fewer, five folds say nothing
FOLDS = 5
NEUTRAL = 0.05  # polarity below which VADER's authors call a text neutral

Reader = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How well tones are read, on labelled texts that the reader had not seen.

    Attributes
    ----------
    confusion : pandas.DataFrame
        Texts by true tone (rows) and tone read (columns).
    how : str
        In words.
    """

    confusion: pd.DataFrame
    how: str

    @property
    def n(self) -> int:
        """Labelled texts."""
        return int(self.confusion.to_numpy().sum())

    @property
    def accuracy(self) -> float:
        """Fraction of the texts read rightly, 0 to 1, higher is better."""
        return float(np.trace(self.confusion.to_numpy()) / self.n)

    @property
    def majority(self) -> float:
        """Accuracy of whoever always says the commonest tone."""
        return float(self.confusion.sum(axis=1).max() / self.n)


def labelled_texts(path: Path) -> pd.DataFrame:
    """Labelled texts: columns text and tone, without duplicates.

    Raises
    ------
    DataError
        If a tone is unknown, or positive or negative texts are too few.
    """
    names = columns_of(path)
    wanted = {required(path, names, what): what for what in ("text", "tone")}
    rows = pd.concat(list(chunks(path, wanted)), ignore_index=True).dropna()
    rows["tone"] = rows["tone"].str.strip().str.lower()
    strange = ~rows["tone"].isin(TONES)
    if strange.any():
        raise DataError(
            f"{path}: {int(strange.sum())} rows have a tone that is none of {', '.join(TONES)}"
        )
    # the same words in two folds would be an answer learnt by heart
    rows = rows[~rows["text"].map(plain).duplicated()].reset_index(drop=True)
    counts = rows["tone"].value_counts()
    for tone in ("positive", "negative", *counts.index):
        if counts.get(tone, 0) < FEWEST:
            raise DataError(
                f"{path}: {counts.get(tone, 0)} different texts are {tone}; accepted: at least "
                f"{FEWEST} of every tone that occurs, positive and negative among them"
            )
    return rows


def classifier(labelled: pd.DataFrame) -> tuple[Reader, Quality]:
    """A logistic regression on words and pairs of words, and its quality by cross-validation.

    Parameters
    ----------
    labelled : pandas.DataFrame
        From `labelled_texts`.
    """
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    read = cross_val_predict(_estimator(), labelled["text"], labelled["tone"], cv=folds)
    how = f"classifier, {FOLDS}-fold cross-validation"
    fitted = _estimator().fit(labelled["text"], labelled["tone"])
    return lambda texts: [str(tone) for tone in fitted.predict(list(texts))], _quality(
        labelled["tone"], read, how
    )


def quality_of(reader: Reader, labelled: pd.DataFrame, how: str) -> Quality:
    """Quality of a reader that has learnt nothing from the labelled texts."""
    return _quality(labelled["tone"], reader(labelled["text"].tolist()), how)


def lexicon(name: str) -> Reader:
    """A French lexicon of an optional package: the sign of its polarity, -1 to 1.

    Raises
    ------
    ConfigError
        If there is no such lexicon, or its package is not installed.
    """
    if name not in LEXICONS:
        raise ConfigError(f"no lexicon is called '{name}' ({did_you_mean(name, list(LEXICONS))})")
    package, make = LEXICONS[name]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what these packages say about their dependencies
            polarity = make()
    except ImportError as error:
        raise ConfigError(
            f"the lexicon '{name}' needs the package {package}, which is not installed; "
            "pip install 'election-bench[lexicon]', or give --labelled alone"
        ) from error
    return lambda texts: [_sign(polarity(text)) for text in texts]


def _sign(polarity: float) -> str:
    if abs(polarity) < NEUTRAL:
        return "neutral"
    return "positive" if polarity > 0 else "negative"


def _textblob() -> Callable[[str], float]:
    blob = importlib.import_module("textblob").TextBlob
    analyzer = importlib.import_module("textblob_fr").PatternAnalyzer()
    return lambda text: float(blob(text, analyzer=analyzer).sentiment[0])


def _vader() -> Callable[[str], float]:
    module = importlib.import_module("vaderSentiment_fr.vaderSentiment")
    analyzer = module.SentimentIntensityAnalyzer()
    return lambda text: float(analyzer.polarity_scores(text)["compound"])


LEXICONS: dict[str, tuple[str, Callable[[], Callable[[str], float]]]] = {
    "textblob-fr": ("textblob-fr", _textblob),
    "vader-fr": ("vaderSentiment-fr", _vader),
}


def _estimator() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(preprocessor=plain, ngram_range=(1, 2), sublinear_tf=True)
    return make_pipeline(words, LogisticRegression(class_weight="balanced", max_iter=1000))


def _quality(true: pd.Series, read: Sequence[str], how: str) -> Quality:
    kinds = [tone for tone in TONES if tone in {*true, *read}]
    pairs = pd.crosstab(np.asarray(true), np.asarray(read))
    table = pairs.reindex(index=kinds, columns=kinds, fill_value=0)
    return Quality(confusion=table, how=how)
