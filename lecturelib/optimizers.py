"""How parameters follow their gradients: gradient descent with and without momentum, and Adam.

An optimizer is given the parameters once. Then, for each batch: ``zero_grad()``, a backward pass,
``step()``, which changes the parameters in place. ``lr`` may be set anew at any time.

θ is a parameter, g its gradient, α the learning rate `lr`. Weight decay λ adds the pull λθ toward
zero to g, the gradient of λ/2 ‖θ‖².
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib._layer import Parameter
from lecturelib._numbers import check_number

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SGD", "Adam", "Optimizer"]


class Optimizer(ABC):
    """What all optimizers share; one of one's own defines `update`.

    Parameters
    ----------
    parameters : iterable of Parameter
        What is to be learned, such as ``network.parameters()``.
    lr : float
        Learning rate, 0 or more.
    weight_decay : float
        λ, 0 or more.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described, there is no parameter, or one comes twice.

    See Also
    --------
    SGD, Adam : Optimizers to use.
    Chapter 5, "Optimizers, dropout and early stopping"; L2, "Summary: Optimizers".

    Examples
    --------
    One that heeds the signs of gradients alone:

    >>> class SignDescent(Optimizer):
    ...     def update(self, place, data, grad):
    ...         data -= self.lr * np.sign(grad)
    >>> w = Parameter(np.array([1.0, 1.0]))
    >>> w.grad = np.array([0.5, -20.0])
    >>> SignDescent([w], lr=0.25).step()
    >>> w.data
    array([0.75, 1.25])
    """

    def __init__(
        self, parameters: Iterable[Parameter], lr: float, *, weight_decay: float = 0.0
    ) -> None:
        items: list[Any] = list(parameters)
        for item in items:
            if not isinstance(item, Parameter):
                raise TypeError(
                    f"parameters: expected Parameter objects, got {type(item).__name__}"
                )
        self.parameters: list[Parameter] = items
        self.lr = check_number("lr", lr, minimum=0)
        self.weight_decay = check_number("weight_decay", weight_decay, minimum=0)
        if not self.parameters:
            raise ValueError("parameters: expected at least one, got none")
        if len(set(map(id, self.parameters))) < len(self.parameters):
            raise ValueError("parameters: expected different ones, got one twice")

    def zero_grad(self) -> None:
        """Forget all gradients, before the next backward pass adds its own."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Change every parameter that has a gradient, as `update` says."""
        for place, parameter in enumerate(self.parameters):
            if parameter.grad is not None:
                self.update(place, parameter.data, self.decayed(parameter.data, parameter.grad))

    def decayed(self, data: np.ndarray, grad: np.ndarray) -> np.ndarray:
        """Return the gradient with the pull of the weight decay, g + λθ.

        Parameters
        ----------
        data, grad : array
            θ and g of one parameter.

        Returns
        -------
        array
            g itself without weight decay.
        """
        return grad + self.weight_decay * data if self.weight_decay else grad

    @abstractmethod
    def update(self, place: int, data: np.ndarray, grad: np.ndarray) -> None:
        """Change one parameter in place.

        Parameters
        ----------
        place : int
            Where it stands in the list of parameters, to find what is kept about it.
        data : array
            Its values, to be changed.
        grad : array
            Their gradient, with the pull of the weight decay.
        """


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted: δ ← α g + β δ, then θ ← θ - δ.

    "Stochastic" is not the step but the gradient, which comes from a few samples drawn at random.

    Parameters
    ----------
    parameters : iterable of Parameter
        What is to be learned.
    lr : float
        Learning rate α.
    momentum : float
        β, from 0 to 1: how much of the last step goes on. δ is 0 at the start.
    weight_decay : float
        λ of the pull toward zero.

    Raises
    ------
    ValueError, TypeError
        As `Optimizer`; also if the momentum is no number from 0 to 1.

    See Also
    --------
    Chapter 5, "Optimizers, dropout and early stopping"; L1, "Gradient Descent with Momentum".

    Notes
    -----
    This is the lecture's form, in which δ holds the learning rate at which each gradient came.
    torch keeps it out: δ ← g + β δ, then θ ← θ - α δ. At a constant learning rate the two are the
    same; when it changes, torch's also scales the steps that are still under way.

    Examples
    --------
    Two steps down the parabola θ²/2, whose gradient is θ:

    >>> w = Parameter(np.array([1.0]))
    >>> optimizer = SGD([w], lr=0.25, momentum=0.5)
    >>> for _ in range(2):
    ...     w.grad = w.data.copy()
    ...     optimizer.step()
    ...     print(w.data)
    [0.75]
    [0.4375]
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float,
        *,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self.momentum = check_number("momentum", momentum, minimum=0, maximum=1)
        self._steps = [np.zeros_like(parameter.data) for parameter in self.parameters]

    def update(self, place: int, data: np.ndarray, grad: np.ndarray) -> None:
        """Take one step."""
        step = self._steps[place]
        step *= self.momentum
        step += float(self.lr) * grad
        data -= step


