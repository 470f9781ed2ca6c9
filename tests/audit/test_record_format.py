"""Records that were sealed by earlier versions are scored by this one.

`records/` holds records as they were written on their day. They are never made again: a version
that cannot score one has broken the promise of a seal.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.audit.preregistration import FORMAT, opened, read_record
from bench.audit.sealed_scores import score_sealed

SEALS = sorted((Path(__file__).parents[2] / "results" / "seals").glob("*.json"))
"""Of votes to come, made on their day and never again."""

RECORDS = sorted((Path(__file__).parent / "records").glob("*.json"))
VOTES = {"brook": 4428, "ferrier": 14039, "hollow": 12347, "quill": 15703, "thorne": 19534}
"""Of the made-up country."""


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_of_an_earlier_version_is_scored_from_what_it_holds(path: Path) -> None:
    record = read_record(path)
    assert record["format"] == FORMAT
    found = score_sealed([path])
    official = pd.Series(VOTES) / sum(VOTES.values())
    for label, answers in record["forecasts"].items():
        for name, said in answers.items():
            rows = found.scores.query("predictor == @name and metric == 'absolute_error'")
            error = rows.set_index("candidate")["value"]
            by_hand = (pd.Series(said["share"]) - official).abs()
            assert np.allclose(error[by_hand.index], by_hand, atol=1e-9), (label, name)
    ((_, answers),) = opened(record, path)[1].items()
    forecast = answers["last_poll"]
    assert forecast.draws is not None
    assert forecast.draws.shape == (100, len(VOTES))
    assert np.allclose(forecast.draws.sum(axis=1), 1)
    assert np.abs(forecast.draws.mean(axis=0) - forecast.share).max() < 0.02


@pytest.mark.parametrize("path", SEALS, ids=lambda path: path.stem)
def test_a_seal_of_a_vote_to_come_holds_persons_and_sentences_that_can_fail(path: Path) -> None:
    record = read_record(path)
    people = pd.DataFrame(record["people"])
    # what happens without somebody who is on every tested ballot belongs to nobody
    by_ballots = people.get("p_listed", people["p_runs"])
    for event, places in (("p_elected", 1), ("p_qualify", 2)):
        total = (by_ballots * people[f"{event}_if_runs"]).sum()
        assert total == pytest.approx(places, abs=0.01 * places)
        assert people[event].sum() <= places + 0.01
    assert len(record["hypotheses"]["en"]) == len(record["hypotheses"]["fr"]) >= 3
