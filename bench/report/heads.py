"""How each column of the data is called, read and written: this file holds HEADS.

The CSV keeps the names of the data; every other form of a table shows these.
"""

from dataclasses import dataclass

LOWER = "; lower is better"
HIGHER = "; higher is better"
REPLICATES = "share of the replicates "


@dataclass(frozen=True)
class Known:
    """Label above a column, what it means (with unit and better direction), and its form.

    Forms are those of `bench.report.numbers.written`.
    """

    label: str
    meaning: str = ""
    form: str = ""


HEADS: dict[str, Known] = {
    # who, where, when
    "predictor": Known("predictor"),
    "estimator": Known("estimator"),
    "as_of": Known("evidence until", "day on which the evidence was cut"),
    "round": Known("round", form="year"),
    "n": Known("n", "how many", "0"),
    "n_areas": Known("areas", "areas that were compared", "0"),
    "n_left_out": Known("left out", "areas annulled in either vote, or empty", "0"),
    "n_stations": Known("stations", "polling stations in the sample", "0"),
    "replicates": Known("replicates", "simulated repetitions in which it answered", "0"),
    "electorates": Known("electorates", "electorates that were drawn", "0"),
    # errors in percentage points
    "mae_pp": Known("MAE", "mean absolute error over all candidates, percentage points, mean of "
                    f"the replicates{LOWER}", "2"),
    "mae_se_pp": Known("± s.e.", "standard error of the MAE, percentage points", "2"),
    "mae_q05_pp": Known("5%", "5% of the replicates have a smaller MAE, percentage points", "2"),
    "mae_q95_pp": Known("95%", "5% of the replicates have a larger MAE, percentage points", "2"),
    "rmse_pp": Known("RMSE", f"root mean square error, percentage points{LOWER}", "2"),
    "bias_pp": Known("bias", "root mean square of the part of the error that stays the same within "
                     "an electorate, percentage points; 0 is best", "2"),
    "sd_pp": Known("spread", "root mean square of the rest of the error, percentage points"
                   f"{LOWER}", "2"),
    "bias_share": Known("bias² in error²", "share of the squared error that is bias, which no "
                        "larger sample removes", "%"),
    "weighted_pp": Known("by votes", "mean absolute error over areas and candidates, areas "
                         f"weighing their valid votes, percentage points{LOWER}", "2"),
    "unweighted_pp": Known("all areas alike", "the same, every area counting alike, percentage "
                           f"points{LOWER}", "2"),
    "mae_leading": Known("error", "mean absolute error of candidates with 5% or more, percentage "
                         f"points{LOWER}", "2"),
    "half_width": Known("± interval", "mean half width of their intervals, percentage points", "2"),
    "error_index": Known("wrong cell, %", "percent of the votes put into the wrong cell of the "
                         f"table, mean of the elections{LOWER}", "1"),
    "peer_error_index": Known("theirs, %", "percent of the votes that the other system puts into "
                              f"the wrong cell{LOWER}", "1"),
    "added": Known("added", "error index less that at dose 0, points", "1"),
    # chances and coverage
    "p_winner_right": Known("first right", f"{REPLICATES}with the right first place{HIGHER}", "%"),
    "p_pair_right": Known("pair right", f"{REPLICATES}with the right two in the runoff{HIGHER}",
                          "%"),
    "most_often_first": Known("most often first", "whom it most often has in first place"),
    "p_most_often_first": Known("how often", f"{REPLICATES}in which it has that candidate first",
                                "%"),
    "covered": Known("inside", "share of the true values inside their intervals; best near the "
                     "stated level", "%"),
    "covered_votes": Known("inside, by votes", "the same, weighted by votes; best near the stated "
                           "level", "%"),
    "covered_leading": Known("leading inside", "share of the candidates with 5% or more inside "
                             "their intervals; best near the stated level", "%"),
    "leaders_right": Known("leaders right", "share of the realisations in which the leading "
                           f"candidates are those who got through{HIGHER}", "%"),
    "called": Known("called", "share of the realisations in which the leaders are called", "%"),
    "called_wrongly": Known("called wrongly", "share of the realisations in which the wrong "
                            f"leaders are called{LOWER}", "%"),
    "ever_called": Known("ever called", "share of the realisations in which the leaders are called "
                         "before the last station", "%"),
    "wrong_first_call": Known("first call wrong", "share of the realisations whose first call is "
                              f"wrong{LOWER}", "%"),
    "ever_called_wrongly": Known("ever wrong", "share of the realisations with any wrong call"
                                 f"{LOWER}", "%"),
    "counted": Known("stations counted", "share of the stations that have reported", "1%"),
    "registered": Known("registered, %", "percent of the registered voters in these stations", "2"),
    "counted_at_call": Known("counted then", "share of the stations counted at the first call, "
                             f"median{LOWER}", "%"),
    "minute_of_call": Known("minute", "minutes after the first polls close, median", "0"),
    # samples and doses
    "dose": Known("dose", "how much of it, in the unit beside"),
    "sample": Known("sample", "whose ratings or votes"),
    "share": Known("in the sample", "share of the candidate in the sample", "1%"),
    "vote": Known("official", "official share of the valid votes", "1%"),
    "rho": Known("ρ", "correlation over all voters between voting for the candidate and taking "
                 "part; 0 is a random sample", "2g"),
    "n_eff": Known("worth interviews", "interviews of a simple random sample with the same error"
                   f"{HIGHER}", "2g"),
    "beneficiary": Known("for whom", "candidate whom the attack favours"),
    "event": Known("event", "first: comes first; pair: gets into the runoff"),
    "status": Known("outcome", "found: a dose does it; at once: likely without any dose; beyond: "
                    "not at the largest dose"),
    "low": Known("from", "lower end of the 95% interval"),
    "high": Known("to", "upper end of the 95% interval"),
    "share_of_honest_users": Known("beside honest users", "accounts per honest user", "2g%"),
    "price_in_polls": Known("price, polls", "its price in online polls of 1,000 interviews", "3g"),
    # transfers and known tables
    "departement": Known("département"),
    "station_by_departement": Known("station by département"),
    "from_candidate": Known("from", "vote in the earlier round"),
    "to": Known("to", "vote in the later round"),
    "lower": Known("90% from", "lower end of the 90% interval at the finest level, percent"),
    "upper": Known("90% to", "upper end of the 90% interval, percent"),
    "least": Known("least", "certain lower bound from the margins of the finest areas, percent"),
    "most": Known("most", "certain upper bound, percent"),
    "range_of_levels": Known("levels differ by", "largest less smallest estimate of the levels of "
                             f"areas, points{LOWER}"),
    "moved": Known("moved", "votes added or taken away to give an area the same total in both "
                   "votes, as a share of all", "2%"),
    "tuned": Known("tuned", "whether settings were chosen on these elections"),
    "cpu_s": Known("seconds", "processor time per table; on another machine for other systems",
                   "2g"),
    "wall_s": Known("seconds", "time on the clock", "1"),
    "peer": Known("other system"),
    "ratio": Known("ours / theirs", "our error over that of the other system, same elections; "
                   "below 1 is better", "2"),
    "ratio_low": Known("from", "lower end of the 95% interval of the ratio", "2"),
    "ratio_high": Known("to", "upper end of the 95% interval of the ratio", "2"),
    # what was answered
    "votes_and_dates": Known("votes and dates", "how often", "0"),
    "of": Known("asked", "votes and dates for which it was asked", "0"),
    "outcome": Known("answer", "what the method answered"),
    "why": Known("why"),
    "allowed": Known("sampled from", "which stations may be in the sample"),
    "holds": Known("holds?", "yes where the whole 95% interval says so"),
    "value": Known("value", "of the measure beside"),
}  # fmt: skip


def known(key: str) -> Known:
    """What is known of a column; its name in words where nothing is.

    Examples
    --------
    >>> known("mae_pp").label, known("a_new_column").label
    ('MAE', 'a new column')
    """
    return HEADS.get(key, Known(key.replace("_", " ")))
