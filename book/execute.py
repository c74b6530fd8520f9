"""Run the book's pages in parallel, before the build, into the cache that the build reads.

Run as ``python book/execute.py BUILD`` in the repository's root. The build itself would run them
one by one.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import JupyterCacheAbstract, ProjectNb
from jupyter_cache.executors.basic import (
    ExecutionWorkerLocalMProc,
    JupyterExecutorLocalMproc,
    ProcessData,
)
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.read import is_myst_markdown_notebook
from sphinx_external_toc.parsing import parse_toc_yaml

from autograder.sockets import unix_sockets

#: Beside its cells, a page's outputs depend on the library, the versions of everything else, and
#: the data beside the page. The cache knows the cells only.
INPUTS = ("lecturelib/**/*", "constraints.txt", "chapters/data/**/*")
#: Seconds that one cell may run.
TIMEOUT = 120


class Worker(ExecutionWorkerLocalMProc):
    """Run a page with its kernel behind a socket of this user instead of a network port."""

    @staticmethod
    def execute(project_nb: ProjectNb, data: ProcessData) -> ExecutionResult:
        """Run one page beside its file."""
        with unix_sockets() as config:
            return single_nb_execution(
                project_nb.nb,
                cwd=str(Path(project_nb.uri).parent),
                timeout=data.timeout,
                allow_errors=data.allow_errors,
                config=config,
                # A graceful end begins with an interrupt, which an idle kernel reports as an error.
                shutdown_kernel="immediate",
            )


class Executor(JupyterExecutorLocalMproc):
    """Jupyter-cache's ``local-parallel`` executor with the worker above."""

    _EXECUTION_WORKER = Worker


def pages() -> list[Path]:
    """Return the table of contents' pages that have cells to run."""
    documents = parse_toc_yaml("_toc.yml")
    paths = [Path(f"{document}.md") for document in documents]
    return [path for path in paths if is_myst_markdown_notebook(path.read_text("utf8"))]


def inputs_digest() -> str:
    """Return a digest of every file, other than a page, that outputs depend on."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in INPUTS for path in Path().glob(pattern)):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def drop_stale(build: Path) -> None:
    """Forget all outputs, and the pages made of them, when something they depend on has changed."""
    mark = build / ".jupyter_cache" / "inputs.sha256"
    digest = inputs_digest()
    if mark.exists() and mark.read_text() == digest:
        return
    for folder in (".jupyter_cache", ".doctrees"):
        shutil.rmtree(build / folder, ignore_errors=True)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(digest)


def failures(cache: JupyterCacheAbstract, uris: list[str]) -> Iterator[str]:
    """Yield what stopped each of the pages."""
    for uri in uris:
        traceback = cache.get_project_record(uri).traceback
        yield f"{uri}\n{traceback or 'did not start; the reason stands above'}"


def main(build: Path) -> None:
    """Execute the pages whose outputs are not in the cache of `build`."""
    drop_stale(build)
    cache = get_cache(build / ".jupyter_cache")
    reader = {"type": "plugin", "name": "myst_nb_md"}
    records = [cache.add_nb_to_project(str(page), read_data=reader) for page in pages()]
    logger = logging.getLogger("book")
    logger.setLevel(logging.INFO)  # the executor then reports each page as it starts and ends
    start = time.monotonic()
    uris = [record.uri for record in records]
    result = Executor(cache, logger=logger).run_and_cache(filter_uris=uris, timeout=TIMEOUT)
    stopped = result.excepted + result.errored
    print(
        f"{len(result.succeeded)} of {len(records)} pages run in {time.monotonic() - start:.1f} s,"
        f" {len(records) - len(result.all())} taken from the cache"
    )
    if stopped:
        raise SystemExit("\n\n".join(["Pages that stopped:", *failures(cache, stopped)]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
