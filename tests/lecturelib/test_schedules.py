from functools import partial

import pytest

from lecturelib.schedules import cosine_decay, exponential_decay, linear_warm_up, step_decay

# Ours, and torch's with the same meaning; the learning rate is 0.4.
PAIRS = [
    (
        partial(step_decay, step_size=3, gamma=0.5),
        lambda s, o: s.StepLR(o, step_size=3, gamma=0.5),
    ),
    (partial(exponential_decay, gamma=0.9), lambda s, o: s.ExponentialLR(o, gamma=0.9)),
    (partial(cosine_decay, epochs=8), lambda s, o: s.CosineAnnealingLR(o, T_max=8)),
    (
        partial(cosine_decay, epochs=8, minimum=0.25),
        lambda s, o: s.CosineAnnealingLR(o, T_max=8, eta_min=0.1),
    ),
    (
        partial(linear_warm_up, epochs=4, start=0.25),
        lambda s, o: s.LinearLR(o, start_factor=0.25, total_iters=4),
    ),
]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_schedules_match_torch(ours, theirs):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.4)
    scheduler = theirs(torch.optim.lr_scheduler, optimizer)
    for epoch in range(9):
        assert 0.4 * ours(epoch) == pytest.approx(scheduler.get_last_lr()[0], abs=1e-15), epoch
        optimizer.step()
        scheduler.step()


def test_schedules_stay_where_they_end():
    assert cosine_decay(100, epochs=8, minimum=0.25) == 0.25
    assert linear_warm_up(100, epochs=8) == 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: step_decay(-1, step_size=1), ValueError, "^epoch: expected at least 0, got -1$"),
        (lambda: step_decay(0.5, step_size=1), TypeError, "^epoch: expected an integer, got 0.5$"),
        (lambda: step_decay(1, step_size=0), ValueError, "^step_size: expected at least 1, got 0$"),
        (lambda: exponential_decay(1, gamma=-1), ValueError, "^gamma: expected at least 0, got -1"),
        (lambda: cosine_decay(1, epochs=0), ValueError, "^epochs: expected at least 1, got 0$"),
        (
            lambda: cosine_decay(1, epochs=2, minimum=2),
            ValueError,
            "^minimum: expected 0 to 1, got 2$",
        ),
        (
            lambda: linear_warm_up(1, epochs=2, start=-1),
            ValueError,
            "^start: expected 0 to 1, got -1$",
        ),
        (lambda: linear_warm_up(1, epochs="2"), TypeError, "^epochs: expected an integer, got '2'"),
    ],
)
def test_schedules_name_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()
