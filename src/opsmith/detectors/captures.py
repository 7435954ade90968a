"""What a tree-sitter query finds, in the order of the source: the library's own order differs from one parse to the next."""

from __future__ import annotations

from tree_sitter import Node, Query, QueryCursor


def captures(query: Query, root: Node) -> dict[str, list[Node]]:
    """The nodes by the name they are captured under; an outer node before what it contains."""
    found = QueryCursor(query).captures(root)
    return {name: sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte)) for name, nodes in found.items()}


def is_deeper(root: Node, most: int) -> bool:
    """Whether some node stands more than `most` levels below `root`: asking for a node's parent takes as long as the node is deep."""
    cursor = root.walk()
    while True:
        if cursor.depth > most:
            return True
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while True:
            if not cursor.goto_parent():
                return False
            if cursor.goto_next_sibling():
                break
