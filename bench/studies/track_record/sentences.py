"""What the record says of every family, in sentences made from its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from bench.core.language import N_, _, in_form, listed, ngettext
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
    return in_form(f"{value:.2f}" if value < 9.995 else f"{value:.0f}")


def times_interval(row: Row, low: str = "low", high: str = "high") -> str:
    """A 95 % interval of a ratio, or why there is none.

    Examples
    --------
    >>> times_interval({"low": 1.21, "high": 1.5}), times_interval({"low": float("nan")})
    ('1.21 to 1.50', 'too few elections for an interval')
    """
    if row[low] != row[low]:
        return _("too few elections for an interval")
    return _("{low} to {high}", low=times(row[low]), high=times(row[high]))


COUNTED: Mapping[str, Callable[[int], str]] = {
    "country": lambda n: ngettext("{n:,} country", "{n:,} countries", n),
    "day": lambda n: ngettext("{n:,} day", "{n:,} days", n),
    "election day": lambda n: ngettext("{n:,} election day", "{n:,} election days", n),
    "vote": lambda n: ngettext("{n:,} vote", "{n:,} votes", n),
    "common election day": lambda n: ngettext(
        "{n:,} common election day", "{n:,} common election days", n
    ),
}


def counted(n: int, noun: str) -> str:
    """A number and its noun, one of `COUNTED`.

    Examples
    --------
    >>> counted(1, "country"), counted(1200, "vote"), counted(2, "country")
    ('1 country', '1,200 votes', '2 countries')
    """
    return COUNTED[noun](n)


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
        return _(
            "{family} ({extent}): the measure of all others; worth {interviews} of a simple random "
            "sample.",
            family=name,
            extent=extent(row),
            interviews=_interviews(row),
        )
    beside_them = {
        "ratio": times(row["relative"]),
        "against": against,
        "interval": times_interval(row),
    }
    told = {
        "farther": lambda: _(
            "its error is {ratio} times that of the {against} ({interval})", **beside_them
        ),
        "closer": lambda: _(
            "its error is {ratio} times that of the {against} ({interval}): closer", **beside_them
        ),
        "alike": lambda: _(
            "it cannot be told from the {against} ({ratio} times their error, {interval})",
            **beside_them,
        ),
        "few": lambda: _(
            "its error is {ratio} times that of the {against}, on {days}: not worth {n} whole "
            "ones, so no interval and no conclusion",
            days=counted(int(row["compared"]), "common election day"),
            n=FEWEST_CLUSTERS,
            **beside_them,
        ),
    }[verdict(row)]()
    if row["relative"] != row["relative"]:
        told = _("no vote joins it to the {against}", against=against)
    words = [f"{name} ({extent(row)}): {told}"]
    if verdict(row) in ("farther", "closer") and row["p"] > LEVEL:
        words.append(_("which does not survive a test of all families together"))
    if row["closer"] == row["closer"]:
        words.append(
            _("closer than they in {share} of the votes", share=format_probability(row["closer"]))
        )
    beside = row.get(f"beside_{floor}")
    if row["family"] != floor and beside is not None and beside == beside:
        ends = {"low": row[f"beside_{floor}_low"], "high": row[f"beside_{floor}_high"]}
        than = {"ratio": times(beside), "floor": labels[floor].lower()}
        worse = ends["low"] > 1 if ends["low"] == ends["low"] else beside > 1
        words.append(
            _("{ratio} times the error of “{floor}”: it has learned nothing", **than)
            if worse
            else _("{ratio} times the error of “{floor}”", **than)
        )
    words.append(_("worth {interviews}", interviews=_interviews(row)))
    return _("; ").join(words) + "."


def _interviews(row: Row) -> str:
    said = _("{n} interviews", n=format_significant(row["interviews"], 2))
    if row["interviews_low"] == row["interviews_low"]:
        said = _(
            "{interviews} ({low} to {high})",
            interviews=said,
            low=format_significant(row["interviews_low"], 2),
            high=format_significant(row["interviews_high"], 2),
        )
    theirs = row["reference_interviews"]
    if theirs == theirs and abs(theirs - row["interviews"]) > 1e-9:
        said = _(
            "{interviews}, the polls of the same votes {theirs}",
            interviews=said,
            theirs=format_significant(theirs, 2),
        )
    return said


def of_chances(row: Row, labels: Mapping[str, str], reference: str) -> str:
    """The sentence of a family that states chances of winning."""
    name, against = labels[row["family"]], labels[reference].lower()
    words = _(
        "{family} ({extent}): Brier score {brier:.3f}",
        family=name,
        extent=extent(row),
        brier=row["brier"],
    )
    if row["family"] == reference:
        return _("{score}, the measure of all other chances.", score=words)
    if row["low"] != row["low"]:
        return _(
            "{score}; too few election days beside the {against} for an interval.",
            score=words,
            against=against,
        )
    beside = {
        "score": words,
        "size": abs(row["brier_difference"]),
        "against": against,
        "low": row["low"],
        "high": row["high"],
    }
    told = (
        _(
            "{score}; {size:.3f} better than the {against}, difficulty taken out ({low:.3f} to "
            "{high:.3f})",
            **beside,
        )
        if row["brier_difference"] < 0
        else _(
            "{score}; {size:.3f} worse than the {against}, difficulty taken out ({low:.3f} to "
            "{high:.3f})",
            **beside,
        )
    )
    if row["low"] > 0 or row["high"] < 0:
        return f"{told}."
    return _("{score}: no difference that chance could not make.", score=told)


def of_draws(row: Row, labels: Mapping[str, str], reference: str) -> str:
    """The sentence of a family that says how sure it is."""
    told = {
        "farther": _("worse"),
        "closer": _("better"),
        "alike": _("no difference that chance could not make"),
        "few": _("too few for a conclusion"),
    }[verdict(row)]
    return _(
        "{family} ({extent}): the CRPS of its draws is {ratio:.2f} times that of the {against} "
        "({interval}): {verdict}.",
        family=labels[row["family"]],
        extent=extent(row),
        ratio=row["relative"],
        against=labels[reference].lower(),
        interval=times_interval(row),
        verdict=told,
    )


def of_map(row: Row, labels: Mapping[str, str], base: str) -> str:
    """The sentence of a family that knows areas."""
    name = labels[row["family"]]
    if row["family"] == base:
        return _(
            "{family} ({extent}): the map that nothing moves, {error:.1f} points off.",
            family=name,
            extent=extent(row),
            error=100 * row["area_mae"],
        )
    return _(
        "{family} ({extent}): by area {error:.1f} points off, {ratio} times the error of “{base}” "
        "({interval}).",
        family=name,
        extent=extent(row),
        error=100 * row["area_mae"],
        ratio=times(row["relative"]),
        base=labels[base].lower(),
        interval=times_interval(row),
    )


def of_hindsight(row: Row, labels: Mapping[str, str], reference: str) -> str:
    """The sentence of a family that knows what came later."""
    beside = f"beside_{reference}"
    return _(
        "{family} ({extent}): compiled after the vote, so in no ranking; {ratio} times the error "
        "of the {against} ({interval}).",
        family=labels[row["family"]],
        extent=extent(row),
        ratio=times(row[beside]),
        against=labels[reference].lower(),
        interval=times_interval(row, f"{beside}_low", f"{beside}_high"),
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
        _claim(by_verdict, against, main_day),
        _(
            "This rests on {votes} on {days} in {countries}, {first} to {last}; the votes of one "
            "country and day count as one draw.",
            votes=counted(facts["votes"], "vote"),
            days=counted(facts["election_days"], "election day"),
            countries=counted(facts["countries"], "country"),
            first=facts["first_on"][:4],
            last=facts["last_on"][:4],
        ),
    ]
    said = {
        "closer": _("Closer than the {against}", against=against),
        "alike": _("Cannot be told apart from the {against}", against=against),
        "farther": _("Farther off than the {against}", against=against),
        "few": _(
            "Seen on fewer than {n} election days, so no conclusion is drawn", n=FEWEST_CLUSTERS
        ),
    }
    words += [
        _("{what}: {names}.", what=said[kind], names=names)
        for kind, names in by_verdict.items()
        if names
    ]
    return (*words, *_robustness(tables, labels), *_lags(tables["lags"], labels))


def _claim(by_verdict: Mapping[str, list[str]], against: str, main_day: int) -> str:
    """Whether any family came closer than the reference, and how many of how many did not."""
    said = {
        "when": _when(main_day),
        "against": against,
        "n": sum(map(len, by_verdict.values())),
        "farther": len(by_verdict["farther"]),
    }
    if closer := by_verdict["closer"]:
        return _(
            "{when}, these came closer to the result than the {against}: {closer}.",
            closer=closer,
            **said,
        )
    if not said["farther"]:
        return _(
            "{when}, no kind of method has been shown to come closer to the result than the "
            "{against}.",
            **said,
        )
    return _(
        "{when}, no kind of method has been shown to come closer to the result than the {against}; "
        "{farther} of {n} kinds were farther off.",
        **said,
    )


def _when(days: int) -> str:
    if days == 0:
        return _("On the day of the vote, before the count")
    return _("{days} before the vote", days=counted(days, "day"))


def _robustness(tables: Mapping[str, pd.DataFrame], labels: Mapping[str, str]) -> list[str]:
    agreement = tables["agreement"].dropna(subset="spearman")
    if agreement.empty:
        return []
    least = agreement.sort_values("spearman", kind="stable").iloc[0]
    said = {
        "n": len(agreement),
        "low": agreement["spearman"].min(),
        "high": agreement["spearman"].max(),
        "least": choice_words(least["choice"], labels),
    }
    if not least["moved"]:
        return [
            _(
                "{n} other ways of comparing (a mixed model, Bradley–Terry, other scores, two "
                "baselines) give rankings of the families whose Spearman correlations with the "
                "headline are {low:.2f} to {high:.2f}; the lowest is that of {least}.",
                **said,
            )
        ]
    return [
        _(
            "{n} other ways of comparing (a mixed model, Bradley–Terry, other scores, two "
            "baselines) give rankings of the families whose Spearman correlations with the "
            "headline are {low:.2f} to {high:.2f}; the lowest is that of {least}, where {family} "
            "moves by {places} places.",
            family=labels[least["moved"]].lower(),
            places=least["largest_move"],
            **said,
        )
    ]


CHOICES = {
    "fixed_effects": N_("two-way fixed effects (headline)"),
    "mixed_model": N_("mixed model, votes as random draws"),
    "bradley_terry": N_("Bradley–Terry of who was closer"),
    "votes_alike": N_("every vote counting alike"),
    "crps": N_("CRPS instead of the MAE"),
    "rmse": N_("RMSE instead of the MAE"),
    "mae_polled": N_("candidates whom polls give the least share alone"),
    "points": N_("percentage points instead of ratios"),
}


def choice_words(choice: str, labels: Mapping[str, str]) -> str:
    """A way to compare, for people."""
    if choice.startswith("beside_"):
        return _("mean ratio to “{family}”", family=labels[choice.removeprefix("beside_")].lower())
    return _(CHOICES[choice])


def _lags(lags: pd.DataFrame, labels: Mapping[str, str]) -> list[str]:
    verdicts = lags.assign(verdict=[verdict(row) for row in lags.to_dict("records")])
    wide = verdicts.pivot(index="family", columns="lag_days", values="verdict").dropna()
    wide = wide[(wide != "few").any(axis=1)]
    if wide.empty or lags["lag_days"].nunique() < 2:
        return []
    changed = [labels[name].lower() for name in wide.index[wide.nunique(axis=1) > 1]]
    shown = listed([str(lag) for lag in sorted(wide.columns)])
    if not changed:
        return [
            _(
                "No conclusion changes with the assumed lag from the last interview to publication "
                "({lags} days).",
                lags=shown,
            )
        ]
    return [
        _(
            "With the assumed lag from the last interview to publication ({lags} days), the "
            "verdict changes for {families}.",
            lags=shown,
            families=changed,
        )
    ]


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
        return in_form(f"{row[value]:.2f}")
    return in_form(f"{row[value]:.2f} ({row[low]:.2f}–{row[high]:.2f})")
