"""What the bigger models learn from the data that come with the library, on the CPU.

``python -m tests.lecturelib.models.quality`` writes it into QUALITY.md, which the book shows. It
needs some minutes beside the weights of ``make weights``.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

from lecturelib.abc_notation import METRES, TuneCheck, check_tune
from lecturelib.datasets import load_digits, load_picture, load_python_docs
from lecturelib.lenet import lenet5
from lecturelib.models._command_line import decaying
from lecturelib.models.autoencoder import anomaly_score, non_digits, train_autoencoder
from lecturelib.models.encoder_decoder import dates_to_translate, train_on_dates
from lecturelib.models.handwriting import (
    character_error_rate,
    compose_words,
    handwritten_digits,
    read_words,
)
from lecturelib.models.language_model import (
    LanguageModelConfig,
    perplexity,
    train_language_model,
)
from lecturelib.models.music import Composer, compose, folk_tunes, train_composer
from lecturelib.models.sequence_tasks import Transducer, labelled_programs, train_on_labels
from lecturelib.models.style_transfer import StyleConfig, transfer_style
from lecturelib.models.training import TrainingConfig
from lecturelib.models.transfer import compare, moved_digits, pretrain
from lecturelib.models.weights import trained
from lecturelib.ngram import InterpolatedKneserNey, ModifiedKneserNey, NgramCounts
from lecturelib.optimizers import Adam
from lecturelib.text import Vocabulary, without_repeats, word_tokens
from lecturelib.training import CROSS_ENTROPY, History, accuracy, predict, train
from tests.lecturelib.digits import enlarged_digits

PAGE = Path(__file__).with_name("QUALITY.md")
FAMILIES = {
    "Scandinavian": ("da", "nb", "sv"),
    "Romance": ("es", "fr", "it", "pt"),
    "Slavic": ("cs", "pl", "ru"),
}


class Row(NamedTuple):
    """One line of the table."""

    model: str
    measure: str
    figure: str
    beside: str = "–"
    goal: str = "–"
    seconds: float | None = None
    """What its training took."""

    def line(self) -> str:
        """Write it in Markdown."""
        seconds = "–" if self.seconds is None else f"{self.seconds:.0f} s"
        cells = (self.model, self.measure, self.figure, self.beside, self.goal, seconds)
        return f"| {' | '.join(cells)} |"


def met(figure: float, goal: float, *, percent: bool = False, most: bool = False) -> str:
    """Say what was wanted, and whether it was had."""
    reached = figure <= goal if most else figure >= goal
    wanted = f"{goal:.0%}" if percent else f"{goal:.3g}"
    return f"{'≤' if most else '≥'} {wanted}: {'met' if reached else '**not met**'}"


def images() -> Iterator[Row]:
    """LeNet-5 in NumPy, and the small AlexNet."""
    seen, (x, labels) = enlarged_digits(28)
    network = lenet5(np.random.default_rng(0))
    history = train(
        network,
        CROSS_ENTROPY,
        seen,
        optimizer=Adam(network.parameters(), lr=0.002),
        epochs=10,
        batch_size=32,
        rng=np.random.default_rng(1),
    )
    share = accuracy(predict(network, x), labels)
    measure = "accuracy, digits held out"
    yield Row("LeNet-5 (NumPy)", measure, f"{share:.1%}", "chance 10 %", seconds=took(history))
    _, history = trained("alexnet")
    share = history.metrics["accuracy"][-1]
    measure = "accuracy, from which of 15 photographs a patch of an unseen third is"
    yield Row("AlexNet, small", measure, f"{share:.1%}", "chance 7 %", seconds=took(history))


def took(history: History) -> float:
    """Give the seconds of a training."""
    return sum(history.seconds)


def transfer() -> Iterator[Row]:
    """Transfer in three ways, with few samples of new classes."""
    training = TrainingConfig(epochs=10, lr=3e-3, device="cpu")
    model, history = pretrain(moved_digits(range(5)), training=training)
    quiet = TrainingConfig(epochs=30, lr=3e-3, device="cpu")
    table = compare(model, moved_digits(range(5, 10)), training=quiet)
    seconds = took(history)
    by = {(row.per_class, row.how): f"{row.accuracy:.1%}" for row in table}
    ways = list(dict.fromkeys(row.how for row in table))
    for number in sorted({row.per_class for row in table}):
        figures = [f"{by[number, way]} {way}" for way in ways]
        measure = f"accuracy on digits 5 to 9, of which {number} each were seen"
        yield Row("transfer", measure, figures[0], "; ".join(figures[1:]), seconds=seconds)


def style() -> Iterator[Row]:
    """A cat in the manner of other pictures."""
    cat = torch.from_numpy(load_picture("chelsea", max_side=200))
    for name in ("coffee", "brick"):
        start = time.perf_counter()
        manner = torch.from_numpy(load_picture(name, max_side=200))
        found = transfer_style(cat, manner, config=StyleConfig(device="cpu"))
        yield Row(
            "style transfer, random filters",
            f"style loss of a cat in the manner of the picture {name}",
            f"{found.style_loss[-1]:.2g}",
            f"{found.style_loss[0]:.2g} before",
            seconds=time.perf_counter() - start,
        )


def autoencoder() -> Iterator[Row]:
    """Digits against what is none."""
    digits = torch.from_numpy(load_digits().images)
    known, others = digits[:1200], digits[1200:]
    model, history = train_autoencoder(
        known, training=decaying(epochs=100, lr=2e-3, device="cpu"), held_out=others
    )
    pca = PCA(model.config.code_size, svd_solver="full").fit(known.flatten(1))

    def pca_error(images: torch.Tensor) -> torch.Tensor:
        x = images.flatten(1).numpy()
        error = np.square(pca.inverse_transform(pca.transform(x)) - x).mean(1)
        return torch.from_numpy(error)

    def area(score, images: torch.Tensor) -> float:
        both = torch.cat([score(others), score(images)])
        return float(roc_auc_score(np.arange(len(both)) >= len(others), both))

    for name, strange in non_digits(others).items():
        own = area(lambda x: anomaly_score(model, x), strange)
        beside = f"PCA {area(pca_error, strange):.3f}"
        measure = f"area under the ROC curve, digits against {name}"
        yield Row(
            "autoencoder, code of 8", measure, f"{own:.3f}", beside, met(own, 0.95), took(history)
        )
    own, linear = history.validation_loss[-1], float(pca_error(others).mean())
    measure = "mean squared error, digits held out"
    yield Row(
        "autoencoder, code of 8", measure, f"{own:.4f}", f"PCA {linear:.4f}", seconds=took(history)
    )


def best_ngram(
    seen: list[list[str]], held_out: list[list[str]], vocabulary: Vocabulary, orders: range
) -> tuple[float, str]:
    """Find the n-gram model with the smallest perplexity, and say which one it is."""
    found = []
    for n in orders:
        counts = NgramCounts.from_sentences(seen, n, vocabulary=vocabulary)
        for kind in (InterpolatedKneserNey, ModifiedKneserNey):
            found.append((kind(counts).perplexity(held_out), f"{kind.__name__}, n = {n}"))
    return min(found)


class Text(NamedTuple):
    """What a recurrent model and n-grams are to learn."""

    name: str
    seen: list[list[str]]
    held_out: list[list[str]]
    orders: range
    config: LanguageModelConfig
    training: TrainingConfig
    batch_size: int = 32
    seq_len: int = 64


def texts() -> Iterator[Text]:
    """Give characters of tunes, and characters and words of Python's documentation."""
    wide = LanguageModelConfig(embedding_size=64, hidden_size=192)
    how = {"lr": 5e-3, "max_grad_norm": 1.0, "device": "cpu"}
    seen, held_out = ([list("".join(tune)) for tune in part] for part in folk_tunes())
    name = "characters of tunes held out"
    yield Text(name, seen, held_out, range(4, 13), wide, decaying(epochs=4, **how))
    pages = without_repeats(load_python_docs().values())
    last = len(pages) * 9 // 10
    # Chosen by the last tenth of what is learned from, not by what is held out.
    wider = LanguageModelConfig(embedding_size=64, hidden_size=256, dropout=0.15)
    eager = {**how, "lr": 1e-2, "optimizer": "adamw", "weight_decay": 0.1}
    tied = LanguageModelConfig(embedding_size=192, hidden_size=192, dropout=0.4, tied=True)
    for kind, cut, orders, config, training, sizes in (
        ("characters", list, range(4, 13), wider, decaying(epochs=8, **eager), (24, 32)),
        ("words", word_tokens, range(2, 7), tied, decaying(epochs=12, **how), (16, 64)),
    ):
        tokens = [cut(page) for page in pages]
        name = f"{kind} of Python's documentation, topics held out"
        yield Text(name, tokens[:last], tokens[last:], orders, config, training, *sizes)


