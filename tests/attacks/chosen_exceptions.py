"""Exceptions named as the grader's own, and of kinds that end loops, generators and programs."""

ANSWER = r"""
import asyncio
import unittest

names = ("KernelGoneError", "NotServingError", "NotIsolatedError", "OutOfTimeError")
chosen = [type(name, (Exception,), {"__str__": lambda self: "2.0"})() for name in names]
chosen += [GeneratorExit(), StopIteration(2), KeyboardInterrupt(), asyncio.CancelledError()]
chosen += [unittest.SkipTest(), MemoryError(), ExceptionGroup("passed", [ValueError()])]
turns = iter(chosen * 9)


def double(x):
    raise next(turns)
"""
