# ---
# jupyter:
#   course:
#     withheld:
#     - nltk
#     - torch
#     - scipy
#     - sklearn
#     - lecturelib
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Homework 4: n-gram language models
#
# A language model says how likely a sentence is, by saying how likely each next word is. In this
# homework you build the oldest one that still surprises: it counts. You let it write, you measure
# how well it foresees sentences that it has not read, and you mend the hole that counting leaves,
# with a method that was for many years the best of its kind.
#
# **When you are done you can**
#
# - learn an n-gram model from a text, by counting, for any n (4.1, 4.2, 4.6);
# - write the probability of a sentence as a product, and compute it without underflow (4.3);
# - let a model write: draw one word after the other with a weighted die (4.4);
# - measure a model on held-out text with words that it does not know, and say what the number
#   means (4.5, 4.10);
# - smooth: give a share to what was never seen, by add-k and by Kneser–Ney (4.7–4.9).
#
# **How the points come about** (60 in all; about 6 hours)
#
# | question | you write | points |
# | --- | --- | --- |
# | 4.1 | `count_ngrams` | 6 |
# | 4.2 | `conditional_table` | 5 |
# | 4.3 | `sentence_log_probability` | 6 |
# | 4.4 | `sample_sentence` | 7 |
# | 4.5 | `perplexity` | 7 |
# | 4.6 | `bigram_counts` | 5 |
# | 4.7 | `add_k` | 4 |
# | 4.8 | `continuation_distribution` | 4 |
# | 4.9 | `kneser_ney` | 8 |
# | 4.10 | two short written answers | 8 |
#
# Each coded question is checked property by property (counts, marks, care, …), with points for
# each: an answer that is wrong in one property keeps the points of those that do not depend on it.
# The property *care* means: the arguments are left unchanged, the type of the answer is what the
# text says, and all sizes and types of numbers are served that the text allows. A check that you
# see is *public*; run it as often as you like. When you hand in, the same cell also runs *hidden*
# checks of the same property on other inputs: other orders n, empty sentences, very large and very
# small numbers. An answer that does what the text says passes both.
#
# **Ground rules**
#
# - The questions stand alone: an error in one costs nothing in another, and you may do them in any
#   order. (If you call one of your functions in another, you tie the two together.)
# - Write your functions with Python and NumPy alone; `np` and `math` are imported below. `nltk`,
#   `torch`, `scipy`, `sklearn` and `lecturelib`, the course's own library, are not there when your
#   notebook is graded: a cell that imports one of them fails.
# - A function never changes what it is given: no list, no dictionary, no array.
# - Where a dictionary is asked for, return a plain `dict`. A `Counter` or a `defaultdict` is a fine
#   tool on the way; `dict(...)` makes a plain one of it.
# - Cells that read `YOUR CODE HERE` or *Write your answers here* are yours, and you may add cells.
#   The other cells are restored when your work is graded.
# - *Think about it* is for yourself or for the classroom: it is not handed in and earns no points.
# - Before you hand in: *Kernel → Restart Kernel and Run All Cells…*, then see the last cell.
#
# **Notation.** A *word* is a string (punctuation marks are words too); a *sentence* is a list of T
# words $w_0, \dots, w_{T-1}$; a *text* is a list of sentences. An *n-gram* is n words in a row. The
# *history* $h$ of a word is the n − 1 words before it, in reading order. $c(h\,w)$ says how often
# the word $w$ was seen right after the history $h$, and $c(h) = \sum_w c(h\,w)$. V is the number of
# words that can come next. Counting starts at 0, and $\ln$ is the natural logarithm.
#
# **Two marks.** Of the first word, too, one wants to know what stands before it; and a model that
# cannot end would talk for ever. So a sentence gets n − 1 *begin marks* `"<s>"` in front and one
# *end mark* `"</s>"` behind it. The begin marks are only ever history: nobody predicts them. The
# end mark is predicted like a word. In a model with n = 3, `cows eat hay` is made of four n-grams:
#
# ```
# (<s>, <s>, cows)   (<s>, cows, eat)   (cows, eat, hay)   (eat, hay, </s>)
# ```
#
# with n = 2 it is made of `(<s>, cows)`, `(cows, eat)`, `(eat, hay)`, `(hay, </s>)`, and with n = 1
# of `(cows)`, `(eat)`, `(hay)`, `(</s>)`: as many as words, and one more, whatever n is.

# %% [markdown]
# ## Set-up
#
# Run these cells first. They only hold what the checks need; there is no need to read them. The
# text in `text.txt` has a sentence a line: English from *The Python Language Reference* (© Python
# Software Foundation, PSF licence). Every tenth sentence is *held out*: no model may count it, so
# that models can be tried on something that they have not read.

# %% course={"include": "../checks.py"} nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# What all homeworks share stands in ../checks.py.

# %% nbgrader={"grade": false, "grade_id": "setup-ngrams", "locked": true, "schema_version": 3, "solution": false, "task": false}
import copy
import math

MARKS = {"<s>", "</s>"}

SNIPPETS = """\
in winter our cows eat hay
cows eat grass all summer
some cows eat corn and get fat
the vet asks which cows eat corn
cows eat if nobody watches them
do cows eat grass at night
these cows eat hay from a rack
nobody lets cows eat corn before milking
find out what cows eat which plants
young cows eat grass first
cows eat corn faster than hay"""


def farm():
    """Return eleven sentences about what cows eat, anew each time."""
    return [line.split() for line in SNIPPETS.splitlines()]


def same_dict(got, expected, what, hint="", reveal=True):
    """Stop at the first entry that is missing, is not right to one part in 1e9, or is too many."""
    assert type(got) is dict, f"{what}: expected a plain dict, got {kind_of(got)}"
    for key, value in expected.items():
        assert key in got, f"{what}: {key!r} is missing. {hint}".rstrip()
        wanted = f"expected {value:.6g}" if reveal else "which is not right"
        message = f"{what}: {key!r} has {got[key]!r}, {wanted}. {hint}".rstrip()
        assert is_number(got[key]), message
        assert abs(got[key] - value) <= 1e-9 * abs(value), message
    more = [key for key in got if key not in expected]
    assert not more, f"{what}: {more[:1]!r} should not be there. {hint}".rstrip()


def is_float(got, what):
    """Stop unless ``got`` is a float."""
    assert isinstance(got, (float, np.floating)), f"{what}: expected a float, got {kind_of(got)}"


def rows_of(table, what):
    """Stop unless a table is a plain dict of plain dicts; return its entries as one dict."""
    assert type(table) is dict, f"{what}: expected a plain dict, got {kind_of(table)}"
    for history, row in table.items():
        assert type(row) is dict, (
            f"{what}: after {history!r} expected a plain dict, got {kind_of(row)}"
        )
    return {(history, word): p for history, row in table.items() for word, p in row.items()}


def same_counts(got, expected, what, hint="", reveal=True):
    """Stop at the first entry of an array of whole numbers that is not what it should be."""
    same_shape(got, expected.shape, what)
    wrong = np.argwhere(got != expected)
    if len(wrong):
        index = tuple(map(int, wrong[0]))
        wanted = f"expected {expected[index]}" if reveal else "which is not right"
        where = f"first wrong count at index {index}: got {got[index]}, {wanted}"
        share = f"({len(wrong)} of {got.size} are wrong)"
        raise AssertionError(f"{what}: {where} {share}. {hint}".rstrip())


def in_float64(got, what):
    """Stop unless ``got`` is an array of float64."""
    dtype = getattr(got, "dtype", type(got).__name__)
    assert dtype == np.float64, f"{what}: probabilities should be float64, but got {dtype}"


# %% nbgrader={"grade": false, "grade_id": "setup-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
with open("text.txt", encoding="ascii") as lines:
    sentences = [line.split() for line in lines]
held_out_text = sentences[::10]
training_text = [sentence for i, sentence in enumerate(sentences) if i % 10]

# %% [markdown]
# ## 4.1 Count (6 points)
#
# *Goal.* Learn all that an n-gram model ever learns, in one pass over a text.
#
# *Math* (Chapter 12, *Learning is counting*).
# Put n − 1 begin marks before each sentence and one end mark after it. Every n words in a
# row are an n-gram; count how often each one occurs. N-grams never reach from one sentence into the
# next.
#
# *Task.* Return a `dict` whose keys are tuples of n strings (for n = 1 tuples of one string, as in
# `("cows",)`) and whose values are whole numbers. Only n-grams that occur are in it. Upper and
# lower case are different words, and a sentence may be empty: then only its marks are left.
#
# *Points.* counts 2, marks 2, orders 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q4-1-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_ngrams(sentences, n):
    """Count the n-grams of a text.

    Parameters
    ----------
    sentences : list of lists of str
        The text, without marks.
    n : int
        How many words an n-gram has, at least 1.

    Returns
    -------
    dict
        From n-gram (tuple of n str) to how often it occurs (int).
    """
    ### BEGIN SOLUTION
    counts = {}
    for sentence in sentences:
        padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
        for start in range(len(padded) - n + 1):
            ngram = tuple(padded[start : start + n])
            counts[ngram] = counts.get(ngram, 0) + 1
    return counts
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q4-1-counts", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_ngrams(sentences, n):
    """Ask of each word what stands before it: the other way round from the model answer."""
    found = {}
    for sentence in sentences:
        marked = [*sentence, "</s>"]
        for place, word in enumerate(marked):
            before = marked[max(0, place - n + 1) : place]
            ngram = ("<s>",) * (n - 1 - len(before)) + (*before, word)
            found[ngram] = found.get(ngram, 0) + 1
    return found


def random_text(draw, lengths, words="abcde"):
    """Return sentences of given lengths, of random one-letter words."""
    return [[words[i] for i in draw.integers(0, len(words), length)] for length in lengths]


### END HIDDEN TESTS
def without_marks(ngrams):
    """Keep the n-grams that lie within a sentence, so that marks do not matter."""
    assert type(ngrams) is dict, f"expected a plain dict, got {kind_of(ngrams)}"
    return {ngram: count for ngram, count in ngrams.items() if not MARKS & set(ngram)}


