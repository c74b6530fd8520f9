"""What pages need beyond what Sphinx and MyST-NB write: access for all, and a quick start."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from course_chapters import is_built
from PIL import Image, ImageChops
from sphinx.application import Sphinx

REPLACED = {
    # docutils: ARIA has withdrawn the role; the entry stands in an element with the role of a list.
    'role="doc-biblioentry"': 'role="listitem"',
    # MyST-NB: hides from screen readers what the button of a folded cell says.
    '<summary aria-label="Toggle hidden content">': "<summary>",
}
#: A difference in one of 256 steps of a colour that an eye could see.
VISIBLE = 24
IMAGE = re.compile(r'<img (?=[^>]*src="[^"]*_images/(?P<name>[^"/]+\.png)")(?![^>]* height=)')


def mend(
    app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Mend the mark-up of a page's body."""
    if "body" not in context:
        return
    body: str = context["body"]
    for wrong, right in REPLACED.items():
        body = body.replace(wrong, right)
    sources = {name: Path(app.srcdir) / source for source, name in app.builder.images.items()}
    context["body"] = IMAGE.sub(lambda found: load_late(sources[found["name"]]), body)


def load_late(picture: Path) -> str:
    """Load a picture when the reader comes near, and keep its place free until then."""
    with Image.open(picture) as image:
        width, height = image.size
    return f'<img loading="lazy" width="{width}" height="{height}" '


def lighten(app: Sphinx, error: Exception | None) -> None:
    """Store pictures with as few bytes as show them alike."""
    if not is_built(app, error):
        return
    # Those of the pages that were written: the others are light already.
    pictures = {name for name in app.builder.images.values() if name.endswith(".png")}
    for path in (Path(app.outdir) / app.builder.imagedir / name for name in sorted(pictures)):
        with Image.open(path) as image:
            few_colors(image.convert("RGB")).save(path, "PNG", optimize=True)


def few_colors(image: Image.Image) -> Image.Image:
    """Return an image of 256 colours, if nobody could tell it from the one with all of them."""
    reduced = image.quantize(256, dither=Image.Dither.NONE)
    error = ImageChops.difference(image, reduced.convert("RGB")).getextrema()
    return reduced if max(largest for _, largest in error) <= VISIBLE else image


FRONT_DOOR = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<link rel="icon" href="data:,">
<meta http-equiv="refresh" content="0; url={page}.html">
<p><a href="{page}.html">{title}</a></p>
</html>
"""


def write_front_door(app: Sphinx, error: Exception | None) -> None:
    """Lead from index.html to the front page.

    sphinx-external-toc would write a bare redirect, for which browsers ask for an icon in vain.
    This one has an empty icon: asking for the book's would be cut short by the redirect.
    """
    if is_built(app, error):
        text = FRONT_DOOR.format(title=app.config.html_title, page=app.config.master_doc)
        (Path(app.outdir) / "index.html").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Run on every page before it is written."""
    app.connect("html-page-context", mend)
    app.connect("build-finished", write_front_door, priority=100)
    app.connect("build-finished", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
