"""Grading on top of nbgrader: a course directory, its homeworks and its class."""
