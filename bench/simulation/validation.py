"""Every instrument beside the real tables that it imitates, with all their figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.core import Evidence
from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.calibration import BALLOT, Calibration, OwnCalibration, attention_seen
from bench.simulation.simulate import Simulation

REPLICATES = 100
LAST_DAYS = 7  # polls whose fieldwork ended so shortly before that of the last one
LARGE = 0.05  # candidates whose spread between institutes is more than rounding
COLUMNS = ["instrument", "against", "use", "figure", "unit", "kind", "real", "simulated"]
VERDICTS = ["instrument", "against", "use", "unit", "figures", "mean_difference"]
VERDICTS += ["of_the_mean_alone", "passes"]
TONE = "eth_twitter_sentiment"  # publisher of a count of tones among claims
COUNTS = ("tweets_of_eight_days", "tweets")  # measures that count posts by candidate
BUILT, APART = "built on it", "independent"


def validation(
    simulation: Simulation, calibration: Calibration, attack: tuple[str, float] | None = None
) -> pd.DataFrame:
    """Simulated figures, means of the replicates, beside every published one.

    Parameters
    ----------
    simulation : Simulation
    calibration : Calibration
        Of the vote, whose folder holds the real tables.
    attack : (str, float), optional
        A distortion and a dose with which the app is shown once more.

    Returns
    -------
    pandas.DataFrame
        instrument, against (the real table), use (``built on it`` or ``independent``), figure,
        unit, kind, real, simulated, difference; shares in percent.
    """
    small = replace(simulation, replicates=REPLICATES, block=REPLICATES)
    frames, batch = small.clean(0)
    evidence = calibration.evidence
    folder = calibration.election.folder
    figures: list[dict[str, Any]] = []
    if "opt_in_app" in simulation.instruments:
        figures += _app(evidence, batch, "")
        if attack is not None and attack[0] in simulation.distortions:
            name, dose = attack
            distortion = simulation.distortions[name].distortion
            attacked = small.distorted(0, frames, batch, name, distortion, dose)
            figures += _app(evidence, attacked, f", with {dose:,.0f} accounts of {name}")
    if "online_ballot" in simulation.instruments and isinstance(calibration, OwnCalibration):
        figures += _ballot(pd.read_csv(folder / BALLOT), batch)
    if "social_posts" in simulation.instruments:
        figures += _posts(folder / "inputs" / "claims.csv", evidence, batch)
    if "quota_poll" in simulation.instruments:
        figures += _polls(small, evidence, batch)
    table = pd.DataFrame(figures, columns=COLUMNS)
    table["difference"] = table["simulated"] - table["real"]
    return table


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """One row per instrument and real table: how far apart, and whether the instrument passes.

    A profile by candidate passes if its mean absolute difference from the real one is smaller
    than that of the real figures from their own mean, which is what somebody who knows nothing
    of the candidates would be off by. Sizes (posts a day, errors of polls) pass if the root mean
    squares are within a factor of 2.

    Returns
    -------
    pandas.DataFrame
        instrument, against, use, unit, figures, mean_difference, of_the_mean_alone, passes.
    """
    rows = []
    for (instrument, against, use, unit, kind), figures in table.groupby(
        ["instrument", "against", "use", "unit", "kind"], sort=False
    ):
        real = figures["real"].to_numpy(float)
        simulated = figures["simulated"].to_numpy(float)
        off = float(np.abs(simulated - real).mean())
        alone = float(np.abs(real - real.mean()).mean()) if kind == "profile" else np.nan
        ratio = np.sqrt(np.mean(simulated**2) / np.mean(real**2))
        passes = off < alone if kind == "profile" else 0.5 <= ratio <= 2
        verdict = (instrument, against, use, unit, len(figures), off, alone)
        rows.append((*verdict, "yes" if passes else "no"))
    return pd.DataFrame(rows, columns=VERDICTS)


def _rows(
    instrument: str,
    against: str,
    use: str,
    real: pd.Series,
    simulated: pd.Series,
    *,
    unit: str = "%",
    kind: str = "profile",
) -> Iterator[dict[str, Any]]:
    scale = 100.0 if unit in ("%", "points") else 1.0
    by_figure = dict(zip(simulated.index, simulated.to_numpy(float), strict=True))
    for figure, value in real.items():
        yield {
            "instrument": instrument,
            "against": against,
            "use": use,
            "figure": str(figure),
            "unit": unit,
            "kind": kind,
            "real": scale * float(value),
            "simulated": scale * by_figure[figure],
        }


def _mean(table: BatchTable, column: str, keep: pd.Series | None = None) -> pd.Series:
    """Mean over replicates and days by candidate."""
    value = pd.Series(table.values[column].mean(axis=0), index=table.rows.index)
    keep = table.rows["candidate"].notna() if keep is None else keep
    return value[keep].groupby(table.rows["candidate"][keep]).mean()


def _shares(values: pd.Series, names: pd.Index) -> pd.Series:
    chosen = values.reindex(names)
    return chosen / chosen.sum()


def _app(evidence: Evidence, batch: EvidenceBatch, attack: str) -> Iterator[dict[str, Any]]:
    real = evidence["ratings"]
    real = real[real["candidate"].isin(evidence.candidates)]  # some rated others too
    for source, ratings in real.groupby("source"):
        latest = ratings.sort_values("day", kind="stable").groupby("candidate")["favourable"].last()
        simulated = _mean(batch["ratings"], "favourable")
        yield from _rows(f"opt_in_app{attack}", f"favourable, {source}", APART, latest, simulated)


def _ballot(real: pd.DataFrame, batch: EvidenceBatch) -> Iterator[dict[str, Any]]:
    real = real[real["day"] == real["day"].max()].set_index("candidate")
    table = batch["online_ballot"]
    votes = _mean(table, "declared_votes")
    declared = real["declared_votes"] / real["declared_votes"].sum()
    yield from _rows("online_ballot", "declared votes", BUILT, declared, votes / votes.sum())
    approved = real["approvals"] / real["ballots"]
    simulated = _mean(table, "approvals") / _mean(table, "ballots")
    yield from _rows("online_ballot", "approvals", BUILT, approved, simulated)


def _posts(claims_path: Path, evidence: Evidence, batch: EvidenceBatch) -> Iterator[dict[str, Any]]:
    table, real = batch["buzz"], evidence["buzz"]
    measured = attention_seen(evidence).dropna(axis=1)
    inside = table.rows["measure"].eq("community_share")
    value = pd.Series(table.values["value"].mean(axis=0), index=table.rows.index)[inside]
    by_pair = value.groupby([table.rows["community"], table.rows["candidate"]]).mean()
    pairs = pd.Series(measured.stack())
    for shares in (pairs, by_pair):
        shares.index = pd.Index([f"{writers} of {person}" for writers, person in shares.index])
    sources = ", ".join(sorted(real.loc[real["measure"].eq("community_share"), "source"].unique()))
    against = f"attention within communities, {sources}"
    yield from _rows("social_posts", against, BUILT, pairs, by_pair)
    mentions = _mean(table, "value", table.rows["measure"].eq("mentions"))
    counts = real[real["measure"].isin(COUNTS) & real["candidate"].notna()]
    for (_, source), counted in counts.groupby([counts["measure"].map(COUNTS.index), "source"]):
        sums = counted.groupby("candidate")["value"].mean()
        sums = sums[sums.index.isin(evidence.candidates)]
        if len(sums):
            yield from _rows(
                "social_posts",
                f"share of posts, {source}",
                APART,
                sums / sums.sum(),
                _shares(mentions, sums.index),
            )
    claims = pd.read_csv(claims_path) if claims_path.is_file() else None
    if claims is not None and claims["publisher"].eq(TONE).any():
        tone = claims[claims["publisher"].eq(TONE) & claims["round"].eq(1)]
        published_tone = tone.set_index("candidate")["share"].astype(float)
        well, ill = (
            _mean(table, "value", table.rows["measure"].eq(name))
            for name in ("positive", "negative")
        )
        net = _shares((well - ill).clip(lower=0), published_tone.index)
        yield from _rows("social_posts", "tone, ETH notebook", APART, published_tone, net)
    totals = real[real["measure"].eq("tweet_volume_unique")]
    if len(totals):
        yield from _rows(
            "social_posts",
            "posts a day, tweet_totals",
            APART,
            pd.Series({"all candidates": totals.groupby("day")["value"].sum().mean()}),
            pd.Series({"all candidates": mentions.sum()}),
            unit="a day",
            kind="size",
        )


def _polls(
    simulation: Simulation, evidence: Evidence, batch: EvidenceBatch
) -> Iterator[dict[str, Any]]:
    names = list(evidence.candidates)
    if evidence["polls"].empty:
        return
    last = _last_polls(evidence["polls"])
    real = last.pivot(index="poll_id", columns="candidate", values="share").reindex(columns=names)
    table = batch["polls"]
    rows = table.rows
    n_polls = rows["poll_id"].nunique()
    shares = table.values["share"].reshape(batch.size, n_polls, len(names))
    polled = list(rows["candidate"].iloc[: len(names)])
    large = [name for name in names if real[name].mean() >= LARGE]
    spread = pd.Series(shares.std(axis=1, ddof=1).mean(axis=0), index=polled)
    yield from _rows(
        "quota_poll",
        "spread between institutes (SD)",
        APART,
        real[large].std(),
        spread,
        unit="points",
        kind="size",
    )
    error = pd.DataFrame(shares.mean(axis=1) - simulation.truth(0), columns=polled)
    typical = float(np.sqrt((error**2).to_numpy().mean()))
    past = pd.Series(dict(_past_errors(evidence)))
    past[evidence.election] = _rms(
        real.mean() - pd.Series(simulation.electorate.share, index=names)
    )
    yield from _rows(
        "quota_poll",
        "error of the polls of the last days (RMS)",
        APART,
        past,
        pd.Series(typical, index=past.index),
        unit="points",
        kind="size",
    )


def _last_polls(polls: pd.DataFrame) -> pd.DataFrame:
    """The last poll of every institute, of those that ended within a week of the last one."""
    ended = polls["fieldwork_end"]
    recent = polls[ended >= ended.max() - pd.Timedelta(days=LAST_DAYS)]
    order = recent.drop_duplicates("poll_id").sort_values(["fieldwork_end", "poll_id"])
    newest = order.groupby("institute").tail(1)["poll_id"]
    return pd.DataFrame(recent[recent["poll_id"].isin(newest)])


def _past_errors(evidence: Evidence) -> Iterator[tuple[str, float]]:
    """Error of the mean of the last polls before every earlier first round."""
    polls, votes = evidence["past_polls"], evidence["outcomes"]
    first = polls[polls["round"].eq(1)]
    for election, election_polls in first.groupby("election"):
        vote = votes[votes["election"].eq(election) & votes["round"].eq(1)]
        if "area" in vote:
            vote = vote[vote["area"].eq("national")]
        share = vote.set_index("candidate")["share"]
        polled = _last_polls(election_polls).groupby("candidate")["share"].mean()
        if len(share) and share.index.is_unique:
            yield str(election), _rms((polled - share).dropna())


def _rms(error: pd.Series) -> float:
    return float(np.sqrt((error**2).mean()))
