"""Other right answers to Homework 1: each must earn full marks, however it is written.

The form is that of ``misconceptions.py``: a class stands for a question, a function in it is one
complete answer, and its docstring says what is different about it.
"""

import numpy as np


class perceptron_layer:
    def contracts_with_einsum(x, w, b, activation):
        """Sums by einsum, activations by conditions."""
        a = np.einsum("nd,md->nm", x, w) + b
        if activation == "step":
            return np.heaviside(a, 0).astype(x.dtype)
        if activation == "relu":
            return a * (a > 0)
        if activation == "sigmoid":
            small = np.exp(-np.abs(a))
            return np.where(a >= 0, 1, small) / (1 + small)
        return np.tanh(a)

    def goes_example_by_example(x, w, b, activation):
        """One matrix-vector product for each example; the sigmoid by way of tanh."""
        rows = []
        for example in x:
            a = w @ example + b
            if activation == "step":
                y = np.array(a > 0, dtype=x.dtype)
            elif activation == "relu":
                y = np.clip(a, 0, None)
            elif activation == "sigmoid":
                y = (1 + np.tanh(a / 2)) / 2
            else:
                y = np.tanh(a)
            rows.append(y)
        return np.stack(rows)

    def takes_the_plain_formulas(x, w, b, activation):
        """The sigmoid overflows to 1 / inf, which is 0 as it should be."""
        a = np.dot(x, np.transpose(w)) + b[None, :]
        with np.errstate(over="ignore"):
            answers = {
                "step": (np.sign(a) + np.abs(np.sign(a))) / 2,
                "relu": (a + np.abs(a)) / 2,
                "sigmoid": 1 / (1 + np.exp(-a)),
                "tanh": np.tanh(a),
            }
        return answers[activation]

    def broadcasts_and_sums(x, w, b, activation):
        """All products as one array (N, M, D), summed over its last axis."""
        a = (x[:, None, :] * w).sum(axis=2) + b
        if activation == "step":
            return np.where(a > 0, np.ones_like(a), np.zeros_like(a))
        if activation == "relu":
            return np.where(a > 0, a, np.zeros_like(a))
        if activation == "sigmoid":
            return np.exp(np.minimum(a, 0)) / (1 + np.exp(-np.abs(a)))
        e = np.expm1(-2 * np.abs(a))
        return -np.sign(a) * e / (e + 2)


class fit_perceptron:
    def treats_the_two_mistakes_apart(x, target, learning_rate, epochs):
        """Add after one kind of mistake, subtract after the other; an array of counts."""
        w, b = np.zeros(x.shape[1], dtype=x.dtype), 0
        mistakes = np.zeros(epochs, dtype=int)
        for epoch in range(epochs):
            for n in range(len(x)):
                fires = np.dot(w, x[n]) + b > 0
                if fires and target[n] == 0:
                    w -= learning_rate * x[n]
                    b -= learning_rate
                    mistakes[epoch] += 1
                elif not fires and target[n] == 1:
                    w += learning_rate * x[n]
                    b += learning_rate
                    mistakes[epoch] += 1
        return w, b, mistakes

    def adds_an_input_that_is_one(x, target, learning_rate, epochs):
        """The bias as the weight of one more input."""
        extended = np.concatenate([x, np.ones((len(x), 1), dtype=x.dtype)], axis=1)
        weights = np.zeros(extended.shape[1], dtype=x.dtype)
        mistakes = []
        for _ in range(epochs):
            wrong = 0
            for row, wanted in zip(extended, target, strict=True):
                answer = 1 if row @ weights > 0 else 0
                weights = weights + (learning_rate * (int(wanted) - answer)) * row
                wrong += int(answer != wanted)
            mistakes.append(wrong)
        return weights[:-1], float(weights[-1]), mistakes

    def keeps_the_changes_in_a_list(x, target, learning_rate, epochs):
        """Plain Python numbers, turned into an array at the end."""
        rows, w, b, mistakes = x.tolist(), [0.0] * x.shape[1], 0.0, []
        for _ in range(epochs):
            wrong = 0
            for row, wanted in zip(rows, target.tolist(), strict=True):
                total = b + sum(weight * value for weight, value in zip(w, row, strict=True))
                change = learning_rate * (wanted - (1 if total > 0 else 0))
                if change:
                    w = [weight + change * value for weight, value in zip(w, row, strict=True)]
                    b += change
                    wrong += 1
            mistakes.append(wrong)
        return np.array(w, dtype=x.dtype), b, tuple(mistakes)