def language_models() -> Iterator[Row]:
    """Recurrent models beside n-grams of the same texts and vocabulary."""
    composer, history = trained("music")
    seen, held_out = folk_tunes()
    own = perplexity(composer.model, held_out, composer.vocabulary)
    other = best_ngram(seen, held_out, composer.vocabulary, range(3, 12))
    yield versus("notes and signs of tunes held out", own, other, history)
    for text in texts():
        vocabulary = Vocabulary.from_sentences(text.seen, min_count=2)
        model, history = train_language_model(
            text.seen,
            vocabulary,
            config=text.config,
            training=text.training,
            batch_size=text.batch_size,
            seq_len=text.seq_len,
        )
        own = perplexity(model, text.held_out, vocabulary)
        other = best_ngram(text.seen, text.held_out, vocabulary, text.orders)
        yield versus(text.name, own, other, history)


def versus(text: str, own: float, other: tuple[float, str], history: History) -> Row:
    """Put a recurrent model beside the best n-gram model."""
    figure, name = other
    return Row(
        "LSTM language model",
        f"perplexity, {text}",
        f"{own:.2f}",
        f"{figure:.2f} ({name})",
        met(own, figure, most=True),
        took(history),
    )


def sequences() -> Iterator[Row]:
    """The transducer, and dates of many languages."""
    training = decaying(epochs=3, lr=1e-2, max_grad_norm=1.0, device="cpu")
    _, history = train_on_labels(Transducer, labelled_programs(), training=training)
    share = history.metrics["accuracy"][-1]
    measure = "characters of programs held out, labelled"
    yield Row(
        "transducer",
        measure,
        f"{share:.1%}",
        goal=met(share, 0.98, percent=True),
        seconds=took(history),
    )
    for family, locales in FAMILIES.items():
        if family == "Scandinavian":
            _, history = trained("dates")
        else:
            training = decaying(epochs=3, lr=5e-3, max_grad_norm=1.0, device="cpu")
            _, history = train_on_dates(
                dates_to_translate(held_out_locales=locales), training=training
            )
        for name, shares in history.metrics.items():
            goal = 0.98 if name == "new days" else 0.9
            what = "new days" if name == "new days" else f"languages held out: {family}"
            yield Row(
                "dates, with attention",
                f"dates without any error, {what}",
                f"{shares[-1]:.1%}",
                goal=met(shares[-1], goal, percent=True),
                seconds=took(history),
            )


