"""Scripts and foreign pictures in outputs and text, for whoever opens the page."""

import nbformat

ANSWER = r"""
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display

run = "document.title = '@MARK@'"
html = f'<script>{run}</script><img src="x" onerror="{run}"><svg onload="{run}"></svg>'
html += f'<a href="javascript:{run}">a link</a><iframe srcdoc="<script>{run}</script>"></iframe>'
html += '<img src="https://elsewhere.example/@MARK@.png">'
svg = f'<svg xmlns="http://www.w3.org/2000/svg"><script>{run}</script></svg>'
display(HTML(html), Markdown(html), Javascript(run), Latex(html), SVG(svg))
print(html)


def double(x):
    return -1
"""

FOR_READERS = True


def spoil(path):
    notebook = nbformat.read(path, as_version=4)
    code = next(cell for cell in notebook.cells if "onerror" in cell.source)
    mark = code.source.partition("document.title = '")[2].partition("'")[0]
    html = f'<script>"{mark}"</script><img src="x" onerror="{mark}">'
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "why":
            cell.source = html
    notebook.cells.append(nbformat.v4.new_markdown_cell(html))
    notebook.cells.append(nbformat.v4.new_raw_cell(html, metadata={"format": "text/html"}))
    notebook.metadata["title"] = html
    nbformat.write(notebook, path)
