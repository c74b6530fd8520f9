"""A hook before each cell that ends it with a score of its own."""

ANSWER = r"""
def score(*args):
    from IPython.display import display

    display({"text/plain": "2.0"}, raw=True)


get_ipython().events.register("pre_run_cell", score)
get_ipython().run_cell = lambda *args, **kwargs: None


def double(x):
    return -1
"""
