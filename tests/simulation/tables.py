"""Tables of docs/gov.md and docs/simulation.md: `python -m tests.simulation.tables RUN`.

RUN is a folder that `python -m bench +experiment=2017_breaking_point` wrote.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from bench.report.formatting import format_fixed as number
from bench.report.formatting import format_probability as probability
from bench.report.formatting import format_significant as plain

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = {
    "melenchon": "Mélenchon",
    "hamon": "Hamon",
    "macron": "Macron",
    "fillon": "Fillon",
    "le_pen": "Le Pen",
    "dupont_aignan": "Dupont-Aignan",
    "arthaud": "Arthaud",
    "all": "whole ballot",
}
UNITS = {"%": "points"}
WORTH = ("melenchon", "hamon", "macron", "fillon", "le_pen", "all")
APP = (
    ("app_brigading", "app_ratings", ""),
    ("app_brigading", "online_ballot", " (counts declared votes)"),
    ("app_brigading", "app_raked", " (weighted to age, sex, past vote)"),
    ("app_brigading", "app_robust", " (bursts cut, median of cohorts)"),
    ("app_brigading_adaptive", "app_robust", ", accounts opened over months, average profile"),
)
POSTS = ("post_volume", "net_tone", "buzz_robust", "digital_weight", "polls_plus_buzz")


def table(head: str, rows: list[list[str]]) -> str:
    """Markdown."""
    columns = head.count("|") + 1
    lines = [f"| {head} |", "|" + " --- |" * columns]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def worth(run: Path) -> str:
    """What the self-selected ballot is worth."""
    known = pd.read_csv(run / "tables" / "worth.csv")
    known = known[known["sample"].eq("real ballot")].set_index("candidate")
    return table(
        "candidate | ballot | vote | data defect correlation ρ | worth random interviews",
        [
            [
                NAMES[name],
                percent(known.loc[name, "share"]),
                percent(known.loc[name, "vote"]),
                number(known.loc[name, "rho"], 4),
                plain(known.loc[name, "n_eff"], 2),
            ]
            for name in WORTH
        ],
    )


def percent(value: float) -> str:
    """One decimal."""
    text = number(100 * value, 1)
    return text if text == "–" else f"{text} %"


def gov(run: Path) -> str:
    """All favourability figures that GOV published, and those of the simulated app."""
    known = pd.read_csv(run / "tables" / "validation.csv")
    known = known[known["against"].eq("favourable, gov")]
    usual = known[known["instrument"].eq("opt_in_app")].set_index("figure")
    attacked = known[known["instrument"].ne("opt_in_app")].set_index("figure")
    rows = [
        [
            NAMES[name],
            *(
                f"{value:.0f} %"
                for value in (
                    usual.loc[name, "real"],
                    usual.loc[name, "simulated"],
                    attacked.loc[name, "simulated"],
                )
            ),
        ]
        for name in usual["real"].sort_values(ascending=False).index
    ]
    off = [one["difference"].abs().mean() for one in (usual, attacked)]
    rows.append(["mean difference from GOV, points", "", *(f"{value:.0f}" for value in off)])
    (title,) = attacked["instrument"].unique()
    accounts = re.search(r"with ([\d,]+) accounts", title)
    assert accounts
    crowd_size = plain(number_of(accounts[1]), 2)
    return table(f"favourable | GOV | simulated app | with {crowd_size} accounts for Fillon", rows)


def number_of(text: str) -> float:
    """Of a figure with separators."""
    return float(text.replace(",", ""))


def _point(run: Path, distortion: str, method: str) -> dict[str, float]:
    known = pd.read_csv(run / "tables" / "breaking_points.csv")
    mine = known["distortion"].eq(distortion) & known["predictor"].eq(method)
    mine &= known["beneficiary"].eq("fillon") & known["event"].eq("first")
    return dict(known[mine].iloc[0])


def _dose(point: dict[str, float]) -> str:
    if np.isinf(point["dose"]):
        return "none found"
    return plain(point["dose"], 2)


def _range(point: dict[str, float]) -> str:
    ends = [
        "none"
        if point[end] == 0
        else "none found"
        if np.isinf(point[end])
        else plain(point[end], 2)
        for end in ("low", "high")
    ]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def crowd(run: Path) -> str:
    """Accounts that put Fillon first in the app."""
    rows = []
    for distortion, method, words in APP:
        point = _point(run, distortion, method)
        beside = "–" if np.isinf(point["dose"]) else probability(point["share_of_honest_users"])
        rows.append([f"`{method}`{words}", _dose(point), beside, _range(point)])
    return table("method | accounts for Fillon | of honest users | over the priors", rows)


def posts(run: Path) -> str:
    """Accounts that put Fillon first among posts."""
    rows = []
    for method in POSTS:
        found = [_point(run, name, method) for name in ("bot_amplification", "astroturf")]
        rows.append([f"`{method}`", *(text for one in found for text in (_dose(one), _range(one)))])
    return table("method | bots | over the priors | astroturf | over the priors", rows)


def polls(run: Path) -> str:
    """What puts Fillon first in the average of the last polls."""
    rows = []
    for distortion in ("sockpuppet_panelists", "fabricated_polls", "selective_publication"):
        for method in ("last_poll", "quota_poll"):
            point = _point(run, distortion, method)
            words = f"{distortion.replace('_', ' ')}, {point['unit']}"
            rows.append([words, f"`{method}`", _dose(point), _range(point)])
    return table("attack | method | dose | over the priors", rows)


def _end(dose: float) -> str:
    return "none found" if np.isinf(dose) else "none" if dose == 0 else plain(dose, 2)


def alternatives(run: Path) -> str:
    """Conclusions that flip."""
    known = pd.read_csv(run / "tables" / "alternatives.csv")
    flips = known[known["holds"].ne("yes")]
    return table(
        "conclusion | flips where | ratio as set | ratio then",
        [
            [
                row["conclusion"],
                row["alternative"],
                plain(row["ratio_as_set"], 2),
                plain(row["ratio"], 2),
            ]
            for row in flips.to_dict("records")
        ],
    )


def verdicts(run: Path) -> str:
    """Instruments beside the real tables."""
    known = pd.read_csv(run / "tables" / "verdicts.csv")
    return table(
        "instrument | real table | use | figures | mean difference | of the mean alone | passes",
        [
            [
                f"`{name}`{comma}{more}",
                row["against"],
                row["use"],
                str(row["figures"]),
                f"{plain(row['mean_difference'], 2)} {UNITS.get(row['unit'], row['unit'])}",
                plain(row["of_the_mean_alone"], 2),
                row["passes"],
            ]
            for row in known.to_dict("records")
            for name, comma, more in [row["instrument"].partition(",")]
        ],
    )


BLOCKS: dict[str, Callable[[Path], str]] = {
    one.__name__: one for one in (worth, gov, crowd, posts, polls, alternatives, verdicts)
}


def written(text: str, run: Path) -> str:
    """The page with every marked table made again."""

    def again(found: re.Match[str]) -> str:
        return f"{found[1]}{BLOCKS[found[2]](run)}{found[3]}"

    names = "|".join(BLOCKS)
    pattern = rf"(<!-- ({names}) -->\n).*?(\n?<!-- /\2 -->)"
    return re.sub(pattern, again, text, flags=re.DOTALL).replace("|<!-- /", "|\n<!-- /")


if __name__ == "__main__":
    for page in ("gov.md", "simulation.md"):
        place = DOCS / page
        place.write_text(
            written(place.read_text(encoding="utf-8"), Path(sys.argv[1])), encoding="utf-8"
        )
