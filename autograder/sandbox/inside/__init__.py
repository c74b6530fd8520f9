"""The part of the sandbox that runs inside of it; it imports nothing of the grader's."""
