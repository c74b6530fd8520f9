"""Wrong answers that students really give to Homework 1, and what to tell whoever gave one.

A class stands for a question and is named as the function that the question asks for. Each function
in it is one complete answer; its docstring is the sentence to its author. The grader reads this
file as text and never runs it.
"""

import numpy as np


class perceptron_layer:
    def fires_at_zero(x, w, b, activation):
        """Your threshold unit fires when its sum is exactly 0. It stays silent there: the step is 1
        above 0 only, so compare with > and not with >=.
        """
        a = x @ w.T + b
        if activation == "step":
            return (a >= 0).astype(a.dtype)
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a))
        return np.tanh(a)

    def answers_with_signs(x, w, b, activation):
        """Your threshold unit answers −1 instead of 0. Its two answers are 0 and 1; the ±1 coding
        is another convention, with other weights.
        """
        a = x @ w.T + b
        if activation == "step":
            return np.where(a > 0, a.dtype.type(1), a.dtype.type(-1))
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a))
        return np.tanh(a)

    def returns_truth_values(x, w, b, activation):
        """Your step gives True and False. The next layer calculates with the answers, so return
        floats: (a > 0).astype(a.dtype).
        """
        a = x @ w.T + b
        if activation == "step":
            return a > 0
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a))
        return np.tanh(a)

    def forgets_the_bias(x, w, b, activation):
        """Your sums lack the bias: add b[m] to every sum of unit m before the activation. Without
        it, every dividing line would run through the origin.
        """
        a = x @ w.T
        if activation == "step":
            return (a > 0).astype(a.dtype)
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a))
        return np.tanh(a)

    def adds_the_bias_after_the_activation(x, w, b, activation):
        """You add the bias to the answer, after the activation. It belongs to the weighted sum: it
        decides where the unit starts to fire, not how much it says.
        """
        a = x @ w.T
        if activation == "step":
            return (a > 0).astype(a.dtype) + b
        if activation == "relu":
            return np.maximum(a, 0) + b
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a)) + b
        return np.tanh(a) + b

    def subtracts_the_bias(x, w, b, activation):
        """You subtract b, as if it were a threshold that the sum has to exceed. A bias is minus the
        threshold: it is added.
        """
        a = x @ w.T - b
        if activation == "step":
            return (a > 0).astype(a.dtype)
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a))
        return np.tanh(a)

    def reshapes_the_weights(x, w, b, activation):
        """You reshape w to (D, M) to make the product fit, which shuffles the weights of different
        units. Transpose it: w.T has unit m's weights in column m.
        """
        a = x @ w.reshape(w.shape[1], w.shape[0]) + b
        if activation == "step":
            return (a > 0).astype(a.dtype)
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a))
        return np.tanh(a)

    def leaks(x, w, b, activation):
        """Your ReLU lets a hundredth of negative sums through. That is the leaky variant; the one
        asked for is max(0, a), silent below 0.
        """
        a = x @ w.T + b
        if activation == "step":
            return (a > 0).astype(a.dtype)
        if activation == "relu":
            return np.where(a > 0, a, a / 100)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a))
        return np.tanh(a)

    def turns_the_sigmoid_round(x, w, b, activation):
        """Your sigmoid falls where it should rise: the exponent lost its minus sign. In 1 / (1 +
        exp(−a)) a large sum makes the exponential vanish and the answer 1.
        """
        a = x @ w.T + b
        if activation == "step":
            return (a > 0).astype(a.dtype)
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, a))
        return np.tanh(a)

    def divides_infinity_by_infinity(x, w, b, activation):
        """Your sigmoid e^a / (1 + e^a) is ∞/∞, so nan, for large sums. Divide numerator and
        denominator by e^a first, so that the exponential sinks to 0 there instead.
        """
        a = x @ w.T + b
        if activation == "step":
            return (a > 0).astype(a.dtype)
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(a) / (1 + np.exp(a))
        return np.tanh(a)

    def writes_tanh_with_exponentials(x, w, b, activation):
        """You compute tanh from its formula, where the exponentials overflow for large sums and
        cancel for tiny ones. np.tanh takes care of both.
        """
        a = x @ w.T + b
        if activation == "step":
            return (a > 0).astype(a.dtype)
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a))
        return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))

    def takes_half_the_argument(x, w, b, activation):
        """Your tanh is that of a/2: you used 2σ(a) − 1. The relation between the two is tanh(a) =
        2σ(2a) − 1.
        """
        a = x @ w.T + b
        if activation == "step":
            return (a > 0).astype(a.dtype)
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a))
        return 2 * np.exp(-np.logaddexp(0, -a)) - 1

    def loops_over_everything(x, w, b, activation):
        """Your answers are right, but you visit every example and every unit in Python. One matrix
        product of whole arrays, x @ w.T, does all sums at once.
        """
        a = np.empty((len(x), len(w)), dtype=x.dtype)
        for n in range(len(x)):
            for m in range(len(w)):
                a[n, m] = np.sum(x[n] * w[m]) + b[m]
        if activation == "step":
            return (a > 0).astype(a.dtype)
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a))
        return np.tanh(a)

    def promotes_to_float64(x, w, b, activation):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype, or np.where with a Python list, is the cause: pass dtype=x.dtype.
        """
        a = np.zeros((len(x), len(w)))
        a += x @ w.T + b
        if activation == "step":
            return (a > 0).astype(a.dtype)
        if activation == "relu":
            return np.maximum(a, 0)
        if activation == "sigmoid":
            return np.exp(-np.logaddexp(0, -a))
        return np.tanh(a)


class fit_perceptron:
    def fires_at_zero(x, target, learning_rate, epochs):
        """Your unit fires when its sum is exactly 0, so with zero weights it says 1 to everything.
        It stays silent there: compare with > and not with >=.
        """
        w, b, mistakes = np.zeros_like(x[0]), 0.0, []
        for _ in range(epochs):
            mistakes.append(0)
            for example, wanted in zip(x, target, strict=True):
                error = float(wanted) - float(example @ w + b >= 0)
                w, b = w + learning_rate * error * example, b + learning_rate * error
                mistakes[-1] += error != 0
        return w, b, mistakes

    def updates_once_an_epoch(x, target, learning_rate, epochs):
        """You answer all examples with the same weights and change them at the end of the epoch.
        Rosenblatt's rule changes them after each example, before it sees the next one.
        """
        w, b, mistakes = np.zeros_like(x[0]), 0.0, []
        for _ in range(epochs):
            error = target - (x @ w + b > 0)
            w, b = w + learning_rate * (error @ x).astype(x.dtype), b + learning_rate * error.sum()
            mistakes.append(int(np.count_nonzero(error)))
        return w, float(b), mistakes

    def subtracts_the_target(x, target, learning_rate, epochs):
        """You use y − t where the rule has t − y, so every mistake makes the next one likelier.
        After a 0 that should be 1, the inputs are added to the weights.
        """
        w, b, mistakes = np.zeros_like(x[0]), 0.0, []
        for _ in range(epochs):
            mistakes.append(0)
            for example, wanted in zip(x, target, strict=True):
                error = float(example @ w + b > 0) - float(wanted)
                w, b = w + learning_rate * error * example, b + learning_rate * error
                mistakes[-1] += error != 0
        return w, b, mistakes

    def adds_after_every_mistake(x, target, learning_rate, epochs):
        """You add the inputs after each mistake, whichever kind it was. After a 1 that should be 0
        they are subtracted: keep the sign of t − y.
        """
        w, b, mistakes = np.zeros_like(x[0]), 0.0, []
        for _ in range(epochs):
            mistakes.append(0)
            for example, wanted in zip(x, target, strict=True):
                error = abs(float(wanted) - float(example @ w + b > 0))
                w, b = w + learning_rate * error * example, b + learning_rate * error
                mistakes[-1] += error != 0
        return w, b, mistakes

    def forgets_the_bias(x, target, learning_rate, epochs):
        """Your bias stays 0. It learns like the weight of an input that is always 1: add the
        learning rate times t − y to it as well.
        """
        w, b, mistakes = np.zeros_like(x[0]), 0.0, []
        for _ in range(epochs):
            mistakes.append(0)
            for example, wanted in zip(x, target, strict=True):
                error = float(wanted) - float(example @ w + b > 0)
                w = w + learning_rate * error * example
                mistakes[-1] += error != 0
        return w, b, mistakes

    def measures_against_the_sum(x, target, learning_rate, epochs):
        """You compare the target with the sum itself, which is the rule of Widrow and Hoff. In
        Rosenblatt's, y is the unit's answer, 0 or 1, and right answers change nothing.
        """
        w, b, mistakes = np.zeros_like(x[0]), 0.0, []
        for _ in range(epochs):
            mistakes.append(0)
            for example, wanted in zip(x, target, strict=True):
                a = example @ w + b
                mistakes[-1] += bool((a > 0) != (wanted == 1))
                error = float(np.clip(wanted - a, -10, 10))
                w, b = w + learning_rate * error * example, b + learning_rate * error
        return w, b, mistakes

    def ignores_the_learning_rate(x, target, learning_rate, epochs):
        """Your result does not depend on the learning rate. Multiply each change of w and of b by
        it; at a rate of 1 nobody could tell.
        """
        w, b, mistakes = np.zeros_like(x[0]), 0.0, []
        for _ in range(epochs):
            mistakes.append(0)
            for example, wanted in zip(x, target, strict=True):
                error = float(wanted) - float(example @ w + b > 0)
                w, b = w + error * example, b + error
                mistakes[-1] += error != 0
        return w, b, mistakes

    def leaves_the_rate_off_the_bias(x, target, learning_rate, epochs):
        """You multiply the change of the weights by the learning rate, but not that of the bias.
        Both take steps of the same size, or the line moves otherwise than the rule says.
        """
        w, b, mistakes = np.zeros_like(x[0]), 0.0, []
        for _ in range(epochs):
            mistakes.append(0)
            for example, wanted in zip(x, target, strict=True):
                error = float(wanted) - float(example @ w + b > 0)
                w, b = w + learning_rate * error * example, b + error
                mistakes[-1] += error != 0
        return w, b, mistakes

    def forgets_between_epochs(x, target, learning_rate, epochs):
        """You set the weights back to zero at the start of each epoch, so nothing is learned beyond
        the last one. Set them once, before all epochs.
        """
        mistakes = []
        for _ in range(epochs):
            w, b = np.zeros_like(x[0]), 0.0
            mistakes.append(0)
            for example, wanted in zip(x, target, strict=True):
                error = float(wanted) - float(example @ w + b > 0)
                w, b = w + learning_rate * error * example, b + learning_rate * error
                mistakes[-1] += error != 0
        return w, b, mistakes

    def goes_through_once(x, target, learning_rate, epochs):
        """You go through the examples only once, whatever `epochs` says. Repeat the round, with
        the weights that the one before left.
        """
        w, b, wrong = np.zeros_like(x[0]), 0.0, 0
        for example, wanted in zip(x, target, strict=True):
            error = float(wanted) - float(example @ w + b > 0)
            w, b = w + learning_rate * error * example, b + learning_rate * error
            wrong += error != 0
        return w, b, [wrong]

    def counts_after_the_epoch(x, target, learning_rate, epochs):
        """You count the mistakes of the weights at the end of each epoch. Count each example when
        it is shown, with the weights of that moment: those mistakes are the ones learned from.
        """
        w, b, mistakes = np.zeros_like(x[0]), 0.0, []
        for _ in range(epochs):
            for example, wanted in zip(x, target, strict=True):
                error = float(wanted) - float(example @ w + b > 0)
                w, b = w + learning_rate * error * example, b + learning_rate * error
            mistakes.append(int(np.count_nonzero((x @ w + b > 0) != (target == 1))))
        return w, b, mistakes

    def never_starts_the_count_anew(x, target, learning_rate, epochs):
        """Your mistakes are those of all epochs so far. Each epoch has a count of its own, which
        starts at 0.
        """
        w, b, mistakes, total = np.zeros_like(x[0]), 0.0, [], 0
        for _ in range(epochs):
            for example, wanted in zip(x, target, strict=True):
                error = float(wanted) - float(example @ w + b > 0)
                w, b = w + learning_rate * error * example, b + learning_rate * error
                total += error != 0
            mistakes.append(total)
        return w, b, mistakes

    def adds_up_signed_errors(x, target, learning_rate, epochs):
        """You add up t − y, where mistakes of the two kinds cancel each other. Count the mistakes:
        each is one, whatever its sign.
        """
        w, b, mistakes = np.zeros_like(x[0]), 0.0, []
        for _ in range(epochs):
            mistakes.append(0)
            for example, wanted in zip(x, target, strict=True):
                error = float(wanted) - float(example @ w + b > 0)
                w, b = w + learning_rate * error * example, b + learning_rate * error
                mistakes[-1] += int(error)
        return w, b, mistakes

    def promotes_to_float64(x, target, learning_rate, epochs):
        """Your values are right, but float32 examples give float64 weights. Begin with np.zeros of
        x's dtype, and keep NumPy's float64 numbers out of the product.
        """
        w, b, mistakes = np.zeros(x.shape[1]), 0.0, []
        for _ in range(epochs):
            mistakes.append(0)
            for example, wanted in zip(x, target, strict=True):
                error = float(wanted) - float(example @ w + b > 0)
                w, b = w + learning_rate * error * example, b + learning_rate * error
                mistakes[-1] += error != 0
        return w, b, mistakes


class xor_weights:
    def takes_thresholds_for_biases(self=None):
        """Your b1 and b2 are thresholds that the sums have to exceed. A bias is added to the sum,
        so it is minus the threshold: change their signs.
        """
        return np.array([[1.0, 1], [1, 1]]), np.array([0.5, 1.5]), np.array([1.0, -1]), 0.5

    def wants_both(self=None):
        """Your hidden units are "at least one" and "both", and your output fires only if both do:
        that is AND. It should fire if the first does and the second does not.
        """
        return np.array([[1.0, 1], [1, 1]]), np.array([-0.5, -1.5]), np.array([1.0, 1]), -1.5

    def wants_either(self=None):
        """Your output fires if one of "at least one" and "both" does, which is OR. "Both" has to
        speak against: give it a negative weight.
        """
        return np.array([[1.0, 1], [1, 1]]), np.array([-0.5, -1.5]), np.array([1.0, 1]), -0.5

    def computes_the_opposite(self=None):
        """Your network says when the two inputs are equal, so all four answers are the wrong way
        round. Change the signs of w2 and b2.
        """
        return np.array([[1.0, 1], [1, 1]]), np.array([-0.5, -1.5]), np.array([-1.0, 1]), 0.5

    def copies_the_inputs(self=None):
        """Your hidden units copy the inputs, so the output unit faces the same four corners as
        before, which no line divides rightly. They have to combine the inputs.
        """
        return np.eye(2), np.array([-0.5, -0.5]), np.array([1.0, 1]), -0.5

    def uses_one_line_twice(self=None):
        """Your two hidden units compute the same, so the network knows of one line only. Let the
        second one answer another question, such as "are both inputs 1?".
        """
        return np.array([[1.0, 1], [1, 1]]), np.array([-0.5, -0.5]), np.array([1.0, -1]), -0.5

    def counts_on_linear_units(self=None):
        """Your weights would be right if hidden units passed on their sums, as x0 − x1 and its
        opposite, and the output took the larger size. They answer 0 or 1, and your biases keep
        them silent.
        """
        return np.array([[1.0, -1], [-1, 1]]), np.array([-1.0, -1]), np.array([1.0, 1]), -0.5

    def fires_at_zero(self=None):
        """Your biases count on a unit that fires at a sum of exactly 0. It stays silent there:
        make each bias larger by one half, and the line runs midway between the corners.
        """
        return np.array([[1.0, 1], [1, 1]]), np.array([-1.0, -2]), np.array([1.0, -1]), -1.0

    def expects_plus_and_minus_one(self=None):
        """Your biases fit inputs and answers of −1 and 1. Here they are 0 and 1: false does not
        speak against, it says nothing, so the lines lie elsewhere.
        """
        return np.array([[1.0, 1], [1, 1]]), np.array([1.0, -1]), np.array([1.0, -1]), -1.0

    def stands_on_the_edge(self=None):
        """Your network computes XOR, but some of your lines run exactly through a corner, where
        the sum is 0. Any rounding would tip it over: put the lines midway between the corners.
        """
        return np.array([[1.0, 1], [1, 1]]), np.array([0.0, -1]), np.array([1.0, -1]), 0.0

    def uses_tiny_weights(self=None):
        """Your network computes XOR, but with weights so small that a change of 0.1 is larger than
        they are. Multiply all nine numbers by 100: a step unit's answers stay the same.
        """
        w1, b1 = np.array([[0.01, 0.01], [0.01, 0.01]]), np.array([-0.005, -0.015])
        return w1, b1, np.array([0.01, -0.01]), -0.005

    def puts_a_unit_in_a_column(self=None):
        """Your w1 holds each hidden unit's weights in a column. One row belongs to one unit, as in
        1.1: transpose it.
        """
        return np.array([[1.0, -1], [2, -2]]), np.array([-0.5, 1.5]), np.array([1.0, 1]), -1.5


class dnf_network:
    def reads_the_digits_backwards(truth_table):
        """You take the first input for the last binary digit. It is the most significant one: row
        6 = 110₂ belongs to x = (1, 1, 0).
        """
        n = len(truth_table).bit_length() - 1
        digits = (np.flatnonzero(truth_table)[:, None] >> np.arange(n)) & 1
        return 2.0 * digits - 1, 0.5 - digits.sum(axis=1), np.ones(len(digits)), -0.5

    def forgets_the_negations(truth_table):
        """Your units give inputs that should be 0 the weight 0, so a further 1 does not bother
        them. A negated input has to speak against: weight −1.
        """
        n = len(truth_table).bit_length() - 1
        digits = (np.flatnonzero(truth_table)[:, None] >> np.arange(n)[::-1]) & 1
        return 1.0 * digits, 0.5 - digits.sum(axis=1), np.ones(len(digits)), -0.5

    def asks_for_all_n(truth_table):
        """Your hidden biases ask for a sum of n. The most that a row's own inputs give is its
        number of ones, since a negated input that is 0 adds nothing: use ½ − ones.
        """
        n = len(truth_table).bit_length() - 1
        digits = (np.flatnonzero(truth_table)[:, None] >> np.arange(n)[::-1]) & 1
        return 2.0 * digits - 1, np.full(len(digits), 0.5 - n), np.ones(len(digits)), -0.5

    def counts_the_zeros(truth_table):
        """Your hidden biases count the zeros of a row. What its own inputs add up to is the number
        of its ones: only inputs that are 1 contribute to the sum.
        """
        n = len(truth_table).bit_length() - 1
        digits = (np.flatnonzero(truth_table)[:, None] >> np.arange(n)[::-1]) & 1
        zeros = (1 - digits).sum(axis=1)
        return 2.0 * digits - 1, 0.5 - zeros, np.ones(len(digits)), -0.5

    def gives_zeros_the_plus(truth_table):
        """You exchanged the signs: an input that has to be 1 gets weight 1, and one that has to be
        0 gets −1.
        """
        n = len(truth_table).bit_length() - 1
        digits = (np.flatnonzero(truth_table)[:, None] >> np.arange(n)[::-1]) & 1
        return 1.0 - 2 * digits, 0.5 - digits.sum(axis=1), np.ones(len(digits)), -0.5

    def wants_all_rows_at_once(truth_table):
        """Your output fires only if all hidden units do, but at most one of them can. An or fires
        for any of them: its bias is −½, however many there are.
        """
        n = len(truth_table).bit_length() - 1
        digits = (np.flatnonzero(truth_table)[:, None] >> np.arange(n)[::-1]) & 1
        M = len(digits)
        return 2.0 * digits - 1, 0.5 - digits.sum(axis=1), np.ones(M), 0.5 - M

    def fires_at_zero(truth_table):
        """Your hidden biases count on a unit that fires at a sum of exactly 0, so none of yours
        ever does. Make them larger by one half.
        """
        n = len(truth_table).bit_length() - 1
        digits = (np.flatnonzero(truth_table)[:, None] >> np.arange(n)[::-1]) & 1
        return 2.0 * digits - 1, -1.0 * digits.sum(axis=1), np.ones(len(digits)), -0.5

    def takes_thresholds_for_biases(truth_table):
        """Your biases are thresholds that the sums have to exceed. A bias is added to the sum, so
        it is minus the threshold: change its sign.
        """
        n = len(truth_table).bit_length() - 1
        digits = (np.flatnonzero(truth_table)[:, None] >> np.arange(n)[::-1]) & 1
        return 2.0 * digits - 1, digits.sum(axis=1) - 0.5, np.ones(len(digits)), -0.5

    def keeps_a_unit_for_every_row(truth_table):
        """Your network is right, but it has a hidden unit for each row of the table, also for those
        whose answer is 0. Only the ones of the table need a unit.
        """
        n = len(truth_table).bit_length() - 1
        digits = (np.arange(len(truth_table))[:, None] >> np.arange(n)[::-1]) & 1
        return 2.0 * digits - 1, 0.5 - digits.sum(axis=1), 1.0 * truth_table, -0.5

    def takes_the_rows_of_zeros(truth_table):
        """You build a unit for each row whose answer is 0, so your network says where the table is
        false. Take the rows whose answer is 1.
        """
        n = len(truth_table).bit_length() - 1
        digits = (np.flatnonzero(truth_table == 0)[:, None] >> np.arange(n)[::-1]) & 1
        return 2.0 * digits - 1, 0.5 - digits.sum(axis=1), np.ones(len(digits)), -0.5

    def loses_the_width_of_nothing(truth_table):
        """You build w1 from a list of rows. If there are none, np.array([]) has the shape (0,) and
        forgets n: give it the shape (0, n).
        """
        n = len(truth_table).bit_length() - 1
        rows = [
            [int(digit) for digit in format(k, f"0{n}b")]
            for k in range(len(truth_table))
            if truth_table[k] == 1
        ]
        w1 = np.array([[2.0 * digit - 1 for digit in row] for row in rows])
        b1 = np.array([0.5 - sum(row) for row in rows])
        return w1, b1, np.ones(len(rows)), -0.5

    def says_yes_to_nothing(truth_table):
        """Your output bias is positive when no hidden unit is there, so a table of zeros comes out
        as ones. An or of nothing is false: the bias is −½ there, too.
        """
        n = len(truth_table).bit_length() - 1
        digits = (np.flatnonzero(truth_table)[:, None] >> np.arange(n)[::-1]) & 1
        b2 = 0.5 - min(1, len(digits))
        return 2.0 * digits - 1, 0.5 - digits.sum(axis=1), np.ones(len(digits)), b2


class mse_loss:
    def takes_the_root(y, target):
        """You return the root of the mean squared error. The loss asked for is the mean of the
        squares itself; its gradient, which you have right, belongs to that.
        """
        error = y - target
        return np.sqrt(np.mean(error**2)), 2 * error / error.size

    def halves_the_loss(y, target):
        """Your loss and gradient are half of what they should be: you used ½(y − t)². That is
        common too, but the definition here has no factor ½.
        """
        error = y - target
        return np.mean(error**2) / 2, error / error.size

    def sums_the_loss(y, target):
        """Your gradient is right, but your loss is the sum of the squares: divide by their number
        N.
        """
        error = y - target
        return np.sum(error**2), 2 * error / error.size

    def sums_both(y, target):
        """You add up the squares and leave it at that, in the loss and in the gradient. Both are to
        be divided by the number of entries N.
        """
        error = y - target
        return np.sum(error**2), 2 * error

    def forgets_the_mean_in_the_gradient(y, target):
        """Your loss is right, but your gradient is that of the sum: the factor 1/N of the mean
        belongs to it as well.
        """
        error = y - target
        return np.mean(error**2), 2 * error

    def forgets_the_two(y, target):
        """Your loss is right, but your gradient lacks the 2 that comes down when a square is
        differentiated.
        """
        error = y - target
        return np.mean(error**2), error / error.size

    def points_uphill(y, target):
        """Your gradient has the wrong sign: if y is too large, a larger y makes the loss grow, so
        the derivative is positive there. Use y − t.
        """
        error = target - y
        return np.mean(error**2), 2 * error / error.size

    def divides_by_the_first_axis(y, target):
        """You divide by the length of the first axis. N counts all entries of y, whatever its
        shape: use its size, not its len.
        """
        error = y - target
        return np.sum(error**2) / len(y), 2 * error / len(y)

    def counts_one_term_too_many(y, target):
        """You divide by N + 1. The sum from 0 to N that you may have seen in print has one term too
        many; there are N.
        """
        error = y - target
        return np.sum(error**2) / (error.size + 1), 2 * error / (error.size + 1)

    def takes_absolute_errors(y, target):
        """You average the absolute errors. That is another loss, with a gradient of the same size
        everywhere; here the errors are squared.
        """
        error = y - target
        return np.mean(np.abs(error)), np.sign(error) / error.size

    def subtracts_in_place(y, target):
        """Your values are right, but you subtract the target from y in place, and whoever called
        you has lost the predictions. Write error = y − target.
        """
        y -= target
        return np.mean(y**2), 2 * y / y.size

    def promotes_to_float64(y, target):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=y.dtype.
        """
        error = np.zeros(y.shape)
        error += y - target
        return np.mean(error**2), 2 * error / error.size


