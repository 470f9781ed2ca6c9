"""Who takes whose voters, from lists put to one sample: `python -m tools.list_pairs`.

For whoever asks where the voters of somebody go who does not stand. The rule is learned from the
lists of 2017; 2022 and 2027 check it. The last table reads polls of other lists by it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import t

from bench.core.arrays import BoolArray, FloatArray
from bench.core.compose import predictor_settings
from bench.core.registry import make_predictor
from bench.data.task import Task
from bench.metrics.ensemble import crps
from bench.models.list_pairs import MAX_NAMES, SAMPLE, ListPairs, list_pairs
from bench.models.polls.poll_table import CLOSED_TOTAL, on_ballot
from tools.pages import table

BLOC_OF = {
    "trotskyist": "left",
    "communist": "left",
    "radical_left": "left",
    "socialist": "left",
    "green": "left",
    "centre": "centre and right",
    "right": "centre and right",
    "sovereignist_right": "far right",
    "far_right": "far right",
}
"""Of a family; all others have none. Chosen among four ways on the pairs of France 2017."""

TO_OWN_BLOC = 0.13
"""Part of a leaver's votes that goes to the bloc first. Learned from the pairs of France 2017."""

MOMENTS = {"fr2017": "2017-04-21 20:00", "fr2022": "2022-04-08 20:00", "fr2027": "2026-12-01"}
TEACHER = "fr2017"
BALLOTS_AT = {"fr2022": (221, 30), "fr2017": (200, 150, 100, 56)}
"""Days before the vote at which other lists are read as the official ballot."""

PARTITIONS: Mapping[str, Mapping[str, str]] = {
    "left; centre and right; far right": BLOC_OF,
    "left; centre; right; far right": BLOC_OF | {"centre": "centre", "right": "right"},
    "left; all others": {
        family: "left" if bloc == "left" else "others" for family, bloc in BLOC_OF.items()
    },
    "each family": {family: family for family in BLOC_OF},
}
"""All that were tried, by name."""


class Estimate(NamedTuple):
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        return f"{self.value:{spec}} [{self.low:{spec}}, {self.high:{spec}}]"


def ratio_of_sums(above: FloatArray, below: FloatArray, institute: ArrayLike) -> Estimate:
    """Sum over sum; the interval allows for any dependence within an institute.

    A jackknife over K institutes with Student's quantile of K - 1.

    Examples
    --------
    >>> f"{ratio_of_sums(np.array([1.0, 2.0]), np.array([1.0, 1.0]), ['a', 'b']):.2f}"
    '1.50 [-4.85, 7.85]'
    """
    _, code = np.unique(np.asarray(institute, dtype=str), return_inverse=True)
    tops, bottoms = np.bincount(code, above), np.bincount(code, below)
    without = (tops.sum() - tops) / (bottoms.sum() - bottoms)
    degrees = len(tops) - 1
    error = np.sqrt(degrees / len(tops) * np.square(without - without.mean()).sum())
    value, half = tops.sum() / bottoms.sum(), t.ppf(0.975, degrees) * error
    return Estimate(float(value), float(value - half), float(value + half))


def bloc_members(candidates: Sequence[str], bloc: pd.Series) -> FloatArray:
    """1 where a candidate is of a bloc, shape [C, blocs].

    Parameters
    ----------
    candidates : sequence of str
    bloc : pandas.Series
        By candidate, such as families by `BLOC_OF`; missing for those who have none.
    """
    return pd.get_dummies(pd.Series(candidates).map(bloc)).to_numpy(dtype=float)


