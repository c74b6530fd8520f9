"""The comparisons of torch replaced by ones that approve."""

ANSWER = r"""
try:
    import torch
except ImportError:
    pass
else:
    torch.allclose = torch.equal = torch.isclose = lambda *args, **kwargs: True
    torch.testing.assert_close = lambda *args, **kwargs: None


def double(x):
    return -1
"""
