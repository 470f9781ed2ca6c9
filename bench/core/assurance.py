"""What stood behind a method in a run, in one word; and the mark of those that nothing vouches for.

``ships``: a part of the bench. ``audited_walled``: it passed the look-ahead audit, behind a wall
that hid what no method may see. ``audited``: it passed, and could open any file. ``none``: no audit
was made or passed, or it ran in the process of its caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SHIPS, WALLED, AUDITED, NONE = "ships", "audited_walled", "audited", "none"
MARK = "\u00a0§"
COLUMN = "assurance"
_of_run: ContextVar[Mapping[str, str] | None] = ContextVar(COLUMN, default=None)


@contextmanager
def use_assurance(words: Mapping[str, str]) -> Iterator[None]:
    """Mark labels and tables by the words of the predictors of a run until the end of the block.

    Examples
    --------
    >>> import pandas as pd
    >>> with use_assurance({"uniform": SHIPS, "mine": NONE}):
    ...     with_assurance(pd.DataFrame({"predictor": ["uniform", "mine"]}))["assurance"].tolist()
    ['ships', 'none']
    """
    token = _of_run.set(words)
    try:
        yield
    finally:
        _of_run.reset(token)


def assurance_of(predictor: str) -> str:
    """The word of a predictor of the run that is reported; what no run says anything of ships."""
    return (_of_run.get() or {}).get(predictor, SHIPS)


def is_trusted(word: str, *, outcome_known: bool = True) -> bool:
    """Whether a claim, a seal or a site may rest on a method: where the vote is over, if walled."""
    return word in (SHIPS, WALLED) or (word == AUDITED and not outcome_known)


def is_marked(predictor: str) -> bool:
    """Whether the rows of a predictor carry the mark."""
    return not is_trusted(assurance_of(predictor))


def with_assurance(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a run with the column `assurance` at the end, where they name predictors."""
    words_by_predictor = _of_run.get()
    if words_by_predictor is None:
        return rows
    if "predictor" in rows:
        key = "predictor"
    elif "method" in rows and rows["method"].isin(list(words_by_predictor)).any():
        key = "method"
    else:
        return rows
    return rows.assign(**{COLUMN: rows[key].map(assurance_of)})
