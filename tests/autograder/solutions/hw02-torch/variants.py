"""Other right answers to the homework in torch."""


class cross_entropy:
    def uses_log_softmax(scores, labels):
        """By log-softmax."""
        return -torch.log_softmax(scores, dim=1).gather(1, labels[:, None]).mean()

    def uses_the_library(scores, labels):
        """By torch itself."""
        return nn.functional.cross_entropy(scores, labels)


class elman:
    def uses_the_library(x, w_x, w_h, b):
        """By a cell of torch's."""
        cell = nn.RNNCell(w_x.shape[1], len(b))
        cell.load_state_dict(
            {"weight_ih": w_x, "weight_hh": w_h, "bias_ih": b, "bias_hh": torch.zeros_like(b)}
        )
        states = [x.new_zeros(x.shape[1], len(b))]
        for step in x:
            states.append(cell(step, states[-1]))
        return torch.stack(states[1:]).detach()


class network:
    def is_a_class(features, hidden, classes):
        """As a module of its own."""

        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.second = nn.Linear(features, hidden), nn.Linear(hidden, classes)

            def forward(self, x):
                return self.second(torch.relu(self.first(x)))

        return Network()


class descend:
    def by_hand(x, y, steps, lr):
        """With the gradient from calculus."""
        w, b = torch.zeros(()), torch.zeros(())
        for _ in range(steps):
            error = w * x + b - y
            w, b = w - lr * 2 * (error * x).mean(), b - lr * 2 * error.mean()
        return w, b
