"""The study of known elections, on its first six."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from bench.core.errors import ConfigError, DataError
from bench.core.settings import Experiment
from bench.data.known_elections import read_known_tables
from bench.runner.results import Results
from bench.studies.ecological_inference import analyse
from bench.studies.ecological_inference.view import report


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Results:
    from bench.core.compose import compose

    experiment = compose("+experiment=ecological_truth", "execution=serial")
    experiment.results = str(tmp_path_factory.mktemp("results"))
    experiment.settings["n_draws"] = 0
    experiment.settings["first"] = 4
    experiment.settings["confounding"] = None
    return analyse(experiment)


def test_no_election_at_all_is_refused() -> None:
    with pytest.raises(DataError, match="accepted: 1 or more"):
        read_known_tables(first=0)


def test_the_default_is_ahead_of_every_other_method_and_of_the_peer(found: Results) -> None:
    for _, part in found.tables["summary"].groupby("variant"):
        mean = part.set_index("method")["error_index"]
        assert mean.idxmin() == "likelihood_districts"
        assert mean.idxmax() == "independence"
    ratio = found.tables["against"].set_index(["variant", "peer"])["ratio"]
    assert ratio["m3", "likelihood"] < 1
    assert ratio["m3", "fastei mvn_pdf"] < 0.95


def test_without_the_contextual_prior_the_likelihood_alone_moves(
    found: Results, composed: Callable[..., Experiment]
) -> None:
    experiment = composed(
        "+experiment=ecological_truth",
        "execution=serial",
        "results=''",
        "settings.confounding=null",
        "settings.n_draws=0",
        "settings.first=4",
        "settings.methods=[likelihood,scaling]",
        "settings.default=likelihood",
        "settings.context=false",
    )
    keys = ["key", "variant", "method"]
    without = analyse(experiment).tables["errors"].set_index(keys)["error_index"]
    known = found.tables["errors"].set_index(keys)["error_index"]
    moved = (without - known).dropna().unstack("method")
    assert moved["scaling"].abs().max() < 1e-9
    # the prior was tuned on these elections (New Zealand 2002)
    assert moved["likelihood"].mean() > 0.5


@pytest.mark.golden
def test_new_zealand_2005_gains_from_2002_and_says_that_it_is_one_pair(
    composed: Callable[..., Experiment],
) -> None:
    experiment = composed(
        "+experiment=ecological_truth",
        "execution=serial",
        "results=''",
        "settings.confounding=null",
        "settings.n_draws=20",
        "settings.first=75",  # 69 of 2002, of which 68 have true tables, and 6 of 2005
        "settings.methods=[likelihood_districts,districts_given_election_before]",
        "settings.variants=[full]",
    )
    results = analyse(experiment)
    errors = results.tables["errors"]
    given = errors[errors["method"].eq("districts_given_election_before")]
    assert set(given["dataset"]) == {"ei_NZ_2005"}
    assert len(given) == 6
    assert given["covered_90"].between(0.5, 1).all()
    pair = results.tables["against"].set_index("peer").loc["districts_given_election_before"]
    alone = errors[errors["key"].isin(given["key"]) & ~errors.index.isin(given.index)]
    assert pair["error_index"] == pytest.approx(alone["error_index"].mean())
    assert pair["peer_error_index"] == pytest.approx(given["error_index"].mean())
    assert pair["difference_low"] > 0  # all columns of 2005 are those of 2002, without the merging
    findings = " ".join(report(experiment, results).findings)
    assert f"puts {given['error_index'].mean():.2f}% instead of" in findings
    assert f"hold {100 * pooled(given):.0f}% instead of {100 * pooled(alone):.0f}%" in findings
    assert "one pair of elections" in findings
    assert "best of the other systems there is fastei" in findings  # a method of ours is none


def pooled(errors: pd.DataFrame) -> float:
    return float((errors["covered_90"] * errors["cells"]).sum() / errors["cells"].sum())


def test_without_an_election_before_the_page_does_not_speak_of_one(
    found: Results, composed: Callable[..., Experiment]
) -> None:
    assert "districts_given_election_before" not in set(found.tables["errors"]["method"])
    experiment = composed("+experiment=ecological_truth", "settings.confounding=null")
    page = report(experiment, found)
    assert "election before" not in " ".join(page.findings)


def test_a_default_that_is_not_asked_is_refused(composed: Callable[..., Experiment]) -> None:
    experiment = composed("+experiment=ecological_truth", "settings.default=goodmann")
    with pytest.raises(ConfigError, match="did you mean 'goodman'"):
        analyse(experiment)
