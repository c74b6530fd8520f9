"""Wrong answers that students really give to Homework 4, and what to tell whoever gave one.

A class stands for a question and is named as the function that the question asks for. Each function
in it is one complete answer; its docstring is the sentence to its author. The grader reads this
file as text and never runs it.
"""

import numpy as np


class count_ngrams:
    def crosses_from_sentence_to_sentence(sentences, n):
        """You run over all sentences, marks and all, as one long list, so that some of your n-grams
        begin in one sentence and end in the next. Start anew for each sentence.
        """
        stream, counts = [], {}
        for sentence in sentences:
            stream += ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
        for start in range(len(stream) - n + 1):
            ngram = tuple(stream[start : start + n])
            counts[ngram] = counts.get(ngram, 0) + 1
        return counts

    def joins_the_text(sentences, n):
        """You join all sentences before you count, so the last words of one sentence and the first
        ones of the next look like neighbours. Count each sentence by itself.
        """
        padded = ["<s>"] * (n - 1) + [word for s in sentences for word in s] + ["</s>"]
        counts = {}
        for start in range(len(padded) - n + 1):
            ngram = tuple(padded[start : start + n])
            counts[ngram] = counts.get(ngram, 0) + 1
        return counts

    def begins_with_one_mark(sentences, n):
        """You put one begin mark before each sentence, which is right for bigrams only. The first
        word needs a history of n − 1 marks: two for n = 3, none for n = 1.
        """
        counts = {}
        for sentence in sentences:
            padded = ["<s>", *sentence, "</s>"]
            for start in range(len(padded) - n + 1):
                ngram = tuple(padded[start : start + n])
                counts[ngram] = counts.get(ngram, 0) + 1
        return counts

    def forgets_the_end(sentences, n):
        """Your sentences have no end mark, so your model cannot learn where sentences end. Put one
        `</s>` behind each.
        """
        counts = {}
        for sentence in sentences:
            padded = ["<s>"] * (n - 1) + list(sentence)
            for start in range(len(padded) - n + 1):
                ngram = tuple(padded[start : start + n])
                counts[ngram] = counts.get(ngram, 0) + 1
        return counts

    def ends_as_it_begins(sentences, n):
        """You put as many end marks behind a sentence as begin marks before it. A sentence ends
        only once: one `</s>`, whatever n is.
        """
        counts = {}
        for sentence in sentences:
            padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"] * (n - 1)
            for start in range(len(padded) - n + 1):
                ngram = tuple(padded[start : start + n])
                counts[ngram] = counts.get(ngram, 0) + 1
        return counts

    def skips_short_sentences(sentences, n):
        """You leave out sentences with fewer than n words, but with their marks they have n-grams,
        too: as many as words, and one more.
        """
        counts = {}
        for sentence in sentences:
            if len(sentence) < n:
                continue
            padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
            for start in range(len(padded) - n + 1):
                ngram = tuple(padded[start : start + n])
                counts[ngram] = counts.get(ngram, 0) + 1
        return counts

    def unpacks_single_words(sentences, n):
        """For n = 1 your keys are bare strings. An n-gram is a tuple for every n: `("cows",)`, with
        a comma, is a tuple of one word.
        """
        counts = {}
        for sentence in sentences:
            padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
            for start in range(len(padded) - n + 1):
                ngram = tuple(padded[start : start + n]) if n > 1 else padded[start]
                counts[ngram] = counts.get(ngram, 0) + 1
        return counts

    def counts_sentences(sentences, n):
        """You count in how many sentences an n-gram occurs. If it occurs twice in one sentence,
        that counts twice.
        """
        counts = {}
        for sentence in sentences:
            padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
            for ngram in {tuple(padded[i : i + n]) for i in range(len(padded) - n + 1)}:
                counts[ngram] = counts.get(ngram, 0) + 1
        return counts

    def lowers_the_case(sentences, n):
        """You turn all words into lower case before you count. `Moo` and `moo` are different words
        here: count what you are given.
        """
        counts = {}
        for sentence in sentences:
            padded = ["<s>"] * (n - 1) + [word.lower() for word in sentence] + ["</s>"]
            for start in range(len(padded) - n + 1):
                ngram = tuple(padded[start : start + n])
                counts[ngram] = counts.get(ngram, 0) + 1
        return counts

    def marks_the_callers_text(sentences, n):
        """Your counts are right, but you put the end mark into the caller's own lists, where it
        stays. Build a new list: `[*sentence, "</s>"]`.
        """
        counts = {}
        for sentence in sentences:
            if isinstance(sentence, list):
                sentence.append("</s>")
            else:
                sentence = [*sentence, "</s>"]
            padded = ["<s>"] * (n - 1) + list(sentence)
            for start in range(len(padded) - n + 1):
                ngram = tuple(padded[start : start + n])
                counts[ngram] = counts.get(ngram, 0) + 1
        return counts

    def counts_shorter_ones_too(sentences, n):
        """You count all n-grams up to the order n in one dictionary. Only those of exactly n words
        are asked for.
        """
        counts = {}
        for sentence in sentences:
            padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
            for order in range(1, n + 1):
                for start in range(len(padded) - order + 1):
                    ngram = tuple(padded[start : start + order])
                    counts[ngram] = counts.get(ngram, 0) + 1
        return counts

    def begins_with_n_marks(sentences, n):
        """You put n begin marks before each sentence, one too many: your first n-gram is made of
        begin marks alone, and nobody predicts those. The history has n − 1 words.
        """
        counts = {}
        for sentence in sentences:
            padded = ["<s>"] * n + list(sentence) + ["</s>"]
            for start in range(len(padded) - n + 1):
                ngram = tuple(padded[start : start + n])
                counts[ngram] = counts.get(ngram, 0) + 1
        return counts


