"""A made-up election of 11 candidates and 20 predictors, in the long tables of a run."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.metrics.events import qualified_hit
from bench.report.context import ReportContext
from bench.studies.backtest.headline import Vote, at, headline

PEOPLE = {  # candidate: name, family, outcome
    "arnoult": ("Arnoult", "trotskyist", 0.011),
    "belkacem_roy": ("Belkacem-Roy", "sovereignist_right", 0.047),
    "chereau": ("Chéreau", "centre", 0.241),
    "delmas": ("Delmas", "right", 0.199),
    "esteve": ("Estève", "far_right", 0.214),
    "faugere": ("Faugère", "socialist", 0.064),
    "gaillard_morin": ("Gaillard-Morin", "radical_left", 0.192),
    "hubert": ("Hubert", "trotskyist", 0.006),
    "isambert": ("Isambert", "other", 0.012),
    "jacquet": ("Jacquet", "sovereignist_right", 0.009),
    "kermadec": ("Kermadec", "green", 0.005),
}
MAIN = ["chereau", "delmas", "esteve", "faugere", "gaillard_morin"]
RANKED_ON = tuple(MAIN)
SEVEN = [*MAIN, "belkacem_roy", "arnoult"]
ALL = list(PEOPLE)
SPREAD = (0.0, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
QUANTILES = [f"q{str(q)[2:]:0<2}" for q in SPREAD[1:]]

# predictor: family, candidates named, error scale, pull on Delmas, draws?, converted, access
PREDICTORS: dict[str, tuple[str, list[str], float, float, bool, str, str]] = {
    "uniform": ("baselines", ALL, 0.0, 0.0, False, "", "public"),
    "last_election": ("baselines", ALL, 0.05, 0.03, False, "", "public"),
    "polls_30_days_ago": ("baselines", ALL, 0.03, 0.01, True, "", "public"),
    "last_poll": ("quota polls", SEVEN, 0.010, 0.0, False, "", "public"),
    "quota_poll": ("quota polls", ALL, 0.008, 0.0, True, "", "public"),
    "poll_tracker": ("quota polls", ALL, 0.006, 0.0, True, "", "public"),
    "filteris": ("published claims", [*MAIN, "belkacem_roy"], 0.03, 0.05, False, "", "public"),
    "brand_analytics": (
        "published claims",
        ["chereau", "delmas", "esteve", "gaillard_morin", "belkacem_roy"],
        0.03,
        0.03,
        False,
        "digital weight read as shares",
        "public",
    ),
    "predict_my_president": ("published claims", ALL, 0.025, 0.02, False, "", "public"),
    "market_odds": ("published claims", SEVEN, 0.02, 0.0, True, "odds to shares", "public"),
    "eth_twitter_sentiment": ("published claims", [], 0.0, 0.0, False, "", "public"),
    "app_ratings": ("app ratings", MAIN, 0.05, 0.09, False, "favourable share of five", "public"),
    "app_voter_autrement": (
        "app ratings",
        ALL,
        0.06,
        -0.05,
        False,
        "declared votes counted",
        "owner",
    ),
    "buzz_volume": ("buzz", SEVEN, 0.05, 0.06, False, "mentions read as shares", "public"),
    "buzz_sentiment": ("buzz", ALL, 0.06, 0.07, False, "net positive mentions", "public"),
    "digital_weight": ("buzz", [*MAIN, "kermadec"], 0.05, 0.04, False, "traces as shares", "owner"),
    "uniform_swing": ("ecological", ALL, 0.018, 0.01, True, "", "public"),
    "ecological_regression": ("ecological", ALL, 0.015, 0.005, True, "", "public"),
    "polls_plus_buzz": ("hybrids", ALL, 0.012, 0.01, True, "", "public"),
    "vote_transfer": ("ecological", [], 0.0, 0.0, False, "", "public"),
}
MUTE = {
    "eth_twitter_sentiment": ("abstained", "published nothing before the cut"),
    "vote_transfer": ("failed", "ValueError: no first round to transfer from"),
}
DATES = ("2031-01-15", "2031-02-20", "2031-03-23", "2031-04-07", "2031-04-16", "2031-04-21")
AS_OF = pd.Timestamp("2031-04-21 20:00")
VOTE_ON = pd.Timestamp("2031-04-23")
MANIFEST = {
    "version": "0.0",
    "commit": "0" * 12,
    "seed": 20310423,
    "packages": {"numpy": "2.x", "pandas": "3.x"},
    "checksums": {"datasets/xx2031/inputs/polls.csv": "sha256:" + "ab" * 32},
}
CITE = "Made-up authors (2031). Errors of made-up forecasts. Version 0.0."


@dataclass
class Run:
    """The long tables of a made-up run and its facts."""

    errors: pd.DataFrame
    forecasts: pd.DataFrame
    methods: pd.DataFrame
    facts: ReportContext

    def copy(self) -> "Run":
        """A run whose tables may be changed."""
        return Run(self.errors.copy(), self.forecasts.copy(), self.methods.copy(), self.facts)

    def vote(self, facts: ReportContext | None = None) -> Vote:
        """The vote of the run, perhaps in another context."""
        return Vote(
            context=facts or self.facts,
            errors=self.errors,
            forecasts=self.forecasts,
            methods=self.methods,
            polls=made_up_polls(self.facts.outcome),
        )

    def headline(
        self, facts: ReportContext | None = None, ballot: str = "compared"
    ) -> pd.DataFrame:
        """The headline of the moment that is shown."""
        context = facts or self.facts
        return at(headline([self.vote(context)])[0], context.as_of, ballot)


def made_up_polls(outcome: pd.Series) -> pd.DataFrame:
    """Six polls that near the vote from below and above in turn."""
    parts = [
        pd.DataFrame(
            {
                "election": "xx2031",
                "round": 1,
                "poll_id": f"poll_{days}",
                "institute": "Ask" if days % 2 else "Bell",
                "days": float(days),
                "candidate": outcome.index,
                "share": outcome.to_numpy() * (1 + (-1) ** days * days / 500),
            }
        )
        for days in (3, 8, 21, 40, 77, 150)
    ]
    return pd.concat(parts, ignore_index=True)


def made_up_facts(**changes: Any) -> ReportContext:
    """Facts of the made-up first round."""
    facts: dict[str, Any] = {
        "election": "xx2031",
        "name": "Made-up presidential election of 2031",
        "round": 1,
        "as_of": AS_OF,
        "vote_on": VOTE_ON,
        "outcome": pd.Series({c: p[2] for c, p in PEOPLE.items()}),
        "names": {c: p[0] for c, p in PEOPLE.items()},
        "families": {c: p[1] for c, p in PEOPLE.items()},
        "qualifiers": ("chereau", "esteve"),
        "n_advance": 2,
        "title": "Made-up election of 2031, first round",
        "source": "Source: figures made up for tests; no real vote.",
        "ranked_on": RANKED_ON,
        "audit": {name: "passed" for name in PREDICTORS if name not in MUTE},
    }
    return ReportContext(**(facts | changes))


def crps_of(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """CRPS of draws [S, C] against C outcomes: E|X - y| - E|X - X'| / 2."""
    n = len(draws)
    rank = 2 * np.arange(1, n + 1)[:, None] - n - 1
    halfspread = (rank * np.sort(draws, axis=0)).sum(axis=0) / n**2
    return np.asarray(np.abs(draws - observed).mean(axis=0) - halfspread)


