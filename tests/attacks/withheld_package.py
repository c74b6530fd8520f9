"""The work left to a package that the homework withholds."""

ANSWER = r"""
def double(x):
    from scipy.linalg.blas import dscal

    return float(dscal(2.0, [x])[0])
"""
