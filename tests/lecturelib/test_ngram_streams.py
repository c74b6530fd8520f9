"""Texts larger than memory, and texts counted in parts."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lecturelib.ngram import NgramCounts
from lecturelib.ngram._table import CHUNK_SIZE
from lecturelib.text import Vocabulary, stream_sentences


def write_text(path, megabytes, *, lines=True):
    """Write words of three letters, 250 000 to the megabyte."""
    rng = np.random.default_rng(0)
    words = np.array([f"w{i:02}" for i in range(100)], dtype="S3")
    after = b"\n" if lines else b" "
    with open(path, "wb") as file:
        for _ in range(megabytes):
            drawn = words[rng.integers(0, 100, (10_000, 25))]
            file.writelines(b" ".join(row) + after for row in drawn.tolist())


COUNT = """
import functools
import sys
from lecturelib.ngram import _counts
from lecturelib.ngram import NgramCounts
from lecturelib.text import Vocabulary, stream_sentences, stream_tokens

path, lines, limit = sys.argv[1], sys.argv[2] == "lines", int(sys.argv[3])
_counts.encode_chunks = functools.partial(_counts.encode_chunks, limit=limit)
vocabulary = Vocabulary(f"w{i:02}" for i in range(100))
text = stream_sentences(path, str.split) if lines else [stream_tokens(path, str.split)]
counts = NgramCounts.from_sentences(text, 2, vocabulary, pad=lines)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(counts.arrays(1)[1].sum(), status["VmHWM"].split()[0])
"""


def count_in_another_process(path, *, lines, limit):
    """Return how many tokens were counted, and the most memory the process ever held, in MB."""
    answer = subprocess.run(
        [sys.executable, "-c", COUNT, path, "lines" if lines else "one line", str(limit)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"},
    )
    tokens, peak = answer.stdout.split()
    return int(tokens), int(peak) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.parametrize(
    ("lines", "limit", "sizes"),
    [(True, CHUNK_SIZE, (18, 36)), (False, CHUNK_SIZE >> 3, (4, 16))],
)
def test_memory_does_not_grow_with_the_text(tmp_path, lines, limit, sizes):
    peaks = []
    for megabytes in sizes:
        path = tmp_path / f"{megabytes}.txt"
        write_text(path, megabytes, lines=lines)
        tokens, peak = count_in_another_process(path, lines=lines, limit=limit)
        assert tokens == megabytes * (260_000 if lines else 250_000)
        peaks.append(peak)
    # Each token more would take 8 bytes as an id, and 60 as a string.
    more = 250_000 * (sizes[1] - sizes[0]) * 8 / 2**20
    assert peaks[1] - peaks[0] < more / 2, peaks


def test_parts_are_counted_by_two_workers(tmp_path):
    distributed = pytest.importorskip("distributed")
    paths = []
    for part in range(4):
        paths.append(tmp_path / f"part{part}.txt")
        words = np.random.default_rng(part).integers(0, 50, (200, 9))
        lines = (" ".join(f"w{word}" for word in row) for row in words.tolist())
        paths[-1].write_text("\n".join(lines), encoding="utf-8")

    def count(path):
        return NgramCounts.from_sentences(stream_sentences(path, str.split), 3, vocabulary)

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        words = client.map(lambda path: Counter(path.read_text(encoding="utf-8").split()), paths)
        vocabulary = Vocabulary.from_counts(client.submit(sum, words, Counter()).result())
        workers = [worker for worker in client.scheduler_info()["workers"] for _ in range(2)]
        parts = [
            client.submit(count, path, workers=worker)
            for path, worker in zip(paths, workers, strict=True)
        ]
        distributed.wait(parts)
        counted_by = {worker for where in client.who_has(parts).values() for worker in where}
        total = client.submit(sum, parts).result()

    text = [line.split() for path in paths for line in path.read_text("utf-8").splitlines()]
    assert total == NgramCounts.from_sentences(text, 3, vocabulary)
    assert len(counted_by) == 2