class xor_weights:
    def subtracts_both_from_either(self=None):
        """The usual pair: "at least one", but not "both"."""
        return np.array([[1.0, 1], [1, 1]]), np.array([-0.5, -1.5]), np.array([1.0, -1]), -0.5

    def finds_each_of_the_two(self=None):
        """The disjunctive normal form: one hidden unit for each of the two inputs."""
        return np.array([[1, -1], [-1, 1]]), np.array([-0.5, -0.5]), np.array([1, 1]), -0.5

    def uses_large_weights(self=None):
        """Weights that would make sigmoid units behave as steps, and a veto of twice the size."""
        w1 = np.array([[20.0, 20.0], [20.0, 20.0]])
        return w1, np.array([-30.0, -10.0]), np.array([-40.0, 20.0]), np.float64(-10)


class dnf_network:
    def writes_the_digits_out(truth_table):
        """Digits from Python's binary format, row by row."""
        n = int(np.log2(len(truth_table)))
        rows = [
            [int(digit) for digit in format(k, f"0{n}b")]
            for k, answer in enumerate(truth_table)
            if answer
        ]
        w1 = np.array([[1.0 if digit else -1.0 for digit in row] for row in rows])
        b1 = np.array([0.5 - sum(row) for row in rows])
        return w1.reshape(len(rows), n), b1, np.ones(len(rows)), -0.5

    def stands_on_the_edge(truth_table):
        """Integer weights and biases: step(0) is 0, so half units are not needed."""
        n = len(truth_table).bit_length() - 1
        rows = np.indices((2,) * n).reshape(n, -1).T[np.asarray(truth_table) == 1]
        w1 = 2 * rows - 1
        return w1, 1 - rows.sum(axis=1), np.ones(len(rows), dtype=int), 0

    def counts_up_in_a_product(truth_table):
        """All inputs from itertools.product; weights of 2, biases from the width n."""
        from itertools import product

        n = len(truth_table).bit_length() - 1
        inputs = np.array(list(product([0, 1], repeat=n)))
        signs = np.where(inputs[np.flatnonzero(truth_table)] == 1, 1.0, -1.0)
        b1 = 1 - (signs.sum(axis=1) + n)
        return 2 * signs, b1, np.full(len(signs), 3.0), -1.5


class mse_loss:
    def takes_inner_products(y, target):
        """The sum of squares as an inner product of the flat errors."""
        error = (y - target).ravel()
        return error @ error / error.size, (2 / error.size) * (y - target)

    def goes_entry_by_entry(y, target):
        """One entry after another."""
        total, dy = 0.0, np.zeros_like(y)
        for index in np.ndindex(*y.shape):
            error = y[index] - target[index]
            total += float(error) ** 2
            dy[index] = 2 * error / y.size
        return total / y.size, dy

    def squares_the_norm(y, target):
        """The mean of squares as a squared norm; the gradient with np.multiply."""
        n = int(np.prod(y.shape))
        loss = float(np.linalg.norm((y - target).ravel() / np.sqrt(n))) ** 2
        return loss, np.multiply(y - target, 2) / n


class binary_cross_entropy:
    def turns_the_logit_round(x, target):
        """The logit's sign turned so that the right answer is always yes."""
        sign = 1 - 2 * target
        z = sign * x
        small = np.exp(-np.abs(z))
        loss = np.mean(np.maximum(z, 0) + np.log1p(small))
        return loss, sign * np.where(z >= 0, 1, small) / (1 + small) / x.size

    def takes_the_larger_part_out(x, target):
        """The form that libraries use, with a plain sigmoid for the gradient."""
        loss = np.mean(np.maximum(x, 0) - x * target + np.log1p(np.exp(-np.abs(x))))
        with np.errstate(over="ignore"):
            return loss, (1 / (1 + np.exp(-x)) - target) / x.size

    def picks_with_where(x, target):
        """One of two logarithms for each entry."""
        loss = np.where(target == 1, np.logaddexp(0, -x), np.logaddexp(0, x)).mean()
        p = (1 + np.tanh(x / 2)) / 2
        return loss, (p - target) / np.prod(x.shape, dtype=x.dtype)

    def goes_entry_by_entry(x, target):
        """One entry after another, with Python's math."""
        import math

        total, dx = 0.0, np.empty_like(x)
        for index in np.ndindex(*x.shape):
            logit, wanted = float(x[index]), float(target[index])
            small = math.exp(-abs(logit))
            wrong_by = -logit if wanted else logit
            total += max(wrong_by, 0.0) + math.log1p(small)
            p = 1 / (1 + small) if logit >= 0 else small / (1 + small)
            dx[index] = (p - wanted) / x.size
        return total / x.size, dx


