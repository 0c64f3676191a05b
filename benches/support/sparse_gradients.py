"""`deep` of the benchmark with a triangle for a surrogate, in snnTorch or SpikingJelly: sparse_gradients.py LIBRARY WIDTH STEPS"""
import json
import statistics
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

library, width, steps = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(2)
T, SAMPLES, SIZE, CLASSES, BETA = 100, 64, 1024, 10, 0.9
GAINS = [3.66, 3.332, 3.108, 3.21, 3.178, 1]
rng = np.random.default_rng(1)
x = torch.from_numpy((rng.random((T, SAMPLES, SIZE), dtype=np.float32) < 0.05).astype(np.float32))
y = torch.from_numpy(rng.integers(0, CLASSES, SAMPLES))


class Triangle(torch.autograd.Function):
    @staticmethod
    def forward(ctx, v):
        ctx.save_for_backward(v)
        return (v > 0).to(v.dtype)

    @staticmethod
    def backward(ctx, gradient):
        (v,) = ctx.saved_tensors
        return gradient * (1 - v.abs() / width).clamp(min=0)


def linear(outputs, gain):
    layer = nn.Linear(SIZE, outputs)
    bound = gain / SIZE**0.5
    nn.init.uniform_(layer.weight, -bound, bound)
    nn.init.zeros_(layer.bias)
    return layer


def integrated(current):
    v, all_v = torch.zeros_like(current[0]), []
    for step in current:
        v = BETA * v + step
        all_v.append(v)
    return torch.stack(all_v)


torch.manual_seed(0)
if library == "snntorch":
    import snntorch

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.ModuleList([linear(SIZE, gain) for gain in GAINS[:-1]])
            self.neurons = nn.ModuleList([snntorch.Leaky(beta=BETA, spike_grad=Triangle.apply) for _ in GAINS[:-1]])
            self.read = linear(CLASSES, GAINS[-1])
            self.out = snntorch.Leaky(beta=BETA, reset_mechanism="none")

        def forward(self, x):
            states = [neuron.reset_mem() for neuron in self.neurons]
            out, all_out = self.out.reset_mem(), []
            for step in x:
                for i, (layer, neuron) in enumerate(zip(self.linear, self.neurons)):
                    step, states[i] = neuron(layer(step), states[i])
                _, out = self.out(self.read(step), out)
                all_out.append(out)
            return torch.stack(all_out)

else:
    from spikingjelly.activation_based import functional as reset
    from spikingjelly.activation_based import neuron as neurons

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.ModuleList([linear(SIZE, gain) for gain in GAINS[:-1]])
            self.read = linear(CLASSES, GAINS[-1])

            def lif():
                return neurons.LIFNode(
                    tau=1 / (1 - BETA), decay_input=False, v_threshold=1.0, v_reset=None,
                    surrogate_function=Triangle.apply, detach_reset=True, step_mode="m",
                )

            self.neurons = nn.ModuleList([lif() for _ in GAINS[:-1]])

        def forward(self, x):
            reset.reset_net(self)
            for layer, neuron in zip(self.linear, self.neurons):
                x = neuron(layer(x))
            return integrated(self.read(x))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
times = []
for step in range(steps + 1):
    began = time.perf_counter()
    optimizer.zero_grad()
    loss = functional.cross_entropy(net(x).mean(0), y)
    loss.backward()
    optimizer.step()
    if step > 0:
        times.append(1e3 * (time.perf_counter() - began))
print(json.dumps({"step_ms": statistics.median(times), "least_ms": min(times), "loss": loss.item()}))
