"""A made-up night: stations of three départements whose votes follow the past and the size."""

from __future__ import annotations

import numpy as np

from bench.models.election_night import Extrapolation, NightFrame, RunningCount

MODEL = Extrapolation(spread=0.03, overdispersion=0.005, width=2.0)


def night(n: int = 1200, *, urban: float = 0.0, seed: int = 1) -> tuple[NightFrame, np.ndarray]:
    """Stations and votes [n, 3]; `urban` moves the first candidate in large communes."""
    rng = np.random.default_rng(seed)
    registered = np.round(np.exp(rng.normal(6.2, 0.7, n))) + 20
    place = registered * np.exp(rng.exponential(1.0, n))
    past = rng.dirichlet([6, 5, 4, 8], n)[:, :3]
    frame = NightFrame(
        registered=registered,
        past=past,
        area=rng.integers(0, 3, n),
        place_size=place,
        late=place > np.quantile(place, 0.8),
    )
    tilt = urban * (np.log(place) - np.log(place).mean())
    mean = past @ np.array([[0.8, 0.1, 0.05], [0.1, 0.75, 0.1], [0.2, 0.1, 0.6]])
    mean[:, 0] = np.clip(mean[:, 0] + tilt, 0.01, 0.9)
    return frame, rng.poisson(registered[:, None] * mean).astype(float)


def counted(
    frame: NightFrame, votes: np.ndarray, queue: np.ndarray, parts: list[float]
) -> RunningCount:
    """The count after the last of these shares of the stations; estimates at the earlier ones."""
    count = RunningCount(frame, MODEL, votes.shape[1], caution=1.5)
    done = 0
    for part in parts:
        until = round(part * frame.n)
        count.add(queue[done:until], votes[queue[done:until]])
        done = until
        if part != parts[-1]:
            count.estimate()
    return count