class conditional_table:
    def divides_by_all_counts(counts):
        """You divide by the sum of all counts, which gives the probability of the whole n-gram.
        Divide by c(h), the sum over the n-grams with the same history.
        """
        total = sum(counts.values())
        table = {}
        for ngram, count in counts.items():
            table.setdefault(ngram[:-1], {})[ngram[-1]] = count / total
        return table

    def divides_by_the_largest(counts):
        """You divide by the largest count of a history, so that the favourite gets 1. Divide by the
        sum of its counts.
        """
        table = {}
        for ngram, count in counts.items():
            table.setdefault(ngram[:-1], {})[ngram[-1]] = count
        return {h: {w: c / max(row.values()) for w, c in row.items()} for h, row in table.items()}

    def looks_back_to_front(counts):
        """You take the first word of the n-gram for the one that is predicted, and the rest for its
        history. It is the last word that is predicted.
        """
        table = {}
        for ngram, count in counts.items():
            table.setdefault(ngram[1:], {})[ngram[0]] = count
        return {h: {w: c / sum(row.values()) for w, c in row.items()} for h, row in table.items()}

    def remembers_one_word(counts):
        """Your history is the last word only, which is right for bigrams. The history of an n-gram
        is all its words but the last: `ngram[:-1]`.
        """
        table = {}
        for ngram, count in counts.items():
            row = table.setdefault(ngram[-2:-1], {})
            row[ngram[-1]] = row.get(ngram[-1], 0) + count
        return {h: {w: c / sum(row.values()) for w, c in row.items()} for h, row in table.items()}

    def overwrites_the_row(counts):
        """You start a new dictionary for a history each time you meet it, so that only the last
        word is left. Make one if there is none yet: `setdefault`.
        """
        totals, table = {}, {}
        for ngram, count in counts.items():
            totals[ngram[:-1]] = totals.get(ngram[:-1], 0) + count
        for ngram, count in counts.items():
            table[ngram[:-1]] = {ngram[-1]: count / totals[ngram[:-1]]}
        return table

    def adds_one(counts):
        """You add 1 to each count. That is smoothing, and comes later: the shares asked for here
        are c(h w) / c(h) as they are.
        """
        table = {}
        for ngram, count in counts.items():
            table.setdefault(ngram[:-1], {})[ngram[-1]] = count + 1
        return {h: {w: c / sum(row.values()) for w, c in row.items()} for h, row in table.items()}

    def makes_all_words_alike(counts):
        """You give all words seen after a history the same probability. A word seen four times is
        four times as likely as one seen once.
        """
        table = {}
        for ngram in counts:
            table.setdefault(ngram[:-1], {})[ngram[-1]] = 1
        return {h: dict.fromkeys(row, 1 / len(row)) for h, row in table.items()}

    def returns_percentages(counts):
        """You return percentages. Probabilities add up to 1, not to 100."""
        table = {}
        for ngram, count in counts.items():
            table.setdefault(ngram[:-1], {})[ngram[-1]] = count
        return {
            h: {w: 100 * c / sum(row.values()) for w, c in row.items()} for h, row in table.items()
        }

    def empties_the_counts(counts):
        """Your table is right, but you take the n-grams out of the caller's dictionary, which is
        empty afterwards. Read it with `items()`.
        """
        totals, table, entries = {}, {}, list(counts.items())
        for ngram, count in entries:
            totals[ngram[:-1]] = totals.get(ngram[:-1], 0) + count
        for ngram, _ in entries:
            table.setdefault(ngram[:-1], {})[ngram[-1]] = counts.pop(ngram) / totals[ngram[:-1]]
        return table

    def rounds(counts):
        """You round the probabilities. They no longer add up to 1 then, and products of many become
        wrong: round when you print, not before.
        """
        table = {}
        for ngram, count in counts.items():
            table.setdefault(ngram[:-1], {})[ngram[-1]] = count
        return {
            h: {w: round(c / sum(row.values()), 3) for w, c in row.items()}
            for h, row in table.items()
        }

    def has_no_empty_history(counts):
        """For n = 1 your table is keyed by None. A history of no words is the empty tuple `()`, and
        needs no case of its own: `ngram[:-1]` gives it.
        """
        table = {}
        for ngram, count in counts.items():
            history = ngram[:-1] if len(ngram) > 1 else None
            table.setdefault(history, {})[ngram[-1]] = count
        return {h: {w: c / sum(row.values()) for w, c in row.items()} for h, row in table.items()}

    def lists_unseen_words(counts):
        """You list all words after every history, most of them with the probability 0. Your table
        should hold only what was seen: with many words the zeros do not fit into memory.
        """
        words, table = {ngram[-1] for ngram in counts}, {}
        for ngram in counts:
            row = {word: counts.get((*ngram[:-1], word), 0) for word in words}
            table[ngram[:-1]] = {word: count / sum(row.values()) for word, count in row.items()}
        return table

    def keeps_histories_as_text(counts):
        """Your histories are strings of words with blanks between them. They are asked for as
        tuples, which need no cutting apart: `("cows", "eat")`.
        """
        table = {}
        for ngram, count in counts.items():
            table.setdefault(" ".join(ngram[:-1]), {})[ngram[-1]] = count
        return {h: {w: c / sum(row.values()) for w, c in row.items()} for h, row in table.items()}