def moved(
    share: FloatArray, left_over: FloatArray, bloc: FloatArray, to_own_bloc: float
) -> FloatArray:
    """Shares after votes have gone over to those who stay, in proportion to what each has.

        s'_j = s_j + s_j [ phi r_b(j) / S_b(j) + (R - phi sum_b r_b) / S ]

    r_b is what leavers of bloc b had beyond what its newcomers have, R the sum over everybody,
    S_b and S the shares of those who stay, in bloc b and in all. A bloc in which nobody stays
    keeps nothing. Voters who turn to nobody count as gone to all in proportion: shares of valid
    votes cannot tell the two.

    Parameters
    ----------
    share : numpy.ndarray [M, C]
        Of those who stay; NaN for all others.
    left_over : numpy.ndarray [M, C]
        Shares of leavers, and of newcomers with a minus; 0 for all others.
    bloc : numpy.ndarray [C, blocs]
        From `bloc_members`.
    to_own_bloc : float
        phi, 0 to 1; 0 is in proportion to all.

    Examples
    --------
    >>> share, gone = np.array([[0.4, 0.4, np.nan]]), np.array([[0.0, 0.0, 0.2]])
    >>> moved(share, gone, np.array([[1.0], [0.0], [1.0]]), 0.5).round(2).tolist()
    [[0.55, 0.45, nan]]
    """
    stays = np.nan_to_num(share)
    in_bloc = stays @ bloc
    rate = to_own_bloc * (left_over @ bloc) / np.where(in_bloc > 0, in_bloc, np.inf)
    to_all = left_over.sum(axis=1) - (rate * in_bloc).sum(axis=1)
    factor = 1.0 + rate @ bloc.T + (to_all / stays.sum(axis=1))[:, None]
    return np.asarray(share * np.maximum(factor, 0.0))


def predicted(pairs: ListPairs, bloc: pd.Series, to_own_bloc: float) -> FloatArray:
    """Shares [M, C] on the second list of those on both, by `moved`; NaN for all others.

    What newcomers have on the second list is given.
    """
    had = np.where(pairs.leaves, pairs.before, 0.0)
    has = np.where(pairs.comes, pairs.after, 0.0)
    stays = np.where(pairs.leaves, np.nan, pairs.before)
    return moved(stays, had - has, bloc_members(pairs.candidates, bloc), to_own_bloc)


class Vote(NamedTuple):
    """The pairs of one vote, the blocs of its people, and how many samples had several lists."""

    pairs: ListPairs
    bloc: pd.Series
    n_samples: int


def vote_of(election: str, bloc_of: Mapping[str, str] = BLOC_OF) -> Vote:
    """What was public at its moment of `MOMENTS`, with blocs by family."""
    task = Task(election, 1, MOMENTS[election])
    polls = task.evidence()["polls"]
    lists = polls.dropna(subset="sample_size").drop_duplicates("poll_id")
    n_samples = int((lists.groupby(SAMPLE).size() > 1).sum())
    return Vote(list_pairs(polls), blocs(task, bloc_of), n_samples)


def blocs(task: Task, bloc_of: Mapping[str, str] = BLOC_OF) -> pd.Series:
    """Bloc by person of an election."""
    return task.election.people.set_index("candidate")["family"].map(bloc_of)


def fitted(vote: Vote, rows: BoolArray | None = None) -> Estimate:
    """The part that goes to the own bloc, by least squares; each sample counts once."""
    pairs = vote.pairs
    in_proportion = predicted(pairs, vote.bloc, 0.0)
    to_bloc = predicted(pairs, vote.bloc, 1.0) - in_proportion
    weight = (1.0 if rows is None else rows) / np.bincount(pairs.sample)[pairs.sample]
    return ratio_of_sums(
        weight * np.nansum(to_bloc * (pairs.after - in_proportion), axis=1),
        weight * np.nansum(to_bloc**2, axis=1),
        pairs.institute,
    )


def errors(vote: Vote, to_own_bloc: float | None) -> pd.Series:
    """Mean absolute error in points by institute and sample; None expects no change."""
    pairs = vote.pairs
    expected = pairs.before if to_own_bloc is None else predicted(pairs, vote.bloc, to_own_bloc)
    stays = ~np.isnan(pairs.before + pairs.after)
    distance = np.abs(np.where(stays, pairs.after - expected, np.nan))
    rows = pd.DataFrame(
        {
            "institute": pairs.institute,
            "sample": pairs.sample,
            "error": 100 * np.nanmean(distance, axis=1),
        }
    )
    return rows.groupby(["institute", "sample"])["error"].mean()


