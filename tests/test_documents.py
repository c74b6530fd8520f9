"""README and CONTRIBUTING say what is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_every_make_target_is_in_the_table():
    rules = "\n".join(path.read_text() for path in (ROOT / "Makefile", *ROOT.glob("make/*.mk")))
    targets = set(re.findall(r"^([a-z-]+):.*## ", rules, re.MULTILINE)) - {"help"}
    listed = set(re.findall(r"^\| `make ([a-z-]+)`", (ROOT / "CONTRIBUTING.md").read_text(), re.M))
    assert listed == targets


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_is_named_exists(document):
    text = (ROOT / document).read_text()
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    inline = re.findall(
        r"`((?:chapters|lecturelib|solutions|autograder|tests|book|make)/[\w./-]*)`", text
    )
    missing = [
        name
        for name in {*linked, *inline}
        if "NN" not in name and "NAME" not in name and not (ROOT / name).exists()
    ]
    assert missing == []


def test_every_verb_of_the_course_command_in_the_readme_exists():
    from autograder.cli import app

    verbs = {command.callback.__name__ for command in app.registered_commands}
    used = set(
        re.findall(r"^(?:\.venv/bin/)?course ([a-z]+)", (ROOT / "README.md").read_text(), re.M)
    )
    assert used
    assert used <= verbs
