"""The reference of the library, made of its docstrings, and the links between it and the chapters.

A docstring's "See Also" names the chapter that introduces the function, with its equations and the
lecture. From this one line come the links of the function to the chapter, and those of the
chapter, in a box at its end, to the function.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from course_chapters import chapter_of
from docutils import nodes
from library_entries import CHAPTER, Entry, entries, is_made, modules, split
from numpydoc.docscrape_sphinx import SphinxDocString
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.autodoc import Documenter, ModuleDocumenter
from sphinx.util.inspect import stringify_signature

UNMISTAKABLE = re.compile("_|^[A-Z]")
#: In the line that says where a function is taught: what becomes a link, and to what.
LINKS = {
    r"\((eq-[a-z0-9-]+)\)": r":eq:`\1`",
    r"\bL([0-4])\b": r":ref:`L\1 <source-l\1>`",
    r"\barXiv[: ](\d{4}\.\d{4,5})\b": r"`arXiv:\1 <https://arxiv.org/abs/\1>`__",
}
BOX = """

:::{{admonition}} In the library
:class: seealso in-the-library
Introduced here, described in the {{ref}}`library's reference <page-reference>`:

{entries}
:::
"""


def link_place(place: str, env: BuildEnvironment) -> str:
    """Write the line that says where a function is taught in reStructuredText, with its links."""

    def to_chapter(found: re.Match[str]) -> str:
        page = page_of(int(found["number"]), env)
        return f":doc:`{found[0]} </{page}>`" if page else found[0]

    text = CHAPTER.sub(to_chapter, place)
    for pattern, link in LINKS.items():
        text = re.sub(pattern, link, text)
    return text


def page_of(chapter: int, env: BuildEnvironment) -> str | None:
    """Find the page of a chapter, if it is written yet."""
    begins = f"chapters/{chapter:02}-"
    return next((page for page in sorted(env.found_docs) if page.startswith(begins)), None)


def lay_out(
    app: Sphinx, what: str, _name: str, thing: Any, _options: object, lines: list[str]
) -> None:
    """Turn a docstring's sections into lists, and put where it is taught before them."""
    if what == "module":
        return
    docstring, place = split("\n".join(lines))
    parts = SphinxDocString(docstring)
    for section in ("Parameters", "Attributes", "Returns"):
        parts[section] = [part._replace(type=literal(part.type)) for part in parts[section]]
    if is_made(thing):
        lines[:] = [*parts["Summary"], "", f"Made of `{thing.__wrapped__.__name__}`."]
        return
    if place:
        paragraph = f"   {link_place(place, app.env)}"
        parts["Extended Summary"] += ["", ".. rst-class:: taught-in", "", paragraph]
    lines[:] = str(parts).splitlines()


def literal(description: str) -> str:
    """Set the strings that an argument may be as code, with the quotes that one types."""
    return re.sub(r'\{[^{}]*"[^{}]*\}|"[^"]*"', r"``\g<0>``", description)


def frame_module(
    _app: Sphinx, what: str, name: str, _thing: object, _options: object, lines: list[str]
) -> None:
    """End a module's description with how to import it and a table of what it offers."""
    if what == "module" and name in modules():
        package, _, short = name.rpartition(".")
        lines += ["", f"``from {package} import {short}``", ""]
        names = [f"   {entry.name}" for entry in entries() if entry.module == name]
        lines += [".. autosummary::", "   :nosignatures:", "", *names, ""]


def skip_fields(
    _app: Sphinx, _what: str, _name: str, member: object, skip: bool, _options: object
) -> bool | None:
    """Leave out the fields of named tuples, which the docstring of the tuple describes."""
    return True if isinstance(member, type(Entry.module)) else None


def sign_class(
    _app: Sphinx, what: str, _name: str, thing: Any, _options: object, _signature: str, _back: str
) -> tuple[str, str] | None:
    """Take a class's signature from its ``__init__`` where Sphinx prefers a base's ``__new__``."""
    if what != "class" or "__init__" not in vars(thing) or thing.__new__ is object.__new__:
        return None
    signature = inspect.signature(thing.__init__)
    parameters = [*signature.parameters.values()][1:]
    return stringify_signature(signature.replace(parameters=parameters), show_annotation=False), ""


class Module(ModuleDocumenter):
    """Documents a module's contents in the order in which they are to be read."""

    def sort_members(
        self, documenters: list[tuple[Documenter, bool]], order: str
    ) -> list[tuple[Documenter, bool]]:
        """Sort as `entries` are, constants last."""
        names = [entry.name for entry in entries() if entry.module == self.modname]
        place = {f"{self.modname}::{name}": i for i, name in enumerate(names)}
        return sorted(documenters, key=lambda found: place.get(found[0].name, len(place)))


def add_box(app: Sphinx, page: str, source: list[str]) -> None:
    """End a chapter with the functions that it introduces."""
    chapter = chapter_of(page)
    taught = [entry for entry in entries() if chapter and chapter.number in entry.chapters]
    if taught:
        source[0] += BOX.format(entries="\n".join(box_lines(taught)))


def box_lines(taught: list[Entry]) -> Iterator[str]:
    """Yield a line in Markdown for each module."""
    for module in dict.fromkeys(entry.module for entry in taught):
        names = [entry.name for entry in taught if entry.module == module]
        links = ", ".join(f"{{py:obj}}`{name} <{module}.{name}>`" for name in names)
        yield f"- {{py:mod}}`{module}`: {links}"


@cache
def homes() -> dict[str, str]:
    """Map names that can mean only one thing to their full names.

    Short ones such as ``exp`` may mean NumPy's or torch's as well.
    """
    names = Counter(entry.name for entry in entries())
    return {
        entry.name: f"{entry.module}.{entry.name}"
        for entry in entries()
        if names[entry.name] == 1 and UNMISTAKABLE.search(entry.name)
    }


def link_names(app: Sphinx, doctree: nodes.document) -> None:
    """Lead names of the library in running text, and from one module to another, to their entry."""
    for reference in list(doctree.findall(pending_xref)):
        if reference.get("refdomain") == "py" and reference["reftarget"] in homes():
            reference["reftarget"] = homes()[reference["reftarget"]]
    for name in list(doctree.findall(nodes.literal)):
        if name.astext() in homes() and not inside_a_link(name):
            name.replace_self(link_to(name, app.env.docname))


def inside_a_link(node: nodes.Node | None) -> bool:
    """Tell whether a node stands where a link must not."""
    while node is not None:
        if isinstance(node, (pending_xref, nodes.reference, nodes.title, nodes.Admonition)):
            return True
        node = node.parent
    return False


def link_to(name: nodes.literal, page: str) -> pending_xref:
    """Wrap a name of the library into a link to its entry."""
    target: dict[str, Any] = {"reftarget": homes()[name.astext()], "refdoc": page}
    return pending_xref(
        "", name.deepcopy(), refdomain="py", reftype="obj", refexplicit=True, **target
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Join in where autodoc reads docstrings and where pages are read.

    Of numpydoc only the layout is used: as an extension it would also parse the docstrings as they
    are, and stop at the chapters in "See Also".
    """
    app.setup_extension("sphinx.ext.autodoc")
    app.add_autodocumenter(Module, override=True)
    app.connect("autodoc-process-docstring", lay_out)
    app.connect("autodoc-process-docstring", frame_module)
    app.connect("autodoc-process-signature", sign_class)
    app.connect("autodoc-skip-member", skip_fields)
    app.connect("source-read", add_box)
    app.connect("doctree-read", link_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
