"""The name of a line beside it, where other lines leave room, for charts without a pointer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.report.charts import GAP_PX, HEIGHT_PX, Spec, followed, in_expression, layer
from bench.report.plotting import style

PLACES, OF_NAME = 41, 30  # at which the name of a line may stand; how many it takes on a phone
NEAR = 6  # places around the point that a name is about


def line_names(rows: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Where the name of each line has most room, above or below it.

    Parameters
    ----------
    rows : pandas.DataFrame
        `method`, `family` and the columns `x`, on a square-root scale, and `y`, both from 0.

    Returns
    -------
    pandas.DataFrame
        The columns of `rows`, a row per line, and `side`, the end of the name that is at its place:
        ``first``, ``middle`` or ``last`` along the axis. The point of the line that it is about is
        in the columns `x` and `y` with ``to_`` before their names.

    Examples
    --------
    >>> rows = pd.DataFrame({"method": ["a", "a", "b", "b"], "dose": [0, 1, 0, 1],
    ...                      "error": [1.0, 1.0, 1.1, 9.0]})
    >>> line_names(rows, "dose", "error")[["method", "error"]].round(2).to_dict("records")
    [{'method': 'a', 'error': 1.21}, {'method': 'b', 'error': 8.42}]
    """
    along = np.linspace(0, 1, PLACES)
    found = []
    width, top = float(np.sqrt(rows[x].max())) or 1.0, float(rows[y].max())
    lines = [line.sort_values(x) for _name, line in rows.groupby("method", sort=False)]
    curves = np.full((len(lines), PLACES), np.nan)
    for curve, line in zip(curves, lines, strict=True):
        at = np.sqrt(line[x].to_numpy(float)) / width
        curve[:] = np.interp(along, at, line[y], left=np.nan, right=np.nan)
        curve[np.rint(at * (PLACES - 1)).astype(int)] = line[y]  # however short a line is
    for number, line in enumerate(lines):
        others = np.delete(curves, number, axis=0)
        place, height, side, point = _roomiest(curves[number], others, top)
        ends = ((place, height, ""), (point, float(curves[number, point]), "to_"))
        where = {
            f"{to}{key}": round(value, 4)
            for at, high, to in ends
            for key, value in ((x, float((along[at] * width) ** 2)), (y, high))
        }
        found.append(line.iloc[:1].assign(**where, side=side))
    return pd.concat(found, ignore_index=True)


def _roomiest(own: FloatArray, others: FloatArray, top: float) -> tuple[int, float, str, int]:
    """Place, height and side of a name that is far from other curves, and the place it is about."""
    gap = GAP_PX * top / HEIGHT_PX
    end = int(np.flatnonzero(np.isfinite(own))[-1])
    best = (-np.inf, end, float(own[end]), "last", end)
    for start in range(PLACES - OF_NAME):
        window = slice(start, start + OF_NAME + 1)
        mine, near = own[window], others[:, window]
        if not np.isfinite(mine).any():
            continue
        for sign in (1, -1):  # above, then below
            edge = float(np.nanmax(sign * mine))
            limit = top if sign > 0 else -0.3 * gap
            heights = np.sort([edge, *sign * near[sign * near > edge], max(limit, edge)])
            free = np.diff(heights)
            first = int(np.argmax(free > 1.5 * gap))  # beyond those that run along
            at = int(np.nanargmax(sign * mine))
            beside = mine[max(0, at - NEAR) : at + NEAR + 1]
            away = float(heights[first] - np.nanmean(sign * beside))
            side = ("first", "middle", "last")[min(3 * at // OF_NAME, 2)]
            place = start + {"first": 0, "middle": OF_NAME // 2, "last": OF_NAME}[side]
            height = sign * float(heights[first] + 0.6 * gap)
            room = min(float(free[first]), 1.5 * gap)
            best = max(best, (room - 0.3 * away, place, height, side, start + at))
    return best[1:]


def named_lines(names: pd.DataFrame, place: Spec, claimed: str) -> list[Spec]:
    """The name of the line that is followed; of those that a page makes claims about if none is.

    Parameters
    ----------
    names : pandas.DataFrame
        From `line_names`; a chart holds it under the name ``names``.
    place : dict
        The channels x, which runs from right to left, and y of the lines.
    claimed : str
        Test of a row.
    """
    chosen = {"filter": f"method ? datum.method === method : {claimed}"}
    ends = {"first": "right", "middle": "center", "last": "left"}
    align = f"{in_expression(ends)}[datum.side]"
    words = {"text": {"field": "method"}, "opacity": followed("family")}
    to = {f"{key}2": {"field": f"to_{one['field']}"} for key, one in place.items()}
    marks = [layer({"type": "rule", "strokeWidth": 1}, [chosen], **place, **to)] + [
        layer({"type": "text", "align": {"expr": align}, **ink}, [chosen], **place, **words)
        for ink in (
            {"stroke": style.PAPER, "strokeWidth": 3, "strokeJoin": "round"},
            {"fontWeight": "bold"},
        )
    ]
    return [{**one, "data": {"name": "names"}} for one in marks]
