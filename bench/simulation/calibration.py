"""What an electorate and its instruments are calibrated on, read from the datasets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import DataError, Evidence
from bench.core.arrays import FloatArray
from bench.data.columns import KNOWN
from bench.data.country import country_of
from bench.data.election import Election, load_election, same_country_elections
from bench.data.margins import Margins, margins_of_first_rounds
from bench.data.readers import read_table
from bench.data.tables import outcome_of
from bench.models.ecological_inference import estimate
from bench.models.raking import fit_table
from bench.simulation.electorate import CalibrationTargets, Electorate, calibrate
from bench.simulation.settings import ElectorateSettings, PastVote, SimulationSettings

SEXES = ("men", "women")
PLACES = ("village", "town", "city")
INTERESTS = ("low", "middle", "high")
NOBODY = "nobody"
ALONE = 0.05  # share of the votes from which a past candidate is a group alone
EXPRESSED = 0.75  # respondents who state a vote, where a poll does not say
ATTENTION_DAYS = 14
BALLOT = "inputs/online_ballot.csv"
NEEDED = (
    BALLOT,
    "outcome/approvals_by_vote.csv",
    "outcome/departements.parquet",
    "outcome/stations_r1.parquet",
    "outcome/totals.csv",
    "outcome/vote_by_group.csv",
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Observed figures that instruments are calibrated on.

    Attributes
    ----------
    round : int
    as_of : pandas.Timestamp
        Every simulated row is public at the midnight before it at the latest.
    declared_votes : numpy.ndarray [C]
        Volunteers of the real self-selected ballot by declared vote.
    approval : numpy.ndarray [C, C]
        Fraction of the volunteers who declared the row and approve of the column.
    attention : numpy.ndarray [C, C]
        Share of a supporter's mentions by candidate mentioned; rows sum to 1.
    naming : numpy.ndarray [C]
        Fraction of the posts of a candidate's community that name somebody on the ballot; 0 where
        no community was measured, and that row of `attention` is assumed.
    calendar : pandas.DataFrame
        The real polls whose dates and samples the simulated ones take: institute, mode,
        fieldwork_start, fieldwork_end, published_on, respondents.
    lent : bool
        Whether volunteers and attention are those of another election.
    ballot : str
        Source of the self-selected ballot.
    """

    round: int
    as_of: pd.Timestamp
    declared_votes: FloatArray
    approval: FloatArray
    attention: FloatArray
    naming: FloatArray
    calendar: pd.DataFrame
    lent: bool = False
    ballot: str = ""

    @property
    def counted(self) -> dict[str, pd.Timestamp]:
        """The columns that say of a count of volunteers when it was made, and public."""
        day = (self.as_of - pd.Timedelta(days=1)).normalize()
        return {"day": day, "published_on": self.as_of.normalize(), "available_on": day}


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration(ABC):
    """One vote, with all that does not depend on what is assumed read once.

    Attributes
    ----------
    election : Election
    evidence : Evidence
        What was public at the moment of forecast.
    """

    election: Election
    evidence: Evidence
    _electorates: dict[str, Electorate] = field(default_factory=dict)

    def electorate(self, assumed: ElectorateSettings) -> Electorate:
        """The electorate under some assumptions; the same ones are raked once.

        Raises
        ------
        ForecastError
            If the targets contradict each other.
        """
        key = repr(replace(assumed, priors={}))
        if key not in self._electorates:
            self._electorates[key] = calibrate(self.targets(assumed))
        return self._electorates[key]

    @abstractmethod
    def targets(self, assumed: ElectorateSettings) -> CalibrationTargets:
        """What the electorate is raked to, files and assumptions together."""

    @abstractmethod
    def facts(self, assumed: ElectorateSettings, settings: SimulationSettings) -> Facts:
        """The observed figures that instruments are calibrated on.

        Raises
        ------
        DataError
            If no poll ended within `settings.calendar_days`.
        """


