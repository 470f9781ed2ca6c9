"""What pages of simulated evidence share: does it look real, and what is a sample worth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bench.core.options import in_words_of
from bench.report.document import Document, MakeTable, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_compact, format_fixed, format_significant
from bench.report.plotting import style
from bench.runner.results import Results
from bench.simulation.validation import APART

SIZES = (25_000.0, 1_000_000.0)
SHADES = (style.SOFT, style.METHOD_COLOURS["app ratings"])  # of the sizes
MILLION = SIZES[1]
REAL = "real ballot"
APP, GOV = "simulated opt_in_app", "favourable, gov"
ARROW = "\u00a0→\u00a0"
ALIKE = 0.01  # of the votes: users who differ by less are those of the ballot
POLL = 1_000.0
RHO, INTERVIEWS = (2e-5, 0.3), (0.3, 3e6)  # ends of the axes
ATTACKED = re.compile(r"(\w+), with ([\d,]+) accounts of (\w+)")
MOVED_COLUMNS: dict[str, dict[str, Any]] = {
    "moved_pp": {"form": "1", "text": "moved_signed"},
    "moved_se_pp": {"form": "<2"},
    "targets_pp": {"form": "1", "text": "targets_signed"},
    "through_changed": {"form": "%"},
}


class Votes(NamedTuple):
    """A candidate: share of the votes of an app's users, official share, share of good ratings."""

    name: str
    share: float
    vote: float
    rating: float | None


class AppUsers(NamedTuple):
    """Whose votes the users of the simulated app cast, of two candidates.

    `is_ballot` where they vote as the volunteers of the online ballot named `ballot`.
    """

    first: Votes
    second: Votes
    is_ballot: bool
    ballot: str


class Likeness(NamedTuple):
    """How many comparisons with independent real tables there are, and which of them fail."""

    n_tests: int
    failed: list[str]


class Worth(NamedTuple):
    """Random interviews that a million self-selected ratings are worth, for two candidates.

    `not_drawn` are those whose error may be luck; `is_claimed` where there are candidates to
    compare and more voters than ratings.
    """

    fewest_interviews: float
    least_worth: str
    most_interviews: float
    most_worth: str
    n_volunteers: int
    not_drawn: list[str]
    poll_size: float
    n_voters: float
    is_claimed: bool


class Simulated(NamedTuple):
    """What documents know of simulated evidence."""

    likeness: Likeness
    users: AppUsers | None
    worth: Worth | None


WORDS = Document("", Simulated, name="simulated_words")


def instrument_words(key: str) -> str:
    """An instrument by name, with the attack on it if there is one.

    Examples
    --------
    >>> instrument_words("opt_in_app, with 5,477 accounts of app_brigading")
    'opt-in app with 5,477 accounts of “Brigading of an app”'
    """
    match = ATTACKED.fullmatch(key)
    if match is None:
        return WORDS.text("instrument", key=key)
    instrument, accounts, distortion = match.groups()
    n_accounts = int(accounts.replace(",", ""))
    return WORDS.text("attacked", key=instrument, n_accounts=n_accounts, distortion=distortion)


def against_words(key: str) -> str:
    """The real table that an instrument imitates, with its source.

    Examples
    --------
    >>> against_words("share of posts, hyblab"), against_words("favourable, gov")
    ('share of posts, hyblab', 'favourable ratings, gov')
    """
    words = WORDS.text("against", key=key)
    if words != key:
        return words
    measure, comma, source = key.partition(", ")
    return WORDS.text("against", key=measure) + comma + source


def likeness(verdicts: pd.DataFrame) -> Likeness:
    """Compare with independent real tables.

    Comparisons with the tables of which an instrument was built are no test, and are not counted.

    Examples
    --------
    >>> table = pd.DataFrame({"instrument": ["opt_in_app", "quota_poll"], "passes": ["no", "yes"],
    ...                       "against": ["favourable, gov", "approvals"],
    ...                       "use": ["independent", "independent"]})
    >>> likeness(table)
    Likeness(n_tests=2, failed=['opt-in app (favourable ratings, gov)'])
    """
    tests = verdicts[verdicts["use"].eq(APART)]
    failed = tests[tests["passes"].eq("no")]
    pairs = zip(failed["instrument"], failed["against"], strict=True)
    return Likeness(
        n_tests=len(tests),
        failed=[f"{instrument_words(name)} ({against_words(real)})" for name, real in pairs],
    )


