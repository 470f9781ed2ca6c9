"""The smallest attack that flips a forecast, and its price."""

from __future__ import annotations

from bench.core.language import N_
from bench.simulation.settings import USES
from bench.studies.base import Study
from bench.studies.breaking_point.analysis import analyse
from bench.studies.breaking_point.report import points_report

STUDY = Study(
    analyse=analyse,
    report=points_report,
    uses=USES,
    first={
        "breaking_points": N_(
            "Each row is an attack on a method, each mark the smallest dose that turns its "
            "forecast. The further to the right, the more an attacker has to spend; a row "
            "without a mark held out."
        ),
        "worth": N_(
            "How many interviews of a random sample have the same error as so many ratings? "
            "The lower a curve, the less a large number helps."
        ),
    },
)