@dataclass(frozen=True, kw_only=True, eq=False)
class OwnCalibration(Calibration):
    """Of an election whose survey tables and self-selected ballot are known.

    Attributes
    ----------
    known : CalibrationTargets
        What files say.
    communes : pandas.DataFrame
        Registered, and votes by candidate and nobody, of every commune.
    """

    fixed: CalibrationTargets
    communes: pd.DataFrame

    @override
    def targets(self, assumed: ElectorateSettings) -> CalibrationTargets:
        fixed = self.fixed
        place = _by_place(self.communes, fixed.vote, assumed.place_bounds)
        women = assumed.women_share
        return replace(
            fixed,
            share={**fixed.share, "sex": np.array([1 - women, women])},
            by_vote={
                **fixed.by_vote,
                "place": place,
                "interest": by_interest(assumed, fixed.vote),
            },
            seeds={("age", "occupation"): _age_by_occupation(fixed.levels, assumed)},
        )

    @override
    def facts(self, assumed: ElectorateSettings, settings: SimulationSettings) -> Facts:
        names = list(self.evidence.candidates)
        ballot = pd.read_csv(self.election.folder / BALLOT)
        ballot = ballot[ballot["day"] == ballot["day"].max()].set_index("candidate")
        crossed = read_table(
            self.election.folder / "outcome" / "approvals_by_vote.csv", KNOWN["approvals_by_vote"]
        )
        liked = crossed.pivot(index="declared_vote", columns="candidate", values="approvals")
        cast = crossed.groupby("declared_vote")["ballots"].first()
        measured = attention_seen(self.evidence)
        filled = measured.fillna(settings.unmeasured_attention)
        naming = filled.sum(axis=1).reindex(names, fill_value=0)
        return Facts(
            round=self.evidence.round,
            as_of=self.evidence.as_of,
            declared_votes=ballot["declared_votes"].reindex(names).to_numpy(float),
            approval=liked.div(cast, axis=0).reindex(index=names, columns=names).to_numpy(float),
            attention=_attention(measured, settings),
            naming=naming.to_numpy(float),
            calendar=calendar_of(self.evidence, settings.calendar_days),
            ballot=str(ballot["source"].iloc[0]),
        )


def missing_for_calibration(election: Election) -> list[str]:
    """What the folder of an election lacks to simulate its electorate from its own tables."""
    lacks = [name for name in NEEDED if not (election.folder / name).is_file()]
    census = country_of(election).census
    for variable in ("age", "occupation"):
        if variable not in census:
            lacks.append(f"census.{variable} in the profile of its country")
        else:
            available = _area_variables(election)
            missing = [name for name in census[variable].variables if name not in available]
            lacks += [f"{name} in inputs/areas.parquet" for name in missing[:1]]
    return lacks


def _area_variables(election: Election) -> set[str]:
    path = election.folder / "inputs" / "areas.parquet"
    if not path.is_file():
        return set()
    return set(pd.read_parquet(path, columns=["variable"])["variable"])


def own_calibration(election: Election, evidence: Evidence, past: PastVote) -> OwnCalibration:
    """Read all that the electorate of a first round is raked to.

    Parameters
    ----------
    election : Election
        Of which `missing_for_calibration` finds nothing missing.
    evidence : Evidence
    past : PastVote

    Raises
    ------
    DataError
        If the earlier election is not known by commune.
    """
    registered, vote = vote_of(election)
    before, groups = past_groups(election, past)
    areas = margins_of_first_rounds(before, election)
    ages, occupations = (census_shares(election, name) for name in ("age", "occupation"))
    names = tuple(election.round(1).candidates)
    levels = {
        "age": tuple(ages.index),
        "sex": SEXES,
        "occupation": tuple(occupations.index),
        "place": PLACES,
        "interest": INTERESTS,
        "past_vote": (*groups, NOBODY),
    }
    fixed = CalibrationTargets(
        election=election.name,
        candidates=names,
        registered=registered,
        vote=vote,
        levels=levels,
        share={"age": ages.to_numpy(float), "occupation": occupations.to_numpy(float)},
        by_vote={"past_vote": by_past_vote(areas, groups, vote)},
        published=_published(election, names, levels),
        seeds={},
        areas=votes_by_area(election),
    )
    return OwnCalibration(
        election=election, evidence=evidence, fixed=fixed, communes=_communes(election)
    )


def vote_of(election: Election) -> tuple[int, FloatArray]:
    """People on the roll, and their votes as fractions [C + 1]; the last is nobody."""
    names = list(election.round(1).candidates)
    votes = outcome_of(election, 1).votes.reindex(names).to_numpy(float)
    totals = pd.read_csv(election.folder / "outcome" / "totals.csv").set_index("round")
    registered, valid = (int(totals[name].to_dict()[1]) for name in ("registered", "valid"))
    return registered, np.append(votes, registered - valid) / registered


def votes_by_area(election: Election) -> pd.DataFrame:
    """Votes by département [A, C]; what no département holds stands under `elsewhere`."""
    long = pd.read_parquet(election.folder / "outcome" / "departements.parquet")
    names = list(election.round(1).candidates)
    wide = long[long["round"] == 1].pivot(index="area", columns="candidate", values="votes")
    rest = outcome_of(election, 1).votes.reindex(names) - wide[names].sum()
    if rest.sum() > 0:
        wide.loc["elsewhere"] = rest.clip(lower=0)
    return wide[names].astype(float)


