"""What a tree-sitter query finds, in the order of the source: the library's own order differs from one parse to the next."""

from __future__ import annotations

from tree_sitter import Node, Query, QueryCursor


def captures(query: Query, root: Node) -> dict[str, list[Node]]:
    """The nodes by the name they are captured under; an outer node before what it contains."""
    found = QueryCursor(query).captures(root)
    return {name: sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte)) for name, nodes in found.items()}