def one_forecast(name: str, date: str) -> Any:
    """Shares [C] and draws [S, C] of one predictor, worse the earlier."""
    _, named, scale, pull, spread, _, _ = PREDICTORS[name]
    rng = np.random.default_rng([sum(map(ord, name)), DATES.index(date)])
    outcome = np.array([p[2] for p in PEOPLE.values()])
    far = 1 + 0.35 * (len(DATES) - 1 - DATES.index(date))
    shares = outcome * np.exp(scale * far * 8 * rng.normal(size=len(ALL)))
    shares[ALL.index("delmas")] += max(pull, -0.15) * far**0.3
    if name == "uniform":
        shares = np.full(len(ALL), 1.0)
    shares = np.where(np.isin(ALL, named), np.clip(shares, 0.001, 1), np.nan)
    shares = shares / np.nansum(shares) * outcome[np.isin(ALL, named)].sum()
    draws = None
    if spread:
        draws = rng.dirichlet(np.nan_to_num(shares, nan=0.002) * 40 / (scale * far), size=400)
    return shares, draws


def cell_of(name: str, date: str, area: str = "national") -> dict[str, Any]:
    """The columns that say what a row belongs to."""
    return {
        "election": "xx2031",
        "round": 1,
        "as_of": pd.Timestamp(f"{date}T20:00"),
        "predictor": name,
        "area": area,
    }


