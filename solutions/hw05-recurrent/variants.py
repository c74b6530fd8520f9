"""Other right answers to Homework 5: each must earn full marks, however it is written.

The form is that of ``misconceptions.py``: a class stands for a question, a function in it is one
complete answer, and its docstring says what is different about it.
"""

import numpy as np


class elman_step:
    def stacks_the_weights(x, h, w_xh, w_hh, b_h):
        """Input and state side by side, and one product with both weight matrices."""
        both = np.concatenate([w_xh, w_hh], axis=1)
        return np.tanh(np.concatenate([x, h], axis=1) @ both.T + b_h)

    def contracts_by_einsum(x, h, w_xh, w_hh, b_h):
        """Both products as sums over named indices."""
        return np.tanh(np.einsum("bd,hd->bh", x, w_xh) + np.einsum("bk,hk->bh", h, w_hh) + b_h)

    def goes_unit_by_unit(x, h, w_xh, w_hh, b_h):
        """Loops over sequences and units."""
        new = np.empty_like(h)
        for n in range(len(h)):
            for i in range(len(b_h)):
                new[n, i] = np.tanh(w_xh[i] @ x[n] + w_hh[i] @ h[n] + b_h[i])
        return new

    def keeps_columns(x, h, w_xh, w_hh, b_h):
        """The formula as it stands, with sequences as columns."""
        return np.tanh(w_xh @ x.T + w_hh @ h.T + b_h[:, None]).T


class elman_forward:
    def appends_to_a_list(x, h0, w_xh, w_hh, b_h):
        """The cell step by step, its states collected in a list."""
        states = []
        for x_t in x:
            h0 = np.tanh(x_t @ w_xh.T + h0 @ w_hh.T + b_h)
            states.append(h0)
        return np.stack(states)

    def stacks_the_weights(x, h0, w_xh, w_hh, b_h):
        """One product per step, of input and state side by side."""
        both = np.concatenate([w_xh, w_hh], axis=1).T
        h = np.zeros((len(x), *h0.shape), dtype=x.dtype)
        for t in range(len(x)):
            before = h[t - 1] if t else h0
            h[t] = np.tanh(np.concatenate([x[t], before], axis=1) @ both + b_h)
        return h

    def contracts_by_einsum(x, h0, w_xh, w_hh, b_h):
        """All input products first, as one einsum; then a recurrence of einsums."""
        h = np.einsum("tbd,hd->tbh", x, w_xh)
        for t in range(len(h)):
            h[t] += np.einsum("bk,hk->bh", h[t - 1] if t else h0, w_hh) + b_h
            np.tanh(h[t], out=h[t])
        return h

    def keeps_columns(x, h0, w_xh, w_hh, b_h):
        """Sequences as columns all the way, turned back at the end."""
        z, state, states = np.matmul(w_xh, x.swapaxes(1, 2)), h0.T, []
        for z_t in z:
            state = np.tanh(z_t + w_hh @ state + b_h.reshape(-1, 1))
            states.append(state.T)
        return np.array(states)

    def recurs(x, h0, w_xh, w_hh, b_h):
        """The first step, and then the function itself on the rest."""

        def run(x, state):
            if len(x) == 0:
                return []
            state = np.tanh(x[0] @ w_xh.T + state @ w_hh.T + b_h)
            return [state, *run(x[1:], state)]

        return np.stack(run(x, h0))


