"""Wrong answers that students really give to Homework 2, and what to tell whoever gave one.

A class stands for a question and is named as the function that the question asks for. Each function
in it is one complete answer; its docstring is the sentence to its author. The grader reads this
file as text and never runs it.
"""

import numpy as np


class gradient_descent:
    def climbs(start, gradient, learning_rate, steps):
        """You add the gradient, which leads uphill: it points to where the loss rises. Subtract
        it.
        """
        path = [start]
        for _ in range(steps):
            path.append(path[-1] + learning_rate * gradient(path[-1]))
        return np.stack(path)

    def forgets_the_start(start, gradient, learning_rate, steps):
        """Your path lacks the start. It has steps + 1 points: put the start into it before the
        first step.
        """
        path, theta = [], start
        for _ in range(steps):
            theta = theta - learning_rate * gradient(theta)
            path.append(theta)
        return np.array(path).reshape(steps, *start.shape)

    def takes_one_step_too_many(start, gradient, learning_rate, steps):
        """You take one step more than asked for: the loop runs steps times, and the start is in
        the path before it begins.
        """
        path = [start]
        for _ in range(steps + 1):
            path.append(path[-1] - learning_rate * gradient(path[-1]))
        return np.stack(path)

    def keeps_one_array_many_times(start, gradient, learning_rate, steps):
        """All points of your path are the last one: you append the same array each time and then
        change it in place. Append a copy, or make a new array in each step.
        """
        theta = start.copy()
        path = [theta]
        for _ in range(steps):
            theta -= learning_rate * gradient(theta)
            path.append(theta)
        return np.stack(path)

    def moves_the_start(start, gradient, learning_rate, steps):
        """Your path is right, but theta -= … moves the caller's own array when theta is start.
        Write theta = theta - …, or begin with a copy.
        """
        theta = start
        path = [start.copy()]
        for _ in range(steps):
            theta -= learning_rate * gradient(theta)
            path.append(theta.copy())
        return np.stack(path)

    def asks_at_the_start_only(start, gradient, learning_rate, steps):
        """You use the gradient of the start for every step. It changes from point to point: ask
        for it anew, inside of the loop.
        """
        slope = gradient(start)
        path = [start]
        for _ in range(steps):
            path.append(path[-1] - learning_rate * slope)
        return np.stack(path)

    def asks_once_more(start, gradient, learning_rate, steps):
        """Your path is right, but you also compute the gradient at the last point, where no step
        begins. For a network that is a whole pass over the data for nothing.
        """
        path, slope = [start], gradient(start)
        for _ in range(steps):
            path.append(path[-1] - learning_rate * slope)
            slope = gradient(path[-1])
        return np.stack(path)

    def asks_twice_a_step(start, gradient, learning_rate, steps):
        """Your path is right, but you compute each gradient twice. Store it in a variable: it is
        by far the most costly part of a step.
        """
        path = [start]
        for _ in range(steps):
            if gradient(path[-1]).shape == start.shape:
                path.append(path[-1] - learning_rate * gradient(path[-1]))
        return np.stack(path)

    def returns_the_last_point_only(start, gradient, learning_rate, steps):
        """You return where the path ends. The question asks for all of it: the start and every
        point that follows, stacked along a first axis.
        """
        theta = start
        for _ in range(steps):
            theta = theta - learning_rate * gradient(theta)
        return theta

    def makes_all_steps_equally_long(start, gradient, learning_rate, steps):
        """You divide the gradient by its length, so that all your steps are equally long. In
        gradient descent steps get shorter by themselves where the loss gets flat.
        """
        path = [start]
        for _ in range(steps):
            slope = gradient(path[-1])
            length = np.sqrt((slope * slope).sum())
            path.append(path[-1] - learning_rate * slope / max(length, 1e-300))
        return np.stack(path)

    def lets_the_rate_decay(start, gradient, learning_rate, steps):
        """You make the learning rate smaller from step to step. Schedules can help, but plain
        gradient descent keeps α as it is.
        """
        path = [start]
        for t in range(steps):
            path.append(path[-1] - learning_rate / (t + 1) * gradient(path[-1]))
        return np.stack(path)

    def promotes_to_float64(start, gradient, learning_rate, steps):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=start.dtype.
        """
        path = np.zeros((steps + 1, *start.shape))
        path[0] = start
        for t in range(steps):
            path[t + 1] = path[t] - learning_rate * gradient(path[t])
        return path


class minibatches:
    def does_not_shuffle(n, batch_size, rng):
        """You take the samples in the order in which they are stored, the same in every epoch.
        Data are often sorted by class: shuffle with rng.permutation(n).
        """
        order = np.arange(n)
        return [order[k : k + batch_size] for k in range(0, n, batch_size)]

    def drops_the_last_batch(n, batch_size, rng):
        """You leave out the last batch when it is not full, so some samples are never seen in an
        epoch. Keep it, even if it is smaller.
        """
        order = rng.permutation(n)
        return [order[k * batch_size : (k + 1) * batch_size] for k in range(n // batch_size)]

    def draws_with_replacement(n, batch_size, rng):
        """You draw each index by itself, so one sample can come twice and another one not at all.
        In an epoch each comes once: permute, then cut.
        """
        order = rng.integers(0, n, n)
        return [order[k : k + batch_size] for k in range(0, n, batch_size)]

    def gives_the_rest_to_the_last_batch(n, batch_size, rng):
        """Your last batch takes what is left over in addition to its own, and so gets too large.
        What is left over is a batch of its own, a smaller one.
        """
        order = rng.permutation(n)
        count = max(1, n // batch_size)
        return np.split(order, [k * batch_size for k in range(1, count)])

    def makes_batches_of_equal_size(n, batch_size, rng):
        """You spread the samples evenly over the batches, as np.array_split does. All batches have
        batch_size samples; only the last one may have fewer.
        """
        return np.array_split(rng.permutation(n), -(-n // batch_size))

    def seeds_a_generator_of_its_own(n, batch_size, rng):
        """You make a generator of your own instead of using rng, so every epoch gets the same
        order and the caller's seed has no effect.
        """
        order = np.random.default_rng(0).permutation(n)
        return [order[k : k + batch_size] for k in range(0, n, batch_size)]

    def draws_each_batch_anew(n, batch_size, rng):
        """You draw each batch from all samples, so that batches overlap and some samples are
        missed. Permute once for the epoch, and cut the order into pieces.
        """
        sizes = [min(batch_size, n - k) for k in range(0, n, batch_size)]
        return [rng.choice(n, size, replace=False) for size in sizes]

    def fills_up_the_last_batch(n, batch_size, rng):
        """You fill up the last batch with samples from the beginning, which so come twice in an
        epoch. A smaller last batch is fine.
        """
        order = rng.permutation(n)
        return [
            np.resize(order, n + batch_size)[k : k + batch_size] for k in range(0, n, batch_size)
        ]

    def sorts_within_batches(n, batch_size, rng):
        """Your batches hold the right samples, but you sort them. Leave them in the order of the
        permutation: the text names the draw, and the order with it.
        """
        order = rng.permutation(n)
        return [np.sort(order[k : k + batch_size]) for k in range(0, n, batch_size)]

    def counts_from_one(n, batch_size, rng):
        """Your indices run from 1 to n. Indices into arrays run from 0 to n − 1: sample 0 is never
        used, and sample n does not exist.
        """
        order = rng.permutation(n) + 1
        return [order[k : k + batch_size] for k in range(0, n, batch_size)]

    def deals_like_cards(n, batch_size, rng):
        """You deal the samples out in turn, one to each batch. A batch is a piece of the order:
        its first batch_size entries, then the next ones, and so on.
        """
        order = rng.permutation(n)
        count = -(-n // batch_size)
        return [order[k::count] for k in range(count)]

    def makes_batch_size_batches(n, batch_size, rng):
        """You make batch_size batches. The batch size says how many samples are in a batch, not
        how many batches there are.
        """
        return np.array_split(rng.permutation(n), min(n, batch_size))

    def shuffles_twice(n, batch_size, rng):
        """You draw from the generator twice. Exactly one rng.permutation(n) is asked for: another
        draw changes this order and that of all epochs to come.
        """
        order = rng.permutation(rng.permutation(n))
        return [order[k : k + batch_size] for k in range(0, n, batch_size)]


class momentum_step:
    def leaves_the_rate_out_of_delta(theta, gradient, delta, learning_rate, momentum):
        """Your delta is torch's: it lacks the learning rate, which you apply afterwards. The path
        is the same, but in the form asked for δ = α ∇J + β δ, the rate is inside.
        """
        delta = gradient + momentum * delta
        return theta - learning_rate * delta, delta

    def looks_ahead(theta, gradient, delta, learning_rate, momentum):
        """Your delta is right, but theta moves by α g + β times the new delta: that is Nesterov's
        form. Here theta moves by the new delta itself.
        """
        delta = learning_rate * gradient + momentum * delta
        return theta - (learning_rate * gradient + momentum * delta), delta

    def averages(theta, gradient, delta, learning_rate, momentum):
        """You weigh the new gradient with 1 − β, as a running mean does. In momentum it comes in
        full: δ = α ∇J + β δ.
        """
        delta = (1 - momentum) * learning_rate * gradient + momentum * delta
        return theta - delta, delta

    def forgets_the_past(theta, gradient, delta, learning_rate, momentum):
        """Your step is the gradient's alone: you overwrite delta without the share β of the step
        before.
        """
        delta = learning_rate * gradient
        return theta - delta, delta

    def moves_by_the_old_delta(theta, gradient, delta, learning_rate, momentum):
        """You move theta by the step before, not by the new one: update delta first, then subtract
        it.
        """
        return theta - delta, learning_rate * gradient + momentum * delta

    def exchanges_the_factors(theta, gradient, delta, learning_rate, momentum):
        """You have α and β the wrong way round: the learning rate belongs to the gradient, the
        momentum to the step before.
        """
        delta = momentum * gradient + learning_rate * delta
        return theta - delta, delta

    def climbs(theta, gradient, delta, learning_rate, momentum):
        """Your delta is right, but you add it to theta, which leads uphill: subtract it."""
        delta = learning_rate * gradient + momentum * delta
        return theta + delta, delta

    def keeps_a_velocity(theta, gradient, delta, learning_rate, momentum):
        """Your path is right, but your delta has the other sign: you keep a velocity that is
        added. Here δ is what is subtracted from theta.
        """
        delta = momentum * delta - learning_rate * gradient
        return theta + delta, delta

    def brakes(theta, gradient, delta, learning_rate, momentum):
        """You subtract the step before, which brakes where it should carry on: δ = α ∇J + β δ,
        with a plus.
        """
        delta = learning_rate * gradient - momentum * delta
        return theta - delta, delta

    def applies_the_rate_twice(theta, gradient, delta, learning_rate, momentum):
        """Your delta is right, but you multiply it with the learning rate once more. It is in
        there already: theta moves by delta.
        """
        delta = learning_rate * gradient + momentum * delta
        return theta - learning_rate * delta, delta

    def scales_the_whole_step(theta, gradient, delta, learning_rate, momentum):
        """You multiply the old delta with the learning rate as well. It bears its learning rate
        already: only the gradient is multiplied with α.
        """
        delta = learning_rate * (gradient + momentum * delta)
        return theta - delta, delta

    def changes_its_arguments(theta, gradient, delta, learning_rate, momentum):
        """Your values are right, but += and -= change the caller's theta and delta. Make new
        arrays.
        """
        delta *= momentum
        delta += learning_rate * gradient
        theta -= delta
        return theta, delta

    def promotes_to_float64(theta, gradient, delta, learning_rate, momentum):
        """Your values are right, but float32 comes out as float64: np.float64(β) or an array of
        float64 took part. Multiply with plain Python numbers.
        """
        delta = np.float64(learning_rate) * gradient + np.float64(momentum) * delta
        return theta - delta, delta


class adam_step:
    def counts_steps_from_zero(
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
        """You correct with β to the power t + 1, as if t counted from 0. The first step is number
        1, so that m/(1 − β₁) is the first gradient itself.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        m_hat, v_hat = m, v
        if bias_correction:
            m_hat, v_hat = m / (1 - beta1 ** (t + 1)), v / (1 - beta2 ** (t + 1))
        return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v

    def never_corrects(
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
        """You leave out the bias correction even where it is asked for. Without it, means that
        began at 0 are too small in the first steps.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        return theta - learning_rate * m / (np.sqrt(v) + eps), m, v

    def always_corrects(
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
        """You correct the bias always. With bias_correction=False the form of the slides is asked
        for, which takes m and v as they are.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v

    def puts_epsilon_under_the_root(
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
        """You add ε under the root, where 1e-8 acts like 1e-4. It belongs outside of the root:
        sqrt(v) + ε.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        m_hat, v_hat = m, v
        if bias_correction:
            m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return theta - learning_rate * m_hat / np.sqrt(v_hat + eps), m, v

    def adds_epsilon_before_correcting(
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
        """You add ε to the root of the uncorrected v, so that the correction enlarges ε as well.
        Correct first, then take the root, then add ε.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        rate = learning_rate
        if bias_correction:
            rate = learning_rate * np.sqrt(1 - beta2**t).item() / (1 - beta1**t)
        return theta - rate * m / (np.sqrt(v) + eps), m, v

    def leaves_epsilon_out(
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
        """You leave out ε, and so divide 0 by 0 where all gradients have been 0. Add ε to the
        root.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        m_hat, v_hat = m, v
        if bias_correction:
            m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return theta - learning_rate * m_hat / np.sqrt(v_hat), m, v

    def forgets_the_square(
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
        """Your v is a mean of the size of the gradient, not of its square; the root then makes the
        step depend on the gradient's scale. Square first.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * np.abs(gradient)
        m_hat, v_hat = m, v
        if bias_correction:
            m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v

    def forgets_the_root(
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
        """You divide by v, not by its root. v is a mean of squares: only its root has the size of
        a gradient, so that the step is about α.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        m_hat, v_hat = m, v
        if bias_correction:
            m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return theta - learning_rate * m_hat / (v_hat + eps), m, v

    def steps_along_the_gradient(
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
        """You divide the gradient itself by the root of v, which is RMSprop. Adam steps along the
        running mean m.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        v_hat = v / (1 - beta2**t) if bias_correction else v
        return theta - learning_rate * gradient / (np.sqrt(v_hat) + eps), m, v

    def steps_with_the_old_means(
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
        """You step with m and v as they were before this gradient. Update both first, then
        step with the new ones.
        """
        m_hat, v_hat = m, v
        if bias_correction:
            m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps)
        return theta, beta1 * m + (1 - beta1) * gradient, beta2 * v + (1 - beta2) * gradient**2

    def exchanges_the_betas(
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
        """You use β₂ for the mean of the gradient and β₁ for that of its square. It is the other
        way round: v has the longer memory.
        """
        m = beta2 * m + (1 - beta2) * gradient
        v = beta1 * v + (1 - beta1) * gradient**2
        m_hat, v_hat = m, v
        if bias_correction:
            m_hat, v_hat = m / (1 - beta2**t), v / (1 - beta1**t)
        return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v

    def corrects_one_mean_only(
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
        """You correct m, but not v. Both began at 0, and v, with its longer memory, is too small
        for much longer.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        m_hat = m / (1 - beta1**t) if bias_correction else m
        return theta - learning_rate * m_hat / (np.sqrt(v) + eps), m, v

    def returns_the_corrected_means(
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
        """Your step is right, but you return the corrected means, so that the next step corrects
        them again. Keep m and v as they are, and correct copies.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        if bias_correction:
            m, v = m / (1 - beta1**t), v / (1 - beta2**t)
        return theta - learning_rate * m / (np.sqrt(v) + eps), m, v

    def corrects_as_at_the_first_step(
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
        """You divide by 1 − β at every step. The correction fades: at step t it is 1 − βᵗ, with
        the power.
        """
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        m_hat, v_hat = m, v
        if bias_correction:
            m_hat, v_hat = m / (1 - beta1), v / (1 - beta2)
        return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v

    def adds_gradients_in_full(
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
        """You add the new gradient in full, so that m and v are sums, not means. Give it the
        weight 1 − β.
        """
        m = beta1 * m + gradient
        v = beta2 * v + gradient**2
        m_hat, v_hat = m, v
        if bias_correction:
            m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v

    def changes_its_arguments(
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
        """Your values are right, but *= and += change the caller's m and v. Make new arrays."""
        m *= beta1
        m += (1 - beta1) * gradient
        v *= beta2
        v += (1 - beta2) * gradient**2
        m_hat, v_hat = m, v
        if bias_correction:
            m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v

    def promotes_to_float64(
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
        """Your values are right, but float32 comes out as float64: np.power and np.sqrt of plain
        numbers give np.float64, which takes float32 arrays with it. Write β ** t.
        """
        one = np.float64(1)
        m = beta1 * m + (one - beta1) * gradient
        v = beta2 * v + (one - beta2) * gradient**2
        m_hat, v_hat = m, v
        if bias_correction:
            m_hat, v_hat = m / (1 - np.power(beta1, t)), v / (1 - np.power(beta2, t))
        return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v


class dropout_forward:
    def takes_p_for_keeping(x, p, rng, training=True):
        """You keep with probability p. As in torch, p is the probability that a number is
        dropped; it is kept with 1 − p.
        """
        if not training:
            return x, np.full(x.shape, True)
        keep = rng.random(x.shape) < p
        return x * keep / max(p, 1e-3), keep

    def never_scales(x, p, rng, training=True):
        """You do not scale what is kept, so the output is too small on average: by the factor
        1 − p. Divide by it.
        """
        if not training:
            return x, np.full(x.shape, True)
        keep = rng.random(x.shape) >= p
        return x * keep, keep

    def scales_in_evaluation(x, p, rng, training=True):
        """You scale when the network is used, as in the first papers on dropout. With inverted
        dropout training scales up by 1/(1 − p), and evaluation changes nothing.
        """
        if not training:
            return x * (1 - p), np.full(x.shape, True)
        keep = rng.random(x.shape) >= p
        return x * keep, keep

    def divides_by_p(x, p, rng, training=True):
        """You divide by p, the probability of dropping. What is kept is divided by the probability
        of being kept, 1 − p.
        """
        if not training:
            return x, np.full(x.shape, True)
        keep = rng.random(x.shape) >= p
        return x * keep / max(p, 1e-3), keep

    def scales_down(x, p, rng, training=True):
        """You multiply by 1 − p, which makes the output smaller still. Some numbers are missing,
        so the others must grow: divide by 1 − p.
        """
        if not training:
            return x, np.full(x.shape, True)
        keep = rng.random(x.shape) >= p
        return x * keep * (1 - p), keep

    def drops_in_evaluation(x, p, rng, training=True):
        """You drop numbers when the network is used as well, so that its answers are left to
        chance. With training=False return x as it is.
        """
        keep = rng.random(x.shape) >= p
        return x * keep / (1 - p), keep

    def scales_up_in_evaluation(x, p, rng, training=True):
        """You divide by 1 − p when the network is used, too. There nothing is missing, so nothing
        must be made up for.
        """
        keep = rng.random(x.shape) >= p if training else np.full(x.shape, True)
        return x * keep / (1 - p), keep

    def draws_in_evaluation(x, p, rng, training=True):
        """You draw from rng even when nothing is to be dropped. Then a look at the validation loss
        changes the training that follows: draw in training only.
        """
        keep = rng.random(x.shape) >= p
        if not training:
            return x, np.full(x.shape, True)
        return x * keep / (1 - p), keep

    def drops_whole_columns(x, p, rng, training=True):
        """You draw once for each column and use it for all rows. Each number is dropped
        independently of all others: draw an array of the shape of x.
        """
        if not training:
            return x, np.full(x.shape, True)
        keep = np.broadcast_to(rng.random(x.shape[-1]) >= p, x.shape).copy()
        return x * keep / (1 - p), keep

    def drops_an_exact_share(x, p, rng, training=True):
        """You drop exactly the share p of the numbers. They are dropped independently, so their
        number varies: compare rng.random(x.shape) with p.
        """
        if not training:
            return x, np.full(x.shape, True)
        keep = np.full(x.size, True)
        keep[rng.permutation(x.size)[: round(p * x.size)]] = False
        keep = keep.reshape(x.shape)
        return x * keep / (1 - p), keep

    def seeds_a_generator_of_its_own(x, p, rng, training=True):
        """You make a generator of your own instead of using rng, so the same places are dropped in
        every pass. Draw with rng.random(x.shape).
        """
        if not training:
            return x, np.full(x.shape, True)
        keep = np.random.default_rng(0).random(x.shape) >= p
        return x * keep / (1 - p), keep

    def returns_the_scaled_mask(x, p, rng, training=True):
        """Your y is right, but your keep holds 0 and 1/(1 − p). It should be boolean, True where a
        number was kept.
        """
        if not training:
            return x, np.full(x.shape, True)
        keep = (rng.random(x.shape) >= p) / (1 - p)
        return (x * keep).astype(x.dtype), keep

    def tells_keep_from_y(x, p, rng, training=True):
        """You take keep to be where y is not 0. A number that was 0 before and is kept is still 0:
        return what you drew.
        """
        if not training:
            return x, np.full(x.shape, True)
        y = x * (rng.random(x.shape) >= p) / (1 - p)
        return y, y != 0

    def returns_what_was_dropped(x, p, rng, training=True):
        """Your y is right, but your mask is True where numbers were dropped. The question asks for
        keep: True where they were kept.
        """
        dropped = rng.random(x.shape) < p if training else np.full(x.shape, False)
        y = np.where(dropped, np.zeros_like(x), x / (1 - p)) if training else x
        return y, dropped

    def keeps_the_mean_of_the_batch(x, p, rng, training=True):
        """You rescale so that the mean stays exactly what it was, with the share that happened to
        be dropped. Divide by 1 − p: only the expected value is kept.
        """
        if not training:
            return x, np.full(x.shape, True)
        keep = rng.random(x.shape) >= p
        return x * keep / max(float(keep.mean()), 1e-3), keep

    def changes_its_argument(x, p, rng, training=True):
        """Your values are right, but *= and /= change the caller's x. Make a new array."""
        if not training:
            return x, np.full(x.shape, True)
        keep = rng.random(x.shape) >= p
        x *= keep
        x /= 1 - p
        return x, keep

    def promotes_to_float64(x, p, rng, training=True):
        """Your values are right, but float32 comes out as float64: a mask of float64 took part.
        Multiply with the boolean one, and divide by 1 − p.
        """
        if not training:
            return x, np.full(x.shape, True)
        keep = rng.random(x.shape) >= p
        return x * (keep / (1 - p)), keep


class dropout_backward:
    def forgets_the_scale(dy, keep, p):
        """You let the gradient through where numbers were kept, but do not scale it. The forward
        pass divided by 1 − p, so the way back does, too.
        """
        return dy * keep

    def forgets_the_mask(dy, keep, p):
        """You scale the gradient, but let it through everywhere. A number that was dropped had no
        effect on the loss: its gradient is 0.
        """
        return dy / (1 - p)

    def divides_by_p(dy, keep, p):
        """You divide by p, the probability of dropping. The forward pass divided by 1 − p, the
        probability of keeping.
        """
        return dy * keep / max(p, 1e-3)

    def undoes_the_scale(dy, keep, p):
        """You multiply by 1 − p, as if to undo the forward pass. The way back is the transpose,
        not the inverse: it divides by 1 − p again.
        """
        return dy * keep * (1 - p)

    def opens_the_other_paths(dy, keep, p):
        """You let the gradient through where numbers were dropped and stop it where they were
        kept. It is the other way round: keep is True where it passes.
        """
        return dy * ~keep / (1 - p)

    def hands_everything_back(dy, keep, p):
        """You hand the gradient back as it came. Dropout multiplied each number by 0 or by
        1/(1 − p); the gradient is multiplied by the same.
        """
        return dy.copy()

    def draws_anew(dy, keep, p):
        """You draw new numbers to be dropped. The gradient must take the paths that were open on
        the way forward: use keep.
        """
        return dy * (np.random.default_rng(0).random(dy.shape) >= p) / (1 - p)

    def scales_twice(dy, keep, p):
        """You divide by 1 − p twice. The forward pass multiplied by 1/(1 − p) once, and so does
        the way back.
        """
        return dy * keep / (1 - p) ** 2

    def leaks_where_dropped(dy, keep, p):
        """You scale where numbers were kept, but leave the gradient as it is where they were
        dropped. There it is 0.
        """
        return np.where(keep, dy / (1 - p), dy)

    def scales_by_the_share_kept(dy, keep, p):
        """You divide by the share that happened to be kept. The forward pass divided by 1 − p,
        whatever was drawn: use p.
        """
        return dy * keep / max(float(keep.mean()), 1e-3)

    def changes_its_argument(dy, keep, p):
        """Your values are right, but *= and /= change the caller's dy. Make a new array."""
        dy *= keep
        dy /= 1 - p
        return dy

    def promotes_to_float64(dy, keep, p):
        """Your values are right, but float32 comes out as float64: a mask of float64 took part.
        Multiply with the boolean one, and divide by 1 − p.
        """
        return dy * (keep / (1 - p))


class early_stopping:
    def looks_into_the_future(losses, patience, min_delta=0.0):
        """Your stop is right, but you go on looking for the best epoch after it. Those epochs are
        never trained, so none of them can be gone back to.
        """
        best_epoch, best_loss, stop_epoch = -1, np.inf, None
        for epoch, loss in enumerate(losses):
            if loss < best_loss - min_delta:
                best_epoch, best_loss = epoch, loss
            if stop_epoch is None and epoch - best_epoch >= patience:
                stop_epoch = epoch
        return best_epoch, epoch if stop_epoch is None else stop_epoch

    def waits_one_epoch_longer(losses, patience, min_delta=0.0):
        """You stop one epoch too late: patience is used up as soon as the best epoch lies patience
        epochs back, so compare with >=, not with >.
        """
        best_epoch, best_loss = -1, np.inf
        for epoch, loss in enumerate(losses):
            if loss < best_loss - min_delta:
                best_epoch, best_loss = epoch, loss
            if epoch - best_epoch > patience:
                break
        return best_epoch, epoch

    def stops_at_the_first_rise(losses, patience, min_delta=0.0):
        """You stop at the first epoch that is not better, whatever the patience. Losses are noisy:
        wait for as many epochs as patience says.
        """
        best_epoch, best_loss = -1, np.inf
        for epoch, loss in enumerate(losses):
            if loss < best_loss - min_delta:
                best_epoch, best_loss = epoch, loss
            elif epoch > 0:
                break
        return best_epoch, epoch

    def compares_with_the_epoch_before(losses, patience, min_delta=0.0):
        """You compare each loss with the one before it. A loss that falls from a peak is not
        better yet: compare with the best so far.
        """
        best_epoch, before = -1, np.inf
        for epoch, loss in enumerate(losses):
            if loss < before - min_delta:
                best_epoch = epoch
            before = loss
            if epoch - best_epoch >= patience:
                break
        return best_epoch, epoch

    def takes_ties_for_better(losses, patience, min_delta=0.0):
        """You count a loss that is as good as the best as better, and so never give up on a flat
        curve. Better means less, strictly.
        """
        best_epoch, best_loss = -1, np.inf
        for epoch, loss in enumerate(losses):
            if loss <= best_loss - min_delta:
                best_epoch, best_loss = epoch, loss
            if epoch - best_epoch >= patience:
                break
        return best_epoch, epoch

    def ignores_min_delta(losses, patience, min_delta=0.0):
        """You take every loss that is less for better, however little less. It must be less by
        more than min_delta.
        """
        best_epoch, best_loss = -1, np.inf
        for epoch, loss in enumerate(losses):
            if loss < best_loss:
                best_epoch, best_loss = epoch, loss
            if epoch - best_epoch >= patience:
                break
        return best_epoch, epoch

    def lets_the_best_creep(losses, patience, min_delta=0.0):
        """You lower the best loss for improvements that are too small to count, so that many small
        steps never add up. Change it only when a loss is better by more than min_delta.
        """
        best_epoch, best_loss = -1, np.inf
        for epoch, loss in enumerate(losses):
            if loss < best_loss - min_delta:
                best_epoch = epoch
            best_loss = min(best_loss, np.inf if np.isnan(loss) else loss)
            if epoch - best_epoch >= patience:
                break
        return best_epoch, epoch

    def takes_nan_for_better(losses, patience, min_delta=0.0):
        """You count nan as better: it is not >= the best, since every comparison with nan is
        False. Ask whether a loss is less, and nan never is.
        """
        best_epoch, best_loss = -1, np.inf
        for epoch, loss in enumerate(losses):
            if not loss >= best_loss - min_delta:
                best_epoch, best_loss = epoch, loss
            if epoch - best_epoch >= patience:
                break
        return best_epoch, epoch

    def stops_at_nan(losses, patience, min_delta=0.0):
        """You stop at the first nan. It only counts as an epoch that was not better, for as long
        as patience lasts.
        """
        best_epoch, best_loss = -1, np.inf
        for epoch, loss in enumerate(losses):
            if loss < best_loss - min_delta:
                best_epoch, best_loss = epoch, loss
            if np.isnan(loss) or epoch - best_epoch >= patience:
                break
        return best_epoch, epoch

    def begins_with_the_first_loss(losses, patience, min_delta=0.0):
        """You take the first loss for the best, whatever it is. If it is nan, no number is ever
        less than it: begin with infinity, and with epoch −1.
        """
        best_epoch, best_loss = 0, losses[0]
        for epoch, loss in enumerate(losses):
            if loss < best_loss - min_delta:
                best_epoch, best_loss = epoch, loss
            if epoch - best_epoch >= patience:
                break
        return best_epoch, epoch

    def looks_for_the_highest(losses, patience, min_delta=0.0):
        """You look for the highest value, as one would for an accuracy. These are losses: better
        means less.
        """
        best_epoch, best_loss = -1, -np.inf
        for epoch, loss in enumerate(losses):
            if loss > best_loss + min_delta:
                best_epoch, best_loss = epoch, loss
            if epoch - best_epoch >= patience:
                break
        return best_epoch, epoch

    def never_forgives(losses, patience, min_delta=0.0):
        """You count all epochs that were not better. Patience begins anew with each better one:
        set your counter back to 0.
        """
        best_epoch, best_loss, bad = -1, np.inf, 0
        for epoch, loss in enumerate(losses):
            if loss < best_loss - min_delta:
                best_epoch, best_loss = epoch, loss
            else:
                bad += 1
            if bad >= patience:
                break
        return best_epoch, epoch

    def counts_epochs_from_one(losses, patience, min_delta=0.0):
        """You number the epochs from 1. In this homework they are counted from 0, as array indices
        are.
        """
        best_epoch, best_loss = 0, np.inf
        for epoch, loss in enumerate(losses, start=1):
            if loss < best_loss - min_delta:
                best_epoch, best_loss = epoch, loss
            if epoch - best_epoch >= patience:
                break
        return best_epoch, epoch

    def goes_past_the_end(losses, patience, min_delta=0.0):
        """When patience is never used up, you return the number of epochs. The last epoch is that
        number less 1, since they are counted from 0.
        """
        best_epoch, best_loss = -1, np.inf
        for epoch, loss in enumerate(losses):
            if loss < best_loss - min_delta:
                best_epoch, best_loss = epoch, loss
            if epoch - best_epoch >= patience:
                return best_epoch, epoch
        return best_epoch, len(losses)

    def goes_back_by_patience(losses, patience, min_delta=0.0):
        """You take the best epoch to be patience epochs before the stop. That fails when training
        went on to its end: note the best epoch when it happens.
        """
        best_epoch, best_loss = -1, np.inf
        for epoch, loss in enumerate(losses):
            if loss < best_loss - min_delta:
                best_epoch, best_loss = epoch, loss
            if epoch - best_epoch >= patience:
                break
        return max(-1, epoch - patience), epoch


class train_softmax:
    def loops_over_samples(weight, bias, x, labels, batches, learning_rate):
        """Your values are right, but your loop over the samples takes nearly as long as the one
        you were given. x[batch] @ weight.T gives the scores of the whole batch.
        """
        losses = []
        for batch in batches:
            dweight, dbias, loss = np.zeros_like(weight), np.zeros_like(bias), 0
            for n in batch:
                s = weight @ x[n] + bias
                s = s - s.max()
                log_q = s - np.log(np.exp(s).sum())
                loss = loss - log_q[labels[n]] / len(batch)
                ds = np.exp(log_q)
                ds[labels[n]] -= 1
                dweight += np.outer(ds, x[n])
                dbias += ds
            losses.append(loss)
            weight = weight - learning_rate / len(batch) * dweight
            bias = bias - learning_rate / len(batch) * dbias
        return weight, bias, np.array(losses)

    def sums_the_gradient(weight, bias, x, labels, batches, learning_rate):
        """Your step grows with the batch: you add up the gradients of its samples. The loss is
        their mean, so divide by the number of samples in the batch.
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(-log_q[np.arange(len(batch)), labels[batch]].mean())
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight = weight - learning_rate * ds.T @ x[batch]
            bias = bias - learning_rate * ds.sum(axis=0)
        return weight, bias, np.array(losses)

    def sums_the_loss(weight, bias, x, labels, batches, learning_rate):
        """Your loss grows with the batch: you add up the losses of its samples. Take their mean,
        so that batches of all sizes can be compared.
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(-log_q[np.arange(len(batch)), labels[batch]].sum())
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight = weight - learning_rate * ds.T @ x[batch] / len(batch)
            bias = bias - learning_rate * ds.mean(axis=0)
        return weight, bias, np.array(losses)

    def overflows(weight, bias, x, labels, batches, learning_rate):
        """You take exp of the scores as they are, which is infinite from about 710 on (in float32
        from 89 on). Subtract the highest score of each sample first.
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(-log_q[np.arange(len(batch)), labels[batch]].mean())
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight = weight - learning_rate * ds.T @ x[batch] / len(batch)
            bias = bias - learning_rate * ds.mean(axis=0)
        return weight, bias, np.array(losses)

    def takes_the_log_of_zero(weight, bias, x, labels, batches, learning_rate):
        """Your probabilities are stable, but one of e⁻¹⁰⁰⁰ is rounded to 0, and its logarithm is
        infinite. Compute log q from the scores: s − max − log Σ exp(s − max).
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            powers = np.exp(s - s.max(axis=1, keepdims=True))
            q = powers / powers.sum(axis=1, keepdims=True)
            losses.append(-np.log(q[np.arange(len(batch)), labels[batch]]).mean())
            ds = q.copy()
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight = weight - learning_rate * ds.T @ x[batch] / len(batch)
            bias = bias - learning_rate * ds.mean(axis=0)
        return weight, bias, np.array(losses)

    def clips_the_probability(weight, bias, x, labels, batches, learning_rate):
        """You add a small number to the probability to save the logarithm. That limits the loss:
        a sure, but wrong answer should cost 1000, not 27. Compute log q from the scores.
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            powers = np.exp(s - s.max(axis=1, keepdims=True))
            q = powers / powers.sum(axis=1, keepdims=True)
            picked = q[np.arange(len(batch)), labels[batch]]
            losses.append(-np.log(np.maximum(picked, 1e-12)).mean())
            ds = q.copy()
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight = weight - learning_rate * ds.T @ x[batch] / len(batch)
            bias = bias - learning_rate * ds.mean(axis=0)
        return weight, bias, np.array(losses)

    def forgets_the_bias(weight, bias, x, labels, batches, learning_rate):
        """Your bias does not learn: it takes a step too, with the mean of the scores' gradients
        over the batch.
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(-log_q[np.arange(len(batch)), labels[batch]].mean())
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight = weight - learning_rate * ds.T @ x[batch] / len(batch)
        return weight, bias, np.array(losses)

    def begins_anew_with_each_batch(weight, bias, x, labels, batches, learning_rate):
        """You compute all gradients at the first weight and add up the steps. Each batch begins
        where the one before it ended.
        """
        losses, new_weight, new_bias = [], weight, bias
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(-log_q[np.arange(len(batch)), labels[batch]].mean())
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[batch]] -= 1
            new_weight = new_weight - learning_rate * ds.T @ x[batch] / len(batch)
            new_bias = new_bias - learning_rate * ds.mean(axis=0)
        return new_weight, new_bias, np.array(losses)

    def measures_after_the_step(weight, bias, x, labels, batches, learning_rate):
        """You measure the loss of a batch after its step, with the new weight. The question asks
        for the loss before the step, which comes for free with the gradient.
        """
        losses = []
        for batch in batches:
            for after in (False, True):
                s = x[batch] @ weight.T + bias
                s = s - s.max(axis=1, keepdims=True)
                log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
                if after:
                    losses.append(-log_q[np.arange(len(batch)), labels[batch]].mean())
                else:
                    ds = np.exp(log_q)
                    ds[np.arange(len(batch)), labels[batch]] -= 1
                    weight = weight - learning_rate * ds.T @ x[batch] / len(batch)
                    bias = bias - learning_rate * ds.mean(axis=0)
        return weight, bias, np.array(losses)

    def divides_by_the_first_size(weight, bias, x, labels, batches, learning_rate):
        """You divide the gradient by the size of the first batch, even where a batch is smaller.
        Divide by the number of samples of this batch.
        """
        losses, size = [], len(batches[0])
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(-log_q[np.arange(len(batch)), labels[batch]].mean())
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight = weight - learning_rate * ds.T @ x[batch] / size
            bias = bias - learning_rate * ds.sum(axis=0) / size
        return weight, bias, np.array(losses)

    def divides_by_all_samples(weight, bias, x, labels, batches, learning_rate):
        """You divide the gradient by the number of all samples, so your steps are too short. The
        loss of a batch is the mean over the samples in it.
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(-log_q[np.arange(len(batch)), labels[batch]].mean())
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight = weight - learning_rate * ds.T @ x[batch] / len(x)
            bias = bias - learning_rate * ds.sum(axis=0) / len(x)
        return weight, bias, np.array(losses)

    def climbs(weight, bias, x, labels, batches, learning_rate):
        """Your losses rise: you add the gradient. It points to where the loss rises, so subtract
        it.
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(-log_q[np.arange(len(batch)), labels[batch]].mean())
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight = weight + learning_rate * ds.T @ x[batch] / len(batch)
            bias = bias + learning_rate * ds.mean(axis=0)
        return weight, bias, np.array(losses)

    def normalises_over_the_batch(weight, bias, x, labels, batches, learning_rate):
        """Your softmax sums over the samples of the batch (axis 0). The probabilities of one
        sample sum to 1: sum over the classes, axis 1.
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=0)
            log_q = s - np.log(np.exp(s).sum(axis=0))
            losses.append(-log_q[np.arange(len(batch)), labels[batch]].mean())
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight = weight - learning_rate * ds.T @ x[batch] / len(batch)
            bias = bias - learning_rate * ds.mean(axis=0)
        return weight, bias, np.array(losses)

    def takes_the_first_labels(weight, bias, x, labels, batches, learning_rate):
        """You pair the samples of a batch with the first labels of all. The labels must be chosen
        as the samples are: labels[batch].
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(-log_q[np.arange(len(batch)), labels[: len(batch)]].mean())
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[: len(batch)]] -= 1
            weight = weight - learning_rate * ds.T @ x[batch] / len(batch)
            bias = bias - learning_rate * ds.mean(axis=0)
        return weight, bias, np.array(losses)

    def measures_in_bits(weight, bias, x, labels, batches, learning_rate):
        """Your loss is in bits: you take the logarithm to base 2. Here log is the natural one, to
        which the gradient q − [c = l] belongs.
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            loss = -log_q[np.arange(len(batch)), labels[batch]].mean()
            losses.append(loss / np.log(2).astype(loss.dtype))
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight = weight - learning_rate * ds.T @ x[batch] / len(batch)
            bias = bias - learning_rate * ds.mean(axis=0)
        return weight, bias, np.array(losses)

    def uses_the_gradient_of_squares(weight, bias, x, labels, batches, learning_rate):
        """You multiply q − [c = l] by q (1 − q) as well, which belongs to squared errors. For the
        cross-entropy of a softmax, q − [c = l] is the whole gradient of the scores.
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(-log_q[np.arange(len(batch)), labels[batch]].mean())
            q = np.exp(log_q)
            ds = q.copy()
            ds[np.arange(len(batch)), labels[batch]] -= 1
            ds = ds * q * (1 - q)
            weight = weight - learning_rate * ds.T @ x[batch] / len(batch)
            bias = bias - learning_rate * ds.mean(axis=0)
        return weight, bias, np.array(losses)

    def changes_its_arguments(weight, bias, x, labels, batches, learning_rate):
        """Your values are right, but -= changes the caller's weight and bias. Write weight =
        weight - …, or begin with copies.
        """
        losses = []
        for batch in batches:
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(-log_q[np.arange(len(batch)), labels[batch]].mean())
            ds = np.exp(log_q)
            ds[np.arange(len(batch)), labels[batch]] -= 1
            weight -= learning_rate * ds.T @ x[batch] / len(batch)
            bias -= learning_rate * ds.mean(axis=0)
        return weight, bias, np.array(losses)

    def promotes_to_float64(weight, bias, x, labels, batches, learning_rate):
        """Your values are right, but float32 comes out as float64: np.eye and np.zeros make
        float64 unless you pass dtype=x.dtype.
        """
        targets, losses = np.eye(len(bias))[labels], np.zeros(len(batches))
        for k, batch in enumerate(batches):
            s = x[batch] @ weight.T + bias
            s = s - s.max(axis=1, keepdims=True)
            log_q = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses[k] = -(targets[batch] * log_q).sum(axis=1).mean()
            ds = np.exp(log_q) - targets[batch]
            weight = weight - learning_rate * ds.T @ x[batch] / len(batch)
            bias = bias - learning_rate * ds.mean(axis=0)
        return weight, bias, losses


class grid_search:
    def does_not_shuffle(x, labels, grid, fit, accuracy, rng):
        """You cut the samples into parts in the order in which they are stored. Data are often
        sorted, so that a part holds one class only: use rng.permutation.
        """
        import itertools

        n = len(x)
        train, validation, test = np.split(np.arange(n), [3 * n // 5, 4 * n // 5])
        table, models = [], []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            models.append(fit(setting, x[train], labels[train]))
            table.append((setting, accuracy(models[-1], x[validation], labels[validation])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, accuracy(models[k], x[test], labels[test])

    def trains_on_everything(x, labels, grid, fit, accuracy, rng):
        """You fit on all samples, those of the validation and test parts included, so every
        accuracy is that of samples the model has seen. Fit on the training part.
        """
        import itertools

        n = len(x)
        _, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table, models = [], []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            models.append(fit(setting, x, labels))
            table.append((setting, accuracy(models[-1], x[validation], labels[validation])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, accuracy(models[k], x[test], labels[test])

    def judges_on_the_training_part(x, labels, grid, fit, accuracy, rng):
        """You choose by the accuracy on the training part, which favours the candidate that is
        best at learning by heart. Judge on the validation part.
        """
        import itertools

        n = len(x)
        train, _, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table, models = [], []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            models.append(fit(setting, x[train], labels[train]))
            table.append((setting, accuracy(models[-1], x[train], labels[train])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, accuracy(models[k], x[test], labels[test])

    def chooses_by_the_test_part(x, labels, grid, fit, accuracy, rng):
        """You choose by the accuracy on the test part and report the same number. The highest of
        many is high by luck too: choose on the validation part.
        """
        import itertools

        n = len(x)
        train, _, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table = []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            model = fit(setting, x[train], labels[train])
            table.append((setting, accuracy(model, x[test], labels[test])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, table[k][1]

    def reports_the_validation_accuracy(x, labels, grid, fit, accuracy, rng):
        """You report the validation accuracy of the chosen model. It was chosen for that number,
        which is therefore too high: measure on the test part.
        """
        import itertools

        n = len(x)
        train, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table, models = [], []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            models.append(fit(setting, x[train], labels[train]))
            table.append((setting, accuracy(models[-1], x[validation], labels[validation])))
        k = int(np.argmax([value for _, value in table]))
        accuracy(models[k], x[test], labels[test])
        return table[k][0], table, table[k][1]

    def prefers_the_last_of_equals(x, labels, grid, fit, accuracy, rng):
        """Of equally good candidates you choose the last, which is the most complex. Replace the
        best only where a candidate is strictly better.
        """
        import itertools

        n = len(x)
        train, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table, highest = [], 0
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            model = fit(setting, x[train], labels[train])
            table.append((setting, accuracy(model, x[validation], labels[validation])))
            if table[-1][1] >= highest:
                best, best_model, highest = setting, model, table[-1][1]
        return best, table, accuracy(best_model, x[test], labels[test])

    def chooses_the_lowest(x, labels, grid, fit, accuracy, rng):
        """You choose the candidate with the lowest accuracy, as if it were a loss. The highest one
        is the best.
        """
        import itertools

        n = len(x)
        train, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table, models = [], []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            models.append(fit(setting, x[train], labels[train]))
            table.append((setting, accuracy(models[-1], x[validation], labels[validation])))
        k = int(np.argmin([value for _, value in table]))
        return table[k][0], table, accuracy(models[k], x[test], labels[test])

    def pairs_the_values(x, labels, grid, fit, accuracy, rng):
        """You go through the lists of values side by side, first with first, second with second. A
        grid holds every combination: use itertools.product, or nested loops.
        """
        n = len(x)
        train, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table, models = [], []
        for values in zip(*grid.values(), strict=False):
            setting = dict(zip(grid, values, strict=True))
            models.append(fit(setting, x[train], labels[train]))
            table.append((setting, accuracy(models[-1], x[validation], labels[validation])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, accuracy(models[k], x[test], labels[test])

    def changes_the_first_fastest(x, labels, grid, fit, accuracy, rng):
        """Your candidates are the right ones, but in another order: the first hyperparameter
        changes fastest in yours, and it should be the last one.
        """
        import itertools

        n = len(x)
        train, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table, models = [], []
        for values in itertools.product(*list(grid.values())[::-1]):
            setting = dict(zip(grid, values[::-1], strict=True))
            models.append(fit(setting, x[train], labels[train]))
            table.append((setting, accuracy(models[-1], x[validation], labels[validation])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, accuracy(models[k], x[test], labels[test])

    def tests_every_candidate(x, labels, grid, fit, accuracy, rng):
        """You judge every candidate on the test part. Once you have seen all these numbers, they
        will influence you: judge the chosen model only.
        """
        import itertools

        n = len(x)
        train, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table, tests = [], []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            model = fit(setting, x[train], labels[train])
            table.append((setting, accuracy(model, x[validation], labels[validation])))
            tests.append(accuracy(model, x[test], labels[test]))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, tests[k]

    def fits_once_more_on_both_parts(x, labels, grid, fit, accuracy, rng):
        """You fit the chosen setting anew, on training and validation part, before the test. That
        can be wise, but here the chosen model itself is asked for, as it is.
        """
        import itertools

        n = len(x)
        train, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table = []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            model = fit(setting, x[train], labels[train])
            table.append((setting, accuracy(model, x[validation], labels[validation])))
        best = table[int(np.argmax([value for _, value in table]))][0]
        both = np.concatenate([train, validation])
        model = fit(best, x[both], labels[both])
        return best, table, accuracy(model, x[test], labels[test])

    def tests_the_last_model(x, labels, grid, fit, accuracy, rng):
        """You test the model that was fitted last, not the chosen one. Keep the best model along
        with its setting.
        """
        import itertools

        n = len(x)
        train, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table = []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            model = fit(setting, x[train], labels[train])
            table.append((setting, accuracy(model, x[validation], labels[validation])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, accuracy(model, x[test], labels[test])

    def shuffles_for_each_candidate(x, labels, grid, fit, accuracy, rng):
        """You draw a new split for each candidate, so that some are judged on easier samples than
        others, and the test part leaks. Draw once, before the loop.
        """
        import itertools

        n = len(x)
        table, models = [], []
        for values in itertools.product(*grid.values()):
            train, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
            setting = dict(zip(grid, values, strict=True))
            models.append(fit(setting, x[train], labels[train]))
            table.append((setting, accuracy(models[-1], x[validation], labels[validation])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, accuracy(models[k], x[test], labels[test])

    def cuts_at_other_places(x, labels, grid, fit, accuracy, rng):
        """You cut at 80 and 90 percent. The text asks for three fifths to train on, and for one
        fifth each to validate and to test.
        """
        import itertools

        n = len(x)
        train, validation, test = np.split(rng.permutation(n), [8 * n // 10, 9 * n // 10])
        table, models = [], []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            models.append(fit(setting, x[train], labels[train]))
            table.append((setting, accuracy(models[-1], x[validation], labels[validation])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, accuracy(models[k], x[test], labels[test])

    def shuffles_the_samples_alone(x, labels, grid, fit, accuracy, rng):
        """You put the samples into a new order and leave the labels in the old one, so samples get
        the labels of others. Index both with the same order.
        """
        import itertools

        n = len(x)
        x = x[rng.permutation(n)]
        train, validation, test = np.split(np.arange(n), [3 * n // 5, 4 * n // 5])
        table, models = [], []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            models.append(fit(setting, x[train], labels[train]))
            table.append((setting, accuracy(models[-1], x[validation], labels[validation])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, accuracy(models[k], x[test], labels[test])

    def keeps_one_dict_many_times(x, labels, grid, fit, accuracy, rng):
        """All settings in your table are the last one: you fill the same dict again for each
        candidate. Make a new dict each time.
        """
        import itertools

        n = len(x)
        train, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
        table, models, setting = [], [], {}
        for values in itertools.product(*grid.values()):
            setting.update(zip(grid, values, strict=True))
            models.append(fit(setting, x[train], labels[train]))
            table.append((setting, accuracy(models[-1], x[validation], labels[validation])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, accuracy(models[k], x[test], labels[test])

    def shuffles_the_callers_samples(x, labels, grid, fit, accuracy, rng):
        """Your search is right, but it puts the caller's own x and labels into another order. Make
        new arrays, x = x[order], instead of x[:] = x[order].
        """
        import itertools

        n = len(x)
        order = rng.permutation(n)
        x[:], labels[:] = x[order], labels[order]
        a, b = 3 * n // 5, 4 * n // 5
        table, models = [], []
        for values in itertools.product(*grid.values()):
            setting = dict(zip(grid, values, strict=True))
            models.append(fit(setting, x[:a], labels[:a]))
            table.append((setting, accuracy(models[-1], x[a:b], labels[a:b])))
        k = int(np.argmax([value for _, value in table]))
        return table[k][0], table, accuracy(models[k], x[b:], labels[b:])
