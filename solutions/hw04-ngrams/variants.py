"""Other right answers to Homework 4: each must earn full marks, however it is written.

The form is that of ``misconceptions.py``: a class stands for a question, a function in it is one
complete answer, and its docstring says what is different about it.
"""

import numpy as np


class count_ngrams:
    def zips_shifted_copies(sentences, n):
        """Zip the sentence with itself, shifted; a Counter counts."""
        from collections import Counter

        counts = Counter()
        for sentence in sentences:
            padded = ["<s>"] * (n - 1) + sentence + ["</s>"]
            counts.update(zip(*(padded[i:] for i in range(n)), strict=False))
        return dict(counts)

    def slides_a_deque(sentences, n):
        """Push one word after the other through a window of n words."""
        from collections import defaultdict, deque

        counts = defaultdict(int)
        for sentence in sentences:
            window = deque(["<s>"] * n, maxlen=n)
            for word in (*sentence, "</s>"):
                window.append(word)
                counts[tuple(window)] += 1
        return dict(counts)

    def looks_back_from_each_word(sentences, n):
        """Each word, and the end mark, with the n - 1 words before it."""
        counts = {}
        for sentence in sentences:
            padded = ("<s>",) * (n - 1) + tuple(sentence) + ("</s>",)
            for t, word in enumerate(padded[n - 1 :]):
                key = (*padded[t : t + n - 1], word)
                if key in counts:
                    counts[key] += 1
                else:
                    counts[key] = 1
        return counts

    def sorts_and_groups(sentences, n):
        """List all n-grams, sort them and measure the runs."""
        from itertools import groupby

        ngrams = []
        for sentence in sentences:
            padded = [*["<s>"] * (n - 1), *sentence, "</s>"]
            ngrams += [tuple(padded[i : i + n]) for i in range(len(sentence) + 1)]
        return {ngram: len(list(run)) for ngram, run in groupby(sorted(ngrams))}


class conditional_table:
    def groups_first(counts):
        """Gather the counts by history, then divide each row by its sum."""
        rows = {}
        for ngram, count in counts.items():
            rows.setdefault(ngram[:-1], {})[ngram[-1]] = count
        return {
            history: {word: count / sum(row.values()) for word, count in row.items()}
            for history, row in rows.items()
        }

    def uses_defaultdicts(counts):
        """Totals and rows in defaultdicts, made plain in the end."""
        from collections import defaultdict

        totals, table = defaultdict(int), defaultdict(dict)
        for ngram, count in counts.items():
            totals[ngram[:-1]] += count
        for (*history, word), count in counts.items():
            table[tuple(history)][word] = np.float64(count) / totals[tuple(history)]
        return dict(table)

    def divides_arrays(counts):
        """Each row's counts as an array."""
        from itertools import groupby

        table = {}
        for history, ngrams in groupby(sorted(counts), key=lambda ngram: ngram[:-1]):
            ngrams = list(ngrams)
            row = np.array([counts[ngram] for ngram in ngrams], dtype=float)
            words = [ngram[-1] for ngram in ngrams]
            table[history] = dict(zip(words, (row / row.sum()).tolist(), strict=True))
        return table

    def uses_fractions(counts):
        """Exact fractions on the way."""
        from fractions import Fraction

        totals, table = {}, {}
        for ngram in counts:
            totals[ngram[:-1]] = totals.get(ngram[:-1], 0) + counts[ngram]
        for ngram in counts:
            share = Fraction(counts[ngram], totals[ngram[:-1]])
            table.setdefault(ngram[:-1], {}).update({ngram[-1]: float(share)})
        return table


class sentence_log_probability:
    def adds_in_a_loop(sentence, table, n):
        """A running sum that gives up at the first zero."""
        import math

        history, total = ("<s>",) * (n - 1), 0.0
        for word in sentence + ["</s>"]:  # noqa: RUF005 - as a student would write it
            if history not in table or word not in table[history]:
                return -math.inf
            total += math.log(table[history][word])
            history = (*history, word)[1:]
        return total

    def catches_key_errors(sentence, table, n):
        """Ask forgiveness, not permission."""
        import math

        padded = ["<s>"] * (n - 1) + [*sentence, "</s>"]
        try:
            return math.fsum(
                math.log(table[tuple(padded[t : t + n - 1])][padded[t + n - 1]])
                for t in range(len(sentence) + 1)
            )
        except KeyError:
            return float("-inf")

    def splits_the_product(sentence, table, n):
        """Multiply, and move the power of 2 aside whenever the product gets small."""
        import math

        padded = ("<s>",) * (n - 1) + tuple(sentence) + ("</s>",)
        mantissa, exponent = 1.0, 0
        for t in range(n - 1, len(padded)):
            mantissa *= table.get(padded[t - n + 1 : t], {}).get(padded[t], 0)
            if mantissa == 0:
                return -math.inf
            mantissa, shift = math.frexp(mantissa)
            exponent += shift
        return math.log(mantissa) + exponent * math.log(2)

    def sums_with_numpy(sentence, table, n):
        """A NumPy number in place of Python's."""
        padded = ["<s>"] * (n - 1) + [*sentence, "</s>"]
        logs = [-np.inf] * (len(sentence) + 1)
        for t in range(len(logs)):
            row = table.get(tuple(padded[t : t + n - 1]))
            if row and padded[t + n - 1] in row:
                logs[t] = np.log(row[padded[t + n - 1]])
        return np.sum(logs)


