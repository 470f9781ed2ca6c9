"""How a vote differs from area to area: patterns, and the national level that they are given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.models.raking import fit_table

FLOOR = 1e-3


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


def regressed(
    pattern: pd.DataFrame,
    demography: pd.DataFrame,
    learned: pd.DataFrame,
    before: pd.DataFrame,
    teachers: Mapping[str, str | None],
) -> pd.DataFrame:
    """The pattern that a regression of one election on the one before makes of the next.

    Per candidate of `pattern`, the log-ratio of the teacher in `learned` is regressed (ridge,
    penalty by generalised cross-validation) on that of `before` and on the demography.
    Areas without demography, and candidates without a teacher, keep their past pattern.

    Parameters
    ----------
    pattern : [U, C], from `log_ratio` of the votes carried over to this ballot.
    demography : [U, variables], standardised.
    learned, before : votes [U, candidates of the learned election].
    teachers : candidate to the one of `learned` whose regression serves.
    """
    known = [area for area in pattern.index if area in demography.index]
    fitted = pattern.copy()
    if len(known) < 3 * (1 + demography.shape[1]):
        return fitted
    places = [a for a in known if a in learned.index and a in before.index]
    target, past = log_ratio(learned.loc[places]), log_ratio(before.loc[places])
    for name in pattern.columns:
        teacher = teachers.get(str(name))
        if teacher is None or not past[teacher].any():
            continue
        train = np.column_stack([past[teacher], demography.loc[places]])
        apply = np.column_stack([pattern.loc[known, name], demography.loc[known]])
        fitted.loc[known, name] = _ridge(train, target[teacher].to_numpy(), apply)
    return fitted


def standardised_demography(areas: pd.DataFrame) -> pd.DataFrame:
    """Shares of occupations and the like by département, [U, variables], mean 0 and spread 1."""
    rows = areas[(areas["level"] == "departement") & areas["value"].notna()]
    if rows.empty:
        return pd.DataFrame()
    latest = rows.sort_values("vintage").groupby(["area", "variable"])["value"].last()
    wide = latest.unstack("variable").dropna()
    spread = wide.std().where(lambda s: s > 0, 1.0)
    return pd.DataFrame((wide - wide.mean()) / spread)


def _ridge(
    train: npt.NDArray[np.float64], target: npt.NDArray[np.float64], apply: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    from sklearn.linear_model import RidgeCV

    centre, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    model = RidgeCV(alphas=np.logspace(-2, 3, 26))
    model.fit((train - centre) / spread, target)
    return np.asarray(model.predict((apply - centre) / spread))
