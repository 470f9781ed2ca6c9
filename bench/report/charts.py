"""What a page draws in the place of a figure, and how the page holds it."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

# what a page can set in each of its charts; nobody is followed where it is null
FOLLOWED = ("method", "candidate", "family")


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart that a page draws from its rows, with rows of it as a table and as a file.

    Attributes
    ----------
    spec : dict
        Of Vega-Lite, from `bench.report.vega.specification`: without data, which `rows` are.
    rows : pandas.DataFrame
        One row per mark. `method`, `candidate` and `family` are followed across charts; `date` is
        the place of a `Moment` in the `timeline` of the report. Where there is a column `layer`,
        the table behind the chart holds the rows of layer 0.
    columns : mapping of str to str
        Columns of the table behind the chart: key to label, in order.
    dated : bool
        Whether the table shows one moment at a time.
    caption : str
        What the marks are, in the moment that is shown at first; that of the figure where empty.
    more : mapping of str to pandas.DataFrame
        Further data that the specification names.
    """

    spec: dict[str, Any]
    rows: pd.DataFrame
    columns: Mapping[str, str]
    dated: bool = False
    caption: str = ""
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One moment, or dose, of those between which the slider of a page moves.

    Attributes
    ----------
    as_of : str
        As the setting `as_of` has it; a dose as a number.
    date, cut : str
        In words; with the time of day.
    days : int, optional
        Before the vote; none of a dose.
    findings : tuple of str
        Of this moment; those of the one that is shown at first are findings of the report.
    counts : tuple of str
        The values of the `counts` of the report; where empty, they stay.
    is_marked : bool
        Whether the slider has a mark there; the first mark is shown at first, else the last moment.
    """

    as_of: str
    date: str
    findings: tuple[str, ...]
    cut: str = ""
    days: int | None = None
    counts: tuple[str, ...] = ()
    is_marked: bool = False


def packed(frame: pd.DataFrame) -> dict[str, list[Any] | dict[str, list[Any]]]:
    """The columns of a frame; texts are written once, with the place of each row's among them.

    Examples
    --------
    >>> packed(pd.DataFrame({"n": [1, 2, 3], "who": ["a", "b", "a"]}))
    {'n': [1, 2, 3], 'who': {'of': ['a', 'b'], 'at': [0, 1, 0]}}
    """
    packed_columns: dict[str, list[Any] | dict[str, list[Any]]] = {}
    for key in frame:
        column = frame[key]
        is_shape = any(isinstance(cell, dict) for cell in column.head(1))
        if is_shape or pd.api.types.is_numeric_dtype(column):
            packed_columns[str(key)] = _plain(column)
        else:
            at, of = pd.factorize(column)
            packed_columns[str(key)] = {"of": of.tolist(), "at": at.tolist()}
    return packed_columns


def _plain(column: pd.Series) -> list[Any]:
    return [
        None
        if value != value
        else int(value)
        if isinstance(value, float) and value == int(value)
        else value
        for value in column.tolist()
    ]


def packed_charts(charts: Mapping[str, Chart], timeline: Sequence[Moment] = ()) -> str:
    """What the script of a page draws its charts from; a frame is written once.

    Compressed, as the rows of many dates would be a third of a page.

    Parameters
    ----------
    charts
        By name.
    timeline
        Of the slider.
    """
    frames = {
        id(frame): frame
        for chart in charts.values()
        for frame in (chart.rows, *chart.more.values())
    }
    place = {key: number for number, key in enumerate(frames)}
    tables = [packed(frame) for frame in frames.values()]
    drawn = {
        name: {
            "spec": chart.spec,
            "rows": place[id(chart.rows)],
            "columns": dict(chart.columns),
            "dated": chart.dated,
            "more": {key: place[id(frame)] for key, frame in chart.more.items()},
        }
        for name, chart in charts.items()
    }
    moments = [vars(moment) for moment in timeline]
    data = {"charts": drawn, "tables": tables, "timeline": moments, "keys": FOLLOWED}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")
