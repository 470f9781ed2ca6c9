"""Figures inside the page: small, themeable, labelled SVG."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from bench.data.country import family_colours
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

LONG_PATH = re.compile(r'<path d="([^"]{80,})"')
PAIRS = {"M": 1, "L": 1, "Q": 2, "C": 3}
AS_OF = re.compile(rf' id="{canvas.AS_OF}(\d+)-\d+"')
AS_OF_PATH = re.compile(r'(<g class="as-of-line"[^>]*>\s*<path d="[^"]*")[^>]*/>')
PLACED = re.compile(r' x="[^"]*"| y="[^"]*"|translate\([^)]*\)')
TAIL = re.compile(r"(?<=\.\d\d)\d+")  # finer than anybody sees
LETTER = re.compile(r'<path id="([^"]+)"[^>]*/>')
HEX = re.compile(r"#([0-9a-f]{6})\b")


def inline_svg(figure: Figure, text: str, key: str) -> Markup:
    """Turn the SVG of a figure into an element for the body of a page, without title and caption.

    Ids become short and begin with `key`, colours become CSS variables, paths become short.
    The text is trusted: everything in it was drawn by matplotlib, which escapes or outlines words.

    Parameters
    ----------
    figure
        From `bench.report.plotting.layout.sheet`; its title becomes the label.
    text
        The figure as SVG.
    key
        Letters and digits, unique on the page.
    """
    from markupsafe import Markup, escape

    title, _ = canvas.words_of(figure)
    text = text[text.index("<svg") :]
    for group in ("title", "caption"):
        text = _without_group(text, group)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = AS_OF.sub(r' class="as-of-line" data-days="\1"', text)
    text = AS_OF_PATH.sub(r"\1/>", text)  # the page's style sheet says how they look
    text = PLACED.sub(lambda m: TAIL.sub("", m[0]), text)
    text = _short_ids(text, key)
    text = re.sub(r' d="([^"]*)"', lambda m: f' d="{short_path(m[1])}"', text)
    text = re.sub(r'style="([^"]*)"', lambda m: f'style="{_themed(m[1])}"', text)
    text = re.sub(r">\s+<", "><", text)
    box = " ".join(f"{value:.2f}" for value in canvas.inner_box(figure))
    head = (
        f'<svg role="img" aria-label="{escape(title)}" preserveAspectRatio="xMidYMid meet" '
        f'viewBox="{box}" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'xmlns="http://www.w3.org/2000/svg">'
    )
    return Markup(re.sub(r"^<svg [^>]*>", lambda _: head, text))


def _without_group(text: str, name: str) -> str:
    """The drawing without a group, but with the letters that it defines for others."""
    start = text.index(f'<g id="{name}">')
    depth = 0
    for tag in re.compile(r"<g[ >]|</g>").finditer(text, start):
        depth += -1 if tag[0] == "</g>" else 1
        if depth == 0:
            letters = re.findall(r"<defs>.*?</defs>", text[start : tag.end()], re.DOTALL)
            return text[:start] + "".join(letters) + text[tag.end() :]
    raise ValueError(f"the group '{name}' of the drawing does not end")


def _short_ids(text: str, key: str) -> str:
    """Number the ids that something refers to, and drop the others, letters with them."""
    used = dict.fromkeys(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text))
    names = {a or b: f"{key}{number}" for number, (a, b) in enumerate(used)}
    text = LETTER.sub(lambda m: m[0] if m[1] in names else "", text)

    def own(match: re.Match[str]) -> str:
        return f' id="{names[match[1]]}"' if match[1] in names else ""

    text = re.sub(r'\sid="([^"]+)"', own, text)
    text = re.sub(r'href="#([^"]+)"', lambda m: f'href="#{names[m[1]]}"', text)
    return re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{names[m[1]]})", text)


def shared_paths(text: str) -> str:
    """Define long paths that a page draws several times once, as maps of one country do.

    Examples
    --------
    >>> path = "M0 0" + "l1 1" * 30
    >>> drawn = f'<body><path d="{path}" style="a"/><path d="{path}" style="b"/></body>'
    >>> shared_paths(drawn).count(path), shared_paths(drawn).count("<use")
    (1, 2)
    """
    counts = Counter(LONG_PATH.findall(text))
    names = {path: f"s{i}" for i, path in enumerate(p for p, n in counts.items() if n > 1)}
    if not names:
        return text

    def drawn(match: re.Match[str]) -> str:
        name = names.get(match[1])
        return match[0] if name is None else f'<use href="#{name}"'

    shapes = "".join(f'<path id="{name}" d="{path}"/>' for path, name in names.items())
    hidden = f'<svg class="sr" aria-hidden="true"><defs>{shapes}</defs></svg>'
    return LONG_PATH.sub(drawn, text).replace("<body>", f"<body>{hidden}", 1)


def short_path(path: str) -> str:
    """Rewrite an SVG path with relative coordinates, no finer than can be seen.

    Small shapes (markers) keep two decimals, drawings in points one, letters in font units none.

    Examples
    --------
    >>> short_path("M 10.1234 5 L 11 5.0001 L 11 7 z")
    'M10.12 5l.88 0 0 2z'
    """
    tokens = path.split()
    out: list[str] = []
    x = y = 0.0
    start = (0.0, 0.0)
    i = 0
    largest = max((abs(float(t)) for t in tokens if t[-1].isdigit()), default=0.0)
    digits = 2 if largest < 20 else 1 if largest < 850 else 0
    last = ""
    while i < len(tokens):
        command = tokens[i]
        i += 1
        if command in "zZ":
            out.append("z")
            x, y = start
            last = ""
            continue
        numbers = [float(t) for t in tokens[i : i + 2 * PAIRS[command]]]
        i += 2 * PAIRS[command]
        if command == "M":
            x, y = round(numbers[0], digits), round(numbers[1], digits)
            start = (x, y)
            out.append(f"M{_short(x)} {_short(y)}")
            last = ""
            continue
        steps = [round(n - (x, y)[j % 2], digits) for j, n in enumerate(numbers)]
        out.append((" " if command == last else command.lower()) + " ".join(map(_short, steps)))
        x, y = round(x + steps[-2], digits), round(y + steps[-1], digits)
        last = command
    return "".join(out)


def _short(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    text = text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
    return "0" if text in {"-0", "", "-"} else text


def _themed(declarations: str) -> str:
    tidy = declarations.replace("; ", ";").replace(": ", ":")
    return HEX.sub(lambda m: f"var(--f{m[1]},#{m[1]})" if m[0] in themed() else m[0], tidy)


@cache
def themed() -> frozenset[str]:
    """Colours of figures that are others on dark paper."""
    own = (style.INK, style.SOFT, style.GRID, style.PAPER, style.BAND, style.OTHER_METHOD)
    families = family_colours().values()
    tints = (style.lighter(colour, 0.28 * tint) for colour in families for tint in range(3))
    return frozenset((*own, *style.METHOD_COLOURS.values(), *tints))


ON_DARK = {
    style.INK: "#e8eaee",
    style.SOFT: "#a9b1bd",
    style.GRID: "#363c46",
    style.PAPER: "#171a1f",
    style.BAND: "#20242b",
}


def dark_colours() -> str:
    """CSS declarations of every figure colour for dark paper."""
    return "".join(
        f"--f{colour[1:]}:{ON_DARK.get(colour) or style.for_dark_paper(colour)};"
        for colour in sorted(themed())
    )
