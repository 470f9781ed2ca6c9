"""What the record says of every family, in sentences made from its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.core.language import listed
from bench.report.formatting import MISSING, format_probability, format_significant
from bench.studies.track_record.estimates import FEWEST_CLUSTERS

Row = Mapping[Any, Any]
LEVEL = 0.05


def times(value: float) -> str:
    """A ratio as words.

    Examples
    --------
    >>> times(2.514), times(1.0), times(11.3)
    ('2.51', '1.00', '11')
    """
    return f"{value:.2f}" if value < 9.995 else f"{value:.0f}"


def times_interval(row: Row, low: str = "low", high: str = "high") -> str:
    """A 95 % interval of a ratio, or why there is none.

    Examples
    --------
    >>> times_interval({"low": 1.21, "high": 1.5}), times_interval({"low": float("nan")})
    ('1.21 to 1.50', 'too few elections for an interval')
    """
    if row[low] != row[low]:
        return "too few elections for an interval"
    return f"{times(row[low])} to {times(row[high])}"


def counted(n: int, noun: str) -> str:
    """A number and its noun.

    Examples
    --------
    >>> counted(1, "country"), counted(1200, "race"), counted(2, "country")
    ('1 country', '1,200 races', '2 countries')
    """
    several = f"{noun[:-1]}ies" if noun.endswith("y") and not noun.endswith("ay") else f"{noun}s"
    return f"{n:,} {noun if n == 1 else several}"


def extent(row: Row) -> str:
    """On how much a sentence rests."""
    words = f"{counted(row['elections'], 'election day')}, {counted(row['votes'], 'vote')}"
    if "countries" in row:
        words += f", {counted(row['countries'], 'country')}"
    return words


def verdict(row: Row) -> str:
    """``closer``, ``farther``, ``alike`` (the interval holds 1) or ``few`` (there is none).

    Examples
    --------
    >>> verdict({"low": 1.2, "high": 1.6}), verdict({"low": 0.9, "high": 1.1})
    ('farther', 'alike')
    """
    if row["low"] != row["low"]:
        return "few"
    if row["low"] > 1:
        return "farther"
    return "closer" if row["high"] < 1 else "alike"


def of_family(row: Row, labels: Mapping[str, str], reference: str, floor: str) -> str:
    """The sentence of a family that gives shares of the vote.

    Parameters
    ----------
    row : mapping
        Of the table `families`.
    labels : mapping of str to str
        By family.
    reference, floor : str
        The families beside which it stands; the floor is a baseline.
    """
    name, against = labels[row["family"]], labels[reference].lower()
    if row["family"] == reference:
        return (
            f"{name} ({extent(row)}): the measure of all others; worth "
            f"{_interviews(row)} of a simple random sample."
        )
    told = {
        "farther": f"its error is {times(row['relative'])} times that of the {against} "
        f"({times_interval(row)})",
        "closer": f"its error is {times(row['relative'])} times that of the {against} "
        f"({times_interval(row)}): closer",
        "alike": f"it cannot be told from the {against} ({times(row['relative'])} times their "
        f"error, {times_interval(row)})",
        "few": f"its error is {times(row['relative'])} times that of the {against}, on "
        f"{counted(row['compared'], 'common election day')}: not worth {FEWEST_CLUSTERS} whole "
        "ones, so no interval and no conclusion",
    }[verdict(row)]
    if row["relative"] != row["relative"]:
        told = f"no vote joins it to the {against}"
    words = [f"{name} ({extent(row)}): {told}"]
    if verdict(row) in ("farther", "closer") and row["p"] > LEVEL:
        words.append("which does not survive a test of all families together")
    if row["closer"] == row["closer"]:
        words.append(f"closer than they in {format_probability(row['closer'])} of the votes")
    beside = row.get(f"beside_{floor}")
    if row["family"] != floor and beside is not None and beside == beside:
        ends = {"low": row[f"beside_{floor}_low"], "high": row[f"beside_{floor}_high"]}
        worse = ends["low"] > 1 if ends["low"] == ends["low"] else beside > 1
        words.append(
            f"{times(beside)} times the error of “{labels[floor].lower()}”"
            + (": it has learned nothing" if worse else "")
        )
    words.append(f"worth {_interviews(row)}")
    return "; ".join(words) + "."


def _interviews(row: Row) -> str:
    said = f"{format_significant(row['interviews'], 2)} interviews"
    if row["interviews_low"] == row["interviews_low"]:
        low, high = (
            format_significant(row[key], 2) for key in ("interviews_low", "interviews_high")
        )
        said += f" ({low} to {high})"
    theirs = row["reference_interviews"]
    if theirs == theirs and abs(theirs - row["interviews"]) > 1e-9:
        said += f", the polls of the same votes {format_significant(theirs, 2)}"
    return said


def of_chances(row: Row, labels: Mapping[str, str], reference: str) -> str:
    """The sentence of a family that states chances of winning."""
    name, against = labels[row["family"]], labels[reference].lower()
    words = f"{name} ({extent(row)}): Brier score {row['brier']:.3f}"
    if row["family"] == reference:
        return f"{words}, the measure of all other chances."
    if row["low"] != row["low"]:
        return f"{words}; too few election days beside the {against} for an interval."
    sign = "better" if row["brier_difference"] < 0 else "worse"
    clear = row["low"] > 0 or row["high"] < 0
    told = f"{abs(row['brier_difference']):.3f} {sign} than the {against}, difficulty taken out"
    ends = f"{row['low']:.3f} to {row['high']:.3f}".replace("-", "−")
    return (
        f"{words}; {told} ({ends}){'' if clear else ': no difference that chance could not make'}."
    )


def of_draws(row: Row, labels: Mapping[str, str], reference: str) -> str:
    """The sentence of a family that says how sure it is."""
    told = {
        "farther": "worse",
        "closer": "better",
        "alike": "no difference that chance could not make",
        "few": "too few for a conclusion",
    }[verdict(row)]
    return (
        f"{labels[row['family']]} ({extent(row)}): the CRPS of its draws is {row['relative']:.2f} "
        f"times that of the {labels[reference].lower()} ({times_interval(row)}): {told}."
    )


def of_map(row: Row, labels: Mapping[str, str], base: str) -> str:
    """The sentence of a family that knows areas."""
    name = labels[row["family"]]
    if row["family"] == base:
        return (
            f"{name} ({extent(row)}): the map that nothing moves, "
            f"{100 * row['area_mae']:.1f} points off."
        )
    return (
        f"{name} ({extent(row)}): by area {100 * row['area_mae']:.1f} points off, "
        f"{times(row['relative'])} times the error of “{labels[base].lower()}” "
        f"({times_interval(row)})."
    )


def of_hindsight(row: Row, labels: Mapping[str, str], reference: str) -> str:
    """The sentence of a family that knows what came later."""
    beside = f"beside_{reference}"
    return (
        f"{labels[row['family']]} ({extent(row)}): compiled after the vote, so in no ranking; "
        f"{times(row[beside])} times the error of the {labels[reference].lower()} "
        f"({times_interval(row, f'{beside}_low', f'{beside}_high')})."
    )


def findings(
    tables: Mapping[str, pd.DataFrame],
    facts: Mapping[str, Any],
    labels: Mapping[str, str],
    reference: str,
    main_day: int,
) -> tuple[str, ...]:
    """The record in a few sentences, with its uncertainty."""
    rows = [row for row in tables["families"].to_dict("records") if row["family"] != reference]
    by_verdict = {
        kind: [labels[row["family"]].lower() for row in rows if verdict(row) == kind]
        for kind in ("closer", "alike", "farther", "few")
    }
    against = labels[reference].lower()
    words = [
        f"{counted(facts['votes'], 'vote')} on {counted(facts['election_days'], 'election day')} "
        f"in {counted(facts['countries'], 'country')}, {facts['first_on'][:4]} to "
        f"{facts['last_on'][:4]}; the votes of one country and day count as one draw."
    ]
    said = {
        "closer": f"closer than the {against}",
        "alike": f"not to be told from the {against}",
        "farther": f"farther off than the {against}",
        "few": f"on evidence of fewer than {FEWEST_CLUSTERS} election days, so without conclusion",
    }
    told = [f"{said[kind]}: {listed(names)}" for kind, names in by_verdict.items() if names]
    if told:
        words.append(f"{_when(main_day)}, {'; '.join(told)}.")
    return (*words, *_robustness(tables, labels), *_lags(tables["lags"], labels))


def _when(days: int) -> str:
    if days == 0:
        return "On the day of the vote, before it is counted"
    return f"{counted(days, 'day')} before the vote"


def _robustness(tables: Mapping[str, pd.DataFrame], labels: Mapping[str, str]) -> list[str]:
    agreement = tables["agreement"].dropna(subset="spearman")
    if agreement.empty:
        return []
    least = agreement.sort_values("spearman", kind="stable").iloc[0]
    moved = ""
    if least["moved"]:
        moved = f", where {labels[least['moved']].lower()} moves by {least['largest_move']} places"
    return [
        f"{len(agreement)} other ways to compare (a mixed model, Bradley–Terry, other scores, two "
        f"baselines) rank the families as the headline does with Spearman correlations of "
        f"{agreement['spearman'].min():.2f} to {agreement['spearman'].max():.2f}; least so "
        f"{choice_words(least['choice'], labels)}{moved}."
    ]


CHOICES = {
    "fixed_effects": "two-way fixed effects (headline)",
    "mixed_model": "mixed model, votes as random draws",
    "bradley_terry": "Bradley–Terry of who was closer",
    "votes_alike": "every vote counting alike",
    "crps": "CRPS instead of the MAE",
    "rmse": "RMSE instead of the MAE",
    "mae_polled": "candidates whom polls give the least share alone",
    "points": "percentage points instead of ratios",
}


def choice_words(choice: str, labels: Mapping[str, str]) -> str:
    """A way to compare, for people."""
    if choice.startswith("beside_"):
        return f"mean ratio to “{labels[choice.removeprefix('beside_')].lower()}”"
    return CHOICES[choice]


def _lags(lags: pd.DataFrame, labels: Mapping[str, str]) -> list[str]:
    verdicts = lags.assign(verdict=[verdict(row) for row in lags.to_dict("records")])
    wide = verdicts.pivot(index="family", columns="lag_days", values="verdict").dropna()
    wide = wide[(wide != "few").any(axis=1)]
    if wide.empty or lags["lag_days"].nunique() < 2:
        return []
    changed = [labels[name].lower() for name in wide.index[wide.nunique(axis=1) > 1]]
    shown = listed([str(lag) for lag in sorted(wide.columns)])
    if not changed:
        return [f"No conclusion changes with lags of publication of {shown} days."]
    return [f"With lags of publication of {shown} days the verdict changes for {listed(changed)}."]


def ratio_cell(row: Row, value: str, low: str, high: str) -> str:
    """A ratio with its interval, for a table.

    Examples
    --------
    >>> ratio_cell({"a": 1.234, "l": 1.1, "h": 1.4}, "a", "l", "h")
    '1.23 (1.10–1.40)'
    """
    if row.get(value) is None or not math.isfinite(row[value]):
        return MISSING
    if row.get(low) is None or row[low] != row[low]:
        return f"{row[value]:.2f}"
    return f"{row[value]:.2f} ({row[low]:.2f}–{row[high]:.2f})"
