"""Figures of simulations: this file holds how they become files."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bench.report.figures import canvas
from bench.report.figures.effective_size import effective_size
from bench.report.figures.heat_map import heat_map
from bench.report.figures.simulated_doses import simulated_doses


def write_simulated_figures(
    folder: Path, response: pd.DataFrame, families: Mapping[str, str], title: str
) -> list[Path]:
    """Write error by dose and the map of methods and scenarios as SVG, PDF and PNG.

    Parameters
    ----------
    folder
        Target folder.
    response
        scenario, dose, unit, predictor, replicates, mae_pp, mae_q05_pp, mae_q95_pp.
    families
        Predictor to its family of methods.
    title
        Of the experiment.
    """
    rows = response[response["scenario"] != "none"]
    curves = canvas.save(simulated_doses(rows, families, title), folder, "dose_response")
    return curves + canvas.save(heat_map(rows, families, title), folder, "heat_map")


def write_worth(folder: Path, worth: pd.DataFrame, n_voters: float) -> list[Path]:
    """Write what self-selected ratings are worth, as SVG, PDF and PNG."""
    return canvas.save(effective_size(worth, n_voters), folder, "worth")