class Adam(Optimizer):
    """Adaptive moment estimation: each number has its own step, by the size of its gradients.

    m ← β₁ m + (1 - β₁) g and v ← β₂ v + (1 - β₂) g², running means of the gradient and its square,
    then θ ← θ - α m / (sqrt(v) + ε).

    Both means start at 0 and are too small at first. After t steps they hold the shares 1 - β₁ᵗ
    and 1 - β₂ᵗ of a full mean; the bias correction divides by them. The slide leaves it out.

    Parameters
    ----------
    parameters : iterable of Parameter
        What is to be learned.
    lr : float
        Learning rate α: about the size of the first steps, if the bias is corrected.
    betas : (float, float)
        β₁ and β₂ in [0, 1).
    eps : float
        ε, which keeps the step finite where gradients vanish.
    weight_decay : float
        λ of the pull toward zero.
    bias_correction : bool
        False for the form on the slide.
    decoupled_weight_decay : bool
        Shrink θ by the factor 1 - αλ before each step, apart from the gradient, which is known as
        AdamW.

    Raises
    ------
    ValueError, TypeError
        As `Optimizer`; also if a beta is no number in [0, 1), or eps is no number from 0 up.

    See Also
    --------
    Chapter 5, "Optimizers, dropout and early stopping";
    L1, "Adaptive Moment Estimation (Adam)"; Kingma and Ba 2014, arXiv 1412.6980;
    Loshchilov and Hutter 2017, arXiv 1711.05101.

    Examples
    --------
    The first step has the size of the learning rate, whatever the gradient; on the slide it is
    (1 - β₁) / sqrt(1 - β₂) times as large.

    >>> for bias_correction in (True, False):
    ...     w = Parameter(np.array([1.0, 1.0]))
    ...     w.grad = np.array([0.5, -20.0])
    ...     Adam([w], lr=0.01, bias_correction=bias_correction).step()
    ...     print(w.data.round(4))
    [0.99 1.01]
    [0.9684 1.0316]
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 0.001,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        bias_correction: bool = True,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise TypeError(f"betas: expected two numbers, got {betas!r}")
        self.betas = tuple(check_number("betas", beta, minimum=0) for beta in betas)
        if max(self.betas) >= 1:
            raise ValueError(f"betas: expected numbers less than 1, got {betas}")
        self.eps = check_number("eps", eps, minimum=0)
        self.bias_correction = bias_correction
        self.decoupled_weight_decay = decoupled_weight_decay
        self._means = [np.zeros_like(parameter.data) for parameter in self.parameters]
        self._squares = [np.zeros_like(parameter.data) for parameter in self.parameters]
        self._steps = [0] * len(self.parameters)

    def decayed(self, data: np.ndarray, grad: np.ndarray) -> np.ndarray:
        """Return the gradient with the pull of the weight decay, unless that is kept apart."""
        return grad if self.decoupled_weight_decay else super().decayed(data, grad)

    def update(self, place: int, data: np.ndarray, grad: np.ndarray) -> None:
        """Take one step."""
        m, v, lr = self._means[place], self._squares[place], float(self.lr)
        self._steps[place] += 1
        share_of_m, share_of_v = (
            1 - beta ** self._steps[place] if self.bias_correction else 1.0 for beta in self.betas
        )
        if self.decoupled_weight_decay:
            data *= 1 - lr * self.weight_decay
        m += (1 - self.betas[0]) * (grad - m)
        v += (1 - self.betas[1]) * (grad * grad - v)
        data -= (lr / share_of_m) * m / (np.sqrt(v / share_of_v) + self.eps)