class binary_cross_entropy:
    def takes_the_log_of_a_rounded_probability(x, target):
        """You compute p = σ(x) first and take logarithms afterwards. For a large logit p has been
        rounded to 0 or 1, and the log is infinite or lost: go from the logit straight to the log.
        """
        p = 1 / (1 + np.exp(-x))
        terms = np.where(target == 1, -np.log(p), -np.log(1 - p))
        return np.mean(terms), (p - target) / x.size

    def clips_the_probability(x, target):
        """You keep p between 1e-12 and 1 − 1e-12. That avoids infinity, but no loss can then exceed
        27.6 or fall below 1e-12. Start from the logit instead, and nothing needs a limit.
        """
        p = np.clip(np.exp(-np.logaddexp(0, -x)), 1e-12, 1 - 1e-12)
        loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
        return loss, (p - target) / x.size

    def adds_the_tiny_to_one(x, target):
        """Your loss is finite everywhere, but log(1 + e^−|x|) is 0 once e^−|x| is lost in the
        addition to 1. np.log1p does not add.
        """
        loss = np.mean(np.maximum(x, 0) - x * target + np.log(1 + np.exp(-np.abs(x))))
        return loss, (np.exp(-np.logaddexp(0, -x)) - target) / x.size

    def subtracts_large_numbers(x, target):
        """You compute log(1 + e^x) − t·x. For a right and sure yes, two large numbers cancel there,
        and the tiny loss with them. Use log(1 + e^−x) where the target is 1.
        """
        loss = np.mean(np.logaddexp(0, x) - target * x)
        return loss, (np.exp(-np.logaddexp(0, -x)) - target) / x.size

    def lets_the_gradient_overflow(x, target):
        """Your loss is right for all logits, but in your gradient e^x / (1 + e^x) is ∞/∞, so nan,
        for a large one. Divide both by e^x, or use the logarithm that you have already.
        """
        loss = np.mean(target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x))
        return loss, (np.exp(x) / (1 + np.exp(x)) - target) / x.size

    def forgets_the_mean_in_the_gradient(x, target):
        """Your loss is a mean, but your gradient is that of a sum: the factor 1/N belongs to it as
        well.
        """
        loss = np.mean(target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x))
        return loss, np.exp(-np.logaddexp(0, -x)) - target

    def differentiates_by_the_probability(x, target):
        """Your gradient is that with respect to p, (p − t) / (p(1 − p)). The logit asks for one
        more factor, dp/dx = p(1 − p), which cancels the denominator.
        """
        loss = np.mean(target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x))
        p = np.exp(-np.logaddexp(0, -x))
        return loss, (p - target) / (p * (1 - p)) / x.size

    def multiplies_by_the_slope_twice(x, target):
        """Your gradient has a factor p(1 − p) too many. In p − t the slope of the sigmoid is
        already accounted for: it cancels against the derivative of the logarithm.
        """
        loss = np.mean(target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x))
        p = np.exp(-np.logaddexp(0, -x))
        return loss, (p - target) * p * (1 - p) / x.size

    def points_uphill(x, target):
        """Your gradient has the wrong sign. Where the target is 1, a larger logit lowers the loss,
        so the derivative is negative there: p − t.
        """
        loss = np.mean(target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x))
        return loss, (target - np.exp(-np.logaddexp(0, -x))) / x.size

    def counts_the_yes_only(x, target):
        """Your loss has only the terms with t log p, so that a wrong yes costs nothing. The terms
        (1 − t) log(1 − p) belong to it as well.
        """
        loss = np.mean(target * np.logaddexp(0, -x))
        return loss, (np.exp(-np.logaddexp(0, -x)) - target) / x.size

    def exchanges_yes_and_no(x, target):
        """You exchanged the two logarithms: where the target is 1, the loss is −log p = log(1 +
        e^−x), and it falls as x grows.
        """
        loss = np.mean(target * np.logaddexp(0, x) + (1 - target) * np.logaddexp(0, -x))
        return loss, (np.exp(-np.logaddexp(0, -x)) - target) / x.size

    def keeps_the_likelihood(x, target):
        """Your loss is negative: it is the mean log-probability, which training would have to
        raise. A loss is to be lowered, so put a minus in front.
        """
        loss = -np.mean(target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x))
        return loss, (np.exp(-np.logaddexp(0, -x)) - target) / x.size

    def measures_in_bits(x, target):
        """Your loss is in bits: you took logarithms to base 2. Here log is the natural one, so that
        a coin toss costs log 2 = 0.693, not 1.
        """
        loss = np.mean(target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x))
        return loss / np.log(2), (np.exp(-np.logaddexp(0, -x)) - target) / x.size

    def sums_the_loss(x, target):
        """Your loss is the sum over all entries, though your gradient is that of the mean. Divide
        the loss by N as well.
        """
        loss = np.sum(target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x))
        return loss, (np.exp(-np.logaddexp(0, -x)) - target) / x.size

    def promotes_to_float64(x, target):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        loss = np.mean(target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x))
        dx = np.zeros(x.shape)
        dx += (np.exp(-np.logaddexp(0, -x)) - target) / x.size
        return loss, dx


