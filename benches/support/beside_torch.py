# The side of PyTorch of beside-torch.mjs. `beside_torch.py TASK prepare FOLDER` writes the initial weights, the input and the classes for
# the other side; `beside_torch.py TASK STEPS THREADS` trains and prints a JSON line: CPU time of a training step, ms, and the losses.
import json
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import snntorch as snn
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


def classes(samples, count):
    return torch.randint(0, count, (samples,))


def weights(name, layer):
    """The weights of a layer, by their names in lapicque."""
    pairs = [(f"{name}.weight", layer.weight)]
    return pairs if layer.bias is None else [*pairs, (f"{name}.bias", layer.bias)]


class Dense(nn.Module):
    """Three dense layers, two populations of snnTorch and a readout that integrates: the mean of its potential over time."""

    def __init__(self, sizes, **neuron):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.cells = nn.ModuleList(snn.Leaky(beta=0.9, **neuron) for _ in sizes[2:])
        self.named = [pair for i, layer in enumerate(self.layers) for pair in weights(f"dense{i + 1}", layer)]

    def forward(self, x):
        membranes = [cells.init_leaky() for cells in self.cells]
        readout, total = 0, 0
        # One product for all steps.
        currents = self.layers[0](x)
        for t in range(x.shape[0]):
            current = currents[t]
            for i, cells in enumerate(self.cells):
                spikes, membranes[i] = cells(current, membranes[i])
                current = self.layers[i + 1](spikes)
            readout = 0.9 * readout + current
            total = total + readout
        return total / x.shape[0]


class Recurrent(nn.Module):
    """A recurrent population of snnTorch with a synaptic current, whose decays are learned."""

    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.input, self.output = nn.Linear(inputs, hidden), nn.Linear(hidden, outputs)
        decays = {"alpha": torch.full((hidden,), 0.8), "beta": torch.full((hidden,), 0.9)}
        self.cells = snn.RSynaptic(**decays, all_to_all=True, linear_features=hidden, learn_alpha=True, learn_beta=True)
        self.named = [
            *weights("dense1", self.input),
            *weights("dense2", self.output),
            *weights("cubaLif1.recurrent", self.cells.recurrent),
        ]

    def forward(self, x):
        spikes, current, membrane = self.cells.init_rsynaptic()
        readout, total = 0, 0
        currents = self.input(x)
        for t in range(x.shape[0]):
            spikes, current, membrane = self.cells(currents[t], spikes, current, membrane)
            readout = 0.9 * readout + self.output(spikes)
            total = total + readout
        return total / x.shape[0]


class Custom(nn.Module):
    """A quadratic neuron with adaptation, whose time constants are learned."""

    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.input, self.output = nn.Linear(inputs, hidden), nn.Linear(hidden, outputs)
        self.tm, self.ta = (nn.Parameter(torch.full((hidden,), tau)) for tau in (10.0, 80.0))
        self.fires = snn.surrogate.fast_sigmoid(25)
        self.named = [*weights("dense1", self.input), *weights("dense2", self.output)]

    def forward(self, x):
        v = torch.zeros(x.shape[1], self.tm.shape[0])
        w = torch.zeros_like(v)
        readout, total = 0, 0
        currents = self.input(x)
        for t in range(x.shape[0]):
            dv = (5 * currents[t] - v - w + 0.1 * v * v) / self.tm
            dw = -w / self.ta
            v, w = v + dv, w + dw
            spikes = self.fires(v - 1)
            v, w = v * (1 - spikes.detach()), w + 0.2 * spikes.detach()
            readout = 0.9 * readout + self.output(spikes)
            total = total + readout
        return total / x.shape[0]


class Relu(nn.Module):
    """Convolutions with batch normalization and ReLU, without time."""

    def __init__(self):
        super().__init__()
        self.convolutions = [nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in ((3, 64), (64, 128), (128, 256))]
        conv = [nn.Sequential(c, nn.BatchNorm2d(c.out_channels), nn.ReLU()) for c in self.convolutions]
        self.readout = nn.Linear(256, 10)
        self.net = nn.Sequential(conv[0], conv[1], nn.MaxPool2d(2), conv[2], nn.AdaptiveAvgPool2d(1), nn.Flatten(), self.readout)
        self.named = [pair for i, c in enumerate(self.convolutions) for pair in weights(f"conv{i + 1}", c)]
        self.named += weights("dense1", self.readout)

    def forward(self, x):
        return self.net(x[0])


