"""HTML that tries to run, load or pretend, and HTML that must stay as it is."""

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from traitlets.config import Config

from autograder.nbgrader_config import configure
from autograder.viewing.clean import clean_html
from autograder.viewing.sanitize import Sanitize, clean_data

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)
BAD = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='https://evil.example/x'></object>",
    "<math><mtext></math><script>alert(1)</script></mtext></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<form action='https://evil.example'><input name=q></form>",
    "<style>@import url(https://evil.example/x.css)</style>",
    "<p style='background:url(https://evil.example/x)'>x</p>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<img src='https://evil.example/seen.png'>",
    "<img srcset='https://evil.example/seen.png 1x'>",
    "<div id='notebook' class='score'>100</div>",
]
FORBIDDEN = ("alert(", "evil", "<script", "<svg", "<iframe", "<object", "<form", "<base", "onerror")


@pytest.mark.parametrize("html", BAD)
def test_what_could_run_load_or_pretend_is_gone(html):
    cleaned = clean_html(html)
    assert not [word for word in FORBIDDEN if word in cleaned]
    assert "id=" not in cleaned
    assert "class=" not in cleaned


def test_a_table_and_a_picture_stay():
    table = "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"
    assert clean_html(table) == table
    assert PIXEL in clean_html(f"<img src='data:image/png;base64,{PIXEL}'>")


def test_output_data_keep_what_is_harmless():
    data = {
        "text/plain": "x",
        "image/png": PIXEL,
        "image/jpeg": "<script>",
        "image/svg+xml": "<svg/>",
        "application/javascript": "alert(1)",
        "application/vnd.jupyter.widget-view+json": {},
        "text/latex": "$x$",
    }
    assert clean_data(data) == {"text/plain": "x", "image/png": PIXEL}
    assert "not shown" in clean_data({"application/javascript": "alert(1)"})["text/plain"]


def test_a_rendered_notebook_holds_nothing_that_runs():
    config = Config()
    configure(config, root="/nowhere", course_id="test")
    cells = [new_markdown_cell(f"$x_1 < 2$ and **bold**\n\n{bad}") for bad in BAD]
    cells += [new_raw_cell(bad, metadata={"format": "text/html"}) for bad in BAD]
    for bad in BAD:
        kinds = ("text/html", "text/markdown", "image/svg+xml", "text/latex", "text/plain")
        outputs = [
            new_output("display_data", {kind: bad}, metadata={kind: {"width": f'1">{bad}'}})
            for kind in kinds
        ]
        outputs.append(new_output("stream", text=bad))
        outputs.append(new_output("error", ename=bad, evalue=bad, traceback=[bad]))
        cells.append(
            new_code_cell(
                f"x = {bad!r}", outputs=outputs, metadata={"tags": [f'x">{bad}'.replace(",", "")]}
            )
        )
    notebook = new_notebook(cells=cells, metadata={"title": "<script>alert(1)</script>"})
    notebook, _ = Sanitize().preprocess(notebook, {})
    nbformat.validate(notebook)
    page, _ = HTMLExporter(config=config, template_name="classic").from_notebook_node(notebook)
    body = page[page.index("<body") :]
    assert "<script>alert" not in body
    assert "<svg" not in body
    assert "onerror=alert(1)>" not in body.replace("&gt;", "")
    assert "<msub>" in body
    assert '<span class="' in body
