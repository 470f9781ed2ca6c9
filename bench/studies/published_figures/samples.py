"""Published figures on self-selected samples."""

from functools import partial

from bench.metrics.survey_error import data_defect_correlation, effective_sample_size
from bench.studies.published_figures.figure import Departure, Figure

_MENG = "Meng 2018, doi:10.1214/18-AOAS1161SF"
_SIZE = "effective sample size of a self-selected sample"


def figures() -> list[Figure]:
    """List the figures on data defect correlation, effective sample size and intervals.

    Examples
    --------
    >>> len({figure.what for figure in figures()}) == len(figures())
    True
    """
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
            departure=Departure(
                "the quoted figure has one 9 too many: 400 of 115 million leave 99.99965 %",
                expected=100 * (1 - 400 / 115e6) - 99.999965,
                tolerated=1e-8,
            ),
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
