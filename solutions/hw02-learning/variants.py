"""Other right answers to Homework 2: each must earn full marks, however it is written.

The form is that of ``misconceptions.py``: a class stands for a question, a function in it is one
complete answer, and its docstring says what is different about it.
"""

import numpy as np


class gradient_descent:
    def fills_an_array(start, gradient, learning_rate, steps):
        """Reserve the path first, and fill it row by row."""
        path = np.empty((steps + 1, *start.shape), dtype=start.dtype)
        path[0] = start
        for t in range(steps):
            path[t + 1] = path[t] - learning_rate * gradient(path[t])
        return path

    def moves_a_copy_in_place(start, gradient, learning_rate, steps):
        """Move one array in place, and keep copies of it."""
        theta = start.copy()
        path = [theta.copy()]
        for _ in range(steps):
            theta -= learning_rate * gradient(theta.copy())
            path.append(theta.copy())
        return np.array(path)

    def calls_itself(start, gradient, learning_rate, steps):
        """The first point, then the path from the second one."""
        if steps == 0:
            return start[None].copy()
        second = start - learning_rate * gradient(start)
        rest = gradient_descent(second, gradient, learning_rate, steps - 1)
        return np.concatenate([start[None], rest])

    def adds_up_the_steps(start, gradient, learning_rate, steps):
        """Sum the steps from the start, instead of moving on from the last point."""
        theta, moves = start, [np.zeros_like(start)]
        while len(moves) <= steps:
            moves.append(moves[-1] - learning_rate * gradient(theta))
            theta = start + moves[-1]
        return np.stack([start + move for move in moves])


