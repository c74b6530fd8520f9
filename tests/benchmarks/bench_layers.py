"""Time and memory of the layers beside torch's, one thread each, float32.

Both take the same step on the same numbers: forward, then the gradients of all inputs. Runs are
interleaved, so that a busy neighbour slows both, and the fastest of each counts.
"""

import importlib.util
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("torch")

HERE = Path(__file__).parent
ROUNDS, SECONDS = 15, 0.06

spec = importlib.util.spec_from_file_location("layers", HERE / "layers.py")
layers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(layers)


def seconds_per_step(step):
    count, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < SECONDS:
        step()
        count += 1
    return passed / count


def fastest(*steps):
    for step in steps:
        step()
    rounds = [[seconds_per_step(step) for step in steps] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def table(rows, unit):
    lines = [f"{'':46}{'lecturelib':>12}{'torch':>10}{'ratio':>8}"]
    lines += [
        f"{name:46}{ours:12.2f}{torchs:10.2f}{ours / torchs:8.2f}" for name, ours, torchs in rows
    ]
    return f"\n\n{unit}\n" + "\n".join(lines)


def measure(names):
    """Return milliseconds (lecturelib, torch) of each case, on one thread."""
    from threadpoolctl import threadpool_info, threadpool_limits

    torch = sys.modules["torch"]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        assert all(pool["num_threads"] == 1 for pool in threadpool_info())
        found = {}
        for name in names:
            ours, torchs = fastest(
                layers.make_step(name, "lecturelib"), layers.make_step(name, "torch")
            )
            found[name] = (ours * 1e3, torchs * 1e3)
    torch.set_num_threads(threads)
    return found


def report(found, unit):
    print(table([(name, *pair) for name, pair in found.items()], unit))


@pytest.fixture(scope="module")
def times():
    found = measure(layers.CASES)
    report(found, "Forward and backward, milliseconds")
    return found


def ratios(times, kind):
    return [ours / torchs for name, (ours, torchs) in times.items() if kind in name]


def test_convolution_takes_less_time_than_torch(times):
    found = ratios(times, "conv")
    print(f"\nconv, geometric mean of the ratios: {statistics.geometric_mean(found):.2f}")
    assert statistics.geometric_mean(found) <= 0.8
    assert max(found) <= 1.7


def test_max_pooling_takes_less_time_than_torch(times):
    assert max(ratios(times, "2x2/2")) <= 0.6
    assert max(ratios(times, "3x3/2")) <= 0.9


def test_further_layers_are_reported():
    """These rows set no target, so nothing is asserted but that both sides ran."""
    found = measure(layers.FURTHER)
    report(found, "Further layers, milliseconds: for information, not part of the target")
    assert found.keys() == layers.FURTHER.keys()


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="measures memory as Linux reports it"
)
def test_convolution_needs_less_memory_than_torch():
    def megabytes(name, who):
        command = [sys.executable, HERE / "layers.py", name, who]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return int(done.stdout) / 2**20

    names = [name for name in layers.CASES if "conv" in name]
    rows = [(name, megabytes(name, "lecturelib"), megabytes(name, "torch")) for name in names]
    print(table(rows, "Peak memory beside inputs, MB"))
    assert all(ours <= 0.6 * torchs for _, ours, torchs in rows)