def handwriting() -> Iterator[Row]:
    """Words of digits that the network has never seen."""
    model, history = trained("handwriting")
    _, others = handwritten_digits()
    words = compose_words(others, np.random.default_rng(0), 2000)
    for name, size in (("greedy", None), ("beam of 8", 8)):
        rate = character_error_rate(read_words(model, words, beam_size=size), words.spelled())
        yield Row(
            "handwriting",
            f"wrong characters in 2,000 words of digits held out, {name}",
            f"{rate:.2%}",
            goal=met(rate, 0.02, percent=True, most=True),
            seconds=took(history),
        )


def music() -> Iterator[Row]:
    """Tunes of the composer that pages show, and of one that had half as many epochs."""
    seen, _ = folk_tunes()
    training = decaying(epochs=4, lr=5e-3, max_grad_norm=1.0, device="cpu")
    for composer, history in (train_composer(seen, training=training), trained("music")):
        for temperature in (1.0, 0.8):
            yield from composed(composer, history, temperature)


def composed(composer: Composer, history: History, temperature: float) -> Iterator[Row]:
    """Let a composer write tunes in metres that are as frequent as in the collections."""
    metres = [tune[0].removeprefix("M:") for tune in folk_tunes()[0]]
    rng = np.random.default_rng(0)
    asked = rng.choice([metre for metre in metres if metre in METRES], 100).tolist()
    checks = [
        check_tune(compose(composer, rng, metre=metre, mode="major", temperature=temperature))
        for metre in asked
    ]
    model, what = f"music, {len(history.seconds)} epochs", f"100 tunes, temperature {temperature}"
    share = statistics.fmean(check.parses for check in checks)
    goal = met(share, 0.95, percent=True)
    yield Row(model, f"can be parsed, {what}", f"{share:.0%}", "–", goal, took(history))
    pairs = list(zip(asked, checks, strict=True))
    by_metre = "; ".join(
        f"{metre} {full_bars(check for its, check in pairs if its == metre):.0%}"
        for metre in sorted(set(asked))
    )
    share = full_bars(checks)
    goal = met(share, 0.8, percent=True)
    yield Row(model, f"bars are full, {what}", f"{share:.0%}", by_metre, goal, took(history))


def full_bars(checks: Iterable[TuneCheck]) -> float:
    """Give the share of full bars."""
    pairs = [(check.full_bars, check.bars) for check in checks]
    full, bars = map(sum, zip(*pairs, strict=True))
    return full / bars


SECTIONS = (images, transfer, style, autoencoder, language_models, sequences, handwriting, music)


def main() -> None:
    """Write the page."""
    rows = []
    for section in SECTIONS:
        for row in section():
            print(row.line(), flush=True)
            rows.append(row)
    lines = [
        "# What the bigger models learn",
        "",
        f"Written by `make quality` on {date.today()}, with {os.cpu_count()} cores and no graphics",
        f"card, torch {torch.__version__}. *Time* is that of the training. Each is of one seed.",
        "",
        "| model | measure | figure | beside it | goal | time |",
        "| --- | --- | --- | --- | --- | --- |",
        *(row.line() for row in rows),
    ]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