with public_check("4.1 counts"):
    trigrams = without_marks(count_ngrams(farm(), 3))
    after = ("corn", "grass", "hay", "if", "which")
    seen = {("cows", "eat", word): trigrams.get(("cows", "eat", word), 0) for word in after}
    expected = {("cows", "eat", word): n for word, n in zip(after, (4, 3, 2, 1, 1), strict=True)}
    same_dict(seen, expected, "what follows `cows eat` in the eleven sentences of farm()")
    bigrams = without_marks(count_ngrams([["moo", "Moo"], ["grass", "moo", "Moo"]], 2))
    assert ("Moo", "grass") not in bigrams, "an n-gram never reaches into the next sentence"
    expected = {("moo", "Moo"): 2, ("grass", "moo"): 1}
    same_dict(bigrams, expected, "bigrams of `moo Moo` and `grass moo Moo` that lie within them")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4101)
for n in (2, 3):
    text = random_text(draw, (9, 1, 14, 30, 0, 2, 3), "abBcd")
    expected = without_marks(reference_ngrams(text, n))
    got = without_marks(count_ngrams(copy.deepcopy(text), n))
    same_dict(got, expected, f"n-grams within sentences, {n=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-1-marks", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("4.1 marks"):
    size = sum(len(sentence) + 1 for sentence in farm())
    for n in (2, 3):
        total = sum(count_ngrams(farm(), n).values())
        assert total == size, (
            f"n = {n}: farm() has {size} n-grams, one for each word and one for each end of a "
            f"sentence, but your counts add up to {total}: does each sentence have {n - 1} begin "
            "marks and one end mark?"
        )
    summed = {}
    for ngram, count in count_ngrams(farm(), 3).items():
        summed[ngram[1:]] = summed.get(ngram[1:], 0) + count
    hint = "That holds if each sentence gets n - 1 begin marks and one end mark."
    same_dict(count_ngrams(farm(), 2), summed, "trigrams added up over their first word", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4102)
for n in (2, 3, 4):
    text = random_text(draw, (5, 1, 2, 0, 7, 0, 1))
    inside = without_marks(reference_ngrams(text, n))
    expected = {
        ngram: count for ngram, count in reference_ngrams(text, n).items() if ngram not in inside
    }
    counts = count_ngrams(copy.deepcopy(text), n)
    got = {ngram: count for ngram, count in counts.items() if MARKS & set(ngram)}
    same_dict(got, expected, f"n-grams with marks in them, {n=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-1-orders", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.1 orders"):
    text = [["moo", "says", "moo", "says", "moo"]]
    expected = {("moo",): 3, ("says",): 2}
    got = without_marks(count_ngrams(text, 1))
    same_dict(got, expected, "n = 1 counts single words, each in a tuple of its own")
    expected = {("moo", "says", "moo", "says"): 1, ("says", "moo", "says", "moo"): 1}
    got = without_marks(count_ngrams(text, 4))
    same_dict(got, expected, "n = 4, n-grams of four words within the sentence")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4103)
for n in (1, 4, 5):
    text = random_text(draw, (12, 3, 5, 25, 1, 0), "ab")
    expected = without_marks(reference_ngrams(text, n))
    got = without_marks(count_ngrams(copy.deepcopy(text), n))
    same_dict(got, expected, f"n-grams within sentences, {n=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-1-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.1 care"):
    once = watch(count_ngrams, farm(), 2)
    assert type(once) is dict, f"expected a plain dict, got {kind_of(once)}"
    assert sum(once.values()) > 0, "not a single n-gram was counted"
    twice = {ngram: 2 * count for ngram, count in once.items()}
    same_dict(count_ngrams(farm() + farm(), 2), twice, "a text read twice has all counts twice")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong counts have cost their points already.
draw = np.random.default_rng(4104)
text = random_text(draw, (6, 2, 9))
once = watch(count_ngrams, text, 3)
assert once, "no counts at all"
for ngram, count in once.items():
    assert isinstance(count, (int, np.integer)), f"{ngram!r}: expected a whole number: {count!r}"
assert count_ngrams(text[::-1], 3) == once, "another order of the sentences, and other counts"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* A text has M words and ends of sentences. At most how many different n-grams can
# it have, and how many could there be with V words? What does that mean for n = 5?

# %% [markdown]
# ## 4.2 From counts to a weighted die (5 points)
#
# *Goal.* Turn counts into one probability distribution for each history.
#
# *Math.* The estimate of maximum likelihood, the one under which the text itself is as probable as
# can be, is the share
#
# $$ P(w \mid h) = \frac{c(h\,w)}{c(h)}, \qquad c(h) = \sum_{w} c(h\,w) . $$
#
# *Task.* Given counts as `count_ngrams` returns them, return a dictionary of dictionaries:
# `table[history][word]` is $P(w \mid h)$. A history is a tuple of n − 1 strings, for n = 1 the
# empty tuple `()`; a word is a string. Only histories and words that were seen are in it: no zeros.
# Which n it is you can tell from the keys, and n may be any. A text has tens of thousands of
# n-grams: go through them once or twice, not once for each history, or the models below take
# minutes.
#
# *Points.* histories 1, values 2, orders 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q4-2-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conditional_table(counts):
    """Divide counts by the count of their history.

    Parameters
    ----------
    counts : dict
        From n-gram (tuple of n str) to how often it occurs.

    Returns
    -------
    dict
        From history (tuple of n - 1 str) to a dict from word (str) to probability (float).
    """
    ### BEGIN SOLUTION
    totals, table = {}, {}
    for (*history, _), count in counts.items():
        totals[tuple(history)] = totals.get(tuple(history), 0) + count
    for (*history, word), count in counts.items():
        table.setdefault(tuple(history), {})[word] = count / totals[tuple(history)]
    return table
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q4-2-histories", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_table(counts):
    """For each history, gather its words first, then share out."""
    table = {}
    for history in {ngram[:-1] for ngram in counts}:
        row = {ngram[-1]: count for ngram, count in counts.items() if ngram[:-1] == history}
        table[history] = {word: row[word] / sum(row.values()) for word in row}
    return table


def random_counts(draw, n, size, words="abcd"):
    """Return random counts of random n-grams."""
    ngrams = {tuple(words[i] for i in draw.integers(0, len(words), n)) for _ in range(size)}
    ngrams = [sorted(ngrams)[i] for i in draw.permutation(len(ngrams))]
    return {ngram: int(draw.integers(1, 20)) for ngram in ngrams}


### END HIDDEN TESTS
cow_counts = {
    ("cows", "eat", "corn"): 4,
    ("cows", "eat", "grass"): 3,
    ("we", "eat", "corn"): 2,
    ("cows", "eat", "hay"): 2,
    ("cows", "eat", "if"): 1,
    ("we", "eat", "cake"): 6,
    ("cows", "eat", "which"): 1,
}
with public_check("4.2 histories"):
    entries = rows_of(conditional_table(dict(cow_counts)), "the table")
    expected = {(ngram[:2], ngram[2]) for ngram in cow_counts}
    missing = sorted(expected - set(entries))
    assert not missing, f"after {missing[0][0]!r}, {missing[0][1]!r} was seen, but is missing"
    more = [entry for entry in entries if entry not in expected]
    assert not more, f"{more[0]!r} is in the table (history, word), but was never seen"
    assert 0 not in entries.values(), "what was seen is not impossible: no probability is 0"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4201)
for n in (2, 3):
    counts = random_counts(draw, n, 25)
    expected = {(ngram[:-1], ngram[-1]) for ngram in counts}
    got = set(rows_of(conditional_table(dict(counts)), f"{n=}"))
    assert got == expected, f"{n=}: other histories and words than those of the counts"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-2-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("4.2 values"):
    table = conditional_table(dict(cow_counts))
    rows_of(table, "the table")
    row = table.get(("cows", "eat"), {})
    total = sum(row.values())
    assert math.isclose(total, 1), f"after `cows eat` the probabilities should add up to 1: {total}"
    shares = {word: row.get(word, 0) for word in ("corn", "grass", "hay", "if", "which")}
    expected = {"corn": 4 / 11, "grass": 3 / 11, "hay": 2 / 11, "if": 1 / 11, "which": 1 / 11}
    same_dict(shares, expected, "after `cows eat`, which was seen 11 times")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4202)
for n in (2, 3):
    counts = random_counts(draw, n, 25)
    expected = rows_of(reference_table(counts), "reference")
    entries = rows_of(conditional_table(dict(counts)), f"{n=}")
    got = {entry: entries.get(entry, 0) for entry in expected}
    same_dict(got, expected, f"(history, word), {n=}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q4-2-orders", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def same_proportions(table, counts, what):
    """Stop unless each history's words have probabilities in the proportion of their counts."""
    entries = rows_of(table, what)
    for ngram, count in counts.items():
        history = ngram[:-1]
        assert (history, ngram[-1]) in entries, (
            f"{what}: the word {ngram[-1]!r} is missing after the history {history!r}"
        )
        alike = [other for other in counts if other[:-1] == history]
        share = entries[history, ngram[-1]] / sum(entries.get((history, o[-1]), 0) for o in alike)
        wanted = count / sum(counts[other] for other in alike)
        assert abs(share - wanted) <= 1e-9, (
            f"{what}: after {history!r}, the share of {ngram[-1]!r} is not that of its counts"
        )


with public_check("4.2 orders"):
    words = {("moo",): 3, ("says",): 1, ("</s>",): 1}
    same_proportions(conditional_table(dict(words)), words, "n = 1, with the one history ()")
    longer = {("a", "b", "a", "c"): 1, ("a", "b", "a", "b"): 4, ("b", "b", "a", "b"): 2}
    same_proportions(
        conditional_table(dict(longer)), longer, "n = 4, with histories of three words"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4203)
for n in (1, 4, 5):
    counts = random_counts(draw, n, 30, "abc" if n == 1 else "ab")
    same_proportions(conditional_table(dict(counts)), counts, f"{n=}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-2-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.2 care"):
    once = watch(conditional_table, dict(cow_counts))
    expected = rows_of(once, "the table")
    assert sum(expected.values()) > 0, "the table is empty, or holds nothing but zeros"
    tenfold = {ngram: 10 * count for ngram, count in cow_counts.items()}
    got = rows_of(conditional_table(tenfold), "the table")
    same_dict(got, expected, "ten times all counts give the probabilities of before")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4204)
