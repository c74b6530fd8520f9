"""Running a submission: nbgrader preprocessors for the seam where its ``Execute`` stands.

Both are named in ``Autograde.autograde_preprocessors`` (see :mod:`autograder.nbgrader_config`)
and write outputs where nbgrader's ``SaveAutoGrades`` expects them.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_core.utils import run_sync
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute as NbGraderExecute
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum, Integer, List, Unicode

from autograder.account import Account
from autograder.cells import is_test, lost_points
from autograder.errors import NotIsolatedError
from autograder.instructors import Instructors, load_instructors, settings_for, source_folder
from autograder.mistakes import find_mistakes
from autograder.remote.link import KernelGoneError, Link, NotServingError
from autograder.remote.wire import WireError
from autograder.sandbox.levels import Isolation
from autograder.sandbox.owner import Sandbox
from autograder.sandbox.probing import find_open_ways
from autograder.telling import diagnosis, verdict
from autograder.trusted import Trusted, error_output, stream_output
from autograder.withheld import told_of_imports, withheld_packages
from autograder.workplace import workplace

Resources = dict[str, Any]

MAX_PRINTED = 100_000
"""Characters of a cell's printed output that are kept."""


def fold_stderr(cell: NotebookNode) -> None:
    """Keep what went to stderr as ordinary output.

    nbgrader gives no points to a test cell with anything on stderr, but a warning is not a mistake.
    """
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr":
            output.name = "stdout"


def cut_output(cell: NotebookNode) -> None:
    """Cut what was printed to a length that a page can show."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and len(output.text) > MAX_PRINTED:
            cut = len(output.text) - MAX_PRINTED
            output.text = f"{output.text[:MAX_PRINTED]}\n[{cut:,} more characters were cut]\n"


@contextmanager
def provisioner(name: str) -> Iterator[None]:
    """Let kernels be started by a provisioner other than jupyter_client's own."""
    factory = KernelProvisionerFactory.instance()
    before = factory.default_provisioner_name
    factory.default_provisioner_name = name
    try:
        yield
    finally:
        factory.default_provisioner_name = before


class NoKernelError(Exception):
    """No kernel could be started."""