class elman_backward:
    def adds_up_step_by_step(dh, x, h0, h, w_xh, w_hh):
        """Everything in the loop, each step adding to the weights' gradients."""
        dx, carried = np.zeros_like(x), np.zeros_like(h0)
        dw_xh, dw_hh = np.zeros_like(w_xh), np.zeros_like(w_hh)
        db_h = np.zeros(len(w_hh), dtype=w_hh.dtype)
        for t in range(len(h) - 1, -1, -1):
            dz = (dh[t] + carried) * (1 + h[t]) * (1 - h[t])
            dx[t] = dz @ w_xh
            carried = dz @ w_hh
            dw_xh += dz.T @ x[t]
            dw_hh += dz.T @ (h0 if t == 0 else h[t - 1])
            db_h += dz.sum(axis=0)
        return dx, carried, dw_xh, dw_hh, db_h

    def writes_outer_products(dh, x, h0, h, w_xh, w_hh):
        """Sequence by sequence, with columns and outer products as in the formulas."""
        dx, dh0 = np.zeros_like(x), np.zeros_like(h0)
        dw_xh, dw_hh, db_h = np.zeros_like(w_xh), np.zeros_like(w_hh), np.zeros_like(w_hh[0])
        for n in range(len(h0)):
            dz_next = np.zeros_like(h0[n])
            for t in reversed(range(len(h))):
                dz = (dh[t, n] + w_hh.T @ dz_next) * (1 - h[t, n] * h[t, n])
                dx[t, n] = w_xh.T @ dz
                dw_xh += np.outer(dz, x[t, n])
                dw_hh += np.outer(dz, h[t - 1, n] if t else h0[n])
                db_h += dz
                dz_next = dz
            dh0[n] = w_hh.T @ dz_next
        return dx, dh0, dw_xh, dw_hh, db_h

    def flattens_at_the_end(dh, x, h0, h, w_xh, w_hh):
        """Only dz in the loop; steps and sequences as one long axis for the rest."""
        slopes, dz, later = 1 - np.square(h), [], 0
        for t in range(1, len(h) + 1):
            dz.insert(0, slopes[-t] * (dh[-t] + later))
            later = dz[0] @ w_hh
        dz = np.stack(dz)
        flat = dz.reshape(-1, h.shape[2])
        before = np.concatenate([h0[None], h])[:-1].reshape(flat.shape)
        dw_xh = flat.T @ x.reshape(len(flat), -1)
        return dz @ w_xh, later, dw_xh, flat.T @ before, np.ones(len(flat), flat.dtype) @ flat

    def sends_from_each_step(dh, x, h0, h, w_xh, w_hh):
        """What each step's dh sends to all earlier steps, one source after another."""
        dz, dh0 = np.zeros_like(h), np.zeros_like(h0)
        for source in range(len(h)):
            arriving = dh[source]
            for t in range(source, -1, -1):
                here = arriving * (1 - h[t] ** 2)
                dz[t] += here
                arriving = here @ w_hh
            dh0 += arriving
        before = np.concatenate([h0[None], h[:-1]])
        dw_xh = np.tensordot(dz, x, axes=([0, 1], [0, 1]))
        dw_hh = np.tensordot(dz, before, axes=([0, 1], [0, 1]))
        return dz @ w_xh, dh0, dw_xh, dw_hh, dz.sum(axis=1).sum(axis=0)


class clip_by_norm:
    def calls_hypot(gradients, max_norm):
        """math.hypot of all numbers, which knows how to avoid overflow."""
        import math

        norm = math.hypot(*(float(number) for g in gradients for number in g.ravel()))
        factor = max_norm / norm if norm > max_norm else 1.0
        return [g * factor for g in gradients], norm

    def shortens_step_by_step(gradients, max_norm):
        """The norm of the arrays' norms, each computed relative to its own largest entry."""

        def length(array):
            top = float(np.max(np.abs(array)))
            return top * float(np.linalg.norm((array / top).ravel())) if top else 0.0

        norm = length(np.array([length(g) for g in gradients]))
        if norm <= max_norm:
            return [g.copy() for g in gradients], norm
        return [(g / norm * max_norm).astype(g.dtype) for g in gradients], norm

    def scales_one_long_vector(gradients, max_norm):
        """All gradients as one vector, cut up again at the end."""
        flat = np.concatenate([g.ravel() for g in gradients])
        top = abs(flat).max().item()
        norm = top * float(np.sqrt(np.square(flat / top).sum())) if top > 0 else 0.0
        if norm > max_norm:
            flat = flat * (max_norm / norm)
        ends = np.cumsum([g.size for g in gradients])[:-1]
        pieces = np.split(flat, ends)
        return [p.reshape(g.shape) for p, g in zip(pieces, gradients, strict=True)], norm


