"""Former name of `bench.core`."""

from bench.core.former_packages import stand_in

stand_in(__name__)
