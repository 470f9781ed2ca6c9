"""What reports of simulated evidence share: does it look real, and what is a sample worth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_compact, format_significant
from bench.report.plotting import style
from bench.report.text import Text
from bench.simulation.validation import APART

SIZES = (25_000.0, 1_000_000.0)
SHADES = (style.SOFT, style.METHOD_COLOURS["app ratings"])  # of the sizes
MILLION = SIZES[1]
REAL = "real ballot"
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
