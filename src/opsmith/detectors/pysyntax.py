"""Python sources as trees."""

from __future__ import annotations

import ast
import os
import warnings


def tree_of(text: str) -> ast.Module:
    """Raises SyntaxError, ValueError, RecursionError or MemoryError.

    To show the line of an error Python opens the file that it is told of, by default "<unknown>" in the current folder, which may be a pipe.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, filename=os.devnull)
