"""Tables of the documentation that are generated: `python -m tests.golden.pages [block ...]`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import Evidence, Predictor
from bench.core.arrays import FloatArray
from bench.core.registry import make_predictor
from bench.data.collection import every_election
from bench.data.election import folder_names, load_election
from bench.data.evidence import evidence_for
from bench.data.known_elections import read_known_tables
from bench.data.tables import outcome_of
from bench.metrics.comparison.significance import (
    innovations,
    mean_interval,
    serial_correlation,
    sign_flip_test,
)
from bench.metrics.ensemble import crps
from bench.metrics.registry import metrics_table
from bench.models import transfers
from bench.models.ecological_inference import LikelihoodSettings
from bench.models.log_ratio import closed
from bench.models.polls.poll_table import last_polls, poll_table
from bench.models.polls.shared_error import shared_error
from bench.studies.known_tables import (
    DISTRICTS,
    GIVEN_BEFORE,
    against_peer,
    evaluate,
    known_elections,
)
from bench.studies.run import execute
from bench.studies.two_rounds.metrics import compare_chains
from tests.golden import attention, night_and_families, track_record, tutorial
from tests.golden.reference import FOLDER, POLL_METHODS, ROOT, experiment_of, readme_block
from tests.published import figures
from tools.build_datasets.polls import runoff_questions

Vector = NDArray[np.float64]
N_DRAWS = 4000
SEED = 20170423
EVE = 2  # days before the vote
WINDOW_DAYS = 8.0  # of the last polls
FAR_RIGHT = (0.9, 1.0, 1.1, 1.3, 1.6)
TRACKER = "poll_tracker"
BESIDE = ("last_poll", "quota_poll", TRACKER, "poll_tracker_alone")
INSIDE = ["inside_50", "inside_80", "inside_90", "inside_95"]
NAMES = {"macron": "Macron", "le_pen": "Le Pen", "fillon": "Fillon", "melenchon": "Mélenchon"}
RULES = ("by series", "1 day", "2 days", "4 days")
WHICH = {"history": "since 1965, {}", "2017_r1_horizon": "2017, 44 dates before the first round"}


@cache
def french() -> tuple[str, ...]:
    """French presidential elections that have been decided, oldest first."""
    known = {name: load_election(name) for name in folder_names()}
    ours = {name: one for name, one in known.items() if one.country == "FR" and one.teaches}
    decided = [name for name, one in ours.items() if not one.is_open]
    return tuple(sorted(decided))


@cache
def asked(name: str, number: int, days: int) -> tuple[Evidence, Vector]:
    """Evidence some days before a vote, and the official shares."""
    election = load_election(name)
    this = election.round(number)
    as_of = (this.vote_on - pd.Timedelta(days=days)).normalize() + pd.Timedelta(
        hours=23, minutes=59
    )
    evidence = evidence_for(election, number, as_of)
    official = outcome_of(election, number).share[list(this.candidates)]
    return evidence, official.to_numpy(dtype=float)


def crps_pp(draws: Vector | None, official: Vector) -> float:
    """Mean over candidates, percentage points."""
    assert draws is not None
    return float(100 * crps(draws, official).mean())


@cache
def kept(name: str) -> pd.DataFrame:
    """The scores under review, of the methods in the order of the page."""
    return pd.read_csv(FOLDER / name / "errors.csv")


@cache
def by_vote(number: int) -> pd.DataFrame:
    """Mean over the candidates of a vote: MAE and CRPS in points, shares inside the intervals."""
    rows = kept("history")
    rows = rows[rows["round"].eq(number) & rows["candidate"].notna()]
    scores = rows.assign(mae=100 * rows["signed_error"].abs(), crps=100 * rows["crps"])
    return scores.groupby(["election", "predictor"])[["mae", "crps", *INSIDE]].mean().unstack()


def in_series(by_election: pd.DataFrame) -> FloatArray:
    """Correlation of elections of one country, named by their years, in order of time."""
    years = [pd.Timestamp(str(name)[2:]) for name in by_election.index]
    return serial_correlation([""] * len(years), years)


def _round(number: int) -> str:
    votes = by_vote(number)
    columns = [("mae", name) for name in BESIDE[:3]] + [("crps", name) for name in BESIDE]
    rows = [[str(name)[2:], *map(points, votes.loc[name, columns])] for name in votes.index]
    rows.append(["mean", *map(points, votes[columns].mean())])
    which = "first round" if number == 1 else "runoff"
    heads = [f"{'MAE' if score == 'mae' else 'CRPS'} `{name}`" for score, name in columns]
    return table([which, *heads], rows)


def differences() -> str:
    """What the tracker gains in CRPS over each of the others, vote by vote."""
    rows = []
    for name in (other for other in POLL_METHODS if other != TRACKER):
        cells = []
        for number in (1, 2):
            crps = by_vote(number)["crps"]
            gap = (crps[TRACKER] - crps[name]).to_numpy()[:, None]
            order = in_series(crps)
            (low,), (high,) = mean_interval(gap, correlation=order)
            (p,) = sign_flip_test(innovations(gap, order), np.random.default_rng(SEED))
            cells += [
                f"{signed(gap.mean())} [{signed(low)}, {signed(high)}]",
                f"{p:.3f}",
                f"{(gap < 0).sum()} of {len(gap)}",
            ]
        rows.append([f"`{name}`", *cells])
    heads = ["tracker minus", "first rounds, points", "p", "lower in", "runoffs, points", "p"]
    return table([*heads, "lower in"], rows)


def calibration() -> str:
    """Outcomes inside the intervals, counted and averaged over elections."""
    rows = []
    for number, which in ((1, "first round"), (2, "runoff")):
        votes = kept("history")
        votes = votes[votes["round"].eq(number) & votes["candidate"].notna()]
        for name in BESIDE:
            inside = votes.loc[votes["predictor"].eq(name), INSIDE]
            shares = by_vote(number).xs(name, axis=1, level="predictor")[INSIDE].to_numpy()
            low, high = mean_interval(shares)
            cells = [
                f"{inside[level].sum():.0f}/{len(inside)}: {shares[:, k].mean():.2f} "
                + (
                    f"[{max(low[k], 0):.2f}, {min(high[k], 1):.2f}]"
                    if high[k] > low[k]
                    else "(all alike)"
                )
                for k, level in enumerate(INSIDE)
            ]
            rows.append([f"{which}, `{name}`", *cells])
    return table(["outcomes inside", *(f"{level[-2:]} %" for level in INSIDE)], rows)


def qualifies() -> str:
    """Scores of who gets into the runoff, summed over the ballot of a first round."""
    rows = kept("history")
    rows = rows[rows["round"].eq(1)]
    size = rows[rows["candidate"].notna()].groupby(["election", "predictor"]).size()
    whole = rows[rows["candidate"].isna()].set_index(["election", "predictor"])
    scores = whole[["brier_qualify", "log_qualify"]].mul(size, axis=0).unstack()
    return table(
        [
            f"gets through, mean of {len(scores)} first rounds",
            *(f"`{name}`" for name in POLL_METHODS),
        ],
        [
            [what, *(points(scores[score, name].mean()) for name in POLL_METHODS)]
            for what, score in (
                ("Brier score, summed over the ballot", "brier_qualify"),
                ("surprise in nats, summed over the ballot", "log_qualify"),
            )
        ],
    )


def both_rounds() -> str:
    """Both rounds as one forecast: the tracker by election, means of all."""
    scores = kept("history_chain")
    tracker = scores[scores["predictor"].eq(TRACKER)]
    rows = [
        [
            row["election"][2:],
            row["basis"],
            points(row["p_pair"]),
            f"{row['rank_pair']:.0f}",
            points(row["p_elected"]),
            points(row["log_pair"]),
            points(row["log_elected"]),
            f"{100 * row['runoff_signed_error']:+.1f}".replace("-", "−"),
            f"{100 * row['runoff_crps']:.1f}",
            f"{100 * row['energy_chain']:.1f}",
            points(row["log_chain"]),
        ]
        for row in tracker.to_dict("records")
    ]
    for name, mean in scores.groupby("predictor").mean(numeric_only=True).iterrows():
        rows.append(
            [
                f"mean, `{name}`",
                *[""] * 4,
                points(mean["log_pair"]),
                points(mean["log_elected"]),
                "",
                f"{100 * mean['runoff_crps']:.1f}",
                f"{100 * mean['energy_chain']:.1f}",
                points(mean["log_chain"]),
            ]
        )
    heads = ["", "runoff from", "P(pair)", "place", "P(elected)", "−ln P(pair)"]
    heads += ["−ln P(elected)", "error", "CRPS", "energy", "whole"]
    return table(heads, rows)


def both_rounds_compared() -> str:
    """The sentences of the run on what each method gains beside the last polls."""
    scores = kept("history_chain")
    rows = scores.rename(columns={"log_chain": "value"}).assign(
        as_of=pd.to_datetime(scores["election"].str[2:], format="%Y"),
        ballot="chain",
        metric="log_chain",
    )
    said = []
    for one in compare_chains(rows, "last_poll", {}):
        size = f"{one['size']:.2f} nats {'lower' if one['is_lower'] else 'higher'}"
        ends = f"95 % interval of the difference {one['low']:+.2f} to {one['high']:+.2f}"
        said.append(
            f"{one['method']}: log score {size} than that of last_poll, mean of {one['n']} "
            f"elections ({ends}); lower in {one['less']} of them."
        )
    energy = 100 * scores.pivot(index="election", columns="predictor", values="energy_chain")
    for name in energy.columns.drop("last_poll"):
        gap = (energy[name] - energy["last_poll"]).to_numpy()[:, None]
        (low,), (high,) = mean_interval(gap, correlation=in_series(energy))
        said.append(
            f"{name}: {gap.mean():+.1f} points of the energy score beside last_poll (95 % interval "
            f"{low:+.1f} to {high:+.1f}); lower in {(gap < 0).sum()} of {len(gap)}."
        )
    return "\n".join(f"- {sentence}".replace(" -", " −") for sentence in said)


def transferred() -> str:
    """Runoffs from transfers on the eve, beside the official shares."""
    rows = []
    for name in french():
        evidence, official = asked(name, 2, EVE)
        found = _transfer(True).predict(evidence, np.random.default_rng(SEED))
        assert found.draws is not None
        low, high = 100 * np.quantile(found.draws[:, 0], [0.025, 0.975])
        rows.append(
            [
                name[2:],
                f"{100 * found.share.iloc[0]:.1f}",
                f"{low:.1f} to {high:.1f}",
                f"{100 * official[0]:.1f}",
                "yes" if low <= 100 * official[0] <= high else "**no**",
            ]
        )
    return table(["runoff of", "first-named, %", "95 % interval", "official, %", "inside"], rows)


def _maps(name: str, shown_candidates: dict[str, str]) -> str:
    """Mean absolute error by département, points, of an experiment with one vote."""
    experiment = experiment_of(name)
    errors = execute(experiment).errors
    errors = errors[errors["ballot"].eq("all")].assign(value=100 * errors["value"].abs())
    keys = ["predictor", "candidate"]
    weighed = errors[errors["metric"].eq("area_absolute_error")].groupby(keys)["value"].mean()
    local = errors["metric"].eq("signed_error") & errors["area"].ne("national")
    alike = errors[local].groupby(keys)["value"].mean().groupby("predictor").mean()
    by_name = weighed.unstack()
    rows = [
        [
            f"`{predictor}`",
            points(by_name.loc[predictor].mean()),
            points(alike[predictor]),
            *(points(by_name.loc[predictor, key]) for key in shown_candidates),
        ]
        for predictor in by_name.mean(axis=1).sort_values().index
    ]
    heads = ["predictor", "areas by votes", "areas alike", *shown_candidates.values()]
    return table(heads, rows)


def publication_lags() -> str:
    """What it costs the poll methods when polls become public later."""
    rows = []
    for name, which in WHICH.items():
        lagged = pd.read_csv(FOLDER / "publication_lags" / f"{name}.csv")
        for (number, method), block in lagged.groupby(["round", "predictor"]):
            by_rule = block.set_index("lag")
            rows.append(
                [
                    which.format("first rounds" if number == 1 else "runoffs"),
                    f"`{method}`",
                    str(by_rule["votes"].iloc[0]),
                    *(points(by_rule.loc[rule, "crps_pp"]) for rule in RULES),
                    *(points(by_rule.loc[rule, "mae_pp"]) for rule in RULES),
                ]
            )
    heads = ["votes", "method", "n"]
    heads += [f"{score}, {rule}" for score in ("CRPS", "MAE") for rule in RULES]
    return table(heads, rows)


def chances() -> str:
    """How probable an error as small as the one observed was under the model."""
    rows = []
    for name in french():
        evidence, official = asked(name, 1, EVE)
        polls = poll_table(evidence["polls"], list(evidence.candidates), evidence.vote_on)
        mean = last_polls(polls, WINDOW_DAYS)
        draws = shared_error(evidence, "country").draws(
            mean.share,
            mean.days,
            np.random.default_rng(SEED),
            N_DRAWS,
            institutes=mean.institutes,
            sampling=np.diag(1.0 / (mean.respondents * closed(mean.share))),
        )
        observed = np.abs(mean.share - official).mean()
        chance = (np.abs(draws - mean.share).mean(axis=1) <= observed).mean()
        rows.append((name[2:], points(100 * observed), points(chance)))
    years, errors, found = zip(*rows, strict=True)
    return table(
        ["first round of", *years],
        [["MAE of `last_poll`, points", *errors], ["P(MAE at most as large)", *found]],
    )


def far_right() -> str:
    """What the position of the far right, chosen after 2002, does to the transfers."""
    rows = []
    for surveys in (True, False):
        for position in FAR_RIGHT:
            error, scores = {}, {}
            with patch.dict(transfers.POSITION, far_right=position):
                for name in french():
                    evidence, official = asked(name, 2, EVE)
                    found = _transfer(surveys).predict(evidence, np.random.default_rng(SEED))
                    error[name] = 100 * (found.share.iloc[0] - official[0])
                    scores[name] = crps_pp(found.draws, official)
            rows.append(
                [
                    "yes" if surveys else "no",
                    f"{position:.1f}",
                    signed(error["fr2017"]),
                    points(scores["fr2017"]),
                    signed(error["fr2002"]),
                    points(np.mean(list(scores.values()))),
                ]
            )
    heads = [
        "surveys",
        "far right at",
        "error 2017",
        "CRPS 2017",
        "error 2002",
        f"mean CRPS, {len(french())} runoffs",
    ]
    return table(heads, rows)


def _transfer(surveys: bool) -> Predictor:
    settings = experiment_of("2017_r2").predictors["vote_transfer"]
    return make_predictor("vote_transfer", {**settings, "surveys": surveys})


def published() -> str:
    """Every published figure, by source, and ours beside."""
    parts: dict[str, list[list[str]]] = {}
    for figure in figures():
        ours, rows = figure.compute(), parts.setdefault(figure.source, [])
        if figure.printed == "0" and not figure.because:  # of two packages, of which bits differ
            rows.append([figure.what, "0", f"below {figure.tolerance:g}", "", ""])
        else:
            gap = round(ours - float(figure.printed), 9)  # below that it is the machine's
            cells = [figure.printed, f"{ours:.8g}", f"{gap:+.2g}" if gap else "0"]
            rows.append([figure.what, *(one.replace("-", "−") for one in cells), figure.because])
    heads = ["figure", "published", "ours", "difference", "why"]
    return "\n\n".join(f"**{source}**\n\n{table(heads, rows)}" for source, rows in parts.items())


def context() -> str:
    """The likelihood method with and without its contextual part, beside other systems."""
    known = read_known_tables(first=None)
    elections = known_elections(known.index, known.row_votes, known.column_votes, known.true_tables)
    with_it = evaluate(elections, variants=["m3"])
    without = evaluate(elections, variants=["m3"], settings=LikelihoodSettings(context=0))
    ablation = without.assign(method="ours, γ = 0")
    peers = known.peers[known.peers["method"].isin(PEERS)]
    pairs = [
        ("default", against_peer(with_it, pd.concat([ablation, peers]))),
        ("γ = 0", against_peer(without, peers)),
    ]
    rows = []
    for ours, found in pairs:
        for row in found.sort_values(["tuned", "dataset", "peer"]).to_dict("records"):
            rows.append(
                [
                    WHERE[row["dataset"], row["tuned"]],
                    ours,
                    row["peer"],
                    str(row["n"]),
                    points(row["error_index"]),
                    points(row["peer_error_index"]),
                    f"{signed(row['difference'])} [{signed(row['difference_low'])}, "
                    f"{signed(row['difference_high'])}]",
                    f"{row['lower_share']:.0%}",
                ]
            )
    order = list(WHERE.values())
    rows.sort(key=lambda cells: order.index(cells[0]))
    heads = [
        "tables (m3)",
        "ours",
        "beside",
        "n",
        "ours, %",
        "theirs, %",
        "difference [95 %]",
        "ours lower",
    ]
    return table(heads, rows)


def election_before() -> str:
    """New Zealand 2005 with and without the true tables of 2002, under review."""
    folder = FOLDER / "ecological_truth" / "kept"
    pairs = pd.read_parquet(folder / "against.parquet")
    summary = pd.read_parquet(folder / "summary.parquet").set_index(["variant", "dataset"])
    rows = []
    for pair in pairs[pairs["peer"].eq(GIVEN_BEFORE)].to_dict("records"):
        same = summary.loc[[(pair["variant"], pair["dataset"])]].set_index("method")
        low, high = (signed(-pair[bound]) for bound in ("difference_high", "difference_low"))
        cells = [pair["variant"], str(pair["n"])]
        cells += [points(pair[side]) for side in ("error_index", "peer_error_index")]
        cells += [
            f"{signed(-pair['difference'])} [{low}, {high}]",
            f"{1 - pair['lower_share']:.0%}",
        ]
        cells += [f"{same['covered_90'][method]:.0%}" for method in (DISTRICTS, GIVEN_BEFORE)]
        rows.append(cells)
    heads = ["tables", "districts", "without, %", "with, %", "difference [95 %]", "lower with"]
    return table([*heads, "90 % holds, without", "with"], rows)


PEERS = ("fastei mvn_pdf", "nslphom_dual")
WHERE = {
    ("ei_NZ_2005", False): "NZ 2005, untouched",
    ("ei_SCO_2007", False): "Scotland even, untouched",
    ("ei_NZ_2002", True): "NZ 2002, tuned",
    ("ei_SCO_2007", True): "Scotland odd, tuned",
}


REHEARSALS = ("2017_rehearsal", "2022_rehearsal")


def season_slates() -> str:
    """What each seal of the rehearsals supposed, and the chance of those who got through."""
    rows = []
    for name in REHEARSALS:
        seals = pd.read_csv(FOLDER / name / "season.csv", keep_default_na=False)
        rows += [
            [
                row["as_of"][:10],
                f"{row['days_before']}",
                row["supposed"] or "–",
                row["came_later"] or "–",
                row["who"].replace(">", "over "),
                f"{100 * float(row['mae_leading']):.1f}",
            ]
            for row in seals.to_dict("records")
        ]
    heads = ["as of", "days", "did not stand", "lacked (5 % or more)"]
    return table([*heads, "got through, and the chance given", "error, points"], rows)


def season_coverage() -> str:
    """Outcomes inside the intervals of the tracker by distance, and its errors."""
    rows = []
    for name in REHEARSALS:
        bands = pd.read_csv(FOLDER / name / "season_distance.csv")
        for row in bands[bands["predictor"].isin((TRACKER, "last_poll"))].to_dict("records"):
            rows.append(
                [
                    name[:4],
                    row["band"],
                    f"`{row['predictor']}`",
                    f"{row['n']}",
                    f"{row['outcomes']}",
                    points(100 * row["absolute_error"]),
                    points(100 * row["crps"]),
                    f"{row['inside_50']:.2f}",
                    f"{row['inside_90']:.2f}",
                ]
            )
    heads = ["vote of", "days before", "method", "seals", "outcomes", "MAE", "CRPS"]
    return table([*heads, "inside 50 %", "inside 90 %"], rows)


def season_methods() -> str:
    """Every method over the rehearsed seasons."""
    rows = []
    for name in REHEARSALS:
        for row in pd.read_csv(FOLDER / name / "season_methods.csv").to_dict("records"):
            rows.append(
                [
                    name[:4],
                    f"`{row['predictor']}`",
                    points(100 * row["absolute_error"]),
                    points(100 * row["crps"]),
                    points(row["p_pair"]),
                    points(100 * row["moved"]),
                ]
            )
    return table(["vote of", "method", "MAE", "CRPS", "P(through)", "moved per seal"], rows)


def season_favourites() -> str:
    """Whom the tracker gave the largest chance of being elected so long before earlier votes."""
    rows = pd.read_csv(FOLDER / "2027_r1_in_october" / "long_favourites.csv")
    cells = []
    for row in rows.to_dict("records"):
        people = load_election(row["election"]).people.set_index("candidate")["name"]
        chance = f"{row['p_elected']:.2f}"
        cells.append([row["election"][2:], people[row["favourite"]], chance, people[row["winner"]]])
    heads = ["vote of", f"favourite {rows['days'].iloc[0]} days before", "chance then", "elected"]
    return table(heads, cells)


def asked_about_runoffs() -> str:
    """Whether being in a question about the runoff goes with standing later, by election."""
    register = every_election()
    two = register.loc[register["round"].eq(2) & register["kind"].eq("president"), "election"]
    rows = []
    for name in sorted(two):
        election = load_election(name)
        first = election.round(1)
        if election.is_open or election.country.startswith("X"):
            continue
        until = first.listed_on or first.vote_on
        found = runoff_questions(election.polls, first.candidates, until)
        numbers = [str(n) for n in (found.n_moments, found.n_stood, found.n_others)]
        parts = [
            "–" if np.isnan(part) else f"{100 * part:.0f} %" for part in (found.stood, found.others)
        ]
        if found.n_moments:
            rows.append([f"`{name}`", *numbers, *parts])
    heads = ["election", "dates", "people who stood", "who did not"]
    return table([*heads, "in a question: of the first", "of the second"], rows)


def report_claims() -> str:
    """What the bench finds on each claim of the report of 2018, with its sources."""
    claims = execute(experiment_of("report_2018")).tables["claims"]
    lines = claims.to_markdown().splitlines()
    return "\n".join(line for line in lines if line.startswith("|"))


BLOCKS: dict[str, tuple[str, Callable[[], str]]] = {
    "runoff_questions": ("no_look_ahead.md", asked_about_runoffs),
    "report_claims": ("report_2018.md", report_claims),
    **{name: ("tutorial.md", partial(tutorial.printed, name)) for name in tutorial.COMMANDS},
    "metrics": ("metrics.md", metrics_table),
    "first_rounds": ("poll_models.md", lambda: _round(1)),
    "runoffs": ("poll_models.md", lambda: _round(2)),
    "differences": ("poll_models.md", differences),
    "calibration": ("poll_models.md", calibration),
    "qualifies": ("poll_models.md", qualifies),
    "both_rounds": ("poll_models.md", both_rounds),
    "both_rounds_compared": ("poll_models.md", both_rounds_compared),
    "transferred": ("poll_models.md", transferred),
    "maps": ("ecological_inference.md", lambda: _maps("2017_areas", NAMES)),
    "maps_runoff": ("ecological_inference.md", lambda: _maps("2017_areas_r2", {})),
    "publication_lags": ("no_look_ahead.md", publication_lags),
    "chances": ("poll_models.md", chances),
    "far_right": ("poll_models.md", far_right),
    "published": ("../results/reference/published.md", published),
    "context": ("ecological_inference.md", context),
    "election_before": ("ecological_inference.md", election_before),
    "season_slates": ("france_2027.md", season_slates),
    "season_favourites": ("france_2027.md", season_favourites),
    "season_coverage": ("france_2027.md", season_coverage),
    "season_methods": ("france_2027.md", season_methods),
    "headline": ("../README.md", readme_block),
    "record": ("../README.md", track_record.in_readme),
    "record_findings": ("track_record.md", track_record.sentences),
    "record_pairs": ("track_record.md", track_record.pairs),
    "record_countries": ("track_record.md", track_record.countries),
    "record_days": ("track_record.md", track_record.moments),
    "record_sensitivity": ("track_record.md", track_record.sensitivity),
    "errors_of_record": ("track_record.md", track_record.errors_of_record),
    "intervals_of_record": ("track_record.md", track_record.coverage),
    "buzz_2017": ("families/social_media.md", attention.first_round_of_2017),
    "buzz_summary": ("families/social_media.md", attention.counted_before),
    "buzz_british": (
        "families/social_media.md",
        lambda: attention.read_after_the_vote("candidate_twitter"),
    ),
    "search_summary": ("families/search.md", partial(attention.searches, "de")),
    "night_shared_bias": ("election_night.md", night_and_families.shared_bias),
    "night_other_evenings": ("election_night.md", night_and_families.other_evenings),
    "night_coverage": ("election_night.md", night_and_families.coverage),
    "night_rule": ("election_night.md", night_and_families.rule),
    "family_baselines": ("families/fundamentals.md", night_and_families.baselines),
}


def points(value: float) -> str:
    """Two decimals."""
    return f"{value:.2f}".replace("-", "−")


def signed(value: float) -> str:
    """Two decimals with the sign."""
    return f"{value:+.2f}".replace("-", "−")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def path_of(name: str) -> Path:
    """The page that shows a block."""
    return ROOT / "docs" / BLOCKS[name][0]


def shown(name: str) -> str:
    """A block as its page has it now."""
    page = path_of(name).read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n\n(.*?)\n\n<!-- /{name} -->", page, flags=re.DOTALL)
    assert found is not None, f"{path_of(name)} has no markers of {name}"
    return found[1]


def make(name: str) -> None:
    """Put a block anew into its page."""
    page, block = path_of(name), BLOCKS[name][1]()
    start, stop = f"<!-- {name} -->\n\n", f"\n\n<!-- /{name} -->"
    text = page.read_text(encoding="utf-8")
    page.write_text(
        text.replace(f"{start}{shown(name)}{stop}", f"{start}{block}{stop}"), encoding="utf-8"
    )


def main(arguments: list[str] | None = None) -> int:
    """Make blocks anew, or with ``--check`` name those that differ: then the status is 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.pages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if one differs")
    parser.add_argument("block", nargs="*", help="all if left out")
    asked = parser.parse_args(arguments)
    stale = []
    for name in asked.block or BLOCKS:
        if not asked.check:
            make(name)
        elif shown(name) != BLOCKS[name][1]():
            stale.append(name)
            page = path_of(name).resolve().relative_to(ROOT)
            print(f"{page}: {name} differs; run python -m tests.golden.pages {name}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
