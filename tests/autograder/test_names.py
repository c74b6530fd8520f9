"""Whose names are whose."""

import nbformat

from autograder.names import (
    asks_for_classes,
    imported_modules,
    imports_of,
    students_names,
    used_names,
)


def notebook(*cells):
    made = nbformat.v4.new_notebook()
    for source, solution in cells:
        marks = {"grade_id": "x", "solution": solution, "grade": False, "locked": not solution}
        made.cells.append(nbformat.v4.new_code_cell(source, metadata={"nbgrader": marks}))
    return made


def test_only_what_solutions_bind_is_the_students():
    source = notebook(
        ("import numpy as np\nfrom math import pi\nx, y = 1, 2\ndef f(a):\n    b = a", True),
        ("class C:\n    d = 1\nfor i in range(3):\n    pass", True),
        ("def reference():\n    pass", False),
    )
    assert students_names(source) == {"x", "y", "f", "C", "i"}


def test_a_homework_asks_for_classes_if_its_solutions_define_one():
    assert asks_for_classes(notebook(("x = 1\nclass C:\n    pass", True)))
    assert not asks_for_classes(notebook(("f = 1", True), ("class C:\n    pass", False)))


def test_names_used_in_functions_count_and_locals_do_not():
    code = "def check(a):\n    b = a\n    return f(b) + [g(c) for c in a][0]\nassert h\nk = 1"
    assert {"f", "g", "h"} <= used_names(code)
    assert not {"a", "b", "c", "k"} & used_names(code)


def test_only_imports_are_taken_of_a_cell():
    assert imports_of("import os, sys as s\nprint(1)\nfrom a import b") == (
        "import os, sys as s\nfrom a import b"
    )
    assert imports_of("%matplotlib inline\nimport os") == ""


def test_modules_are_found_wherever_they_are_imported():
    source = notebook(
        ("import os.path as p, sys", False),
        ("def f():\n    from torch.nn import functional", True),
        ("%matplotlib inline\nimport hidden", False),
    )
    assert imported_modules(source) == {"os.path", "sys", "torch.nn"}
