"""No attack gains a point, and none costs its author what was answered rightly."""

import pytest

from tests.attacks import harness

pytestmark = pytest.mark.slow

WRECKS = {"input_transformer", "before_each_cell", "patched_encoder"}
"""These spoil the kernel for their author's other answers too: nobody else's concern."""


def test_attacks_gain_nothing_and_cost_nothing(tmp_path):
    attacks = harness.attacks()
    marks = harness.grade_ours(tmp_path / "course", attacks)
    assert (marks["honest"].attacked, marks["honest"].others) == (3, 6)
    assert len(attacks) >= 30
    assert [a.name for a in attacks if not marks[a.name].row] == []
    gained = {a.name: marks[a.name].attacked for a in attacks}
    assert gained == {a.name: a.earns for a in attacks}
    lost = {a.name for a in attacks if marks[a.name].others < 6}
    assert lost <= WRECKS
