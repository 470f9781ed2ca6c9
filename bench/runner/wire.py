"""Predictions as bytes from one process to another: numbers and text, nothing that runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core import Forecast

if TYPE_CHECKING:
    from bench.runner.prediction import Prediction

TEXTS = ("status", "message", "trace", "printed")


def pack(prediction: Prediction) -> bytes:
    """A prediction as one line of JSON and the numbers of its arrays."""
    arrays: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
    head: dict[str, Any] = {name: getattr(prediction, name) for name in TEXTS}
    until, forecast = prediction.data_used_until, prediction.forecast
    head["until"] = None if until is None else until.isoformat()
    head["read"] = sorted(prediction.tables_read)
    head["seconds"] = [prediction.wall_s, prediction.cpu_s]
    if prediction.shares is not None:
        arrays["shares"] = prediction.shares
    if forecast is not None:
        head["ballot"] = list(forecast.share.index)
        head["converted"] = str(forecast.converted)
        head["order_only"] = bool(forecast.order_only)
        arrays["share"] = forecast.share.to_numpy(float)
        if forecast.draws is not None:
            arrays["draws"] = forecast.draws
        if forecast.chances is not None:
            head["events"] = [str(event) for event in forecast.chances]
            arrays["chances"] = forecast.chances.to_numpy(float)
        if forecast.areas is not None:
            head["areas"] = [str(area) for area in forecast.areas.index]
            arrays["areas"] = forecast.areas.to_numpy(float)
    head["shapes"] = {name: values.shape for name, values in arrays.items()}
    return b"".join(
        [
            json.dumps(head).encode(),
            b"\n",
            *(np.ascontiguousarray(values, dtype="<f8").tobytes() for values in arrays.values()),
        ]
    )


def unpack(content: bytes) -> Prediction:
    """The prediction of `pack`, or a failed one if the bytes are none."""
    from bench.runner.prediction import Prediction

    try:
        return _unpacked(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Prediction(
            status="failed",
            message=f"Died: the process left no readable answer ({type(error).__name__})",
        )


def _unpacked(content: bytes) -> Prediction:
    from bench.runner.prediction import Prediction

    line, _, rest = content.partition(b"\n")
    head = json.loads(line)
    arrays, at = {}, 0
    for name, shape in head["shapes"].items():
        size = 8 * int(np.prod(shape, dtype=int))
        values = np.frombuffer(rest[at : at + size], dtype="<f8").reshape(shape)
        arrays[str(name)] = values.astype(float)  # its own memory, writeable
        at += size
    forecast = None
    if "share" in arrays:
        ballot, stated, areas = head["ballot"], arrays.get("chances"), arrays.get("areas")
        forecast = Forecast(
            share=pd.Series(arrays["share"], index=ballot),
            draws=arrays.get("draws"),
            chances=None
            if stated is None
            else pd.DataFrame(stated, index=ballot, columns=head["events"]),
            areas=None
            if areas is None
            else pd.DataFrame(areas, index=head["areas"], columns=ballot),
            converted=str(head["converted"]),
            order_only=bool(head["order_only"]),
        )
    if (forecast is None and "shares" not in arrays) == (head["status"] == "ok"):
        raise ValueError("a status that does not go with the answer")
    return Prediction(
        **{name: str(head[name]) for name in TEXTS},
        forecast=forecast,
        shares=arrays.get("shares"),
        wall_s=float(head["seconds"][0]),
        cpu_s=float(head["seconds"][1]),
        data_used_until=None if head["until"] is None else pd.Timestamp(head["until"]),
        tables_read=frozenset(map(str, head["read"])),
    )