def past_groups(election: Election, past: PastVote) -> tuple[Election, dict[str, list[str]]]:
    """The election that voters remember, and its candidates by group; `NOBODY` is beside them.

    Raises
    ------
    DataError
        If no earlier election of the country is known, or the groups that are set do not hold
        every candidate once.
    """
    day = election.round(1).vote_on
    neighbours = same_country_elections(election)
    earlier = [neighbour for neighbour in neighbours if neighbour.round(1).vote_on < day]
    if not earlier:
        raise DataError(
            f"no election of {election.country} before {election.name} is known; past votes need "
            "one"
        )
    if past.past_election not in [election.name for election in earlier]:
        return earlier[-1], _groups_by_size(earlier[-1])
    before = load_election(past.past_election)
    if not past.past_groups:
        return before, _groups_by_size(before)
    grouped = [name for members in past.past_groups.values() for name in members]
    names = list(before.round(1).candidates)
    if sorted(grouped) != sorted(names):
        odd = min(set(grouped) ^ set(names), default=max(grouped, key=grouped.count))
        raise DataError(
            f"past_groups must hold every candidate of {before.name} once; check '{odd}'"
        )
    return before, {name: list(members) for name, members in past.past_groups.items()}


def _groups_by_size(past: Election) -> dict[str, list[str]]:
    share = outcome_of(past, 1).share.sort_values(ascending=False, kind="stable")
    groups = {str(name): [str(name)] for name in share.index[share >= ALONE]}
    if rest := [str(name) for name in share.index[share < ALONE]]:
        groups["other"] = rest
    return groups


def by_past_vote(margins: Margins, groups: Mapping[str, list[str]], vote: FloatArray) -> FloatArray:
    """Past vote by vote [groups and nobody, C + 1], by ecological inference from areas."""
    before = pd.DataFrame({key: margins.rows[names].sum(axis=1) for key, names in groups.items()})
    before[NOBODY] = margins.rows.iloc[:, -1]
    table = estimate(before.to_numpy(), margins.columns.to_numpy()).table
    table = table.round()  # to votes: later draws jump where a chance moves in its last digit
    size = table.sum(axis=1) / table.sum()
    return fit_table(table, [((0,), size), ((1,), vote)])


def by_interest(assumed: ElectorateSettings, vote: FloatArray) -> FloatArray:
    """Interest by vote [3, C + 1]: interest brings people to vote, and not to anybody."""
    turnout = np.array([float(assumed.turnout_by_interest[name]) for name in INTERESTS])
    share = np.array([float(assumed.interest_share[name]) for name in INTERESTS])
    share = share / share.sum()
    voting = np.column_stack([turnout, 1 - turnout]) * share[:, None]
    rates = [1 - vote[-1], vote[-1]]
    fitted = fit_table(voting, [((0,), share), ((1,), rates)])
    shares = vote[:-1] / vote[:-1].sum()
    return np.column_stack([np.outer(fitted[:, 0], shares), fitted[:, 1]])


def census_shares(election: Election, variable: str, vintage: str = "") -> pd.Series:
    """Fractions of the adults by group, from the areas that an election's folder holds.

    Parameters
    ----------
    election : Election
    variable : str
        ``age`` or ``occupation``, as the profile of the country explains them.
    vintage : str
        Of the areas; that of the profile where empty.
    """
    census = country_of(election).census_variable(variable)
    areas = pd.read_parquet(election.folder / "inputs" / "areas.parquet")
    areas = areas[
        areas["level"].eq(census.level)
        & areas["vintage"].eq(vintage or census.vintage)
        & areas["variable"].isin(census.variables)
    ]
    wide = areas.pivot(index="area", columns="variable", values="value").dropna()
    local = pd.read_parquet(election.folder / "outcome" / "departements.parquet")
    first_round = local[local["round"] == 1]
    weight = first_round.groupby("area")["registered"].first().reindex(wide.index)
    shares = census.shares(wide.mul(weight, axis=0).sum(), float(weight.sum()))
    return pd.Series(shares, index=list(census.groups))


def quotas_of(electorate: Electorate, published_on: pd.Timestamp) -> pd.DataFrame:
    """The table `quotas`: the electorate's own margins, as if a census had published them."""
    voters = electorate.voters
    shares = {
        name: pd.Series(
            electorate.among((name,), voters).sum(axis=1), index=list(electorate.levels[name])
        )
        for name in ("age", "sex", "past_vote")
    }
    table = pd.concat(shares, names=["variable", "group"]).rename("share").reset_index()
    return table.assign(published_on=published_on, source="simulated")