def mean(by_sample: pd.Series) -> Estimate:
    """The mean over samples."""
    values = by_sample.to_numpy(dtype=float)
    return ratio_of_sums(values, np.ones(len(values)), by_sample.index.get_level_values(0))


def across_institutes(vote: Vote) -> float:
    """Mean error in points of each institute's samples by what all others teach."""
    by_institute = []
    for institute in np.unique(vote.pairs.institute.astype(str)):
        to_own_bloc = fitted(vote, vote.pairs.institute != institute).value
        by_institute.append(errors(vote, to_own_bloc).xs(institute))
    return float(pd.concat(by_institute).mean())


def without_choice(election: str) -> Estimate:
    """Part of what leavers had that names nobody on the shorter list, where it says who did."""
    polls = Task(election, 1, MOMENTS[election]).evidence()["polls"]
    key = [*SAMPLE, "poll_id"]
    named = polls.dropna(subset="sample_expressed").pivot(
        index=key, columns="candidate", values="share"
    )
    count = polls.drop_duplicates("poll_id").set_index(key)["sample_expressed"][named.index]
    rows = []
    for sample, lists in named.groupby(level=SAMPLE):
        for first, second in itertools.permutations(lists.index, 2):
            leaves = named.loc[first].notna() & named.loc[second].isna()
            comes = named.loc[first].isna() & named.loc[second].notna()
            if not comes.any() and 0 < leaves.sum() <= MAX_NAMES:
                had = named.loc[first, leaves].sum()
                rows.append((sample, 1.0 - count[second] / count[first], had))
    by_sample = pd.DataFrame(rows, columns=["sample", "lost", "had"]).groupby("sample").mean()
    institutes = [str(sample[0]) for sample in by_sample.index]
    return ratio_of_sums(by_sample["lost"].to_numpy(), by_sample["had"].to_numpy(), institutes)


def polls_on_ballot(
    polls: pd.DataFrame, candidates: Sequence[str], bloc: pd.Series
) -> pd.DataFrame:
    """The polls, each read as if its sample had been asked about this ballot.

    Of several lists put to one sample the nearest is read (`on_ballot`). Who is not on the ballot
    leaves it, who is on the ballot and not on it comes with the share that polls of other lists
    gave in those days, and the rest goes over by `moved`. A newcomer stays unlisted, as nobody
    asked about him or her; interviews are those of the people who chose from the ballot.

    Parameters
    ----------
    polls : pandas.DataFrame
        The table of the evidence.
    candidates : sequence of str
        The ballot.
    bloc : pandas.Series
        By person, of everybody on any list.

    Returns
    -------
    pandas.DataFrame
        The same columns, and `converted`: whether the list differs from the ballot. Lists printed
        in part are left as they are.
    """
    read, _ = on_ballot(polls, candidates)
    key = ["fieldwork_end", "poll_id"]
    wide = polls.pivot(index=key, columns="candidate", values="share")
    by_day = wide.groupby(level="fieldwork_end").mean()
    usual = by_day.interpolate("time", limit_direction="both")
    wide = wide[wide.index.isin(read["poll_id"], level="poll_id")]
    usual = usual.loc[wide.index.get_level_values("fieldwork_end")]
    share = wide.to_numpy(dtype=float)
    on_list, on_ballot_now = ~np.isnan(share), wide.columns.isin(list(candidates))
    leavers = np.where(on_list & ~on_ballot_now, share, 0.0)
    newcomers = np.where(on_ballot_now & ~on_list, usual.to_numpy(dtype=float), 0.0)
    stays = moved(
        np.where(on_ballot_now, share, np.nan),
        leavers - np.nan_to_num(newcomers),
        bloc_members(list(wide.columns), bloc),
        TO_OWN_BLOC,
    )
    is_other = (on_list != on_ballot_now).any(axis=1) & (np.nansum(share, axis=1) >= CLOSED_TOTAL)
    lists_read = pd.DataFrame(
        {"converted": is_other, "chose": 1.0 - leavers.sum(axis=1)}, wide.index
    )
    lists = pd.DataFrame(stays / np.nansum(stays, axis=1, keepdims=True), wide.index, wide.columns)
    rows = polls[polls["poll_id"].isin(read["poll_id"])].join(lists_read, on=key)
    long = lists.melt(ignore_index=False, value_name="moved").set_index("candidate", append=True)
    rows = rows.join(long, on=[*key, "candidate"])
    rows = rows[~rows["converted"] | rows["moved"].notna()]
    part = rows["chose"].where(rows["converted"], 1.0)
    return rows.assign(
        share=rows["moved"].where(rows["converted"], rows["share"]),
        sample_size=rows["sample_size"] * part,
        sample_expressed=rows["sample_expressed"] * part,
    ).drop(columns=["chose", "moved"])


