# The peers' side of features.mjs: `features.py NAME seconds`. SpikingJelly's layers, all steps at a time, or torch where it has none.
# Prints a JSON line.
import json
import sys
import time

import torch
from spikingjelly.activation_based import functional, layer, neuron, surrogate
from spikingjelly.activation_based.model.spikformer import Spikformer
from torch import nn
from torch.nn.functional import conv1d, cross_entropy, pad

torch.set_num_threads(2)
torch.manual_seed(1)
atan = surrogate.ATan()


def fire():
    return neuron.LIFNode(tau=10.0, decay_input=False, v_reset=None, detach_reset=True, surrogate_function=atan, step_mode="m")


def spikes(*shape, share=0.1):
    return (torch.rand(*shape) < share).float()


class Mean(nn.Module):
    """Over steps, or over pixels."""

    def __init__(self, *dims):
        super().__init__()
        self.dims = dims

    def forward(self, x):
        return x.mean(self.dims)


def chain(*modules):
    net = nn.Sequential(*modules, Mean(0))
    functional.set_step_mode(net, "m")
    return net


def wide(between):
    return chain(nn.Linear(784, 512), *between(), nn.Linear(512, 512), *between(), nn.Linear(512, 10))


class Delayed(nn.Module):
    """Learned delays as a convolution over time, whose kernel is a triangle around each delay."""

    def __init__(self, inputs, outputs, most=25):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / inputs**0.5)
        self.delay = nn.Parameter(torch.rand(outputs, inputs) * most)
        self.most = most

    def forward(self, x):
        steps = torch.arange(self.most + 1.0)
        kernel = self.weight[..., None] * torch.relu(1 - (steps - self.delay[..., None]).abs())
        return conv1d(pad(x.permute(1, 2, 0), (self.most, 0)), kernel.flip(-1)).permute(2, 0, 1)


