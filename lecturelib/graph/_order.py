"""In what order the nodes of a graph can be computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lecturelib.graph._engine import Node


def topological_order(node: Node) -> list[Node]:
    """Return the nodes that lead to this one, and itself, parents before their children.

    Found by depth-first search; the stack is a list, so that no recursion limit applies.

    Parameters
    ----------
    node : Node
        The last of the order.

    Returns
    -------
    list of Node
        Each once.

    See Also
    --------
    Node.forward, Node.backward : Walk along it, and back.
    Chapter 4, "Computation graphs and backpropagation"; L2, "Forward propagation".

    Examples
    --------
    >>> from lecturelib.graph import variable
    >>> a, b = variable(1.0, label="a"), variable(2.0, label="b")
    >>> [node.label or node.operation.name for node in topological_order(a * b + a)]
    ['a', 'b', 'multiply', 'add']
    """
    order, seen = [], {node}
    stack = [(node, iter(node.parents))]
    while stack:
        child, parents = stack[-1]
        for parent in parents:
            if parent not in seen:
                seen.add(parent)
                stack.append((parent, iter(parent.parents)))
                break
        else:  # all parents are in the order by now
            stack.pop()
            order.append(child)
    return order