class cross_entropy:
    def subtracts_a_one_hot_table(x, target):
        """Log-probabilities, and the target as a one-hot table."""
        x = x - np.max(x, axis=1)[:, None]
        logs = x - np.log(np.sum(np.exp(x), axis=1))[:, None]
        one_hot = (np.arange(x.shape[1]) == target[:, None]).astype(x.dtype)
        return -(one_hot * logs).sum() / len(x), (np.exp(logs) - one_hot) / len(x)

    def adds_up_logarithms(x, target):
        """log-sum-exp by np.logaddexp.reduce, so that no maximum is needed."""
        logs = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
        loss = -np.take_along_axis(logs, target[:, None], axis=1).mean()
        dx = np.exp(logs)
        np.subtract.at(dx, (np.arange(len(x)), target), 1)
        return loss, dx / len(x)

    def goes_row_by_row(x, target):
        """One example after another, through the Jacobian of the softmax."""
        total, dx = 0.0, np.zeros_like(x)
        for n, (row, right) in enumerate(zip(x, target, strict=True)):
            weights = np.exp(row - row.max())
            total += float(np.log(weights.sum()) + row.max() - row[right])
            dx[n] = weights / weights.sum()
            dx[n, right] -= 1
        return total / len(x), dx / len(x)


class three_layer_gradients:
    def loops_over_the_layers(x, target, w1, w2, w3):
        """Lists of layers, and one loop each way."""
        weights, h = (w1, w2, w3), [x]
        for w in weights:
            h.append(np.tanh(h[-1] @ w.T))
        dh, dw = (h[-1] - target) / x.shape[0], []
        for w, before, after in zip(weights[::-1], h[-2::-1], h[:0:-1], strict=True):
            da = dh * (1 - after * after)
            dw.insert(0, np.einsum("nm,nd->md", da, before))
            dh = np.einsum("nm,md->nd", da, w)
        return (*dw, dh)

    def goes_example_by_example(x, target, w1, w2, w3):
        """Columns as in the lecture's equations, one example at a time."""
        dw1, dw2, dw3 = np.zeros_like(w1), np.zeros_like(w2), np.zeros_like(w3)
        dx = np.zeros_like(x)
        for n in range(len(x)):
            a1 = w1 @ x[n]
            a2 = w2 @ np.tanh(a1)
            a3 = w3 @ np.tanh(a2)
            da3 = (np.tanh(a3) - target[n]) / np.cosh(a3) ** 2
            dw3 += np.outer(da3, np.tanh(a2)) / len(x)
            da2 = (w3.T @ da3) / np.cosh(a2) ** 2
            dw2 += np.outer(da2, np.tanh(a1)) / len(x)
            da1 = (w2.T @ da2) / np.cosh(a1) ** 2
            dw1 += np.outer(da1, x[n]) / len(x)
            dx[n] = w1.T @ da1 / len(x)
        return dw1, dw2, dw3, dx

    def puts_examples_into_columns(x, target, w1, w2, w3):
        """The batch turned round, so that the equations can be typed in as they stand."""
        h0 = x.T
        h1 = np.tanh(w1 @ h0)
        h2 = np.tanh(w2 @ h1)
        h3 = np.tanh(w3 @ h2)
        dh3 = h3 - target.T
        da3 = dh3 * (1 - h3**2)
        da2 = (w3.T @ da3) * (1 - h2**2)
        da1 = (w2.T @ da2) * (1 - h1**2)
        gradients = da1 @ h0.T, da2 @ h1.T, da3 @ h2.T, (w1.T @ da1).T
        return [gradient / x.shape[0] for gradient in gradients]


class topological_order:
    def counts_what_is_missing(graph, output):
        """Kahn's way: a node is ready when none of its inputs is missing any more."""
        needed, queue = {output}, [output]
        while queue:
            for each in graph[queue.pop()]:
                if each not in needed:
                    needed.add(each)
                    queue.append(each)
        missing = {name: len(set(graph[name])) for name in needed}
        readers = {name: [] for name in needed}
        for name in needed:
            for each in set(graph[name]):
                readers[each].append(name)
        order = [name for name in needed if missing[name] == 0]
        for name in order:
            for reader in readers[name]:
                missing[reader] -= 1
                if missing[reader] == 0:
                    order.append(reader)
        if len(order) < len(needed):
            raise ValueError("the graph has a cycle")
        return order

    def colours_the_nodes(graph, output):
        """Depth-first search with a stack of iterators and three colours."""
        colour, order = {output: "grey"}, []
        stack = [(output, iter(graph[output]))]
        while stack:
            name, rest = stack[-1]
            each = next(rest, None)
            if each is None:
                stack.pop()
                colour[name] = "black"
                order.append(name)
            elif colour.get(each) == "grey":
                raise ValueError(f"{each} needs itself")
            elif each not in colour:
                colour[each] = "grey"
                stack.append((each, iter(graph[each])))
        return order

    def peels_the_graph_from_its_end(graph, output):
        """Take away nodes that nobody waits for any more, from the output on; then turn round."""
        needed, queue = {output}, [output]
        while queue:
            new = set(graph[queue.pop()]) - needed
            needed |= new
            queue += new
        readers = dict.fromkeys(needed, 0)
        for name in needed:
            for each in graph[name]:
                readers[each] += 1
        if readers[output]:
            raise ValueError("the output waits for itself")
        backward = [output]
        for name in backward:
            for each in graph[name]:
                readers[each] -= 1
                if not readers[each]:
                    backward.append(each)
        if len(backward) != len(needed):
            raise ValueError("a cycle")
        return tuple(reversed(backward))