class sentence_log_probability:
    def multiplies_first(sentence, table, n):
        """You multiply first and take the logarithm last, but the product of a long sentence is too
        small for a float and becomes 0. Add the logarithms.
        """
        padded, product = ["<s>"] * (n - 1) + list(sentence) + ["</s>"], 1.0
        for t in range(n - 1, len(padded)):
            product *= table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
        with np.errstate(divide="ignore"):
            return float(np.log(product))

    def forgets_the_end(sentence, table, n):
        """Your sum stops at the last word. That the sentence ends there has a probability, too: the
        end mark is predicted like a word.
        """
        padded = ["<s>"] * (n - 1) + list(sentence)
        p = [
            table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
            for t in range(n - 1, len(padded))
        ]
        with np.errstate(divide="ignore"):
            return float(np.log(p).sum())

    def starts_late(sentence, table, n):
        """You leave out the first n − 1 words because they have no full history. They have one: it
        is made of begin marks.
        """
        padded = [*sentence, "</s>"]
        p = [
            table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
            for t in range(n - 1, len(padded))
        ]
        with np.errstate(divide="ignore"):
            return float(np.log(p).sum())

    def counts_in_bits(sentence, table, n):
        """Your logarithm has the base 2. The natural logarithm, base e, is asked for: `math.log` or
        `np.log`.
        """
        padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
        p = [
            table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
            for t in range(n - 1, len(padded))
        ]
        with np.errstate(divide="ignore"):
            return float(np.log2(p).sum())

    def returns_the_probability(sentence, table, n):
        """You return the probability itself. Its logarithm is asked for, since the probability of a
        long sentence is too small for a float.
        """
        padded, product = ["<s>"] * (n - 1) + list(sentence) + ["</s>"], 1.0
        for t in range(n - 1, len(padded)):
            product *= table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
        return product

    def turns_the_sign(sentence, table, n):
        """You return minus the logarithm. That is a fine loss, but the logarithm of a probability
        is negative or 0, and −inf for what is impossible.
        """
        padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
        p = [
            table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
            for t in range(n - 1, len(padded))
        ]
        with np.errstate(divide="ignore"):
            return float(-np.log(p).sum())

    def averages(sentence, table, n):
        """You divide by the number of terms. The logarithm of the sentence's probability is the
        sum; the mean comes with perplexity, later.
        """
        padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
        p = [
            table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
            for t in range(n - 1, len(padded))
        ]
        with np.errstate(divide="ignore"):
            return float(np.log(p).mean())

    def passes_over_the_unseen(sentence, table, n):
        """You leave out words that were not seen after their history, as if they were certain. To
        this model they are impossible, and so is the sentence: −inf.
        """
        padded, total = ["<s>"] * (n - 1) + list(sentence) + ["</s>"], 0.0
        for t in range(n - 1, len(padded)):
            row = table.get(tuple(padded[t - n + 1 : t]), {})
            if padded[t] in row:
                total += np.log(row[padded[t]])
        return float(total)

    def puts_a_floor_under_zero(sentence, table, n):
        """You give what was never seen a tiny probability of your own invention. This model says 0,
        so the logarithm is −inf; how to do better is the matter of smoothing.
        """
        padded, total = ["<s>"] * (n - 1) + list(sentence) + ["</s>"], 0.0
        for t in range(n - 1, len(padded)):
            p = table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
            total += np.log(max(p, 1e-12))
        return float(total)

    def refuses_the_unseen(sentence, table, n):
        """You raise an error for a sentence that the model deems impossible. Impossible is a fair
        answer, not a mistake of the caller's: return −inf.
        """
        padded, total = ["<s>"] * (n - 1) + list(sentence) + ["</s>"], 0.0
        for t in range(n - 1, len(padded)):
            p = table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
            if p == 0:
                raise ValueError(f"{padded[t]} was never seen there")
            total += np.log(p)
        return float(total)

    def begins_with_one_mark(sentence, table, n):
        """You put one begin mark before the sentence, which is right for bigrams only. The history
        of the first word has n − 1 of them.
        """
        padded, total = ["<s>", *sentence, "</s>"], 0.0
        for t in range(1, len(padded)):
            p = table.get(tuple(padded[max(0, t - n + 1) : t]), {}).get(padded[t], 0.0)
            with np.errstate(divide="ignore"):
                total += np.log(p)
        return float(total)

    def adds_probabilities(sentence, table, n):
        """You add the probabilities and take the logarithm of the sum. Probabilities along a
        sentence are multiplied; it is their logarithms that add up.
        """
        padded, total = ["<s>"] * (n - 1) + list(sentence) + ["</s>"], 0.0
        for t in range(n - 1, len(padded)):
            total += table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
        return float(np.log(total))

    def marks_the_callers_sentence(sentence, table, n):
        """Your number is right, but you put the end mark into the caller's own list, where it
        stays. Build a new list: `[*sentence, "</s>"]`.
        """
        if isinstance(sentence, list):
            sentence.append("</s>")
        else:
            sentence = [*sentence, "</s>"]
        padded = ["<s>"] * (n - 1) + list(sentence)
        p = [
            table.get(tuple(padded[t - n + 1 : t]), {}).get(padded[t], 0.0)
            for t in range(n - 1, len(padded))
        ]
        with np.errstate(divide="ignore"):
            return float(np.log(p).sum())

    def reads_histories_backwards(sentence, table, n):
        """Your history begins with the word just before. Some formulas write it like that, but in
        the table histories stand in reading order, the oldest word first.
        """
        padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
        p = [
            table.get(tuple(padded[t - n + 1 : t][::-1]), {}).get(padded[t], 0.0)
            for t in range(n - 1, len(padded))
        ]
        with np.errstate(divide="ignore"):
            return float(np.log(p).sum())