class cross_entropy:
    def lets_the_exponentials_overflow(x, target):
        """Your formula is right, but e^x overflows beyond 709 and is 0 for all classes far below.
        Subtract each row's largest score first: the probabilities do not change.
        """
        p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
        right = np.arange(len(x)), target
        loss = -np.mean(np.log(p[right]))
        dx = p.copy()
        dx[right] -= 1
        return loss, dx / len(x)

    def subtracts_one_maximum_for_all(x, target):
        """You subtract the largest score of the whole batch. In a row far below it all exponentials
        are 0, and 0/0 follows: each row needs its own maximum.
        """
        weights = np.exp(x - x.max())
        p = weights / weights.sum(axis=1, keepdims=True)
        right = np.arange(len(x)), target
        loss = -np.mean(np.log(p[right]))
        dx = p.copy()
        dx[right] -= 1
        return loss, dx / len(x)

    def puts_a_floor_under_the_probability(x, target):
        """You add 1e-12 to the probability before the logarithm, so no loss can exceed 27.6. Take
        the logarithm of the sum and subtract the score: nothing there can be log 0.
        """
        weights = np.exp(x - x.max(axis=1, keepdims=True))
        p = weights / weights.sum(axis=1, keepdims=True)
        right = np.arange(len(x)), target
        loss = -np.mean(np.log(p[right] + 1e-12))
        dx = p.copy()
        dx[right] -= 1
        return loss, dx / len(x)

    def normalises_the_columns(x, target):
        """Your softmax sums over the batch: axis 0 holds the examples. The probabilities of one
        example's classes sum to 1, so sum along axis 1.
        """
        weights = np.exp(x - x.max(axis=0, keepdims=True))
        p = weights / weights.sum(axis=0, keepdims=True)
        right = np.arange(len(x)), target
        loss = -np.mean(np.log(p[right]))
        dx = p.copy()
        dx[right] -= 1
        return loss, dx / len(x)

    def sums_the_loss(x, target):
        """Your loss is the sum over the examples, though your gradient is that of the mean. Divide
        the loss by N as well.
        """
        shifted = x - x.max(axis=1, keepdims=True)
        weights = np.exp(shifted)
        totals = weights.sum(axis=1, keepdims=True)
        right = np.arange(len(x)), target
        dx = weights / totals
        dx[right] -= 1
        return np.sum(np.log(totals[:, 0]) - shifted[right]), dx / len(x)

    def averages_over_the_classes_too(x, target):
        """Your loss is M times too small: the mean runs over all N·M entries of the one-hot table,
        but there is one term for each of the N examples.
        """
        shifted = x - x.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        one_hot = np.eye(x.shape[1], dtype=x.dtype)[target]
        return -np.mean(one_hot * logs), (np.exp(logs) - one_hot) / len(x)

    def forgets_the_mean_in_the_gradient(x, target):
        """Your loss is a mean over the batch, but your gradient is that of a sum: divide it by N as
        well.
        """
        shifted = x - x.max(axis=1, keepdims=True)
        weights = np.exp(shifted)
        totals = weights.sum(axis=1, keepdims=True)
        right = np.arange(len(x)), target
        dx = weights / totals
        dx[right] -= 1
        return np.mean(np.log(totals[:, 0]) - shifted[right]), dx

    def divides_the_gradient_by_all_entries(x, target):
        """You divide the gradient by the number of all scores, N·M. The loss has N terms, one for
        each example, so the factor is 1/N.
        """
        shifted = x - x.max(axis=1, keepdims=True)
        weights = np.exp(shifted)
        totals = weights.sum(axis=1, keepdims=True)
        right = np.arange(len(x)), target
        dx = weights / totals
        dx[right] -= 1
        return np.mean(np.log(totals[:, 0]) - shifted[right]), dx / x.size

    def subtracts_from_whole_columns(x, target):
        """You subtract 1 at dx[:, target], which are whole columns of the batch. Each example has
        one entry to change: dx[np.arange(N), target].
        """
        shifted = x - x.max(axis=1, keepdims=True)
        weights = np.exp(shifted)
        totals = weights.sum(axis=1, keepdims=True)
        dx = weights / totals
        dx[:, target] -= 1
        return np.mean(np.log(totals[:, 0]) - shifted[np.arange(len(x)), target]), dx / len(x)

    def stops_at_the_probability(x, target):
        """Your gradient is −1/p at the right class, which is that with respect to the
        probabilities. It has to go back through the softmax too; p minus the one-hot is left.
        """
        shifted = x - x.max(axis=1, keepdims=True)
        weights = np.exp(shifted)
        totals = weights.sum(axis=1, keepdims=True)
        right = np.arange(len(x)), target
        dx = np.zeros_like(x)
        dx[right] = -(totals[:, 0] / weights[right])
        return np.mean(np.log(totals[:, 0]) - shifted[right]), dx / len(x)

    def keeps_the_diagonal_only(x, target):
        """Your gradient changes the right class only. More of one score is less of all the other
        probabilities: the entries p_m of the wrong classes belong to it, too.
        """
        shifted = x - x.max(axis=1, keepdims=True)
        weights = np.exp(shifted)
        totals = weights.sum(axis=1, keepdims=True)
        right = np.arange(len(x)), target
        dx = np.zeros_like(x)
        dx[right] = (weights / totals)[right] - 1
        return np.mean(np.log(totals[:, 0]) - shifted[right]), dx / len(x)

    def points_uphill(x, target):
        """Your gradient has the wrong sign: a larger score of the right class lowers the loss, so
        its derivative is negative. It is p minus the one-hot target.
        """
        shifted = x - x.max(axis=1, keepdims=True)
        weights = np.exp(shifted)
        totals = weights.sum(axis=1, keepdims=True)
        right = np.arange(len(x)), target
        dx = -weights / totals
        dx[right] += 1
        return np.mean(np.log(totals[:, 0]) - shifted[right]), dx / len(x)

    def forgets_the_logarithm(x, target):
        """Your loss is minus the mean probability of the right class. Take its logarithm: being
        sure and wrong should cost much more than being unsure.
        """
        weights = np.exp(x - x.max(axis=1, keepdims=True))
        p = weights / weights.sum(axis=1, keepdims=True)
        right = np.arange(len(x)), target
        dx = p.copy()
        dx[right] -= 1
        return -np.mean(p[right]), dx / len(x)

    def subtracts_in_place(x, target):
        """Your values are right, but you subtract the maximum from x in place, and whoever called
        you has lost the scores. Write x = x − …, which makes a new array.
        """
        x -= x.max(axis=1, keepdims=True)
        weights = np.exp(x)
        totals = weights.sum(axis=1, keepdims=True)
        right = np.arange(len(x)), target
        dx = weights / totals
        dx[right] -= 1
        return np.mean(np.log(totals[:, 0]) - x[right]), dx / len(x)

    def promotes_to_float64(x, target):
        """Your values are right, but float32 comes out as float64. A one-hot table from np.eye or
        np.zeros without a dtype is the usual cause: pass dtype=x.dtype.
        """
        shifted = x - x.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        dx = (np.exp(logs) - np.eye(x.shape[1])[target]) / len(x)
        return -np.mean(logs[np.arange(len(x)), target]), dx