counts = random_counts(draw, 2, 12)
expected = rows_of(watch(conditional_table, dict(counts)), "the table")
for factor in (10**12, 3):
    larger = {ngram: factor * count for ngram, count in counts.items()}
    got = rows_of(watch(conditional_table, larger), "the table")
    same_dict(got, expected, f"{factor} times all counts", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* For the history `cows eat` the word `zebra` has the probability 0 in this table.
# Would you say that it is impossible? What else could the 0 mean?

# %% [markdown]
# ## 4.3 The probability of a sentence (6 points)
#
# *Goal.* Multiply conditional probabilities along a sentence, and stay clear of numbers too small
# to be told from 0.
#
# *Math.* By the chain rule, the probability of a sentence is the product of the probabilities of
# its words, each given all the words before it. An n-gram model looks back n − 1 words only. With
# $w_T$ the end mark, and begin marks for $w_{-1}, w_{-2}, \dots$,
#
# $$ \ln P(w_0, \dots, w_{T-1}) = \sum_{t=0}^{T} \ln P(w_t \mid w_{t-n+1}, \dots, w_{t-1}) . $$
#
# These are T + 1 terms: one for each word and one for the end mark; none for a begin mark.
#
# *Task.* Given a table as `conditional_table` returns it, return this logarithm. If a word was not
# seen after its history, or the history was not seen at all, the sentence has the probability 0:
# return `-math.inf`, and raise nothing (the table holds no zeros). The product of some hundred
# probabilities is too small for a float; your answer must be right nevertheless. As everywhere in
# this homework n may be 1: then the history is always the empty tuple, and beware of slices counted
# from the end, since `words[-0:]` is all of them.
#
# *Points.* values 2, marks 1, unseen 1, long 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q4-3-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sentence_log_probability(sentence, table, n):
    """Add up the logarithms of the probabilities of a sentence's words and its end mark.

    Parameters
    ----------
    sentence : list of str
        Without marks.
    table : dict
        From history (tuple of n - 1 str) to a dict from word (str) to probability.
    n : int
        The order of the model.

    Returns
    -------
    float
        The natural logarithm of the probability; minus infinity if that is 0.
    """
    ### BEGIN SOLUTION
    padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
    probabilities = [
        table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
        for t in range(n - 1, len(padded))
    ]
    with np.errstate(divide="ignore"):
        return float(np.log(probabilities).sum())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q4-3-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_log_probability(sentence, table, n):
    """Walk from the end to the beginning and multiply; only for short sentences."""
    product, left = 1.0, ("<s>",) * (n - 1) + tuple(sentence) + ("</s>",)
    while len(left) >= n:
        product *= table[left[-n:-1]][left[-1]]
        left = left[:-1]
    return math.log(product)


def sure_ends(draw, n):
    """Return sentences whose first n - 1 words are always the same, and the last one, too."""
    middle = random_text(draw, draw.integers(2, 9, 12), "cdef")
    return [[*"abxy"[: n - 1], *words, "z"] for words in middle]


### END HIDDEN TESTS
# Every sentence begins with `we` and ends with a full stop: marks do not matter here.
grammar = {
    ("<s>",): {"we": 1.0},
    ("we",): {"milk": 0.5, "feed": 0.25, "see": 0.25},
    ("milk",): {"cows": 0.8, "goats": 0.2},
    ("feed",): {"cows": 0.5, "goats": 0.5},
    ("see",): {"cows": 0.1, "goats": 0.9},
    ("cows",): {".": 0.75, "and": 0.25},
    ("goats",): {".": 1.0},
    ("and",): {"goats": 1.0},
    (".",): {"</s>": 1.0},
}
with public_check("4.3 values"):
    rule = "the natural logarithm of"
    got = sentence_log_probability(["we", "milk", "cows", "."], copy.deepcopy(grammar), 2)
    same_number(got, math.log(0.3), f"{rule} 1/2 · 4/5 · 3/4, for `we milk cows .`")
    got = sentence_log_probability(
        ["we", "see", "cows", "and", "goats", "."], copy.deepcopy(grammar), 2
    )
    same_number(got, math.log(1 / 160), f"{rule} 1/4 · 1/10 · 1/4, `we see cows and goats .`")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4301)
for n in (2, 3):
    text = sure_ends(draw, n)
    table = reference_table(reference_ngrams(text, n))
    for sentence in text[:3]:
        expected = reference_log_probability(sentence, table, n)
        got = sentence_log_probability(list(sentence), copy.deepcopy(table), n)
        same_number(got, expected, f"{n=}, {len(sentence)} words", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-3-marks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.3 marks"):
    pairs = {
        ("<s>",): {"moo": 0.7, "baa": 0.3},
        ("moo",): {"baa": 0.4, "</s>": 0.6},
        ("baa",): {"</s>": 1.0},
    }
    triples = {
        ("<s>", "<s>"): {"moo": 0.7, "baa": 0.3},
        ("<s>", "moo"): {"baa": 0.4, "</s>": 0.6},
        ("<s>", "baa"): {"</s>": 1.0},
        ("moo", "baa"): {"</s>": 1.0},
    }
    for n, table in [(2, pairs), (3, triples)]:
        total = 0.0
        for words in (["moo"], ["baa"], ["moo", "baa"]):
            log = sentence_log_probability(words, copy.deepcopy(table), n)
            is_float(log, f"{words}")
            total += math.exp(log)
        assert math.isclose(total, 1), (
            f"n = {n}: this model has three sentences, which have the probability 1 together, not "
            f"{total:.6g}. Begin marks are history for the first words; the end mark counts as a "
            "word; histories are in reading order."
        )
    alone = {(): {"moo": 1 / 2, "baa": 1 / 4, "</s>": 1 / 4}}
    got = sentence_log_probability(["moo", "baa"], alone, 1)
    same_number(got, math.log(1 / 32), "n = 1, where the history is always (): 1/2 · 1/4 · 1/4")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4302)
for n in (1, 2, 3, 4):
    text = random_text(draw, (4, 1, 7, 0, 2, 5, 1, 3), "abc")
    table = reference_table(reference_ngrams(text, n))
    for sentence in text[:5]:
        expected = reference_log_probability(sentence, table, n)
        got = sentence_log_probability(list(sentence), copy.deepcopy(table), n)
        same_number(got, expected, f"{n=}, {len(sentence)} words", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q4-3-unseen", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.3 unseen"):
    got = sentence_log_probability(["we", "milk", "goats", "."], copy.deepcopy(grammar), 2)
    is_float(got, "a log-probability")
    assert math.isfinite(got), f"`we milk goats .` is possible, but got {got}"
    got = sentence_log_probability(["we", "milk", "zebras", "."], copy.deepcopy(grammar), 2)
    same_number(got, -math.inf, "`zebras` was never seen after `milk`")
    got = sentence_log_probability(["we", "milk", "cows", "and"], copy.deepcopy(grammar), 2)
    same_number(got, -math.inf, "no sentence was ever seen to end with `and`")
### BEGIN HIDDEN TESTS
for n in (2, 3):
    text = [[*"abxy"[: n - 1], *"cdcz"], [*"abxy"[: n - 1], *"dcz"]]
    table = reference_table(reference_ngrams(text, n))
    got = sentence_log_probability(list(text[1]), copy.deepcopy(table), n)
    assert math.isfinite(got), f"{n=}: a sentence that was seen"
    for ending in ("ddz", "cqqz", "cdc"):
        sentence = [*"abxy"[: n - 1], *ending]
        got = sentence_log_probability(sentence, copy.deepcopy(table), n)
        same_number(got, -math.inf, f"{n=}: something was never seen", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-3-long", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.3 long"):
    chorus = {
        ("<s>",): {"moo": 1.0},
        ("moo",): {"moo": 0.125, "baa": 0.875},
        ("baa",): {"moo": 0.5, ".": 0.5},
        (".",): {"</s>": 1.0},
    }
    song = ["moo"] * 1001 + ["baa", "."]
    got = sentence_log_probability(song, chorus, 2)
    expected = 1000 * math.log(0.125) + math.log(0.875) + math.log(0.5)
    hint = "A product of a thousand probabilities is 0 for a computer: add logarithms instead."
    hint = hint if got == -math.inf else ""
    same_number(got, expected, "a thousand times `moo` after `moo`", hint)
### BEGIN HIDDEN TESTS
for p, size in [(1e-12, 400), (0.25, 900)]:
    chorus = {
        ("<s>",): {"a": 1.0},
        ("a",): {"a": p, "b": 1 - p},
        ("b",): {"a": 0.25, "z": 0.75},
        ("z",): {"</s>": 1.0},
    }
    song = ["a", "b"] * 3 + ["a"] * size + ["b", "z"]
    expected = (size - 1) * math.log(p) + 4 * math.log(1 - p) + 3 * math.log(0.25) + math.log(0.75)
    got = sentence_log_probability(song, chorus, 2)
    same_number(got, expected, f"{len(song)} words", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-3-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.3 care"):
    table = copy.deepcopy(grammar)
    got = watch(sentence_log_probability, ["we", "feed", "goats", "."], table, 2)
    is_float(got, "a log-probability")
    watch(sentence_log_probability, ["we", "feed", "zebras", "."], table, 2)
    other = watch(sentence_log_probability, ["we", "see", "goats", "."], table, 2)
    assert got != other, f"two sentences of different probabilities, and both times {got:.6g}"
### BEGIN HIDDEN TESTS
text = [list("abcab"), list("cb"), []]
for n in (2, 3):
    table = reference_table(reference_ngrams(text, n))
    got = watch(sentence_log_probability, list("abcab"), table, n)
    assert isinstance(got, (float, np.floating)), "the logarithm of a probability is a float"
    again = watch(sentence_log_probability, list("abcab"), table, n)
    assert again == got, "the same sentence has another probability when it is asked for again"
    watch(sentence_log_probability, [], table, n)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Long sentences are less probable than short ones: each further word multiplies
# by a number below 1. How would you compare two models on texts of different lengths?

# %% [markdown]
# ## 4.4 Let it write (7 points)
#
# *Goal.* Sample from an n-gram model: pick the die of the history, roll it, move on by one word.
#
# *Math.* To draw a word with one random number $u$, uniform between 0 and 1, cut the unit interval
# into pieces as long as the words' probabilities, and see in which piece $u$ falls. So that your
# sentences can be checked, the order of the pieces is fixed: the words in alphabetical order, as
# `sorted` puts them. The word drawn is the first one at which the running sum of the probabilities
# is **greater than** $u$, added up one after the other; the last word takes whatever is left,
# should rounding make the sum fall short of 1.
#
# *Task.* Start with n − 1 begin marks as history. For each word call `rng.random()` exactly once,
# draw the word from `table[history]`, and let it follow in the history, which keeps the last n − 1
# words. Stop when the end mark is drawn, or when the sentence has `max_length` words; after that,
# draw nothing more. Return the list of the words, without any mark. You may take for granted that
# the table knows every history that you come to.
#
# *Points.* draw 2, frequencies 2, history 1, stop 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q4-4-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sample_sentence(table, n, rng, max_length):
    """Draw a sentence from an n-gram model, word by word.

    Parameters
    ----------
    table : dict
        From history (tuple of n - 1 str) to a dict from word (str) to probability.
    n : int
        The order of the model.
    rng : np.random.Generator
        Where the random numbers come from: one ``rng.random()`` a word.
    max_length : int
        How many words the sentence may have, at least 1.

    Returns
    -------
    list of str
        The words, without marks.
    """
    ### BEGIN SOLUTION
    words, history = [], ("<s>",) * (n - 1)
    while len(words) < max_length:
        candidates = sorted(table[history])
        sums = np.cumsum([table[history][word] for word in candidates[:-1]])
        word = candidates[np.searchsorted(sums, rng.random(), side="right")]
        if word == "</s>":
            break
        words.append(word)
        history = (*history, word)[1:]
    return words
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q4-4-draw", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def plain_words(words, least):
    """Stop unless a list of at least so many strings came back."""
    assert type(words) in (list, tuple), f"expected a list of words, got {kind_of(words)}"
    assert len(words) >= least, f"expected {least} words or more, got {len(words)}"
    return list(words)


### BEGIN HIDDEN TESTS
def reference_draws(distribution, numbers):
    """Look for each number's place from the last word to the first."""
    ordered = sorted(distribution)
    edges = np.cumsum([0.0] + [distribution[word] for word in ordered])[:-1]
    return [ordered[int((edges <= u).sum()) - 1] for u in numbers]


### END HIDDEN TESTS
with public_check("4.4 draw"):
    table = {(): {"tails": 0.75, "heads": 0.25}}
    words = plain_words(sample_sentence(table, 1, np.random.default_rng(5), 12), 10)
    numbers = np.random.default_rng(5).random(10)
    for number, word in zip(numbers, words, strict=False):
        expected = "heads" if number < 0.25 else "tails"
        assert word == expected, (
            f"u = {number:.3f} drew {word!r}: in alphabetical order, `heads` has the numbers from "
            "0 to 0.25 and `tails` the rest"
        )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4401)
