"""Tables of the pages on social media and searches, from the references under review."""

from __future__ import annotations

import pandas as pd

from bench.core.options import label
from bench.studies.attention.analysis import Settings, summary
from bench.studies.base import settings_of
from tests.golden.reference import FOLDER, experiment_of

REFERENCE = FOLDER / "attention"
MAIN_DAY = 30
LARGE = "mae_polled_10_pp"
# rows of the first round of 2017 that stood before, by the run whose headline holds them
BEFORE = {
    "2017_r1": (
        *("community_self_focus", "digital_weight", "attention_share"),
        *("brand_analytics", "predict_my_president", "filteris"),
    ),
    "2017_r1_eve": ("eth_twitter_sentiment", "eth_twitter_sentiment_2d"),
}
AFTER = ("polls_at_calibration", "calibrated_attention", "attention_ratio")
NAMES = {
    "raw_attention": "Share of attention, as it stands",
    "attention_ratio": "The ratio of the literature (elasticity 1)",
    "ratio_since_last_election": "Last election times the growth of attention since",
    "calibrated_elsewhere": "Calibrated, elasticity of other elections",
    "attention_nowcast": "Nowcast, link learned on other elections",
}


def first_round_of_2017() -> str:
    """Every row of the family on 23 April 2017, on the four who were polled at 10 % or more."""
    rows = []
    for run, names in BEFORE.items():
        held = pd.read_csv(FOLDER / run / "headline.csv").set_index("predictor")
        for name in names:
            age = held.loc[name, "evidence_age_days"]
            late = "; published in 2018" if run == "2017_r1_eve" else ""
            rows.append([_name(name), _two(held.loc[name, "mae_pp"]), f"{age:.0f}{late}"])
    answers = pd.read_csv(REFERENCE / "answers.csv")
    here = answers[answers["election"].eq("fr2017") & answers["round"].eq(1)]
    for name in AFTER:
        row = here[here["predictor"].eq(name) & here["calibrated_days"].eq(MAIN_DAY)].iloc[0]
        rows.append([_name(name), _two(row[LARGE]), f"polls {MAIN_DAY}"])
    nudged = here[here["predictor"].eq("polls_plus_buzz")].iloc[0]
    rows.append([_name("polls_plus_buzz"), _two(nudged[LARGE]), "polls 2"])
    last = pd.read_csv(FOLDER / "2017_r1" / "headline.csv").set_index("predictor").loc["last_poll"]
    rows.append([_name("last_poll"), _two(last["mae_pp"]), f"{last['evidence_age_days']:.0f}"])
    return _table(["method", "MAE, points", "age of the evidence, days"], rows)


def counted_before() -> str:
    """Every method beside the same polls, counts made before the vote."""
    return _summary(pd.read_csv(REFERENCE / "summary.csv"))


def searches(country: str) -> str:
    """Every method beside the same polls, searches in the elections of a country."""
    answers = pd.read_csv(REFERENCE / "answers.csv")
    here = answers["source"].eq("google_trends") & answers["election"].str.startswith(country)
    settings = settings_of(Settings, experiment_of("attention"))
    return _summary(summary(answers[here].assign(hindsight=True), settings))


def _summary(table: pd.DataFrame) -> str:
    rows = []
    for row in table.to_dict("records"):
        range_ = "–" if pd.isna(row["low"]) else f"{_two(row['low'])} to {_two(row['high'])}"
        cells = [_two(row[key]) for key in ("mae_pp", "reference_pp", "difference_pp")]
        count = f"{row['elections']:.0f}"
        rows.append([_name(row["predictor"]), count, *cells, range_, f"{row['better']:.0f}"])
    heads = ["method", "elections", "MAE", "same polls", "difference", "95 %", "better in"]
    return _table(heads, rows)


def read_after_the_vote(source: str) -> str:
    """Errors of counts without a day of calibration that were read after the vote."""
    held = pd.read_csv(REFERENCE / "answers.csv")
    rows = [
        [f"{row['election']}", str(row["measure"]).replace("_", " "), _name(row["predictor"])]
        + [_two(row[key] or None) for key in ("mae_pp", "elasticity", "elasticity_se")]
        for row in held[held["source"].eq(source) & held["calibrated_days"].isna()].to_dict(
            "records"
        )
    ]
    return _table(["vote", "count", "method", "MAE, points", "elasticity", "SE"], rows)


def _name(key: object) -> str:
    return NAMES.get(str(key)) or label("predictor", str(key))


def _two(value: object) -> str:
    return "–" if pd.isna(value) else f"{float(str(value)):.2f}".replace("-", "−")


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