class three_layer_gradients:
    def forgets_the_last_slope(x, target, w1, w2, w3):
        """You send y − t straight to the weights of the last layer. Its activation comes first: the
        output is a tanh too, so multiply by 1 − y².
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) / len(x)
        da2 = da3 @ w3 * (1 - h2**2)
        da1 = da2 @ w2 * (1 - h1**2)
        return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1

    def forgets_the_hidden_slopes(x, target, w1, w2, w3):
        """Your gradients pass the hidden layers as if they were linear. Each layer has two steps:
        multiply by tanh′ = 1 − h² on the way to its sums, then by its weights.
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) / len(x) * (1 - y**2)
        da2 = da3 @ w3
        da1 = da2 @ w2
        return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1

    def forgets_the_first_slope(x, target, w1, w2, w3):
        """Your gradients are right down to layer 2, but layer 1 lacks its slope: de/da¹ is de/dh¹
        times 1 − (h¹)², like the layers after it.
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) / len(x) * (1 - y**2)
        da2 = da3 @ w3 * (1 - h2**2)
        da1 = da2 @ w2
        return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1

    def takes_the_slope_of_the_sigmoid(x, target, w1, w2, w3):
        """You multiply by h(1 − h), which is the slope of the sigmoid. The units here are tanh,
        whose slope is 1 − h².
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) / len(x) * y * (1 - y)
        da2 = da3 @ w3 * h2 * (1 - h2)
        da1 = da2 @ w2 * h1 * (1 - h1)
        return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1

    def takes_tanh_of_tanh(x, target, w1, w2, w3):
        """In the hidden layers you compute the slope as 1 − tanh²(h), but h is a tanh already. From
        the output it is 1 − h²; from the sum it is 1 − tanh²(a).
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) / len(x) * (1 - y**2)
        da2 = da3 @ w3 * (1 - np.tanh(h2) ** 2)
        da1 = da2 @ w2 * (1 - np.tanh(h1) ** 2)
        return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1

    def forgets_the_mean(x, target, w1, w2, w3):
        """Your gradients are those of the sum over the examples. The error is their mean, so each
        example's contribution is divided by N.
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) * (1 - y**2)
        da2 = da3 @ w3 * (1 - h2**2)
        da1 = da2 @ w2 * (1 - h1**2)
        return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1

    def averages_the_weights_only(x, target, w1, w2, w3):
        """You divide the gradients of the weights by N, but not dx. Each example counts 1/N in the
        error, so nudging one of its inputs does, too.
        """
        n = len(x)
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) * (1 - y**2)
        da2 = da3 @ w3 * (1 - h2**2)
        da1 = da2 @ w2 * (1 - h1**2)
        return da1.T @ x / n, da2.T @ h1 / n, da3.T @ h2 / n, da1 @ w1

    def averages_over_the_outputs_too(x, target, w1, w2, w3):
        """You divide by the number of all outputs, N·M. The error sums over the M outputs and takes
        the mean over the N examples only.
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) / y.size * (1 - y**2)
        da2 = da3 @ w3 * (1 - h2**2)
        da1 = da2 @ w2 * (1 - h1**2)
        return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1

    def points_uphill(x, target, w1, w2, w3):
        """All your gradients have the wrong sign: the derivative of ½(ŷ − t)² is ŷ − t, not t − ŷ.
        The minus sign belongs to gradient descent.
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (target - y) / len(x) * (1 - y**2)
        da2 = da3 @ w3 * (1 - h2**2)
        da1 = da2 @ w2 * (1 - h1**2)
        return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1

    def doubles_the_error(x, target, w1, w2, w3):
        """Your gradients are twice too large: the ½ in the error cancels the 2 that the square
        brings down.
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = 2 * (y - target) / len(x) * (1 - y**2)
        da2 = da3 @ w3 * (1 - h2**2)
        da1 = da2 @ w2 * (1 - h1**2)
        return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1

    def takes_the_inputs_for_a_layer(x, target, w1, w2, w3):
        """You multiply dx by 1 − x², as if the inputs had come out of a tanh. They are just given:
        de/dx is (W¹)ᵀ de/da¹ and nothing more.
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) / len(x) * (1 - y**2)
        da2 = da3 @ w3 * (1 - h2**2)
        da1 = da2 @ w2 * (1 - h1**2)
        return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1 * (1 - x**2)

    def gives_the_sums_to_the_weights(x, target, w1, w2, w3):
        """You multiply by the sums a of the layer before where its outputs h belong: a weight is
        multiplied by h in the forward pass, so its gradient is de/da times h.
        """
        a1 = x @ w1.T
        h1 = np.tanh(a1)
        a2 = h1 @ w2.T
        h2 = np.tanh(a2)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) / len(x) * (1 - y**2)
        da2 = da3 @ w3 * (1 - h2**2)
        da1 = da2 @ w2 * (1 - h1**2)
        return da1.T @ x, da2.T @ a1, da3.T @ a2, da1 @ w1

    def steps_before_it_goes_back(x, target, w1, w2, w3):
        """You send the gradient back through weights that have already taken a step. All gradients
        of one pass belong to the same weights: compute all of them first.
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) / len(x) * (1 - y**2)
        dw3 = da3.T @ h2
        da2 = da3 @ (w3 - dw3) * (1 - h2**2)
        dw2 = da2.T @ h1
        da1 = da2 @ (w2 - dw2) * (1 - h1**2)
        return da1.T @ x, dw2, dw3, da1 @ w1

    def transposes_the_gradients(x, target, w1, w2, w3):
        """Your gradients of the weights lie on their side. A gradient has the shape of what it
        belongs to, with one row for each unit: use da.T @ h and not h.T @ da.
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = (y - target) / len(x) * (1 - y**2)
        da2 = da3 @ w3 * (1 - h2**2)
        da1 = da2 @ w2 * (1 - h1**2)
        return x.T @ da1, h1.T @ da2, h2.T @ da3, da1 @ w1

    def promotes_to_float64(x, target, w1, w2, w3):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        h1 = np.tanh(x @ w1.T)
        h2 = np.tanh(h1 @ w2.T)
        y = np.tanh(h2 @ w3.T)
        da3 = np.zeros(y.shape)
        da3 += (y - target) / len(x) * (1 - y**2)
        da2 = da3 @ w3 * (1 - h2**2)
        da1 = da2 @ w2 * (1 - h1**2)
        return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1


