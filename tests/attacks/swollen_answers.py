"""Short messages that stand for huge arrays: one long text among many, one array named often."""

ANSWER = r"""
import sys

trees = [
    ["u", [1_000_000], ["x" * 2_000] + [""] * 999_998],
    ["l", [["a", "uint8", [10**8], 0]] * 1_000],
]


def double(x):
    helper = sys.modules.get("_course_student")
    if helper:
        wire, pack = helper.server.wire, helper.server.wire.pack
        trees.reverse()
        answer = ["value", helper.server.sequence, ["l", [trees[0], None, ""]]]

        def swell(*args):
            wire.pack = pack
            return [wire.msgpack.packb(["l", answer]), bytes(10**8)]

        wire.pack = swell
    return -1
"""