for size in (3, 6):
    parts = draw.dirichlet(np.ones(size)).tolist()
    names = [["pear", "fig", "apple", "plum", "date", "kiwi"][i] for i in draw.permutation(6)]
    distribution = dict(zip(names, parts, strict=False))
    numbers = np.random.default_rng(size).random(40)
    expected = reference_draws(distribution, numbers)
    got = sample_sentence({(): distribution}, 1, np.random.default_rng(size), 43)
    assert plain_words(got, 40)[:40] == expected, f"{size} words: other ones than the rule draws"
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q4-4-frequencies", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def same_frequencies(words, distribution):
    """Stop unless each word comes about as often as it should: within five standard deviations."""
    size = len(words)
    for word, p in distribution.items():
        share, spread = words.count(word) / size, 5 * math.sqrt(p * (1 - p) / size)
        assert abs(share - p) < spread, (
            f"of {size} words drawn {share:.1%} were {word!r}; a share of {p:.0%} was asked for"
        )


with public_check("4.4 frequencies"):
    distribution = {"grass": 0.6, "hay": 0.1, "corn": 0.3}
    words = sample_sentence({(): distribution}, 1, np.random.default_rng(0), 1500)
    same_frequencies(plain_words(words, 1490), distribution)
### BEGIN HIDDEN TESTS
for seed, distribution in enumerate(
    [{"a": 0.05, "b": 0.15, "c": 0.8}, {"d": 0.3, "c": 0.1, "b": 0.35, "a": 0.25}]
):
    words = sample_sentence({(): distribution}, 1, np.random.default_rng(4402 + seed), 1500)
    same_frequencies(plain_words(words, 1490), distribution)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-4-history", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.4 history"):
    story = ["the", "cow", "saw", "the", "goat", "and", "the", "goat", "saw", "the", "farmer"]
    padded = ["<s>", "<s>", "<s>", *story, "</s>"]
    # After three words there is never a choice in this story.
    table = {tuple(padded[t - 3 : t]): {padded[t]: 1.0} for t in range(3, len(padded))}
    words = plain_words(sample_sentence(table, 4, np.random.default_rng(0), 10), 8)
    for place in range(8):
        assert words[place] == story[place], (
            f"word {place}: after {padded[place : place + 3]} only {story[place]!r} can come, but "
            f"you drew {words[place]!r}: the history is the last n - 1 words, in reading order"
        )
### BEGIN HIDDEN TESTS
for n, story in [
    (2, "one two three four five"),
    (3, "a a b a c b b c a"),
    (5, "x x x x y x x x z"),
]:
    ngrams = reference_ngrams([story.split()], n)
    table = {ngram[:-1]: {ngram[-1]: 1.0} for ngram in ngrams}
    assert len(table) == len(ngrams)
    words = sample_sentence(table, n, np.random.default_rng(n), len(story.split()))
    least = len(story.split()) - 1
    words = plain_words(words, least)[:least]
    assert words == story.split()[:least], f"{n=}: a word that cannot come after its history"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-4-stop", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.4 stop"):
    endless, silent = {(): {"moo": 1.0}}, {(): {"</s>": 1.0}}
    for most in (1, 7):
        size = len(plain_words(sample_sentence(endless, 1, np.random.default_rng(0), most), 0))
        assert size == most, f"this model never ends, and max_length is {most}: you drew {size}"
    words = plain_words(sample_sentence(silent, 1, np.random.default_rng(0), 7), 0)
    assert words == [], f"the first draw is the end mark, so the sentence is empty: {words}"
### BEGIN HIDDEN TESTS
# Full stops come before the end mark in the alphabet, and letters after it.
choice = {(): {"moo": 0.4, "</s>": 0.2, ".": 0.2, "s": 0.2}}
for seed in range(5):
    words = plain_words(sample_sentence(choice, 1, np.random.default_rng(seed), 90), 0)
    assert set(words) <= {"moo", ".", "s"}, "a mark in the sentence"
    assert len(words) < 90, "a sentence that did not stop at the end mark"
for most in (2, 5):
    for word in ("moo", ".", "s"):
        got = sample_sentence({(): {word: 1.0}}, 1, np.random.default_rng(1), most)
        assert plain_words(got, 0) == [word] * most, f"{most} words were asked for"
assert plain_words(sample_sentence(silent, 1, np.random.default_rng(2), 1), 0) == []
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-4-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.4 care"):
    table = {(): {"moo": 0.5, "</s>": 0.25, "baa": 0.25}}
    before = copy.deepcopy(table)
    rng = np.random.default_rng(3)
    words = plain_words(getattr(sample_sentence, "in_place", sample_sentence)(table, 1, rng, 50), 0)
    assert table == before, "the table was changed: the caller needs it"
    for word in words:
        assert type(word) is str, f"expected words of type str, got {type(word).__name__}"
    following = np.random.default_rng(3).random(len(words) + 2)[-1]
    assert rng.random() == following, (
        f"{len(words)} words and an end mark take {len(words) + 1} random numbers from `rng`: call "
        "`rng.random()` once for each, and nothing else of `rng`"
    )
    edge = float(np.random.default_rng(4).random())
    words = sample_sentence({(): {"a": edge, "b": 1 - edge}}, 1, np.random.default_rng(4), 1)
    assert plain_words(words, 1)[0] == "b", (
        "u is the probability of `a` itself: the running sum has to be greater than u, so draw `b`"
    )
### BEGIN HIDDEN TESTS
for seed in (11, 12, 13):
    rng = np.random.default_rng(seed)
    words = plain_words(sample_sentence(table, 1, rng, 80), 0)
    assert all(type(word) is str for word in words), "expected words of type str"
    expected = np.random.default_rng(seed).random(len(words) + 2)[-1]
    assert rng.random() == expected, "one random number for each word and one for the end mark"
# A number right at the edge of a piece belongs to the next piece.
edge = float(np.random.default_rng(14).random())
words = sample_sentence({(): {"a": edge, "b": 1 - edge}}, 1, np.random.default_rng(14), 1)
assert plain_words(words, 1)[0] == "b", "the running sum has to be greater than u"
### END HIDDEN TESTS

# %% [markdown]
# Now let it write. The next cell defines a function, and the one after it runs it; it uses your
# functions of 4.1, 4.2 and 4.4. Look at how the sentences change with n.


# %% tags=["only-shows"] nbgrader={"grade": false, "grade_id": "q4-4-look", "locked": true, "schema_version": 3, "solution": false, "task": false}
def show_sentences(orders=(1, 2, 3, 5), size=3):
    """Print sentences that models of several orders write, and how many of them are copies."""
    text = training_text[::2]
    known = {tuple(sentence) for sentence in text}
    for n in orders:
        rng = np.random.default_rng(n)
        try:
            table = conditional_table(count_ngrams(text, n))
            drawn = [sample_sentence(table, n, rng, 30) for _ in range(size)]
        except Exception as error:
            print(f"n = {n}: to come ({type(error).__name__} {error})")
            continue
        copies = sum(tuple(words) in known for words in drawn)
        print(f"n = {n} ({copies} of {size} stand in the text like that)")
        for words in drawn:
            print("   ", " ".join(words))


# %%
show_sentences()

# %% [markdown]
# *Think about it.* With larger n the sentences get better, and then suspiciously good. What does
# the model with n = 5 do, and why could the text be to blame?

