"""Other right answers to Homework 6: each must earn full marks, however it is written.

The form is that of ``misconceptions.py``: a class stands for a question, a function in it is one
complete answer, and its docstring says what is different about it.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class token_log_probs:
    def lets_torch_unroll(tokens, weights):
        """The recurrence by nn.RNN, the loss by cross-entropy."""
        H, D = weights["W_xh"].shape
        rnn = nn.RNN(D, H, dtype=weights["E"].dtype)
        rnn.load_state_dict(
            {
                "weight_ih_l0": weights["W_xh"],
                "weight_hh_l0": weights["W_hh"],
                "bias_ih_l0": weights["b_h"],
                "bias_hh_l0": torch.zeros_like(weights["b_h"]),
            }
        )
        with torch.no_grad():
            states, _ = rnn(F.embedding(tokens[:-1], weights["E"]))
        scores = F.linear(states, weights["W_hy"], weights["b_y"])
        return -F.cross_entropy(scores.permute(1, 2, 0), tokens[1:].T, reduction="none").T

    def goes_column_by_column(tokens, weights):
        """One sequence after the other, and one token after the other."""
        E, W_xh, W_hh, b_h, W_hy, b_y = weights.values()
        result = torch.empty(len(tokens) - 1, tokens.shape[1], dtype=E.dtype)
        for b in range(tokens.shape[1]):
            state = torch.zeros(len(b_h), dtype=E.dtype)
            for t in range(len(tokens) - 1):
                state = torch.tanh(W_xh @ E[tokens[t, b]] + W_hh @ state + b_h)
                y = W_hy @ state + b_y
                result[t, b] = y[tokens[t + 1, b]] - torch.logsumexp(y, dim=0)
        return result

    def works_in_numpy(tokens, weights):
        """NumPy throughout, with the largest score subtracted by hand."""
        w = {name: tensor.numpy() for name, tensor in weights.items()}
        ids = tokens.numpy()
        projected = w["E"] @ w["W_xh"].T + w["b_h"]
        state = np.zeros((ids.shape[1], len(w["b_h"])), dtype=w["E"].dtype)
        rows = []
        for t in range(1, len(ids)):
            state = np.tanh(projected[ids[t - 1]] + state @ w["W_hh"].T)
            y = state @ w["W_hy"].T + w["b_y"]
            y = y - y.max(axis=1, keepdims=True)
            rows.append(y[np.arange(len(y)), ids[t]] - np.log(np.exp(y).sum(axis=1)))
        return torch.from_numpy(np.stack(rows))


class perplexity:
    def gathers(logits, tokens, padding):
        """Log-softmax, gather, and a mask for the padding."""
        log_probs = logits[:-1].log_softmax(dim=2).gather(2, tokens[1:].unsqueeze(2)).squeeze(2)
        real = tokens[1:] != padding
        return float(torch.exp(-log_probs[real].mean()))

    def counts_in_bits(logits, tokens, padding):
        """The mean number of bits, and 2 to the power of it."""
        import math

        losses = F.cross_entropy(logits[:-1].permute(0, 2, 1), tokens[1:], reduction="none")
        real = (tokens[1:] != padding).to(losses.dtype)
        return 2.0 ** ((losses * real).sum() / real.sum() / math.log(2)).item()

    def works_in_numpy(logits, tokens, padding):
        """NumPy, in float64."""
        y, targets = logits[:-1].double().numpy(), tokens[1:].numpy()
        y = y - y.max(axis=2, keepdims=True)
        own = np.take_along_axis(y, targets[:, :, None], axis=2)[:, :, 0]
        nats = np.log(np.exp(y).sum(axis=2)) - own
        return float(np.exp(nats[targets != padding].mean()))


class train_language_model:
    def writes_adam_by_hand(weights, batches, lr, max_norm, device):
        """Gradients by autograd.grad, clipping and Adam by their formulas."""
        model = load_language_model(weights).to(device)
        parameters = list(model.parameters())
        m, v = [torch.zeros_like(w) for w in parameters], [torch.zeros_like(w) for w in parameters]
        losses = []
        for t, tokens in enumerate(batches, start=1):
            tokens = tokens.to(device)
            log_probs = model(tokens)[:-1].log_softmax(dim=-1)
            loss = -log_probs.gather(2, tokens[1:, :, None]).mean()
            losses.append(float(loss))
            gradients = torch.autograd.grad(loss, parameters)
            norm = torch.cat([g.flatten() for g in gradients]).norm()
            with torch.no_grad():
                for i, (w, g) in enumerate(zip(parameters, gradients, strict=True)):
                    g = g * (max_norm / norm if norm > max_norm else 1)
                    m[i] = m[i] + 0.1 * (g - m[i])
                    v[i] = v[i] + 0.001 * (g * g - v[i])
                    w -= lr * (m[i] / (1 - 0.9**t)) / ((v[i] / (1 - 0.999**t)).sqrt() + 1e-8)
        return {name: w.detach().clone() for name, w in model.named_parameters()}, losses

    def calls_the_functional_model(weights, batches, lr, max_norm, device):
        """Leaves of its own, and the model as a function of them."""
        model = load_language_model(weights).to(device)
        leaves = {name: w.clone().to(device).requires_grad_(True) for name, w in weights.items()}
        optimizer = torch.optim.Adam(leaves.values(), lr=lr)
        losses = ()
        for batch in batches:
            tokens = batch.to(device)
            logits = torch.func.functional_call(model, leaves, (tokens,))
            loss = F.cross_entropy(logits[:-1].permute(0, 2, 1), tokens[1:])
            optimizer.zero_grad(set_to_none=False)
            loss.backward()
            nn.utils.clip_grad_norm_(list(leaves.values()), max_norm)
            losses = (*losses, loss.item())
            optimizer.step()
        return {name: w.detach() for name, w in leaves.items()}, list(losses)

    def reads_all_but_the_last(weights, batches, lr, max_norm, device):
        """The last token is a target only, so the model need not read it."""
        model = load_language_model(weights)
        model.to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr)
        losses = []
        for tokens in batches:
            inputs, targets = tokens[:-1].to(device), tokens[1:].to(device)
            loss = nn.CrossEntropyLoss()(
                model(inputs).reshape(-1, model.head.out_features), targets.reshape(-1)
            )
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
        return dict(model.named_parameters()), losses


class sample_next:
    def sorts(logits, temperature, k, rolls):
        """The threshold from a sort, the softmax by hand, and the draw by searchsorted."""
        best = logits.amax(dim=1, keepdim=True)
        if temperature == 0:
            weights = (logits == best).to(logits.dtype)
        else:
            weights = torch.exp((logits - best) / temperature)
        ordered = logits.sort(dim=1, descending=True).values
        weights = weights * (logits >= ordered[:, min(k, logits.shape[1]) - 1, None])
        probs = weights / weights.sum(dim=1, keepdim=True)
        ends = probs.double().cumsum(dim=1)
        ends = ends / ends[:, -1:]
        return probs, torch.searchsorted(ends, rolls[:, None], right=True)[:, 0]

    def goes_row_by_row(logits, temperature, k, rolls):
        """One text after the other, in NumPy."""
        rows, tokens = [], []
        for row, roll in zip(logits.numpy(), rolls.tolist(), strict=True):
            below = row - row.max()
            if temperature == 0:
                weights = (below == 0).astype(row.dtype)
            else:
                with np.errstate(all="ignore"):
                    weights = np.exp(below / row.dtype.type(temperature))
            if k < len(row):
                weights[row < np.partition(row, -k)[-k]] = 0
            rows.append(weights / weights.sum())
            token, end, last = 0, rows[-1][0], np.flatnonzero(weights)[-1]
            while roll >= end and token < last:
                token += 1
                end += rows[-1][token]
            tokens.append(token)
        return torch.from_numpy(np.stack(rows)), torch.tensor(tokens)

    def cuts_after_the_softmax(logits, temperature, k, rolls):
        """Temperature first, then cut and scale the probabilities; the limit as top-1."""
        y = logits - logits.amax(dim=1, keepdim=True)
        p = torch.ones_like(y) if temperature == 0 else (y / temperature).softmax(dim=1)
        k = 1 if temperature == 0 else min(k, y.shape[1])
        p = torch.where(y >= y.topk(k, dim=1).values[:, -1:], p, 0.0)
        probs = p / p.sum(dim=1, keepdim=True)
        ends = probs.cumsum(dim=1)
        lies_below = (ends > rolls[:, None]) | (ends == ends[:, -1:])
        return probs, lies_below.to(torch.uint8).argmax(dim=1)


class teacher_forcing_loss:
    def decodes_step_by_step(weights, source, target, padding):
        """One step at a time, always with the true token, and autograd.grad."""
        translator = load_translator(weights)
        state, logs = translator.encode(source), []
        for t in range(1, len(target)):
            logits, state = translator.decode(target[t - 1 : t], state)
            log_probs = logits[0].log_softmax(dim=1).gather(1, target[t][:, None])[:, 0]
            logs.append(log_probs[target[t] != padding])
        loss = -torch.cat(logs).mean()
        names, parameters = zip(*translator.named_parameters(), strict=True)
        gradients = torch.autograd.grad(loss, parameters)
        return float(loss), dict(zip(names, gradients, strict=True))

    def differentiates_a_function(weights, source, target, padding):
        """The loss as a pure function of the weights."""
        translator = load_translator(weights)

        def loss_of(leaves):
            embedded = F.embedding(source, leaves["embedding.weight"])
            encoder = {n[8:]: w for n, w in leaves.items() if n.startswith("encoder")}
            decoder = {n[8:]: w for n, w in leaves.items() if n.startswith("decoder")}
            call = torch.func.functional_call
            _, state = call(translator.encoder, encoder, (embedded,))
            read = F.embedding(target[:-1], leaves["embedding.weight"])
            states, _ = call(translator.decoder, decoder, (read, state))
            logits = F.linear(states, leaves["head.weight"], leaves["head.bias"])
            return F.cross_entropy(logits.permute(0, 2, 1), target[1:], ignore_index=padding)

        leaves = {name: w.clone().requires_grad_() for name, w in weights.items()}
        loss = loss_of(leaves)
        loss.backward()
        return loss.item(), {name: w.grad for name, w in leaves.items()}

    def reads_the_target_whole(weights, source, target, padding):
        """Decode all of the target, drop the last row, and weigh by a mask."""
        translator = load_translator(weights)
        logits = translator.decode(target, translator.encode(source))[0][:-1]
        losses = F.cross_entropy(logits.transpose(1, 2), target[1:], reduction="none")
        real = target[1:].ne(padding)
        loss = (losses * real).sum() / real.sum()
        translator.zero_grad()
        loss.backward()
        gradients = {}
        for name, parameter in translator.named_parameters():
            gradients[name] = parameter.grad.clone()
        return loss.tolist(), gradients


class greedy_decode:
    def counts_the_steps(step, state, begin, end, max_length):
        """A for loop with a break, and torch.where for what is finished."""
        batch = state.shape[0]
        tokens, done = torch.tensor([begin] * batch), torch.tensor([False] * batch)
        written = torch.full((max_length, batch), end)
        for t in range(max_length):
            logits, state = step(tokens, state)
            tokens = torch.where(done, end, logits.max(dim=1).indices)
            written[t] = tokens
            done = done | (tokens == end)
            if done.all():
                break
        return written[: t + 1]

    def keeps_lists(step, state, begin, end, max_length):
        """Plain lists, one for each column."""
        columns = [[] for _ in range(len(state))]
        last = [begin] * len(columns)
        while len(columns[0]) < max_length:
            logits, state = step(torch.tensor(last), state)
            for b, column in enumerate(columns):
                ended = bool(column) and column[-1] == end
                column.append(end if ended else int(np.argmax(logits[b].numpy())))
            last = [column[-1] for column in columns]
            if all(token == end for token in last):
                break
        return torch.tensor(columns).T.contiguous()

    def calls_itself(step, state, begin, end, max_length):
        """Recursion: one row, and then the rest."""

        def go_on(tokens, state, done, room):
            if room == 0 or done.all():
                return []
            logits, state = step(tokens, state)
            tokens = logits.argmax(1)
            tokens[done] = end
            return [tokens, *go_on(tokens, state, tokens == end, room - 1)]

        tokens = torch.zeros(len(state), dtype=torch.int64) + begin
        return torch.stack(go_on(tokens, state, tokens != tokens, max_length))


class train_autoencoder:
    def defines_a_class(images, hidden_size, code_size, epochs, batch_size, lr, seed, device):
        """A module with a forward of its own."""

        class Autoencoder(nn.Module):
            def __init__(self):
                super().__init__()
                D = images.shape[1]
                self.encoder = nn.Sequential(
                    nn.Linear(D, hidden_size), nn.ReLU(), nn.Linear(hidden_size, code_size)
                )
                self.decoder = nn.Sequential(
                    nn.Linear(code_size, hidden_size),
                    nn.ReLU(),
                    nn.Linear(hidden_size, D),
                    nn.Sigmoid(),
                )

            def forward(self, x):
                return self.decoder(self.encoder(x))

        torch.manual_seed(seed)
        model = Autoencoder().to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        pixels = images.to(device)
        for _ in range(epochs):
            order = torch.randperm(len(pixels))
            for start in range(0, len(pixels), batch_size):
                batch = pixels[order[start : start + batch_size].to(device)]
                loss = ((model(batch) - batch) ** 2).mean()
                model.zero_grad()
                loss.backward()
                optimizer.step()
        return model.to("cpu").eval()

    def uses_a_data_loader(images, hidden_size, code_size, epochs, batch_size, lr, seed, device):
        """Batches by torch.utils.data."""
        from collections import OrderedDict

        torch.manual_seed(seed)
        D = images.shape[1]
        wide, narrow = nn.Linear(D, hidden_size), nn.Linear(hidden_size, code_size)
        back, out = nn.Linear(code_size, hidden_size), nn.Linear(hidden_size, D)
        parts = {
            "encoder": nn.Sequential(wide, nn.ReLU(), narrow),
            "decoder": nn.Sequential(back, nn.ReLU(), out, nn.Sigmoid()),
        }
        model = nn.Sequential(OrderedDict(parts)).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        loader = torch.utils.data.DataLoader(images, batch_size=batch_size, shuffle=True)
        for _ in range(epochs):
            for batch in loader:
                x = batch.to(device)
                optimizer.zero_grad()
                nn.MSELoss()(model(x), x).backward()
                optimizer.step()
        model.eval()
        return model.cpu()

    def writes_the_layers_out(images, hidden_size, code_size, epochs, batch_size, lr, seed, device):
        """Functions for the bends, and methods for the parts."""

        class Autoencoder(nn.Module):
            def __init__(self, D, H, C):
                super().__init__()
                self.one, self.two = nn.Linear(D, H), nn.Linear(H, C)
                self.three, self.four = nn.Linear(C, H), nn.Linear(H, D)

            def encoder(self, x):
                return self.two(torch.relu(self.one(x)))

            def decoder(self, z):
                return torch.sigmoid(self.four(torch.relu(self.three(z))))

            def forward(self, x):
                return self.decoder(self.encoder(x))

        torch.manual_seed(seed)
        model = Autoencoder(images.shape[1], hidden_size, code_size)
        model.to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(epochs):
            for places in torch.randperm(len(images)).split(batch_size):
                batch = images[places].to(device)
                F.mse_loss(model(batch), batch).backward()
                optimizer.step()
                optimizer.zero_grad()
        return model.cpu().train(False)


class flag_anomalies:
    def uses_a_norm(images, reconstructions, normal_scores, false_alarms):
        """Squared norms, and the threshold by topk."""
        scores = torch.linalg.vector_norm(images - reconstructions, dim=1) ** 2 / images.shape[1]
        allowed = int(false_alarms * len(normal_scores) // 1)
        threshold = normal_scores.topk(allowed + 1).values[-1]
        return scores, torch.gt(scores, threshold)

    def counts_for_each_candidate(images, reconstructions, normal_scores, false_alarms):
        """The definition word by word: for each normal score, how many are larger."""
        scores = torch.stack(
            [F.mse_loss(x, y) for x, y in zip(images, reconstructions, strict=True)]
        )
        larger = (normal_scores[None, :] > normal_scores[:, None]).sum(dim=1)
        good = normal_scores[larger <= false_alarms * len(normal_scores)]
        return scores, scores > good.min()

    def counts_for_each_image(images, reconstructions, normal_scores, false_alarms):
        """Sort, and find each score's place in the order; NumPy for the sum."""
        off = images.numpy() - reconstructions.numpy()
        scores = torch.from_numpy((off * off).mean(axis=1))
        ordered = np.sort(normal_scores.numpy())
        threshold = ordered[len(ordered) - 1 - int(np.floor(false_alarms * len(ordered)))]
        return scores, torch.from_numpy(scores.numpy() > threshold)


