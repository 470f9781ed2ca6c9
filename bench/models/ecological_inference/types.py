"""This file holds the array type of ecological inference."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