class topological_order:
    def begins_with_the_output(graph, output):
        """Your order runs backward, from the output to the leaves. That is the order of the
        backward pass; in the forward one each node comes after its inputs.
        """
        order, done, stack = [], set(), [(output, iter(graph[output]))]
        path = {output}
        while stack:
            name, inputs = stack[-1]
            for each in inputs:
                if each in path:
                    raise ValueError("a cycle")
                if each not in done:
                    path.add(each)
                    stack.append((each, iter(graph[each])))
                    break
            else:
                stack.pop()
                path.discard(name)
                if name not in done:
                    done.add(name)
                    order.append(name)
        return order[::-1]

    def goes_by_the_shortest_way(graph, output):
        """You order the nodes by their distance from the output, by a breadth-first search. A node
        that is used at once and again much earlier comes too late then: the longest way counts.
        """
        placed, path, begun = set(), [output], {output}
        while path:
            missing = next((name for name in graph[path[-1]] if name not in placed), None)
            if missing is None:
                placed.add(path.pop())
            elif missing in begun:
                raise ValueError("a cycle")
            else:
                path.append(missing)
                begun.add(missing)
        order, seen = [output], {output}
        for name in order:
            for each in graph[name]:
                if each not in seen:
                    seen.add(each)
                    order.append(each)
        return order[::-1]

    def reverses_a_preorder(graph, output):
        """You note a node when you first meet it and reverse the list at the end. With two ways to
        a node that is too early: note it when all of its inputs are done.
        """
        placed, path, begun = set(), [output], {output}
        while path:
            missing = next((name for name in graph[path[-1]] if name not in placed), None)
            if missing is None:
                placed.add(path.pop())
            elif missing in begun:
                raise ValueError("a cycle")
            else:
                path.append(missing)
                begun.add(missing)
        order, seen, stack = [], set(), [output]
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                order.append(name)
                stack.extend(graph[name])
        return order[::-1]

    def lists_a_node_for_each_use(graph, output):
        """Nodes that are used several times come several times in your order, and would be computed
        as often. Remember which ones are in it already.
        """
        order, stack, path = [], [(output, iter(graph[output]))], {output}
        while stack:
            name, inputs = stack[-1]
            for each in inputs:
                if each in path:
                    raise ValueError("a cycle")
                path.add(each)
                stack.append((each, iter(graph[each])))
                break
            else:
                stack.pop()
                path.discard(name)
                order.append(name)
        return order

    def orders_the_whole_graph(graph, output):
        """Your order holds all nodes of the graph. Only those that the output needs are asked for:
        begin at the output and follow the inputs.
        """
        waiting = {name: len(set(inputs)) for name, inputs in graph.items()}
        readers = {name: [] for name in graph}
        for name, inputs in graph.items():
            for each in set(inputs):
                readers[each].append(name)
        order = [name for name in graph if not waiting[name]]
        for name in order:
            for reader in readers[name]:
                waiting[reader] -= 1
                if not waiting[reader]:
                    order.append(reader)
        if len(order) < len(graph):
            raise ValueError("a cycle")
        return order

    def leaves_out_the_leaves(graph, output):
        """Your order lacks the leaves. They need no computing, but they belong to the graph and
        have gradients: a node without inputs is placed like any other.
        """
        order, placed, path, begun = [], set(), [output], {output}
        while path:
            missing = next((name for name in graph[path[-1]] if name not in placed), None)
            if missing is None:
                placed.add(path[-1])
                name = path.pop()
                if graph[name]:
                    order.append(name)
            elif missing in begun:
                raise ValueError("a cycle")
            else:
                path.append(missing)
                begun.add(missing)
        return order

    def leaves_out_the_output(graph, output):
        """Your order ends before the output. It is a node that has to be computed like the others,
        and comes last.
        """
        order, placed, path, begun = [], set(), [output], {output}
        while path:
            missing = next((name for name in graph[path[-1]] if name not in placed), None)
            if missing is None:
                placed.add(path[-1])
                order.append(path.pop())
            elif missing in begun:
                raise ValueError("a cycle")
            else:
                path.append(missing)
                begun.add(missing)
        return order[:-1]

    def trusts_the_dict(graph, output):
        """You take the nodes in the order in which the dict was written. It may be any order: the
        inputs of a node decide when its turn comes.
        """
        placed, path, begun = set(), [output], {output}
        while path:
            missing = next((name for name in graph[path[-1]] if name not in placed), None)
            if missing is None:
                placed.add(path.pop())
            elif missing in begun:
                raise ValueError("a cycle")
            else:
                path.append(missing)
                begun.add(missing)
        return [name for name in graph if name in placed]

    def sorts_the_names(graph, output):
        """You sort the nodes by their names. Names tell nothing about what is computed from what:
        a node comes after its inputs, whatever they are called.
        """
        placed, path, begun = set(), [output], {output}
        while path:
            missing = next((name for name in graph[path[-1]] if name not in placed), None)
            if missing is None:
                placed.add(path.pop())
            elif missing in begun:
                raise ValueError("a cycle")
            else:
                path.append(missing)
                begun.add(missing)
        return sorted(placed)

    def overlooks_cycles(graph, output):
        """Your search never goes twice to a node, which saves it from going round for ever, but
        hides a cycle. If a node is met again while it still waits for its inputs, raise the error.
        """
        order, seen, stack = [], {output}, [(output, iter(graph[output]))]
        while stack:
            for each in stack[-1][1]:
                if each not in seen:
                    seen.add(each)
                    stack.append((each, iter(graph[each])))
                    break
            else:
                order.append(stack.pop()[0])
        return order

    def notices_loops_of_two_only(graph, output):
        """You look whether a node and one of its inputs need each other. A cycle can be longer: all
        nodes that still wait for their inputs have to be compared.
        """
        order, seen, stack = [], {output}, [(output, iter(graph[output]))]
        while stack:
            name, inputs = stack[-1]
            for each in inputs:
                if name in graph[each]:
                    raise ValueError("a cycle")
                if each not in seen:
                    seen.add(each)
                    stack.append((each, iter(graph[each])))
                    break
            else:
                order.append(stack.pop()[0])
        return order

    def returns_a_part_for_a_cycle(graph, output):
        """For a graph with a cycle you return the nodes that could be placed. Whoever computes with
        them would get half a result without a warning: raise a ValueError.
        """
        needed, queue = {output}, [output]
        while queue:
            for each in graph[queue.pop()]:
                if each not in needed:
                    needed.add(each)
                    queue.append(each)
        waiting = {name: len(set(graph[name])) for name in needed}
        readers = {name: [] for name in needed}
        for name in needed:
            for each in set(graph[name]):
                readers[each].append(name)
        order = sorted(name for name in needed if not waiting[name])
        for name in order:
            for reader in sorted(readers[name]):
                waiting[reader] -= 1
                if not waiting[reader]:
                    order.append(reader)
        return order

    def takes_depth_for_a_cycle(graph, output):
        """Your function calls itself, and you take a RecursionError for a sign of a cycle. A long
        chain is no cycle, but deeper than Python's limit: keep a list of what is to be done.
        """
        order, seen = [], set()

        def visit(name, path):
            if name in path:
                raise ValueError("a cycle")
            if name not in seen:
                for each in graph[name]:
                    visit(each, path | {name})
                seen.add(name)
                order.append(name)

        try:
            visit(output, frozenset())
        except RecursionError:
            raise ValueError("a cycle") from None
        return order


