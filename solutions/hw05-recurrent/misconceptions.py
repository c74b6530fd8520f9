"""Wrong answers that students really give to Homework 5, and what to tell whoever gave one.

A class stands for a question and is named as the function that the question asks for. Each function
in it is one complete answer; its docstring is the sentence to its author. The grader reads this
file as text and never runs it.
"""

import numpy as np


class elman_step:
    def transposes_the_recurrent_weights(x, h, w_xh, w_hh, b_h):
        """You multiply the state by W_hh the wrong way round. Row i of W_hh belongs to unit i of
        the new state, so with sequences in rows the product is h @ w_hh.T.
        """
        return np.tanh(x @ w_xh.T + h @ w_hh + b_h)

    def forgets_the_bias(x, h, w_xh, w_hh, b_h):
        """Your new state lacks the bias. It is added to the two products, before the tanh."""
        return np.tanh(x @ w_xh.T + h @ w_hh.T)

    def forgets_the_tanh(x, h, w_xh, w_hh, b_h):
        """You return what goes into the tanh. Without the tanh the network is linear, and its state
        can grow beyond all bounds.
        """
        return x @ w_xh.T + h @ w_hh.T + b_h

    def takes_the_sigmoid(x, h, w_xh, w_hh, b_h):
        """You use the sigmoid, whose values lie between 0 and 1. Elman's cell, as asked for here,
        uses tanh, so your states lie between −1 and 1.
        """
        return 0.5 + 0.5 * np.tanh(0.5 * (x @ w_xh.T + h @ w_hh.T + b_h))

    def rectifies(x, h, w_xh, w_hh, b_h):
        """You use ReLU where tanh is asked for: your units can neither be negative nor saturate."""
        return np.maximum(x @ w_xh.T + h @ w_hh.T + b_h, 0)

    def ignores_the_old_state(x, h, w_xh, w_hh, b_h):
        """Your new state does not depend on the old one, so the network has no memory: add W_hh h
        to what goes into the tanh.
        """
        return np.tanh(x @ w_xh.T + b_h)

    def adds_the_bias_after_the_tanh(x, h, w_xh, w_hh, b_h):
        """You add the bias to the result of the tanh. It belongs inside, with the two products;
        else your states leave the range from −1 to 1.
        """
        return np.tanh(x @ w_xh.T + h @ w_hh.T) + b_h

    def takes_two_tanhs(x, h, w_xh, w_hh, b_h):
        """You put input and state through a tanh each and add the results. Add first, then apply
        one tanh to the sum.
        """
        return np.tanh(x @ w_xh.T + b_h) + np.tanh(h @ w_hh.T)

    def blends_with_the_old_state(x, h, w_xh, w_hh, b_h):
        """You add the old state to the new one. That is a residual network: in Elman's cell the old
        state comes in through W_hh only.
        """
        return h + np.tanh(x @ w_xh.T + h @ w_hh.T + b_h)

    def overflows(x, h, w_xh, w_hh, b_h):
        """You write tanh with exponentials, which overflow: at 1000 your formula is inf / inf. Use
        np.tanh, which knows better.
        """
        z = x @ w_xh.T + h @ w_hh.T + b_h
        return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))

    def loses_small_numbers(x, h, w_xh, w_hh, b_h):
        """You write tanh as 2σ(2z) − 1. It does not overflow, but for small z your difference of
        two numbers near 1 has no digits left: use np.tanh.
        """
        z = np.clip(x @ w_xh.T + h @ w_hh.T + b_h, -300, 300)
        return 2 / (1 + np.exp(-2 * z)) - 1

    def promotes_to_float64(x, h, w_xh, w_hh, b_h):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        new = np.zeros(h.shape)
        new += np.tanh(x @ w_xh.T + h @ w_hh.T + b_h)
        return new

    def overwrites_the_old_state(x, h, w_xh, w_hh, b_h):
        """You write the new state into the array h, which is the caller's: the old state is needed
        again on the way back. Make a new array.
        """
        h[...] = np.tanh(x @ w_xh.T + h @ w_hh.T + b_h)
        return h

    def averages_the_states(x, h, w_xh, w_hh, b_h):
        """You let all sequences of the batch share one state, the mean of theirs. Each sequence has
        a state of its own, in its own row.
        """
        return np.tanh(x @ w_xh.T + h.mean(axis=0) @ w_hh.T + b_h)


class elman_forward:
    def never_hands_the_state_on(x, h0, w_xh, w_hh, b_h):
        """You compute every step from h0, so no state reaches the step after it. Step t starts from
        the state that step t − 1 ended with.
        """
        return np.tanh(x @ w_xh.T + h0 @ w_hh.T + b_h)

    def starts_from_zeros(x, h0, w_xh, w_hh, b_h):
        """You start from a state of zeros and never look at h0, so that a sequence cannot be read
        in two parts.
        """
        h, state = np.empty_like(x @ w_xh.T), np.zeros_like(h0)
        for t in range(len(x)):
            state = h[t] = np.tanh(x[t] @ w_xh.T + state @ w_hh.T + b_h)
        return h

    def keeps_the_last_state_only(x, h0, w_xh, w_hh, b_h):
        """You return the last state alone. All T states are asked for, stacked along the first
        axis: (T, B, H).
        """
        for x_t in x:
            h0 = np.tanh(x_t @ w_xh.T + h0 @ w_hh.T + b_h)
        return h0

    def shows_the_state_before(x, h0, w_xh, w_hh, b_h):
        """You store the state before each step: your first one is h0, and your last one is missing.
        Store it after the step.
        """
        h = np.empty_like(x @ w_xh.T)
        for t in range(len(x)):
            h[t] = h0
            h0 = np.tanh(x[t] @ w_xh.T + h0 @ w_hh.T + b_h)
        return h

    def returns_one_state_too_many(x, h0, w_xh, w_hh, b_h):
        """You return T + 1 states, since h0 is among yours. It is known already: return the states
        after the T steps.
        """
        states = [h0]
        for x_t in x:
            states.append(np.tanh(x_t @ w_xh.T + states[-1] @ w_hh.T + b_h))
        return np.stack(states)

    def puts_the_batch_first(x, h0, w_xh, w_hh, b_h):
        """Your states are (B, T, H), with the batch first. In this course time comes first: stack
        the states along axis 0.
        """
        states = []
        for x_t in x:
            h0 = np.tanh(x_t @ w_xh.T + h0 @ w_hh.T + b_h)
            states.append(h0)
        return np.stack(states, axis=1)

    def keeps_the_loops(x, h0, w_xh, w_hh, b_h):
        """Your values are right, but you still go through sequences and units one by one. A matrix
        product does all of a step at once.
        """
        h = np.zeros((len(x), *h0.shape), dtype=x.dtype)
        for t in range(len(x)):
            before = h0 if t == 0 else h[t - 1]
            for n in range(len(h0)):
                for i in range(len(b_h)):
                    h[t, n, i] = np.tanh(w_xh[i] @ x[t, n] + w_hh[i] @ before[n] + b_h[i])
        return h

    def transposes_the_recurrent_weights(x, h0, w_xh, w_hh, b_h):
        """You multiply the state by W_hh the wrong way round. Row i of W_hh belongs to unit i of
        the new state, so with sequences in rows the product is h @ w_hh.T.
        """
        h = x @ w_xh.T + b_h
        for t in range(len(x)):
            h0 = h[t] = np.tanh(h[t] + h0 @ w_hh)
        return h

    def reads_from_the_end(x, h0, w_xh, w_hh, b_h):
        """You go through the steps from the last to the first, so that your states know the future
        and not the past.
        """
        h = x @ w_xh.T + b_h
        for t in reversed(range(len(x))):
            h0 = h[t] = np.tanh(h[t] + h0 @ w_hh.T)
        return h

    def hands_on_what_goes_into_the_tanh(x, h0, w_xh, w_hh, b_h):
        """You hand on what goes into the tanh, and apply the tanh to the output alone. The next
        step reads the state itself, after the tanh.
        """
        z = x @ w_xh.T + b_h
        for t in range(len(x)):
            h0 = z[t] = z[t] + h0 @ w_hh.T
        return np.tanh(z)

    def adds_the_bias_once(x, h0, w_xh, w_hh, b_h):
        """You add the bias at the first step only. It is shared as the weights are: every step adds
        it.
        """
        h = x @ w_xh.T
        h[0] += b_h
        for t in range(len(x)):
            h0 = h[t] = np.tanh(h[t] + h0 @ w_hh.T)
        return h

    def promotes_to_float64(x, h0, w_xh, w_hh, b_h):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        h = np.zeros((len(x), *h0.shape))
        for t in range(len(x)):
            h0 = np.tanh(x[t] @ w_xh.T + h0 @ w_hh.T + b_h)
            h[t] = h0
        return h

    def overwrites_the_first_state(x, h0, w_xh, w_hh, b_h):
        """You keep the running state in the array h0, which is the caller's, and so change it. Give
        your state a name of its own.
        """
        h = x @ w_xh.T + b_h
        for t in range(len(x)):
            h0[...] = h[t] = np.tanh(h[t] + h0 @ w_hh.T)
        return h