class sample_sentence:
    def takes_the_most_likely(table, n, rng, max_length):
        """You always take the most likely word. That is no sampling: the die is weighted, but it
        has to be rolled, one `rng.random()` a word.
        """
        words, history = [], ("<s>",) * (n - 1)
        while len(words) < max_length:
            word = max(table[history], key=table[history].get)
            if word == "</s>":
                break
            words.append(word)
            history = (*history, word)[1:]
        return words

    def rolls_a_fair_die(table, n, rng, max_length):
        """You draw all words seen after a history with the same probability. The die is weighted:
        each word's piece of the unit interval is as long as its probability.
        """
        words, history = [], ("<s>",) * (n - 1)
        while len(words) < max_length:
            candidates = sorted(table[history])
            word = candidates[int(rng.random() * len(candidates))]
            if word == "</s>":
                break
            words.append(word)
            history = (*history, word)[1:]
        return words

    def keeps_the_order_of_the_table(table, n, rng, max_length):
        """You draw with the right probabilities, but your pieces of the unit interval lie in the
        order of the dictionary. The words are asked for in alphabetical order: `sorted`.
        """
        words, history = [], ("<s>",) * (n - 1)
        while len(words) < max_length:
            candidates = list(table[history])
            sums = np.cumsum([table[history][word] for word in candidates[:-1]])
            word = candidates[np.searchsorted(sums, rng.random(), side="right")]
            if word == "</s>":
                break
            words.append(word)
            history = (*history, word)[1:]
        return words

    def sorts_by_probability(table, n, rng, max_length):
        """You draw with the right probabilities, but you put the likeliest word first. The words
        are asked for in alphabetical order, so that everybody draws the same.
        """
        words, history = [], ("<s>",) * (n - 1)
        while len(words) < max_length:
            row = table[history]
            candidates = sorted(row, key=lambda word: -row[word])
            sums = np.cumsum([row[word] for word in candidates[:-1]])
            word = candidates[np.searchsorted(sums, rng.random(), side="right")]
            if word == "</s>":
                break
            words.append(word)
            history = (*history, word)[1:]
        return words

    def brings_its_own_die(table, n, rng, max_length):
        """You make a random generator of your own, with a fixed seed, so every call writes the same
        sentence. Draw from the `rng` that you are given.
        """
        words, history, rng = [], ("<s>",) * (n - 1), np.random.default_rng(0)
        while len(words) < max_length:
            candidates = sorted(table[history])
            sums = np.cumsum([table[history][word] for word in candidates[:-1]])
            word = candidates[np.searchsorted(sums, rng.random(), side="right")]
            if word == "</s>":
                break
            words.append(word)
            history = (*history, word)[1:]
        return words

    def rolls_once_a_sentence(table, n, rng, max_length):
        """You draw one random number and use it for all words of the sentence. Each word needs a
        new one, else all words come from the same place of the unit interval.
        """
        words, history, u = [], ("<s>",) * (n - 1), rng.random()
        while len(words) < max_length:
            candidates = sorted(table[history])
            sums = np.cumsum([table[history][word] for word in candidates[:-1]])
            word = candidates[np.searchsorted(sums, u, side="right")]
            if word == "</s>":
                break
            words.append(word)
            history = (*history, word)[1:]
        return words

    def writes_the_end_mark(table, n, rng, max_length):
        """You leave the end mark in the sentence. It says that the sentence is over and is no word
        of it: stop before you append it.
        """
        words, history = [], ("<s>",) * (n - 1)
        while len(words) < max_length:
            candidates = sorted(table[history])
            sums = np.cumsum([table[history][word] for word in candidates[:-1]])
            words.append(candidates[np.searchsorted(sums, rng.random(), side="right")])
            if words[-1] == "</s>":
                break
            history = (*history, words[-1])[1:]
        return words

    def writes_the_begin_marks(table, n, rng, max_length):
        """You return the begin marks along with the words. They are only the history of the first
        words: cut them off.
        """
        words = ["<s>"] * (n - 1)
        while len(words) < max_length + n - 1:
            row = table[tuple(words[len(words) - n + 1 :])]
            candidates = sorted(row)
            sums = np.cumsum([row[word] for word in candidates[:-1]])
            word = candidates[np.searchsorted(sums, rng.random(), side="right")]
            if word == "</s>":
                break
            words.append(word)
        return words

    def writes_one_word_too_many(table, n, rng, max_length):
        """Your sentence can have one word more than `max_length`: you stop when it is longer. Stop
        when it is as long.
        """
        words, history = [], ("<s>",) * (n - 1)
        while len(words) <= max_length:
            candidates = sorted(table[history])
            sums = np.cumsum([table[history][word] for word in candidates[:-1]])
            word = candidates[np.searchsorted(sums, rng.random(), side="right")]
            if word == "</s>":
                break
            words.append(word)
            history = (*history, word)[1:]
        return words

    def never_moves_on(table, n, rng, max_length):
        """Your history stays at the begin marks, so that every word is drawn as a first word. Let
        each word follow in the history, and its oldest word drop out.
        """
        words, history = [], ("<s>",) * (n - 1)
        while len(words) < max_length:
            candidates = sorted(table[history])
            sums = np.cumsum([table[history][word] for word in candidates[:-1]])
            word = candidates[np.searchsorted(sums, rng.random(), side="right")]
            if word == "</s>":
                break
            words.append(word)
        return words

    def puts_the_newest_first(table, n, rng, max_length):
        """You put the new word at the front of the history. It belongs at the end, in reading
        order, and the word at the front drops out. For bigrams there is no difference.
        """
        words, history = [], ("<s>",) * (n - 1)
        while len(words) < max_length:
            row = table.get(history, {"</s>": 1.0})
            candidates = sorted(row)
            sums = np.cumsum([row[word] for word in candidates[:-1]])
            word = candidates[np.searchsorted(sums, rng.random(), side="right")]
            if word == "</s>":
                break
            words.append(word)
            history = (word, *history)[: n - 1]
        return words

    def rolls_in_advance(table, n, rng, max_length):
        """You draw `max_length` random numbers at the start and use as many as you need. Then `rng`
        has moved on too far: draw one number for each word, when you come to it.
        """
        words, history = [], ("<s>",) * (n - 1)
        for u in rng.random(max_length):
            candidates = sorted(table[history])
            sums = np.cumsum([table[history][word] for word in candidates[:-1]])
            word = candidates[np.searchsorted(sums, u, side="right")]
            if word == "</s>":
                break
            words.append(word)
            history = (*history, word)[1:]
        return words

    def will_not_end(table, n, rng, max_length):
        """You roll again when the end mark comes, so that all sentences get `max_length` words.
        Where a sentence ends is part of the model: stop there.
        """
        words, history = [], ("<s>",) * (n - 1)
        while len(words) < max_length and set(table[history]) != {"</s>"}:
            candidates = sorted(table[history])
            sums = np.cumsum([table[history][word] for word in candidates[:-1]])
            word = candidates[np.searchsorted(sums, rng.random(), side="right")]
            if word != "</s>":
                words.append(word)
                history = (*history, word)[1:]
        return words


