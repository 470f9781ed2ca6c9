"""Every figure of a run, drawn once for files and page: this file holds `drawings`."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.write import write_bytes
from bench.report.context import RunFacts
from bench.report.html.old_svg import inline_svg
from bench.report.plotting import layout as canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("svg", "pdf", "png")
LIBRARIES = ("matplotlib", "numpy", "pandas", "pyarrow")


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One figure in every form in which a run shows it.

    Attributes
    ----------
    name : str
        Of the figure and of its files.
    title, caption : str
        Words above and below.
    files : mapping of str to bytes
        By kind: ``"svg"``, ``"pdf"``, ``"png"``.
    wide, narrow : str
        SVG elements for the page, without title and caption.
    """

    name: str
    title: str
    caption: str
    files: Mapping[str, bytes]
    wide: str
    narrow: str


def drawings(
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    table: pd.DataFrame,
    facts: RunFacts,
    *,
    kinds: Sequence[str] = KINDS,
    keep: Path | None = None,
) -> list[Drawing]:
    """Draw every figure that the tables allow, or take it from the last run that drew the same.

    Parameters
    ----------
    errors, forecasts : pandas.DataFrame
        Long tables.
    table : pandas.DataFrame
        From `bench.studies.backtest.headline.headline`; gives order and families.
    facts : RunFacts
        The run.
    kinds : sequence of str
        Files to make; none for a page.
    keep : Path, optional
        Folder of drawings, one file per SHA-256 of all that they depend on. A file that is
        damaged is drawn and written again. Without a folder everything is drawn.
    """
    from bench.studies.backtest.plots.choose import figures_of

    if keep is None:
        return drawn(figures_of(errors, forecasts, table, facts), kinds)
    path = keep / f"{_key(errors, forecasts, table, facts, kinds)}.drawings"
    kept = _kept(path)
    if kept is None:
        kept = drawn(figures_of(errors, forecasts, table, facts), kinds)
        write_bytes(path, _packed(kept))
    return kept


def write_drawings(folder: Path, found: list[Drawing], *, label: str = "") -> list[Path]:
    """Write every drawing as SVG, PDF and PNG; `label` comes before every file name."""
    return [
        write_bytes(folder / f"{label}{drawing.name}.{kind}", content)
        for drawing in found
        for kind, content in drawing.files.items()
    ]


def drawn(
    drawers: Mapping[str, Callable[[str], Figure]],
    kinds: Sequence[str] = KINDS,
    *,
    prefix: str = "",
) -> list[Drawing]:
    """Draw figures for files and page.

    Parameters
    ----------
    drawers : mapping of str to function
        By name, a function of the size preset.
    kinds : sequence of str
        Files to make; none for a page.
    prefix : str
        Of the ids inside the page; tells figures apart that are drawn apart.
    """
    found = []
    for number, (name, draw) in enumerate(drawers.items()):
        wide, narrow = draw("double"), draw("single")
        title, caption = canvas.words_of(wide)
        found.append(
            Drawing(
                name=name,
                title=title,
                caption=caption,
                files={kind: canvas.as_bytes(wide, kind) for kind in kinds},
                # last, since it takes title and caption off the figure
                wide=str(inline_svg(wide, f"{prefix}w{number}-")),
                narrow=str(inline_svg(narrow, f"{prefix}n{number}-")),
            )
        )
    return found


def _key(*parts: pd.DataFrame | RunFacts | Sequence[str]) -> str:
    report = Path(__file__).resolve().parent
    parts_of_key: list[Any] = [
        list(sys.version_info[:2]),
        {name: version(name) for name in LIBRARIES},
        {str(f.relative_to(report)): _sum(f.read_bytes()) for f in sorted(report.rglob("*.py"))},
        [_plain(part) for part in parts],
    ]
    return _sum(json.dumps(parts_of_key, sort_keys=True).encode("utf-8", "backslashreplace"))


def _plain(value: Any) -> Any:
    """What a drawing can depend on, as text: tables and files by their sums."""
    if isinstance(value, RunFacts):
        # figures show no manifest, which has another commit and time in every run
        shown = [field.name for field in fields(value) if field.name != "manifest"]
        return {name: _plain(getattr(value, name)) for name in shown}
    if isinstance(value, pd.Series):
        return _plain(value.rename("value").rename_axis("key").reset_index())
    if isinstance(value, pd.DataFrame):
        return _sum(_arrow(value))
    if isinstance(value, Path):
        return _sum(value.read_bytes())
    if isinstance(value, Mapping):
        return [[str(key), _plain(part)] for key, part in value.items()]
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return repr(value)


def _arrow(table: pd.DataFrame) -> bytes:
    import pyarrow as pa

    buffer = io.BytesIO()
    whole = pa.Table.from_pandas(table, preserve_index=True)
    with pa.ipc.new_stream(buffer, whole.schema) as stream:
        stream.write_table(whole)
    return buffer.getvalue()


def _packed(found: list[Drawing]) -> bytes:
    rows = [
        {
            **{field.name: getattr(drawing, field.name) for field in fields(drawing)},
            "files": {kind: base64.b64encode(c).decode() for kind, c in drawing.files.items()},
        }
        for drawing in found
    ]
    content = json.dumps(rows, ensure_ascii=False).encode("utf-8")
    return f"{_sum(content)}\n".encode() + content


def _kept(path: Path) -> list[Drawing] | None:
    try:
        sum_, _, content = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    if sum_.decode("ascii", "replace") != _sum(content):
        return None
    rows = json.loads(content)
    for row in rows:
        row["files"] = {kind: base64.b64decode(text) for kind, text in row["files"].items()}
    return [Drawing(**row) for row in rows]


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
