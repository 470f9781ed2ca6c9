"""How the columns of the study of stations are called and written: this file holds LABELS."""

POINTS = ("mae", "mae_areas", "rmse", "bias", "spread", "low", "high", "se", "gain", "gain_low",
          "gain_high", "first_right", "forecast", "outcome", "explained")  # fmt: skip
FORMS = dict.fromkeys([f"{name}_pp" for name in POINTS], "2") | {
    "correlation": "3", "explained_percent": "1", "first_right_percent": "1",
    "forecast_percent": "2", "votes_percent": "2",
}  # fmt: skip
LABELS = {
    "kind": "family", "mae_pp": "MAE", "low_pp": "from", "high_pp": "to",
    "mae_areas_pp": "MAE, all alike", "bias_pp": "bias", "spread_pp": "map alone",
    "correlation": "r", "explained_percent": "explained, %",
    "first_right_percent": "first right, %",
    "forecast_percent": "total, %", "gain_pp": "against the floor", "gain_low_pp": "from",
    "gain_high_pp": "to", "votes_percent": "of the votes, %", "partition": "stations by",
    "group": "kind of station", "n": "stations", "against": "against", "origin": "from",
    "message": "why",
}  # fmt: skip
MEANINGS = {
    "kind": "family of methods; hindsight is no forecast",
    "mae_pp": "mean absolute error of the winner's share, stations by valid votes, percentage "
    "points; lower is better",
    "low_pp": "lower end of its interval, départements drawn anew, percentage points",
    "high_pp": "upper end of its interval, percentage points",
    "mae_areas_pp": "the same, every station alike, percentage points; lower is better",
    "rmse_pp": "root mean squared error, stations by votes, percentage points; lower is better",
    "bias_pp": "error of the total that the stations give, percentage points; above 0 overstates "
    "the winner, 0 is best",
    "spread_pp": "what remains of the root mean squared error without the bias: the map alone; "
    "lower is better",
    "correlation": "of forecast and outcome, stations by votes; higher is better",
    "explained_percent": "of the variance between stations; higher is better, below 0 the right "
    "total is nearer",
    "first_right_percent": "stations whose first place is right (ties count half); higher is "
    "better",
    "forecast_percent": "the winner's total that the stations give, by valid votes of the runoff",
    "gain_pp": "MAE less that of the other method, percentage points; below 0 is better",
    "gain_low_pp": "lower end of its interval, paired", "gain_high_pp": "upper end",
    "votes_percent": "share of the valid votes",
}  # fmt: skip
HEAD = ["method", "kind", "mae_pp", "low_pp", "high_pp", "mae_areas_pp", "rmse_pp", "bias_pp",
        "spread_pp", "correlation", "explained_percent", "first_right_percent", "forecast_percent",
        "gain_pp", "gain_low_pp", "gain_high_pp"]  # fmt: skip
