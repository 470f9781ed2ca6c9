"""What the record says of every family, in sentences made from its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.core.language import N_, _, in_form, listed, ngettext
from bench.report.formatting import MISSING, format_probability, format_significant
from bench.studies.track_record.estimates import FEWEST_CLUSTERS

Row = Mapping[Any, Any]
LEVEL = 0.05


@dataclass(frozen=True, kw_only=True)
class Words:
    """What tables, sentences and figures of the record are told in.

    Attributes
    ----------
    labels : dict of str to str
        By family, in order.
    reference : str
        The family beside which the others stand.
    baselines : tuple of str
        Further families to which errors are related.
    title, source : str
        Heading; where evidence and outcome come from.
    """

    labels: dict[str, str]
    reference: str
    baselines: tuple[str, ...]
    title: str
    source: str

    @property
    def against(self) -> str:
        """The reference in a sentence."""
        return self.within(self.reference)

    @property
    def floor(self) -> str:
        """The baseline that everybody should beat."""
        return (*self.baselines, self.reference)[0]

    def within(self, family: str) -> str:
        """A family within a sentence."""
        return self.labels[family].lower()

    def named(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with the labels of their families."""
        return rows.assign(family=rows["family"].map(self.labels))


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


BESIDE = {
    "farther": N_("its error is {ratio} times that of the {against} ({interval})"),
    "closer": N_("its error is {ratio} times that of the {against} ({interval}): closer"),
    "alike": N_("it cannot be told from the {against} ({ratio} times their error, {interval})"),
    "few": N_(
        "its error is {ratio} times that of the {against}, on {days}: not worth {n} whole "
        "ones, so no interval and no conclusion"
    ),
}


def of_family(row: Row, words: Words) -> str:
    """The sentence of a family that gives shares of the vote: a row of the table `families`."""
    name = words.labels[row["family"]]
    if row["family"] == words.reference:
        return _(
            "{family} ({extent}): the measure of all others; worth {interviews} of a simple random "
            "sample.",
            family=name,
            extent=extent(row),
            interviews=_interviews(row),
        )
    told = _(
        BESIDE[verdict(row)],
        ratio=times(row["relative"]),
        against=words.against,
        interval=times_interval(row),
        days=counted(int(row["compared"]), "common election day"),
        n=FEWEST_CLUSTERS,
    )
    if math.isnan(row["relative"]):
        told = _("no vote joins it to the {against}", against=words.against)
    said = [f"{name} ({extent(row)}): {told}"]
    if verdict(row) in ("farther", "closer") and row["p"] > LEVEL:
        said.append(_("which does not survive a test of all families together"))
    if not math.isnan(row["closer"]):
        said.append(
            _("closer than they in {share} of the votes", share=format_probability(row["closer"]))
        )
    floor = words.floor
    beside = row.get(f"beside_{floor}", math.nan)
    if row["family"] != floor and not math.isnan(beside):
        low = row[f"beside_{floor}_low"]
        is_worse = beside > 1 if math.isnan(low) else low > 1
        than = {"ratio": times(beside), "floor": words.within(floor)}
        said.append(
            _("{ratio} times the error of “{floor}”: it has learned nothing", **than)
            if is_worse
            else _("{ratio} times the error of “{floor}”", **than)
        )
    said.append(_("worth {interviews}", interviews=_interviews(row)))
    return _("; ").join(said) + "."


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


