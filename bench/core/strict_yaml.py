"""YAML that a person brings: plain values, each key once, nothing that unfolds or hides."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from bench.core.errors import DataError
from bench.core.read import hidden_sign, read_text

MOST_BYTES = 100_000
MOST_VALUES = 10_000  # keys and values; a second of work
MOST_DEEP = 20
MOST_DIGITS = 30


class _Refused(yaml.MarkedYAMLError):
    """Something that YAML allows and we do not."""

    def __init__(self, words: str, node: Any) -> None:
        super().__init__(problem=words, problem_mark=node.start_mark)


class _StrictLoader(yaml.SafeLoader):
    """Refuses aliases, merge keys, keys given twice, and what is too deep, too much or too long."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._n_values = self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """One node, counted; an alias is none."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(f"'*{event.anchor}' repeats what stands elsewhere; write it out", event)
        self._n_values += 1
        if self._n_values > MOST_VALUES:
            raise _Refused(f"more than {MOST_VALUES:,} keys and values; leave some out", event)
        if self._depth >= MOST_DEEP:
            raise _Refused(f"nested more than {MOST_DEEP} deep; write it flatter", event)
        self._depth += 1
        try:
            node: yaml.Node | None = super().compose_node(parent, index)
        finally:
            self._depth -= 1
        return node

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Refuse merge keys instead of merging, and keys that stand twice."""
        first: dict[tuple[str, str], yaml.Node] = {}
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                raise _Refused("'<<' merges keys from elsewhere; write them out", key)
            if not isinstance(key, yaml.ScalarNode):
                raise _Refused("a key is a list or a mapping; accepted: text or a number", key)
            known = first.setdefault((key.tag, key.value), key)
            if known is not key:
                line = known.start_mark.line + 1
                raise _Refused(
                    f"the key '{key.value[:60]}' stands here and in line {line}; keep one", key
                )

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """As YAML has it, of keys that differ also once they are read: 1 and 1.0 are one."""
        found: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(found) < len(node.value):
            raise _Refused("two keys mean the same; keep one", node)
        return found

    def construct_scalar(self, node: Any) -> Any:
        """A text without signs that hide or turn the rest."""
        value = super().construct_scalar(node)
        if isinstance(value, str) and not value.isprintable() and (sign := hidden_sign(value)):
            raise _Refused(f"holds the invisible sign {sign}; delete it", node)
        return value

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """A whole number that somebody may have typed."""
        if len(node.value) > MOST_DIGITS:
            raise _Refused(
                f"a number of {len(node.value):,} digits; accepted: {MOST_DIGITS}; quote it if it "
                "is text",
                node,
            )
        return int(super().construct_yaml_int(node))

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """A value; one that cannot be is named with its line, such as the day 2030-02-30."""
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, TypeError, OverflowError) as error:
            words = f"'{node.value[:60]}' cannot be" if isinstance(node.value, str) else "cannot be"
            raise _Refused(f"{words} ({error})", node) from error


_StrictLoader.add_constructor("tag:yaml.org,2002:int", _StrictLoader.construct_yaml_int)


def load_yaml(path: Path) -> Any:
    """What a YAML file of at most `MOST_BYTES` holds.

    Returns
    -------
    object
        Mappings, lists, texts, numbers, flags, days and None; None for an empty file.

    Raises
    ------
    DataError
        With the line: if the file is damaged, makes objects (tags), holds aliases, merge keys or a
        key twice, or more than `MOST_VALUES` keys and values or `MOST_DEEP` levels.
    """
    text = read_text(path, MOST_BYTES)
    if sign := hidden_sign(text):
        line = text[: text.index(chr(int(sign[2:], 16)))].count("\n") + 1
        raise DataError(f"{path}:{line}: holds the invisible sign {sign}; delete it")
    try:
        loader = _StrictLoader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        words = " ".join(str(getattr(error, "problem", None) or error).split())[:300]
        said = words if isinstance(error, _Refused) else f"not readable as YAML ({words})"
        raise DataError(f"{place}: {said}") from error
