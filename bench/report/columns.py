"""The former place of the registry of columns, now in `bench.report.formatting`."""

from bench.report.formatting import ColumnSpec as ColumnSpec
from bench.report.formatting import column as column
from bench.report.formatting import registered as registered