# %% [markdown]
# ## 4.5 Perplexity, and words that nobody knows (7 points)
#
# *Goal.* Measure any model on any text with one number that is easy to read.
#
# *Math.* Take all words of the text, and the end mark of each sentence, M in all; begin marks are
# not among them. The *perplexity* is the inverse of the geometric mean of their probabilities,
#
# $$ \text{PP} = \exp\Bigl( -\frac{1}{M} \sum \ln P(w \mid h) \Bigr) . $$
#
# A perplexity of 50 means: on average the model was as unsure as if it had rolled a fair die with
# 50 sides.
#
# A text that the model was not made of, *held-out* text, has words that the model does not know.
# All of them are treated as one word, `"<unk>"`, in the place of the word and in histories as well.
#
# *Task.* The model is given as a function: `probability(history, word)` returns $P(w \mid h)$ for a
# history, a tuple of n − 1 strings, and a word, a string. Replace the words that are not in
# `vocabulary` by `"<unk>"`, then put the marks (which are not in `vocabulary` and stay as they
# are), and return the perplexity of the whole text: one mean over all its words, not a mean of
# means. If a probability is 0, the perplexity is `math.inf`. Very small probabilities must not
# underflow; you may take for granted that the perplexity itself fits into a float.
#
# *Points.* uniform 1, marks 1, history 2, unknown 1, extremes 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q4-5-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perplexity(sentences, probability, n, vocabulary):
    """Measure how unsure a model is of a text.

    Parameters
    ----------
    sentences : list of lists of str
        The text, without marks; at least one sentence.
    probability : callable
        ``probability(history, word)`` for a history (tuple of n - 1 str) and a word (str).
    n : int
        The order of the model.
    vocabulary : set of str
        The words that the model knows, without marks and without ``"<unk>"``.

    Returns
    -------
    float
        The perplexity, from 1 to infinity.
    """
    ### BEGIN SOLUTION
    probabilities = []
    for sentence in sentences:
        words = [word if word in vocabulary else "<unk>" for word in sentence]
        padded = ["<s>"] * (n - 1) + words + ["</s>"]
        for t in range(n - 1, len(padded)):
            probabilities.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
    with np.errstate(divide="ignore"):
        return float(np.exp(-np.mean(np.log(probabilities))))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q4-5-uniform", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def fair_die(sides):
    """Return a model to which all words are equally likely after any history."""
    return lambda history, word: 1 / sides


with public_check("4.5 uniform"):
    text = farm()[:3]
    known = {word for sentence in text for word in sentence}
    for sides, n in [(50, 2), (7, 3)]:
        got = perplexity(text, fair_die(sides), n, known)
        same_number(got, sides, f"a fair die with {sides} sides")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4501)
for n, sides in [(1, 3), (2, 1), (3, 1000.5), (4, 12)]:
    text = random_text(draw, (3, 1, 0, 5))
    got = perplexity(text, fair_die(sides), n, set("abcde"))
    same_number(got, sides, f"uniform, {n=}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q4-5-marks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def ends_rarely(history, word):
    """Give the end mark 1/8, and every other word 1/2."""
    return 1 / 8 if word == "</s>" else 1 / 2


with public_check("4.5 marks"):
    known = {"moo", "says", "the", "cow"}
    got = perplexity([["moo"]], ends_rarely, 2, known)
    hint = "The end mark counts, and marks are never replaced by <unk>."
    same_number(got, 4, "`moo` has 1/2 and its end mark 1/8: the inverse of √(1/16)", hint)
    got = perplexity([[], []], ends_rarely, 2, known)
    same_number(got, 8, "two empty sentences: nothing is predicted but two end marks")
    got = perplexity([["moo", "says", "the", "cow", "moo"], []], ends_rarely, 2, known)
    same_number(got, 2 ** (11 / 7), "five words with 1/2 and two end marks with 1/8")
### BEGIN HIDDEN TESTS
# The history of an end mark is the last words of its sentence.
last = {("b", "c"): 0.5, ("<s>", "d"): 0.125, ("<s>", "<s>"): 0.25}
text, expected = [["a", "b", "c"], ["d"], []], 2 ** ((4 + 1 + 3 + 2) / 7)
got = perplexity(
    text, lambda h, w: last.get(tuple(h), 1e-9) if w == "</s>" else 0.5, 3, set("abcd")
)
same_number(got, expected, "the histories of end marks", reveal=False)
draw = np.random.default_rng(4502)
for n, end in [(1, 0.01), (2, 0.3), (4, 0.9)]:
    text = random_text(draw, (4, 0, 1, 6))
    expected = math.exp(-(4 * math.log(end) + 11 * math.log(0.2)) / 15)
    got = perplexity(text, lambda h, word, end=end: end if word == "</s>" else 0.2, n, set("abcde"))
    same_number(got, expected, f"{n=}, end marks unlike words", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q4-5-history", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def by_the_book(ngrams, mark):
    """Return a model that looks n-grams up, and gives marks the probability ``mark``."""
    return lambda history, word: mark if word in MARKS else ngrams.get((*history, word), 1e-6)


with public_check("4.5 history"):
    book = {
        ("<s>", "<s>", "we"): 1 / 2,
        ("<s>", "we", "milk"): 1 / 8,
        ("we", "milk", "cows"): 1 / 4,
    }
    got = perplexity([["we", "milk", "cows"]], by_the_book(book, 1 / 4), 3, {"we", "milk", "cows"})
    hint = "Each word is asked for with the n - 1 = 2 words before it, begin marks included."
    same_number(got, 4, "1/2 · 1/8 · 1/4, and 1/4 for the end mark", hint)
    singles = {("we",): 1 / 2, ("milk",): 1 / 8}
    got = perplexity([["we", "milk"]], by_the_book(singles, 1 / 4), 1, {"we", "milk"})
    same_number(got, 4, "n = 1, where the history is always (): 1/2 · 1/8 · 1/4")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4503)
for n in (1, 2, 3, 4):
    (sentence,) = random_text(draw, (8,))
    book = {ngram: float(draw.uniform(0.01, 0.9)) for ngram in reference_ngrams([sentence], n)}
    padded = ["<s>"] * (n - 1) + sentence
    used = [book[tuple(padded[t : t + n])] for t in range(len(sentence))]
    # Marks as probable as words on average: here they do not matter.
    expected = 1 / math.prod(used) ** (1 / len(used))
    got = perplexity([list(sentence)], by_the_book(book, 1 / expected), n, set("abcde"))
    same_number(got, expected, f"{n=}, probabilities that depend on histories", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-5-unknown", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.5 unknown"):
    book = {
        ("<s>", "we"): 1 / 2,
        ("we", "milk"): 1 / 4,
        ("milk", "<unk>"): 1 / 64,
        ("<unk>", "milk"): 1 / 2,
        ("<unk>", "<unk>"): 1 / 4,
    }
    sentence = ["we", "milk", "zebras", "and", "milk"]
    got = perplexity([sentence], by_the_book(book, 2 ** (-12 / 5)), 2, {"we", "milk"})
    hint = "`zebras` and `and` are not in the vocabulary: both stand for <unk>, as history too."
    same_number(got, 2 ** (12 / 5), "`we milk zebras and milk`", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4504)
for n in (1, 2, 3):
    (sentence,) = random_text(draw, (12,), "abxyz")
    masked = ["<unk>" if word in "xyz" else word for word in sentence]
    book = {ngram: float(draw.uniform(0.01, 0.9)) for ngram in reference_ngrams([masked], n)}
    padded = ["<s>"] * (n - 1) + masked
    used = [book[tuple(padded[t : t + n])] for t in range(len(masked))]
    expected = 1 / math.prod(used) ** (1 / len(used))
    got = perplexity([list(sentence)], by_the_book(book, 1 / expected), n, set("abcd"))
    same_number(got, expected, f"{n=}, with unknown words", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-5-extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.5 extremes"):
    got = perplexity([["moo"] * 9], lambda history, word: 1e-200, 2, {"moo"})
    same_number(got, 1e200, "ten times the probability 1e-200")
    got = perplexity(
        [["moo", "baa"]], lambda history, word: float(word != "baa"), 2, {"moo", "baa"}
    )
    assert got == math.inf, f"a word with the probability 0 makes the perplexity inf, not {got}"
### BEGIN HIDDEN TESTS
for p, words in [(1e-300, 5), (1e-30, 40), (1 - 1e-6, 30)]:
    got = perplexity([["a"] * words], lambda history, word, p=p: p, 3, {"a"})
    same_number(got, 1 / p, f"a constant {p}", reveal=False)
for zero in ("c", "b"):
    got = perplexity(
        [["a", "b"], ["c"], ["q", "a"]],
        lambda h, word, zero=zero: float(word != zero),
        2,
        set("abc"),
    )
    assert got == math.inf, "a probability of 0, and the perplexity is not inf"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-5-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.5 care"):
    text, known = [["we", "milk", "zebras"], ["moo"]], {"we", "milk", "moo"}
    once = watch(perplexity, text, ends_rarely, 2, known)
    same_number(once, abs(once or 0), "a perplexity")
    assert once > 0, "expected a perplexity above 0"
    twice = perplexity(text + text, ends_rarely, 2, known)
    same_number(twice, once, "a text read twice is as hard to foresee as when read once")
### BEGIN HIDDEN TESTS
text = [["a", "q", "c"], [], ["q"], ["b", "b"]]
once = watch(perplexity, text, ends_rarely, 3, set("abc"))
assert isinstance(once, (float, np.floating)), "a perplexity is a float"
again = watch(perplexity, text[::-1], ends_rarely, 3, set("abc"))
same_number(again, once, "another order of the sentences", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* The table of 4.2 has the perplexity `inf` on almost every held-out text. A
# single word after a new history is enough. Is the model as bad as that?

# %% [markdown]
# ## 4.6 Count pairs without a loop (5 points)
#
# *Goal.* Do with whole arrays what a loop does element by element, and be some hundred times
# faster.
#
# *Math.* From here on words are numbers, *ids* from 0 to V − 1, a text is one long array of ids,
# and the counts of bigrams are a matrix: `counts[i, j]` says how often the id $j$ comes right after
# the id $i$. The ids $i$ and $j$ of a pair can be written as one number, $iV + j$, which says where
# in the matrix, read row by row, the pair is counted.
#
# *Task.* Return what the loop below returns, an int64 matrix, at least twice as fast. The ids are an
# array of integers of 8 to 64 bits, and there may be few of them or none. Beware of numbers that do
# not fit their type: in `uint8`, 200 + 100 is 44.
#
# *Points.* shape 1, values 1, fast 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q4-6-loop", "locked": true, "schema_version": 3, "solution": false, "task": false}
def bigram_counts_in_a_loop(ids, vocabulary_size):
    """Count pairs of neighbours, one after the other."""
    counts = np.zeros((vocabulary_size, vocabulary_size), dtype=np.int64)
    for t in range(len(ids) - 1):
        counts[ids[t], ids[t + 1]] += 1
    return counts


# %% nbgrader={"grade": false, "grade_id": "q4-6-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bigram_counts(ids, vocabulary_size):
    """Count how often each id follows each other id.

    Parameters
    ----------
    ids : (L,) integers
        The text, each entry from 0 to V - 1.
    vocabulary_size : int
        V.

    Returns
    -------
    counts : (V, V) int64
        Row: the id before; column: the id after.
    """
    ### BEGIN SOLUTION
    pairs = ids[:-1].astype(np.int64) * vocabulary_size + ids[1:]
    counts = np.bincount(pairs, minlength=vocabulary_size**2)
    return counts.reshape(vocabulary_size, vocabulary_size)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q4-6-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.6 shape"):
    same_shape(bigram_counts(np.array([0, 2, 1, 2]), 3), (3, 3), "(V, V), for V = 3")
    hint = "(V, V) whatever ids occur"
    same_shape(bigram_counts(np.array([0, 2, 1, 2]), 6), (6, 6), f"{hint}, for V = 6")
### BEGIN HIDDEN TESTS
for ids, size in [([1, 0], 5), ([3], 4), ([], 2), ([0, 0, 0], 1), ([6, 6, 6], 9)]:
    got = bigram_counts(np.array(ids, dtype=np.int64), size)
    same_shape(got, (size, size), f"{len(ids)} ids, V = {size}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-6-values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.6 values"):
    rng = np.random.default_rng(0)
    ids = np.append(rng.integers(0, 5, 60), [4, 3, 2, 1, 0])
    counts = bigram_counts(ids, 5)
    same_shape(counts, (5, 5), "(V, V)")
    assert counts.sum() == 64, f"65 ids make 64 pairs of neighbours, not {counts.sum()}"
    hint = "Row i adds up to how often the id i has a successor. A pair counts each time it occurs."
    same_counts(counts.sum(axis=1), np.bincount(ids[:-1]), "sums of the rows", hint)
    same_counts(counts.sum(axis=0), np.bincount(ids[1:]), "sums of the columns")
    same_counts(counts, bigram_counts_in_a_loop(ids, 5), "what the loop counts")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4602)
for length, size in [(300, 7), (50, 3), (2, 4), (200, 30)]:
    # Every id is there, so that nobody misses the size of the matrix.
    ids = draw.permutation(np.append(draw.integers(0, size, length), np.arange(size)))
    expected = np.zeros((size, size), dtype=np.int64)
    np.add.at(expected, (ids[:-1], ids[1:]), 1)
    same_counts(bigram_counts(ids.copy(), size), expected, f"{length=}, V = {size}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-6-fast", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("4.6 fast"):
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 20, 3000, dtype=np.int16)
    expected = bigram_counts_in_a_loop(ids, 20)
    what = "fast or not, it has to be what the loop counts"
    same_counts(bigram_counts(ids, 20), expected, what)
    factor = times_faster(
        bigram_counts,
        bigram_counts_in_a_loop,
        lambda: (rng.integers(0, 20, 20_000, dtype=np.int16), 20),
        enough=2,
    )
    assert factor >= 2, (
        f"{factor:.1f} times as fast as the loop; NumPy does it without one, twice and more"
    )
    print(f"{factor:.0f} times as fast as the loop")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4603)
for size in (24, 9):
    ids = draw.integers(0, size, 100_000, dtype=np.int16)
    expected = np.zeros((size, size), dtype=np.int64)
    np.add.at(expected, (ids[:-1], ids[1:]), 1)
    same_counts(bigram_counts(ids, size), expected, "of many ids", reveal=False)
factor = times_faster(
    bigram_counts,
    bigram_counts_in_a_loop,
    lambda: (draw.integers(0, 20, 20_000, dtype=np.int16), 20),
    enough=2,
)
assert factor >= 2, f"{factor:.1f} times as fast as the loop; twice is asked for"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-6-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.6 care"):
    ids = np.array([0, 5, 90, 5, 90, 99, 0])
    counts = watch(bigram_counts, ids, vocabulary_size=100)
    same_shape(counts, (100, 100), "(V, V)")
    same_dtype(counts, np.int64, "bigram_counts")
    hint = "90 · 100 does not fit into 8 bits: compute in int64."
    same_counts(bigram_counts(ids.astype(np.uint8), 100), counts, "uint8 ids count the same", hint)
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong counts have cost their points already.
draw = np.random.default_rng(4604)
for dtype, size in [(np.uint8, 200), (np.uint16, 300), (np.int16, 250), (np.int32, 50)]:
    ids = np.append(draw.integers(0, size, 400), size - 1)
    expected = watch(bigram_counts, ids, vocabulary_size=size)
    same_shape(expected, (size, size), f"V = {size}")
    assert expected.any(), "no counts at all"
    got = watch(bigram_counts, ids.astype(dtype), vocabulary_size=size)
    assert got.dtype == np.int64, (
        f"{np.dtype(dtype)} ids: expected counts in int64, got {got.dtype}"
    )
    same_counts(got, expected, f"{np.dtype(dtype)} ids against int64 ids", reveal=False)
for ids in ([], [1]):
    got = bigram_counts(np.array(ids, dtype=np.int64), 3)
    same_counts(got, np.zeros((3, 3), dtype=np.int64), f"{len(ids)} ids make no pair", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* English has some hundred thousand words. How large would this matrix be, and
# which share of it could a text of a million words fill? What does that say about dictionaries?

# %% [markdown]
# ## 4.7 A little for everybody: add-k (4 points)
#
# *Goal.* The simplest way to leave nothing impossible.
#
# *Math.* Pretend to have seen every word k times more after every history than it was:
#
# $$ P(w \mid h) = \frac{c(h\,w) + k}{c(h) + kV}, \qquad k > 0 . $$
#
# *Task.* The counts are a matrix with one row for each of H histories and one column for each of V
# words. (For bigrams both are words, and the matrix may be square; for longer n-grams there are
# many more histories.) Return the matrix of probabilities, as float64. A history that was never
# seen is a row of zeros, and then all words are equally likely. The counts are whole numbers up to
# $10^{15}$, of any type of integer or of float that holds them; k lies between $10^{-14}$ and
# $10^{15}$ and need not be a whole number.
#
# *Points.* sums 1, values 1, unseen 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q4-7-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def add_k(counts, k):
    """Smooth by adding k to every count.

    Parameters
    ----------
    counts : (H, V)
        How often each word came after each history.
    k : float
        What is added to each count, above 0.

    Returns
    -------
    probabilities : (H, V) float64
        Each row adds up to 1.
    """
    ### BEGIN SOLUTION
    raised = counts.astype(np.float64) + k
    return raised / raised.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q4-7-sums", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.7 sums"):
    counts = np.array([[4, 3, 2, 1, 1, 0, 0], [0, 2, 0, 0, 6, 1, 0]])
    for k in (1, 0.05):
        table = add_k(counts, k)
        same_shape(table, (2, 7), "(H, V)")
        compare(table.sum(axis=1), np.ones(2), f"each row adds up to 1, k = {k}")
        assert (table > 0).all(), "no word is impossible"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4701)
