"""The tables of `docs/election_night.md` and of the families' pages, from references and data."""

from __future__ import annotations

import itertools

import pandas as pd

from bench.studies.track_record.view import ratio_cell, text
from tests.golden.reference import FOLDER

NIGHT = FOLDER / "election_night_2017"
# what the page shows of the evening: orders, and the shares of the stations
SHOWN = {
    "realistic": (0.02, 0.05, 0.1, 0.14, 0.2, 0.3, 0.5),
    "several_tables": (0.02, 0.03, 0.05, 0.1, 0.2),
    "by_departement": (0.05,),
    "at_random": (0.05,),
    "strongholds_first": (0.02, 0.3),
    "against_the_past": (0.05, 0.3),
}
WORDS = {"by_departement": "by département"}
BASELINES = {
    "polls_month_old": "polls a month old",
    "last_election": "the last election",
    "uniform": "equal shares",
}


def _table(heads: list[str], rows: list[list[str]], words: int = 1) -> str:
    rule = ["---"] * words + ["---:"] * (len(heads) - words)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows))


def _covered(row: pd.Series) -> str:
    return f"{row['half_width']:.1f} / {row['covered_leading']:.2f}"


def shared_bias() -> str:
    """What other evenings teach, by share counted."""
    found = pd.read_csv(NIGHT / "shared_bias.csv")
    wide = found.pivot(index="round", columns="registered", values="bias_pp")
    kinds = {1: "first rounds", 2: "runoffs"}
    heads = ["registered counted", *(f"{at:g} %" for at in wide)]
    return _table(
        heads, [[kinds[int(str(k))], *(f"{v:.1f}" for v in row)] for k, row in wide.iterrows()]
    )


def other_evenings() -> str:
    """Intervals from votes alone on the other evenings by département."""
    found = pd.read_csv(NIGHT / "other_evenings.csv").query("level == 'departement'")
    found = found.set_index(["round", "up_to", "estimator"])
    ends = sorted(found.index.get_level_values("up_to").unique())
    rows = []
    for low, high in itertools.pairwise(ends):
        cells = [f"{low:g} to {high:g} %"]
        for number in (1, 2):
            before, after = (found.loc[number, high, n] for n in ("extrapolation", "calibrated"))
            cells += [f"{after['mae_leading']:.1f}", _covered(before), _covered(after)]
        rows.append(cells)
    kinds = ("first rounds", "runoffs")
    heads = [f"{kind}: {what}" for kind in kinds for what in ("error", "before", "calibrated")]
    return _table(["registered counted", *heads], rows)


def coverage() -> str:
    """The first round of the evening that is scored, before and after."""
    found = pd.read_csv(NIGHT / "by_moment.csv").query("round == 1")
    found = found.set_index(["order", "counted", "estimator"]).sort_index()
    rows = []
    for order, moments in SHOWN.items():
        for place, at in enumerate(moments):
            before, after = (found.loc[order, at, n] for n in ("extrapolation", "calibrated"))
            name = "" if place else WORDS.get(order, order.replace("_", " "))
            counted = [f"{100 * at:.0f} %", f"{before['registered']:.1f} %"]
            error = f"{before['mae_leading']:.1f}"
            rows.append([name, *counted, error, _covered(before), _covered(after)])
    return _table(["order", "stations", "registered", "error", "before", "calibrated"], rows)


def rule() -> str:
    """Error rates of a call on the other evenings."""
    found = pd.read_csv(NIGHT / "rule.csv").set_index(["estimator", "chance", "round"])
    rows = []
    for estimator, chance in (
        *(("calibrated", c) for c in (0.9, 0.95, 0.99)),
        ("extrapolation", 0.99),
    ):
        cells = [f"{chance:.0%}{'' if estimator == 'calibrated' else ', former intervals'}"]
        for number in (1, 2):
            row = found.loc[estimator, chance, number]
            cells += [
                f"{row['n_wrong']:.0f} of {row['n_called']:.0f}",
                f"{row['wrong_at_most']:.0%}",
                f"{row['registered_at_call']:.1f} %",
            ]
        rows.append(cells)
    each = ("wrong", "error rate up to", "registered counted then")
    heads = [f"{kind}: {what}" for kind in ("first rounds", "runoffs") for what in each]
    return _table(["called at a chance of", *heads], rows)


def baselines() -> str:
    """The baselines relative to the last polls over all elections, in each kind of vote."""
    found = pd.read_csv(FOLDER / "track_record" / "pairs.csv")
    found = found[found["kind"].eq("shares") & found["primary"] & found["other"].eq("last_polls")]
    strata, measures = text.words("strata"), text.words("measures")
    directions = text.words("directions")
    rows = [
        [
            *(words, strata[row["stratum"]], measures[row["measure"]]),
            *(f"{row['days']:,}", f"{row['votes']:,}"),
            *(ratio_cell(row), directions[row["direction"]]),
        ]
        for key, words in BASELINES.items()
        for row in found[found["family"].eq(key)].to_dict("records")
    ]
    heads = ["", "votes", "by", "election days", "n", "times the error of the last polls", "shown"]
    return _table(heads, rows, words=3)
