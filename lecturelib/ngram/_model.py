"""What all n-gram models can do, whatever their smoothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib._numbers import check_generator
from lecturelib._shapes import check_int
from lecturelib._token_checks import check_ids
from lecturelib.ngram._draw import roll
from lecturelib.ngram._encode import encode_chunks
from lecturelib.ngram._query import Query
from lecturelib.ngram._report import ConditionalTable
from lecturelib.sampling import sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jaxtyping import Float64

    from lecturelib._token_checks import Sentences, Token
    from lecturelib.ngram._counts import NgramCounts
    from lecturelib.ngram._estimate import Estimate


class NgramModel:
    """A distribution over the next token, given the n - 1 tokens before it.

    The base of `MLE`, `AddK`, `InterpolatedKneserNey` and `ModifiedKneserNey`; all that they add
    is how probabilities come from counts.

    A context is taken at its word: after ``["eat"]``, a trigram model gives the bigram
    distribution. What comes first in a sentence is asked with ``["<s>"]``. Of a long context only
    the last n - 1 tokens matter, and nothing before the last ``<s>``. Tokens that are not in the
    vocabulary are ``<unk>``.

    Attributes
    ----------
    counts : NgramCounts
        What the model was made of.
    vocabulary : Vocabulary
        The V tokens.
    n : int
        The order.

    See Also
    --------
    Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".

    Examples
    --------
    >>> from lecturelib.ngram import MLE, NgramCounts
    >>> model = MLE(NgramCounts.from_sentences([["cows", "eat", "hay"], ["cows", "moo"]], 2))
    >>> model.probability("cows", ["<s>"]), model.probability("eat", ["cows"])
    (1.0, 0.5)
    >>> round(model.log_prob(["cows", "moo"]), 4)
    -0.6931
    """

    def __init__(self, counts: NgramCounts, estimate: Estimate) -> None:
        self.counts = counts
        self.vocabulary = counts.vocabulary
        self.n = counts.n
        self._query = Query(counts, estimate)

    def next_log_probs(self, context: Sequence[int] = (), /) -> Float64[np.ndarray, " V"]:
        """Return the log-probability of each token of the vocabulary to come next.

        Parameters
        ----------
        context : sequence of int
            Ids, not tokens.

        Returns
        -------
        (V,) float64
            -inf for what cannot come next, always for ``<s>`` where it is put before sentences.

        Raises
        ------
        ValueError, TypeError
            If an id is not an integer from 0 to V - 1.

        See Also
        --------
        conditional_table : The same, to be read.
        Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".
        """
        with np.errstate(divide="ignore"):
            log_probs: np.ndarray = np.log(self._query.probabilities(self._check_ids(context)))
        return log_probs

    def probability(self, token: Token, context: Iterable[Token] = ()) -> float:
        """Return p(token | context).

        Parameters
        ----------
        token : token
        context : iterable of tokens

        Returns
        -------
        float

        Raises
        ------
        ValueError, TypeError
            As `lecturelib.text.Vocabulary.encode`.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".
        """
        ids = self.vocabulary.encode(context).tolist()
        return float(self._query.probabilities(ids)[self.vocabulary[token]])

    def conditional_table(self, context: Iterable[Token] = ()) -> ConditionalTable:
        """Return which tokens may follow a context, how often they did, and how probable they are.

        Parameters
        ----------
        context : iterable of tokens

        Returns
        -------
        ConditionalTable
            A row for each token of probability above 0, the most probable first.

        Raises
        ------
        ValueError, TypeError
            As `lecturelib.text.Vocabulary.encode`.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".

        Examples
        --------
        >>> from lecturelib.ngram import MLE, NgramCounts
        >>> text = [["cows", "eat", "hay"], ["cows", "eat", "corn"], ["cows", "eat", "hay"]]
        >>> MLE(NgramCounts.from_sentences(text, 3)).conditional_table(["cows", "eat"])
        after 'cows eat', seen 3 times
        token  count  probability
        hay        2       0.6667
        corn       1       0.3333
        """
        ids = self._query.relevant(self.vocabulary.encode(context).tolist())
        return ConditionalTable(
            tuple(self.vocabulary.decode(ids)),
            self.vocabulary.tokens,
            self._query.following(ids, self.counts._table.counts),
            self._query.probabilities(ids),
        )

    def token_log_probs(self, sentence: Iterable[Token]) -> Float64[np.ndarray, " T"]:
        """Return the log-probability of each token of a sentence, after those before it.

        Parameters
        ----------
        sentence : iterable of tokens
            Without ``<s>`` and ``</s>``, if the counts put them there.

        Returns
        -------
        (T,) float64
            One for each token; one more for ``</s>``, if the counts put it there.

        Raises
        ------
        ValueError, TypeError
            As `NgramCounts.from_sentences`.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "The Chain Rule of Probability".
        """
        return np.concatenate(list(self._score([sentence])))

    def log_prob(self, sentence: Iterable[Token]) -> float:
        """Return log p(sentence), the sum of `token_log_probs`, by the chain rule.

        Parameters
        ----------
        sentence : iterable of tokens
            Without ``<s>`` and ``</s>``, if the counts put them there.

        Returns
        -------
        float
            Natural logarithm; -inf if the model holds the sentence to be impossible.

        Raises
        ------
        ValueError, TypeError
            As `NgramCounts.from_sentences`.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "The Chain Rule of Probability".
        """
        return float(self.token_log_probs(sentence).sum())

    def perplexity(self, sentences: Sentences) -> float:
        """Return exp of the mean of -log p over all tokens of a text, ``</s>`` among them.

        It is the number of faces of a fair die that would be as hard to predict.

        Parameters
        ----------
        sentences : iterable of iterables of tokens
            Gone through once; may be a stream.

        Returns
        -------
        float
            At least 1; inf if the model holds a token to be impossible.

        Raises
        ------
        ValueError, TypeError
            As `NgramCounts.from_sentences`; ValueError also if there are no tokens.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".
        """
        total, tokens = 0.0, 0
        for log_probs in self._score(sentences):
            total, tokens = total + log_probs.sum(), tokens + log_probs.size
        if tokens == 0:
            raise ValueError("sentences: expected at least one token, got none")
        with np.errstate(over="ignore"):
            return float(np.exp(-total / tokens))

    def generate(
        self,
        rng: np.random.Generator,
        *,
        max_length: int = 100,
        context: Iterable[Token] | None = None,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
    ) -> list[Any]:
        """Roll the weighted die, again and again.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness: the same state, the same text.
        max_length : int
            Longest text, in tokens.
        context : iterable of tokens or None
            What comes before. None: nothing, or ``<s>`` if the counts put that before sentences.
        temperature, top_k, top_p
            As for `lecturelib.sampling.sample`.

        Returns
        -------
        list of tokens
            Without the context and ``</s>``. It is shorter than `max_length` if the sentence
            ends, or if an unsmoothed model comes to where its text ended.

        Raises
        ------
        ValueError, TypeError
            As `lecturelib.sampling.sample` and `lecturelib.text.Vocabulary.encode`.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "Sampling from a Language Model".

        Examples
        --------
        >>> from lecturelib.ngram import MLE, NgramCounts
        >>> model = MLE(NgramCounts.from_sentences(["banana", "bandana"], 3))
        >>> "".join(model.generate(np.random.default_rng(1)))
        'bandandanana'
        """
        max_length = check_int("max_length", max_length, minimum=0)
        if context is None:
            before = [] if self._query.start is None else [self._query.start]
        else:
            before = self.vocabulary.encode(context).tolist()
        stop = self.vocabulary.end_id if self.counts.pad else None
        if (temperature, top_k, top_p) == (1, None, None):
            ids = roll(self._query, check_generator(rng), before, max_length, stop)
        else:
            ids = sample(
                self,
                rng,
                max_length=max_length,
                context=before,
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                stop=stop,
            )
        return self.vocabulary.decode(ids[:-1] if ids and ids[-1] == stop else ids)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of order {self.n} over {len(self.vocabulary)} tokens>"

    def _check_ids(self, context: Sequence[int]) -> list[int]:
        end = context[max(0, len(context) - self.n + 1) :]
        return check_ids("context", end, len(self.vocabulary))

    def _score(self, sentences: Sentences) -> Iterator[Float64[np.ndarray, " T"]]:
        pad, history = self.counts.pad, self.n - 1
        for chunk in encode_chunks(sentences, self.vocabulary, pad=pad, history=history):
            with np.errstate(divide="ignore"):
                yield np.log(self._query.score(chunk))