for rows, columns, k in [(1, 5, 0.3), (6, 2, 2), (4, 4, 1e-3), (3, 9, 50.0)]:
    counts = draw.integers(1, 9, (rows, columns))
    table = add_k(counts.copy(), k)
    same_shape(table, (rows, columns), f"H = {rows}, V = {columns}")
    compare(table.sum(axis=1), np.ones(rows), f"sums, H = {rows}, V = {columns}", reveal=False)
    assert (table > 0).all(), "a word without a probability"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-7-values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.7 values"):
    counts = np.array([[4, 3, 2, 1, 1, 0, 0], [0, 2, 0, 0, 6, 1, 0]])
    expected = counts / np.array([[11.0], [9.0]])
    close = add_k(counts, 1e-13)
    same_shape(close, (2, 7), "(H, V)")
    compare(close, expected, "with hardly any k, the shares of the counts")
    compare(add_k(counts, 1e13), np.full((2, 7), 1 / 7), "with a huge k, all words are alike")
    half = add_k(counts, 0.5)
    assert math.isclose(half[0, 0] / half[0, 3], 3, rel_tol=1e-6), (
        f"with k = 1/2, counts of 4 and 1 become 4.5 and 1.5: three times as likely, not "
        f"{half[0, 0] / half[0, 3]:.4g} times"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4702)
