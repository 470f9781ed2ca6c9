"""The grades that others gave to forecasts of chances."""

import pytest

from bench.studies.published_figures.chances import PRINTED, _chances, chance_figures
from bench.studies.published_figures.figure import check


@pytest.mark.parametrize("figure", chance_figures(), ids=lambda one: one.what)
def test_the_published_grades_of_2016_are_reproduced(figure):
    found = check(figure)
    expected = "differs" if figure.because else "pass"
    assert found.status == expected, f"{found.ours} beside {found.published}"


def test_every_forecaster_is_graded_on_every_state():
    assert {len(chance) for chance, _ in _chances().values()} == {51}
    assert {won.sum() for _, won in _chances().values()} == {21.0}
    assert set(_chances()) == set(PRINTED)
