"""Former name of `bench.audit`."""

from bench.core.former_packages import stand_in

stand_in(__name__)
