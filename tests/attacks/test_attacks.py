"""No attack gains a point, and none costs its author what was answered rightly."""

import pytest

from autograder.sandbox.levels import Isolation
from tests.attacks import harness
from tests.autograder.sandbox.conftest import way_of

pytestmark = pytest.mark.slow

WRECKS = {
    "before_each_cell",
    "forged_count",
    "fork_bomb",
    "impersonation",
    "input_transformer",
    "patched_encoder",
    "replaced_helper",
    "thread_flood",
}
"""These spoil the kernel for their author's other answers too: nobody else's concern."""


def test_attacks_gain_nothing_reach_nothing_and_cost_nothing(tmp_path):
    attacks = harness.attacks()
    marks, left = harness.grade_ours(tmp_path / "course", attacks)
    assert (marks["honest"].attacked, marks["honest"].others) == (3, 6)
    assert (marks["untouched"].attacked, marks["untouched"].others) == (0, 0)
    assert len(attacks) >= 78
    assert [a.name for a in attacks if not marks[a.name].row] == []
    assert {a.name for a in attacks if harness.unearned(marks[a.name], a)} == set()
    assert {name: m.escaped for name, m in marks.items() if m.escaped} == {}
    assert left == []
    lost = {a.name for a in attacks if marks[a.name].others < 6}
    assert lost <= WRECKS


def test_without_the_sandbox_the_same_attacks_do_escape(tmp_path):
    # Else the test above could not fail.
    names = {"loopback", "read_gradebook", "read_others", "write_others"}
    attacks = [attack for attack in harness.attacks() if attack.name in names]
    marks, left = harness.grade_ours(tmp_path / "course", attacks, Isolation.PROCESS)
    assert {a.name for a in attacks if marks[a.name].escaped} == names
    assert "a connection" in left


@pytest.mark.parametrize("way", ["afresh", "container"])
def test_kernels_that_start_afresh_keep_in_what_the_forked_ones_do(way, tmp_path):
    names = {"fork_bomb", "loopback", "namespaces", "outlives", "read_others", "write_gradebook"}
    attacks = [attack for attack in harness.attacks() if attack.name in names]
    assert len(attacks) == len(names)
    with way_of(way, tmp_path) as isolation:
        marks, left = harness.grade_ours(tmp_path / "course", attacks, isolation)
    assert {m.attacked for name, m in marks.items() if name in names} == {0}
    assert (marks["honest"].attacked, marks["honest"].others) == (3, 6)
    assert {name: m.escaped for name, m in marks.items() if m.escaped} == {}
    assert left == []
