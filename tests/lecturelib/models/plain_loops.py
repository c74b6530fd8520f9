"""Training as a tutorial would write it: in eager mode, with float32, step by step.

Oracles of what is learned, and what `make bench-gpu` measures against.
"""

import time

import torch


def gram(maps):
    """The mean products of all maps of one picture with each other."""
    _, c, h, w = maps.shape
    flat = maps.view(c, h * w)
    return torch.mm(flat, flat.t()) / (h * w)


def plain_style_transfer(
    content,
    style,
    network,
    *,
    steps,
    optimizer,
    lr,
    style_weight=100.0,
    variation_weight=0.0,
    watch=None,
):
    """Search for an image, with what it is compared to worked out first."""

    def error(x, target):
        return torch.sum((x - target) ** 2) / torch.sum(target**2)

    content_targets = [maps.detach() for maps in network(content[None]).content]
    style_targets = [gram(maps).detach() for maps in network(style[None]).style]
    image = content[None].clone().requires_grad_(True)
    if optimizer == "adam":
        search = torch.optim.Adam([image], lr=lr)
    else:
        search = torch.optim.LBFGS(
            [image], lr=lr, max_iter=steps, history_size=20, line_search_fn="strong_wolfe"
        )

    def closure():
        if watch is not None:
            watch()
        search.zero_grad()
        seen = network(image)
        loss = 0
        for maps, target in zip(seen.content, content_targets, strict=True):
            loss = loss + error(maps, target) / len(content_targets)
        for maps, target in zip(seen.style, style_targets, strict=True):
            loss = loss + style_weight * error(gram(maps), target) / len(style_targets)
        down = image[:, :, 1:] - image[:, :, :-1]
        right = image[:, :, :, 1:] - image[:, :, :, :-1]
        loss = loss + variation_weight * ((down**2).mean() + (right**2).mean())
        loss = loss * image.numel()
        loss.backward()
        return loss

    for _ in range(steps if optimizer == "adam" else 1):
        search.step(closure)
    return image.detach()[0].clamp(0, 1)


def plain_training(model, criterion, data, *, lr, steps):
    """Train on one batch with Adam; return losses and seconds of the steps."""
    x, y = data
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses, seconds = [], []
    for _ in range(steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = criterion(model(x if x.ndim == 4 else x.T), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        seconds.append(time.perf_counter() - start)
    return losses, seconds
