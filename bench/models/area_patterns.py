"""How a vote differs from area to area: earlier votes, patterns, and a new national level."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from typing_extensions import override

from bench.core.arrays import FloatArray
from bench.core.errors import Abstain
from bench.core.evidence import Evidence
from bench.core.forecast import Forecast
from bench.core.predictor import Predictor
from bench.models.families import carried_over, family_of, heirs, votes_by_area
from bench.models.polls.national_polls import Learned, polls_to_start_from
from bench.models.raking import fit_table

FLOOR = 1e-3


@dataclass(frozen=True, kw_only=True)
class MapPredictor(Predictor):
    """What every predictor is told that gives a map the national level of the weighted polls.

    Attributes
    ----------
    institutes : tuple of str
        Whose polls give the level, see `polls_to_start_from`; empty for everybody's.
    half_life_days : float or "learned"
        A poll this many days older than the latest counts half.
    design_effect : float
        Sampling variance over the multinomial's.
    n_draws : int
        S.
    """

    institutes: tuple[str, ...]
    half_life_days: float | Learned
    design_effect: float
    n_draws: int

    def __post_init__(self) -> None:
        """Say whose level it is: that of everybody's polls, or of these institutes."""
        if self.institutes:
            object.__setattr__(self, "level_of", " ".join(self.institutes))

    @abstractmethod
    def areas(self, evidence: Evidence, level: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
        """Shares [U, C] of the areas at this national level [C], and the votes [U] of each."""

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = polls_to_start_from(
            evidence, self.institutes, self.half_life_days, self.design_effect
        )
        national = polls.forecast(rng, self.n_draws)
        areas, votes = self.areas(evidence, national.share)
        share = national_level(areas, votes)
        return Forecast(
            share=pd.Series(share, index=list(evidence.candidates)),
            draws=national.draws,
            areas=areas,
        )


@dataclass(frozen=True, kw_only=True)
class PastAreas:
    """First rounds known by département before a vote, oldest first.

    Attributes
    ----------
    evidence : Evidence
        With `outcomes` and `ballots`.
    elections : list of str
        Names, by date.
    """

    evidence: Evidence
    elections: list[str]

    def votes(self, election: str) -> pd.DataFrame:
        """Votes [U, candidates] of one first round."""
        return votes_by_area(self.evidence, election, 1, level="departement")

    def carried(self, past: str, to: str) -> pd.DataFrame:
        """Votes [U, C] of the first round `past`, given to the candidates of `to`."""
        if to == self.evidence.election:
            return carried_over(self.evidence, level="departement")
        votes = self.votes(past)
        ballots = self.evidence["ballots"]
        before = family_of(ballots, past, 1)
        after = family_of(ballots, to, 1)
        return votes @ heirs(list(votes.columns), before, list(self.votes(to).columns), after)

    def pattern(
        self, votes: pd.DataFrame, demography: pd.DataFrame, ballot: tuple[str, int], place: int
    ) -> pd.DataFrame:
        """The pattern [U, C] of a ballot, as `regressed` learned it on the two elections before.

        Parameters
        ----------
        votes : [U, C], carried over to the ballot.
        demography : from `standardised_demography`.
        ballot : election and round.
        place : how many of `elections` are before it.
        """
        before, learned = self.elections[place - 2 : place]
        return regressed(
            log_ratio(votes),
            demography,
            self.votes(learned),
            self.carried(before, learned),
            self.teachers([str(name) for name in votes], ballot, learned),
        )

    def teachers(
        self, candidates: list[str], ballot: tuple[str, int], learned: str
    ) -> dict[str, str | None]:
        """For each candidate the same person in `learned`, else one of the family, finalists first.

        Parameters
        ----------
        candidates : of the ballot.
        ballot : election and round.
        learned : the election in which the teachers stood.
        """
        ballots = self.evidence["ballots"]
        families = family_of(ballots, *ballot)
        past = ballots[ballots["election"] == learned]
        teachers: dict[str, str | None] = {}
        for name in candidates:
            family = families.get(name, "other")
            kin = past["candidate"][past["family"].eq(family)]
            if past["candidate"].eq(name).any():
                teachers[name] = name
            elif family != "other" and not kin.empty:
                teachers[name] = str(kin.iloc[-1])
            else:
                teachers[name] = None
        return teachers


def past_areas(evidence: Evidence, min_elections: int) -> PastAreas:
    """Every earlier first round that is known by département.

    Raises
    ------
    Abstain
        If there are fewer than `min_elections`.
    """
    rows = evidence["outcomes"]
    rows = rows[
        (rows["round"] == 1)
        & (rows["level"] == "departement")
        & (rows["vote_on"] < evidence.vote_on)
        & (rows["election"] != evidence.election)
    ]
    names = (
        rows.sort_values("vote_on", kind="stable")["election"]
        .astype(str)
        .drop_duplicates()
        .tolist()
    )
    if len(names) < min_elections:
        raise Abstain(f"fewer than {min_elections} earlier first rounds are known by département")
    return PastAreas(evidence=evidence, elections=names)


def log_ratio(votes: pd.DataFrame) -> pd.DataFrame:
    """Log of each area's share relative to the share of all areas together, [U, C].

    Shares below one in a thousand count as that.

    Examples
    --------
    >>> log_ratio(pd.DataFrame({"a": [30.0, 10.0], "b": [70.0, 90.0]})).round(2).to_numpy()
    array([[ 0.41, -0.13],
           [-0.69,  0.12]])
    """
    share = votes.div(votes.sum(axis=1), axis=0).clip(lower=FLOOR)
    level = (votes.sum() / votes.to_numpy().sum()).clip(lower=FLOOR)
    return pd.DataFrame(np.log(share / level), index=votes.index, columns=votes.columns)


def raked(pattern: pd.DataFrame, weight: pd.Series, national: pd.Series) -> pd.DataFrame:
    """Shares [U, C] proportional to exp(pattern), scaled until they give the national level.

    Parameters
    ----------
    pattern : [U, C], logs.
    weight : votes of the areas, [U].
    national : shares, [C], summing to 1.

    References
    ----------
    Deming & Stephan (1940), doi:10.1214/aoms/1177731829.
    """
    level = national.to_numpy(dtype=float)
    share = np.exp(pattern.to_numpy()) * level
    share /= share.sum(axis=1, keepdims=True)
    votes = weight.to_numpy(dtype=float)
    # an area without votes follows the others and moves nothing
    votes = np.where(votes > 0, votes, 1e-12 * votes.sum())
    fitted = fit_table(
        share * votes[:, None], [((1,), level / level.sum() * votes.sum()), ((0,), votes)]
    )
    return pd.DataFrame(fitted / votes[:, None], index=pattern.index, columns=pattern.columns)


def proportional(votes: pd.DataFrame, national: pd.Series) -> pd.DataFrame:
    """Past shares times the national change of each candidate: p_uc n_c / p_c, raked.

    Whoever inherits no votes has the national share everywhere.

    Examples
    --------
    >>> votes = pd.DataFrame({"a": [60.0, 20.0], "b": [40.0, 80.0]})
    >>> proportional(votes, pd.Series({"a": 0.5, "b": 0.5})).round(3).to_numpy().tolist()
    [[0.71, 0.29], [0.29, 0.71]]
    """
    pattern = log_ratio(votes)
    pattern.loc[:, votes.sum() == 0] = 0.0
    return raked(pattern, votes.sum(axis=1), national)


def uniform_swing(
    past_share: npt.ArrayLike, weight: npt.ArrayLike, national_share: npt.ArrayLike
) -> FloatArray:
    """Add the same national change to every area, then put negative shares to 0.

    Parameters
    ----------
    past_share : array_like [U, C]
        Shares of the earlier vote, rows summing to 1.
    weight : array_like [U]
        Votes of the areas, at least 0.
    national_share : array_like [C]
        The new national level, summing to 1.

    Returns
    -------
    numpy.ndarray [U, C]
        Rows sum to 1. The weighted mean equals `national_share` unless a share was cut at 0.

    References
    ----------
    Butler, D. and Stokes, D. (1969). Political Change in Britain.

    Examples
    --------
    >>> uniform_swing([[0.6, 0.4], [0.2, 0.8]], [1, 1], [0.5, 0.5]).round(3).tolist()
    [[0.7, 0.3], [0.3, 0.7]]
    """
    past = np.asarray(past_share, dtype=float)
    mass = np.asarray(weight, dtype=float)
    before = mass @ past / mass.sum()
    moved = np.clip(past + (np.asarray(national_share, dtype=float) - before), 0, None)
    return np.asarray(moved / moved.sum(axis=1, keepdims=True))


def national_level(areas: npt.ArrayLike, weight: npt.ArrayLike) -> FloatArray:
    """National shares [C] of area shares [U, C] weighted by votes [U].

    Examples
    --------
    >>> national_level([[1.0, 0.0], [0.0, 1.0]], [3, 1]).tolist()
    [0.75, 0.25]
    """
    mass = np.asarray(weight, dtype=float)
    return np.asarray(mass @ np.asarray(areas, dtype=float) / mass.sum())


def regressed(
    pattern: pd.DataFrame,
    demography: pd.DataFrame,
    learned: pd.DataFrame,
    before: pd.DataFrame,
    teachers: Mapping[str, str | None],
) -> pd.DataFrame:
    """The pattern that a regression of one election on the one before makes of the next.

    Per candidate of `pattern`, the log-ratio of the teacher in `learned` is regressed (ridge,
    penalty by leave-one-out cross-validation) on that of `before` and on the demography.
    Areas without demography, and candidates without a teacher, keep their past pattern.

    Parameters
    ----------
    pattern : [U, C], from `log_ratio` of the votes carried over to this ballot.
    demography : [U, variables], standardised.
    learned, before : votes [U, candidates of the learned election].
    teachers : candidate to the one of `learned` whose regression serves.
    """
    described = [area for area in pattern.index if area in demography.index]
    fitted = pattern.copy()
    if len(described) < 3 * (1 + demography.shape[1]):
        return fitted
    places = [a for a in described if a in learned.index and a in before.index]
    target, past = log_ratio(learned.loc[places]), log_ratio(before.loc[places])
    for name in pattern.columns:
        teacher = teachers.get(str(name))
        if teacher is None or not past[teacher].any():
            continue
        train = np.column_stack([past[teacher], demography.loc[places]])
        apply = np.column_stack([pattern.loc[described, name], demography.loc[described]])
        fitted.loc[described, name] = _ridge(train, target[teacher].to_numpy(), apply)
    return fitted


def standardised_demography(areas: pd.DataFrame) -> pd.DataFrame:
    """Shares of occupations and the like by département, [U, variables], mean 0 and spread 1."""
    rows = areas[(areas["level"] == "departement") & areas["value"].notna()]
    if rows.empty:
        return pd.DataFrame()
    latest = (
        rows.sort_values("vintage", kind="stable").groupby(["area", "variable"])["value"].last()
    )
    wide = latest.unstack("variable").dropna()
    spread = wide.std().where(lambda s: s > 0, 1.0)
    return pd.DataFrame((wide - wide.mean()) / spread)


def _ridge(train: FloatArray, target: FloatArray, apply: FloatArray) -> FloatArray:
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), RidgeCV(alphas=np.logspace(-2, 3, 26)))
    return np.asarray(model.fit(train, target).predict(apply))