class bidirectional_forward:
    def flips_by_name(x, forwards, backwards):
        """np.flip along the time axis, and dstack."""
        turned = np.flip(backwards(np.flip(x, axis=0).copy()), axis=0)
        return np.dstack([forwards(x), turned])

    def fills_an_array(x, forwards, backwards):
        """An empty array whose two halves are filled step by step."""
        a, h = forwards(x), backwards(np.array([x[-1 - t] for t in range(len(x))]))
        width = a.shape[2]
        y = np.empty((*x.shape[:2], width + h.shape[2]), dtype=a.dtype)
        y[:, :, :width] = a
        for t in range(len(x)):
            y[t, :, width:] = h[len(x) - 1 - t]
        return y

    def appends_step_by_step(x, forwards, backwards):
        """Pairs of states about the same step, put side by side one after another."""
        pairs = zip(forwards(x), reversed(backwards(x[::-1].copy())), strict=True)
        return np.stack([np.concatenate(pair, axis=1) for pair in pairs])


class stacked_bidirectional_forward:
    def puts_the_one_in_front(x, w_1, w_f, w_2, w_b):
        """Outputs with their 1 as arrays that are handed on, from [1, 0, …, 0]."""

        def run(read, w_in, w_back):
            last = np.zeros((read.shape[1], 1 + len(w_in)), dtype=read.dtype)
            last[:, 0] = 1
            outputs = []
            for step in read:
                states = np.tanh(step @ w_in.T + last @ w_back.T)
                last = np.concatenate([np.ones_like(states[:, :1]), states], axis=1)
                outputs.append(last)
            return np.stack(outputs)

        o_1 = run(x, w_1, w_f)
        return o_1, run(o_1[::-1], w_2, w_b)[::-1]

    def takes_the_biases_apart(x, w_1, w_f, w_2, w_b):
        """Two Elman layers with ordinary biases; the ones are added at the end."""
        h = np.zeros((x.shape[1], len(w_1)), dtype=x.dtype)
        first, second = [], []
        for x_t in x:
            h = np.tanh(x_t @ w_1.T + h @ w_f[:, 1:].T + w_f[:, 0])
            first.append(h)
        k = np.zeros((x.shape[1], len(w_2)), dtype=x.dtype)
        for h in first[::-1]:
            k = np.tanh(h @ w_2[:, 1:].T + k @ w_b[:, 1:].T + (w_2[:, 0] + w_b[:, 0]))
            second.insert(0, k)
        ones = np.ones((*x.shape[:2], 1), dtype=x.dtype)
        return tuple(np.concatenate([ones, np.stack(each)], axis=2) for each in (first, second))

    def goes_sequence_by_sequence(x, w_1, w_f, w_2, w_b):
        """The equations as they stand, one vector at a time."""
        T, B, _ = x.shape
        o_1 = np.zeros((T + 1, B, 1 + len(w_1)), dtype=x.dtype)  # the last row is at rest
        o_2 = np.zeros((T + 1, B, 1 + len(w_2)), dtype=x.dtype)
        o_1[:, :, 0] = o_2[:, :, 0] = 1
        for n in range(B):
            for t in range(T):
                o_1[t, n, 1:] = np.tanh(w_1 @ x[t, n] + w_f @ o_1[t - 1, n])
            for t in range(T - 1, -1, -1):
                o_2[t, n, 1:] = np.tanh(w_2 @ o_1[t, n] + w_b @ o_2[t + 1, n])
        return o_1[:T], o_2[:T]