class Execute(NbGraderExecute):  # type: ignore[misc]
    """Run the student's cells in a kernel, and the tests here, outside of it.

    A test cell is never sent to the kernel: it runs in this process, with the names that the
    student defined bound to proxies (:mod:`autograder.remote`). What the tests are is taken from
    the gradebook and the instructor's notebook, never from the notebook that was handed in.
    """

    link: Link | None = None
    given: Instructors | None = None
    """What the instructor wrote, from whoever has read it already; else it is read each time."""
    files: Path | None = None
    """Where the instructor's files are, if not in the course directory."""
    isolation = Enum(
        [str(level) for level in Isolation],
        "strict",
        help="The isolation to run at: strict, container or process.",
    ).tag(config=True)
    seed = Integer(0, help="Where the tests' random numbers start.").tag(config=True)
    canaries = List(Unicode(), help="More paths that no submission may see.").tag(config=True)
    restarts = Integer(10, help="Kernels that may be lost before the rest is not run.").tag(
        config=True
    )

    def preprocess(
        self, nb: NotebookNode, resources: Resources, km: Any = None
    ) -> tuple[NotebookNode, Resources]:
        """Run a submission."""
        where = resources["nbgrader"]
        self.instructors = self.given or load_instructors(self.config, where)
        files = self.files or source_folder(self.config, where)
        self.trusted = Trusted(self.instructors, self.timeout or 3600, files, self.seed)
        self.link = None
        self.shutdown_kernel = "immediate"
        # What the student's file asks for may not exist here, or may be another language.
        self.kernel_name = "python3"
        self.ran: list[str] = []
        self.seen: set[str] = set()
        self.obtained = ""
        self.timing: defaultdict[str, float] = defaultdict(float)
        self.lost = 0
        try:
            with self._sandbox():
                nb, resources = super().preprocess(nb, resources, km)
        finally:
            self._let_go()
        with self._timed("mistakes"):
            mistakes = self._tell_mistakes(nb)
        timing = {name: round(seconds, 3) for name, seconds in self.timing.items()}
        resources["account"] = Account(self.obtained, timing, mistakes)
        return nb, resources

    def _tell_mistakes(self, nb: NotebookNode) -> dict[str, list[str]]:
        """Say below the first test that an answer failed what is right, what is not, and why."""
        cells = {cell.metadata.nbgrader.grade_id: cell for cell in nb.cells if is_test(cell)}
        tests = {
            question: [cells[test] for test in question.tests if test in cells]
            for question in self.instructors.questions
        }
        asked = [question for question in tests if any(map(lost_points, tests[question]))]
        found = find_mistakes(self.trusted, asked, self.instructors.mistakes) if asked else {}
        for question in asked:
            said = verdict(", ".join(question.functions) or question.grade_id, tests[question])
            said += diagnosis(found.get(question.grade_id, []))
            first = next(filter(lost_points, tests[question]))
            first.outputs.append(stream_output(said))
        return {told[0].function: [mistake.name for mistake in told] for told in found.values()}

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.timing[what] += time.monotonic() - start

    def create_kernel_manager(self) -> Any:
        """Create what starts kernels."""
        manager = super().create_kernel_manager()
        manager.client_class = "autograder.sandbox.client.PromptClient"
        return manager

    def start_new_kernel(self, **options: Any) -> Any:
        """Start a kernel."""
        with self._timed("kernel"):
            return super().start_new_kernel(**options)

    def start_new_kernel_client(self, **options: Any) -> Any:
        """Connect to it."""
        with self._timed("kernel"):
            try:
                return super().start_new_kernel_client(**options)
            except RuntimeError as error:
                raise NoKernelError(str(error)) from error

    @contextmanager
    def _sandbox(self) -> Iterator[None]:
        """See to it that kernels start in a sandbox, if they are to; start one if none is given."""
        if self.isolation == Isolation.PROCESS:
            yield
            return
        with provisioner("course-sandbox"):
            if self.config.SandboxProvisioner.get("runs"):
                yield
                return
            settings = settings_for(self.instructors.notebook)
            isolation = Isolation(self.isolation)
            with workplace() as place, Sandbox(settings, place, isolation) as sandbox:
                self.config.SandboxProvisioner.runs = str(sandbox.runs)
                try:
                    yield
                finally:
                    del self.config.SandboxProvisioner["runs"]

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        """Run one cell, where it belongs."""
        if cell.cell_type != "code":
            return cell, resources
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if self.lost > self.restarts:
            cell.outputs = [_error("KernelGone", f"the kernel was lost {self.lost} times")]
        elif grade_id in self.instructors.tests:
            with self._timed(grade_id):
                self._run_test(cell, grade_id)
        else:
            with self._timed("cells"):
                self._run_students(cell, resources, index)
            if is_test(cell):
                # nbgrader gives full points to a test without an error, so to a made-up one too.
                cell.outputs.append(_error("NotRun", "this is no test of the homework"))
            if grade_id in self.instructors.locked and self.lost <= self.restarts:
                self._set_up(grade_id)
        return cell, resources

    def _run_test(self, cell: NotebookNode, grade_id: str) -> None:
        test = self.instructors.tests[grade_id]
        if grade_id in self.seen or not test.describes(cell):
            cell.outputs = [_error("NotRun", "the marks of this test were changed or copied")]
            return
        self.seen.add(grade_id)
        try:
            cell.outputs = self._outputs(grade_id, test.points)
        except (KernelGoneError, WireError) as error:
            told = f"{error} while this test called your code{self._excess()}"
            cell.outputs = [_error("KernelGone", told)]
            self._replace_kernel()
        cut_output(cell)

    def _excess(self) -> str:
        """Say what the kernel was ended for, if the sandbox did it."""
        what = getattr(self.km.provisioner, "excess", "")
        return f": it used more {what} than it may" if what else ""

    def _outputs(self, grade_id: str, points: float) -> list[NotebookNode]:
        try:
            return self.trusted.run(grade_id, self._connected(), points)
        except NotServingError:
            self._replace_kernel()  # spoiled by an earlier cell, whose doing this test is not
            return self.trusted.run(grade_id, self._connected(), points)

    def _set_up(self, grade_id: str) -> None:
        try:
            self.trusted.set_up(grade_id, self._connected())
        except (KernelGoneError, WireError):
            self._replace_kernel()

    def _run_students(self, cell: NotebookNode, resources: Resources, index: int) -> None:
        self.room = MAX_PRINTED * 10
        try:
            self._connected().finish()
            super().preprocess_cell(cell, resources, index)
        except DeadKernelError:
            told = f"the kernel died while this cell ran{self._excess()}"
            cell.outputs.append(_error("DeadKernelError", told))
            self._replace_kernel()
        except Exception as error:  # whatever a kernel's messages can make its reader raise
            self.log.warning("running a cell failed", exc_info=True)
            cell.outputs.append(_error("KernelGone", f"its kernel could not be read: {error}"))
            self._replace_kernel()
        else:
            if not any(output.get("ename") == "CellTimeoutError" for output in cell.outputs):
                self.ran.append(cell.source)
        fold_stderr(cell)
        if told := told_of_imports(cell, withheld_packages(self.instructors.notebook)):
            cell.outputs.append(stream_output(f"{told}\n"))
        cut_output(cell)

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Take one message of the kernel's; what floods the grader with output is not kept."""
        kind = msg["msg_type"]
        if kind not in ("status", "execute_input"):
            # Whoever printed too much shall still read of the error that followed.
            if self.room < (-MAX_PRINTED if kind == "error" else 0):
                return None
            self.room -= len(str(msg["content"]))
        return super().process_message(msg, cell, cell_index)

    def _connected(self) -> Link:
        """Return the grader's line to the kernel, prepared before any cell of the student's."""
        if self.link is None:
            # The blocking calls of this class run the manager's coroutines.
            manager = self.km
            self.link = Link(
                manager.get_connection_info(),
                alive=lambda: bool(run_sync(manager.is_alive)()),
                interrupt=lambda: run_sync(manager.interrupt_kernel)(),
            )
            self._check_isolation(self.link)
            self.link.prepare(60)
        return self.link

    def _check_isolation(self, link: Link) -> None:
        """Find out how well the kernel is kept apart, before anything of the student's runs."""
        canaries = [self.config.CourseDirectory.root, *self.canaries]
        open_ways = find_open_ways(link, canaries)
        if self.isolation != Isolation.PROCESS and open_ways:
            raise NotIsolatedError(f"the kernel is not isolated: {', '.join(open_ways)}")
        self.obtained = Isolation.PROCESS if open_ways else Isolation(self.isolation)

    def _let_go(self) -> None:
        if self.link is not None:
            self.link.close()
            self.link = None

    def _replace_kernel(self) -> None:
        """Start a fresh kernel and bring it to where the lost one was."""
        self.lost += 1
        self._let_go()
        while self.lost <= self.restarts:
            self._cleanup_kernel()
            self.create_kernel_manager()
            self.start_new_kernel()
            self.start_new_kernel_client()
            if self._run_again():
                return
            self.lost += 1
            self._let_go()

    def _run_again(self) -> bool:
        """Run the cells of before; leave out for good one that this kernel does not survive."""
        link = self._connected()
        for source in list(self.ran):
            try:
                link.run(source, self.timeout or 3600)
            except (KernelGoneError, WireError):
                self.ran.remove(source)
                return False
        return True


class NotRun(NbGraderPreprocessor):  # type: ignore[misc]
    """Run nothing; every test cell fails with the reason why.

    For submissions that cannot be read or that bring their kernel down, so that they too end with
    a row in the gradebook and a feedback page.
    """

    reason = Unicode("", help="Why the submission was not run.").tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        """Put the reason where a failed test shows its error."""
        if is_test(cell):
            cell.outputs = [_error("NotRun", self.reason)]
        return cell, resources


def _error(name: str, reason: str) -> NotebookNode:
    return error_output(name, reason, [f"{name}: {reason}"])