class forward_backward:
    def overwrites_what_arrived(graph, leaves, output):
        """In your backward pass each gradient overwrites the one that had arrived before. A node
        collects from all nodes that use it: add, do not replace.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = part
        return values, gradients

    def shares_an_array_between_gradients(graph, leaves, output):
        """You hand one and the same array to several nodes and then add to it in place, which
        changes it for all of them. Add with g = g + part, or start from zeros.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {output: np.ones_like(values[output])}
        for name, (operation, *inputs) in reversed(graph.items()):
            if name not in gradients:
                continue
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                if each in gradients:
                    gradients[each] += part
                else:
                    gradients[each] = part
        for name, value in values.items():
            gradients.setdefault(name, np.zeros_like(value))
        return values, gradients

    def sends_once_to_the_same_node(graph, leaves, output):
        """When both inputs of an operation are the same node, you send it only one of the two
        parts. The derivative of d·d is 2d: it is an input twice, and both parts are added.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in dict(zip(inputs, sent, strict=False)).items():
                gradients[each] = gradients[each] + part
        return values, gradients

    def averages_what_arrives(graph, leaves, output):
        """You take the mean of the gradients that arrive at a node. A small change of it reaches
        the output along every way at once, so their effects add up.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        arrived = dict.fromkeys(values, 0)
        for name, (operation, *inputs) in reversed(graph.items()):
            if not gradients[name].any():
                continue
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                arrived[each] += 1
                gradients[each] = gradients[each] + (part - gradients[each]) / arrived[each]
        return values, gradients

    def walks_forward_again(graph, leaves, output):
        """Your backward pass visits the nodes in the forward order, when nothing has arrived at
        most of them yet. Go through the graph in reverse: a node's gradient must be complete
        first.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        for name, (operation, *inputs) in graph.items():
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, gradients

    def forgets_the_minus(graph, leaves, output):
        """You send the same gradient to both inputs of a subtraction. A larger q makes p − q
        smaller, so q is sent −dv.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, gradients

    def subtracts_the_wrong_way_round(graph, leaves, output):
        """Your subtraction computes q − p. The first input is what is subtracted from: p − q."""
        compute = {"add": np.add, "subtract": lambda p, q: q - p, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (-dv, dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, gradients

    def multiplies_by_its_own_value(graph, leaves, output):
        """In a product you send each input dv times its own value. How far p moves p·q depends on
        the other one: p is sent dv·q, and q is sent dv·p.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * p, dv * q),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, gradients

    def takes_the_second_matrix_for_a_constant(graph, leaves, output):
        """In a matrix product only the first matrix gets a gradient from you. The second is an
        input like any other: it is sent pᵀ dv, or nothing would reach the layers before.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T,),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, gradients

    def takes_the_slope_at_the_output(graph, leaves, output):
        """You compute the slope of tanh as 1 − tanh²(v), but v is a tanh already. It is 1 − v², or
        1 − tanh²(p) from the input.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(np.tanh(p)) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, gradients

    def drops_what_arrived_at_tanh(graph, leaves, output):
        """Your tanh sends back its own slope and forgets what arrived at it. The chain rule
        multiplies: dv times the slope.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (1 - np.tanh(p) ** 2,),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, gradients

    def begins_with_the_value(graph, leaves, output):
        """Your backward pass begins with the value of the output. The derivative of its sum with
        respect to each of its entries is 1: begin with ones.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = values[output].copy()
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, gradients

    def begins_at_the_last_node(graph, leaves, output):
        """Your backward pass begins at the last node of the graph. It begins at `output`, and what
        comes after that, or is not needed for it, has a gradient of zeros.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[name] = np.ones_like(values[name])
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, gradients

    def leaves_out_unreached_nodes(graph, leaves, output):
        """Nodes that the output does not depend on are missing from your gradients. Moving them
        changes nothing, so their gradient is known: zeros of their shape.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {output: np.ones_like(values[output])}
        for name, (operation, *inputs) in reversed(graph.items()):
            if name not in gradients:
                continue
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part if each in gradients else part
        return values, gradients

    def returns_the_leaves_gradients_only(graph, leaves, output):
        """Your gradients hold the leaves only. Those of the nodes between were computed on the
        way; return them as well, since they show where a gradient gets lost.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, {name: gradients[name] for name in leaves}

    def writes_into_the_leaves(graph, leaves, output):
        """Your results are right, but you write the values of all nodes into the dict `leaves`,
        which belongs to your caller. Begin with a copy: values = dict(leaves).
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = leaves
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros_like(value) for name, value in values.items()}
        gradients[output] = np.ones_like(values[output])
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, gradients

    def promotes_to_float64(graph, leaves, output):
        """Your values are right, but float32 leaves give float64 gradients. Often an np.zeros or
        np.ones without a dtype is the cause: np.zeros_like keeps the dtype.
        """
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        send = {
            "add": lambda dv, p, q: (dv, dv),
            "subtract": lambda dv, p, q: (dv, -dv),
            "multiply": lambda dv, p, q: (dv * q, dv * p),
            "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
            "tanh": lambda dv, p: (dv * (1 - np.tanh(p) ** 2),),
        }
        values = dict(leaves)
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*(values[each] for each in inputs))
        gradients = {name: np.zeros(value.shape) for name, value in values.items()}
        gradients[output] = np.ones(values[output].shape)
        for name, (operation, *inputs) in reversed(graph.items()):
            sent = send[operation](gradients[name], *(values[each] for each in inputs))
            for each, part in zip(inputs, sent, strict=False):
                gradients[each] = gradients[each] + part
        return values, gradients