class elman_backward:
    def sees_no_future(dh, x, h0, h, w_xh, w_hh):
        """Your steps know nothing of one another: what comes back to h[t] from step t + 1, W_hhᵀ
        dz[t + 1], has to be added to dh[t].
        """
        dz = dh * (1 - h**2)
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        return dz @ w_xh, dz[0] @ w_hh, dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def looks_one_step_ahead_only(dh, x, h0, h, w_xh, w_hh):
        """You add what comes back from the next step, but not what that step got from later ones.
        Carry the whole dz[t + 1] back, from the last step to the first.
        """
        dz = dh * (1 - h**2)
        dz[:-1] += (dz[1:] @ w_hh) * (1 - h[:-1] ** 2)
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        return dz @ w_xh, dz[0] @ w_hh, dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def forgets_the_slope(dh, x, h0, h, w_xh, w_hh):
        """Your gradient passes the tanh as if it were not there: multiply by its slope, 1 − h², at
        every step.
        """
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz[t] = dh[t] + carried
            carried = dz[t] @ w_hh
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        return dz @ w_xh, carried, dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def takes_the_slope_of_the_sigmoid(dh, x, h0, h, w_xh, w_hh):
        """You use h (1 − h), which is the slope of the sigmoid. That of tanh is 1 − h²."""
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz[t] = (dh[t] + carried) * h[t] * (1 - h[t])
            carried = dz[t] @ w_hh
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        return dz @ w_xh, carried, dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def takes_the_tanh_twice(dh, x, h0, h, w_xh, w_hh):
        """You take the slope 1 − tanh(h)², but h is the tanh already: the slope is 1 − h²."""
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz[t] = (dh[t] + carried) * (1 - np.tanh(h[t]) ** 2)
            carried = dz[t] @ w_hh
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        return dz @ w_xh, carried, dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def lets_the_future_past_the_tanh(dh, x, h0, h, w_xh, w_hh):
        """You multiply dh[t] by the slope of tanh, but not what comes back from step t + 1. Add the
        two first: both reach h[t], and pass the tanh together.
        """
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz[t] = dh[t] * (1 - h[t] ** 2) + carried
            carried = dz[t] @ w_hh
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        return dz @ w_xh, carried, dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def goes_back_by_the_forward_weights(dh, x, h0, h, w_xh, w_hh):
        """You send gradients back through W_hh as it is; going back takes its transpose. With
        sequences in rows that is dz @ w_hh.
        """
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz[t] = (dh[t] + carried) * (1 - h[t] ** 2)
            carried = dz[t] @ w_hh.T
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        return dz @ w_xh, carried, dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def walks_forward_in_time(dh, x, h0, h, w_xh, w_hh):
        """You go through the steps from the first to the last. What comes back to step t depends on
        step t + 1, so start at the end.
        """
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in range(len(h)):
            dz[t] = (dh[t] + carried) * (1 - h[t] ** 2)
            carried = dz[t] @ w_hh
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        return dz @ w_xh, dz[0] @ w_hh, dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def pairs_with_the_new_state(dh, x, h0, h, w_xh, w_hh):
        """In your dw_hh, dz[t] meets h[t]. What W_hh was multiplied by at step t is the state of
        the step before, h[t − 1], and h0 at the first step.
        """
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz[t] = (dh[t] + carried) * (1 - h[t] ** 2)
            carried = dz[t] @ w_hh
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, h)
        return dz @ w_xh, carried, dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def leaves_the_first_state_out(dh, x, h0, h, w_xh, w_hh):
        """Your dw_hh begins with the second step. At the first one W_hh was multiplied by h0, which
        need not be 0.
        """
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz[t] = (dh[t] + carried) * (1 - h[t] ** 2)
            carried = dz[t] @ w_hh
        dw_hh = np.einsum("tbh,tbk->hk", dz[1:], h[:-1])
        return dz @ w_xh, carried, np.einsum("tbh,tbd->hd", dz, x), dw_hh, dz.sum(axis=(0, 1))

    def transposes_the_weights_gradient(dh, x, h0, h, w_xh, w_hh):
        """Your dw_hh is transposed: row i belongs to the unit that receives, so the index of dz
        comes first.
        """
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz[t] = (dh[t] + carried) * (1 - h[t] ** 2)
            carried = dz[t] @ w_hh
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->kh", dz, before)
        return dz @ w_xh, carried, dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def averages_over_the_steps(dh, x, h0, h, w_xh, w_hh):
        """You divide the weights' gradients by the number of steps. The same weight acted at each
        of them, and what comes back over several paths is added, not averaged.
        """
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz[t] = (dh[t] + carried) * (1 - h[t] ** 2)
            carried = dz[t] @ w_hh
        before, steps = np.concatenate([h0[None], h[:-1]]), len(h)
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        db_h = dz.sum(axis=(0, 1)) / steps
        return dz @ w_xh, carried, dw_xh / steps, dw_hh / steps, db_h

    def averages_over_the_batch(dh, x, h0, h, w_xh, w_hh):
        """You divide the weights' gradients by the size of the batch. If the loss is a mean over
        the batch, the 1/B is in dh already; a layer only sums.
        """
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz[t] = (dh[t] + carried) * (1 - h[t] ** 2)
            carried = dz[t] @ w_hh
        before, batch = np.concatenate([h0[None], h[:-1]]), len(h0)
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        db_h = dz.sum(axis=(0, 1)) / batch
        return dz @ w_xh, carried, dw_xh / batch, dw_hh / batch, db_h

    def keeps_the_first_step_only(dh, x, h0, h, w_xh, w_hh):
        """In your loop each step overwrites the weights' gradients of the step after it, so those
        of step 0 alone are left. Every step adds to them: += instead of =.
        """
        dx, carried = np.empty_like(x), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz = (dh[t] + carried) * (1 - h[t] ** 2)
            dx[t], carried = dz @ w_xh, dz @ w_hh
            dw_xh, dw_hh = dz.T @ x[t], dz.T @ (h[t - 1] if t else h0)
            db_h = dz.sum(axis=0)
        return dx, carried, dw_xh, dw_hh, db_h

    def stops_before_the_first_state(dh, x, h0, h, w_xh, w_hh):
        """Your dh0 is dz[0]. On its way to h0 the gradient passes the weights once more: dh0 is
        W_hhᵀ dz[0].
        """
        dz, carried = np.empty_like(h), np.zeros_like(h0)
        for t in reversed(range(len(h))):
            dz[t] = (dh[t] + carried) * (1 - h[t] ** 2)
            carried = dz[t] @ w_hh
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        return dz @ w_xh, dz[0], dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def promotes_to_float64(dh, x, h0, h, w_xh, w_hh):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        dz, carried = np.zeros(h.shape), np.zeros(h0.shape)
        for t in reversed(range(len(h))):
            dz[t] = (dh[t] + carried) * (1 - h[t] ** 2)
            carried = dz[t] @ w_hh
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        return dz @ w_xh, carried, dw_xh, dw_hh, dz.sum(axis=(0, 1))

    def adds_to_the_callers_dh(dh, x, h0, h, w_xh, w_hh):
        """You add what comes back from later steps into dh itself, which is the caller's array.
        Work on a copy of it.
        """
        dz = np.empty_like(h)
        for t in reversed(range(len(h))):
            dz[t] = dh[t] * (1 - h[t] ** 2)
            if t:
                dh[t - 1] += dz[t] @ w_hh
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh, dw_hh = np.einsum("tbh,tbd->hd", dz, x), np.einsum("tbh,tbk->hk", dz, before)
        return dz @ w_xh, dz[0] @ w_hh, dw_xh, dw_hh, dz.sum(axis=(0, 1))


