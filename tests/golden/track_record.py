"""The tables of `docs/track_record.md`, from the reference tables of the experiment."""

from __future__ import annotations

from functools import cache

import pandas as pd

from bench.report.formatting import MISSING, format_probability, format_significant
from bench.studies.track_record.report import (
    APART,
    CHANCES,
    DRAWS,
    MAP,
    SHARES,
    VERDICTS,
    family_sentences,
)
from bench.studies.track_record.sentences import Words, choice_words, ratio_cell
from bench.studies.track_record.settings import families_of
from tests.golden.reference import FOLDER, experiment_of

NAME = "track_record"


@cache
def read(table: str) -> pd.DataFrame:
    """A reference table."""
    return pd.read_csv(FOLDER / NAME / f"{table}.csv")


@cache
def words() -> Words:
    """Labels, reference and baselines of the experiment."""
    experiment = experiment_of(NAME)
    settings = experiment.settings
    return Words(
        labels={key: one.label for key, one in families_of(experiment).items()},
        reference=settings["reference"],
        baselines=tuple(settings["baselines"]),
        title=experiment.title,
        source="",
    )


def families() -> str:
    """Every family by what it claims: shares, the map, draws, chances, hindsight."""
    found = read("families")
    first, second = (f"beside_{one}" for one in words().baselines)
    heads = [
        *("family", "election days", "votes", "countries", "beside the last polls", "closer"),
        *(f"beside “{words().labels[one].lower()}”" for one in words().baselines),
        "worth interviews",
    ]
    parts = {
        SHARES: "",
        MAP: "**by area**, beside the last election",
        DRAWS: "**draws**, by CRPS",
        CHANCES: "**chances**, by Brier score",
        APART: "**hindsight**, never ranked",
    }
    rows = []
    for block, heading in parts.items():
        mine = found[found["block"].eq(block)]
        if heading and len(mine):
            rows.append([heading, *[""] * (len(heads) - 1)])
        for row in mine.to_dict("records"):
            countries = row["countries"]
            rows.append(
                [
                    words().labels[row["family"]],
                    f"{row['elections']:,}",
                    f"{row['votes']:,}",
                    MISSING if countries != countries else f"{countries:.0f}",
                    ratio_cell(row),
                    format_probability(row["closer"]),
                    ratio_cell(row, first, f"{first}_low", f"{first}_high"),
                    ratio_cell(row, second, f"{second}_low", f"{second}_high"),
                    format_significant(row["interviews"], 2),
                ]
            )
    return _table(heads, rows)


def sentences() -> str:
    """One sentence for every family and claim."""
    found = read("families")
    blocks = {block: found[found["block"].eq(block)] for block in (SHARES, MAP, DRAWS, APART)}
    apart = blocks[APART].rename(
        columns={
            "relative": f"beside_{words().reference}",
            "low": f"beside_{words().reference}_low",
            "high": f"beside_{words().reference}_high",
        }
    )
    whole = ["elections", "votes", "countries", "compared"]
    tables = {
        "families": _counts(blocks[SHARES], whole),
        "map": _counts(blocks[MAP].drop(columns="countries"), whole),
        "draws": _counts(blocks[DRAWS].drop(columns="countries"), whole),
        "chances": read("chances"),
        "apart": _counts(apart.loc[:, ~apart.columns.duplicated()], whole),
    }
    lines = family_sentences(tables, words())
    rows = [line.split(" (", 1) for line in lines]
    return _table(["family", "what the record says"], [[name, f"({said}"] for name, said in rows])


def _counts(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    there = [one for one in columns if one in rows and rows[one].notna().all()]
    return rows.astype(dict.fromkeys(there, int))


def conclusions() -> str:
    """What one election seemed to say, beside all."""
    labels, found = words().labels, read("conclusions")
    rows = [
        [
            f"{labels[row['family']]} beside “{labels[row['other']].lower()}”",
            {"mae": "whole ballot", "mae_polled": "polled 10 %"}[row["score"]],
            f"{row['here']:.2f}" if row["here"] == row["here"] else MISSING,
            ratio_cell(row),
            f"{row['elections']}",
            f"{row['votes']:,}",
            VERDICTS[row["verdict"]],
        ]
        for row in found.to_dict("records")
    ]
    one = experiment_of(NAME).settings["conclusions_of"]
    heads = ["error of … beside …", "on", one, "all", "election days", "votes", "verdict"]
    return _table(heads, rows)


def by(table: str, column: str, unit: str) -> str:
    """Families by lag, or by days before the vote."""
    labels, found = words().labels, read(table)
    values = sorted(found[column].unique(), reverse=column == "days_before")
    cells = {(row["family"], row[column]): row for row in found.to_dict("records")}
    rows = []
    for family, label in labels.items():
        mine = [cells.get((family, value)) for value in values]
        if any(mine):
            said = [
                MISSING if row is None else f"{ratio_cell(row)}, {row['elections']}" for row in mine
            ]
            rows.append([label, *said])
    return _table(["family", *(f"{value} {unit}" for value in values)], rows)


def agreement() -> str:
    """Whether the ranking hangs on how families are compared."""
    labels, found = words().labels, read("agreement")
    rows = [
        [
            choice_words(row["choice"], labels),
            str(row["families"]),
            f"{row['spearman']:.2f}",
            f"{row['kendall']:.2f}",
            f"{row['largest_move']}"
            + (f" ({labels[row['moved']].lower()})" if row["largest_move"] else ""),
        ]
        for row in found.to_dict("records")
    ]
    return _table(["compared by", "families", "Spearman", "Kendall", "largest move"], rows)


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
