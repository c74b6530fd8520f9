"""The networks of the benchmarks, put together from PyTorch's modules alone, as its examples do.

AlexNet is one Sequential, as in torchvision; the language model that of pytorch/examples; style is
measured by modules between the layers, as in PyTorch's tutorial on neural style transfer.
"""

import torch
from torch import nn
from torch.nn import functional as F

from tests.lecturelib.models.plain_loops import gram


def with_parameters_of(model, reference):
    """Give a reference the parameters of ours, which come in the same order."""
    with torch.no_grad():
        pairs = zip(reference.parameters(), model.parameters(), strict=True)
        for parameter, own in pairs:
            parameter.copy_(own)
    return reference


def alexnet(num_classes):
    """The network of 2012 in one piece, for images of 224 x 224."""
    pool = {"kernel_size": 3, "stride": 2}
    norm = {"size": 5, "alpha": 5e-4, "beta": 0.75, "k": 2.0}
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, stride=4),
        nn.ReLU(),
        nn.LocalResponseNorm(**norm),
        nn.MaxPool2d(**pool),
        nn.Conv2d(96, 256, 5, padding=2),
        nn.ReLU(),
        nn.LocalResponseNorm(**norm),
        nn.MaxPool2d(**pool),
        nn.Conv2d(256, 384, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 384, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(**pool),
        nn.Flatten(),
        nn.Linear(256 * 5 * 5, 4096),
        nn.ReLU(),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Linear(4096, num_classes),
    )


class RNNModel(nn.Module):
    """The encoder, recurrent layer and decoder of a language model."""

    def __init__(self, ntoken, ninp, nhid):
        super().__init__()
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid)
        self.decoder = nn.Linear(nhid, ntoken)

    def forward(self, tokens):
        output, hidden = self.rnn(self.encoder(tokens))
        return self.decoder(output), hidden


class RelativeLoss(nn.Module):
    """Lies behind a layer and keeps how far what passes is from what is wanted."""

    def __init__(self, measure, target):
        super().__init__()
        self.measure, self.target = measure, measure(target).detach()

    def forward(self, maps):
        self.loss = F.mse_loss(self.measure(maps), self.target) / self.target.pow(2).mean()
        return maps


class StyleNetwork(nn.Module):
    """Filters at several scales, with losses behind them."""

    def __init__(self, network, content, style):
        super().__init__()
        self.scales = nn.ModuleList()
        content, style = 2 * content - 1, 2 * style - 1
        for scale, filters in enumerate(network.layers):
            layer = nn.Sequential(filters, nn.ReLU())
            self.scales.append(layer.append(RelativeLoss(gram, layer(style))))
            if scale == network.content_scale:
                layer.append(RelativeLoss(nn.Identity(), layer[:2](content)))
                self.content = layer[-1]
            content, style = (F.avg_pool2d(image, 2) for image in (content, style))

    def forward(self, image):
        x = 2 * image - 1
        for layer in self.scales:
            layer(x)
            x = F.avg_pool2d(x, 2)

    def loss(self, style_weight):
        """What the pictures that passed last have lost."""
        losses = [layer[2].loss for layer in self.scales]
        return self.content.loss + style_weight * sum(losses) / len(losses)


def style_transfer(content, style, network, *, steps, lr, style_weight=100.0, watch):
    """Search for an image with Adam."""
    image = content.clone()[None].requires_grad_(True)
    model = StyleNetwork(network, content[None], style[None])
    optimizer = torch.optim.Adam([image], lr=lr)
    for _ in range(steps):
        watch()
        optimizer.zero_grad()
        model(image)
        (model.loss(style_weight) * image.numel()).backward()
        optimizer.step()
    return image.detach()[0].clamp(0, 1)
