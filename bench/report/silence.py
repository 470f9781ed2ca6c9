"""What a page says in place of what a law withholds before a vote, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

import pandas as pd

from bench.core.language import current_language
from bench.data.country import SilentPeriod
from bench.report.context import election_title
from bench.report.macros import VOTE_WORDS


class Notice(NamedTuple):
    """The words of one silent period, in one language.

    Attributes
    ----------
    start, end : str
        For scripts: in universal time, as ISO 8601.
    withheld : str
        What is not shown, by which law, until when.
    unscripted : str
        From when to when a page must not be public that cannot hide by itself.
    is_in_force : bool
        Whether the period has begun.
    """

    start: str
    end: str
    withheld: str
    unscripted: str
    is_in_force: bool


def notices_of(periods: Iterable[SilentPeriod]) -> list[Notice]:
    """What a page that is written now says of the periods that are not over.

    Parameters
    ----------
    periods : iterable of SilentPeriod
        Of the votes that it shows.
    """
    moment = datetime.now(UTC)
    return [_notice(period, moment) for period in periods if moment < period.end]


def _notice(period: SilentPeriod, moment: datetime) -> Notice:
    values = {
        "election": election_title(period.election),
        "round": period.round,
        "law": getattr(period.law, current_language()),
        "start": _in_words(period.start),
        "end": _in_words(period.end),
        "clock": period.law.time_zone.key.rpartition("/")[2],
    }
    return Notice(
        start=period.start.tz_convert("UTC").isoformat(),
        end=period.end.tz_convert("UTC").isoformat(),
        withheld=VOTE_WORDS.text("withheld", **values),
        unscripted=VOTE_WORDS.text("unscripted", **values),
        is_in_force=period.start <= moment,
    )


def _in_words(moment: pd.Timestamp) -> str:
    return VOTE_WORDS.text("evidence_cut", moment=moment, hour=f"{moment:%H:%M}")