class transfer:
    def computes_the_features_once(weights, images, labels, n_classes, mode, steps, lr, device):
        """Fixed features need no second pass through the network."""
        if mode != "fine_tune" and mode != "fixed_features":
            raise ValueError(f"there are the modes fine_tune and fixed_features, not {mode}")
        net = load_digit_net(weights).to(device)
        head = nn.Linear(64, n_classes).to(device, images.dtype)
        head.weight.data.zero_()
        head.bias.data.zero_()
        net.head = head
        x, y = images.to(device), labels.to(device)
        if mode == "fixed_features":
            net.eval()
            with torch.no_grad():
                features = net.features(x)
            optimizer = torch.optim.SGD(head.parameters(), lr=lr)
            forward = lambda: head(features)  # noqa: E731
        else:
            net.train()
            optimizer = torch.optim.SGD(net.parameters(), lr=lr)
            forward = lambda: net(x)  # noqa: E731
        for _ in range(steps):
            loss = F.cross_entropy(forward(), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return {name: tensor.detach() for name, tensor in net.state_dict().items()}

    def puts_zeros_into_the_weights(weights, images, labels, n_classes, mode, steps, lr, device):
        """The new head is put among the weights before the network is made."""
        modes = {"fine_tune": False, "fixed_features": True}
        if mode not in modes:
            raise ValueError(f"mode: one of {list(modes)}, not {mode!r}")
        zeros = weights["head.weight"].new_zeros(n_classes, 65)
        net = load_digit_net({**weights, "head.weight": zeros[:, :64], "head.bias": zeros[:, 64]})
        net.to(device)
        net.features.train(not modes[mode])
        learns = net.head if modes[mode] else net
        for _ in range(steps):
            loss = F.cross_entropy(net(images.to(device)), labels.to(device))
            gradients = torch.autograd.grad(loss, list(learns.parameters()))
            with torch.no_grad():
                for parameter, gradient in zip(learns.parameters(), gradients, strict=True):
                    parameter -= lr * gradient
        return net.state_dict()

    def keeps_the_optimizer_away(weights, images, labels, n_classes, mode, steps, lr, device):
        """Freezes by a learning rate of zero and by evaluation mode."""
        match mode:
            case "fine_tune":
                rate, training = lr, True
            case "fixed_features":
                rate, training = 0.0, False
            case _:
                raise ValueError("mode must be fine_tune or fixed_features")
        net = load_digit_net(weights)
        net.head = nn.Linear(64, n_classes, dtype=weights["head.bias"].dtype)
        with torch.no_grad():
            for parameter in net.head.parameters():
                parameter.fill_(0)
        net = net.to(device)
        net.features.train(training)
        groups = [
            {"params": net.features.parameters(), "lr": rate},
            {"params": net.head.parameters()},
        ]
        optimizer = torch.optim.SGD(groups, lr=lr)
        images, labels = images.to(device), labels.to(device)
        for _ in range(steps):
            optimizer.zero_grad()
            log_probs = net(images).log_softmax(dim=1)
            F.nll_loss(log_probs, labels).backward()
            optimizer.step()
        return dict(net.state_dict())
