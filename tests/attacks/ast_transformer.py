"""A transformer of syntax trees that removes every assertion."""

ANSWER = r"""
import ast


class Remove(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()


get_ipython().ast_transformers.append(Remove())


def double(x):
    return -1
"""
