"""What people see of a graded class: formgrader's pages and feedback, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from playwright.sync_api import Browser, Page

from autograder.course import Course, init_course
from autograder.feedback import feedback_page, write_feedback
from autograder.grade import Limits, grade_class
from autograder.homework import find_homework
from autograder.release import release
from autograder.sample import hand_in, sample_class
from tests.browser.jupyter import Server, serve, stay_here
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SOLUTIONS = Path(__file__).parents[1] / "autograder" / "solutions"
HOMEWORK = find_homework(SOLUTIONS, "hw01")
RUN = "document.title = document.body.dataset.hacked = 'hacked'"
EVIL_HTML = (
    f'<script>{RUN}</script><img src=x onerror="{RUN}"><svg onload="{RUN}"></svg>'
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>'
    "<img src='https://elsewhere.example/seen.png'>"
    f'<a href="javascript:{RUN}">mallory\'s link</a>'
)
EVIL_CODE = f"""\
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display

evil = {EVIL_HTML!r}
display(HTML(evil), Markdown(evil), Javascript({RUN!r}), Latex(evil))
display({{"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{{evil}}</svg>"}}, raw=True)
print(evil)
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class of two, one of whom hands in pages that would run programs."""
    course = init_course(tmp_path_factory.mktemp("graded") / "course")
    release(course, HOMEWORK)
    ada = next(s for s in sample_class(course, HOMEWORK) if s.student == "ada")
    hand_in(course, HOMEWORK, [ada])
    notebook = nbformat.reads(ada.text, as_version=4)
    notebook.cells[0:0] = [new_markdown_cell(EVIL_HTML), new_code_cell(EVIL_CODE)]
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "why":
            cell.source = EVIL_HTML
    folder = course.submitted / "mallory" / HOMEWORK.name
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / ada.filename)
    results = list(grade_class(course, HOMEWORK, limits=Limits(10, 120)))
    assert [(r.score, r.isolation) for r in results] == [(9, "strict")] * 2
    assert [page.error for page in write_feedback(course, HOMEWORK)] == [None, None]
    return course


def test_feedback_shows_scores_runs_nothing_and_loads_nothing(
    graded: Course, browser: Browser
) -> None:
    page = browser.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(feedback_page(graded, HOMEWORK, "mallory").as_uri())
    page.get_by_text("Score: 9.0 / 12.0").wait_for()
    assert_harmless(page)
    assert {urlsplit(url).scheme for url in requests} <= {"file", "data"}
    assert page.get_by_text("mallory's link").first.get_attribute("href") is None
    page.close()


def test_feedback_fits_a_phone(graded: Course, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 800})
    page.goto(feedback_page(graded, HOMEWORK, "ada").as_uri())
    page.get_by_text("Score: 9.0 / 12.0").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.close()


@pytest.fixture(scope="module")
def formgrader(graded: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give nbgrader's own pages on the class: their address, and the key to them."""
    own = tmp_path_factory.mktemp("jupyter")
    extensions = {"ServerApp.jpserver_extensions": {"nbgrader": True}}
    with serve("jupyter_server", graded.root, own, extensions) as server:
        yield server


def open_page(browser: Browser, formgrader: Server, path: str) -> Page:
    headers = {"Authorization": f"token {formgrader.token}"}
    page = browser.new_page(extra_http_headers=headers)
    page.route("**/*", stay_here)
    page.goto(f"{formgrader.address}/formgrader/{path}")
    return page


def test_formgrader_shows_the_scores(formgrader: Server, browser: Browser) -> None:
    page = open_page(browser, formgrader, f"manage_submissions/{HOMEWORK.name}")
    for student in ("ada", "mallory"):
        row = page.locator("tr", has_text=student)
        row.wait_for()
        assert "9 / 12" in row.inner_text()
    page.close()


def test_the_manual_grading_page_runs_nothing_of_a_students(
    formgrader: Server, graded: Course, browser: Browser
) -> None:
    with graded.gradebook() as gradebook:
        submission = gradebook.find_submission_notebook(
            HOMEWORK.notebook_name, HOMEWORK.name, "mallory"
        )
        identity = submission.id
    page = open_page(browser, formgrader, f"submissions/{identity}/")
    page.get_by_text("mallory's link").first.wait_for()
    assert_harmless(page)
    # A person grades the written answer there.
    points = page.locator("input.score").last
    points.fill("2.5")
    points.blur()
    wait_for(lambda: score_of(graded, "mallory") == 11.5, "the points were not saved")
    page.close()


def score_of(course: Course, student: str) -> float:
    with course.gradebook() as gradebook:
        return float(gradebook.find_submission(HOMEWORK.name, student).score)


def assert_harmless(page: Page) -> None:
    page.wait_for_timeout(500)
    assert page.evaluate("document.body.dataset.hacked") is None
    assert "hacked" not in page.title()
    assert page.locator("#notebook iframe, #notebook svg").count() == 0
    assert page.locator("img[src*='elsewhere']").count() == 0
