"""Words that a study of electorates takes from here."""

from __future__ import annotations

import re

from bench.core.language import N_, _, retold
from bench.core.options import label, options

SIMULATED = N_(
    "Simulated evidence: these are facts about the methods and the assumptions, not forecasts."
)


def conclusion_words(text: str, *messages: str) -> str:
    """A conclusion in the language that is spoken, with methods and scenarios by their names.

    Examples
    --------
    >>> conclusion_words("app_ratings errs more than last_poll", "{worse} errs more than {better}")
    '“GOV app” errs more than “Last poll of each institute”'
    """

    def named(found: re.Match[str]) -> str:
        for group in ("predictor", "scenario"):
            if found[0] in options(group):
                return _("“{name}”", name=label(group, found[0]))
        return found[0]

    return re.sub(r"\w+", named, retold(text, *messages))
