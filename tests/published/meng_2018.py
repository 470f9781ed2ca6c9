"""Self-selected samples: Meng 2018."""

from __future__ import annotations

from functools import partial

from bench.metrics.survey_error import data_defect_correlation, effective_sample_size
from tests.published.figure import Figure

_MENG = "Meng 2018, doi:10.1214/18-AOAS1161SF"


def figures() -> list[Figure]:
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
        ),
        Figure(
            "half of a population, rho .05: effective sample size",
            "400",
            _MENG,
            partial(effective_sample_size, 0.05, 0.5),
        ),
        Figure(
            "half of 230 million voters, rho .05: sample lost, in percent",
            "99.999965",
            _MENG,
            lambda: 100 * (1 - effective_sample_size(0.05, 0.5) / 115e6),
            because="the quoted figure has one 9 too many: 400 of 115 million leave 99.99965 %",
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
