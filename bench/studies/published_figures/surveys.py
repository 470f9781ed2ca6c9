"""Published figures on polling bias and on self-selected samples."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from bench.metrics.bias import PollingBias, arzheimer_evans
from bench.metrics.shares import martin_traugott_kennedy_a
from bench.metrics.survey_error import data_defect_correlation, effective_sample_size
from bench.studies.published_figures.figure import Figure

_SURVEYBIAS = "Arzheimer & Evans 2014, doi:10.1093/pan/mpt012; worked example of surveybias"
_ARG = "American Research Group, 2017 French presidential election pollster ratings"

_MENG = "Meng 2018, doi:10.1214/18-AOAS1161SF"
_SIZE = "effective sample size of a self-selected sample"

_CANDIDATES_2012 = (
    "Hollande",
    "Sarkozy",
    "Le Pen",
    "Bayrou",
    "Mélenchon",
    "Joly",
    "Poutou",
    "Dupont-Aignan",
    "other",
)
_VOTES_2012 = (28.6, 27.18, 17.9, 9.13, 11.1, 2.31, 1.15, 1.79, 0.8)
# inferred from the printed digits of A' and SE, which they reproduce to the last
_COUNTS_2012 = (282, 293, 178, 125, 115, 22, 5, 11, 10)

_LAST_DIGITS = (
    "beyond the sixth digit of chi2 counts rounded to single precision, which may be what its "
    "authors' software works with, make as large a difference"
)
_VOTES_US_HOUSE = (47.6, 48.8, 3.6)
_SHARES_US_HOUSE = (46.0, 48.0, 5.0)
_SIZE_US_HOUSE = 563

_MACRON_2017 = {
    "Ipsos": 63,
    "Ifop": 63,
    "Harris Interactive": 62,
    "OpinionWay": 62,
    "Odoxa": 62,
    "Elabe": 62,
    "BVA": 60,
    "Kantar Sofres": 59,
}
_PRINTED_A = {63: "-0.14", 62: "-0.18", 60: "-0.26", 59: "-0.30"}
_PRINTED_ODDS_RATIO = {63: "0.87", 62: "0.84", 60: "0.77", 59: "0.74"}


def figures() -> list[Figure]:
    """List the figures on polls and on self-selected samples.

    Examples
    --------
    >>> len({figure.what for figure in figures()}) == len(figures())
    True
    """
    return [*_polling_bias(), *_samples()]


def _polling_bias() -> list[Figure]:
    """The figures on A', B, B_w, their tests, and A."""
    counts = np.array(_SHARES_US_HOUSE) / sum(_SHARES_US_HOUSE) * _SIZE_US_HOUSE
    return [
        *_worked_example(
            "France 2012, one poll",
            _CANDIDATES_2012,
            arzheimer_evans(_COUNTS_2012, _VOTES_2012),
            a_prime="-.0757639 .0477294 -.0559812 .3057213 -.0058251 -.0913924 -.8802476 "
            "-.5349338 .1841789",
            standard_error=".0697397 .0689193 .0823209 .0953504 .0988715 .2154899 .4482915 "
            ".3031171 .3177577",
            summary=".2424193 .0965423 18.695468 .01657592 19.540804 .01222022 8",
            inferred=True,
        ),
        *_worked_example(
            "US House 2012, CBS/New York Times",
            ("Republican", "Democrat", "other"),
            arzheimer_evans(counts, _VOTES_US_HOUSE),
            a_prime="-.0455767 -.0126154 .3537155",
            standard_error=".0845014 .0843287 .1924563",
            summary=".1373025 .0405846 3.4542892 .17779136 3.0856308 .21377838 2",
            last_digits=_LAST_DIGITS,
        ),
        *_runoff_2017(),
    ]