class forward_backward:
    def branches_on_the_operation(graph, leaves, output):
        """Conditions in place of tables; gradients appear when something arrives."""
        values = {name: leaf.copy() for name, leaf in leaves.items()}
        for name, node in graph.items():
            p, q = values[node[1]], values[node[-1]]
            if node[0] == "add":
                values[name] = p + q
            elif node[0] == "subtract":
                values[name] = p - q
            elif node[0] == "multiply":
                values[name] = p * q
            elif node[0] == "matmul":
                values[name] = p.dot(q)
            else:
                values[name] = np.tanh(p)
        arrived = {output: np.ones_like(values[output])}

        def send(name, part):
            arrived[name] = arrived[name] + part if name in arrived else part

        for name in list(graph)[::-1]:
            if name in arrived:
                node, dv = graph[name], arrived[name]
                p, q = values[node[1]], values[node[-1]]
                if node[0] == "add":
                    send(node[1], dv)
                    send(node[2], dv)
                elif node[0] == "subtract":
                    send(node[1], dv)
                    send(node[2], -dv)
                elif node[0] == "multiply":
                    send(node[1], dv * q)
                    send(node[2], dv * p)
                elif node[0] == "matmul":
                    send(node[1], np.einsum("im,km->ik", dv, q))
                    send(node[2], np.einsum("ik,im->km", p, dv))
                else:
                    send(node[1], dv - dv * values[name] ** 2)
        return values, {n: arrived.get(n, np.zeros_like(v)) for n, v in values.items()}

    def collects_from_the_readers(graph, leaves, output):
        """Each node asks those that use it for its gradient, and remembers what it was."""
        compute = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}
        compute |= {"matmul": np.matmul, "tanh": np.tanh}
        values, readers = dict(leaves), {name: [] for name in (*leaves, *graph)}
        for name, (operation, *inputs) in graph.items():
            values[name] = compute[operation](*[values[each] for each in inputs])
            for place, each in enumerate(inputs):
                readers[each].append((name, place))
        gradients = {}

        def sent(name, place):
            operation, *inputs = graph[name]
            dv, other = gradients[name], values[inputs[1 - place]] if len(inputs) > 1 else None
            if operation == "multiply":
                return dv * other
            if operation == "matmul":
                return dv @ other.T if place == 0 else other.T @ dv
            if operation == "tanh":
                return dv * (1 - values[name]) * (1 + values[name])
            return -dv if operation == "subtract" and place == 1 else dv

        for name in reversed([*leaves, *graph]):
            start = np.ones_like if name == output else np.zeros_like
            gradients[name] = start(values[name])
            for reader, place in readers[name]:
                gradients[name] = gradients[name] + sent(reader, place)
        return values, gradients

    def records_a_tape(graph, leaves, output):
        """The forward pass leaves behind a list of what to do on the way back."""
        values, tape = dict(leaves), []
        for name, (operation, first, *second) in graph.items():
            p = values[first]
            q = values[second[0]] if second else None
            if operation == "tanh":
                v = np.tanh(p)
                tape.append((name, [(first, lambda d, v=v: d * (1 - v**2))]))
            elif operation == "matmul":
                v = p @ q
                ways = (first, lambda d, q=q: d @ q.T), (second[0], lambda d, p=p: p.T @ d)
                tape.append((name, ways))
            elif operation == "multiply":
                v = p * q
                ways = (first, lambda d, q=q: d * q), (second[0], lambda d, p=p: d * p)
                tape.append((name, ways))
            else:
                sign = 1 if operation == "add" else -1
                v = p + sign * q
                ways = (first, lambda d: d), (second[0], lambda d, sign=sign: sign * d)
                tape.append((name, ways))
            values[name] = v
        gradients = {name: np.zeros(v.shape, v.dtype) for name, v in values.items()}
        gradients[output] += 1
        while tape:
            name, ways = tape.pop()
            for each, way in ways:
                gradients[each] += way(gradients[name])
        return values, gradients
