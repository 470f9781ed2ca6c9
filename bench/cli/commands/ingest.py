"""Turn posts, or counts per day, into rows of the evidence table buzz; texts are not kept.

Posts become counts by day, candidate and tone; texts and authors are dropped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.core.errors import ConfigError
from bench.core.write import write_csv, write_text
from bench.data.columns import TABLES
from bench.data.election import load_election
from bench.data.ingest import counts, tone
from bench.data.privacy import refuse_identifying
from bench.data.readers import typed
from bench.data.task import local_moment


def main(arguments: list[str]) -> int:
    """Read, count, write, say how well the tone was read."""
    options = _options(arguments)
    if options.into.exists():
        raise ConfigError(f"{options.into} exists; name another file with --into")
    day = options.published_on
    published = None if day is None else local_moment(day, "--published-on")
    refuse_identifying(options.source, "--source")
    candidates = sorted(load_election(options.election).people["candidate"])
    card = [f"# {options.into.name}", "", f"Source: {options.source}."]
    if counts.is_posts(options.file):
        reader, said = _reader(options.lexicon, options.labelled)
        found = counts.count_posts(options.file, reader, candidates, zone=options.zone)
        card += ["Counted from posts; texts and authors were not kept.", "", *said]
    elif options.lexicon or options.labelled:
        raise ConfigError(f"{options.file}: holds no texts; leave out --lexicon and --labelled")
    else:
        found = counts.daily_counts(options.file, candidates, zone=options.zone)
        card += ["Counts as they were published; how tones were read is not known here."]
    table = counts.as_buzz(found, options.source, published)
    typed(table, options.into, TABLES["buzz"], candidates=candidates)  # before anything is written
    write_csv(options.into, table)
    write_text(options.into.with_suffix(".md"), "\n".join(card) + "\n")
    print("\n".join(card[4:]))
    days = table["day"].agg(["min", "max"])
    print(f"{len(table)} rows, {days['min']:%Y-%m-%d} to {days['max']:%Y-%m-%d}: {options.into}")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench ingest", description=__doc__)
    parser.add_argument("what", choices=["posts"])
    parser.add_argument("file", type=Path, help="CSV or JSONL of posts, or CSV of daily counts")
    parser.add_argument("--election", default="fr2017", help="whose candidates (default: fr2017)")
    parser.add_argument("--source", required=True, help="who collected; column source of the rows")
    parser.add_argument("--labelled", type=Path, help="texts with their tone, to learn or to judge")
    parser.add_argument("--lexicon", help=f"read tones by {' or '.join(tone.LEXICONS)}")
    parser.add_argument("--published-on", help="the day from which the counts were public")
    parser.add_argument("--zone", default="Europe/Paris", help="time zone of the election")
    parser.add_argument("--into", type=Path, default=Path("buzz.csv"), help="the table to write")
    return parser.parse_args(arguments)


def _reader(lexicon: str | None, labelled: Path | None) -> tuple[tone.Reader, list[str]]:
    if lexicon is None and labelled is None:
        raise ConfigError(
            "who is to read the tone? accepted: --labelled FILE (a classifier learns from it), "
            f"--lexicon {' or '.join(tone.LEXICONS)}, or both (the lexicon is judged on the file)"
        )
    texts = None if labelled is None else tone.labelled_texts(labelled)
    if lexicon is None:
        assert texts is not None
        reader, quality = tone.classifier(texts)
        return reader, _said(quality)
    reader = tone.lexicon(lexicon)
    how = f"lexicon {lexicon}"
    if texts is None:
        return reader, [f"Tone: {how}, of unknown accuracy (no labelled texts were given)."]
    return reader, _said(tone.quality_of(reader, texts, how))


def _said(quality: tone.Quality) -> list[str]:
    table = quality.confusion
    error = (quality.accuracy * (1 - quality.accuracy) / quality.n) ** 0.5
    lines = [
        f"Tone: {quality.how}; accuracy {quality.accuracy:.3f} ± {error:.3f} on {quality.n} "
        f"labelled texts (always the commonest tone: {quality.majority:.3f}).",
        "",
        f"| true tone | {' | '.join(f'read as {name}' for name in table.columns)} |",
        f"| --- |{' ---: |' * table.shape[1]}",
    ]
    for name, row in zip(table.index, table.to_numpy(), strict=True):
        lines.append(f"| {name} | {' | '.join(map(str, row))} |")
    return lines