def users_of_app(
    worth: pd.DataFrame, validation: pd.DataFrame, ballot: str, names: Mapping[str, str]
) -> AppUsers | None:
    """Whose votes the users of the simulated app cast, and how GOV's users rated the same people.

    Of two candidates: whom most of its users vote for, and another, whom GOV's ratings had first
    or who lacks most votes among its users.

    Parameters
    ----------
    worth, validation
        Tables of the results.
    ballot
        Key of the online ballot on whose volunteers they are modelled.
    names
        Candidates' keys to their names.

    Returns
    -------
    AppUsers or None
        None without a simulated app.
    """
    by_sample = worth[worth["candidate"].ne("all")].set_index(["sample", "candidate"])
    if APP not in by_sample.index:
        return None
    app, real = by_sample.loc[APP], by_sample["share"].get(REAL, np.nan)
    is_gov = validation["instrument"].eq("opt_in_app") & validation["against"].eq(GOV)
    ratings = validation[is_gov].set_index("figure")["real"] / 100
    preferred = str(app["share"].idxmax())
    ranking = ratings if len(ratings) else app["vote"] - app["share"]
    compared = str(ranking.drop(preferred, errors="ignore").idxmax())
    first, second = (
        Votes(
            name=names.get(key, key),
            share=app["share"][key],
            vote=app["vote"][key],
            rating=ratings.get(key),
        )
        for key in (preferred, compared)
    )
    is_ballot = bool((app["share"] - real).abs().max() < ALIKE)
    return AppUsers(first, second, is_ballot, in_words_of(ballot))


def signed(value: float) -> str:
    """Points with their sign and one decimal, or a dash.

    Examples
    --------
    >>> [signed(value) for value in (1.25, -0.04, -3, float("nan"))]
    ['+1.2', '0.0', '−3.0', '–']
    """
    number = round(value, 1)
    return ("+" if number > 0 else "") + format_fixed(number, 1)


