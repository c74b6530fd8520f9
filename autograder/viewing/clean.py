"""HTML that others wrote, made harmless."""

from __future__ import annotations

import re
from typing import Any

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert
from markupsafe import escape
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

MATH_TAGS = {
    "math",
    "mrow",
    "mi",
    "mo",
    "mn",
    "ms",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "mstyle",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mtable",
    "mtr",
    "mtd",
    "mpadded",
    "mphantom",
}
MATH_ATTRIBUTES = {
    "math": {"display", "xmlns"},
    "mo": {"fence", "form", "largeop", "stretchy"},
    "mi": {"mathvariant"},
    "mspace": {"width"},
    "mtable": {"columnalign"},
    "mtd": {"columnalign"},
}
PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")


def _keep(tag: str, attribute: str, value: str) -> str | None:
    """Keep pictures that stand in the page itself, and links that lead out only when followed."""
    if attribute in ("src", "srcset", "background"):
        return value if tag == "img" and PICTURE.fullmatch(value) else None
    if attribute == "href" and value.startswith("data:"):
        return None
    return value


def clean_html(html: str) -> str:
    """Remove whatever could run, pretend to be part of the page, or load something.

    >>> clean_html("<b onclick='steal()'>bold</b><script>steal()</script>")
    '<b>bold</b>'
    >>> clean_html("<img src='https://example.org/seen.png' alt='a cat'>")
    '<img alt="a cat">'
    """
    return _clean(html, {})


def clean_page(html: str | bytes) -> str:
    """Clean HTML that nbconvert made, in place of its own filter: colours of code stay."""
    text = html.decode(errors="replace") if isinstance(html, bytes) else html
    return _clean(text, {"*": {"class"}})


def _clean(html: str, more: dict[str, set[str]]) -> str:
    return nh3.clean(
        html,
        tags=nh3.ALLOWED_TAGS | MATH_TAGS,
        attributes={**nh3.ALLOWED_ATTRIBUTES, **MATH_ATTRIBUTES, **more},
        attribute_filter=_keep,
        url_schemes={"http", "https", "mailto", "data"},
    )


class _MathRenderer(IPythonRenderer):
    """Formulas as MathML, which browsers show by themselves."""

    def block_math(self, body: str) -> str:
        """Write a formula that stands alone."""
        return to_mathml(body, "block")

    def inline_math(self, body: str) -> str:
        """Write a formula in a line."""
        return to_mathml(body, "inline")


def to_mathml(formula: str, display: str) -> str:
    """Translate a formula; one that is no LaTeX is shown as it was written.

    >>> "<mi>x</mi>" in to_mathml("x^2", "inline")
    True
    """
    try:
        return str(convert(formula, display=display))
    except Exception:  # its parser raises whatever bad LaTeX makes it raise
        return f"<code>{escape(formula)}</code>"


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Render Markdown for nbconvert's templates, in place of its own filter."""
    cell: Any = context.get("cell", {})
    renderer = _MathRenderer(escape=False, attachments=cell.get("attachments", {}))
    return clean_html(MarkdownWithMath(renderer=renderer).render(source))