def _worked_example(
    poll: str,
    candidates: Sequence[str],
    bias: PollingBias,
    *,
    a_prime: str,
    standard_error: str,
    summary: str,
    inferred: bool = False,
    last_digits: str = "",
) -> list[Figure]:
    """The figures of one poll.

    With `inferred` counts A' and its standard errors are one consistency check, not two facts;
    `last_digits` says why those of the tests differ.
    """
    a, errors = f"{poll}: A'", f"{poll}: standard errors"
    n = len(candidates)
    names = [f"A' of {name}" for name in candidates]
    names += [f"standard error of {name}" for name in names]
    names += ["B", "B_w", "Pearson chi2", "its p", "LR chi2", "its p (LR)", "degrees of freedom"]
    facts = [a] * n + [a if inferred else errors] * n + [a]  # B is the mean of |A'|
    facts += [f"{poll}: B_w", *[f"{poll}: Pearson"] * 2, *[f"{poll}: LR"] * 2, f"{poll}: Pearson"]
    ours, printed = _values(bias), f"{a_prime} {standard_error} {summary}".split()
    found = []
    for name, digits, value, fact in zip(names, printed, ours, facts, strict=True):
        of_test = "chi2" in name or name.startswith("its p")
        found.append(
            Figure(
                f"{poll}: {name}",
                digits,
                _SURVEYBIAS,
                partial(float, value),
                because=last_digits if of_test else "",
                fact=fact,
            )
        )
    return found


def _values(bias: PollingBias) -> list[float]:
    return [
        *bias.a_prime,
        *bias.standard_error,
        bias.b,
        bias.b_w,
        bias.pearson,
        bias.pearson_p,
        bias.likelihood_ratio,
        bias.likelihood_ratio_p,
        bias.df,
    ]


def _runoff_2017() -> list[Figure]:
    macron = np.array(list(_MACRON_2017.values()), dtype=np.float64)
    a = martin_traugott_kennedy_a(
        macron, 100 - macron, np.full_like(macron, 66.1), np.full_like(macron, 33.9)
    )

    def figure(what: str, printed: str, ours: float, share: int) -> Figure:
        fact = f"France 2017 runoff: A of a poll of {share}"
        return Figure(f"France 2017 runoff: {what}", printed, _ARG, partial(float, ours), fact=fact)

    found = []
    for (institute, share), value in zip(_MACRON_2017.items(), a, strict=True):
        ratio = _PRINTED_ODDS_RATIO[share]
        found += [
            figure(f"A of {institute}", _PRINTED_A[share], value, share),
            figure(f"odds ratio of {institute}", ratio, np.exp(value), share),
        ]
    mean = figure("mean |A| of the final polls", "0.194", np.abs(a).mean(), max(_PRINTED_A))
    return [*found, mean]


def _samples() -> list[Figure]:
    """The figures on data defect correlation and effective sample size."""
    return [
        Figure(
            "CCES 2016, Trump: data defect correlation",
            "-0.003837163",
            f"{_MENG}; example of the R package ddi",
            _cces_2016,
        ),
        Figure(
            "1 % of a population, rho .005: effective sample size",
            "404",
            _MENG,
            partial(effective_sample_size, 0.005, 0.01),
            fact=_SIZE,
        ),
        Figure(
            "half of a population, rho .05: effective sample size",
            "400",
            _MENG,
            partial(effective_sample_size, 0.05, 0.5),
            fact=_SIZE,
        ),
        Figure(
            "half of 230 million voters, rho .05: sample lost, in percent",
            "99.999965",
            _MENG,
            lambda: 100 * (1 - effective_sample_size(0.05, 0.5) / 115e6),
            because="the quoted figure has one 9 too many: 400 of 115 million leave 99.99965 %",
            fact=_SIZE,
        ),
    ]


def _cces_2016() -> float:
    found = data_defect_correlation(
        [12_284 / 35_829],
        [62_984_824 / 136_639_786],
        sample_size=35_829,
        population_size=136_639_786,
    )
    return float(found[0])
