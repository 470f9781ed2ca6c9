"""Bias of a poll: the worked examples of Arzheimer and Evans 2014."""

from __future__ import annotations

from functools import partial

import numpy as np

from bench.metrics.bias import arzheimer_evans
from tests.published.figure import Figure

_SOURCE = "Arzheimer & Evans 2014, doi:10.1093/pan/mpt012; worked example of surveybias"
_SUMMARY = ("B", "B_w", "Pearson chi2", "its p", "LR chi2", "its p (LR)", "degrees of freedom")

FRANCE = "France 2012, one poll"
NAMES = "Hollande Sarkozy Le_Pen Bayrou Mélenchon Joly Poutou Dupont-Aignan other"
VOTES = (28.6, 27.18, 17.9, 9.13, 11.1, 2.31, 1.15, 1.79, 0.8)
# inferred from the printed digits of A' and SE, which they reproduce to the last
COUNTS = (282, 293, 178, 125, 115, 22, 5, 11, 10)
PRINTED = (
    "-.0757639 .0477294 -.0559812 .3057213 -.0058251 -.0913924 -.8802476 -.5349338 .1841789 "
    ".0697397 .0689193 .0823209 .0953504 .0988715 .2154899 .4482915 .3031171 .3177577 "
    ".2424193 .0965423 18.695468 .01657592 19.540804 .01222022 8"
)

HOUSE = "US House 2012, CBS/New York Times"
HOUSE_VOTES, HOUSE_SHARES, HOUSE_SIZE = (47.6, 48.8, 3.6), np.array([46.0, 48.0, 5.0]), 563
HOUSE_PRINTED = (
    "-.0455767 -.0126154 .3537155 .0845014 .0843287 .1924563 "
    ".1373025 .0405846 3.4542892 .17779136 3.0856308 .21377838 2"
)
LAST_DIGITS = (
    "beyond the sixth digit of chi2 counts rounded to single precision, which may be what its "
    "authors' software works with, make as large a difference"
)
DIFFERS = {f"{HOUSE}: {name}" for name in _SUMMARY[2:6]}


def figures() -> list[Figure]:
    """A', its standard errors, B, B_w and the tests, of two polls."""
    counts = HOUSE_SHARES / HOUSE_SHARES.sum() * HOUSE_SIZE
    return [
        *_of_a_poll(FRANCE, NAMES, np.array(COUNTS), VOTES, PRINTED),
        *_of_a_poll(HOUSE, "Republican Democrat other", counts, HOUSE_VOTES, HOUSE_PRINTED),
    ]


def _of_a_poll(
    poll: str, candidates: str, counts: np.ndarray, votes: tuple[float, ...], printed: str
) -> list[Figure]:
    bias = arzheimer_evans(counts, votes)
    tests = (bias.pearson, bias.pearson_p, bias.likelihood_ratio, bias.likelihood_ratio_p, bias.df)
    ours = [*bias.a_prime, *bias.standard_error, bias.b, bias.b_w, *tests]
    names = [f"A' of {name.replace('_', ' ')}" for name in candidates.split()]
    names += [*(f"standard error of {name}" for name in names), *_SUMMARY]
    found = []
    for name, digits, value in zip(names, printed.split(), ours, strict=True):
        what = f"{poll}: {name}"
        reason = LAST_DIGITS if what in DIFFERS else ""
        found.append(Figure(what, digits, _SOURCE, partial(float, value), because=reason))
    return found
