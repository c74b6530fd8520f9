"""A tensor subclass that answers every torch function with True."""

ANSWER = r"""
import torch


class Lying(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True


def double(x):
    return torch.zeros(()).as_subclass(Lying)
"""
