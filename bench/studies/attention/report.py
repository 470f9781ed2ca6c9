"""The report of what attention adds: a summary, every day of calibration, every answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd

from bench.core.language import _, ngettext
from bench.core.options import label
from bench.core.settings import Experiment
from bench.report.context import sources_of, title_of, vote_words
from bench.report.formatting import Columns, ColumnSpec, format_fixed
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.attention.analysis import COUNT, Settings
from bench.studies.attention.plots import gain_rows, gains
from bench.studies.base import settings_of

SUMMARY = ["predictor", "elections", "counts", "mae_pp", "reference_pp", "difference_pp"]
SUMMARY += ["low", "high", "better"]
ANSWERS = ["calibrated_days", "mae_pp", "mae_polled_10_pp", "crps_pp", "elasticity"]
ANSWERS += ["elasticity_se"]


def report(experiment: Experiment, results: Results) -> Report:
    """Words and tables, from the settings and the results alone."""
    settings = settings_of(Settings, experiment)
    errors, summary = results.tables["errors"], results.tables["summary"]
    title, source = title_of(experiment), sources_of(experiment.elections)
    called = summary.assign(label=summary["predictor"].map(_label))
    rows = gain_rows(called, settings.reference)
    reading = set(errors.loc[errors["reads_count"], "predictor"])
    said = (
        _claim(summary[summary["predictor"].isin(reading)], settings),
        *_best(summary[summary["predictor"].ne(settings.reference)], reading),
    )
    return Report(
        title=title,
        findings=said,
        tables=(
            *(_summary(summary, settings, title, late) for late in (False, True)),
            by_day(errors, settings, title),
            answers(errors, title),
        ),
        figures={"gains": gains(rows, title, source, claim=said[0]).draw} if len(rows) else {},
        source=source,
        kicker=_("Attention compared with the polls behind it"),
        counts=((_("Elections"), str(errors["election"].nunique())),),
    )


def by_day(errors: pd.DataFrame, settings: Settings, title: str) -> Table:
    """The error of every method, a column for each day of calibration."""
    keys = [*COUNT, "predictor"]
    answered = errors["reads_count"] & errors["mae_pp"].notna()
    errors = errors[answered.groupby([errors[key] for key in COUNT]).transform("any")]
    days = errors["calibrated_days"].fillna(settings.main_day).astype(int)
    wide = errors.assign(day=days).pivot_table(
        index=keys, columns="day", values="mae_pp", sort=False, dropna=False
    )
    wide = wide.dropna(how="all")
    wide = wide[sorted(wide.columns, reverse=True)].rename(columns=lambda day: f"days_{day}")
    rows = wide.reset_index()
    shown = rows.assign(
        vote=list(map(vote_words, rows["election"], rows["round"])),
        predictor=rows["predictor"].map(_label),
    )
    columns: Columns = {
        name: ColumnSpec(
            _("{days} d", days=name.removeprefix("days_")),
            _("MAE in points, calibrated that many days before the vote"),
            "2",
        )
        for name in wide.columns
    }
    return table(
        "by_day",
        rows,
        shown=shown,
        show=["vote", "source", "measure", "predictor", *wide.columns],
        title=_("{title}: every day of calibration", title=title),
        notes=(
            _(
                "Methods without a day of calibration stand under {days} d.",
                days=settings.main_day,
            ),
        ),
        columns=columns,
        of="attention",
        heading=_("Every day of calibration"),
        terminal=False,
    )


def answers(errors: pd.DataFrame, title: str) -> Table:
    """Every answer: its errors, and the elasticity that was learned, with its standard error."""
    rows = errors.loc[errors["reads_count"] & errors["mae_pp"].notna()]
    rows = rows[[*COUNT, "predictor", *ANSWERS]]
    return table(
        "answers",
        rows,
        shown=rows.assign(predictor=rows["predictor"].map(_label)),
        show=[*COUNT, "predictor", *ANSWERS],
        title=_("{title}: every answer", title=title),
        notes=(_("Elasticity 1: a share doubles with its attention; 0: attention says nothing."),),
        of="attention_answers",
        heading=_("Every answer, and how far votes follow attention"),
        terminal=False,
    )


def _summary(summary: pd.DataFrame, settings: Settings, title: str, late: bool) -> Table:
    rows = summary[summary["hindsight"].eq(late)].drop(columns="hindsight")
    what = _("compiled after the vote, hindsight") if late else _("counted before the vote")
    return table(
        "hindsight" if late else "summary",
        rows,
        shown=rows.assign(predictor=rows["predictor"].map(_label)),
        show=SUMMARY,
        title=f"{title}: {what}",
        notes=(
            _(
                "Calibrated {days} days before the vote, a day fixed beforehand; all other days "
                "are in the table of days.",
                days=settings.main_day,
            ),
        ),
        of="attention",
        heading=what[0].upper() + what[1:],
        terminal=True,
    )


def _claim(summary: pd.DataFrame, settings: Settings) -> str:
    """How many ways of using attention are shown to be better than the polls."""
    early = summary[~summary["hindsight"] & summary["predictor"].ne(settings.reference)]
    if len(early) and early["high"].isna().all():
        return ngettext(
            "Counted before the vote, {closer} of {methods} ways of using attention came closer "
            "than the same polls left as they are, over {n} election: too few to tell luck from "
            "skill.",
            "Counted before the vote, {closer} of {methods} ways of using attention came closer "
            "than the same polls left as they are, over {n} elections: too few to tell luck from "
            "skill.",
            int(early["elections"].max()),
            closer=int(early["difference_pp"].lt(0).sum()),
            methods=len(early),
        )
    closer = int(early["high"].lt(0).sum())
    if not closer:
        return _(
            "Of {n} ways of using attention, none is shown to be better than the same polls left "
            "as they are (95% intervals), which does not make them equivalent.",
            n=len(early),
        )
    return _(
        "Of {n} ways of using attention, {closer} are shown to be better than the same polls left "
        "as they are (95% intervals).",
        closer=closer,
        n=len(early),
    )


def _best(summary: pd.DataFrame, reading: Collection[str]) -> Iterator[str]:
    """The best use of attention and the best without, before the vote and in hindsight."""
    for late, rows in summary.dropna(subset="difference_pp").groupby("hindsight"):
        rows = rows.sort_values("difference_pp", kind="stable")
        reads = rows["predictor"].isin(reading)
        if not reads.any():
            continue
        best = rows[reads].iloc[0]
        same = rows[["elections", "counts"]].eq(best[["elections", "counts"]]).all(axis=1)
        when = _("in hindsight") if late else _("counted before the vote")
        said = [
            ngettext(
                "{when}: the best use of attention, “{method}”, was {mae} points off over {n} "
                "election, where the same polls left as they are were {polls} off ({chance}).",
                "{when}: the best use of attention, “{method}”, was {mae} points off over {n} "
                "elections, where the same polls left as they are were {polls} off ({chance}).",
                int(best["elections"]),
                when=when[0].upper() + when[1:],
                method=_label(str(best["predictor"])),
                mae=format_fixed(best["mae_pp"]),
                polls=format_fixed(best["reference_pp"]),
                chance=_(
                    "95% interval of the difference {low} to {high}",
                    low=format_fixed(best["low"]),
                    high=format_fixed(best["high"]),
                )
                if pd.notna(best["low"])
                else _("too few elections for an interval"),
            )
        ]
        said += [
            _(
                "“{method}”, which reads no attention, was {mae} points off.",
                method=_label(str(other["predictor"])),
                mae=format_fixed(other["mae_pp"]),
            )
            for _place, other in rows[~reads & same].head(1).iterrows()
        ]
        yield " ".join(said)


def _label(name: str) -> str:
    return label("predictor", name) or name