for rows, columns, k in [(2, 5, 0.3), (6, 3, 1), (4, 4, 1e-3), (1, 9, 7.5)]:
    counts = draw.integers(0, 9, (rows, columns))
    counts[:, 1] += 1
    rules = [[(c + k) / (sum(row) + k * columns) for c in row] for row in counts.tolist()]
    compare(add_k(counts, k), np.array(rules), f"H = {rows}, V = {columns}, {k=}", reveal=False)
    got = add_k(counts * 10**13, k * 1e13)
    compare(got, np.array(rules), f"large counts and k, H = {rows}, V = {columns}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-7-unseen", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.7 unseen"):
    table = add_k(np.array([[0, 0, 0, 0], [3, 0, 0, 1]]), 0.01)
    same_shape(table, (2, 4), "(H, V)")
    compare(table[:1], np.full((1, 4), 0.25), "after a history that was never seen")
### BEGIN HIDDEN TESTS
for size, k in [(3, 1), (8, 1e-6), (5, 200.0)]:
    counts = np.zeros((3, size), dtype=np.int64)
    counts[1] = np.arange(size)
    got = add_k(counts, k)
    same_shape(got, (3, size), f"H = 3, V = {size}")
    compare(got[::2], np.full((2, size), 1 / size), f"unseen histories, {k=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-7-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.7 care"):
    counts = np.array([[255, 1, 0], [3, 0, 200]])
    table = watch(add_k, counts, k=1)
    in_float64(table, "add_k")
    hint = "255 + 1 does not fit into 8 bits: turn the counts into floats first."
    compare(add_k(counts.astype(np.uint8), 1), table, "uint8 counts", hint)
    compare(watch(add_k, counts.astype(float), k=1), table, "counts that are floats")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(4704)
counts = draw.integers(1, 120, (3, 5))
counts[1, 2] = 127
expected = watch(add_k, counts, k=2)
in_float64(expected, "int64 counts")
assert (expected != 0).any(), "all probabilities are 0"
for dtype in (np.int8, np.uint8, np.int32, np.float32, np.float64):
    got = watch(add_k, counts.astype(dtype), k=2)
    in_float64(got, f"{np.dtype(dtype)} counts")
    compare(got, expected, f"{np.dtype(dtype)} counts against int64 counts", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* After `cows eat`, seen 11 times, a model knows 10,000 words. Which share of the
# probability does add-1 take away from the five words that were seen, and what is left of 4/11?

# %% [markdown]
# ## 4.8 At home in how many places? (4 points)
#
# *Goal.* Build what Kneser–Ney falls back on: not how frequent a word is, but how adaptable.
#
# *Math.* What comes after a new history? One could fall back on how frequent each word is, whatever
# it follows. But in a text about California `Francisco` is frequent, and yet it hardly ever follows
# anything but `San`: after a new history it is a bad guess, and a word that was seen after many
# different ones is a better one. So count, for each word, the histories that it was seen after,
# each one once, and share out:
#
# $$ P_\text{cont}(w) = \frac{\#\{h : c(h\,w) > 0\}}{\sum_{w'} \#\{h : c(h\,w') > 0\}} . $$
#
# *Task.* Given counts as in 4.7, one row a history and one column a word, return $P_\text{cont}$
# for each word, as float64. At least one count is above 0.
#
# *Points.* sums 1, once 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q4-8-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def continuation_distribution(counts):
    """Share out by the number of different histories that a word was seen after.

    Parameters
    ----------
    counts : (H, V)
        How often each word came after each history.

    Returns
    -------
    probabilities : (V,) float64
        Adds up to 1.
    """
    ### BEGIN SOLUTION
    histories = (counts > 0).sum(axis=0)
    return histories / histories.sum()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q4-8-sums", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Words: Francisco, glasses, and. Histories: San, reading, new, my, the.
california = np.array([[20, 0, 1], [0, 2, 0], [0, 1, 0], [0, 1, 0], [0, 3, 2]])
with public_check("4.8 sums"):
    got = continuation_distribution(california)
    same_shape(got, (3,), "(V,), a probability for each word")
    total = got.sum()
    assert math.isclose(total, 1, rel_tol=1e-6), (
        f"the probabilities of all words add up to 1, not {total:.6g}"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4801)
for rows, columns in [(4, 7), (9, 2), (5, 5), (1, 3)]:
    counts = draw.integers(0, 4, (rows, columns))
    counts[0, 0] = 2
    got = continuation_distribution(counts)
    same_shape(got, (columns,), f"H = {rows}, V = {columns}")
    assert abs(got.sum() - 1) <= 1e-6, f"H = {rows}, V = {columns}: does not add up to 1"
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q4-8-once", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def proportions(got, size, what):
    """Stop unless ``size`` numbers came back that are not all 0; scale them to add up to 1."""
    same_shape(got, (size,), what)
    assert (got >= 0).all(), f"{what}: expected probabilities, got {got}"
    assert got.any(), f"{what}: all of them are 0"
    return got / got.sum()


with public_check("4.8 once"):
    francisco, glasses, _ = proportions(continuation_distribution(california), 3, "(V,)")
    assert math.isclose(glasses, 4 * francisco, rel_tol=1e-6), (
        "`glasses` follows 4 different words and `Francisco` 1: 4 times as likely, not "
        f"{glasses / francisco:.3g} times; that `San Francisco` occurs 20 times does not matter"
    )
    often = proportions(continuation_distribution(california * 7), 3, "(V,)")
    compare(often, np.array([francisco, glasses, _]), "a text that is read seven times")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4802)
for rows, columns in [(6, 4), (12, 5), (3, 8), (7, 7)]:
    counts = draw.integers(0, 6, (rows, columns)) * draw.integers(0, 2, (rows, columns))
    counts[rows // 2] = 0
    counts[0, :2] = 1
    seen = [len({h for h in range(rows) if counts[h, w]}) for w in range(columns)]
    expected = np.array(seen) / len(np.argwhere(counts))
    got = proportions(continuation_distribution(counts), columns, f"H = {rows}, V = {columns}")
    compare(got, expected, f"proportions, H = {rows}, V = {columns}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-8-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.8 care"):
    counts = np.array([[0, 3, 1], [2, 0, 0], [1, 1, 0]])
    got = watch(continuation_distribution, counts)
    same_shape(got, (3,), "(V,)")
    in_float64(got, "continuation_distribution")
    compare(watch(continuation_distribution, counts.astype(float)), got, "counts that are floats")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(4804)
# More histories than a number of 8 bits can count.
counts = draw.integers(0, 9, (300, 12))
expected = watch(continuation_distribution, counts)
assert expected.any(), "all probabilities are 0"
for dtype in (np.uint8, np.int16, np.float32, np.float64):
    got = watch(continuation_distribution, counts.astype(dtype))
    in_float64(got, f"{np.dtype(dtype)} counts")
    compare(got, expected, f"{np.dtype(dtype)} counts against int64 counts", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Which word of a language has the largest $P_\text{cont}$, do you think? And
# which words have the smallest one that a frequent word can have?

# %% [markdown]
# ## 4.9 Kneser–Ney (8 points)
#
# *Goal.* Take a little from what was seen, and hand it to a model with a shorter history.
#
# *Math.* Subtract a *discount* $0 < d < 1$ from every count above 0. What this takes away from the
# words of a history $h$ is given back to all words, in the proportions of the model with the
# shorter history $h'$, which is $h$ without its first word:
#
# $$ P(w \mid h) = \frac{\max(c(h\,w) - d,\, 0)}{c(h)} + \lambda(h)\, P(w \mid h'), \qquad
#    \lambda(h) = \frac{d \cdot \#\{w : c(h\,w) > 0\}}{c(h)} . $$
#
# A word that was seen gets both parts: the two models are *interpolated*. A history that was never
# seen, with $c(h) = 0$, has nothing to say of its own: then $P(w \mid h) = P(w \mid h')$.
#
# For bigrams $P(w \mid h')$ is $P_\text{cont}(w)$ of 4.8, the same for all histories: an array
# (V,). For longer n-grams each history has a row of its own: an array (H, V), which may come from
# this very function, given the counts of one word less. So one function serves all orders.
#
# *Task.* Given counts as in 4.7, the `lower` model as an array of either shape, and d, return the
# matrix of probabilities as float64. (NumPy warns of a division by zero also where you drop what
# comes of it. That costs no points, but see whether you can do without.)
#
# *Points.* sums 1, discount 2, weight 2, unseen 1, orders 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q4-9-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kneser_ney(counts, lower, discount):
    """Interpolate discounted counts with a model of shorter histories.

    Parameters
    ----------
    counts : (H, V)
        How often each word came after each history.
    lower : (V,) or (H, V)
        Probabilities of the words under the shorter history: one for all, or one a row.
    discount : float
        What is taken from each count above 0; between 0 and 1.

    Returns
    -------
    probabilities : (H, V) float64
        Each row adds up to 1.
    """
    ### BEGIN SOLUTION
    total = counts.sum(axis=1, keepdims=True)
    kinds = (counts > 0).sum(axis=1, keepdims=True)
    kept = np.maximum(counts.astype(np.float64) - discount, 0)
    # Histories that were never seen keep what stands here.
    probabilities = np.array(np.broadcast_to(lower, counts.shape))
    mixed = kept + discount * kinds * lower
    return np.divide(mixed, total, out=probabilities, where=total > 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q4-9-sums", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
cow_matrix = np.array([[4, 3, 2, 1, 1, 0], [0, 0, 0, 9, 0, 1], [1, 0, 0, 0, 0, 0]])
with public_check("4.9 sums"):
    lower = np.array([0.1, 0.2, 0.3, 0.2, 0.1, 0.1])
    for d in (0.75, 0.1):
        table = kneser_ney(cow_matrix, lower, d)
        same_shape(table, (3, 6), "(H, V)")
        compare(table.sum(axis=1), np.ones(3), f"each row adds up to 1, d = {d}")
        assert (table > 0).all(), "nothing is impossible that the lower model deems possible"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4901)
for rows, columns, d in [(1, 4, 0.5), (7, 3, 0.9), (5, 5, 0.01), (3, 8, 0.75)]:
    counts = draw.integers(0, 5, (rows, columns))
    counts[:, 1] += 1
    table = kneser_ney(counts, draw.dirichlet(np.ones(columns)), d)
    same_shape(table, (rows, columns), f"H = {rows}, V = {columns}")
    compare(table.sum(axis=1), np.ones(rows), f"sums, H = {rows}, V = {columns}", reveal=False)
    assert (table > 0).all(), "a word without a probability"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-9-discount", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("4.9 discount"):
    # A lower model that knows only the last word leaves the others with their discounted counts.
    only_last = np.array([0.0, 0, 0, 0, 0, 1])
    for d in (0.75, 0.25):
        table = kneser_ney(cow_matrix, only_last, d)
        same_shape(table, (3, 6), "(H, V)")
        expected = np.array([[4, 3, 2, 1, 1]]) / 11 - d / 11
        hint = "Every count above 0 loses d."
        compare(table[:1, :5], expected, f"seen 11 times in all, d = {d}", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4902)
for rows, columns, d in [(2, 5, 0.5), (6, 3, 0.95), (4, 7, 0.02)]:
    counts = draw.integers(1, 7, (rows, columns))
    known = int(draw.integers(columns))
    lower = np.eye(columns)[known]
    rules = [[(c - d) / sum(row) for c in row] for row in counts.tolist()]
    got = kneser_ney(counts, lower, d)
    same_shape(got, (rows, columns), f"H = {rows}, V = {columns}")
    others = np.arange(columns) != known
    expected = np.array(rules)[:, others]
    compare(got[:, others], expected, f"seen words, H = {rows}, V = {columns}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-9-weight", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("4.9 weight"):
    lower = np.array([0.1, 0.2, 0.3, 0.2, 0.1, 0.1])
    table = kneser_ney(cow_matrix, lower, 0.75)
    same_shape(table, (3, 6), "(H, V)")
    proportion = table[1, 2] / table[1, 0]
    assert math.isclose(proportion, 3, rel_tol=1e-6), (
        "words 2 and 0 were never seen after history 1, and the lower model finds the first 3 "
        f"times as likely as the second: so does the answer, not {proportion:.4g} times"
    )
    weight = table[2, 1:].sum() / lower[1:].sum()
    assert math.isclose(weight, 0.75, rel_tol=1e-6), (
        "history 2 was seen once, so d of its 1 count is handed on: unseen words have 0.75 times "
        f"what the lower model gives them, not {weight:.4g} times"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4903)
for rows, columns, d in [(3, 6, 0.5), (8, 4, 0.9), (5, 9, 0.03)]:
    counts = draw.integers(0, 5, (rows, columns)) * draw.integers(0, 2, (rows, columns))
    counts[:, 0], counts[:, 1] = 3, 0
    lower = draw.dirichlet(np.ones(columns))
    # What the discounted counts leave over goes to the lower model.
    left = [1 - sum(c - d for c in row if c) / sum(row) for row in counts.tolist()]
    expected = np.outer(left, lower)
    got = kneser_ney(counts, lower, d)
    same_shape(got, (rows, columns), f"H = {rows}, V = {columns}")
    unseen = np.where(counts == 0, got, 0)
    expected = np.where(counts == 0, expected, 0)
    compare(unseen, expected, f"unseen words, H = {rows}, V = {columns}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-9-unseen", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.9 unseen"):
    lower = np.array([0.5, 0.125, 0.375])
    table = kneser_ney(np.array([[2, 0, 1], [0, 0, 0]]), lower, 0.75)
    same_shape(table, (2, 3), "(H, V)")
    compare(table[1:], lower[None], "after a history that was never seen")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4904)
for rows, columns, d in [(3, 4, 0.5), (5, 2, 0.9), (2, 6, 0.1)]:
    counts = draw.integers(1, 4, (rows, columns))
    counts[1::2] = 0
    lower = draw.dirichlet(np.ones(columns))
    got = kneser_ney(counts, lower, d)
    same_shape(got, (rows, columns), f"H = {rows}, V = {columns}")
    expected = np.tile(lower, (len(got[1::2]), 1))
    compare(got[1::2], expected, f"unseen histories, H = {rows}, V = {columns}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q4-9-orders", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def same_rows(counts, lower, d, what, reveal):
    """Stop unless each history gets what it gets by itself, with its own row of ``lower``."""
    got = kneser_ney(counts, lower, d)
    same_shape(got, counts.shape, what)
    other = kneser_ney(counts, lower[::-1].copy(), d)
    assert not np.array_equal(got, other), f"{what}: other rows of `lower`, the same answer"
    for h in range(len(counts)):
        alone = kneser_ney(counts[[h]], lower[h], d)
        compare(got[[h]], alone, f"{what}, history {h}: with its own row of `lower`", reveal=reveal)


with public_check("4.9 orders"):
    lower = np.array([[0.1, 0.2, 0.3, 0.2, 0.1, 0.1], [0.5, 0.1, 0.1, 0.1, 0.1, 0.1], [1 / 6] * 6])
    same_rows(cow_matrix, lower, 0.75, "a lower model (H, V)", True)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(4905)
for rows, columns in [(4, 4), (6, 3)]:
    counts = draw.integers(0, 4, (rows, columns))
    counts[:, 0] += 1
    lower = draw.dirichlet(np.ones(columns), rows)
    same_rows(counts, lower, 0.6, f"lower (H, V), H = {rows}, V = {columns}", False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q4-9-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("4.9 care"):
    lower = np.array([0.1, 0.2, 0.3, 0.2, 0.1, 0.1])
    table = watch(kneser_ney, cow_matrix, lower, discount=0.75)
    in_float64(table, "kneser_ney")
    got = watch(kneser_ney, cow_matrix.astype(float), lower, discount=0.75)
    compare(got, table, "counts that are floats")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(4906)
counts = draw.integers(0, 100, (4, 5)) + np.eye(4, 5, dtype=np.int64)
lower = draw.dirichlet(np.ones(5), 4)
expected = watch(kneser_ney, counts, lower, discount=0.5)
in_float64(expected, "int64 counts")
assert (expected != 0).any(), "all probabilities are 0"
for dtype in (np.uint8, np.int16, np.float32, np.float64):
    got = watch(kneser_ney, counts.astype(dtype), lower, discount=0.5)
    in_float64(got, f"{np.dtype(dtype)} counts")
    compare(got, expected, f"{np.dtype(dtype)} counts against int64 counts", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# Time for the comparison that all of this was for. The next cell builds models of the training text
# with your functions of 4.5–4.9, and asks of each the perplexity of the held-out text, which no
# model has seen. Words that the training text has fewer than five times are treated as unknown, so
# that the models can learn what to expect of `<unk>`. You need not read the cell; the one after it
# runs it.


# %% tags=["only-shows"] nbgrader={"grade": false, "grade_id": "q4-9-look", "locked": true, "schema_version": 3, "solution": false, "task": false}
def compare_models(discount=0.75, least=5, size=60):
    """Print the perplexities of several models on sentences that are held out."""
    seen = {}
    for sentence in training_text:
        for word in sentence:
            seen[word] = seen.get(word, 0) + 1
    vocabulary = {word for word, count in seen.items() if count >= least}
    # Where one sentence ends the next one begins: both marks share an id.
    words = ["</s>", "<unk>", *sorted(vocabulary)]
    ids = {word: number for number, word in enumerate(words)} | {"<s>": 0}
    V, read = len(words), held_out_text[:size]

    def trigrams(text):
        for sentence in text:
            w = [ids.get(word, 1) for word in sentence] + [0]
            yield from zip([0, 0, *w], [0, *w], w, strict=False)

    # Only histories that will be asked for get a row of probabilities.
    last = sorted({v for _, v, _ in trigrams(read)})
    pairs = sorted({(u, v) for u, v, _ in trigrams(read)})
    row_of = {v: h for h, v in enumerate(last)} | {pair: h for h, pair in enumerate(pairs)}

    def counted():
        return bigram_counts(np.array([0] + [w for _, _, w in trigrams(training_text)]), V)

    def bigram_model(table):
        return lambda history, word: table[row_of[ids[history[-1]]], ids[word]]

    def shares():
        return counted()[last] / counted()[last].sum(axis=1, keepdims=True)

    def bigram_kneser_ney():
        lower = continuation_distribution(counted())
        return bigram_model(kneser_ney(counted()[last], lower, discount))

    def trigram_kneser_ney():
        top, middle = np.zeros((len(pairs), V)), np.zeros((V, V))
        for u, v, w in trigrams(training_text):
            if (u, v) in row_of:
                top[row_of[u, v], w] += 1
        for _, v, w in set(trigrams(training_text)):
            middle[v, w] += 1
        # Nothing but begin marks stands before a begin mark: there the counts themselves count.
        middle[0] = counted()[0]
        lower = kneser_ney(middle[last], continuation_distribution(middle), discount)
        lower = lower[[row_of[v] for _, v in pairs]]
        table = kneser_ney(top, lower, discount)
        return lambda history, word: table[row_of[ids[history[0]], ids[history[1]]], ids[word]]

    models = {
        f"fair die with V = {V} sides": (2, lambda: lambda history, word: 1 / V),
        "n = 2, shares": (2, lambda: bigram_model(shares())),
        "n = 2, add 1": (2, lambda: bigram_model(add_k(counted()[last], 1))),
        "n = 2, add 0.01": (2, lambda: bigram_model(add_k(counted()[last], 0.01))),
        "n = 2, Kneser–Ney": (2, bigram_kneser_ney),
        "n = 3, Kneser–Ney": (3, trigram_kneser_ney),
    }
    for name, (n, build) in models.items():
        try:
            score = f"{perplexity(read, build(), n, vocabulary):8.1f}"
        except Exception as error:
            score = f"to come ({type(error).__name__} {error})"
        print(f"{name:30} {score}")


# %%
compare_models()

# %% [markdown]
# *Think about it.* Which discount d is best here? Try a few: `compare_models(discount=0.5)`. If you
# choose d by the held-out text, is its perplexity still an honest measure?

# %% [markdown]
# ## 4.10 In your own words (8 points)
#
# The next cell asks two questions. Write your answers into the cell below it.

# %% [markdown] nbgrader={"grade": false, "grade_id": "q4-10-written", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": true}
# **(a) An honest number** (4 points). A model of emails has a perplexity of 50 on held-out emails.
# Explain in at most 150 words to somebody who knows probabilities, but not language models: what 50
# means; why it is measured on text that was held out; and what is done with words that the model
# does not know. A second team, whose vocabulary has only the 100 most frequent words, reports a
# perplexity of 12 on the same emails. Say why that does not make theirs the better model.
#
# **(b) San Francisco** (4 points). A bigram model was made of a text that is full of `San
# Francisco`. It meets the history `borrowed`, seen twice there, followed by `books` and by `money`.
# Explain in at most 120 words why a model that falls back on the frequency of words may deem
# `Francisco` more likely to come next than `glasses`, what continuation counts look at instead, and
# why, of two histories that were seen equally often, the model with discounts hands on more after
# the one that was followed by many different words than after the one that was always followed by
# the same word.
#
# === BEGIN MARK SCHEME ===
#
# (a) 4 points
#
# - 1: on average the model is as unsure as between 50 equally likely words (inverse geometric mean
#   of the probabilities; e to the cross-entropy).
# - 1: on its own training text a model is judged by what it has memorised: shares of counts do best
#   there and are useless elsewhere, since new text is what it is for.
# - 1: unknown words are mapped to one word <unk> that has a probability (learned from rare words of
#   the training text); otherwise one of them would have the probability 0 and the perplexity be
#   infinite, or one would have to leave them out.
# - 1: with 100 words most of the text is <unk>, which is easy to foresee; perplexities compare only
#   for the same vocabulary (and the same tokens of the same text).
#
# (b) 4 points
#
# - 1: `Francisco` is frequent, because `San Francisco` is, and frequency ignores what it follows.
# - 1: continuation counts ask after how many different words a word was seen: `Francisco` after one
#   only, `glasses` after many, so it is the better guess after a new history.
# - 2: each different word after a history gives up d, so that λ(h) = d · kinds / c(h): many kinds
#   are a sign that further new words will come, and much is handed on; always the same word is a
#   sign that it will come again, and only d / c(h) is handed on. 1 point for the formula alone.
#
# === END MARK SCHEME ===

# %% [markdown]
# *Write your answers here: double-click this text and replace it.*
#
# **(a)**
#
# **(b)**

# %% [markdown]
# ## How far are you?
#
# Run this last. It counts the public checks that passed when you last ran them. *Run All* stops at
# the first check that fails; `course check hw04-ngrams.ipynb`, in a terminal, runs all cells afresh
# and lists what every check says.


# %% nbgrader={"grade": true, "grade_id": "q4-public-score", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
show_public_score(41)
