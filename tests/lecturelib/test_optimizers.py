import numpy as np
import pytest

from lecturelib.layers import Parameter
from lecturelib.optimizers import SGD, Adam, Optimizer

SHAPES = [(4, 3), (5,), (2, 1, 2)]

SETTINGS = {
    "plain": (SGD, {"lr": 0.1}),
    "weight decay": (SGD, {"lr": 0.1, "weight_decay": 0.3}),
    "momentum": (SGD, {"lr": 0.1, "momentum": 0.9}),
    "momentum and decay": (SGD, {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.3}),
    "adam": (Adam, {"lr": 0.1}),
    "adam with settings": (Adam, {"lr": 0.01, "betas": (0.8, 0.99), "eps": 1e-3}),
    "adam with decay": (Adam, {"lr": 0.1, "weight_decay": 0.3}),
    "adamw": (Adam, {"lr": 0.1, "weight_decay": 0.3, "decoupled_weight_decay": True}),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", SETTINGS)
def test_optimizers_match_torch_over_several_steps(name, dtype):
    torch = pytest.importorskip("torch")
    kind, settings = SETTINGS[name]
    rng = np.random.default_rng(0)
    ours = [Parameter(rng.standard_normal(shape).astype(dtype)) for shape in SHAPES]
    theirs = [torch.nn.Parameter(torch.tensor(parameter.data)) for parameter in ours]
    optimizer = kind(ours, **settings)
    expected = getattr(torch.optim, kind.__name__)(theirs, **settings)
    arrays = [parameter.data for parameter in ours]
    for step in range(8):
        optimizer.zero_grad()
        expected.zero_grad()
        for place, (parameter, tensor) in enumerate(zip(ours, theirs, strict=True)):
            if place == 1 and step == 0:
                continue  # a parameter that no gradient has reached yet
            parameter.grad = rng.standard_normal(parameter.data.shape).astype(dtype)
            tensor.grad = torch.tensor(parameter.grad)
        optimizer.step()
        expected.step()
    for parameter, tensor, array in zip(ours, theirs, arrays, strict=True):
        assert parameter.data is array  # in place
        assert array.dtype == dtype
        np.testing.assert_allclose(
            array, tensor.detach().numpy(), rtol=1e-5, atol=20 * np.finfo(dtype).eps
        )


def three_steps(make, gradient, start):
    w = Parameter(np.array([start]))
    optimizer, steps = make([w]), []
    for _ in range(3):
        w.grad = gradient(w.data)
        optimizer.step()
        steps.append(w.data.item())
    return steps


def test_momentum_on_a_parabola_by_hand():
    """On L = θ²/2, with α = 0.1 and β = 0.5, from θ = 1."""
    # δ: 0.1; 0.1 * 0.9 + 0.05 = 0.14; 0.1 * 0.76 + 0.07 = 0.146
    got = three_steps(lambda p: SGD(p, lr=0.1, momentum=0.5), np.copy, 1.0)
    np.testing.assert_allclose(got, [0.9, 0.76, 0.614], rtol=1e-14)


def test_adam_on_a_parabola_by_hand():
    """On L = θ²/2, with α = 0.1, β₁ = 0.5, β₂ = 0.75, from θ = 1, as on the slide."""
    # Each line: g, then m and v, then the step 0.1 * m / sqrt(v).
    first = 1 - 0.1 * 0.5 / np.sqrt(0.25)  # m = 0.5, v = 0.25: θ = 0.9
    m, v = 0.25 + 0.45, 0.1875 + 0.2025  # g = 0.9: m = 0.7, v = 0.39
    second = first - 0.1 * m / np.sqrt(v)
    m, v = 0.35 + second / 2, 0.2925 + second**2 / 4
    third = second - 0.1 * m / np.sqrt(v)
    slide = {"lr": 0.1, "betas": (0.5, 0.75), "eps": 0, "bias_correction": False}
    got = three_steps(lambda p: Adam(p, **slide), np.copy, 1.0)
    np.testing.assert_allclose(got, [first, second, third], rtol=1e-14)
    assert first == 0.9
    # With the correction the first step has the length α; the second divides by 0.75 and 0.4375.
    got = three_steps(lambda p: Adam(p, lr=0.1, betas=(0.5, 0.75), eps=0), np.copy, 1.0)
    np.testing.assert_allclose(
        got[:2], [0.9, 0.9 - 0.1 * (0.7 / 0.75) / np.sqrt(0.39 / 0.4375)], rtol=1e-14
    )


def test_momentum_keeps_the_learning_rate_of_each_gradient():
    """Where torch's form scales the whole velocity by the new learning rate."""
    w = Parameter(np.array([0.0]))
    optimizer = SGD([w], lr=1.0, momentum=0.5)
    w.grad = np.array([1.0])
    optimizer.step()
    optimizer.lr = 0.0
    optimizer.step()
    np.testing.assert_array_equal(w.data, [-1.5])


def test_a_learning_rate_of_another_type_leaves_float32_alone():
    w = Parameter(np.ones(3, np.float32))
    for optimizer in (SGD([w], lr=0.1, momentum=0.9), Adam([w])):
        optimizer.lr = np.float64(0.1)
        for _ in range(2):
            w.grad = np.ones(3, np.float32)
            optimizer.step()
    assert w.data.dtype == np.float32


def test_gradients_are_left_as_they_are():
    for kind, settings in SETTINGS.values():
        w = Parameter(np.ones(3))
        w.grad = np.array([1.0, -2.0, 0.0])
        w.grad.flags.writeable = False
        optimizer = kind([w], **settings)
        optimizer.step()
        optimizer.step()
        optimizer.zero_grad()
        assert w.grad is None


def test_an_optimizer_of_ones_own():
    class SignDescent(Optimizer):
        def update(self, place, data, grad):
            data -= self.lr * np.sign(grad)

    w = Parameter(np.array([1.0, 2.0]), grad=np.array([5.0, -0.1]))
    SignDescent([w], lr=0.5).step()
    np.testing.assert_array_equal(w.data, [0.5, 2.5])


W = Parameter(np.ones(2), name="weight")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: SGD([], lr=1), ValueError, "^parameters: expected at least one, got none$"),
        (lambda: SGD([W, W], lr=1), ValueError, "^parameters: expected different ones, got one tw"),
        (
            lambda: SGD([W.data], lr=1),
            TypeError,
            "^parameters: expected Parameter objects, got ndarray$",
        ),
        (lambda: SGD([W], lr=-1), ValueError, "^lr: expected at least 0, got -1$"),
        (lambda: SGD([W], lr="small"), TypeError, "^lr: expected a number, got 'small'$"),
        (lambda: SGD([W], lr=1, momentum=2), ValueError, "^momentum: expected 0 to 1, got 2$"),
        (lambda: SGD([W], lr=1, weight_decay=-1), ValueError, "^weight_decay: expected at least 0"),
        (lambda: Adam([W], betas=0.9), TypeError, "^betas: expected two numbers, got 0.9$"),
        (lambda: Adam([W], betas=(0.9, 1)), ValueError, r"^betas: expected numbers less than 1"),
        (lambda: Adam([W], betas=(0.9, -1)), ValueError, "^betas: expected at least 0, got -1$"),
        (lambda: Adam([W], eps=-1e-8), ValueError, "^eps: expected at least 0, got -1e-08$"),
    ],
)
def test_optimizers_name_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()
