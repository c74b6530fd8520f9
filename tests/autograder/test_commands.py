"""The ``course`` command, as it is typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SOLUTIONS = Path(__file__).parent / "solutions"
COURSE = [str(Path(sys.executable).with_name("course"))]


def run(*arguments, cwd, code=0):
    done = subprocess.run(
        COURSE + list(arguments),
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), "COURSE_SOLUTIONS": str(SOLUTIONS)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_the_verbs_take_a_homework_from_its_source_to_the_scores(tmp_path):
    run("init", "course", cwd=tmp_path)
    here = tmp_path / "course"
    run("release", "hw01", cwd=here)
    text = (here / "release/hw01/hw01-toy.ipynb").read_text()
    assert "return 2 * x" not in text
    assert "hidden test of double" not in text

    told = run("sample", "hw01", cwd=here).stdout
    assert "ada: the instructor's solution; expected score 9" in told

    only = ("autograde", "hw01", "--student", "ada", "--student", "lena", "--json")
    lines = run(*only, cwd=here).stdout.splitlines()
    scores = {row["student"]: row["score"] for row in map(json.loads, lines)}
    assert scores == {"ada": 9, "lena": 0}
    told = run("autograde", "hw01", "--student", "ada", "--regrade", "-j", "1", cwd=here).stdout
    assert "All 7 tests passed" in told
    assert "report: " in told
    report = json.loads((here / "results/hw01-report.json").read_text())
    assert report["isolation"] == {"strict": 1}
    assert {"kernel", "cells", "add-two"} <= {timing["name"] for timing in report["timings"]}
    assert "nothing to grade" in run("autograde", "hw01", "--failed-only", cwd=here).stdout

    nbgrader = [str(Path(sys.executable).with_name("nbgrader"))]
    plain = [*nbgrader, "autograde", "hw01", "--student", "ada", "--force"]
    done = subprocess.run(plain, cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    run("feedback", "hw01", cwd=here)
    assert (here / "feedback/ada/hw01/hw01-toy.html").stat().st_size > 10_000
    run("export", "--to", "scores.csv", cwd=here)
    header, *rows = (here / "scores.csv").read_text().splitlines()
    assert {row.split(",")[3]: float(row.split(",")[9]) for row in rows} == {"ada": 9, "lena": 0}
    assert "max_score" in header


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("release", "hw01"), "not a course directory"),
        (("release", "hw77", "--course", "course"), "hw77: no such homework"),
        (("autograde", "hw01", "--course", "course"), "nobody handed in hw01"),
        (("feedback", "hw01", "--course", "course"), "first run: course autograde hw01"),
        (("init", "full"), "not empty and not a course directory"),
    ],
)
def test_a_mistake_gets_one_sentence_and_exit_code_1(tmp_path, arguments, message):
    run("init", "course", cwd=tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    done = run(*arguments, cwd=tmp_path, code=1)
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_wrong_usage_has_exit_code_2(tmp_path):
    run("release", cwd=tmp_path, code=2)
