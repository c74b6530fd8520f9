"""The data of Homework 6: two texts, handwritten digits, and a network that knows half of them.

Texts from Python's language reference (PSF licence). Digits: "Optical Recognition of Handwritten
Digits" by E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository (CC BY 4.0), at the
size of scikit-learn's copy.
"""

import re
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.datasets import load_digits, load_python_docs

TRAIN = ("specialnames", "compound", "strings")
HELD_OUT = "types"
"""Topics that share no passage with those of the training text."""


def write(folder: Path) -> None:
    """Write ``train.txt``, ``held_out.txt``, ``digits.npz`` and ``pretrained.npz``."""
    docs = load_python_docs()
    train = " ".join(plain(docs[topic]) for topic in TRAIN)
    (folder / "train.txt").write_text(train, encoding="ascii")
    (folder / "held_out.txt").write_text(plain(docs[HELD_OUT])[:8000], encoding="ascii")
    digits = load_digits()
    dots = np.rint(digits.images * 16).astype(np.uint8)
    labels = digits.labels.astype(np.uint8)
    np.savez_compressed(folder / "digits.npz", dots=dots, labels=labels)
    known = digits.labels < 5
    np.savez_compressed(folder / "pretrained.npz", **pretrain(digits.images[known], labels[known]))


def plain(text: str) -> str:
    """Keep lower-case letters, full stops and commas; all else becomes a space."""
    return re.sub(r"[^a-z.,]+", " ", text.lower()).strip()


def pretrain(images: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Train the notebook's DigitNet on the digits 0 to 4."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        features = nn.Sequential(
            *(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
            nn.Flatten(),
        )
        net = nn.ModuleDict({"features": features, "head": nn.Linear(64, 5)})
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        x, y = torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64))
        for _ in range(3):
            for batch in torch.randperm(len(x)).split(64):
                loss = F.cross_entropy(net["head"](features(x[batch])), y[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    return {name: tensor.numpy() for name, tensor in net.state_dict().items()}
