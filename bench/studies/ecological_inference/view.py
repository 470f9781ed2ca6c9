"""What the study of known tables shows: the facts of its sentences, and its figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.core.arrays import sorted_digits
from bench.core.settings import Experiment
from bench.report.context import title_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import layout as canvas
from bench.report.report import Report
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.ecological_inference.analysis import Settings, confounding_of
from bench.studies.known_tables import COVERED, DISTRICTS, GIVEN_BEFORE, LEVELS, MIN_CELL

MIN_ELECTIONS = 6  # below which a bootstrap says little
TICKS = (5, 10, 20, 40)  # percent
text = Text("ecological_inference")


def report(experiment: Experiment, results: Results) -> Report:
    """Errors where the answer is known."""
    settings = settings_of(Settings, experiment)
    summary, against = results.tables["summary"], results.tables["against"]
    said: dict[str, Any] = {
        "title": title_of(experiment),
        "source": text("source"),
        "default": words_of(settings.default),
        "level": settings.level,
        "methods": settings.methods,
        "n_elections": int(results.facts["n_elections"]),
        "n_peers": len(set(against["peer"]) - set(settings.methods)),
        "min_elections": MIN_ELECTIONS,
        "min_cell": MIN_CELL,
        "levels": dict(zip(COVERED, LEVELS, strict=True)),
    }
    said |= facts_of(summary, against, settings)
    if (confounding := confounding_of(experiment)) is not None:
        said |= {
            "confounded_method": confounding.default,
            "confounded_level": confounding.level,
            "dose_unit": results.facts["dose_unit"],
        }
    frames = {
        "by_dataset": summary.drop(columns="cpu_s", errors="ignore"),
        "against_peers": against,
        "by_dose": results.tables.get("by_dose", pd.DataFrame()),
        "by_dataset_shown": _in_words(_without_few(summary, "low", "high")),
        "against_peers_shown": _in_words(_without_few(against, "ratio_low", "ratio_high")),
    }
    figures = {"known_tables": known_tables(summary, said)}
    return view_report("ecological_inference", said, frames, figures)


def facts_of(summary: pd.DataFrame, against: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    """The error of the default method, and what was compared with it on the same elections.

    These are the best other system, and the default where the election before is known.
    """
    summary, against = _in_words(summary), _in_words(against)
    ours = [words_of(method) for method in settings.methods]
    mine = summary[summary["method"].eq(words_of(settings.default))]
    fresh = mine[~mine["tuned"].astype(bool)]
    row = (fresh if len(fresh) else mine).sort_values("n", kind="stable").iloc[-1]
    keys = ["dataset", "variant", "tuned"]
    same = against[against[keys].eq(row[keys]).all(axis=1)]
    others = same[~same["peer"].isin(ours)]
    # a system that was run on a few elections only is no comparison
    others = others[others["n"].ge(max(2, 0.5 * row["n"]))].sort_values(
        "ratio", kind="stable", key=sorted_digits
    )
    before = same[same["peer"].eq(words_of(GIVEN_BEFORE))]
    before = before.merge(summary.rename(columns={"method": "peer"}), on=[*keys, "peer", "n"])
    is_asked = len(before) and settings.default == DISTRICTS  # else it is another method
    return {
        "mine": row.to_dict(),
        "best": others.iloc[-1].to_dict() if len(others) else None,
        "before": before.iloc[0].to_dict() if is_asked else None,
    }


def words_of(key: str) -> str:
    """A method or a dataset in words.

    Examples
    --------
    >>> words_of("likelihood_districts"), words_of("ei_NZ_2002")
    ('likelihood districts', 'NZ 2002')
    """
    return key.removeprefix("ei_").replace("_", " ")


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with datasets and methods in words."""
    keys = [key for key in ("dataset", "method", "peer") if key in rows]
    return rows.assign(**{key: rows[key].map(words_of) for key in keys})


def _without_few(rows: pd.DataFrame, low: str, high: str) -> pd.DataFrame:
    """The table without intervals that rest on a few elections only."""
    enough = rows["n"].ge(MIN_ELECTIONS)
    return rows.assign(**{key: rows[key].where(enough) for key in (low, high)})


def known_tables(summary: pd.DataFrame, facts: Mapping[str, Any]) -> Figure:
    """The mean error index of every method by dataset, one panel per variant.

    Parameters
    ----------
    summary
        variant, dataset, tuned, method, n, error_index, low, high.
    facts
        Of the texts; `methods` are those of this project, others are drawn hollow.
    """
    mean = (
        summary.groupby("method")["error_index"]
        .mean()
        .sort_values(kind="stable", key=sorted_digits)
    )
    pairs = summary[["dataset", "tuned"]].drop_duplicates().sort_values(["dataset", "tuned"])
    words = [
        text("group", dataset=words_of(dataset), tuned=tuned)
        for dataset, tuned in pairs.itertuples(index=False, name=None)
    ]
    looks = canvas.series_looks(words, shift=0.18)
    rows = summary.merge(pairs.assign(group=words), how="left").assign(
        peer=~summary["method"].isin(facts["methods"]).to_numpy(),
        name=summary["method"].map(words_of).to_numpy(),
    )
    variants = set(summary["variant"])
    return Figure(
        **text.figure("known_tables", **facts),
        claim=text.lines("findings", **facts)[0],
        panel="variant",
        panels={key: head for key, head in text.words("variants").items() if key in variants},
        x=Axis(label=text("known_tables_axis"), scale="log", ticks=TICKS),
        y=Axis(names=[words_of(str(name)) for name in mean.index]),
        height=0.5,
        per_row=0.27,
        bands=True,
        looks=looks,
        legend={name: look | {"linestyle": "-"} for name, look in looks.items()},
        marks=(
            Mark("rule", rows, "low", "name", "high", by="group"),
            Mark("dot", rows, "error_index", "name", by="group", hollow="peer"),
        ),
    )