class Convolutions(nn.Module):
    """Spiking convolutions of SpikingJelly with batch normalization; the readout is the mean over time."""

    def __init__(self):
        super().__init__()
        from spikingjelly.activation_based import layer, neuron, surrogate

        many = {"step_mode": "m"}
        channels = ((3, 64), (64, 64), (64, 128), (128, 128))
        self.convolutions = [layer.Conv2d(a, b, 3, padding=1, bias=False, **many) for a, b in channels]
        conv = [
            nn.Sequential(
                c,
                layer.BatchNorm2d(c.out_channels, **many),
                neuron.LIFNode(tau=2.0, detach_reset=True, surrogate_function=surrogate.ATan(), **many),
            )
            for c in self.convolutions
        ]
        self.readout = layer.Linear(128, 10, **many)
        pools = layer.MaxPool2d(2, **many), layer.AdaptiveAvgPool2d(1, **many)
        self.net = nn.Sequential(*conv[:2], pools[0], *conv[2:], pools[1], layer.Flatten(**many), self.readout)
        self.named = [pair for i, c in enumerate(self.convolutions) for pair in weights(f"conv{i + 1}", c)]
        self.named += weights("dense1", self.readout)

    def forward(self, x):
        return self.net(x).mean(0)


class Transformer(nn.Module):
    """Two blocks of Spikformer from SpikingJelly's attention; the readout is the mean over time and tokens."""

    def __init__(self, inputs, channels, heads):
        super().__init__()
        from spikingjelly.activation_based import layer, neuron

        def lif():
            return neuron.LIFNode(tau=2.0, detach_reset=True, step_mode="m")

        def project(a, b):
            return layer.SeqToANNContainer(nn.Conv1d(a, b, 1, bias=False), nn.BatchNorm1d(b))

        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.attention = layer.SpikingSelfAttention(channels, heads)
                self.up, self.down = project(channels, 4 * channels), project(4 * channels, channels)
                self.perceptron = nn.Sequential(self.up, lif(), self.down, lif())

            def forward(self, x):
                x = x + self.attention(x)
                return x + self.perceptron(x)

        self.input, self.blocks = layer.Conv1d(inputs, channels, 1, bias=False, step_mode="m"), [Block(), Block()]
        self.net, self.readout = nn.Sequential(self.input, lif(), *self.blocks), nn.Linear(channels, 10)
        products = [self.input.weight]
        for block in self.blocks:
            products += block.attention.qkv_conv_bn[0].weight.chunk(3)
            products += [block.attention.proj_conv_bn[0].weight, block.up[0].weight, block.down[0].weight]
        self.named = [(f"pointwise{i + 1}.weight", product) for i, product in enumerate(products)]
        self.named += weights("dense1", self.readout)

    def forward(self, x):
        return self.readout(self.net(x).mean(-1)).mean(0)


def sparse(rate, *shape):
    return (torch.rand(*shape) < rate).float()


# By task: the network, the input [time, sample, …] and the number of classes.
tasks = {
    "relu": lambda: (Relu(), torch.randn(1, 32, 3, 32, 32), 10),
    "hot": lambda: (Dense((1024, 2048, 2048, 20), threshold=0.02), torch.rand(10, 256, 1024), 20),
    "conv": lambda: (Convolutions(), torch.randn(4, 16, 3, 32, 32), 10),
    "trans": lambda: (Transformer(16, 128, 8), torch.randn(4, 8, 16, 256), 10),
    "dense": lambda: (Dense((700, 1024, 1024, 20)), torch.rand(20, 256, 700), 20),
    "rsnn": lambda: (Recurrent(140, 128, 20), sparse(0.05, 100, 64, 140), 20),
    "custom": lambda: (Custom(100, 512, 10), sparse(0.1, 50, 64, 100), 10),
}

task, what, argument = sys.argv[1:]
net, x, count = tasks[task]()
y = classes(x.shape[1], count)

if what == "prepare":
    folder = Path(argument)
    parts = [*net.named, ("x", x), ("y", y)]
    (folder / "parts.json").write_text(json.dumps([[name, list(part.shape)] for name, part in parts]))
    values = torch.cat([part.detach().float().flatten() for _, part in parts])
    (folder / "values.f32").write_bytes(values.numpy().astype("<f4").tobytes())
    print("{}")
    sys.exit()

torch.set_num_threads(int(argument))
optimizer = torch.optim.Adam(net.parameters())


def step():
    """A training step and its loss."""
    if task in ("conv", "trans"):
        from spikingjelly.activation_based import functional

        functional.reset_net(net)
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


losses, times = [step()], []
for _ in range(int(what)):
    start = time.process_time()
    losses.append(step())
    times.append(1000 * (time.process_time() - start))
times.sort()
packages = {"torch": torch.__version__, "python": platform.python_version()}
peer = {"conv": "spikingjelly", "trans": "spikingjelly", "relu": None}.get(task, "snntorch")
if peer is not None:
    packages[peer] = version(peer)
print(json.dumps({"step_ms": times[len(times) // 2], "losses": losses, "versions": packages}))