def of_chances(row: Row, words: Words) -> str:
    """The sentence of a family that states chances of winning."""
    score = _(
        "{family} ({extent}): Brier score {brier:.3f}",
        family=words.labels[row["family"]],
        extent=extent(row),
        brier=row["brier"],
    )
    if row["family"] == words.reference:
        return _("{score}, the measure of all other chances.", score=score)
    if math.isnan(row["low"]):
        return _(
            "{score}; too few election days beside the {against} for an interval.",
            score=score,
            against=words.against,
        )
    beside = {
        "score": score,
        "size": abs(row["brier_difference"]),
        "against": words.against,
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


DRAWN = {
    "farther": N_("worse"),
    "closer": N_("better"),
    "alike": N_("no difference that chance could not make"),
    "few": N_("too few for a conclusion"),
}


def of_draws(row: Row, words: Words) -> str:
    """The sentence of a family that says how sure it is."""
    return _(
        "{family} ({extent}): the CRPS of its draws is {ratio:.2f} times that of the {against} "
        "({interval}): {verdict}.",
        family=words.labels[row["family"]],
        extent=extent(row),
        ratio=row["relative"],
        against=words.against,
        interval=times_interval(row),
        verdict=_(DRAWN[verdict(row)]),
    )


def of_map(row: Row, words: Words, base: str) -> str:
    """The sentence of a family that knows areas, compared with the one that nothing moves."""
    said = {
        "family": words.labels[row["family"]],
        "extent": extent(row),
        "error": 100 * row["area_mae"],
    }
    if row["family"] == base:
        return _("{family} ({extent}): the map that nothing moves, {error:.1f} points off.", **said)
    return _(
        "{family} ({extent}): by area {error:.1f} points off, {ratio} times the error of “{base}” "
        "({interval}).",
        ratio=times(row["relative"]),
        base=words.within(base),
        interval=times_interval(row),
        **said,
    )


def of_hindsight(row: Row, words: Words) -> str:
    """The sentence of a family that knows what came later."""
    beside = f"beside_{words.reference}"
    return _(
        "{family} ({extent}): compiled after the vote, so in no ranking; {ratio} times the error "
        "of the {against} ({interval}).",
        family=words.labels[row["family"]],
        extent=extent(row),
        ratio=times(row[beside]),
        against=words.against,
        interval=times_interval(row, f"{beside}_low", f"{beside}_high"),
    )


def findings(
    tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], words: Words, main_day: int
) -> tuple[str, ...]:
    """The record in a few sentences, with its uncertainty."""
    by_verdict: dict[str, list[str]] = {kind: [] for kind in ("closer", "alike", "farther", "few")}
    for row in tables["families"].to_dict("records"):
        if row["family"] != words.reference:
            by_verdict[verdict(row)].append(words.within(row["family"]))
    said = [
        _claim(by_verdict, words.against, main_day),
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
    said += [
        _(
            "{what}: {names}.",
            what=_(GROUPS[kind], against=words.against, n=FEWEST_CLUSTERS),
            names=names,
        )
        for kind, names in by_verdict.items()
        if names
    ]
    return (*said, *_robustness(tables["agreement"], words), *_lags(tables["lags"], words))


GROUPS = {
    "closer": N_("Closer than the {against}"),
    "alike": N_("Cannot be told apart from the {against}"),
    "farther": N_("Farther off than the {against}"),
    "few": N_("Seen on fewer than {n} election days, so no conclusion is drawn"),
}


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


RANKINGS = {  # by whether a family moves
    False: N_(
        "{n} other ways of comparing (a mixed model, Bradley–Terry, other scores, two "
        "baselines) give rankings of the families whose Spearman correlations with the "
        "headline are {low:.2f} to {high:.2f}; the lowest is that of {least}."
    ),
    True: N_(
        "{n} other ways of comparing (a mixed model, Bradley–Terry, other scores, two "
        "baselines) give rankings of the families whose Spearman correlations with the "
        "headline are {low:.2f} to {high:.2f}; the lowest is that of {least}, where {family} "
        "moves by {places} places."
    ),
}


def _robustness(agreement: pd.DataFrame, words: Words) -> list[str]:
    known = agreement.dropna(subset="spearman").sort_values("spearman", kind="stable")
    if known.empty:
        return []
    least = known.iloc[0]
    return [
        _(
            RANKINGS[bool(least["moved"])],
            n=len(known),
            low=known["spearman"].min(),
            high=known["spearman"].max(),
            least=choice_words(least["choice"], words.labels),
            family=words.labels.get(least["moved"], "").lower(),
            places=least["largest_move"],
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


def _lags(lags: pd.DataFrame, words: Words) -> list[str]:
    verdicts = lags.assign(verdict=[verdict(row) for row in lags.to_dict("records")])
    wide = verdicts.pivot(index="family", columns="lag_days", values="verdict").dropna()
    wide = wide[(wide != "few").any(axis=1)]
    if wide.empty or lags["lag_days"].nunique() < 2:
        return []
    changed = [words.within(name) for name in wide.index[wide.nunique(axis=1) > 1]]
    shown = listed([str(lag) for lag in sorted(wide.columns)])
    if changed:
        return [
            _(
                "With the assumed lag from the last interview to publication ({lags} days), the "
                "verdict changes for {families}.",
                lags=shown,
                families=changed,
            )
        ]
    return [
        _(
            "No conclusion changes with the assumed lag from the last interview to publication "
            "({lags} days).",
            lags=shown,
        )
    ]


def ratio_cell(row: Row, value: str = "relative", low: str = "low", high: str = "high") -> str:
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