class clip_by_norm:
    def clips_each_array_by_itself(gradients, max_norm):
        """You clip each array by its own norm, which turns the direction of the step. Take one norm
        of all arrays together, and one factor for all.
        """
        largest = max(float(np.abs(g).max()) for g in gradients)
        if largest == 0:
            return list(gradients), 0.0
        lengths = [largest * float(((g / largest) ** 2).sum()) ** 0.5 for g in gradients]
        norm = largest * sum((length / largest) ** 2 for length in lengths) ** 0.5
        clipped = [
            g * min(1.0, max_norm / length) if length else g
            for g, length in zip(gradients, lengths, strict=True)
        ]
        return clipped, norm

    def clips_each_entry(gradients, max_norm):
        """You cut every entry to the range of ±max_norm. That is clipping by value: it turns the
        direction of the step, and the norm can still be larger.
        """
        largest = max(float(np.abs(g).max()) for g in gradients)
        if largest == 0:
            return list(gradients), 0.0
        norm = largest * sum(float(((g / largest) ** 2).sum()) for g in gradients) ** 0.5
        return [np.clip(g, -max_norm, max_norm) for g in gradients], norm

    def always_rescales(gradients, max_norm):
        """You bring every gradient to the length max_norm, so that short ones are lengthened.
        Clipping only shortens: the factor is at most 1.
        """
        largest = max(float(np.abs(g).max()) for g in gradients)
        if largest == 0:
            return list(gradients), 0.0
        norm = largest * sum(float(((g / largest) ** 2).sum()) for g in gradients) ** 0.5
        return [g * (max_norm / norm) for g in gradients], norm

    def forgets_the_root(gradients, max_norm):
        """Your norm is the sum of the squares. The length of a vector is the root of that sum."""
        norm = sum(float(np.sum(g.astype(float) ** 2)) for g in gradients)
        if norm == 0:
            return list(gradients), 0.0
        return [g * min(1.0, max_norm / norm) for g in gradients], norm

    def adds_up_magnitudes(gradients, max_norm):
        """You add up absolute values, which is the 1-norm. The length of a vector is the root of
        the sum of its squares.
        """
        norm = sum(float(np.abs(g).sum()) for g in gradients)
        if norm == 0:
            return list(gradients), 0.0
        return [g * min(1.0, max_norm / norm) for g in gradients], norm

    def takes_the_largest_entry(gradients, max_norm):
        """Your norm is the largest magnitude of all entries. The length of a vector is the root of
        the sum of its squares.
        """
        norm = max(float(np.abs(g).max()) for g in gradients)
        if norm == 0:
            return list(gradients), 0.0
        return [g * min(1.0, max_norm / norm) for g in gradients], norm

    def adds_up_the_norms(gradients, max_norm):
        """You add up the norms of the arrays. All of them are one long vector: add up their
        squares, then take one root.
        """
        largest = max(float(np.abs(g).max()) for g in gradients)
        if largest == 0:
            return list(gradients), 0.0
        norm = sum(largest * float(((g / largest) ** 2).sum()) ** 0.5 for g in gradients)
        return [g * min(1.0, max_norm / norm) for g in gradients], norm

    def takes_a_mean(gradients, max_norm):
        """You take the root of the mean of the squares. The norm is the root of their sum, so yours
        is too small by the root of the number of entries.
        """
        largest = max(float(np.abs(g).max()) for g in gradients)
        if largest == 0:
            return list(gradients), 0.0
        squares = np.concatenate([((g / largest) ** 2).ravel() for g in gradients])
        norm = largest * float(squares.mean()) ** 0.5
        return [g * min(1.0, max_norm / norm) for g in gradients], norm

    def overflows(gradients, max_norm):
        """You square the entries as they are, which overflows for 1e200 and gives 0 for 1e-200.
        Divide by the largest magnitude first, and multiply the root by it.
        """
        norm = sum(float(np.sum(g * g)) for g in gradients) ** 0.5
        if norm == 0:
            return list(gradients), 0.0
        return [g * min(1.0, max_norm / norm) for g in gradients], norm

    def divides_by_zero(gradients, max_norm):
        """Gradients that are all 0 become nan in your answer, since you divide by their norm. They
        are short enough: return them as they are, and the norm 0.
        """
        largest = np.float64(max(float(np.abs(g).max()) for g in gradients))
        norm = float(largest * sum(float(((g / largest) ** 2).sum()) for g in gradients) ** 0.5)
        factor = min(1.0, float(np.float64(max_norm) / norm))
        return [(g * factor).astype(g.dtype) for g in gradients], norm

    def adds_a_small_constant(gradients, max_norm):
        """You add a small number to the norm before dividing, as some libraries do, so that your
        gradients come out too short. The text asks for none; for 0 a line of its own is needed.
        """
        largest = max(float(np.abs(g).max()) for g in gradients)
        if largest == 0:
            return list(gradients), 0.0
        norm = largest * sum(float(((g / largest) ** 2).sum()) for g in gradients) ** 0.5
        return [g * min(1.0, max_norm / (norm + 1e-6)) for g in gradients], norm

    def makes_unit_length(gradients, max_norm):
        """You divide gradients that are too long by their norm, so that they have length 1. Their
        length should be max_norm.
        """
        largest = max(float(np.abs(g).max()) for g in gradients)
        if largest == 0:
            return list(gradients), 0.0
        norm = largest * sum(float(((g / largest) ** 2).sum()) for g in gradients) ** 0.5
        return [g / norm if norm > max_norm else g for g in gradients], norm

    def drops_long_gradients(gradients, max_norm):
        """You set gradients that are too long to 0, so such a step is lost. Clipping keeps their
        direction and shortens them to max_norm.
        """
        largest = max(float(np.abs(g).max()) for g in gradients)
        if largest == 0:
            return list(gradients), 0.0
        norm = largest * sum(float(((g / largest) ** 2).sum()) for g in gradients) ** 0.5
        return [g * 0 if norm > max_norm else g for g in gradients], norm

    def reports_the_norm_after(gradients, max_norm):
        """You return the norm after clipping, which is never above max_norm and says nothing about
        an explosion. Return the one before.
        """
        largest = max(float(np.abs(g).max()) for g in gradients)
        if largest == 0:
            return list(gradients), 0.0
        norm = largest * sum(float(((g / largest) ** 2).sum()) for g in gradients) ** 0.5
        return [g * min(1.0, max_norm / norm) for g in gradients], min(norm, max_norm)

    def shortens_in_place(gradients, max_norm):
        """You multiply the caller's arrays in place. Return new ones: somebody may want to look at
        the gradients as they were.
        """
        largest = max(float(np.abs(g).max()) for g in gradients)
        if largest == 0:
            return gradients, 0.0
        norm = largest * sum(float(((g / largest) ** 2).sum()) for g in gradients) ** 0.5
        for gradient in gradients:
            gradient *= min(1.0, max_norm / norm)
        return gradients, norm

    def promotes_to_float64(gradients, max_norm):
        """Your values are right, but float32 comes out as float64: np.sqrt returns a NumPy number,
        and times one of these a float32 array becomes float64. Use a Python float.
        """
        largest = max(float(np.abs(g).max()) for g in gradients)
        if largest == 0:
            return list(gradients), 0.0
        norm = largest * np.sqrt(sum(float(((g / largest) ** 2).sum()) for g in gradients))
        return [g * np.minimum(np.float64(1), max_norm / norm) for g in gradients], norm


