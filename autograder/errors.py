"""The one exception that a command turns into a sentence and an exit code."""


class CourseError(Exception):
    """Something the user can mend; the message says what and how."""


class NotIsolatedError(Exception):
    """A kernel was found to reach what it must not: nothing of a student's may run in it."""
