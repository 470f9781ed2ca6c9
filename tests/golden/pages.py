"""Tables of the documentation that are generated: `python -m tests.golden.pages [block ...]`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.commands.verify import poll_errors
from bench.contract import Abstain, Evidence, Predictor
from bench.data.election import election_names, load_election
from bench.data.evidence import evidence_for
from bench.data.known_elections import read_known_tables
from bench.data.outcome import outcome_of
from bench.kit import transfers
from bench.kit.ecological_inference import LikelihoodSettings
from bench.kit.industry_error import IndustryError, learn
from bench.kit.log_ratio import closed
from bench.kit.poll_mean import PollMean, last_polls
from bench.kit.poll_table import poll_table
from bench.registry import make_predictor
from bench.score.draws import chance_of_smaller_error, crps
from bench.score.ecological_truth import against_peer, evaluate, known_elections
from bench.verify.polls import ECONOMIST, error_around, running_errors
from tests.golden.reference import ROOT, experiment_of

Vector = NDArray[np.float64]
N_DRAWS = 4000
SEED = 20170423
EVE = 2  # days before the vote
WEEK_BEFORE = 7  # days before the vote, for the momentum
SHRINK = 6  # cases by which the squeeze of the third tier is drawn to nothing
HALF_LIVES = (1, 2, 3, 5, 7, 14)
WINDOWS = (1, 2, 3, 5, 8, 14, 21)
FAR_RIGHT = (0.9, 1.0, 1.1, 1.3, 1.6)
THIRD_TIER = (0.04, 0.08)
POWER = 2.8  # z of 5 % two-sided plus z of 80 % power


@cache
def french() -> tuple[str, ...]:
    """French presidential elections, oldest first."""
    return tuple(sorted(n for n in election_names() if load_election(n).country == "FR"))


@cache
def asked(name: str, number: int, days: int) -> tuple[Evidence, Vector]:
    """Evidence some days before a vote, all other votes known, and the official shares."""
    election = load_election(name)
    this = election.round(number)
    as_of = (this.vote_on - pd.Timedelta(days=days)).normalize() + pd.Timedelta(hours=20)
    evidence = evidence_for(election, number, as_of, learn_from="others")
    official = outcome_of(election, number).share[list(this.candidates)]
    return evidence, official.to_numpy(dtype=float)


@cache
def last(name: str, days: int, window: float = 8.0) -> tuple[PollMean, IndustryError]:
    """The mean of the last polls of a first round and the error of its industry."""
    evidence, _ = asked(name, 1, days)
    table = poll_table(evidence["polls"], list(evidence.candidates), evidence.vote_on)
    if len(table) == 0:
        raise Abstain("no poll")
    return last_polls(table, window), learn(evidence["past_polls"], evidence["outcomes"])


def around(name: str, share: Vector | None = None, window: float = 8.0) -> Vector:
    """Draws [S, C] of the model around the last polls, or around other shares, on the eve."""
    mean, industry = last(name, EVE, window)
    centre = mean.share if share is None else share
    return industry.draws(
        centre,
        mean.days,
        np.random.default_rng(SEED),
        N_DRAWS,
        institutes=mean.institutes,
        sampling=np.diag(1.0 / (mean.respondents * closed(centre))),
    )


def crps_pp(draws: Vector | None, official: Vector) -> float:
    """Mean over candidates, percentage points."""
    assert draws is not None
    return float(100 * crps(draws, official).mean())


def chances() -> str:
    """How probable an error as small as the one observed was under the model."""
    rows = []
    for name in french():
        _, official = asked(name, 1, EVE)
        mean, _ = last(name, EVE)
        chance = chance_of_smaller_error(around(name), mean.share, official)
        rows.append((name[2:], points(100 * np.abs(mean.share - official).mean()), points(chance)))
    years, errors, found = zip(*rows, strict=True)
    return table(
        ["first round of", *years],
        [["MAE of `last_poll`, points", *errors], ["P(MAE at most as large)", *found]],
    )


def _polled(name: str, number: int) -> bool:
    evidence, _ = asked(name, number, EVE)
    return len(poll_table(evidence["polls"], list(evidence.candidates), evidence.vote_on)) > 0


def half_lives() -> str:
    """The decaying mean by half-life, beside the tracker and the last polls."""
    scores: dict[str, list[Vector]] = {}
    for number in (1, 2):
        votes = [n for n in french() if _polled(n, number)]
        for label, make in _contestants():
            scores.setdefault(label, []).append(
                np.array(
                    [
                        crps_pp(make(asked(n, number, EVE)[0]), asked(n, number, EVE)[1])
                        for n in votes
                    ]
                )
            )
    recent = np.array([int(n[2:]) >= 1974 for n in french()])
    tracker = scores["`poll_tracker`"]
    rows = []
    for label, (first, second) in scores.items():
        gap = tracker[0] - first
        paired = (
            "" if label == "`poll_tracker`" else f"{signed(gap.mean())} ± {points(gap.std(ddof=1))}"
        )
        rows.append(
            [
                label,
                f"{first.mean():.3f}",
                f"{first[recent].mean():.3f}",
                paired,
                f"{second.mean():.3f}",
            ]
        )
    heads = [
        "method",
        "CRPS, first rounds",
        "since 1974",
        "tracker minus this, ± SD",
        "CRPS, runoffs",
    ]
    return table(heads, rows)


def _contestants() -> list[tuple[str, Callable[[Evidence], Vector | None]]]:
    settings = experiment_of("history").predictors

    def of(name: str, **changes: object) -> Callable[[Evidence], Vector | None]:
        predictor = make_predictor(name, {**settings[name], **changes})
        return lambda evidence: predictor.predict(evidence, np.random.default_rng(SEED)).draws

    means = [
        (f"`quota_poll`, half-life {h} d", of("quota_poll", half_life_days=float(h)))
        for h in HALF_LIVES
    ]
    lasts = [(f"`last_poll`, {w} d", of("last_poll", window_days=float(w))) for w in WINDOWS]
    return [("`poll_tracker`", of("poll_tracker")), *means, *lasts]


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


def candidates() -> str:
    """Changes that were thought of after the errors were seen, each left out of the models."""
    base = {name: _score(name) for name in french()}
    tier = _errors(THIRD_TIER)
    squeeze, momentum = {}, {}
    for name in french():
        share = last(name, EVE)[0].share
        others = tier[tier["election"].ne(name)]
        shift = np.log(others["official"] / others["polled"]).mean() * len(others)
        inside = (share > THIRD_TIER[0]) & (share <= THIRD_TIER[1])
        squeeze[name] = _score(name, share * np.exp(inside * shift / (len(others) + SHRINK)))
    trends = {name: found for name in french() if (found := _trend(name)) is not None}
    for name in trends:
        weight, trend, error = (
            np.concatenate([trends[o][k] for o in trends if o != name]) for k in range(3)
        )
        slope = (weight * trend * error).sum() / (weight * trend**2).sum()
        share = last(name, EVE)[0].share
        momentum[name] = _score(name, share * np.exp(0.7 * slope * _log_change(name)))
    tracker = dict(_contestants())["`poll_tracker`"]
    tracked = {n: crps_pp(tracker(asked(n, 1, EVE)[0]), asked(n, 1, EVE)[1]) for n in french()}
    rows = []
    for what, found in (
        ("momentum of the last week", momentum),
        (f"squeeze of candidates polled at {THIRD_TIER[0]:.0%} to {THIRD_TIER[1]:.0%}", squeeze),
        ("`poll_tracker` in the place of `last_poll`", tracked),
    ):
        gain = np.array([score - base[name] for name, score in found.items()])
        needed = (POWER * gain.std(ddof=1) / gain.mean()) ** 2
        rows.append(
            [
                what,
                str(len(gain)),
                f"{gain.mean():+.3f}".replace("-", "−"),
                f"{gain.std(ddof=1):.3f}",
                f"{(gain < 0).sum()} of {len(gain)}",
                f"{needed:.0f}",
            ]
        )
    heads = [
        "change to `last_poll`",
        "elections",
        "CRPS, mean change",
        "SD",
        "better in",
        "elections needed",
    ]
    return table(heads, rows)


def _score(name: str, share: Vector | None = None) -> float:
    centre = None if share is None else share / share.sum()
    return crps_pp(around(name, centre), asked(name, 1, EVE)[1])


def _errors(tier: tuple[float, float]) -> pd.DataFrame:
    found = pd.concat(
        pd.DataFrame(
            {"election": n, "polled": last(n, EVE)[0].share, "official": asked(n, 1, EVE)[1]}
        )
        for n in french()
    )
    return found[found["polled"].gt(tier[0]) & found["polled"].le(tier[1])]


def _log_change(name: str) -> Vector:
    now, before = (last(name, days)[0].share.clip(0.0025) for days in (EVE, WEEK_BEFORE))
    return np.asarray(np.log(now / before))


def _trend(name: str) -> tuple[Vector, Vector, Vector] | None:
    """Weight, log change in a week and log error of the larger candidates, where polls moved on."""
    now = last(name, EVE)[0]
    try:
        before = last(name, WEEK_BEFORE)[0]
    except Abstain:
        return None
    if before.days <= now.days + 3:
        return None
    large = now.share >= 0.03
    error = np.log(asked(name, 1, EVE)[1] / now.share.clip(0.0025))
    return now.share[large], _log_change(name)[large], error[large]


def economist() -> str:
    """The published curve beside the same steps on our polls, and beside our own error."""
    running = running_errors(poll_errors())
    rmse, later, counts = [], [], []
    for days in ECONOMIST:
        found = {}
        for name in french():
            try:
                share = last(name, days)[0].share
            except Abstain:
                continue
            large = share >= 0.05
            found[name] = np.square(100 * (share - asked(name, 1, days)[1])[large])
        counts.append(str(len(found)))
        rmse.append(points(np.sqrt(np.concatenate(list(found.values())).mean())))
        kept = [found[name] for name in found if name not in ("fr1965", "fr1969")]
        later.append(points(np.sqrt(np.concatenate(kept).mean())))
    return table(
        ["days before a first round", *map(str, ECONOMIST)],
        [
            ["published: running error", *ECONOMIST.values()],
            [
                "the same steps on the polls here",
                *(points(error_around(running, d)) for d in ECONOMIST),
            ],
            ["another quantity: root mean square of `last_poll`, candidates at 5 % or more", *rmse],
            ["that without 1965 and 1969", *later],
            ["elections in the third line", *counts],
        ],
    )


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


PEERS = ("fastei mvn_pdf", "nslphom_dual")
WHERE = {
    ("ei_NZ_2005", False): "NZ 2005, untouched",
    ("ei_SCO_2007", False): "Scotland even, untouched",
    ("ei_NZ_2002", True): "NZ 2002, tuned",
    ("ei_SCO_2007", True): "Scotland odd, tuned",
}
BLOCKS: dict[str, tuple[str, Callable[[], str]]] = {
    "chances": ("poll_models.md", chances),
    "half_lives": ("poll_models.md", half_lives),
    "far_right": ("poll_models.md", far_right),
    "candidates": ("poll_models.md", candidates),
    "economist": ("poll_models.md", economist),
    "context": ("ecological_inference.md", context),
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


if __name__ == "__main__":
    for wanted in sys.argv[1:] or BLOCKS:
        make(wanted)