class bidirectional_forward:
    def leaves_the_backward_half_reversed(x, forwards, backwards):
        """You turn the sequence round for the backward layer, but not its states. As they are, its
        first state is about the last step: turn them round again.
        """
        return np.concatenate([forwards(x), backwards(x[::-1])], axis=2)

    def lets_both_read_forward(x, forwards, backwards):
        """Both of your layers read from the first step to the last. Turn the sequence round for the
        second one, and its states back.
        """
        return np.concatenate([forwards(x), backwards(x)], axis=2)

    def turns_the_states_only(x, forwards, backwards):
        """You let the backward layer read forward and turn its states round afterwards. Turn the
        sequence round before it reads as well.
        """
        return np.concatenate([forwards(x), backwards(x)[::-1]], axis=2)

    def turns_the_batch_round(x, forwards, backwards):
        """You reverse axis 1, which is the batch: your backward layer still reads forward. Time is
        axis 0.
        """
        return np.concatenate([forwards(x), backwards(x[:, ::-1])[:, ::-1]], axis=2)

    def turns_the_features_round(x, forwards, backwards):
        """You reverse the last axis, which holds the numbers of one step: your backward layer still
        reads forward. Time is axis 0.
        """
        return np.concatenate([forwards(x), backwards(x[:, :, ::-1])[:, :, ::-1]], axis=2)

    def turns_everything_round(x, forwards, backwards):
        """You turn the whole result round in time, the forward half too. Only the backward layer's
        states have to be put back into order.
        """
        return np.concatenate([forwards(x), backwards(x[::-1])], axis=2)[::-1]

    def puts_the_backward_half_first(x, forwards, backwards):
        """Your two halves are exchanged: the states of the forward layer come first."""
        return np.concatenate([backwards(x[::-1])[::-1], forwards(x)], axis=2)

    def feeds_the_forward_states(x, forwards, backwards):
        """You let the backward layer read the states of the forward layer. In this form neither
        knows of the other: both read x.
        """
        a = forwards(x)
        width = x.shape[2]
        return np.concatenate([a, backwards(a[::-1, :, :width])[::-1]], axis=2)

    def uses_one_layer_twice(x, forwards, backwards):
        """You use the forward layer for both directions. The backward layer has weights of its own:
        call backwards.
        """
        return np.concatenate([forwards(x), forwards(x[::-1])[::-1]], axis=2)

    def interleaves_the_halves(x, forwards, backwards):
        """You interleave the two: forward and backward numbers take turns along the last axis. All
        forward ones come first, then all backward ones.
        """
        a, h = forwards(x), backwards(x[::-1])[::-1]
        if a.shape != h.shape:
            return np.concatenate([a, h], axis=2)
        return np.stack([a, h], axis=3).reshape(*a.shape[:2], -1)

    def adds_the_halves(x, forwards, backwards):
        """You add the states of the two layers, and nobody can tell them apart any more. Put them
        side by side along the last axis.
        """
        a, h = forwards(x), backwards(x[::-1])[::-1]
        width = min(a.shape[2], h.shape[2])
        return a[:, :, :width] + h[:, :, :width]

    def stacks_along_the_batch(x, forwards, backwards):
        """You put the two halves one below the other along the batch, so that it is twice as large.
        They belong side by side along the last axis.
        """
        a, h = forwards(x), backwards(x[::-1])[::-1]
        width = min(a.shape[2], h.shape[2])
        return np.concatenate([a[:, :, :width], h[:, :, :width]], axis=1)

    def broadcasts_the_last_state(x, forwards, backwards):
        """You put the backward layer's final state beside every step. Each step gets the state that
        the layer had at that very step.
        """
        a, h = forwards(x), backwards(x[::-1])
        return np.concatenate([a, np.broadcast_to(h[-1], h.shape)], axis=2)

    def promotes_to_float64(x, forwards, backwards):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        a, h = forwards(x), backwards(x[::-1])[::-1]
        y = np.zeros((*x.shape[:2], a.shape[2] + h.shape[2]))
        y[:, :, : a.shape[2]], y[:, :, a.shape[2] :] = a, h
        return y

    def turns_the_callers_sequence(x, forwards, backwards):
        """You turn the sequence round in place, and so change the array of the caller. x[::-1] is
        enough: it changes nothing.
        """
        a = forwards(x)
        x[...] = x[::-1].copy()
        return np.concatenate([a, backwards(x)[::-1]], axis=2)