def moved_in_words(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """What a distortion moves as people read it.

    Parameters
    ----------
    rows
        With the columns of `bench.simulation.summaries.moved_columns`.
    names
        Candidates' keys to their names.

    Returns
    -------
    pandas.DataFrame
        With moved_signed, targets_signed and places (``5 → 1``), and names in `through`.
    """
    places = [
        ARROW.join(map(format_significant, pair)) if pair[1] > 0 else ""
        for pair in zip(rows["place_before"], rows["place"], strict=True)
    ]
    return rows.assign(
        moved_signed=rows["moved_pp"].map(signed),
        targets_signed=rows["targets_pp"].map(signed),
        places=places,
        through=[
            ", ".join(names.get(key, key) for key in keys.split(", ")) for keys in rows["through"]
        ],
    )


def simulated_evidence(
    results: Results, names: Mapping[str, str]
) -> tuple[Simulated, dict[str, MakeTable], dict[str, Figure]]:
    """What results say of their simulated evidence: facts, tables and figures.

    Parameters
    ----------
    results
        With the tables worth, validation and verdicts.
    names
        Candidates' keys to their names.
    """
    tables, n_voters = results.tables, float(results.facts["n_voters"])
    worth, ballot = tables["worth"], str(results.facts["ballot"])
    dots, not_drawn = worth_of_candidates(worth, n_voters, names)
    facts = Simulated(
        likeness=likeness(tables["verdicts"]),
        users=users_of_app(worth, tables["validation"], ballot, names),
        worth=None if dots.empty else worth_facts(dots, not_drawn, n_voters),
    )
    figures = {} if dots.empty else {"worth": worth_figure(dots, n_voters)}
    return facts, simulated_tables(tables, names), figures


def simulated_tables(
    tables: Mapping[str, pd.DataFrame], names: Mapping[str, str]
) -> dict[str, MakeTable]:
    """The tables `verdicts`, `validation` and `worth`, of those that have rows.

    Parameters
    ----------
    tables
        Of the results.
    names
        Candidates' keys to their names.
    """
    verdicts, validation, worth = (tables[name] for name in ("verdicts", "validation", "worth"))
    samples = worth["sample"].map(lambda key: WORDS.text("sample", key=key))
    candidates = {"all": WORDS.text("whole_ballot")} | dict(names)
    figures = dict(names) | {"all candidates": WORDS.text("all_candidates")}
    found = {
        "verdicts": table_of(
            verdicts,
            shown=_compared_in_words(verdicts),
            columns={"figures": "0", "mean_difference": "3g", "of_the_mean_alone": "3g"},
            names=names,
        ),
        "validation": table_of(
            validation,
            shown=_compared_in_words(validation).assign(
                figure=[_figure_words(key, figures) for key in validation["figure"]]
            ),
            columns={"real": "3g", "simulated": "3g"},
            filters=["instrument", "against"],
            names=names,
        ),
        "worth": table_of(
            worth,
            shown=worth.replace(np.inf, np.nan).assign(
                sample=samples, candidate=worth["candidate"].replace(candidates)
            ),
            columns={"n": "0", "share": "1%", "vote": "1%", "rho": "2g", "n_eff": "2g"},
            first={"sample": samples.iloc[0]} if len(worth) else {},
            names=names,
        ),
    }
    return {name: make for name, make in found.items() if len(tables[name])}


def _compared_in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their instruments, and the real tables that these imitate, by name."""
    return rows.assign(
        instrument=list(map(instrument_words, rows["instrument"])),
        against=list(map(against_words, rows["against"])),
    ).drop(columns="kind", errors="ignore")


def _figure_words(key: str, names: Mapping[str, str]) -> str:
    """A figure that is compared, mostly a candidate, or two of them."""
    first, of, second = key.partition(" of ")
    first = names.get(first, first)
    return WORDS.text("pair", first=first, second=names.get(second, second)) if of else first


def effective(n: float, rho: np.ndarray | float, n_voters: float) -> np.ndarray:
    """Simple random interviews with the same mean squared error, at most `n`.

        n_eff = f / ((1 - f) rho²),   f = n / n_voters

    Examples
    --------
    >>> round(float(effective(1e6, 0.005, 36e6)))
    1143
    """
    f = n / n_voters
    if f >= 1:  # everybody is asked
        return np.full(np.shape(rho), float(n))
    return np.asarray(np.minimum(f / (1 - f) / np.square(rho), n))


def worth_of_candidates(
    worth: pd.DataFrame, n_voters: float, names: Mapping[str, str]
) -> tuple[pd.DataFrame, list[str]]:
    """Candidates of the real self-selected ballot, by name.

    Parameters
    ----------
    worth
        sample, candidate, n, rho, n_eff.
    n_voters
        Valid votes.
    names
        Candidates' keys to their names.

    Returns
    -------
    dots : pandas.DataFrame
        candidate, n, rho without its sign, interviews that a million ratings are worth; the least
        worth first.
    not_drawn : list of str
        Those whose error may be luck.
    """
    rows = worth[worth["sample"].eq(REAL) & worth["candidate"].ne("all")]
    rows = rows.assign(candidate=rows["candidate"].replace(dict(names)), rho=rows["rho"].abs())
    is_drawn = rows["n_eff"].notna()
    dots = rows[is_drawn].sort_values("rho", ascending=False, kind="stable")
    dots = dots.assign(interviews=effective(MILLION, dots["rho"].to_numpy(), n_voters))
    return dots, list(rows.loc[~is_drawn, "candidate"])


def worth_facts(dots: pd.DataFrame, not_drawn: list[str], n_voters: float) -> Worth:
    """For whom ratings are worth least and most; parameters as of `worth_of_candidates`."""
    least, most = dots.iloc[0], dots.iloc[-1]
    return Worth(
        fewest_interviews=float(least["interviews"]),
        least_worth=str(least["candidate"]),
        most_interviews=float(most["interviews"]),
        most_worth=str(most["candidate"]),
        n_volunteers=int(least["n"]),
        not_drawn=not_drawn,
        poll_size=POLL,
        n_voters=n_voters,
        is_claimed=len(dots) > 1 and n_voters > MILLION,
    )


def worth_figure(dots: pd.DataFrame, n_voters: float) -> Figure:
    """Effective size against |rho| for some sizes, the real self-selected ballot marked.

    Parameters
    ----------
    dots
        From `worth_of_candidates`.
    n_voters
        Valid votes.
    """
    sizes = [format_significant(interviews, 2) for interviews in dots["interviews"]]
    dots = dots.assign(said=dots["candidate"] + " " + sizes)
    rho = np.geomspace(*RHO, 200)
    lines = pd.concat(
        pd.DataFrame({"ratings": n, "rho": rho, "interviews": effective(n, rho, n_voters)})
        for n in SIZES
    )
    starts = pd.DataFrame({"ratings": SIZES, "rho": RHO[0]}).assign(
        words=[WORDS.text("ratings", n=format_compact(n)) for n in SIZES]
    )
    return Figure(
        x=Axis(scale="log", low=RHO[0], high=RHO[1], write=format_significant),
        y=Axis(scale="log", low=INTERVIEWS[0], high=INTERVIEWS[1], write=format_compact),
        height=3.4,
        grid="y",
        looks={n: {"color": shade, "ink": shade} for n, shade in zip(SIZES, SHADES, strict=True)},
        marks=(
            Mark("at", y=POLL, look={"color": style.SOFT, "linestyle": "--"}),
            Mark("line", lines, "rho", "interviews", by="ratings"),
            Mark("text", starts, "rho", "ratings", text="words", by="ratings", look={"dy": 0.9}),
            Mark("dot", dots, "rho", "interviews", look={"color": SHADES[1], "size": 0.75}),
            Mark("ends", dots, "rho", "interviews", text="said", look={"color": style.GRID}),
        ),
    )
