"""mutmut that mutates functions with the decorator `@metric` too.

`python -m tests.mutmut_of_metrics run` is `python -m mutmut run`. mutmut leaves decorated functions
alone, because every mutant would be decorated too. `metric` returns the function unchanged, so it
may stand once, above the function that chooses the mutant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst
from mutmut.mutation import file_mutation

DECORATOR = "metric"
_skips = file_mutation.MutationVisitor._skip_node_and_children
_arranged = file_mutation.function_trampoline_arrangement


def _is_metric(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.FunctionDef) or len(node.decorators) != 1:
        return False
    call = node.decorators[0].decorator
    return (
        isinstance(call, cst.Call)
        and isinstance(call.func, cst.Name)
        and call.func.value == DECORATOR
    )


def _skips_all_but_metrics(visitor: Any, node: cst.CSTNode) -> bool:
    return not _is_metric(node) and _skips(visitor, node)


def _arranged_below_the_decorator(
    function: cst.FunctionDef, mutants: Sequence[Any], class_name: str | None
) -> Any:
    if not _is_metric(function):
        return _arranged(function, mutants, class_name)
    bare = function.with_changes(decorators=[])
    before, nodes, after, names = _arranged(bare, mutants, class_name)
    chooser = nodes[0].with_changes(decorators=[*function.decorators, *nodes[0].decorators])
    return before, [chooser, *nodes[1:]], after, names


file_mutation.MutationVisitor._skip_node_and_children = _skips_all_but_metrics
file_mutation.function_trampoline_arrangement = _arranged_below_the_decorator

if __name__ == "__main__":
    from mutmut.__main__ import cli

    cli()
