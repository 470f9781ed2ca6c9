"""What reports of simulated evidence share: does it look real, and what is a sample worth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.core.options import in_words_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_compact, format_fixed, format_significant
from bench.report.plotting import style
from bench.report.text import Text
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
text = Text()


def instrument_words(key: str) -> str:
    """An instrument by name, with the attack on it if there is one.

    Examples
    --------
    >>> instrument_words("opt_in_app, with 5,477 accounts of app_brigading")
    'opt-in app with 5,477 accounts of “Brigading of an app”'
    """
    words = text.words("instruments")
    if found := ATTACKED.fullmatch(key):
        n, distortion = int(found[2].replace(",", "")), found[3]
        return text(
            "attacked", instrument=words.get(found[1], found[1]), n=n, distortion=distortion
        )
    return words.get(key, key)


def against_words(key: str) -> str:
    """The real table that an instrument imitates, with its source.

    Examples
    --------
    >>> against_words("share of posts, hyblab")
    'share of posts, hyblab'
    """
    words = text.words("against")
    what, comma, source = key.partition(", ")
    return words.get(key) or words.get(what, what) + comma + source


def likeness(verdicts: pd.DataFrame) -> dict[str, Any]:
    """How many comparisons with independent real tables there are, and which of them fail.

    Comparisons with the tables of which an instrument was built are no test, and are not counted.

    Examples
    --------
    >>> table = pd.DataFrame({"instrument": ["opt_in_app", "quota_poll"], "passes": ["no", "yes"],
    ...                       "against": ["favourable, gov", "approvals"],
    ...                       "use": ["independent", "independent"]})
    >>> likeness(table)
    {'n_tests': 2, 'failed': ['opt-in app (favourable ratings, gov)']}
    """
    tests = verdicts[verdicts["use"].eq(APART)]
    failed = tests[tests["passes"].eq("no")]
    pairs = zip(failed["instrument"], failed["against"], strict=True)
    named = [f"{instrument_words(one)} ({against_words(other)})" for one, other in pairs]
    return {"n_tests": len(tests), "failed": named}


def users_of_app(
    tables: Mapping[str, pd.DataFrame],
    facts: Mapping[str, Any],
    names: Mapping[str, str],
) -> dict[str, Any]:
    """Whose votes the users of the simulated app cast, and how GOV's users rated the same people.

    Of two candidates: whom most of its users vote for, and another, whom GOV's ratings had first
    or who lacks most votes among its users.

    Parameters
    ----------
    tables
        worth, validation.
    facts
        Of the results: `ballot`, on whose volunteers they are modelled.
    names
        Candidates' keys to their names.

    Returns
    -------
    dict
        Empty without a simulated app.
    """
    worth, validation = tables["worth"], tables["validation"]
    each = worth[worth["candidate"].ne("all")].set_index(["sample", "candidate"])
    if APP not in each.index:
        return {}
    app, real = each.loc[APP], each["share"].get(REAL, np.nan)
    is_gov = validation["instrument"].eq("opt_in_app") & validation["against"].eq(GOV)
    ratings = validation[is_gov].set_index("figure")["real"] / 100
    first = str(app["share"].idxmax())
    others = (ratings if len(ratings) else app["vote"] - app["share"]).drop(first, errors="ignore")
    people = [
        {"name": names.get(key, key), **app.loc[key], "rating": ratings.get(key)}
        for key in (first, str(others.idxmax()))
    ]
    return {
        "people": people,
        "is_ballot": bool((app["share"] - real).abs().max() < ALIKE),
        "ballot": in_words_of(str(facts["ballot"])),
    }


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
            ", ".join(names.get(one, one) for one in those.split(", ")) for those in rows["through"]
        ],
    )


def shown_frames(
    tables: Mapping[str, pd.DataFrame], names: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    """The tables `verdicts`, `validation` and `worth` as people see them, ``NAME_shown``.

    Parameters
    ----------
    tables
        Of the results.
    names
        Candidates' keys to their names.
    """
    figures, samples = dict(names) | text.words("figures"), text.words("samples")

    def figure(key: str) -> str:
        one, of, other = key.partition(" of ")
        return text("pair", one=named(one), other=named(other)) if of else named(key)

    def named(key: str) -> str:
        return figures.get(key, key)

    found = {}
    for name in ("verdicts", "validation"):
        rows = tables[name]
        words = {"instrument": instrument_words, "against": against_words}
        rows = rows.assign(**{key: list(map(say, rows[key])) for key, say in words.items()})
        found[f"{name}_shown"] = rows.drop(columns="kind", errors="ignore")
    rows = found["validation_shown"]
    found["validation_shown"] = rows.assign(figure=list(map(figure, rows["figure"])))
    worth = tables["worth"].replace(np.inf, np.nan)
    everybody = {"all": text("whole_ballot")} | dict(names)
    found["worth_shown"] = worth.assign(
        sample=worth["sample"].replace(samples), candidate=worth["candidate"].replace(everybody)
    )
    return found


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


def worth_figure(
    worth: pd.DataFrame, n_voters: float, names: Mapping[str, str]
) -> dict[str, Figure]:
    """Effective size against |rho| for some sizes, the real self-selected ballot marked.

    Nothing where no candidate of a real self-selected ballot has an effective size.

    Parameters
    ----------
    worth
        sample, candidate, n, rho, n_eff.
    n_voters
        Valid votes.
    names
        Candidates' keys to their names.
    """
    mine = worth[worth["sample"].eq(REAL) & worth["candidate"].ne("all")]
    mine = mine.assign(candidate=mine["candidate"].replace(dict(names)))
    real, unsure = mine[mine["n_eff"].notna()], mine[mine["n_eff"].isna()]
    if real.empty:
        return {}
    real = real.assign(rho=real["rho"].abs()).sort_values("rho", ascending=False, kind="stable")
    real["interviews"] = effective(MILLION, real["rho"].to_numpy(), n_voters)
    sizes = [format_significant(one, 2) for one in real["interviews"]]
    real["said"] = real["candidate"] + " " + sizes
    facts = {
        "least": real["interviews"].iloc[0],
        "worst": real["candidate"].iloc[0],
        "most": real["interviews"].iloc[-1],
        "best": real["candidate"].iloc[-1],
        "n": int(real["n"].iloc[0]),
        "unsure": list(unsure["candidate"]),
        "poll": POLL,
        "n_voters": n_voters,
    }
    rho = np.geomspace(*RHO, 200)
    lines = pd.concat(
        pd.DataFrame({"ratings": n, "rho": rho, "interviews": effective(n, rho, n_voters)})
        for n in SIZES
    )
    starts = pd.DataFrame({"ratings": SIZES, "rho": RHO[0]}).assign(
        words=[text("worth_ratings", n=format_compact(n)) for n in SIZES]
    )
    figure = Figure(
        **text.figure("worth", **facts, is_claimed=len(real) > 1 and n_voters > MILLION),
        x=Axis(
            label=text("worth_rho"),
            scale="log",
            low=RHO[0],
            high=RHO[1],
            write=format_significant,
        ),
        y=Axis(scale="log", low=INTERVIEWS[0], high=INTERVIEWS[1], write=format_compact),
        height=3.4,
        grid="y",
        looks={n: {"color": shade, "ink": shade} for n, shade in zip(SIZES, SHADES, strict=True)},
        marks=(
            Mark("at", y=POLL, look={"color": style.SOFT, "linestyle": "--"}),
            Mark("line", lines, "rho", "interviews", by="ratings"),
            Mark("text", starts, "rho", "ratings", text="words", by="ratings", look={"dy": 0.9}),
            Mark("dot", real, "rho", "interviews", look={"color": SHADES[1], "size": 0.75}),
            Mark("ends", real, "rho", "interviews", text="said", look={"color": style.GRID}),
        ),
    )
    return {"worth": figure}