def rows_of(name: str, date: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of errors and of forecasts."""
    cell = cell_of(name, date)
    shares, draws = one_forecast(name, date)
    outcome = np.array([p[2] for p in PEOPLE.values()])
    filled = np.isnan(shares)
    rest = max(1 - np.nansum(shares), 0.0)
    whole = np.where(filled, rest / max(filled.sum(), 1), shares)
    main = np.isin(ALL, MAIN)
    common_outcome = outcome / outcome[main].sum()
    common = whole / whole[main].sum()
    forecasts, errors = [], []
    for i, candidate in enumerate(ALL):
        row = cell | {"candidate": candidate, "share": whole[i], "filled": bool(filled[i])}
        row |= dict.fromkeys(QUANTILES, np.nan) | {"p_first": np.nan, "p_qualify": np.nan}
        if draws is not None and not filled[i]:
            row |= dict(zip(QUANTILES, np.quantile(draws[:, i], SPREAD[1:]), strict=True))
            order = np.argsort(-draws, axis=1)
            row["p_first"] = (order[:, 0] == i).mean()
            row["p_qualify"] = (order[:, :2] == i).any(axis=1).mean()
        forecasts.append(row)
        score = cell | {"candidate": candidate, "metric": "signed_error"}
        errors.append(score | {"ballot": "all", "value": whole[i] - outcome[i]})
        if main[i] and not filled[i]:
            errors.append(score | {"ballot": "compared", "value": common[i] - common_outcome[i]})
    if draws is not None:
        crps = crps_of(draws, outcome)
        crps_common = crps_of(draws / draws[:, main].sum(axis=1, keepdims=True), common_outcome)
        pit = (draws < outcome).mean(axis=0)
        for i in np.flatnonzero(~filled):
            score = cell | {"candidate": ALL[i]}
            errors.append(score | {"ballot": "all", "metric": "crps", "value": crps[i]})
            errors.append(score | {"ballot": "all", "metric": "pit", "value": pit[i]})
            for level in (50, 80, 90, 95):
                low, high = np.quantile(draws[:, i], (0.5 - level / 200, 0.5 + level / 200))
                inside = {"metric": f"inside_{level}", "value": float(low <= outcome[i] <= high)}
                errors.append(score | {"ballot": "all"} | inside)
            if main[i]:
                errors.append(
                    score | {"ballot": "compared", "metric": "crps", "value": crps_common[i]}
                )
        top = np.sort(np.argsort(-draws, axis=1)[:, :2], axis=1)
        pair = (top == sorted([ALL.index("chereau"), ALL.index("esteve")])).all(axis=1).mean()
        errors.append(cell | {"candidate": "", "ballot": "all", "metric": "p_pair", "value": pair})
    for score, n_advance in (("first_right", 1), ("pair_right", 2)):
        value = qualified_hit(whole / whole.sum(), outcome, n_advance)
        errors.append(cell | {"candidate": "", "ballot": "all", "metric": score, "value": value})
    return errors, forecasts


def with_summary_scores(errors: pd.DataFrame) -> pd.DataFrame:
    """The table with the sizes of each forecast's national errors."""
    signed = errors[errors["metric"].eq("signed_error") & errors["area"].eq("national")]
    keys = list(signed.columns.drop(["candidate", "metric", "value"]))
    sizes = signed.assign(value=signed["value"].abs(), square=signed["value"] ** 2).groupby(keys)
    scores = {
        "mean_absolute_error": sizes["value"].mean(),
        "root_mean_square_error": np.sqrt(sizes["square"].mean()).rename("value"),
        "largest_error": sizes["value"].max(),
    }
    rows = [
        values.reset_index().assign(candidate="", metric=name) for name, values in scores.items()
    ]
    return pd.concat([errors, *rows], ignore_index=True)


def area_rows(codes: list[str], predictors: tuple[str, ...]) -> tuple[list[Any], list[Any]]:
    """Errors and forecasts by area, smooth from one area to the next."""
    errors, forecasts = [], []
    for k, name in enumerate(predictors):
        for j, code in enumerate(codes):
            for i, candidate in enumerate(ALL):
                share = PEOPLE[candidate][2]
                wrong = share * 0.25 * np.sin(j / 9 + i + k)
                cell = cell_of(name, DATES[-1], code) | {"candidate": candidate}
                errors.append(cell | {"ballot": "all", "metric": "signed_error", "value": wrong})
                empty = dict.fromkeys([*QUANTILES, "p_first", "p_qualify"], np.nan)
                forecasts.append(cell | {"share": share + wrong, "filled": False} | empty)
        rows = pd.DataFrame(errors)
        mine = rows[rows["predictor"].eq(name)]
        for candidate, size in mine["value"].abs().groupby(mine["candidate"]).mean().items():
            cell = cell_of(name, DATES[-1]) | {"candidate": candidate, "ballot": "all"}
            errors.append(cell | {"metric": "area_absolute_error", "value": size})
    return errors, forecasts


def made_up_run(area_codes: tuple[str, ...] = (), **changes: Any) -> Run:
    """The whole made-up run: six dates, areas on request."""
    errors: list[dict[str, Any]] = []
    forecasts: list[dict[str, Any]] = []
    talking = [name for name in PREDICTORS if name not in MUTE]
    for name, date in itertools.product(talking, DATES):
        new_errors, new_forecasts = rows_of(name, date)
        errors += new_errors
        forecasts += new_forecasts
    if area_codes:
        new_errors, new_forecasts = area_rows(
            list(area_codes), ("uniform_swing", "ecological_regression")
        )
        errors += new_errors
        forecasts += new_forecasts
    methods = [
        {
            "election": "xx2031",
            "round": 1,
            "as_of": pd.Timestamp(f"{date}T20:00"),
            "predictor": name,
            "family": family,
            "level_of": "",
            "status": MUTE.get(name, ("ok", ""))[0],
            "named": len(named),
            "n_candidates": len(ALL),
            "converted": converted,
            "access": access,
            "data_used_until": pd.Timestamp(f"{date}T20:00"),
            "newest_row_on": pd.Timestamp(f"{DATES[-2]}T20:00"),
            "message": MUTE.get(name, ("ok", ""))[1],
        }
        for date in DATES
        for name, (family, named, _, _, _, converted, access) in PREDICTORS.items()
    ]
    return Run(
        with_summary_scores(pd.DataFrame(errors)),
        pd.DataFrame(forecasts),
        pd.DataFrame(methods),
        made_up_facts(**changes),
    )


def square_outlines(path: Path, codes: tuple[str, ...]) -> Path:
    """GeoJSON of unit squares in a row, one per code."""
    import json

    features = [
        {
            "type": "Feature",
            "properties": {"area": code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[j, 45], [j + 1, 45], [j + 1, 46], [j, 46], [j, 45]]],
            },
        }
        for j, code in enumerate(codes)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.fixture(scope="session")
def whole_run() -> Run:
    """The made-up run without areas; not to be changed."""
    return made_up_run()


@pytest.fixture
def run(whole_run: Run) -> Run:
    """The made-up run, to be changed at will."""
    return whole_run.copy()


@pytest.fixture
def made_up() -> Any:
    """Maker of facts, with changes as keywords."""
    return made_up_facts


@pytest.fixture(scope="session")
def run_with_areas(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The made-up run with four areas; not to be changed."""
    codes = ("01", "02", "03", "04")
    outlines = square_outlines(tmp_path_factory.mktemp("outlines") / "areas.geojson", codes)
    return made_up_run(codes, area_outlines=outlines)