class Wkv(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.decay = nn.Parameter(torch.linspace(-5, 3, channels))
        self.bonus = nn.Parameter(torch.zeros(channels))

    def forward(self, key, value):
        fade = -torch.exp(self.decay)
        a, b, p = torch.zeros_like(key[0]), torch.zeros_like(key[0]), torch.full_like(key[0], -1e38)
        out = []
        for k, v in zip(key, value):
            q = torch.maximum(p, self.bonus + k)
            old, new = torch.exp(p - q), torch.exp(self.bonus + k - q)
            out.append((old * a + new * v) / (old * b + new))
            q = torch.maximum(p + fade, k)
            old, new = torch.exp(p + fade - q), torch.exp(k - q)
            a, b, p = old * a + new * v, old * b + new, q
        return torch.stack(out)


class Mixed(nn.Module):
    """A dense layer of a mix of this token and the last."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.mix = nn.Parameter(torch.rand(inputs))
        self.dense = nn.Linear(inputs, outputs, False)

    def forward(self, x):
        last = torch.cat([torch.zeros_like(x[:1]), x[:-1]])
        return self.dense(x * self.mix + last * (1 - self.mix))


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.key, self.value, self.receptance = (Mixed(channels, channels) for _ in range(3))
        self.wkv, self.out = Wkv(channels), nn.Linear(channels, channels, False)

    def forward(self, x):
        return self.out(torch.sigmoid(self.receptance(x)) * self.wkv(self.key(x), self.value(x)))


class FeedForward(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.key, self.receptance = Mixed(channels, 4 * channels), Mixed(channels, channels)
        self.value = nn.Linear(4 * channels, channels, False)

    def forward(self, x):
        return torch.sigmoid(self.receptance(x)) * self.value(torch.relu(self.key(x)) ** 2)


class SpikeGPT(nn.Module):
    def __init__(self, tokens=96, channels=128, blocks=2):
        super().__init__()
        self.embedding = nn.Sequential(nn.Embedding(tokens, channels), nn.LayerNorm(channels))
        parts = [part for _ in range(blocks) for part in (Attention, FeedForward)]
        usual = lambda: neuron.LIFNode(tau=2.0, surrogate_function=atan, step_mode="m")
        self.parts = nn.ModuleList(nn.Sequential(nn.LayerNorm(channels), part(channels), usual()) for part in parts)
        self.head = nn.Sequential(nn.LayerNorm(channels), nn.Linear(channels, tokens, False))

    def forward(self, x):
        x = self.embedding(x)
        for part in self.parts:
            x = x + part(x)
        return self.head(x)


class Adaptive(nn.Module):
    """Recurrent adaptive LIF, and a leaky readout."""

    def __init__(self):
        super().__init__()
        self.enter, self.back, self.read = nn.Linear(140, 256), nn.Linear(256, 256, False), nn.Linear(256, 20)

    def forward(self, x):
        current = self.enter(x)
        v = a = s = torch.zeros_like(current[0])
        fired = []
        for i in current:
            v = 0.9 * v + i + self.back(s) - s.detach()
            a = 0.995 * a + s
            s = atan(v - 1 - 0.2 * a)
            fired.append(s)
        v, total = 0, 0
        for i in self.read(torch.stack(fired)):
            v = 0.9 * v + i
            total = total + v
        return total / len(x)


def depthwise():
    return chain(
        layer.Conv2d(2, 32, 3, padding=1, stride=2), fire(),
        layer.Conv2d(32, 32, 3, padding=1, groups=32), fire(),
        layer.Conv2d(32, 64, 1), fire(),
        layer.Conv2d(64, 64, 3, padding=1, stride=2, groups=64), fire(),
        layer.Conv2d(64, 128, 1), fire(),
        Mean(-1, -2), nn.Linear(128, 10),
    )  # fmt: skip


def normed(inputs, outputs, stride=1):
    return [layer.Conv2d(inputs, outputs, 3, padding=1, stride=stride, bias=False), layer.BatchNorm2d(outputs), fire()]


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


def residual():
    return chain(
        *normed(2, 32, 2), *(Residual(*normed(32, 32), *normed(32, 32)) for _ in range(2)),
        Mean(-1, -2), nn.Linear(32, 10),
    )  # fmt: skip


def dropped():
    blocks = [*normed(2, 32, 2), layer.Dropout(0.2), *normed(32, 64, 2), layer.Dropout(0.2)]
    return chain(*blocks, layer.Flatten(), nn.Linear(4096, 10))


def pooled():
    blocks = [layer.Conv2d(2, 16, 3, padding=1), fire(), layer.MaxPool2d(2), layer.Conv2d(16, 32, 3, padding=1), fire(), layer.MaxPool2d(2)]
    return chain(*blocks, layer.Flatten(), nn.Linear(2048, 10))


def line():
    return chain(
        layer.Conv1d(16, 32, 5, padding=2), fire(),
        layer.Conv1d(32, 64, 5, padding=2, stride=2), fire(),
        Mean(-1), nn.Linear(64, 10),
    )  # fmt: skip


def sliding():
    return [neuron.SlidingPSN(8, True, surrogate_function=atan, step_mode="m")]


tokens = (torch.arange(128 * 32) * 7919 % 96).view(128, 32)
networks = {
    "layer-norm": lambda: (wide(lambda: [nn.LayerNorm(512), fire()]), spikes(16, 128, 784)),
    "batch-norm": lambda: (wide(lambda: [layer.BatchNorm1d(512), fire(), nn.Dropout(0.3)]), spikes(16, 128, 784)),
    "psn": lambda: (wide(lambda: [neuron.PSN(16, atan)]), spikes(16, 128, 784)),
    "sliding-psn": lambda: (wide(sliding), spikes(16, 128, 784)),
    "delays": lambda: (
        chain(Delayed(140, 256), fire(), Delayed(256, 256), fire(), nn.Linear(256, 20)),
        spikes(100, 64, 140, share=0.05),
    ),
    "depthwise": lambda: (depthwise(), spikes(8, 32, 2, 32, 32)),
    "spikegpt": lambda: (SpikeGPT(), tokens),
    "alif": lambda: (Adaptive(), spikes(100, 64, 140, share=0.05)),
    "conv-1d": lambda: (line(), spikes(16, 64, 16, 128)),
    "residual": lambda: (residual(), spikes(8, 32, 2, 32, 32)),
    "spikformer": lambda: (nn.Sequential(Spikformer(4, 1, 28, 28, 4, 10, 128, 8, 4.0, 2), Mean(0)), spikes(4, 16, 1, 28, 28)),
    "max-pool": lambda: (pooled(), spikes(8, 32, 2, 32, 32)),
    "conv-norm-dropout": lambda: (dropped(), spikes(8, 32, 2, 32, 32)),
    "long": lambda: (chain(nn.Linear(40, 64), fire(), nn.Linear(64, 64), fire(), nn.Linear(64, 2)), spikes(1000, 32, 40, share=0.05)),
}  # fmt: skip


def timed(call, budget):
    call()
    call()
    taken, begin = [], time.perf_counter()
    while len(taken) < 3 or time.perf_counter() - begin < budget:
        start = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - start))
    return sorted(taken)[len(taken) // 2]


name, seconds = sys.argv[1], float(sys.argv[2])
net, x = networks[name]()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)


def outputs():
    functional.reset_net(net)
    return net(x)


def train():
    optimizer.zero_grad()
    out = outputs()
    if out.dim() == 3:
        loss = cross_entropy(out.flatten(0, 1), (x.flatten() + 5) % 96)
    else:
        loss = cross_entropy(out, torch.arange(x.shape[1]) % out.shape[1])
    loss.backward()
    optimizer.step()


def run():
    with torch.no_grad():
        outputs()


train_ms = timed(train, seconds)
net.eval()
print(json.dumps({"train_ms": train_ms, "run_ms": timed(run, seconds / 2)}))