class lstm_step:
    def writes_the_textbook_sigmoid(x, h, c, w_ih, w_hh, b):
        """1 / (1 + exp(−z)), which may warn at −1000 and is right all the same."""
        z = x @ w_ih.T + h @ w_hh.T + b
        H = h.shape[1]
        s = 1 / (1 + np.exp(-z))
        g = np.tanh(z[:, 2 * H : 3 * H])
        c = s[:, H : 2 * H] * c + s[:, :H] * g
        return s[:, 3 * H :] * np.tanh(c), c

    def reshapes_the_gates(x, h, c, w_ih, w_hh, b):
        """The gates as an axis of their own, and a sigmoid that looks at the sign."""
        z = (np.einsum("bd,kd->bk", x, w_ih) + np.einsum("bh,kh->bk", h, w_hh) + b).reshape(
            len(x), 4, -1
        )
        e = np.exp(-np.abs(z))
        i, f, _, o = np.where(z >= 0, 1 / (1 + e), e / (1 + e)).transpose(1, 0, 2)
        new = f * c + i * np.tanh(z[:, 2])
        return o * np.tanh(new), new

    def takes_gates_one_by_one(x, h, c, w_ih, w_hh, b):
        """Four pairs of weights, one gate after another, with clipped exponents."""
        H = c.shape[1]

        def gate(k):
            rows = slice(k * H, (k + 1) * H)
            return np.dot(x, w_ih[rows].T) + np.dot(h, w_hh[rows].T) + b[rows]

        def sigmoid(z):
            return 1 / (1 + np.exp(-np.clip(z, -80, 80)))

        new = sigmoid(gate(1)) * c + sigmoid(gate(0)) * np.tanh(gate(2))
        return sigmoid(gate(3)) * np.tanh(new), new

    def goes_unit_by_unit(x, h, c, w_ih, w_hh, b):
        """Loops over sequences and units."""
        new_h, new_c, H = np.empty_like(h), np.empty_like(c), c.shape[1]
        for n in range(len(x)):
            for j in range(H):
                z = [w_ih[k] @ x[n] + w_hh[k] @ h[n] + b[k] for k in range(j, 4 * H, H)]
                i, f, o = ((np.tanh(z[k] / 2) + 1) / 2 for k in (0, 1, 3))
                new_c[n, j] = f * c[n, j] + i * np.tanh(z[2])
                new_h[n, j] = o * np.tanh(new_c[n, j])
        return new_h, new_c


class lstm_step_backward:
    def fills_the_rows(dh, dc, x, h, c, w_ih, w_hh, b):
        """One array for dz, filled block by block, with the textbook sigmoid."""
        H = c.shape[1]
        z = x @ w_ih.T + h @ w_hh.T + b
        s = 1 / (1 + np.exp(-z))
        slopes = s * (1 - s)
        i, f, o = s[:, :H], s[:, H : 2 * H], s[:, 3 * H :]
        g = np.tanh(z[:, 2 * H : 3 * H])
        slopes[:, 2 * H : 3 * H] = 1 - g * g
        tanh_c = np.tanh(f * c + i * g)
        dcell = dh * o * (1 - tanh_c**2)
        dcell += dc
        dz = np.empty_like(z)
        dz[:, :H] = dcell * g
        dz[:, H : 2 * H] = dcell * c
        dz[:, 2 * H : 3 * H] = dcell * i
        dz[:, 3 * H :] = dh * tanh_c
        dz *= slopes
        dw_ih, dw_hh = np.einsum("bk,bd->kd", dz, x), np.einsum("bk,bh->kh", dz, h)
        return dz @ w_ih, dz @ w_hh, dcell * f, dw_ih, dw_hh, dz.sum(axis=0)

    def differentiates_the_tanh_form(dh, dc, x, h, c, w_ih, w_hh, b):
        """σ(z) = (1 + t) / 2 with t = tanh(z/2) has the slope (1 − t²) / 4."""
        z = np.split(np.hstack([x, h]) @ np.hstack([w_ih, w_hh]).T + b, 4, axis=1)
        t = [np.tanh(z[k] if k == 2 else z[k] / 2) for k in range(4)]
        i, f, g, o = (t[k] if k == 2 else (1 + t[k]) / 2 for k in range(4))
        slopes = [(1 - t[k] * t[k]) / (1 if k == 2 else 4) for k in range(4)]
        shown = np.tanh(f * c + i * g)
        delta = dc + dh * o - dh * o * shown * shown
        factors = delta * g, delta * c, delta * i, dh * shown
        dz = np.hstack([factor * slope for factor, slope in zip(factors, slopes, strict=True)])
        back = dz @ np.hstack([w_ih, w_hh])
        weights = dz.T @ np.hstack([x, h])
        D = x.shape[1]
        return back[:, :D], back[:, D:], f * delta, weights[:, :D], weights[:, D:], dz.sum(0)

    def goes_sequence_by_sequence(dh, dc, x, h, c, w_ih, w_hh, b):
        """One sequence at a time, with columns and outer products as in the formulas."""
        H = c.shape[1]
        dx, dh_before, dc_before = np.zeros_like(x), np.zeros_like(h), np.zeros_like(c)
        dw_ih, dw_hh, db = np.zeros_like(w_ih), np.zeros_like(w_hh), np.zeros_like(b)
        for n in range(len(x)):
            z = (w_ih @ x[n] + w_hh @ h[n] + b).reshape(4, H)
            i, f, o = ((np.tanh(z[k] / 2) + 1) / 2 for k in (0, 1, 3))
            g = np.tanh(z[2])
            shown = np.tanh(f * c[n] + i * g)
            delta = dc[n] + dh[n] * o * (1 - shown**2)
            rows = [
                delta * g * (i - i * i),
                delta * c[n] * (f - f * f),
                delta * i * (1 - g * g),
                dh[n] * shown * (o - o * o),
            ]
            dz = np.concatenate(rows)
            dx[n], dh_before[n], dc_before[n] = w_ih.T @ dz, w_hh.T @ dz, delta * f
            dw_ih += np.outer(dz, x[n])
            dw_hh += np.outer(dz, h[n])
            db += dz
        return dx, dh_before, dc_before, dw_ih, dw_hh, db