class sample_sentence:
    def walks_along_the_interval(table, n, rng, max_length):
        """Add up until the sum exceeds the number drawn."""
        words, history = [], ("<s>",) * (n - 1)
        for _ in range(max_length):
            u, total = rng.random(), 0.0
            for word in sorted(table[history]):
                total += table[history][word]
                if total > u:
                    break
            if word == "</s>":
                return words
            words.append(word)
            history = (history + (word,))[1:]  # noqa: RUF005
        return words

    def lets_numpy_choose(table, n, rng, max_length):
        """Generator.choice takes one number, too, and cuts the interval in the same way."""
        words = []
        while len(words) < max_length:
            row = table[tuple((["<s>"] * (n - 1) + words)[len(words) :])]
            candidates = sorted(row)
            word = candidates[rng.choice(len(candidates), p=[row[word] for word in candidates])]
            if word == "</s>":
                break
            words.append(word)
        return words

    def bisects_the_sums(table, n, rng, max_length):
        """Running sums from itertools, a place from bisect, a window in a deque."""
        from bisect import bisect_right
        from collections import deque
        from itertools import accumulate

        words, window = [], deque(["<s>"] * (n - 1), maxlen=n - 1)
        while True:
            row = table[tuple(window)]
            candidates = sorted(row)
            sums = list(accumulate(row[word] for word in candidates))
            place = min(bisect_right(sums, rng.random()), len(candidates) - 1)
            if candidates[place] == "</s>":
                return words
            words.append(candidates[place])
            if len(words) == max_length:
                return words
            window.append(words[-1])

    def counts_the_edges(table, n, rng, max_length):
        """The place is the number of running sums that are not greater than u."""
        words, padded = [], ["<s>"] * (n - 1)
        while len(words) < max_length:
            items = sorted(table[tuple(padded[len(padded) - n + 1 :])].items())
            sums = np.cumsum([p for _, p in items])
            word, _ = items[min(int((sums <= rng.random()).sum()), len(items) - 1)]
            if word == "</s>":
                break
            words.append(word)
            padded.append(word)
        return words


class perplexity:
    def adds_in_a_loop(sentences, probability, n, vocabulary):
        """A running sum that gives up at the first zero."""
        import math

        total, size = 0.0, 0
        for sentence in sentences:
            history = ("<s>",) * (n - 1)
            for word in [*(w if w in vocabulary else "<unk>" for w in sentence), "</s>"]:
                p = probability(history, word)
                if p == 0:
                    return math.inf
                total -= math.log(p)
                size += 1
                history = (*history, word)[1:]
        return math.exp(total / size)

    def counts_in_bits(sentences, probability, n, vocabulary):
        """Base 2 in both steps."""
        logs = []
        for sentence in sentences:
            words = ["<unk>" if word not in vocabulary else word for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            for t in range(len(words) + 1):
                p = probability(tuple(padded[t : t + n - 1]), padded[t + n - 1])
                logs.append(np.log2(p) if p > 0 else -np.inf)
        return 2 ** -np.mean(logs)

    def multiplies_roots(sentences, probability, n, vocabulary):
        """A product of roots does not underflow either."""
        M = sum(len(sentence) + 1 for sentence in sentences)
        product = 1.0
        for sentence in sentences:
            words = tuple(word if word in vocabulary else "<unk>" for word in sentence)
            padded = ("<s>",) * (n - 1) + words + ("</s>",)
            for end in range(n, len(padded) + 1):
                *history, word = padded[end - n : end]
                product *= probability(tuple(history), word) ** (1 / M)
        return 1 / product if product else float("inf")

    def remembers_what_it_asked(sentences, probability, n, vocabulary):
        """Count the n-grams first, and ask for each of them once."""
        from collections import Counter

        asked = Counter()
        for sentence in sentences:
            padded = ["<s>"] * (n - 1)
            padded += [word if word in vocabulary else "<unk>" for word in sentence] + ["</s>"]
            asked.update(tuple(padded[t : t + n]) for t in range(len(sentence) + 1))
        p = np.array([probability(ngram[:-1], ngram[-1]) for ngram in asked], dtype=float)
        with np.errstate(divide="ignore"):
            return np.exp(-np.average(np.log(p), weights=list(asked.values())))


class bigram_counts:
    def adds_at_places(ids, vocabulary_size):
        """np.add.at counts repeated places each time."""
        counts = np.zeros((vocabulary_size, vocabulary_size), dtype=np.int64)
        np.add.at(counts, (ids[:-1], ids[1:]), 1)
        return counts

    def finds_unique_pairs(ids, vocabulary_size):
        """np.unique counts the pairs that occur."""
        counts = np.zeros(vocabulary_size * vocabulary_size, dtype=np.int64)
        pairs = vocabulary_size * ids[:-1].astype(np.int64) + ids[1:]
        places, times = np.unique(pairs, return_counts=True)
        counts[places] = times
        return counts.reshape(vocabulary_size, vocabulary_size)

    def sorts_the_pairs(ids, vocabulary_size):
        """Sorted, a pair's count is the distance between its ends."""
        V = vocabulary_size
        pairs = np.sort(np.int64(V) * ids[:-1] + ids[1:])
        return np.diff(np.searchsorted(pairs, np.arange(V * V + 1))).reshape(V, V)

    def ravels_the_index(ids, vocabulary_size):
        """np.ravel_multi_index numbers the pairs."""
        V = vocabulary_size
        ids = np.array(ids, dtype=np.intp)
        pairs = np.ravel_multi_index((ids[:-1], ids[1:]), (V, V))
        return np.reshape(np.bincount(pairs, minlength=V * V), (V, V))


class add_k:
    def writes_the_formula(counts, k):
        """Numerator and denominator as in the text."""
        counts = counts.astype(float)
        return (counts + k) / (counts.sum(axis=1, keepdims=True) + k * counts.shape[1])

    def loops_over_rows(counts, k):
        """One history after the other."""
        table = np.empty(counts.shape)
        for h, row in enumerate(counts):
            for w, count in enumerate(row):
                table[h, w] = (int(count) + k) / (int(row.sum()) + k * len(row))
        return table

    def mixes_two_distributions(counts, k):
        """The shares and a fair die, weighted by what each brings in."""
        V = counts.shape[1]
        total = counts.sum(axis=1, dtype=float)[:, None]
        shares = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)
        weight = total / (total + k * V)
        return weight * shares + (1 - weight) / V

    def divides_transposed(counts, k):
        """Broadcasting along the last axis of the transpose."""
        raised = np.array(counts, dtype=np.float64).T + k
        return np.ascontiguousarray((raised / np.einsum("vh->h", raised)).T)


