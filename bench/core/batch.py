"""Former place of batches of evidence, which stand in `bench.core.evidence` now."""

from bench.core.former_packages import stand_in

stand_in(__name__)
