"""Former names of `bench.report.formatting`."""

from bench.report.formatting import MISSING as NOTHING
from bench.report.formatting import format_fixed as number
from bench.report.formatting import format_probability as probability
from bench.report.formatting import format_significant as plain
from bench.report.formatting import format_value as written

__all__ = ["NOTHING", "number", "plain", "probability", "written"]
