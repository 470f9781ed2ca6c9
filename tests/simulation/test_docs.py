"""The numbers on docs/gov.md are those that the code gives."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from bench.simulation.simulate import Simulation, shares
from bench.simulation.summaries import worth

PAGE_FOLDER = Path(__file__).resolve().parents[2] / "docs"
PAGE = (PAGE_FOLDER / "gov.md").read_text(encoding="utf-8")
SLUGS = {
    "Mélenchon": "melenchon",
    "Hamon": "hamon",
    "Macron": "macron",
    "Fillon": "fillon",
    "Le Pen": "le_pen",
    "Poutou": "poutou",
}


def row(start: str, section: int = 1) -> list[str]:
    """The cells of the first table row that begins with these words, from a section on."""
    part = PAGE[PAGE.index(f"## {section}. ") :]
    line = next(x for x in part.splitlines() if x.startswith(f"| {start} "))
    return [cell.strip() for cell in line.strip("| ").split("|")]


def number(cell: str) -> float:
    """The first number of a cell."""
    found = re.search(r"[\d,]+(\.\d+)?", cell)
    assert found
    sign = -1 if cell.startswith("−") else 1
    return sign * float(found.group().replace(",", ""))


@pytest.mark.parametrize("name", ["Mélenchon", "Hamon", "Macron", "Fillon", "Le Pen"])
def test_what_the_ballot_is_worth(name: str, manipulation: Simulation) -> None:
    table = worth(manipulation)
    real = table[table["sample"] == "real ballot"].set_index("candidate").loc[SLUGS[name]]
    _, ballot, vote, rho, n_eff = row(name)
    assert number(ballot) == pytest.approx(100 * real["share"], abs=0.06)
    assert number(vote) == pytest.approx(100 * real["vote"], abs=0.06)
    assert number(rho) == pytest.approx(real["rho"], abs=6e-5)
    if name == "Macron":  # one error near zero is no size
        assert n_eff == "–"
        assert np.isnan(real["n_eff"])
    else:
        assert number(n_eff) == pytest.approx(real["n_eff"], rel=0.03)


def test_the_whole_ballot_is_worth_the_sample_with_its_squared_error(
    manipulation: Simulation,
) -> None:
    table = worth(manipulation)
    real = table[table["sample"] == "real ballot"].set_index("candidate")
    each = real.drop(index="all")
    share, vote = each["share"], each["vote"]
    size = (vote * (1 - vote)).sum() / ((share - vote) ** 2).sum()
    assert real.loc["all", "n_eff"] == pytest.approx(size, rel=1e-3)  # few of all voters took part
    assert number(row("whole ballot")[-1]) == pytest.approx(size, abs=0.05)


def test_what_the_app_says_without_an_attack(manipulation: Simulation) -> None:
    batch = manipulation.clean(0)[1]
    said = shares(manipulation, "app_ratings", batch).mean(axis=0)
    order = ["Mélenchon", "Hamon", "Macron", "Poutou", "Fillon", "Le Pen"]
    for name, cell in zip(order, row("as shares")[1:], strict=True):
        c = batch.candidates.index(SLUGS[name])
        assert number(cell) == pytest.approx(100 * said[c], abs=0.3)


@pytest.mark.parametrize(
    ("start", "distortion", "method"),
    [
        ("`app_ratings`", "app_brigading", "app_ratings"),
        ("`online_ballot`", "app_brigading", "online_ballot"),
        ("`app_raked`", "app_brigading", "app_raked"),
        ("`app_robust`, accounts opened", "app_brigading_adaptive", "app_robust"),
    ],
)
def test_the_crowd_that_puts_fillon_first(
    start: str, distortion: str, method: str, manipulation: Simulation
) -> None:
    dose = number(row(start, 4)[1])
    frames, batch = manipulation.clean(0)
    c = batch.candidates.index("fillon")
    first = []
    for factor in (0.75, 1.35):  # few replicates: stay clear of the slope
        attack = manipulation.distortions[distortion].distortion
        bad = manipulation.distorted(0, frames, batch, distortion, attack, factor * dose)
        leader = shares(manipulation, method, bad).argmax(axis=1)
        first.append(float(np.mean(leader == c)))
    assert first[0] < 0.5 < first[1]


@pytest.mark.parametrize("method", ["post_volume", "net_tone", "buzz_robust"])
@pytest.mark.parametrize(("column", "attack"), [(1, "bot_amplification"), (3, "astroturf")])
def test_the_accounts_that_put_fillon_first_among_posts(
    method: str, column: int, attack: str, manipulation: Simulation
) -> None:
    dose = number(row(f"`{method}`", 5)[column])
    frames, batch = manipulation.clean(0)
    fillon = batch.candidates.index("fillon")
    for factor, expected in ((0.9, 0.0), (1.1, 1.0)):
        distortion = manipulation.distortions[attack].distortion
        bad = manipulation.distorted(0, frames, batch, attack, distortion, factor * dose)
        leader = shares(manipulation, method, bad).argmax(axis=1)
        assert np.mean(leader == fillon) == expected
