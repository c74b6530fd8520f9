"""Wrong answers that students really give to Homework 6, and what to tell whoever gave one.

A class stands for a question and is named as the function that the question asks for. Each function
in it is one complete answer; its docstring is the sentence to its author. The grader reads this
file as text and never runs it. Answers use what the notebook's locked cells define.
"""

import torch
import torch.nn.functional as F
from torch import nn


class token_log_probs:
    def looks_at_the_answer(tokens, weights):
        """You let the network read w_t when it is to predict w_t. That is a tagger, not a language
        model: its probabilities of all ways to go on do not add up to 1. Feed tokens[t − 1].
        """
        state, rows = torch.zeros_like(weights["b_h"]), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t]]
            state = torch.tanh(x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"])
            log_probs = torch.log_softmax(state @ weights["W_hy"].T + weights["b_y"], dim=1)
            rows.append(log_probs.gather(1, tokens[t][:, None])[:, 0])
        return torch.stack(rows)

    def scores_what_it_read(tokens, weights):
        """You return the log-probability of the token that was just read, where the one that comes
        next is asked for: after reading tokens[t − 1], look up tokens[t].
        """
        state, rows = torch.zeros_like(weights["b_h"]), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t - 1]]
            state = torch.tanh(x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"])
            log_probs = torch.log_softmax(state @ weights["W_hy"].T + weights["b_y"], dim=1)
            rows.append(log_probs.gather(1, tokens[t - 1][:, None])[:, 0])
        return torch.stack(rows)

    def forgets_the_state(tokens, weights):
        """Your states come from the last token alone, so this is a bigram model in disguise. Add
        the state of the step before, times W_hh, inside the tanh.
        """
        x = weights["E"][tokens[:-1]]
        states = torch.tanh(x @ weights["W_xh"].T + weights["b_h"])
        log_probs = torch.log_softmax(states @ weights["W_hy"].T + weights["b_y"], dim=2)
        return log_probs.gather(2, tokens[1:, :, None])[:, :, 0]

    def returns_raw_scores(tokens, weights):
        """You return the score y of each token itself. Scores become log-probabilities by the
        softmax: subtract the logarithm of the sum of all exponentials.
        """
        state, rows = torch.zeros_like(weights["b_h"]), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t - 1]]
            state = torch.tanh(x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"])
            scores = state @ weights["W_hy"].T + weights["b_y"]
            rows.append(scores.gather(1, tokens[t][:, None])[:, 0])
        return torch.stack(rows)

    def takes_the_log_of_a_softmax(tokens, weights):
        """Your softmax rounds a very small probability to 0, and its logarithm is then minus
        infinity: use torch.log_softmax, which never forms the probability.
        """
        state, rows = torch.zeros_like(weights["b_h"]), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t - 1]]
            state = torch.tanh(x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"])
            probs = torch.softmax(state @ weights["W_hy"].T + weights["b_y"], dim=1)
            rows.append(probs.gather(1, tokens[t][:, None])[:, 0].log())
        return torch.stack(rows)

    def overflows(tokens, weights):
        """You take exp of the scores as they are, which overflows for scores near 1000. Subtract
        the largest score of each row first, or use torch.log_softmax.
        """
        state, rows = torch.zeros_like(weights["b_h"]), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t - 1]]
            state = torch.tanh(x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"])
            scores = state @ weights["W_hy"].T + weights["b_y"]
            own = scores.gather(1, tokens[t][:, None])[:, 0]
            rows.append(own - scores.exp().sum(dim=1).log())
        return torch.stack(rows)

    def compares_the_sequences(tokens, weights):
        """Your softmax runs over the batch (dim 0), so sequences compete with one another. It
        belongs over the V tokens, within each sequence.
        """
        state, rows = torch.zeros_like(weights["b_h"]), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t - 1]]
            state = torch.tanh(x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"])
            log_probs = torch.log_softmax(state @ weights["W_hy"].T + weights["b_y"], dim=0)
            rows.append(log_probs.gather(1, tokens[t][:, None])[:, 0])
        return torch.stack(rows)

    def forgets_the_tanh(tokens, weights):
        """Your network is linear: the state lacks its tanh, which belongs around the whole sum of
        input, old state and bias.
        """
        state, rows = torch.zeros_like(weights["b_h"]), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t - 1]]
            state = x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"]
            log_probs = torch.log_softmax(state @ weights["W_hy"].T + weights["b_y"], dim=1)
            rows.append(log_probs.gather(1, tokens[t][:, None])[:, 0])
        return torch.stack(rows)

    def squashes_on_the_way_out_only(tokens, weights):
        """You hand the sum on to the next step before tanh, and squash it only for the output.
        The state that is carried on is h_t itself, after tanh.
        """
        total, rows = torch.zeros_like(weights["b_h"]), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t - 1]]
            total = x @ weights["W_xh"].T + total @ weights["W_hh"].T + weights["b_h"]
            scores = torch.tanh(total) @ weights["W_hy"].T + weights["b_y"]
            log_probs = torch.log_softmax(scores, dim=1)
            rows.append(log_probs.gather(1, tokens[t][:, None])[:, 0])
        return torch.stack(rows)

    def answers_before_it_reads(tokens, weights):
        """You compute y_t from the state of the step before, so that the prediction lags behind by
        one token. First update the state, then compute y_t from it.
        """
        state, rows = weights["b_h"].new_zeros(tokens.shape[1], len(weights["b_h"])), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t - 1]]
            log_probs = torch.log_softmax(state @ weights["W_hy"].T + weights["b_y"], dim=1)
            state = torch.tanh(x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"])
            rows.append(log_probs.gather(1, tokens[t][:, None])[:, 0])
        return torch.stack(rows)

    def forgets_the_output_bias(tokens, weights):
        """Your scores lack b_y, which says how frequent each token is whatever came before: y_t is
        W_hy h_t plus b_y.
        """
        state, rows = torch.zeros_like(weights["b_h"]), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t - 1]]
            state = torch.tanh(x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"])
            log_probs = torch.log_softmax(state @ weights["W_hy"].T, dim=1)
            rows.append(log_probs.gather(1, tokens[t][:, None])[:, 0])
        return torch.stack(rows)

    def works_in_float32(tokens, weights):
        """You compute in float32 whatever the weights are. Make new tensors in the dtype of the
        weights, for instance by torch.zeros_like.
        """
        weights = {name: tensor.float() for name, tensor in weights.items()}
        state, rows = torch.zeros_like(weights["b_h"]), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t - 1]]
            state = torch.tanh(x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"])
            log_probs = torch.log_softmax(state @ weights["W_hy"].T + weights["b_y"], dim=1)
            rows.append(log_probs.gather(1, tokens[t][:, None])[:, 0])
        return torch.stack(rows)

    def gives_running_totals(tokens, weights):
        """You add the log-probabilities up along the way. Row t − 1 should hold that of w_t alone;
        their sum over time is the sequence's, but it is not asked for here.
        """
        state, rows = torch.zeros_like(weights["b_h"]), []
        for t in range(1, len(tokens)):
            x = weights["E"][tokens[t - 1]]
            state = torch.tanh(x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"])
            log_probs = torch.log_softmax(state @ weights["W_hy"].T + weights["b_y"], dim=1)
            rows.append(log_probs.gather(1, tokens[t][:, None])[:, 0])
        return torch.stack(rows).cumsum(dim=0)


class perplexity:
    def forgets_the_shift(logits, tokens, padding):
        """You hold row t against the token that it has just read. Row t is about what comes next:
        compare logits[:-1] with tokens[1:].
        """
        loss = F.cross_entropy(logits.flatten(0, 1), tokens.flatten(), ignore_index=padding)
        return loss.exp().item()

    def shifts_the_wrong_way(logits, tokens, padding):
        """You shift in the wrong direction: row t is about tokens[t + 1], so the last row of the
        logits and the first of the tokens drop out, not the other way round.
        """
        scores, targets = logits[1:].flatten(0, 1), tokens[:-1].flatten()
        return F.cross_entropy(scores, targets, ignore_index=padding).exp().item()

    def counts_the_padding(logits, tokens, padding):
        """You take padding for text. Leave out every place whose target is the padding token, in
        the sum and in the number that you divide by.
        """
        scores, targets = logits[:-1].flatten(0, 1), tokens[1:].flatten()
        return F.cross_entropy(scores, targets).exp().item()

    def masks_the_inputs(logits, tokens, padding):
        """You leave out places whose *input* is padding. It is the target that matters: the first
        padding after a text is a target too, and is still counted in your sum.
        """
        scores, targets = logits[:-1].flatten(0, 1), tokens[1:].flatten()
        losses = F.cross_entropy(scores, targets, reduction="none")
        return losses[tokens[:-1].flatten() != padding].mean().exp().item()

    def divides_by_all_places(logits, tokens, padding):
        """You leave padding out of the sum, but not out of the number that you divide by: padding
        then looks like text that was foretold perfectly.
        """
        scores, targets = logits[:-1].flatten(0, 1), tokens[1:].flatten()
        total = F.cross_entropy(scores, targets, ignore_index=padding, reduction="sum")
        return (total / targets.numel()).exp().item()

    def averages_perplexities(logits, tokens, padding):
        """You average the perplexities of the texts. Perplexity is one number for the whole batch:
        the mean is taken of the logarithms, and exp comes last.
        """
        losses = F.cross_entropy(logits[:-1].transpose(1, 2), tokens[1:], reduction="none")
        real = (tokens[1:] != padding).to(logits.dtype)
        return ((losses * real).sum(dim=0) / real.sum(dim=0)).exp().mean().item()

    def averages_text_by_text(logits, tokens, padding):
        """You take the mean within each text first, and then over the texts, so that a token of a
        short text weighs more. Sum over all tokens of the batch, then divide by their number.
        """
        losses = F.cross_entropy(logits[:-1].transpose(1, 2), tokens[1:], reduction="none")
        real = (tokens[1:] != padding).to(logits.dtype)
        return ((losses * real).sum(dim=0) / real.sum(dim=0)).mean().exp().item()

    def forgets_the_exponential(logits, tokens, padding):
        """You return the mean negative log-probability, which is the loss. Perplexity is e to the
        power of it.
        """
        scores, targets = logits[:-1].flatten(0, 1), tokens[1:].flatten()
        return F.cross_entropy(scores, targets, ignore_index=padding).item()

    def mixes_the_bases(logits, tokens, padding):
        """You raise 2 to a mean of natural logarithms. Either take both in base e, or both in
        base 2; mixed, the result means nothing.
        """
        scores, targets = logits[:-1].flatten(0, 1), tokens[1:].flatten()
        return 2 ** F.cross_entropy(scores, targets, ignore_index=padding).item()

    def takes_the_softmax_twice(logits, tokens, padding):
        """You hand probabilities to F.cross_entropy, which takes the softmax itself: it expects
        the logits as they are.
        """
        scores, targets = logits[:-1].flatten(0, 1).softmax(dim=1), tokens[1:].flatten()
        return F.cross_entropy(scores, targets, ignore_index=padding).exp().item()

    def multiplies_probabilities(logits, tokens, padding):
        """You multiply the probabilities before you take the root. For a text of a few hundred
        tokens the product is rounded to 0: add up logarithms instead.
        """
        probs = logits[:-1].softmax(dim=2).gather(2, tokens[1:, :, None])[:, :, 0]
        real = tokens[1:] != padding
        return float(probs[real].prod().numpy() ** (-1 / real.sum().item()))

    def loops_over_tokens(logits, tokens, padding):
        """Your number is right, but you take the tokens one by one, in Python. Hand all of them to
        torch in one call: that is more than ten times as fast.
        """
        losses = []
        for t in range(1, len(tokens)):
            for b in range(tokens.shape[1]):
                if tokens[t, b] != padding:
                    losses.append(F.cross_entropy(logits[t - 1, b], tokens[t, b]))
        return torch.stack(losses).mean().exp().item()

    def takes_zero_for_padding(logits, tokens, padding):
        """You leave out token 0, whatever the argument padding says. Compare the targets with it:
        in another vocabulary, 0 is a letter.
        """
        scores, targets = logits[:-1].flatten(0, 1), tokens[1:].flatten()
        return F.cross_entropy(scores, targets, ignore_index=0).exp().item()


class train_language_model:
    def never_clears_the_gradients(weights, batches, lr, max_norm, device):
        """You never set the gradients to zero, so each step follows the sum of all gradients so
        far: call optimizer.zero_grad() before backward().
        """
        model = load_language_model(weights).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for batch in batches:
            tokens = batch.to(device)
            loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            losses.append(loss.item())
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
        return dict(model.state_dict()), losses

    def clips_after_the_step(weights, batches, lr, max_norm, device):
        """You clip when the step has been taken already, which changes nothing: clipping belongs
        between backward() and step().
        """
        model = load_language_model(weights).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for batch in batches:
            tokens = batch.to(device)
            loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        return dict(model.state_dict()), losses

    def clips_each_number(weights, batches, lr, max_norm, device):
        """You cut each entry of the gradient at max_norm, which turns its direction. Clipping
        scales the whole gradient, so that it gets shorter and still points the same way.
        """
        model = load_language_model(weights).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for batch in batches:
            tokens = batch.to(device)
            loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_value_(model.parameters(), max_norm)
            optimizer.step()
        return dict(model.state_dict()), losses

    def clips_each_parameter(weights, batches, lr, max_norm, device):
        """You clip each parameter's gradient by itself. The norm is that of the whole gradient:
        hand all parameters to clip_grad_norm_ in one call.
        """
        model = load_language_model(weights).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for batch in batches:
            tokens = batch.to(device)
            loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            for parameter in model.parameters():
                nn.utils.clip_grad_norm_([parameter], max_norm)
            optimizer.step()
        return dict(model.state_dict()), losses

    def stretches_short_gradients(weights, batches, lr, max_norm, device):
        """You scale every gradient to the length max_norm, short ones too. Clipping only shortens:
        a gradient below max_norm stays as it is.
        """
        model = load_language_model(weights).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for batch in batches:
            tokens = batch.to(device)
            loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            norm = torch.stack([w.grad.norm() for w in model.parameters()]).norm()
            for parameter in model.parameters():
                parameter.grad *= max_norm / norm
            optimizer.step()
        return dict(model.state_dict()), losses

    def makes_an_optimizer_each_time(weights, batches, lr, max_norm, device):
        """You make a new optimizer for each batch, and Adam's running means start from nothing
        again. Make one before the loop.
        """
        model = load_language_model(weights).to(device)
        losses = []
        for batch in batches:
            optimizer = torch.optim.Adam(model.parameters(), lr=lr)
            tokens = batch.to(device)
            loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
        return dict(model.state_dict()), losses

    def forgets_the_shift(weights, batches, lr, max_norm, device):
        """You train the model to repeat the token that it has just read. The target of row t is
        tokens[t + 1]: compare logits[:-1] with tokens[1:].
        """
        model = load_language_model(weights).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for batch in batches:
            tokens = batch.to(device)
            loss = F.cross_entropy(model(tokens).flatten(0, 1), tokens.flatten())
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
        return dict(model.state_dict()), losses

    def adds_the_losses_up(weights, batches, lr, max_norm, device):
        """You sum over the predictions, so that a larger batch has a larger loss and gradient. The
        loss is their mean.
        """
        model = load_language_model(weights).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for batch in batches:
            tokens = batch.to(device)
            scores, targets = model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten()
            loss = F.cross_entropy(scores, targets, reduction="sum")
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
        return dict(model.state_dict()), losses

    def notes_the_loss_too_late(weights, batches, lr, max_norm, device):
        """You note the loss of a batch after the step that was made for it, which flatters the
        model: it has just seen that batch. Note it before.
        """
        model = load_language_model(weights).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for batch in batches:
            tokens = batch.to(device)
            loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            after = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            losses.append(after.item())
        return dict(model.state_dict()), losses

    def works_in_float32(weights, batches, lr, max_norm, device):
        """You turn the model to float32 whatever the weights are. load_language_model has made it
        in their dtype: leave it there.
        """
        model = load_language_model(weights).float().to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for batch in batches:
            tokens = batch.to(device)
            loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
        return dict(model.state_dict()), losses

    def changes_what_it_was_given(weights, batches, lr, max_norm, device):
        """You train the very tensors that you were given, so the caller's starting point is lost.
        load_language_model copies them: train that copy.
        """
        model = load_language_model(weights)
        model.load_state_dict(weights, assign=True)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for tokens in batches:
            loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
        return dict(model.state_dict()), losses

    def learns_from_the_first_batch_only(weights, batches, lr, max_norm, device):
        """You take every step on batch 0. The model then knows that batch by heart, and nothing of
        the text: take them one after the other.
        """
        model = load_language_model(weights).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for _ in batches:
            tokens = batches[0].to(device)
            loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
        return dict(model.state_dict()), losses

    def hands_back_the_start(weights, batches, lr, max_norm, device):
        """You return the weights that you were given. The trained ones are in the model, which has
        a copy of its own: return model.state_dict().
        """
        model = load_language_model(weights).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        losses = []
        for batch in batches:
            tokens = batch.to(device)
            loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
        return weights, losses


class sample_next:
    def multiplies_by_the_temperature(logits, temperature, k, rolls):
        """You multiply the logits by the temperature, so that a high one makes your text timid.
        Divide by it.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k, y.shape[1]), dim=1).values[:, -1:]
        scaled = y * temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        probs = scaled.masked_fill(y < kth, -torch.inf).softmax(dim=1)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] >= ends).sum(dim=1)

    def divides_the_probabilities(logits, temperature, k, rolls):
        """You divide the probabilities by the temperature and scale them to 1 again, which cancels
        out. It is the logits that are divided, before the softmax.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k, y.shape[1]), dim=1).values[:, -1:]
        if temperature == 0:
            y = y.masked_fill(y < 0, -torch.inf)
        p = y.masked_fill(y < kth, -torch.inf).softmax(dim=1) / max(temperature, 1e-300)
        probs = p / p.sum(dim=1, keepdim=True)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] >= ends).sum(dim=1)

    def leaves_out_by_a_zero(logits, temperature, k, rolls):
        """You give the tokens that are left out the logit 0, and exp(0) is 1: they may become the
        most probable of all. Give them minus infinity.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k, y.shape[1]), dim=1).values[:, -1:]
        scaled = y / temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        probs = scaled.masked_fill(y < kth, 0).softmax(dim=1)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] >= ends).sum(dim=1)

    def forgets_to_rescale(logits, temperature, k, rolls):
        """You cut tokens away after the softmax and leave the others as they are: your
        probabilities no longer sum to 1. Divide by what is left.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k, y.shape[1]), dim=1).values[:, -1:]
        scaled = y / temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        probs = scaled.softmax(dim=1).masked_fill(y < kth, 0)
        return probs, (rolls[:, None] >= probs.cumsum(dim=1)).sum(dim=1).clamp(max=y.shape[1] - 1)

    def breaks_ties_by_chance(logits, temperature, k, rolls):
        """You keep exactly k tokens, and which of several equal ones those are is left to topk.
        All tokens whose logit equals the k-th largest are kept.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kept = y.topk(min(k, y.shape[1]), dim=1).indices
        scaled = y / temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        mask = torch.full_like(y, -torch.inf).scatter(1, kept, 0.0)
        probs = (scaled + mask).softmax(dim=1)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] >= ends).sum(dim=1)

    def keeps_one_too_few(logits, temperature, k, rolls):
        """You keep what lies strictly above the k-th largest logit, which leaves out the k-th
        itself. Only what lies below it goes.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        n = min(k, y.shape[1])
        kth = y.topk(n, dim=1).values[:, -1:]
        scaled = y / temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        gone = (y <= kth) & (y < 0) & (n < y.shape[1])
        probs = scaled.masked_fill(gone, -torch.inf).softmax(dim=1)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] >= ends).sum(dim=1)

    def keeps_one_too_many(logits, temperature, k, rolls):
        """You keep k + 1 tokens: the k-th largest stands at index k − 1, since counting starts at
        0.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k + 1, y.shape[1]), dim=1).values[:, -1:]
        scaled = y / temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        probs = scaled.masked_fill(y < kth, -torch.inf).softmax(dim=1)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] >= ends).sum(dim=1)

    def ranks_the_whole_batch(logits, temperature, k, rolls):
        """You use one threshold for all texts of the batch. Each row has a k-th largest logit of
        its own: take it along dim 1, and keep that axis.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k, y.shape[1]), dim=1).values[:, -1].max()
        scaled = y / temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        probs = scaled.masked_fill(y < kth, -torch.inf).softmax(dim=1)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] >= ends).sum(dim=1)

    def divides_by_zero(logits, temperature, k, rolls):
        """You divide by the temperature even if it is 0, and get NaN. Temperature 0 stands for the
        limit: all probability to the largest logit.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k, y.shape[1]), dim=1).values[:, -1:]
        probs = (y / temperature).masked_fill(y < kth, -torch.inf).softmax(dim=1)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] >= ends).sum(dim=1)

    def overflows(logits, temperature, k, rolls):
        """You divide the logits as they are by a tiny temperature, and get infinities, whose
        difference is NaN. Subtract the largest logit of each row first.
        """
        kth = logits.topk(min(k, logits.shape[1]), dim=1).values[:, -1:]
        if temperature == 0:
            best = (logits == logits.max(dim=1, keepdim=True).values).to(logits.dtype)
            probs = best / best.sum(dim=1, keepdim=True)
        else:
            scaled = (logits / temperature).masked_fill(logits < kth, -torch.inf)
            probs = scaled.softmax(dim=1)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] >= ends).sum(dim=1)

    def lets_the_first_win(logits, temperature, k, rolls):
        """At temperature 0 you give everything to the first of several equal maxima. In the limit
        they share the probability equally.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k, y.shape[1]), dim=1).values[:, -1:]
        if temperature < 1e-20:
            probs = F.one_hot(y.argmax(dim=1), y.shape[1]).to(y.dtype)
        else:
            probs = (y / temperature).masked_fill(y < kth, -torch.inf).softmax(dim=1)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] >= ends).sum(dim=1)

    def takes_the_most_probable(logits, temperature, k, rolls):
        """You always take the most probable token, so that temperature and top-k change nothing
        in your text. Let the roll decide.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k, y.shape[1]), dim=1).values[:, -1:]
        scaled = y / temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        probs = scaled.masked_fill(y < kth, -torch.inf).softmax(dim=1)
        return probs, probs.argmax(dim=1)

    def draws_before_it_filters(logits, temperature, k, rolls):
        """You draw from the model's own distribution, and apply temperature and top-k only to what
        you return: draw from the changed one.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k, y.shape[1]), dim=1).values[:, -1:]
        scaled = y / temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        probs = scaled.masked_fill(y < kth, -torch.inf).softmax(dim=1)
        return probs, (rolls[:, None] >= y.softmax(dim=1).cumsum(dim=1)).sum(dim=1)

    def returns_the_rank(logits, temperature, k, rolls):
        """You sort the probabilities before you draw and return the place in that order, not the
        token. Lay them out in the order of the tokens.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k, y.shape[1]), dim=1).values[:, -1:]
        scaled = y / temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        probs = scaled.masked_fill(y < kth, -torch.inf).softmax(dim=1)
        ordered = probs.sort(dim=1, descending=True).values
        return probs, (rolls[:, None] >= ordered.cumsum(dim=1)).sum(dim=1)

    def gives_the_border_to_the_left(logits, temperature, k, rolls):
        """You give a roll on the border of two pieces to the left one, so that a roll of 0 may draw
        a token of probability 0. A piece includes its left end and excludes its right one.
        """
        y = logits - logits.max(dim=1, keepdim=True).values
        kth = y.topk(min(k, y.shape[1]), dim=1).values[:, -1:]
        scaled = y / temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        probs = scaled.masked_fill(y < kth, -torch.inf).softmax(dim=1)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] > ends).sum(dim=1)

    def overwrites_the_logits(logits, temperature, k, rolls):
        """You write minus infinity into the logits that you were given, which the caller still
        needs: work on a new tensor, for instance by masked_fill.
        """
        kth = logits.topk(min(k, logits.shape[1]), dim=1).values[:, -1:]
        logits[logits < kth] = -torch.inf
        y = logits - logits.max(dim=1, keepdim=True).values
        scaled = y / temperature if temperature else y.masked_fill(y < 0, -torch.inf)
        probs = scaled.softmax(dim=1)
        ends = probs.cumsum(dim=1)
        ends = ends.masked_fill(ends == ends[:, -1:], 1)
        return probs, (rolls[:, None] >= ends).sum(dim=1)


class teacher_forcing_loss:
    def feeds_its_own_guesses(weights, source, target, padding):
        """You feed the decoder what it would have said itself. Under teacher forcing it is fed the
        true tokens of the target, whatever it would have said.
        """
        model = load_translator(weights)
        tokens, state, rows = target[:1], model.encode(source), []
        for _ in range(len(target) - 1):
            logits, state = model.decode(tokens, state)
            tokens = logits.argmax(dim=2)
            rows.append(logits)
        scores = torch.cat(rows).flatten(0, 1)
        loss = F.cross_entropy(scores, target[1:].flatten(), ignore_index=padding)
        loss.backward()
        return loss.item(), {name: w.grad for name, w in model.named_parameters()}

    def shows_the_answer(weights, source, target, padding):
        """You let the decoder read w_t when it is to predict w_t: it will learn to copy, and know
        nothing when it runs freely. It reads target[:-1] and predicts target[1:].
        """
        model = load_translator(weights)
        logits, _ = model.decode(target[1:], model.encode(source))
        loss = F.cross_entropy(logits.flatten(0, 1), target[1:].flatten(), ignore_index=padding)
        loss.backward()
        return loss.item(), {name: w.grad for name, w in model.named_parameters()}

    def forgets_the_shift(weights, source, target, padding):
        """You hold each row of logits against the token that was just read. Row t is about the
        next one: compare with target[1:].
        """
        model = load_translator(weights)
        logits, _ = model.decode(target[:-1], model.encode(source))
        losses = F.cross_entropy(logits.flatten(0, 1), target[:-1].flatten(), reduction="none")
        loss = losses[target[1:].flatten() != padding].mean()
        loss.backward()
        return loss.item(), {name: w.grad for name, w in model.named_parameters()}

    def cuts_the_encoder_off(weights, source, target, padding):
        """Your encoder gets no gradient from the loss, because you detached its state (or ran it
        under no_grad). Then it never learns what to tell the decoder.
        """
        model = load_translator(weights)
        logits, _ = model.decode(target[:-1], model.encode(source).detach())
        loss = F.cross_entropy(logits.flatten(0, 1), target[1:].flatten(), ignore_index=padding)
        loss.backward()
        zeros = {name: torch.zeros_like(w) for name, w in model.named_parameters()}
        grads = {n: w.grad for n, w in model.named_parameters() if w.grad is not None}
        return loss.item(), {**zeros, **grads}

    def ignores_the_source(weights, source, target, padding):
        """Your decoder starts from zeros and knows nothing of the source: it should start from the
        state that the encoder hands on.
        """
        model = load_translator(weights)
        state = torch.zeros_like(model.encode(source))
        logits, _ = model.decode(target[:-1], state)
        loss = F.cross_entropy(logits.flatten(0, 1), target[1:].flatten(), ignore_index=padding)
        loss.backward()
        zeros = {name: torch.zeros_like(w) for name, w in model.named_parameters()}
        grads = {n: w.grad for n, w in model.named_parameters() if w.grad is not None}
        return loss.item(), {**zeros, **grads}

    def starts_anew_at_each_token(weights, source, target, padding):
        """You decode each token from the encoder's state, so the decoder forgets all but the last
        token. Its own state has to be handed on from step to step.
        """
        model = load_translator(weights)
        state = model.encode(source)
        rows = [model.decode(tokens[None], state)[0] for tokens in target[:-1]]
        scores = torch.cat(rows).flatten(0, 1)
        loss = F.cross_entropy(scores, target[1:].flatten(), ignore_index=padding)
        loss.backward()
        return loss.item(), {name: w.grad for name, w in model.named_parameters()}

    def counts_the_padding(weights, source, target, padding):
        """You count padding as a part of the target, so that the decoder learns above all to write
        padding. Leave out every place whose target is padding.
        """
        model = load_translator(weights)
        logits, _ = model.decode(target[:-1], model.encode(source))
        loss = F.cross_entropy(logits.flatten(0, 1), target[1:].flatten())
        loss.backward()
        return loss.item(), {name: w.grad for name, w in model.named_parameters()}

    def masks_the_inputs(weights, source, target, padding):
        """You leave out places whose *input* is padding, but it is the target that matters: the
        first padding after a target's end is still counted.
        """
        model = load_translator(weights)
        logits, _ = model.decode(target[:-1], model.encode(source))
        losses = F.cross_entropy(logits.flatten(0, 1), target[1:].flatten(), reduction="none")
        loss = losses[target[:-1].flatten() != padding].mean()
        loss.backward()
        return loss.item(), {name: w.grad for name, w in model.named_parameters()}

    def averages_pair_by_pair(weights, source, target, padding):
        """You take the mean within each column first, so tokens of short targets weigh more. The
        mean runs over all tokens of the batch that are not padding.
        """
        model = load_translator(weights)
        logits, _ = model.decode(target[:-1], model.encode(source))
        losses = F.cross_entropy(logits.transpose(1, 2), target[1:], reduction="none")
        real = (target[1:] != padding).to(losses.dtype)
        loss = ((losses * real).sum(dim=0) / real.sum(dim=0)).mean()
        loss.backward()
        return loss.item(), {name: w.grad for name, w in model.named_parameters()}

    def adds_the_losses_up(weights, source, target, padding):
        """You add up over the tokens, so that long targets and large batches have large losses.
        Divide by the number of tokens that are not padding.
        """
        model = load_translator(weights)
        logits, _ = model.decode(target[:-1], model.encode(source))
        scores, targets = logits.flatten(0, 1), target[1:].flatten()
        loss = F.cross_entropy(scores, targets, ignore_index=padding, reduction="sum")
        loss.backward()
        return loss.item(), {name: w.grad for name, w in model.named_parameters()}

    def differentiates_something_else(weights, source, target, padding):
        """Your loss is the mean, but your gradient is that of the sum over all tokens: call
        backward() on the very tensor whose number you return.
        """
        model = load_translator(weights)
        logits, _ = model.decode(target[:-1], model.encode(source))
        scores, targets = logits.flatten(0, 1), target[1:].flatten()
        loss = F.cross_entropy(scores, targets, ignore_index=padding)
        F.cross_entropy(scores, targets, ignore_index=padding, reduction="sum").backward()
        return loss.item(), {name: w.grad for name, w in model.named_parameters()}

    def reads_the_source_backwards(weights, source, target, padding):
        """You feed the source to the encoder from its end to its start. Some systems do so on
        purpose, but here the tokens are read in the order in which they come.
        """
        model = load_translator(weights)
        logits, _ = model.decode(target[:-1], model.encode(source.flip(0)))
        loss = F.cross_entropy(logits.flatten(0, 1), target[1:].flatten(), ignore_index=padding)
        loss.backward()
        return loss.item(), {name: w.grad for name, w in model.named_parameters()}

    def works_in_float32(weights, source, target, padding):
        """You turn the model to float32 whatever the weights are. load_translator has made it in
        their dtype: leave it there.
        """
        model = load_translator(weights).float()
        logits, _ = model.decode(target[:-1], model.encode(source))
        loss = F.cross_entropy(logits.flatten(0, 1), target[1:].flatten(), ignore_index=padding)
        loss.backward()
        return loss.item(), {name: w.grad for name, w in model.named_parameters()}


class greedy_decode:
    def writes_the_begin(step, state, begin, end, max_length):
        """You return the begin token as the first row. It is only what the decoder reads first:
        return what it writes.
        """
        tokens = torch.full((len(state),), begin)
        finished = torch.zeros(len(state), dtype=torch.bool)
        rows = [tokens]
        while len(rows) <= max_length and not finished.all():
            logits, state = step(tokens, state)
            tokens = logits.argmax(dim=1).masked_fill(finished, end)
            finished = tokens == end
            rows.append(tokens)
        return torch.stack(rows)

    def always_reads_the_begin(step, state, begin, end, max_length):
        """You feed the begin token at every step. After the first step the decoder reads the token
        that it has just written.
        """
        first = torch.full((len(state),), begin)
        finished = torch.zeros(len(state), dtype=torch.bool)
        rows = []
        while len(rows) < max_length and not finished.all():
            logits, state = step(first, state)
            tokens = logits.argmax(dim=1).masked_fill(finished, end)
            finished = tokens == end
            rows.append(tokens)
        return torch.stack(rows)

    def never_hands_the_state_on(step, state, begin, end, max_length):
        """You start every step from the first state, so the decoder forgets what it has written.
        Hand the state that step returns to the next call.
        """
        tokens = torch.full((len(state),), begin)
        finished = torch.zeros(len(state), dtype=torch.bool)
        rows = []
        while len(rows) < max_length and not finished.all():
            logits, _ = step(tokens, state)
            tokens = logits.argmax(dim=1).masked_fill(finished, end)
            finished = tokens == end
            rows.append(tokens)
        return torch.stack(rows)

    def stops_at_the_first_end(step, state, begin, end, max_length):
        """You stop as soon as one column has ended and cut the others off. Go on until all of them
        have ended.
        """
        tokens = torch.full((len(state),), begin)
        finished = torch.zeros(len(state), dtype=torch.bool)
        rows = []
        while len(rows) < max_length and not finished.any():
            logits, state = step(tokens, state)
            tokens = logits.argmax(dim=1)
            finished = tokens == end
            rows.append(tokens)
        return torch.stack(rows)

    def writes_on_after_the_end(step, state, begin, end, max_length):
        """Your columns go on after their end with whatever the decoder says. From its end on, a
        column holds the end token and nothing else.
        """
        tokens = torch.full((len(state),), begin)
        finished = torch.zeros(len(state), dtype=torch.bool)
        rows = []
        while len(rows) < max_length and not finished.all():
            logits, state = step(tokens, state)
            tokens = logits.argmax(dim=1)
            finished = finished | (tokens == end)
            rows.append(tokens)
        return torch.stack(rows)

    def waits_for_a_common_end(step, state, begin, end, max_length):
        """You stop only when all columns write their end in the very same step. Remember which
        have ended before.
        """
        tokens = torch.full((len(state),), begin)
        rows = []
        while len(rows) < max_length and not (tokens == end).all():
            logits, state = step(tokens, state)
            tokens = logits.argmax(dim=1)
            rows.append(tokens)
        return torch.stack(rows)

    def never_stops(step, state, begin, end, max_length):
        """You always write max_length tokens. When all columns have ended there is nothing left to
        say: stop there.
        """
        tokens = torch.full((len(state),), begin)
        finished = torch.zeros(len(state), dtype=torch.bool)
        rows = []
        for _ in range(max_length):
            logits, state = step(tokens, state)
            tokens = logits.argmax(dim=1).masked_fill(finished, end)
            finished = tokens == end
            rows.append(tokens)
        return torch.stack(rows)

    def fills_up_with_zeros(step, state, begin, end, max_length):
        """You fill finished columns up with zeros. The question asks for the end token, whichever
        number that is.
        """
        tokens = torch.full((len(state),), begin)
        finished = torch.zeros(len(state), dtype=torch.bool)
        rows = []
        while len(rows) < max_length and not finished.all():
            logits, state = step(tokens, state)
            tokens = logits.argmax(dim=1).masked_fill(finished, 0)
            finished = finished | (tokens == end)
            rows.append(tokens)
        return torch.stack(rows)

    def leaves_the_end_out(step, state, begin, end, max_length):
        """You drop the row in which the last column ends. The end token is written like any other:
        it says that the sequence is complete.
        """
        tokens = torch.full((len(state),), begin)
        finished = torch.zeros(len(state), dtype=torch.bool)
        rows = []
        while len(rows) < max_length:
            logits, state = step(tokens, state)
            tokens = logits.argmax(dim=1).masked_fill(finished, end)
            finished = tokens == end
            if finished.all():
                break
            rows.append(tokens)
        return torch.stack(rows) if rows else torch.zeros(0, len(state), dtype=torch.int64)

    def writes_one_too_many(step, state, begin, end, max_length):
        """You write max_length + 1 tokens before you give up: check the length before you write
        the next one, and begin does not count.
        """
        tokens = torch.full((len(state),), begin)
        finished = torch.zeros(len(state), dtype=torch.bool)
        rows = []
        while len(rows) <= max_length and not finished.all():
            logits, state = step(tokens, state)
            tokens = logits.argmax(dim=1).masked_fill(finished, end)
            finished = tokens == end
            rows.append(tokens)
        return torch.stack(rows)

    def asks_once_too_often(step, state, begin, end, max_length):
        """You call step for the next token before you know whether one is needed, and throw the
        last answer away. That costs a pass through the network each time.
        """
        finished = torch.zeros(len(state), dtype=torch.bool)
        logits, state = step(torch.full((len(state),), begin), state)
        rows = []
        while len(rows) < max_length and not finished.all():
            tokens = logits.argmax(dim=1).masked_fill(finished, end)
            finished = tokens == end
            rows.append(tokens)
            logits, state = step(tokens, state)
        return torch.stack(rows)

    def puts_the_batch_first(step, state, begin, end, max_length):
        """You return (B, L). Sequences are stored time first in this course: row t holds the t-th
        token of every column, (L, B).
        """
        tokens = torch.full((len(state),), begin)
        finished = torch.zeros(len(state), dtype=torch.bool)
        rows = []
        while len(rows) < max_length and not finished.all():
            logits, state = step(tokens, state)
            tokens = logits.argmax(dim=1).masked_fill(finished, end)
            finished = tokens == end
            rows.append(tokens)
        return torch.stack(rows, dim=1)

    def takes_the_last_of_equals(step, state, begin, end, max_length):
        """Of several equal logits you take the last. The one with the smallest index is asked for,
        as argmax gives it.
        """
        tokens = torch.full((len(state),), begin)
        finished = torch.zeros(len(state), dtype=torch.bool)
        rows = []
        while len(rows) < max_length and not finished.all():
            logits, state = step(tokens, state)
            best = logits.shape[1] - 1 - logits.flip(1).argmax(dim=1)
            tokens = best.masked_fill(finished, end)
            finished = tokens == end
            rows.append(tokens)
        return torch.stack(rows)


class train_autoencoder:
    def forgets_the_sigmoid(images, hidden_size, code_size, epochs, batch_size, lr, seed, device):
        """Your decoder ends with a linear layer, so its pixels may be negative or exceed 1. Put a
        sigmoid at its end.
        """
        torch.manual_seed(seed)
        D, H, C = images.shape[1], hidden_size, code_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, C))
        model.decoder = nn.Sequential(nn.Linear(C, H), nn.ReLU(), nn.Linear(H, D))
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(epochs):
            for batch in images[torch.randperm(len(images))].split(batch_size):
                optimizer.zero_grad()
                F.mse_loss(model(batch), batch).backward()
                optimizer.step()
        return model.eval()

    def forgets_the_relu(images, hidden_size, code_size, epochs, batch_size, lr, seed, device):
        """Your encoder is a product of two linear layers, which is one linear layer: that is PCA
        the long way round. Put a ReLU after each hidden layer.
        """
        torch.manual_seed(seed)
        D, H, C = images.shape[1], hidden_size, code_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, H), nn.Linear(H, C))
        model.decoder = nn.Sequential(nn.Linear(C, H), nn.Linear(H, D), nn.Sigmoid())
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(epochs):
            for batch in images[torch.randperm(len(images))].split(batch_size):
                optimizer.zero_grad()
                F.mse_loss(model(batch), batch).backward()
                optimizer.step()
        return model.eval()

    def squashes_the_code(images, hidden_size, code_size, epochs, batch_size, lr, seed, device):
        """You put a ReLU behind the code as well, so it loses all that is negative, and units that
        are negative for all images are dead. The code itself is linear.
        """
        torch.manual_seed(seed)
        D, H, C = images.shape[1], hidden_size, code_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, C), nn.ReLU())
        model.decoder = nn.Sequential(nn.Linear(C, H), nn.ReLU(), nn.Linear(H, D), nn.Sigmoid())
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(epochs):
            for batch in images[torch.randperm(len(images))].split(batch_size):
                optimizer.zero_grad()
                F.mse_loss(model(batch), batch).backward()
                optimizer.step()
        return model.eval()

    def never_steps(images, hidden_size, code_size, epochs, batch_size, lr, seed, device):
        """You compute gradients and never use them: without optimizer.step() the network stays as
        it was made.
        """
        torch.manual_seed(seed)
        D, H, C = images.shape[1], hidden_size, code_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, C))
        model.decoder = nn.Sequential(nn.Linear(C, H), nn.ReLU(), nn.Linear(H, D), nn.Sigmoid())
        for _ in range(epochs):
            for batch in images[torch.randperm(len(images))].split(batch_size):
                F.mse_loss(model(batch), batch).backward()
        return model.eval()

    def takes_all_images_at_once(
        images, hidden_size, code_size, epochs, batch_size, lr, seed, device
    ):
        """You take one step per epoch, on all images at once. In batches of batch_size there are
        many steps per epoch, for the same work.
        """
        torch.manual_seed(seed)
        D, H, C = images.shape[1], hidden_size, code_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, C))
        model.decoder = nn.Sequential(nn.Linear(C, H), nn.ReLU(), nn.Linear(H, D), nn.Sigmoid())
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(epochs):
            optimizer.zero_grad()
            F.mse_loss(model(images), images).backward()
            optimizer.step()
        return model.eval()

    def goes_through_the_images_once(
        images, hidden_size, code_size, epochs, batch_size, lr, seed, device
    ):
        """You go through the images once, whatever epochs says. One epoch is one pass; the loop
        over the batches belongs inside a loop over the epochs.
        """
        torch.manual_seed(seed)
        D, H, C = images.shape[1], hidden_size, code_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, C))
        model.decoder = nn.Sequential(nn.Linear(C, H), nn.ReLU(), nn.Linear(H, D), nn.Sigmoid())
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        for batch in images[torch.randperm(len(images))].split(batch_size):
            optimizer.zero_grad()
            F.mse_loss(model(batch), batch).backward()
            optimizer.step()
        return model.eval()

    def trains_the_decoder_only(
        images, hidden_size, code_size, epochs, batch_size, lr, seed, device
    ):
        """Your optimizer knows the decoder's parameters alone, so the code stays as random as it
        was made. Hand it those of both parts.
        """
        torch.manual_seed(seed)
        D, H, C = images.shape[1], hidden_size, code_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, C))
        model.decoder = nn.Sequential(nn.Linear(C, H), nn.ReLU(), nn.Linear(H, D), nn.Sigmoid())
        optimizer = torch.optim.Adam(model.decoder.parameters(), lr=lr)
        for _ in range(epochs):
            for batch in images[torch.randperm(len(images))].split(batch_size):
                optimizer.zero_grad()
                F.mse_loss(model(batch), batch).backward()
                optimizer.step()
        return model.eval()

    def forgets_the_seed(images, hidden_size, code_size, epochs, batch_size, lr, seed, device):
        """You never use the seed, so nobody can repeat your result, not even you: call
        torch.manual_seed(seed) before anything random happens.
        """
        D, H, C = images.shape[1], hidden_size, code_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, C))
        model.decoder = nn.Sequential(nn.Linear(C, H), nn.ReLU(), nn.Linear(H, D), nn.Sigmoid())
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(epochs):
            for batch in images[torch.randperm(len(images))].split(batch_size):
                optimizer.zero_grad()
                F.mse_loss(model(batch), batch).backward()
                optimizer.step()
        return model.eval()

    def seeds_too_late(images, hidden_size, code_size, epochs, batch_size, lr, seed, device):
        """You seed after the network is made, but its first weights are drawn when it is made:
        call torch.manual_seed(seed) before.
        """
        D, H, C = images.shape[1], hidden_size, code_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, C))
        model.decoder = nn.Sequential(nn.Linear(C, H), nn.ReLU(), nn.Linear(H, D), nn.Sigmoid())
        torch.manual_seed(seed)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(epochs):
            for batch in images[torch.randperm(len(images))].split(batch_size):
                optimizer.zero_grad()
                F.mse_loss(model(batch), batch).backward()
                optimizer.step()
        return model.eval()

    def stays_in_training_mode(
        images, hidden_size, code_size, epochs, batch_size, lr, seed, device
    ):
        """You return the model in training mode. Here it makes no difference to the numbers, with
        dropout or batch normalisation it would: call model.eval() at the end.
        """
        torch.manual_seed(seed)
        D, H, C = images.shape[1], hidden_size, code_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, C))
        model.decoder = nn.Sequential(nn.Linear(C, H), nn.ReLU(), nn.Linear(H, D), nn.Sigmoid())
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(epochs):
            for batch in images[torch.randperm(len(images))].split(batch_size):
                optimizer.zero_grad()
                F.mse_loss(model(batch), batch).backward()
                optimizer.step()
        return model

    def leaves_out_the_hidden_layers(
        images, hidden_size, code_size, epochs, batch_size, lr, seed, device
    ):
        """Your two parts have one layer each, and hidden_size is not used. Each part has a hidden
        layer of that size, with a ReLU.
        """
        torch.manual_seed(seed)
        D, C = images.shape[1], code_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, C), nn.ReLU())
        model.decoder = nn.Sequential(nn.Linear(C, D), nn.Sigmoid())
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(epochs):
            for batch in images[torch.randperm(len(images))].split(batch_size):
                optimizer.zero_grad()
                F.mse_loss(model(batch), batch).backward()
                optimizer.step()
        return model.eval()

    def makes_the_code_too_wide(
        images, hidden_size, code_size, epochs, batch_size, lr, seed, device
    ):
        """Your bottleneck has hidden_size numbers and your hidden layers code_size: you mixed the
        two up. The code is the narrow place in the middle.
        """
        torch.manual_seed(seed)
        D, H, C = images.shape[1], code_size, hidden_size
        model = nn.Sequential()
        model.encoder = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, C))
        model.decoder = nn.Sequential(nn.Linear(C, H), nn.ReLU(), nn.Linear(H, D), nn.Sigmoid())
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(epochs):
            for batch in images[torch.randperm(len(images))].split(batch_size):
                optimizer.zero_grad()
                F.mse_loss(model(batch), batch).backward()
                optimizer.step()
        return model.eval()


class flag_anomalies:
    def adds_the_pixels_up(images, reconstructions, normal_scores, false_alarms):
        """You sum the squared errors of the pixels, so that larger images have larger scores.
        Divide by their number D.
        """
        scores = ((images - reconstructions) ** 2).sum(dim=1)
        threshold = normal_scores.sort(descending=True).values
        return scores, scores > threshold[int(false_alarms * len(normal_scores))]

    def takes_the_root(images, reconstructions, normal_scores, false_alarms):
        """You take the square root of the mean. That orders the images alike, but it is another
        number than the threshold was made for.
        """
        scores = ((images - reconstructions) ** 2).mean(dim=1).sqrt()
        threshold = normal_scores.sort(descending=True).values
        return scores, scores > threshold[int(false_alarms * len(normal_scores))]

    def takes_absolute_errors(images, reconstructions, normal_scores, false_alarms):
        """You average absolute differences. The score is the mean of the *squared* ones, in which
        few large errors weigh more than many small ones.
        """
        scores = (images - reconstructions).abs().mean(dim=1)
        threshold = normal_scores.sort(descending=True).values
        return scores, scores > threshold[int(false_alarms * len(normal_scores))]

    def averages_over_the_images(images, reconstructions, normal_scores, false_alarms):
        """You average over the images (dim 0), which gives a score for each pixel. One score for
        each image is asked for: average over dim 1.
        """
        scores = ((images - reconstructions) ** 2).mean(dim=0)
        threshold = normal_scores.sort(descending=True).values
        return scores, scores > threshold[int(false_alarms * len(normal_scores))]

    def judges_by_the_images_themselves(images, reconstructions, normal_scores, false_alarms):
        """You take the threshold from the scores of the images in question: then a fixed share of
        them is always flagged, even if all are normal. Take it from normal_scores.
        """
        scores = ((images - reconstructions) ** 2).mean(dim=1)
        threshold = scores.sort(descending=True).values
        return scores, scores > threshold[int(false_alarms * len(scores))]

    def flags_at_the_threshold(images, reconstructions, normal_scores, false_alarms):
        """You flag a score that equals the threshold, so with false_alarms = 0 the largest normal
        score itself would be an alarm. An alarm lies strictly above.
        """
        scores = ((images - reconstructions) ** 2).mean(dim=1)
        threshold = normal_scores.sort(descending=True).values
        return scores, scores >= threshold[int(false_alarms * len(normal_scores))]

    def interpolates(images, reconstructions, normal_scores, false_alarms):
        """You interpolate between two normal scores, as torch.quantile does by default. The
        threshold is one of the scores: the smallest that not too many exceed.
        """
        scores = ((images - reconstructions) ** 2).mean(dim=1)
        return scores, scores > torch.quantile(normal_scores, 1 - false_alarms)

    def cuts_off_the_wrong_end(images, reconstructions, normal_scores, false_alarms):
        """You sort the normal scores in rising order and take the small end for the threshold, so
        that nearly everything raises an alarm. Count from the largest.
        """
        scores = ((images - reconstructions) ** 2).mean(dim=1)
        threshold = normal_scores.sort().values
        return scores, scores > threshold[int(false_alarms * len(normal_scores))]

    def allows_one_too_many(images, reconstructions, normal_scores, false_alarms):
        """You round the allowed number of false alarms up. At most a share α may be flagged: 0.4
        of four is one, not two, so round down.
        """
        scores = ((images - reconstructions) ** 2).mean(dim=1)
        ordered = normal_scores.sort(descending=True).values
        allowed = -int(-false_alarms * len(ordered) // 1)
        return scores, scores > ordered[min(allowed, len(ordered) - 1)]

    def starts_counting_at_one(images, reconstructions, normal_scores, false_alarms):
        """You are off by one: if one normal score may lie above the threshold, that is the second
        largest, at index 1 of the falling order. Counting starts at 0.
        """
        scores = ((images - reconstructions) ** 2).mean(dim=1)
        ordered = normal_scores.sort(descending=True).values
        allowed = int(false_alarms * len(ordered))
        return scores, scores > ordered[max(allowed - 1, 0)]

    def uses_two_standard_deviations(images, reconstructions, normal_scores, false_alarms):
        """You flag beyond the mean plus two standard deviations, whatever false_alarms says. Scores
        are far from bell-shaped: take the threshold from the sorted scores.
        """
        scores = ((images - reconstructions) ** 2).mean(dim=1)
        limit = normal_scores.mean() + 2 * normal_scores.std(correction=0)
        return scores, scores > limit

    def flags_the_normal_ones(images, reconstructions, normal_scores, false_alarms):
        """You flag what lies at or below the threshold: those are the images that the autoencoder
        knows. An anomaly is put together badly and has a high score.
        """
        scores = ((images - reconstructions) ** 2).mean(dim=1)
        threshold = normal_scores.sort(descending=True).values
        return scores, scores <= threshold[int(false_alarms * len(normal_scores))]

    def promotes_to_float64(images, reconstructions, normal_scores, false_alarms):
        """You return float64 scores for float32 images: answer in the dtype in which you were
        asked.
        """
        scores = ((images.double() - reconstructions.double()) ** 2).mean(dim=1)
        threshold = normal_scores.sort(descending=True).values
        return scores, scores > threshold[int(false_alarms * len(normal_scores))]


class transfer:
    def lets_the_statistics_run(weights, images, labels, n_classes, mode, steps, lr, device):
        """You froze the parameters of the features, but left them in training mode: their running
        means and variances change, and each batch is normalised by itself. Call eval() on them.
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = load_digit_net(weights).to(device)
        net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
        nn.init.zeros_(net.head.weight)
        nn.init.zeros_(net.head.bias)
        net.train()
        if mode == "fixed_features":
            net.features.requires_grad_(False)
        optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def freezes_the_convolutions_only(weights, images, labels, n_classes, mode, steps, lr, device):
        """You freeze the convolutions and forget that batch normalisation has weights of its own
        to learn. Freeze everything in features.
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = load_digit_net(weights).to(device)
        net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
        nn.init.zeros_(net.head.weight)
        nn.init.zeros_(net.head.bias)
        net.train()
        if mode == "fixed_features":
            net.features.eval()
            for layer in net.features:
                if isinstance(layer, nn.Conv2d):
                    layer.requires_grad_(False)
        optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def makes_the_optimizer_too_early(weights, images, labels, n_classes, mode, steps, lr, device):
        """You make the optimizer before the new head, so it goes on training the old one, which
        nobody uses any more. Replace the head first.
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = load_digit_net(weights).to(device).train()
        if mode == "fixed_features":
            net.features.eval().requires_grad_(False)
        optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
        net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
        nn.init.zeros_(net.head.weight)
        nn.init.zeros_(net.head.bias)
        for _ in range(steps):
            net.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def keeps_the_old_head_where_it_fits(
        weights, images, labels, n_classes, mode, steps, lr, device
    ):
        """You keep the old head if the number of classes happens to be the same. Its rows stand
        for the old classes: the new task gets a new head, from zero.
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = load_digit_net(weights).to(device)
        if net.head.out_features != n_classes:
            net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
            nn.init.zeros_(net.head.weight)
            nn.init.zeros_(net.head.bias)
        net.train()
        if mode == "fixed_features":
            net.features.eval().requires_grad_(False)
        optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def starts_from_a_random_head(weights, images, labels, n_classes, mode, steps, lr, device):
        """You leave the new head as torch makes it, at random. The question asks for zeros, so
        that the result does not depend on chance.
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = load_digit_net(weights).to(device)
        net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
        net.train()
        if mode == "fixed_features":
            net.features.eval().requires_grad_(False)
        optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def swaps_the_modes(weights, images, labels, n_classes, mode, steps, lr, device):
        """You mixed the two modes up: fine-tuning lets everything learn, fixed features let only
        the new head learn.
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = load_digit_net(weights).to(device)
        net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
        nn.init.zeros_(net.head.weight)
        nn.init.zeros_(net.head.bias)
        net.train()
        if mode == "fine_tune":
            net.features.eval().requires_grad_(False)
        optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def trains_the_head_in_both_modes(weights, images, labels, n_classes, mode, steps, lr, device):
        """You train the head alone in both modes. When fine-tuning, the pretrained features are
        only where you start: they learn as well.
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = load_digit_net(weights).to(device)
        net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
        nn.init.zeros_(net.head.weight)
        nn.init.zeros_(net.head.bias)
        net.eval()
        optimizer = torch.optim.SGD(net.head.parameters(), lr=lr)
        for _ in range(steps):
            net.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def trains_everything_in_both_modes(
        weights, images, labels, n_classes, mode, steps, lr, device
    ):
        """You train all parameters in both modes. With fixed features nothing but the new head may
        change.
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = load_digit_net(weights).to(device)
        net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
        nn.init.zeros_(net.head.weight)
        nn.init.zeros_(net.head.bias)
        net.train()
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def fine_tunes_in_evaluation_mode(weights, images, labels, n_classes, mode, steps, lr, device):
        """You fine-tune in evaluation mode, so batch normalisation goes on using the statistics of
        the old images. When fine-tuning, the network is in training mode.
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = load_digit_net(weights).to(device)
        net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
        nn.init.zeros_(net.head.weight)
        nn.init.zeros_(net.head.bias)
        net.eval()
        if mode == "fixed_features":
            net.features.requires_grad_(False)
        optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def never_clears_the_gradients(weights, images, labels, n_classes, mode, steps, lr, device):
        """You never set the gradients to zero, so from the second step on you follow the sum of
        all gradients so far: call zero_grad() before backward().
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = load_digit_net(weights).to(device)
        net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
        nn.init.zeros_(net.head.weight)
        nn.init.zeros_(net.head.bias)
        net.train()
        if mode == "fixed_features":
            net.features.eval().requires_grad_(False)
        optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
        for _ in range(steps):
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def never_refuses(weights, images, labels, n_classes, mode, steps, lr, device):
        """You take every unknown mode for fine-tuning. A slip such as "fixed" would then train
        everything without a word: raise a ValueError.
        """
        net = load_digit_net(weights).to(device)
        net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
        nn.init.zeros_(net.head.weight)
        nn.init.zeros_(net.head.bias)
        net.train()
        if mode == "fixed_features":
            net.features.eval().requires_grad_(False)
        optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def takes_the_softmax_twice(weights, images, labels, n_classes, mode, steps, lr, device):
        """You hand probabilities to F.cross_entropy, which takes the softmax itself. It expects
        the scores as they are.
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = load_digit_net(weights).to(device)
        net.head = nn.Linear(64, n_classes, dtype=images.dtype, device=device)
        nn.init.zeros_(net.head.weight)
        nn.init.zeros_(net.head.bias)
        net.train()
        if mode == "fixed_features":
            net.features.eval().requires_grad_(False)
        optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            probs = net(images.to(device)).softmax(dim=1)
            F.cross_entropy(probs, labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())

    def loses_what_it_had_learned(weights, images, labels, n_classes, mode, steps, lr, device):
        """You make a fresh network for the new task, and its features know nothing. Start from the
        weights that you were given, and replace the head alone.
        """
        if mode not in ("fine_tune", "fixed_features"):
            raise ValueError(f"no mode {mode!r}")
        net = DigitNet(n_classes).to(device, images.dtype)
        nn.init.zeros_(net.head.weight)
        nn.init.zeros_(net.head.bias)
        net.train()
        if mode == "fixed_features":
            net.features.eval().requires_grad_(False)
        optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        return dict(net.state_dict())