class gru_step:
    def writes_the_textbook_sigmoid(x, h, w_ih, w_hh, b_ih, b_hh):
        """1 / (1 + exp(−z)), which may warn at −1000 and is right all the same."""
        H = h.shape[1]
        a, q = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        gates = 1 / (1 + np.exp(-(a + q)[:, : 2 * H]))
        r, z = gates[:, :H], gates[:, H:]
        n = np.tanh(a[:, 2 * H :] + r * q[:, 2 * H :])
        return n + z * (h - n)

    def takes_gates_one_by_one(x, h, w_ih, w_hh, b_ih, b_hh):
        """Three pairs of weights, one gate after another."""

        def sigmoid(z):
            e = np.exp(-abs(z))
            return np.where(z > 0, 1, e) / (1 + e)

        W_r, W_z, W_n = np.split(w_ih, 3)
        U_r, U_z, U_n = np.split(w_hh, 3)
        b_r, b_z, b_n = np.split(b_ih, 3)
        c_r, c_z, c_n = np.split(b_hh, 3)
        r = sigmoid(x @ W_r.T + b_r + h @ U_r.T + c_r)
        z = sigmoid(x @ W_z.T + b_z + h @ U_z.T + c_z)
        n = np.tanh(x @ W_n.T + b_n + r * (h @ U_n.T + c_n))
        return (1 - z) * n + z * h

    def goes_unit_by_unit(x, h, w_ih, w_hh, b_ih, b_hh):
        """Loops over sequences and units."""
        new, H = np.empty_like(h), h.shape[1]
        for k in range(len(x)):
            a, q = w_ih @ x[k] + b_ih, w_hh @ h[k] + b_hh
            for j in range(H):
                r = (np.tanh((a[j] + q[j]) / 2) + 1) / 2
                z = (np.tanh((a[H + j] + q[H + j]) / 2) + 1) / 2
                n = np.tanh(a[2 * H + j] + r * q[2 * H + j])
                new[k, j] = (1 - z) * n + z * h[k, j]
        return new


