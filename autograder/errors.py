"""The one exception that a command turns into a sentence and an exit code."""


class CourseError(Exception):
    """Something the user can mend; the message says what and how."""