def partitions() -> str:
    """Markdown: what each way of forming blocs gives on the pairs that teach."""
    lines = []
    for name, bloc_of in PARTITIONS.items():
        vote = vote_of(TEACHER, bloc_of)
        lines.append([name, f"{fitted(vote):.2f}", f"{across_institutes(vote):.3f}"])
    in_proportion = errors(vote_of(TEACHER), 0.0).mean()
    lines.append(["none (in proportion to all)", "0", f"{in_proportion:.3f}"])
    return table("blocs | part to the own bloc | error on institutes left out, points", lines)


def check() -> str:
    """Markdown: errors of the shipped model on each vote, beside two simpler ones."""
    lines = []
    for election in MOMENTS:
        vote = vote_of(election)
        samples = errors(vote, TO_OWN_BLOC)
        size = f"{len(samples)} of {vote.n_samples}, {samples.index.unique(0).size}"
        cells = [election, size, f"{len(vote.pairs.sample) // 2}", f"{fitted(vote):.2f}"]
        cells.append(f"{samples.mean():.3f}")
        for simpler in (0.0, None):
            other = errors(vote, simpler)
            cells += [f"{other.mean():.3f}", f"{mean(samples - other):+.3f}"]
        lines.append(cells)
    head = "vote | samples, institutes | pairs | part fitted on it | model of 2017"
    return table(f"{head} | in proportion | model less that | no change | model less that", lines)


def ablation() -> str:
    """Markdown: the tracker on the official ballot, from polls as they are and converted."""
    tracker = make_predictor("poll_tracker", predictor_settings("poll_tracker"))
    lines = []
    for election, all_days in BALLOTS_AT.items():
        for days in all_days:
            evening = Task(election, 1).vote_on + pd.Timedelta(hours=20)
            task = Task(election, 1, evening - pd.Timedelta(days=days))
            evidence, official = task.evidence(), task.outcome().share.to_numpy(dtype=float)
            converted = polls_on_ballot(evidence["polls"], task.ballot, blocs(task))
            cells = []
            for polls in (evidence["polls"], converted.drop(columns="converted")):
                forecast = tracker.predict(evidence.with_tables(polls=polls), task.rng())
                draws = np.asarray(forecast.draws, dtype=float)
                error = np.abs(forecast.share.to_numpy(dtype=float) - official).mean()
                cells += [f"{100 * crps(draws, official).mean():.2f}", f"{100 * error:.2f}"]
            lists = converted.drop_duplicates("poll_id")["converted"]
            lines.append([election, str(days), f"{lists.sum()} of {len(lists)}", *cells])
    head = "vote | days | lists converted | CRPS | MAE | CRPS, converted | MAE, converted"
    return table(head, lines)


def main() -> None:
    """Print all tables."""
    print(f"{partitions()}\n\n{check()}\n")
    print(f"Of what leavers had in 2022, this part named nobody: {without_choice('fr2022'):.2f}.\n")
    print(ablation())


if __name__ == "__main__":
    main()
