"""This file holds what is known of every polling station before its votes are counted."""

import dataclasses

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class NightFrame:
    """The stations of a night, U of them.

    Attributes
    ----------
    registered : people on the roll, [U].
    past : votes of an earlier ballot in the station's area, as shares of the registered, [U, P].
    area : number of the département, [U], 0 and up.
    place_size : people on the roll of the station's commune, [U].
    late : whether the station closes an hour after the others, [U].
    """

    registered: Floats
    past: Floats
    area: npt.NDArray[np.intp]
    place_size: Floats
    late: npt.NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Number of stations."""
        return len(self.registered)
