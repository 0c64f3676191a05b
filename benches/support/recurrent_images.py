# snnTorch's side of recurrent-images.mjs: `recurrent_images.py slstm|rleaky steps`. Prints a JSON line.
import json
import sys
import time

import snntorch as snn
import torch
from torch import nn

T, B, SIZE, CLASSES = 20, 64, 28, 10
torch.set_num_threads(2)
torch.manual_seed(1)


class Net(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        if kind == "slstm":
            self.cells, channels = snn.SConv2dLSTM(1, 8, 3, threshold=0.1), 8
        else:
            self.conv, channels = nn.Conv2d(1, 16, 3, padding=1), 16
            self.cells = snn.RLeaky(beta=0.9, conv2d_channels=16, kernel_size=3, all_to_all=True)
        self.read = nn.Linear(channels, CLASSES)

    def forward(self, x):
        total = 0
        if self.kind == "slstm":
            syn, mem = self.cells.init_sconv2dlstm()
        else:
            spikes, mem = self.cells.init_rleaky()
        for t in range(T):
            if self.kind == "slstm":
                spikes, syn, mem = self.cells(x[t], syn, mem)
            else:
                spikes, mem = self.cells(self.conv(x[t]), spikes, mem)
            total = total + self.read(spikes.sum((2, 3)))
        return total / T


def timed(call, count):
    taken = []
    for _ in range(count + 2):
        start = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - start))
    return sorted(taken[2:])[count // 2]


kind, steps = sys.argv[1], int(sys.argv[2])
net = Net(kind)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
x = (torch.rand(T, B, 1, SIZE, SIZE) < 0.1).float()
y = torch.arange(B) % CLASSES


def train():
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()


def run():
    with torch.no_grad():
        net(x)


print(json.dumps({"train_ms": timed(train, steps), "run_ms": timed(run, steps)}))