class stacked_bidirectional_forward:
    def runs_both_forward(x, w_1, w_f, w_2, w_b):
        """Your second layer goes from the first step to the last, too. It is the backward one: it
        starts at the last step, and o_2[t] depends on o_2[t + 1].
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before, last = w_f[:, 0], w_b[:, 0]
        for t in range(T):
            o_1[t, :, 1:] = np.tanh(x[t] @ w_1.T + before)
            before = o_1[t] @ w_f.T
            o_2[t, :, 1:] = np.tanh(o_1[t] @ w_2.T + last)
            last = o_2[t] @ w_b.T
        return o_1, o_2

    def starts_without_the_one(x, w_1, w_f, w_2, w_b):
        """You start both layers from zeros, without the leading 1, so that at their first step a
        bias is missing. At rest the output is [1, 0, …, 0].
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before, after = 0 * w_f[:, 0], 0 * w_b[:, 0]
        for t in range(T):
            o_1[t, :, 1:] = np.tanh(x[t] @ w_1.T + before)
            before = o_1[t] @ w_f.T
        for t in reversed(range(T)):
            o_2[t, :, 1:] = np.tanh(o_1[t] @ w_2.T + after)
            after = o_2[t] @ w_b.T
        return o_1, o_2

    def starts_from_ones(x, w_1, w_f, w_2, w_b):
        """You start both layers from a vector of ones, perhaps by np.ones and no more. At rest only
        the leading number is 1, all others are 0.
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before, after = w_f.sum(axis=1), w_b.sum(axis=1)
        for t in range(T):
            o_1[t, :, 1:] = np.tanh(x[t] @ w_1.T + before)
            before = o_1[t] @ w_f.T
        for t in reversed(range(T)):
            o_2[t, :, 1:] = np.tanh(o_1[t] @ w_2.T + after)
            after = o_2[t] @ w_b.T
        return o_1, o_2

    def puts_the_one_last(x, w_1, w_f, w_2, w_b):
        """You append the 1 at the end of each output. It stands in front, where the first column of
        the weights, the biases, meets it.
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before, after = w_f[:, -1], w_b[:, -1]
        for t in range(T):
            o_1[t, :, :-1] = np.tanh(x[t] @ w_1.T + before)
            before = o_1[t] @ w_f.T
        for t in reversed(range(T)):
            o_2[t, :, :-1] = np.tanh(o_1[t] @ w_2.T + after)
            after = o_2[t] @ w_b.T
        return o_1, o_2

    def squashes_the_one(x, w_1, w_f, w_2, w_b):
        """You put the 1 in front before the tanh, which makes 0.76 of it. The 1 is no unit: put it
        in front of what the tanh gives.
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before, after = w_f[:, 0], w_b[:, 0]
        for t in range(T):
            o_1[t, :, 1:] = x[t] @ w_1.T + before
            o_1[t] = np.tanh(o_1[t])
            before = o_1[t] @ w_f.T
        for t in reversed(range(T)):
            o_2[t, :, 1:] = o_1[t] @ w_2.T + after
            o_2[t] = np.tanh(o_2[t])
            after = o_2[t] @ w_b.T
        return o_1, o_2

    def returns_it_backwards(x, w_1, w_f, w_2, w_b):
        """Your o_2 lies in the order in which you computed it, last step first. o_2[t] has to be
        about step t: turn it round.
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before, after = w_f[:, 0], w_b[:, 0]
        for t in range(T):
            o_1[t, :, 1:] = np.tanh(x[t] @ w_1.T + before)
            before = o_1[t] @ w_f.T
        for t in reversed(range(T)):
            o_2[t, :, 1:] = np.tanh(o_1[t] @ w_2.T + after)
            after = o_2[t] @ w_b.T
        return o_1, o_2[::-1]

    def returns_no_ones(x, w_1, w_f, w_2, w_b):
        """You leave the leading ones out of what you return. They are part of the outputs here: the
        next layer's biases need them.
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before, after = w_f[:, 0], w_b[:, 0]
        for t in range(T):
            o_1[t, :, 1:] = np.tanh(x[t] @ w_1.T + before)
            before = o_1[t] @ w_f.T
        for t in reversed(range(T)):
            o_2[t, :, 1:] = np.tanh(o_1[t] @ w_2.T + after)
            after = o_2[t] @ w_b.T
        return o_1[:, :, 1:], o_2[:, :, 1:]

    def ignores_the_first_columns(x, w_1, w_f, w_2, w_b):
        """You leave out the first columns of the weights, and with them all biases: they are what
        the leading 1 is multiplied by.
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before = after = 0
        for t in range(T):
            o_1[t, :, 1:] = np.tanh(x[t] @ w_1.T + before)
            before = o_1[t, :, 1:] @ w_f[:, 1:].T
        for t in reversed(range(T)):
            o_2[t, :, 1:] = np.tanh(o_1[t, :, 1:] @ w_2[:, 1:].T + after)
            after = o_2[t, :, 1:] @ w_b[:, 1:].T
        return o_1, o_2

    def forgets_the_second_recurrence(x, w_1, w_f, w_2, w_b):
        """Your second layer does not look at its own output of the step after: W^(b) o_2[t + 1] is
        missing, so it never hears of the future.
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before = w_f[:, 0]
        for t in range(T):
            o_1[t, :, 1:] = np.tanh(x[t] @ w_1.T + before)
            before = o_1[t] @ w_f.T
        o_2[:, :, 1:] = np.tanh(o_1 @ w_2.T + w_b[:, 0])
        return o_1, o_2

    def forgets_the_first_recurrence(x, w_1, w_f, w_2, w_b):
        """Your first layer does not look at its own output of the step before: it starts from rest
        at every step.
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        o_1[:, :, 1:] = np.tanh(x @ w_1.T + w_f[:, 0])
        after = w_b[:, 0]
        for t in reversed(range(T)):
            o_2[t, :, 1:] = np.tanh(o_1[t] @ w_2.T + after)
            after = o_2[t] @ w_b.T
        return o_1, o_2

    def takes_the_sigmoid(x, w_1, w_f, w_2, w_b):
        """You use the sigmoid where the equations have tanh, so your outputs lie between 0 and
        1.
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before, after = w_f[:, 0], w_b[:, 0]
        for t in range(T):
            o_1[t, :, 1:] = 1 / (1 + np.exp(-x[t] @ w_1.T - before))
            before = o_1[t] @ w_f.T
        for t in reversed(range(T)):
            o_2[t, :, 1:] = 1 / (1 + np.exp(-o_1[t] @ w_2.T - after))
            after = o_2[t] @ w_b.T
        return o_1, o_2

    def runs_both_backward(x, w_1, w_f, w_2, w_b):
        """Both of your layers go from the last step to the first. The first one, with W^(f), goes
        forward: o_1[t] depends on o_1[t − 1].
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before, after = w_f[:, 0], w_b[:, 0]
        for t in reversed(range(T)):
            o_1[t, :, 1:] = np.tanh(x[t] @ w_1.T + before)
            before = o_1[t] @ w_f.T
            o_2[t, :, 1:] = np.tanh(o_1[t] @ w_2.T + after)
            after = o_2[t] @ w_b.T
        return o_1, o_2

    def reads_the_last_output_only(x, w_1, w_f, w_2, w_b):
        """Your second layer reads the last output of the first at every step. At step t it reads
        o_1[t].
        """
        T, B, _ = x.shape
        o_1 = np.ones((T, B, 1 + len(w_1)), dtype=x.dtype)
        o_2 = np.ones((T, B, 1 + len(w_2)), dtype=x.dtype)
        before, after = w_f[:, 0], w_b[:, 0]
        for t in range(T):
            o_1[t, :, 1:] = np.tanh(x[t] @ w_1.T + before)
            before = o_1[t] @ w_f.T
        for t in reversed(range(T)):
            o_2[t, :, 1:] = np.tanh(o_1[-1] @ w_2.T + after)
            after = o_2[t] @ w_b.T
        return o_1, o_2

    def promotes_to_float64(x, w_1, w_f, w_2, w_b):
        """Your values are right, but float32 comes out as float64: np.ones without a dtype is
        float64. Pass dtype=x.dtype.
        """
        T, B, _ = x.shape
        o_1, o_2 = np.ones((T, B, 1 + len(w_1))), np.ones((T, B, 1 + len(w_2)))
        before, after = w_f[:, 0], w_b[:, 0]
        for t in range(T):
            o_1[t, :, 1:] = np.tanh(x[t] @ w_1.T + before)
            before = o_1[t] @ w_f.T
        for t in reversed(range(T)):
            o_2[t, :, 1:] = np.tanh(o_1[t] @ w_2.T + after)
            after = o_2[t] @ w_b.T
        return o_1, o_2