class continuation_distribution:
    def counts_nonzeros(counts):
        """np.count_nonzero along the columns."""
        kinds = np.count_nonzero(counts, axis=0)
        return kinds / np.sum(kinds)

    def loops_over_words(counts):
        """One set of histories a word."""
        sets = [{h for h in range(len(counts)) if counts[h, w] > 0} for w in range(counts.shape[1])]
        total = sum(map(len, sets))
        return np.array([len(histories) / total for histories in sets])

    def counts_columns_of_places(counts):
        """Where it is not 0, which columns?"""
        _, columns = np.nonzero(counts)
        return np.bincount(columns, minlength=counts.shape[1]) / len(columns)

    def averages_truths(counts):
        """The mean of truth values is a share."""
        share = np.mean(np.asarray(counts) > 0, axis=0)
        return share / share.sum()


class kneser_ney:
    def shares_out_what_is_left(counts, lower, discount):
        """The weight is what the discounted counts leave over."""
        counts = counts.astype(float)
        total = counts.sum(axis=1, keepdims=True)
        kept = np.where(counts > 0, counts - discount, 0)
        shares = np.divide(kept, total, out=np.zeros(counts.shape), where=total > 0)
        return shares + (1 - shares.sum(axis=1, keepdims=True)) * lower

    def loops_over_everything(counts, lower, discount):
        """The formula, one entry after the other."""
        H, V = counts.shape
        lower = np.broadcast_to(lower, (H, V))
        table = np.zeros((H, V))
        for h in range(H):
            total = int(counts[h].sum())
            kinds = sum(1 for w in range(V) if counts[h, w] > 0)
            for w in range(V):
                if total == 0:
                    table[h, w] = lower[h, w]
                else:
                    kept = max(float(counts[h, w]) - discount, 0)
                    table[h, w] = kept / total + discount * kinds / total * lower[h, w]
        return table

    def treats_rows_apart(counts, lower, discount):
        """Seen histories by index, the others left as they are."""
        table = np.broadcast_to(lower, counts.shape).copy()
        seen = counts.any(axis=1)
        rows = counts[seen].astype(np.float64)
        weight = discount * (rows > 0).sum(1) / rows.sum(1)
        kept = (rows - discount).clip(min=0) / rows.sum(1)[:, None]
        table[seen] = kept + weight[:, None] * table[seen]
        return table

    def divides_only_at_the_end(counts, lower, discount):
        """Pseudo-counts: what was kept, and what was handed on; an unseen history hands on 1."""
        kinds = np.count_nonzero(counts, axis=1)[:, None]
        kept = counts - discount * (counts > 0)
        pool = np.where(kinds > 0, discount * kinds, 1.0)
        pseudo = kept + pool * lower
        return (pseudo / np.maximum(counts.sum(axis=1), 1)[:, None]).astype(np.float64)