class perplexity:
    def predicts_the_begin_marks(sentences, probability, n, vocabulary):
        """You ask for the probability of the begin marks, too. They are only history: the first
        word that is predicted is the first word of the sentence.
        """
        p = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            for t in range(len(padded)):
                p.append(probability(tuple(padded[max(0, t - n + 1) : t]), padded[t]))
        with np.errstate(divide="ignore"):
            return float(np.exp(-np.mean(np.log(p))))

    def counts_the_begin_marks(sentences, probability, n, vocabulary):
        """You divide by the length of the sentences with all their marks. Begin marks are never
        predicted, so they do not count in M: words and end marks only.
        """
        total, size = 0.0, 0
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            size += len(padded) + (n == 1)
            with np.errstate(divide="ignore"):
                for t in range(n - 1, len(padded)):
                    total += np.log(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        return float(np.exp(-total / size))

    def forgets_the_end(sentences, probability, n, vocabulary):
        """You leave out the end marks. That the sentence ends is predicted like a word: ask for its
        probability, and count it in M.
        """
        p = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words
            for t in range(n - 1, len(padded)):
                p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        with np.errstate(divide="ignore"):
            return float(np.exp(-np.mean(np.log(p)))) if p else 1.0

    def divides_by_the_words(sentences, probability, n, vocabulary):
        """You add up the end marks' logarithms, but divide by the number of words alone. M counts
        whatever is predicted: all words, and one end mark for each sentence.
        """
        total, size = 0.0, 0
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            size += len(words)
            with np.errstate(divide="ignore"):
                for t in range(n - 1, len(padded)):
                    total += np.log(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        return float(np.exp(-total / max(size, 1)))

    def averages_over_sentences(sentences, probability, n, vocabulary):
        """You take the mean of the perplexities of the sentences. Take one mean of the logarithms
        over the whole text: a long sentence counts for more than a short one.
        """
        scores = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            p = [
                probability(tuple(padded[t - n + 1 : t]), padded[t])
                for t in range(n - 1, len(padded))
            ]
            with np.errstate(divide="ignore"):
                scores.append(np.exp(-np.mean(np.log(p))))
        return float(np.mean(scores))

    def mixes_two_and_e(sentences, probability, n, vocabulary):
        """You take logarithms to the base 2, but undo them with the base e. Any base will do, if
        both steps have the same one.
        """
        p = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            for t in range(n - 1, len(padded)):
                p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        with np.errstate(all="ignore"):
            return float(np.exp(-np.mean(np.log2(p))))

    def stops_at_the_entropy(sentences, probability, n, vocabulary):
        """You return the mean of −ln P, the cross-entropy. The perplexity is e to this power: the
        number of sides of a fair die that is as unsure.
        """
        p = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            for t in range(n - 1, len(padded)):
                p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        with np.errstate(divide="ignore"):
            return float(-np.mean(np.log(p)))

    def skips_unknown_words(sentences, probability, n, vocabulary):
        """You leave out the words that are not in the vocabulary. A model must answer for every
        word of the text: replace them by `<unk>`, and ask for its probability.
        """
        p = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            for t in range(n - 1, len(padded)):
                if padded[t] != "<unk>":
                    p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        with np.errstate(divide="ignore"):
            return float(np.exp(-np.mean(np.log(p))))

    def keeps_unknown_histories(sentences, probability, n, vocabulary):
        """You replace an unknown word where it is predicted, but not where it is history. The model
        knows it in neither place: replace the words of the sentence first.
        """
        p = []
        for sentence in sentences:
            padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
            for t in range(n - 1, len(padded)):
                known = padded[t] in vocabulary or padded[t] == "</s>"
                word = padded[t] if known else "<unk>"
                p.append(probability(tuple(padded[t - n + 1 : t]), word))
        with np.errstate(divide="ignore"):
            return float(np.exp(-np.mean(np.log(p))))

    def leaves_unknown_words(sentences, probability, n, vocabulary):
        """You ask the model for words that it does not know. What is not in the vocabulary has to
        be replaced by `<unk>` before.
        """
        p = []
        for sentence in sentences:
            padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
            for t in range(n - 1, len(padded)):
                p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        with np.errstate(divide="ignore"):
            return float(np.exp(-np.mean(np.log(p))))

    def averages_probabilities(sentences, probability, n, vocabulary):
        """You take one over the ordinary mean of the probabilities. It is their geometric mean that
        counts, the mean of the logarithms: one impossible word ruins the text.
        """
        p = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            for t in range(n - 1, len(padded)):
                p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        return float(1 / np.mean(p))

    def multiplies_first(sentences, probability, n, vocabulary):
        """You multiply the probabilities and take the root last, but the product of a whole text is
        too small for a float. Add logarithms instead.
        """
        p = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            for t in range(n - 1, len(padded)):
                p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        with np.errstate(all="ignore"):
            return float(np.prod(p) ** (-1 / len(p)))

    def passes_over_zeros(sentences, probability, n, vocabulary):
        """You leave out what has the probability 0, so that the model is not told off for its worst
        mistakes. With a 0 in it, the perplexity is infinite.
        """
        p = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            for t in range(n - 1, len(padded)):
                p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        return float(np.exp(-np.mean(np.log([each for each in p if each > 0]))))

    def puts_a_floor_under_zero(sentences, probability, n, vocabulary):
        """You put a floor under the probabilities before you take logarithms, which hides zeros and
        falsifies what is really small. Take them as they are: a 0 makes the perplexity infinite.
        """
        p = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            for t in range(n - 1, len(padded)):
                p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        return float(np.exp(-np.mean(np.log(np.maximum(p, 1e-20)))))

    def turns_it_upside_down(sentences, probability, n, vocabulary):
        """You forgot the minus, and return the geometric mean of the probabilities. Perplexity is
        one over it: the better the model, the smaller, down to 1.
        """
        p = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            for t in range(n - 1, len(padded)):
                p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        with np.errstate(divide="ignore"):
            return float(np.exp(np.mean(np.log(p))))

    def remembers_one_word(sentences, probability, n, vocabulary):
        """You hand over the word just before as the history, whatever n is. The history has n − 1
        words: none for n = 1, two for n = 3.
        """
        p = []
        for sentence in sentences:
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>", *words, "</s>"]
            for t in range(1, len(padded)):
                p.append(probability((padded[t - 1],), padded[t]))
        with np.errstate(divide="ignore"):
            return float(np.exp(-np.mean(np.log(p))))

    def takes_marks_for_unknown(sentences, probability, n, vocabulary):
        """You put the marks first and replace unknown words then, so that the marks, which are in
        no vocabulary, become `<unk>` as well. Replace first.
        """
        p = []
        for sentence in sentences:
            padded = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
            padded = [word if word in vocabulary else "<unk>" for word in padded]
            for t in range(n - 1, len(padded)):
                p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        with np.errstate(divide="ignore"):
            return float(np.exp(-np.mean(np.log(p))))

    def masks_the_callers_text(sentences, probability, n, vocabulary):
        """Your number is right, but you write `<unk>` into the caller's own sentences. Another
        model with a larger vocabulary may have to read them: build new lists.
        """
        p = []
        for sentence in sentences:
            if isinstance(sentence, list):
                for place, word in enumerate(sentence):
                    if word not in vocabulary:
                        sentence[place] = "<unk>"
            words = [word if word in vocabulary else "<unk>" for word in sentence]
            padded = ["<s>"] * (n - 1) + words + ["</s>"]
            for t in range(n - 1, len(padded)):
                p.append(probability(tuple(padded[t - n + 1 : t]), padded[t]))
        with np.errstate(divide="ignore"):
            return float(np.exp(-np.mean(np.log(p))))


class bigram_counts:
    def counts_a_pair_once(ids, vocabulary_size):
        """Where an index occurs several times, `counts[rows, columns] += 1` adds 1 only once, so
        your counts are all 0 or 1. `np.bincount` and `np.add.at` count each time.
        """
        counts = np.zeros((vocabulary_size, vocabulary_size), dtype=np.int64)
        counts[ids[:-1], ids[1:]] += 1
        return counts

    def swaps_rows_and_columns(ids, vocabulary_size):
        """Your matrix is transposed: the row is the id that comes first, the column the one that
        comes right after it.
        """
        pairs = ids[1:].astype(np.int64) * vocabulary_size + ids[:-1]
        counts = np.bincount(pairs, minlength=vocabulary_size**2)
        return counts.reshape(vocabulary_size, vocabulary_size)

    def bends_the_text_to_a_ring(ids, vocabulary_size):
        """With `np.roll` your last id is followed by the first one. A text is no ring: M ids have M
        − 1 pairs of neighbours.
        """
        pairs = ids.astype(np.int64) * vocabulary_size + np.roll(ids, -1)
        counts = np.bincount(pairs, minlength=vocabulary_size**2)
        return counts.reshape(vocabulary_size, vocabulary_size)

    def loops(ids, vocabulary_size):
        """Your counts are right, but you count pair by pair in a Python loop. Make one array of the
        numbers i · V + j of all pairs, and let `np.bincount` count them.
        """
        counts = np.zeros((vocabulary_size, vocabulary_size), dtype=np.int64)
        for t in range(len(ids) - 1):
            counts[ids[t], ids[t + 1]] += 1
        return counts

    def computes_in_the_type_of_the_ids(ids, vocabulary_size):
        """Your number i · V + j is computed in the type of the ids, and in 8 or 16 bits it does not
        fit: pairs land in wrong places. Turn the ids into int64 first.
        """
        pairs = ids[:-1] * vocabulary_size + ids[1:]
        counts = np.bincount(pairs, minlength=vocabulary_size**2)
        return counts.reshape(vocabulary_size, vocabulary_size)

    def measures_the_vocabulary(ids, vocabulary_size):
        """You take the size of the matrix from the largest id that occurs. The vocabulary may have
        words that this text lacks: the matrix is V × V with the V that is given.
        """
        size = int(ids.max(initial=0)) + 1
        pairs = ids[:-1].astype(np.int64) * size + ids[1:]
        return np.bincount(pairs, minlength=size**2).reshape(size, size)

    def counts_in_floats(ids, vocabulary_size):
        """Your counts are floats, since `np.zeros` makes floats unless told otherwise. Counts are
        whole numbers: pass `dtype=np.int64`.
        """
        counts = np.zeros(vocabulary_size * vocabulary_size)
        pairs = ids[:-1].astype(np.int64) * vocabulary_size + ids[1:]
        np.add.at(counts, pairs, 1.0)
        return counts.reshape(vocabulary_size, vocabulary_size)

    def looks_two_ahead(ids, vocabulary_size):
        """You pair each id with the one after the next, `ids[2:]`. Neighbours are `ids[:-1]` and
        `ids[1:]`.
        """
        pairs = ids[:-2].astype(np.int64) * vocabulary_size + ids[2:]
        counts = np.bincount(pairs, minlength=vocabulary_size**2)
        return counts.reshape(vocabulary_size, vocabulary_size)

    def leaves_out_repeats(ids, vocabulary_size):
        """You leave out pairs of an id with itself. `very very` is a bigram like any other, and is
        counted on the diagonal.
        """
        pairs = ids[:-1].astype(np.int64) * vocabulary_size + ids[1:]
        pairs = pairs[ids[:-1] != ids[1:]]
        counts = np.bincount(pairs, minlength=vocabulary_size**2)
        return counts.reshape(vocabulary_size, vocabulary_size)

    def cuts_into_pairs(ids, vocabulary_size):
        """You cut the text into separate pairs, ids 0 and 1, ids 2 and 3, and so on. Each id but
        the last begins a pair: pairs overlap.
        """
        M = len(ids) // 2 * 2
        pairs = ids[0:M:2].astype(np.int64) * vocabulary_size + ids[1:M:2]
        counts = np.bincount(pairs, minlength=vocabulary_size**2)
        return counts.reshape(vocabulary_size, vocabulary_size)

    def ignores_the_order(ids, vocabulary_size):
        """You count each pair in both directions, so that your matrix is symmetric. `cows eat` and
        `eat cows` are different bigrams.
        """
        pairs = ids[:-1].astype(np.int64) * vocabulary_size + ids[1:]
        counts = np.bincount(pairs, minlength=vocabulary_size**2)
        counts = counts.reshape(vocabulary_size, vocabulary_size)
        return counts + counts.T

    def divides_the_rows(ids, vocabulary_size):
        """You return shares of each row. Here the counts themselves are asked for; what is made of
        them comes in the next questions.
        """
        pairs = ids[:-1].astype(np.int64) * vocabulary_size + ids[1:]
        counts = np.bincount(pairs, minlength=vocabulary_size**2)
        counts = counts.reshape(vocabulary_size, vocabulary_size)
        return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def numbers_pairs_from_one(ids, vocabulary_size):
        """Your numbers of the pairs are one too large, so each count stands one column too far to
        the right. Ids and places begin at 0: i · V + j.
        """
        pairs = ids[:-1].astype(np.int64) * vocabulary_size + ids[1:] + 1
        counts = np.bincount(pairs, minlength=vocabulary_size**2)[: vocabulary_size**2]
        return counts.reshape(vocabulary_size, vocabulary_size)


class add_k:
    def raises_the_total_once(counts, k):
        """You add k only once to the total of a row. Each of its V words got k, so the total grows
        by k · V.
        """
        counts = counts.astype(np.float64)
        return (counts + k) / (counts.sum(axis=1, keepdims=True) + k)

    def adds_one_whatever_k_is(counts, k):
        """You add 1 whatever k is. A smaller k takes less from the words that were seen: use the
        argument.
        """
        counts = counts.astype(np.float64)
        return (counts + 1) / (counts.sum(axis=1, keepdims=True) + counts.shape[1])

    def divides_by_the_whole_table(counts, k):
        """You divide by the total of the whole table. Each row is a distribution of its own: divide
        by the total of the row.
        """
        raised = counts.astype(np.float64) + k
        return raised / raised.sum()

    def divides_down_the_columns(counts, k):
        """You divide by the totals of the columns. A row belongs to a history, and it is the rows
        that add up to 1: sum over axis 1.
        """
        raised = counts.astype(np.float64) + k
        return raised / raised.sum(axis=0)

    def counts_the_histories(counts, k):
        """You took V for the number of rows. The rows are histories; the words that can come next
        are the columns.
        """
        counts = counts.astype(np.float64)
        return (counts + k) / (counts.sum(axis=1, keepdims=True) + k * counts.shape[0])

    def helps_only_the_unseen(counts, k):
        """You add k only where the count is 0. Every word gets it, those that were seen as well;
        else a word seen once may fall behind one never seen.
        """
        raised = np.where(counts == 0, k, counts.astype(np.float64))
        return raised / raised.sum(axis=1, keepdims=True)

    def counts_the_kinds(counts, k):
        """In your denominator V is the number of words seen after this history. V is the number of
        all words, for each of them got k.
        """
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        total = counts.astype(np.float64).sum(axis=1, keepdims=True)
        return (counts.astype(np.float64) + k) / (total + k * np.maximum(kinds, 1))

    def raises_the_callers_counts(counts, k):
        """Your table is right, but if the counts are floats already you add k to the caller's own
        array: `np.asarray` copies only when it must. Write `counts + k`.
        """
        raised = np.asarray(counts, dtype=np.float64)
        raised += k
        return raised / raised.sum(axis=1, keepdims=True)

    def adds_after_dividing(counts, k):
        """You divide first and add k to the shares. It belongs to the counts: add, then divide."""
        counts = counts.astype(np.float64)
        return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1) + k

    def mixes_with_the_uniform(counts, k):
        """You mix the shares with a fair die, at the weight k. Add-k adds to the counts, so that
        its effect fades as a history is seen more often.
        """
        weight = min(k, 1)
        counts = counts.astype(np.float64)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        return (1 - weight) * shares + weight / counts.shape[1]

    def halves_the_precision(counts, k):
        """Your probabilities are float32, with seven digits. They are asked for in float64, since
        many of them will be multiplied.
        """
        raised = counts.astype(np.float64) + k
        return (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)

    def adds_in_the_type_of_the_counts(counts, k):
        """You add k in the type of the counts, and if that is an integer of 8 bits, 255 + 1 is 0.
        Turn the counts into float64 first.
        """
        raised = counts + k
        return (raised / raised.sum(axis=1, keepdims=True)).astype(np.float64)

    def gives_up_on_new_histories(counts, k):
        """You leave the rows of histories that were never seen at 0. The formula has an answer: k
        in each place, divided by kV, so all words are equally likely.
        """
        raised = counts.astype(np.float64) + k
        seen = counts.sum(axis=1, keepdims=True) > 0
        return np.where(seen, raised / raised.sum(axis=1, keepdims=True), 0.0)


class continuation_distribution:
    def counts_occurrences(counts):
        """You share out by how often the words occur. `Francisco` would get a lot: each history
        counts once, however often the pair was seen.
        """
        total = counts.sum(axis=0).astype(np.float64)
        return total / total.sum()

    def counts_what_follows(counts):
        """You count along the rows, which tells how many words follow a history. A word's histories
        are the rows of its column: sum over axis 0.
        """
        kinds = (counts > 0).sum(axis=1)
        return kinds / kinds.sum()

    def does_not_divide(counts):
        """You return how many histories each word has. Divide by the sum over all words, so that it
        becomes a distribution.
        """
        return (counts > 0).sum(axis=0).astype(np.float64)

    def divides_by_the_histories(counts):
        """You divide by the number of all histories, which gives the share of histories that a word
        follows. The probabilities of all words have to add up to 1.
        """
        return (counts > 0).sum(axis=0) / counts.shape[0]

    def divides_by_all_occurrences(counts):
        """You divide by the number of all bigrams, each as often as it occurs. Divide by the number
        of different ones, which is the sum of the numerators.
        """
        return (counts > 0).sum(axis=0) / counts.astype(np.float64).sum()

    def counts_what_was_seen_once(counts):
        """You count only the histories after which the word was seen exactly once. Every history
        with a count above 0 counts.
        """
        kinds = (counts == 1).sum(axis=0)
        return kinds / np.maximum(kinds.sum(), 1)

    def wants_to_see_it_twice(counts):
        """You count only the histories after which the word was seen at least twice. Once is
        enough: c > 0.
        """
        kinds = (counts > 1).sum(axis=0)
        return kinds / np.maximum(kinds.sum(), 1)

    def averages_the_shares(counts):
        """You average the shares of each word over all histories. How large a share is does not
        matter here: only whether the word was seen.
        """
        total = np.maximum(counts.sum(axis=1, keepdims=True), 1)
        shares = (counts / total).sum(axis=0, dtype=np.float64)
        return shares / shares.sum()

    def adds_one(counts):
        """You add 1 to the number of histories of each word. No smoothing is asked for: a word that
        was never seen gets 0.
        """
        kinds = (counts > 0).sum(axis=0) + 1
        return kinds / kinds.sum()

    def looks_at_the_strongest_history(counts):
        """You share out by the largest count in each column, so that one frequent pair decides.
        Count the histories of the word, each once.
        """
        largest = counts.max(axis=0).astype(np.float64)
        return largest / largest.sum()

    def counts_different_counts(counts):
        """You count how many different counts a word has in its column. Two histories with the same
        count are still two histories.
        """
        kinds = np.array([len(set(column.tolist()) - {0}) for column in counts.T])
        return kinds / kinds.sum()

    def marks_the_callers_counts(counts):
        """Your distribution is right, but you turned the caller's counts into ones to get it.
        Compare instead: `counts > 0` makes a new array.
        """
        counts[counts > 0] = 1
        kinds = counts.astype(np.float64).sum(axis=0)
        return kinds / kinds.sum()

    def halves_the_precision(counts):
        """Your probabilities are float32, with seven digits. They are asked for in float64, since
        many of them will be multiplied.
        """
        kinds = (counts > 0).sum(axis=0)
        return (kinds / kinds.sum()).astype(np.float32)


class kneser_ney:
    def forgets_to_discount(counts, lower, discount):
        """You hand on a share, but did not take it from anybody, so that the rows add up to more
        than 1. Subtract d from each count above 0 first.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        mixed = (counts + discount * kinds * lower) / np.maximum(total, 1)
        return np.where(total > 0, mixed, lower)

    def backs_off_instead(counts, lower, discount):
        """You give the lower model's share to unseen words only. That is back-off, and without
        another factor the rows do not add up to 1: here seen words get both parts.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        mixed = np.where(counts > 0, counts - discount, discount * kinds * lower)
        return np.where(total > 0, mixed / np.maximum(total, 1), lower)

    def hands_on_one_discount(counts, lower, discount):
        """Your weight is d / c(h), as if one word had given up its d. Each different word after the
        history did: multiply by how many there are.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        mixed = (np.maximum(counts - discount, 0) + discount * lower) / np.maximum(total, 1)
        return np.where(total > 0, mixed, lower)

    def forgets_to_divide_the_weight(counts, lower, discount):
        """Your weight is d times the number of kinds, and not divided by c(h). Both parts are
        shares of the same total.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        mixed = np.maximum(counts - discount, 0) / np.maximum(total, 1) + discount * kinds * lower
        return np.where(total > 0, mixed, lower)

    def hands_on_d_itself(counts, lower, discount):
        """Your weight is d, as if every occurrence had given it up. It is each different word that
        loses d, once: d times the number of kinds, divided by c(h).
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        mixed = np.maximum(counts - discount, 0) / np.maximum(total, 1) + discount * lower
        return np.where(total > 0, mixed, lower)

    def counts_all_words(counts, lower, discount):
        """Your weight counts all V words. Only those that were seen after the history have a count
        to take d from.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        handed = discount * counts.shape[1] * lower
        mixed = (np.maximum(counts - discount, 0) + handed) / np.maximum(total, 1)
        return np.where(total > 0, mixed, lower)

    def counts_histories_for_the_weight(counts, lower, discount):
        """Your weight counts the histories of a word, down its column. It belongs to the history:
        count the different words in its row.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=0, keepdims=True)
        mixed = (np.maximum(counts - discount, 0) + discount * kinds * lower) / np.maximum(total, 1)
        return np.where(total > 0, mixed, lower)

    def discounts_zeros_too(counts, lower, discount):
        """You subtract d from counts of 0 as well, which makes probabilities negative or too small.
        What was not seen has nothing to give: max(c − d, 0).
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        mixed = (counts - discount + discount * kinds * lower) / np.maximum(total, 1)
        return np.where(total > 0, mixed, lower)

    def divides_by_zero(counts, lower, discount):
        """After a history that was never seen you divide 0 by 0 and get nan. Such a row is the
        lower model's.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        with np.errstate(all="ignore"):
            return (np.maximum(counts - discount, 0) + discount * kinds * lower) / total

    def rolls_a_fair_die_for_new_histories(counts, lower, discount):
        """After a history that was never seen you make all words equally likely. You still know the
        shorter history: such a row is the lower model's.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        mixed = (np.maximum(counts - discount, 0) + discount * kinds * lower) / np.maximum(total, 1)
        return np.where(total > 0, mixed, 1 / counts.shape[1])

    def gives_up_on_new_histories(counts, lower, discount):
        """After a history that was never seen you return zeros, so that nothing can come next. Such
        a row is the lower model's.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        return (np.maximum(counts - discount, 0) + discount * kinds * lower) / np.maximum(total, 1)

    def ignores_the_lower_model(counts, lower, discount):
        """You fall back on the frequencies of the words in these counts. The model to fall back on
        is given: `lower`.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        lower = counts.sum(axis=0) / counts.sum()
        mixed = (np.maximum(counts - discount, 0) + discount * kinds * lower) / np.maximum(total, 1)
        return np.where(total > 0, mixed, lower)

    def mixes_at_a_fixed_weight(counts, lower, discount):
        """You take the share d from everybody: (1 − d) of the shares plus d of the lower model.
        Here each count loses d, whether it is large or small.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        mixed = (1 - discount) * counts / np.maximum(total, 1) + discount * lower
        return np.where(total > 0, mixed, lower)

    def reads_one_row_of_lower(counts, lower, discount):
        """If `lower` has a row for each history, you use its first row for all of them. Each
        history has a shorter history of its own: row h goes with row h.
        """
        counts = counts.astype(np.float64)
        lower = np.atleast_2d(lower)[0]
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        mixed = (np.maximum(counts - discount, 0) + discount * kinds * lower) / np.maximum(total, 1)
        return np.where(total > 0, mixed, lower)

    def discounts_the_callers_counts(counts, lower, discount):
        """Your table is right, but if the counts are floats already you discount the caller's own
        array: `np.asarray` copies only when it must. Work on a copy.
        """
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        kept = np.asarray(counts, dtype=np.float64)
        kept -= discount * (kept > 0)
        mixed = (kept + discount * kinds * lower) / np.maximum(total, 1)
        return np.where(total > 0, mixed, lower)

    def stretches_the_rest(counts, lower, discount):
        """You stretch the discounted counts so that they add up to 1 again, and nothing is left for
        the lower model. What was taken is handed on instead.
        """
        kept = np.maximum(counts.astype(np.float64) - discount, 0)
        total = kept.sum(axis=1, keepdims=True)
        shares = kept / np.where(total > 0, total, 1)
        return np.where(total > 0, shares, lower)

    def knows_one_discount(counts, lower, discount):
        """You discount by 0.75 whatever d is. It is a good choice for many texts, but use the
        argument.
        """
        counts = counts.astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        mixed = (np.maximum(counts - 0.75, 0) + 0.75 * kinds * lower) / np.maximum(total, 1)
        return np.where(total > 0, mixed, lower)