class train_recall:
    def keeps_a_velocity(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """The rate is applied to the velocity, not to the gradient; one-hot by np.eye."""
        current = [p.copy() for p in parameters]
        velocity = [np.zeros_like(p) for p in parameters]
        history = []
        for _ in range(steps):
            weights, w_hy, b_y = current[:-2], current[-2], current[-1]
            states = forward(x, *weights)
            last = states[-1]
            s = last @ w_hy.T + b_y
            top = s.max(axis=1, keepdims=True)
            lse = top + np.log(np.sum(np.exp(s - top), axis=1, keepdims=True))
            right = np.eye(len(b_y), dtype=s.dtype)[labels]
            history.append(float(np.mean(lse[:, 0] - (right * s).sum(axis=1))))
            ds = (np.exp(s - lse) - right) / len(x[0])
            dh = np.zeros_like(states)
            dh[-1] += ds @ w_hy
            grads = [*backward(dh, x, *weights), ds.T @ last, ds.sum(axis=0)]
            norm = float(np.linalg.norm(np.concatenate([g.ravel() for g in grads])))
            shorter = max_norm / norm if norm > max_norm else 1.0
            for k, g in enumerate(grads):
                velocity[k] = momentum * velocity[k] + shorter * g
                current[k] = current[k] - rate * velocity[k]
        return current, history

    def works_in_one_vector(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """All parameters as one long vector, cut up where their shapes are needed."""
        shapes = [p.shape for p in parameters]
        ends = np.cumsum([p.size for p in parameters])[:-1]
        theta = np.concatenate([p.ravel() for p in parameters])
        delta, losses = np.zeros_like(theta), []

        def cut(vector):
            return [a.reshape(s) for a, s in zip(np.split(vector, ends), shapes, strict=True)]

        for _ in range(steps):
            *weights, w_hy, b_y = cut(theta)
            h = forward(x, *weights)
            scores = np.einsum("bh,kh->bk", h[-1], w_hy) + b_y
            gaps = scores - scores[np.arange(len(labels)), labels][:, None]
            top = gaps.max(axis=1)
            each = top + np.log(np.exp(gaps - top[:, None]).sum(axis=1))
            losses.append(sum(each.tolist()) / len(labels))
            ds = np.exp(gaps - each[:, None])
            ds[np.arange(len(labels)), labels] -= 1
            ds /= len(labels)
            dh = np.concatenate([np.zeros_like(h[:-1]), (ds @ w_hy)[None]])
            pieces = [*backward(dh, x, *weights), np.einsum("bk,bh->kh", ds, h[-1]), ds.sum(0)]
            g = np.concatenate([piece.ravel() for piece in pieces])
            g = g * min(1.0, max_norm / float(np.sqrt(g @ g)))
            delta = momentum * delta + rate * g
            theta = theta - delta
        return cut(theta), losses

    def goes_sequence_by_sequence(
        forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
    ):
        """The readout and its loss one sequence at a time, and parameters looked up by number."""
        P = list(parameters)
        moves = [p * 0 for p in P]
        losses = []
        for _ in range(steps):
            h = forward(x, *P[:-2])
            dh, dw, db, loss = np.zeros_like(h), np.zeros_like(P[-2]), np.zeros_like(P[-1]), 0.0
            for n, label in enumerate(labels):
                s = P[-2] @ h[-1, n] + P[-1]
                s = s - s.max()
                log_total = np.log(np.exp(s).sum())
                loss -= float(s[label] - log_total) / len(labels)
                ds = np.exp(s - log_total)
                ds[label] -= 1
                ds = ds / len(labels)
                dw += np.outer(ds, h[-1, n])
                db += ds
                dh[-1, n] = P[-2].T @ ds
            losses.append(loss)
            G = [*backward(dh, x, *P[:-2]), dw, db]
            norm = sum(float(np.vdot(g, g)) for g in G) ** 0.5
            if norm > max_norm:
                G = [g * (max_norm / norm) for g in G]
            for k in range(len(P)):
                moves[k] = momentum * moves[k] + rate * G[k]
                P[k] = P[k] - moves[k]
        return P, losses
