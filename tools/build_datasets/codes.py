"""Codes of French areas, brought to one convention: that of INSEE."""

from __future__ import annotations

import pandas as pd

from tools.build_datasets.files import require

OVERSEAS = {
    "ZA": "971",
    "ZB": "972",
    "ZC": "973",
    "ZD": "974",
    "ZS": "975",
    "ZM": "976",
    "ZW": "986",
    "ZP": "987",
    "ZN": "988",
    "977": "ZX",
    "99": "ZZ",
}
FAR = frozenset(["971", "972", "973", "974", "975", "976", "986", "987", "988"])
KNOWN = frozenset(f"{n:02d}" for n in range(1, 96)) | FAR | {"2A", "2B", "ZX", "ZZ"}


def departement(code: str) -> str:
    """One code in the convention of the project.

    Raises
    ------
    DataError
        If no département has that code.

    Examples
    --------
    >>> departement("1"), departement("ZA"), departement("2A"), departement("99")
    ('01', '971', '2A', 'ZZ')
    """
    plain = str(code).strip().upper()
    plain = OVERSEAS.get(plain, plain.zfill(2))
    require(plain in KNOWN, f"département '{code}'", "is no code of INSEE or the ministry")
    return plain


def departements(codes: pd.Series) -> pd.Series:
    """`departement` for a column."""
    return codes.map({code: departement(code) for code in codes.unique()})


def communes(area: pd.Series, commune: pd.Series) -> pd.Series:
    """Five-character INSEE codes from a département and the ministry's three digits.

    Examples
    --------
    >>> area = pd.Series(["01", "971", "988", "ZX"])
    >>> communes(area, pd.Series(["004", "101", "801", "701"])).tolist()
    ['01004', '97101', '98801', '97701']
    """
    short = area.isin(FAR)
    far = area + commune.str[1:]
    near = area.where(area != "ZX", "97") + commune
    return near.where(~short, far)