class lstm_step:
    def stores_the_gates_as_ifog(x, h, c, w_ih, w_hh, b):
        """You take the rows in the order i, f, o, g. They are stored as i, f, g, o, so your output
        gate and your proposal are exchanged.
        """
        i, f, o, g = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        c = f * c + i * np.tanh(g)
        return o * np.tanh(c), c

    def exchanges_input_and_forget_gate(x, h, c, w_ih, w_hh, b):
        """Your input gate and your forget gate are exchanged: the first H rows belong to i, the
        next H to f.
        """
        f, i, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        c = f * c + i * np.tanh(g)
        return o * np.tanh(c), c

    def deals_the_rows_out(x, h, c, w_ih, w_hh, b):
        """You take every fourth row for a gate. The gates lie in blocks: the first H rows are i,
        the next H are f, and so on.
        """
        z = x @ w_ih.T + h @ w_hh.T + b
        i, f, g, o = (z[:, k::4] for k in range(4))
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        c = f * c + i * np.tanh(g)
        return o * np.tanh(c), c

    def couples_the_gates(x, h, c, w_ih, w_hh, b):
        """You write as much as you forget: f c + (1 − f) g. That is the GRU's way; the LSTM has an
        input gate of its own, f c + i g.
        """
        _, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (f, o))
        c = f * c + (1 - f) * np.tanh(g)
        return o * np.tanh(c), c

    def forgets_by_one_minus_f(x, h, c, w_ih, w_hh, b):
        """You keep 1 − f of the old memory. In spite of its name the forget gate says how much
        stays: f c.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        c = (1 - f) * c + i * np.tanh(g)
        return o * np.tanh(c), c

    def shows_the_cell_as_it_is(x, h, c, w_ih, w_hh, b):
        """Your hidden state is o times the cell. The cell passes a tanh before it is shown: h = o
        tanh(c).
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        c = f * c + i * np.tanh(g)
        return o * c, c

    def shows_the_old_cell(x, h, c, w_ih, w_hh, b):
        """You compute the hidden state from the old cell. First bring the cell up to date, then
        show the new one.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        return o * np.tanh(c), f * c + i * np.tanh(g)

    def proposes_by_sigmoid(x, h, c, w_ih, w_hh, b):
        """You put the proposal g through a sigmoid, so nothing negative can ever be written. It is
        a tanh; only the three gates are sigmoids.
        """
        z = 0.5 + 0.5 * np.tanh(0.5 * (x @ w_ih.T + h @ w_hh.T + b))
        i, f, g, o = np.split(z, 4, axis=1)
        c = f * c + i * g
        return o * np.tanh(c), c

    def gates_the_output_by_tanh(x, h, c, w_ih, w_hh, b):
        """You put the output gate through tanh, so it can turn signs round. A gate is a share from
        0 to 1: use the sigmoid.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f))
        c = f * c + i * np.tanh(g)
        return np.tanh(o) * np.tanh(c), c

    def returns_the_cell_first(x, h, c, w_ih, w_hh, b):
        """You return c and h, in this order. Asked for is the hidden state first, then the cell."""
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        c = f * c + i * np.tanh(g)
        return c, o * np.tanh(c)

    def overflows(x, h, c, w_ih, w_hh, b):
        """You write the sigmoid as exp(z) / (1 + exp(z)), which is inf / inf at 1000. Write it as
        1 / (1 + exp(−z)), or with tanh.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (np.exp(z) / (1 + np.exp(z)) for z in (i, f, o))
        c = f * c + i * np.tanh(g)
        return o * np.tanh(c), c

    def forgets_the_bias(x, h, c, w_ih, w_hh, b):
        """Your gates have no bias. All four get one: add b to the sum of the two products."""
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + 0 * b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        c = f * c + i * np.tanh(g)
        return o * np.tanh(c), c

    def opens_the_forget_gate(x, h, c, w_ih, w_hh, b):
        """You add 1 to the forget gate's bias, as some libraries do at the start of training. Here
        the biases are used as they are given.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f + 1, o))
        c = f * c + i * np.tanh(g)
        return o * np.tanh(c), c

    def ignores_the_hidden_state(x, h, c, w_ih, w_hh, b):
        """Your gates look at the input alone. The hidden state of the step before has a say in them
        too: add W_hh h.
        """
        i, f, g, o = np.split(x @ w_ih.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        c = f * c + i * np.tanh(g)
        return o * np.tanh(c), c

    def promotes_to_float64(x, h, c, w_ih, w_hh, b):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        c = np.zeros(c.shape) + f * c + i * np.tanh(g)
        return o * np.tanh(c), c

    def overwrites_the_old_cell(x, h, c, w_ih, w_hh, b):
        """You bring the caller's cell up to date in place, by *= and +=. The old one is needed
        again on the way back: make a new array.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        c *= f
        c += i * np.tanh(g)
        return o * np.tanh(c), c


class lstm_step_backward:
    def forgets_the_way_through_h(dh, dc, x, h, c, w_ih, w_hh, b):
        """In your answer the cell hears nothing of dh. It was shown through h = o tanh(c), so dh o
        (1 − tanh²c) comes back to it as well.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc
        into = delta * g * i * (1 - i), delta * c * f * (1 - f), delta * i * (1 - g**2)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def forgets_what_was_handed_on(dh, dc, x, h, c, w_ih, w_hh, b):
        """You leave out dc: the cell was handed on to the next step, and what comes back from there
        has to be added.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dh * o * (1 - shown**2)
        into = delta * g * i * (1 - i), delta * c * f * (1 - f), delta * i * (1 - g**2)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def forgets_the_slope_at_the_cell(dh, dc, x, h, c, w_ih, w_hh, b):
        """Your dh goes to the cell as dh o, as if h were o c. The cell passes a tanh before it is
        shown: multiply by 1 − tanh²(c).
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o
        into = delta * g * i * (1 - i), delta * c * f * (1 - f), delta * i * (1 - g**2)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def takes_the_slope_at_the_old_cell(dh, dc, x, h, c, w_ih, w_hh, b):
        """You take tanh and its slope at the old cell. What was shown is the new one, f c + i g:
        compute it first.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(c)
        delta = dc + dh * o * (1 - shown**2)
        into = delta * g * i * (1 - i), delta * c * f * (1 - f), delta * i * (1 - g**2)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def hands_back_the_new_cells_gradient(dh, dc, x, h, c, w_ih, w_hh, b):
        """Your dc belongs to the cell after the step. The gradient of the cell before it is that
        times the forget gate.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o * (1 - shown**2)
        into = delta * g * i * (1 - i), delta * c * f * (1 - f), delta * i * (1 - g**2)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dz @ w_hh, delta, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def forgets_the_gates_slopes(dh, dc, x, h, c, w_ih, w_hh, b):
        """Your gradients stop at the gates themselves. To get to the pre-activations, multiply by
        the slopes: σ (1 − σ), and 1 − g² for the proposal.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o * (1 - shown**2)
        dz = np.concatenate([delta * g, delta * c, delta * i, dh * shown], axis=1)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def takes_a_sigmoids_slope_for_g(dh, dc, x, h, c, w_ih, w_hh, b):
        """You use g (1 − g) for the proposal, as for the gates. It is a tanh, and its slope is
        1 − g².
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o * (1 - shown**2)
        into = delta * g * i * (1 - i), delta * c * f * (1 - f), delta * i * g * (1 - g)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def pairs_f_with_the_new_cell(dh, dc, x, h, c, w_ih, w_hh, b):
        """Your gradient for the forget gate has the new cell as its other factor. In f c it was
        multiplied by the old one.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        new = f * c + i * g
        shown = np.tanh(new)
        delta = dc + dh * o * (1 - shown**2)
        into = delta * g * i * (1 - i), delta * new * f * (1 - f), delta * i * (1 - g**2)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def gives_the_output_gate_all_of_delta(dh, dc, x, h, c, w_ih, w_hh, b):
        """You send δ to the output gate too. It takes part in h = o tanh(c) alone, so it hears of
        dh and not of dc: dh tanh(c).
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o * (1 - shown**2)
        into = delta * g * i * (1 - i), delta * c * f * (1 - f), delta * i * (1 - g**2)
        dz = np.concatenate([*into, delta * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def stacks_the_gates_as_ifog(dh, dc, x, h, c, w_ih, w_hh, b):
        """You stack the gates' gradients as i, f, o, g, but the weights' rows are in the order i,
        f, g, o.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o * (1 - shown**2)
        into = delta * g * i * (1 - i), delta * c * f * (1 - f)
        dz = np.concatenate([*into, dh * shown * o * (1 - o), delta * i * (1 - g**2)], axis=1)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def averages_over_the_batch(dh, dc, x, h, c, w_ih, w_hh, b):
        """You divide the weights' gradients by the size of the batch. If the loss is a mean over
        the batch, the 1/B is in dh and dc already; a layer only sums.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o * (1 - shown**2)
        into = delta * g * i * (1 - i), delta * c * f * (1 - f), delta * i * (1 - g**2)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        dw_ih, dw_hh, db = dz.T @ x / len(x), dz.T @ h / len(x), dz.mean(axis=0)
        return dz @ w_ih, dz @ w_hh, delta * f, dw_ih, dw_hh, db

    def pairs_with_the_new_hidden_state(dh, dc, x, h, c, w_ih, w_hh, b):
        """In your dw_hh, dz meets the hidden state after the step. W_hh was multiplied by the one
        before it, the argument h.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o * (1 - shown**2)
        into = delta * g * i * (1 - i), delta * c * f * (1 - f), delta * i * (1 - g**2)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ (o * shown), dz.sum(axis=0)

    def adds_dh_to_itself(dh, dc, x, h, c, w_ih, w_hh, b):
        """You add the dh that came in to the one you return. It belongs to the hidden state after
        the step, and reaches the one before it through the gates alone.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o * (1 - shown**2)
        into = delta * g * i * (1 - i), delta * c * f * (1 - f), delta * i * (1 - g**2)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dh + dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def overflows(dh, dc, x, h, c, w_ih, w_hh, b):
        """You write the sigmoid as exp(z) / (1 + exp(z)), which is inf / inf at 1000. Write it as
        1 / (1 + exp(−z)), or with tanh.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (np.exp(z) / (1 + np.exp(z)) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o * (1 - shown**2)
        into = delta * g * i * (1 - i), delta * c * f * (1 - f), delta * i * (1 - g**2)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def promotes_to_float64(dh, dc, x, h, c, w_ih, w_hh, b):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o * (1 - shown**2)
        dz, size = np.zeros((len(x), len(b))), c.shape[1]
        dz[:, :size], dz[:, size : 2 * size] = delta * g * i * (1 - i), delta * c * f * (1 - f)
        dz[:, 2 * size : 3 * size] = delta * i * (1 - g**2)
        dz[:, 3 * size :] = dh * shown * o * (1 - o)
        return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)

    def adds_to_the_callers_dc(dh, dc, x, h, c, w_ih, w_hh, b):
        """You add what comes through h into dc itself, which is the caller's array: write dc = dc +
        … instead of dc += ….
        """
        i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (i, f, o))
        g = np.tanh(g)
        shown = np.tanh(f * c + i * g)
        dc += dh * o * (1 - shown**2)
        into = dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2)
        dz = np.concatenate([*into, dh * shown * o * (1 - o)], axis=1)
        return dz @ w_ih, dz @ w_hh, dc * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)


class gru_step:
    def resets_before_the_product(x, h, w_ih, w_hh, b_ih, b_hh):
        """You reset the state before the product, W_hn (r h), as in the first paper on the GRU.
        Asked for is torch's form: r times (W_hn h + b_hn).
        """
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        r, z = (0.5 + 0.5 * np.tanh(0.5 * (a + q)[:, k * H : (k + 1) * H]) for k in (0, 1))
        n = np.tanh(a[:, 2 * H :] + (r * h) @ w_hh[2 * H :].T + b_hh[2 * H :])
        return (1 - z) * n + z * h

    def exchanges_old_and_new(x, h, w_ih, w_hh, b_ih, b_hh):
        """Your update gate works the wrong way round. At z = 1 the old state stays: h = (1 − z) n +
        z h.
        """
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        r, z = (0.5 + 0.5 * np.tanh(0.5 * (a + q)[:, k * H : (k + 1) * H]) for k in (0, 1))
        n = np.tanh(a[:, 2 * H :] + r * q[:, 2 * H :])
        return z * n + (1 - z) * h

    def stores_the_gates_as_zrn(x, h, w_ih, w_hh, b_ih, b_hh):
        """You take the rows in the order z, r, n. They are stored as r, z, n, so your reset and
        update gates are exchanged.
        """
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        z, r = (0.5 + 0.5 * np.tanh(0.5 * (a + q)[:, k * H : (k + 1) * H]) for k in (0, 1))
        n = np.tanh(a[:, 2 * H :] + r * q[:, 2 * H :])
        return (1 - z) * n + z * h

    def leaves_the_bias_outside(x, h, w_ih, w_hh, b_ih, b_hh):
        """Your reset gate does not reach the bias b_hn: you add it outside. It is added to W_hn h
        first, and r multiplies both.
        """
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T
        r, z = (0.5 + 0.5 * np.tanh(0.5 * (a + q + b_hh)[:, k * H : (k + 1) * H]) for k in (0, 1))
        n = np.tanh(a[:, 2 * H :] + r * q[:, 2 * H :] + b_hh[2 * H :])
        return (1 - z) * n + z * h

    def resets_the_input_too(x, h, w_ih, w_hh, b_ih, b_hh):
        """Your reset gate multiplies all that goes into the proposal, the input too. It is only the
        part of the old state that is reset.
        """
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        r, z = (0.5 + 0.5 * np.tanh(0.5 * (a + q)[:, k * H : (k + 1) * H]) for k in (0, 1))
        n = np.tanh(r * (a + q)[:, 2 * H :])
        return (1 - z) * n + z * h

    def never_resets(x, h, w_ih, w_hh, b_ih, b_hh):
        """Your reset gate has no effect. It multiplies what comes from the old state in the
        proposal: r (W_hn h + b_hn).
        """
        H = h.shape[1]
        s = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
        z = 0.5 + 0.5 * np.tanh(0.5 * s[:, H : 2 * H])
        return (1 - z) * np.tanh(s[:, 2 * H :]) + z * h

    def forgets_the_second_bias(x, h, w_ih, w_hh, b_ih, b_hh):
        """You leave out b_hh. There are two biases here, one beside each product."""
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T
        r, z = (0.5 + 0.5 * np.tanh(0.5 * (a + q)[:, k * H : (k + 1) * H]) for k in (0, 1))
        n = np.tanh(a[:, 2 * H :] + r * q[:, 2 * H :])
        return (1 - z) * n + z * h

    def proposes_by_sigmoid(x, h, w_ih, w_hh, b_ih, b_hh):
        """You put the proposal n through a sigmoid, so your state can never become negative. It is
        a tanh; only the two gates are sigmoids.
        """
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        r, z = (0.5 + 0.5 * np.tanh(0.5 * (a + q)[:, k * H : (k + 1) * H]) for k in (0, 1))
        n = 0.5 + 0.5 * np.tanh(0.5 * (a[:, 2 * H :] + r * q[:, 2 * H :]))
        return (1 - z) * n + z * h

    def adds_instead_of_blending(x, h, w_ih, w_hh, b_ih, b_hh):
        """You add the whole proposal to z h, so that the state can grow without end. The GRU
        blends: what is not kept is replaced, (1 − z) n.
        """
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        r, z = (0.5 + 0.5 * np.tanh(0.5 * (a + q)[:, k * H : (k + 1) * H]) for k in (0, 1))
        return np.tanh(a[:, 2 * H :] + r * q[:, 2 * H :]) + z * h

    def deals_the_rows_out(x, h, w_ih, w_hh, b_ih, b_hh):
        """You take every third row for a gate. The gates lie in blocks: the first H rows are r, the
        next H are z, the last H are n.
        """
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        r, z = (0.5 + 0.5 * np.tanh(0.5 * (a + q)[:, k::3]) for k in (0, 1))
        return (1 - z) * np.tanh(a[:, 2::3] + r * q[:, 2::3]) + z * h

    def overflows(x, h, w_ih, w_hh, b_ih, b_hh):
        """You write the sigmoid as exp(z) / (1 + exp(z)), which is inf / inf at 1000. Write it as
        1 / (1 + exp(−z)), or with tanh.
        """
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        e = np.exp(a + q)
        r, z = ((e / (1 + e))[:, k * H : (k + 1) * H] for k in (0, 1))
        n = np.tanh(a[:, 2 * H :] + r * q[:, 2 * H :])
        return (1 - z) * n + z * h

    def promotes_to_float64(x, h, w_ih, w_hh, b_ih, b_hh):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        r, z = (0.5 + 0.5 * np.tanh(0.5 * (a + q)[:, k * H : (k + 1) * H]) for k in (0, 1))
        new = np.zeros(h.shape)
        new += (1 - z) * np.tanh(a[:, 2 * H :] + r * q[:, 2 * H :]) + z * h
        return new

    def overwrites_the_old_state(x, h, w_ih, w_hh, b_ih, b_hh):
        """You bring the caller's state up to date in place, by *= and +=. The old one is needed
        again on the way back: make a new array.
        """
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        r, z = (0.5 + 0.5 * np.tanh(0.5 * (a + q)[:, k * H : (k + 1) * H]) for k in (0, 1))
        h *= z
        h += (1 - z) * np.tanh(a[:, 2 * H :] + r * q[:, 2 * H :])
        return h


class train_recall:
    def reads_the_mean_of_the_states(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """Your readout looks at the mean of all states. Asked for is the last one: with the first
        states in reach, no memory is needed for the task.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            seen = h.mean(axis=0)
            s = seen @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h) + ds @ w_hy / len(h)
            g = [*backward(dh, x, *weights), ds.T @ seen, ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def blames_every_state(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """You send the readout's gradient to all states. Only the last one was read out: dh is 0
        for the others.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h) + ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def sums_over_the_batch(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """Your loss and its gradient are sums over the batch. Asked for is the mean: divide both by
        the number of sequences.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].sum()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def forgets_the_mean_in_the_gradient(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """Your loss is a mean over the batch, but your gradient is that of the sum: divide softmax
        minus one-hot by B.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def counts_in_bits(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """Your loss uses the logarithm to base 2. The gradient that you take belongs to the natural
        logarithm, and so should the loss.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean() / np.log(2)))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def overflows(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """Your softmax takes exp of the scores as they are, which overflows at 1000 and gives nan.
        Subtract each sequence's largest score first.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            ds = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
            losses.append(float(-np.log(ds[rows, labels]).mean()))
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def takes_the_logarithm_of_zero(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """You take the logarithm of a probability that has become 0, so your loss is infinite.
        Subtract the logarithm of the sum from the score, without dividing first.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            e = np.exp(s - s.max(axis=1, keepdims=True))
            ds = e / e.sum(axis=1, keepdims=True)
            losses.append(float(-np.log(ds[rows, labels]).mean()))
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def never_clips(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """You never clip: max_norm has no effect on your answer. Gradients longer than that are
        shortened to it, all by one factor.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            moves = [momentum * m + rate * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def clips_each_array_by_itself(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """You clip each gradient by its own norm. The norm is that of all of them together, and one
        factor shortens all.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norms = [max(float((a**2).sum()) ** 0.5, 1e-300) for a in g]
            g = [a * min(1.0, max_norm / norm) for a, norm in zip(g, norms, strict=True)]
            moves = [momentum * m + rate * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def always_rescales(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """You bring every gradient to the length max_norm, short ones too. Clipping only shortens:
        the factor is at most 1.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * max_norm / norm
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def has_no_momentum(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """Your steps know nothing of those before them: momentum times the last step is missing
        from each. With it, steps in one direction add up.
        """
        losses, rows = [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            parameters = [p - f * a for p, a in zip(parameters, g, strict=True)]
        return parameters, losses

    def takes_a_moving_average(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """You multiply the fresh gradient by 1 − momentum, as Adam does. Here it counts in full:
        your steps are ten times too short.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = (1 - momentum) * rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def clips_the_whole_step(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """You clip what momentum has piled up, so no step is longer than the first. Clip the fresh
        gradient, then add it to momentum times the last step.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            moves = [momentum * m + a for m, a in zip(moves, g, strict=True)]
            norm = float(sum((m**2).sum() for m in moves)) ** 0.5
            moves = [m * min(1.0, max_norm / norm) for m in moves]
            parameters = [p - rate * m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def notes_the_loss_too_late(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """Your losses are those after each step. The first one should be that of the parameters as
        they were handed in.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for step in range(steps + 1):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            if step == steps:
                break
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses[1:]

    def trains_the_readout_only(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """Only your readout is trained. The weights of the layer have to move as well: backward
        gives their gradients.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            g = [*(0 * w for w in weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def climbs(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """You add the step to the parameters, so your loss grows. The gradient points uphill:
        subtract.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p + m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def promotes_to_float64(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """Your values are right, but float32 comes out as float64: np.sqrt returns a NumPy number,
        and times one of these a float32 array becomes float64. Use a Python float.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = np.sqrt(np.float64(sum((a**2).sum() for a in g)))
            f = rate * np.minimum(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            parameters = [p - m for p, m in zip(parameters, moves, strict=True)]
        return parameters, losses

    def trains_the_callers_arrays(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """You change the caller's parameters in place, by -=. Make new arrays: the start is needed
        again, to compare with.
        """
        moves, losses, rows = [0 * p for p in parameters], [], np.arange(len(labels))
        for _ in range(steps):
            *weights, w_hy, b_y = parameters
            h = forward(x, *weights)
            s = h[-1] @ w_hy.T + b_y
            s = s - s.max(axis=1, keepdims=True)
            logs = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
            losses.append(float(-logs[rows, labels].mean()))
            ds = np.exp(logs)
            ds[rows, labels] -= 1
            ds /= len(labels)
            dh = np.zeros_like(h)
            dh[-1] = ds @ w_hy
            g = [*backward(dh, x, *weights), ds.T @ h[-1], ds.sum(axis=0)]
            norm = float(sum((a**2).sum() for a in g)) ** 0.5
            f = rate * min(1.0, max_norm / norm)
            moves = [momentum * m + f * a for m, a in zip(moves, g, strict=True)]
            for p, m in zip(parameters, moves, strict=True):
                p -= m
        return parameters, losses