class minibatches:
    def splits_at_multiples(n, batch_size, rng):
        """Let np.split cut at the multiples of the batch size."""
        return np.split(rng.permutation(n), range(batch_size, n, batch_size))

    def shuffles_in_place(n, batch_size, rng):
        """Draw as the text says, then take from the front until nothing is left."""
        rest, batches = rng.permutation(n), []
        while rest.size:
            batches.append(rest[:batch_size])
            rest = rest[batch_size:]
        return batches

    def counts_the_batches(n, batch_size, rng):
        """Count the batches, rounding up, and cut each."""
        order = rng.permutation(n)
        count = -(-n // batch_size)
        return [order[k * batch_size : min(n, (k + 1) * batch_size)].copy() for k in range(count)]

    def sorts_samples_into_batches(n, batch_size, rng):
        """Say for each place in the order which batch it belongs to."""
        order = rng.permutation(n).astype(np.int32)
        batch = np.arange(n) // batch_size
        return tuple(order[batch == k] for k in range(batch.max() + 1))


class momentum_step:
    def keeps_a_velocity_with_the_other_sign(theta, gradient, delta, learning_rate, momentum):
        """Think of a velocity that is added, as physicists do, and turn its sign at the end."""
        velocity = momentum * -delta - learning_rate * gradient
        return theta + velocity, -velocity

    def works_in_place_on_copies(theta, gradient, delta, learning_rate, momentum):
        """Copies first, then in place."""
        theta, delta = theta.copy(), delta.copy()
        delta *= momentum
        delta += learning_rate * gradient
        theta -= delta
        return theta, delta

    def steps_twice(theta, gradient, delta, learning_rate, momentum):
        """Roll on first, then go downhill; the step is the sum of the two."""
        rolled = theta - momentum * delta
        return [rolled - learning_rate * gradient, learning_rate * gradient + momentum * delta]

    def goes_entry_by_entry(theta, gradient, delta, learning_rate, momentum):
        """A loop over the entries."""
        new_theta, new_delta = np.empty_like(theta), np.empty_like(delta)
        for index in np.ndindex(*theta.shape):
            new_delta[index] = learning_rate * gradient[index] + momentum * delta[index]
            new_theta[index] = theta[index] - new_delta[index]
        return new_theta, new_delta


class adam_step:
    def moves_the_corrections(
        theta,
        gradient,
        m,
        v,
        t,
        learning_rate=0.001,
        beta1=0.9,
        beta2=0.999,
        eps=1e-8,
        bias_correction=True,
    ):
        """As torch: the corrections go into the step size and the denominator."""
        m, v = m * beta1 + gradient * (1 - beta1), v * beta2 + gradient * gradient * (1 - beta2)
        step_size, denominator = learning_rate, np.sqrt(v)
        if bias_correction:
            step_size = learning_rate / (1 - beta1**t)
            denominator = denominator / (1 - beta2**t) ** 0.5
        return theta - step_size * m / (denominator + eps), m, v

    def moves_the_means_towards_the_new(
        theta,
        gradient,
        m,
        v,
        t,
        learning_rate=0.001,
        beta1=0.9,
        beta2=0.999,
        eps=1e-8,
        bias_correction=True,
    ):
        """Running means as small moves towards the new value, in place on copies."""
        m, v = m.copy(), v.copy()
        m += (1 - beta1) * (gradient - m)
        v += (1 - beta2) * (np.square(gradient) - v)
        shares = (1 - beta1**t, 1 - beta2**t) if bias_correction else (1.0, 1.0)
        return theta - learning_rate * (m / shares[0]) / (np.sqrt(v / shares[1]) + eps), m, v

    def goes_entry_by_entry(
        theta,
        gradient,
        m,
        v,
        t,
        learning_rate=0.001,
        beta1=0.9,
        beta2=0.999,
        eps=1e-8,
        bias_correction=True,
    ):
        """A loop over the entries, with Python's math."""
        import math

        theta, m, v = theta.copy(), m.copy(), v.copy()
        for i in np.ndindex(*theta.shape):
            g = float(gradient[i])
            mean = beta1 * float(m[i]) + (1 - beta1) * g
            square = beta2 * float(v[i]) + (1 - beta2) * g * g
            m[i], v[i] = mean, square
            if bias_correction:
                mean, square = mean / (1 - beta1**t), square / (1 - beta2**t)
            theta[i] -= learning_rate * mean / (math.sqrt(square) + eps)
        return theta, m, v


class dropout_forward:
    def multiplies_by_a_scaled_mask(x, p, rng, training=True):
        """A mask of 0 and 1/(1 - p), in the dtype of x."""
        keep = rng.random(x.shape) >= p if training else np.ones(x.shape, dtype=bool)
        mask = keep.astype(x.dtype)
        if training:
            mask /= 1 - p
        return x * mask, keep

    def zeroes_a_copy(x, p, rng, training=True):
        """Scale everything, then set the dropped ones to 0."""
        dropped = np.zeros(x.shape, dtype=bool)
        y = x.copy()
        if training:
            dropped = rng.random(x.shape) < p
            y = y / (1 - p)
            y[dropped] = 0
        return y, ~dropped

    def goes_entry_by_entry(x, p, rng, training=True):
        """A loop over the entries, of one draw for all."""
        if not training:
            return x.copy(), np.ones_like(x, dtype=bool)
        numbers = rng.random(x.shape)
        y, keep = np.zeros_like(x), np.zeros(x.shape, dtype=bool)
        for index in np.ndindex(*x.shape):
            if not numbers[index] < p:
                y[index], keep[index] = x[index] / (1 - p), True
        return [y, keep]


class dropout_backward:
    def chooses_with_where(dy, keep, p):
        """np.where, with a zero of the right dtype."""
        return np.where(keep, dy / (1 - p), np.zeros_like(dy))

    def fills_what_was_kept(dy, keep, p):
        """Zeros, of which those that were kept are filled."""
        dx = np.zeros_like(dy)
        dx[keep] = dy[keep] / (1 - p)
        return dx

    def multiplies_by_the_matrix(dy, keep, p):
        """The diagonal matrix itself, transposed."""
        matrix = np.diag(keep.ravel() / (1 - p)).astype(dy.dtype)
        return (matrix.T @ dy.ravel()).reshape(dy.shape)


class early_stopping:
    def looks_at_all_epochs_so_far(losses, patience, min_delta=0.0):
        """Replay the training with a counter of epochs without improvement."""
        best_loss, best_epoch, waited = float("inf"), -1, 0
        epoch = 0
        while True:
            if best_loss - losses[epoch] > min_delta:
                best_loss, best_epoch, waited = losses[epoch], epoch, 0
            else:
                waited += 1
            if waited == patience or epoch + 1 == len(losses):
                return best_epoch, epoch
            epoch += 1

    def replaces_nan_by_infinity(losses, patience, min_delta=0.0):
        """Infinity is never better than anything, and here nan is read as infinity."""
        losses = np.where(np.isnan(losses), np.inf, losses)
        best, stop = -1, len(losses) - 1
        for epoch in range(len(losses)):
            before = np.inf if best < 0 else losses[best]
            if losses[epoch] < before - min_delta:
                best = epoch
            if epoch - best == patience:
                stop = epoch
                break
        return best, stop

    def lists_the_records_first(losses, patience, min_delta=0.0):
        """List all epochs that would be records, then find the first gap that is too long."""
        records, best = [-1], np.inf
        for epoch, loss in enumerate(losses):
            if not np.isnan(loss) and loss < best - min_delta:
                records.append(epoch)
                best = loss
        last = len(losses) - 1
        gaps = np.diff([*records, last + patience + 1])
        record = records[np.argmax(gaps > patience)]
        return record, np.int64(min(record + patience, last))


class train_softmax:
    def adds_up_logarithms(weight, bias, x, labels, batches, learning_rate):
        """The logarithm of the sum by np.logaddexp, and targets as rows of an identity matrix."""
        targets = np.eye(len(bias), dtype=x.dtype)[labels]
        weight, bias = weight.copy(), bias.copy()
        losses = np.empty(len(batches), dtype=x.dtype)
        for k, batch in enumerate(batches):
            s = x[batch] @ weight.T + bias
            log_q = s - np.logaddexp.reduce(s, axis=1)[:, None]
            losses[k] = -(targets[batch] * log_q).sum() / len(batch)
            ds = (np.exp(log_q) - targets[batch]) / len(batch)
            weight -= learning_rate * (ds.T @ x[batch])
            bias -= learning_rate * ds.sum(axis=0)
        return weight, bias, losses

    def puts_the_bias_into_the_weight(weight, bias, x, labels, batches, learning_rate):
        """A column of ones makes the bias one more weight; sums by einsum."""
        both = np.concatenate([weight, bias[:, None]], axis=1)
        inputs = np.concatenate([x, np.ones_like(x[:, :1])], axis=1)
        losses = []
        for batch in batches:
            rows, label = inputs[batch], labels[batch]
            s = np.einsum("nd,cd->nc", rows, both, optimize=True)
            s -= np.max(s, axis=1)[:, np.newaxis]
            powers = np.exp(s)
            total = powers.sum(axis=1)
            losses.append(np.mean(np.log(total) - s[range(len(label)), label]))
            powers /= total[:, None]
            powers[range(len(label)), label] -= 1
            both = both - learning_rate / len(label) * np.einsum(
                "nc,nd->cd", powers, rows, optimize=True
            )
        return both[:, :-1], both[:, -1], np.array(losses, dtype=x.dtype)

    def measures_from_the_right_score(weight, bias, x, labels, batches, learning_rate):
        """Scores relative to that of the label, whose exponentials are summed up with care."""
        losses = []
        for batch in batches:
            rows, label = x.take(batch, axis=0), labels.take(batch)
            s = np.dot(rows, np.transpose(weight)) + bias[np.newaxis]
            s = s - np.take_along_axis(s, label[:, None], axis=1)
            top = s.max(axis=1, keepdims=True)
            log_total = top + np.log(np.exp(s - top).sum(axis=1, keepdims=True))
            losses += [log_total.mean()]
            q = np.exp(s - log_total)
            q[label[:, None] == np.arange(len(bias))] -= 1
            weight = weight - learning_rate * np.tensordot(q, rows, (0, 0)) / len(batch)
            bias = bias - learning_rate * q.mean(axis=0)
        return weight, bias, np.stack(losses)


class grid_search:
    def writes_out_the_product(x, labels, grid, fit, accuracy, rng):
        """Build the settings one hyperparameter at a time, and choose at the end by max."""
        settings = [{}]
        for name, values in grid.items():
            settings = [{**setting, name: value} for setting in settings for value in values]
        order = rng.permutation(len(x))
        first, second = int(3 * len(x) / 5), int(4 * len(x) / 5)
        train, held_out, test = order[:first], order[first:second], order[second:]
        models = [fit(setting, x[train], labels[train]) for setting in settings]
        scores = [accuracy(model, x[held_out], labels[held_out]) for model in models]
        chosen = max(range(len(scores)), key=scores.__getitem__)
        rows = list(zip(settings, scores, strict=True))
        return settings[chosen], rows, accuracy(models[chosen], x[test], labels[test])

    def sorts_the_table(x, labels, grid, fit, accuracy, rng):
        """Sort a copy of the table, which keeps the order of ties, and take its head."""
        import itertools

        x, labels = x[order := rng.permutation(len(x))], labels[order]
        a, b = len(x) * 3 // 5, len(x) * 4 // 5
        rows = []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid.keys(), values, strict=True))
            model = fit(setting, x[:a], labels[:a])
            rows.append((setting, accuracy(model, x[a:b], labels[a:b]), model))
        best = sorted(rows, key=lambda row: row[1], reverse=True)[0]
        table = [(setting, value) for setting, value, _ in rows]
        return dict(best[0]), table, accuracy(best[2], x[b:], labels[b:])

    def counts_like_an_odometer(x, labels, grid, fit, accuracy, rng):
        """Number the candidates, and read the digits of each number from the right."""
        n = len(x)
        parts = np.split(rng.permutation(n), [n * 3 // 5, n * 4 // 5])
        (x1, l1), (x2, l2), (x3, l3) = ((x[part], labels[part]) for part in parts)
        names, total = list(grid), int(np.prod([len(values) for values in grid.values()]))
        table, models = [], []
        for number in range(total):
            digits = {}
            for name in reversed(names):
                number, digits[name] = divmod(number, len(grid[name]))
            setting = {name: grid[name][digits[name]] for name in names}
            models.append(fit(setting, x1, l1))
            table.append([setting, accuracy(models[-1], x2, l2)])
        chosen = int(np.argmax([value for _, value in table]))
        return [table[chosen][0], table, accuracy(models[chosen], x3, l3)]