def calendar_of(evidence: Evidence, days: int) -> pd.DataFrame:
    """The last poll of every institute within so many days: dates and respondents.

    Raises
    ------
    DataError
        If there is none.
    """
    polls = evidence["polls"]
    since = evidence.as_of.normalize() - pd.Timedelta(days=days)
    polls = polls[polls["fieldwork_end"] >= since].drop_duplicates("poll_id")
    if polls.empty:
        raise DataError(f"no poll ended within {days} days before {evidence.as_of}")
    last = polls.sort_values(["fieldwork_end", "poll_id"]).groupby("institute").tail(1)
    last = last.sort_values(["fieldwork_end", "poll_id"])
    stated = last["sample_expressed"].fillna(EXPRESSED * last["sample_size"])
    start = last["fieldwork_start"].fillna(last["fieldwork_end"])
    return last.assign(
        respondents=stated.fillna(stated.median()).round(), fieldwork_start=start
    ).reset_index(drop=True)[
        ["institute", "mode", "fieldwork_start", "fieldwork_end", "published_on", "respondents"]
    ]


def attention_seen(evidence: Evidence) -> pd.DataFrame:
    """Share of each measured community's posts by candidate mentioned, means of the last 14 days.

    Rows are communities, columns the ballot; NaN where a candidate was not counted.
    """
    names = list(evidence.candidates)
    buzz = evidence["buzz"]
    rows = buzz[(buzz["measure"] == "community_share") & buzz["candidate"].isin(names)]
    rows = rows[rows["day"] > rows["day"].max() - pd.Timedelta(days=ATTENTION_DAYS)]
    measured = rows.pivot_table(index="community", columns="candidate", values="value")
    return pd.DataFrame(measured.reindex(columns=names))


def _attention(measured: pd.DataFrame, settings: SimulationSettings) -> FloatArray:
    names = list(measured.columns)
    average = measured.mean()
    table = pd.DataFrame(
        {name: measured.loc[name] if name in measured.index else average for name in names}
    )
    table = table.T.fillna(settings.unmeasured_attention)
    shares = table.div(table.sum(axis=1), axis=0).to_numpy(float).copy()
    # a community that nobody measured speaks of its own candidate too
    own = settings.own_unmeasured_attention
    for i, name in enumerate(names):
        if name not in measured.index:
            shares[i] *= 1 - own
            shares[i, i] += own
    return shares


def _communes(election: Election) -> pd.DataFrame:
    wide = pd.read_parquet(election.folder / "outcome" / "stations_r1.parquet")
    names = list(election.round(1).candidates)
    communes = wide.groupby("commune")[["registered", *names]].sum()
    communes[NOBODY] = communes["registered"] - communes[names].sum(axis=1)
    return communes


def _by_place(communes: pd.DataFrame, vote: FloatArray, bounds: tuple[float, ...]) -> FloatArray:
    edges = np.asarray(bounds, dtype=float)
    place = np.searchsorted(edges, communes["registered"], side="right")
    sums = communes.drop(columns="registered").groupby(place).sum()
    counted = sums.reindex(range(len(PLACES)), fill_value=0).to_numpy(float)
    size = counted.sum(axis=1) / counted.sum()
    return fit_table(counted, [((0,), size), ((1,), vote)])


def _published(
    election: Election, candidates: tuple[str, ...], levels: Mapping[str, tuple[str, ...]]
) -> dict[str, FloatArray]:
    table = read_table(election.folder / "outcome" / "vote_by_group.csv", KNOWN["vote_by_group"])
    published = {}
    for variable in ("age", "sex", "occupation"):
        rows = table[table["variable"] == variable]
        wide = rows.pivot(index="group", columns="candidate", values="share")
        wide = wide.reindex(index=list(levels[variable]), columns=list(candidates))
        published[variable] = wide.to_numpy(float)
    return published


def _age_by_occupation(
    levels: Mapping[str, tuple[str, ...]], assumed: ElectorateSettings
) -> FloatArray:
    """Seed of ages by occupations: few retire early, and few of the retired's age work."""
    ages, occupations = levels["age"], levels["occupation"]
    seed = pd.DataFrame(1.0, index=list(ages), columns=list(occupations))
    at_work = [name for name in occupations if name not in assumed.not_at_work]
    for age in ages:
        if age in assumed.working_at_age:
            seed.loc[age, at_work] = float(assumed.working_at_age[age])
        else:
            seed.loc[age, assumed.not_at_work[0]] = assumed.retired_before_60
    return seed.to_numpy()
