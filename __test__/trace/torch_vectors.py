"""Losses and layers of published code in torch, with their gradients in double precision, as vectors for published-losses.test.ts.

    pip install torch --index-url https://pypi.org/simple
    python __test__/trace/torch_vectors.py

Recorded with torch 2.15. Inputs have 5 decimals, so that both programs read the same numbers.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
FOLDER = pathlib.Path(__file__).parent / "fixtures"
T, B, N = 5, 4, 3


def normal(**axes):
    return axes, lambda g: torch.randn(*axes.values(), generator=g)


def uniform(low=0.0, high=1.0, **axes):
    return axes, lambda g: low + (high - low) * torch.rand(*axes.values(), generator=g)


def labels(classes, **axes):
    return axes, lambda g: torch.randint(classes, tuple(axes.values()), generator=g)


def bits(rate=0.4, **axes):
    return axes, lambda g: (torch.rand(*axes.values(), generator=g) < rate).long()


def spikes(rate=0.4, **axes):
    return axes, lambda g: (torch.rand(*axes.values(), generator=g) < rate).double()


def fixed(values, **axes):
    return axes, lambda g: torch.tensor(values)


losses, layers = {}, {}


def case(into, name, **inputs):
    def register(function):
        into[name] = (inputs, function)
        return function

    return register


def loss(name, **inputs):
    return case(losses, name, **inputs)


def layer(name, **inputs):
    return case(layers, name, **inputs)


V = dict(time=T, batch=B, neuron=N)
Y = labels(N, batch=B)


# S. Deng et al., "Temporal Efficient Training of Spiking Neural Network via Gradient Re-weighting", ICLR 2022
@loss("temporalEfficientTraining", v=normal(**V), y=Y)
def _(v, y):
    steps = sum(F.cross_entropy(v[t], y) for t in range(T)) / T
    return 0.95 * steps + 0.05 * F.mse_loss(v, torch.ones_like(v))


# snnTorch, mse_count_loss
@loss("spikeCount", spikes=spikes(**V), y=Y)
def _(spikes, y):
    target = torch.where(F.one_hot(y, N).bool(), math.floor(T * 0.8), math.floor(T * 0.2)).double()
    return F.mse_loss(spikes.sum(0), target) / T


# F. Zenke and T. Vogels, Neural Computation 2021: lower bound of each neuron, upper bound of a population
@loss("rateBounds", spikes=spikes(**V))
def _(spikes):
    count = spikes.sum(0)
    lower = torch.relu(3 - count.mean(0)).square().mean()
    upper = torch.relu(count.mean(1) - 1).square().mean()
    return 2 * lower + 0.5 * upper


# M. van Rossum, Neural Computation 2001
@loss("vanRossum", spikes=spikes(**V), wanted=spikes(**V))
def _(spikes, wanted):
    trace, total = torch.zeros(B, N), 0.0
    for t in range(T):
        trace = math.exp(-1 / 2) * trace + spikes[t] - wanted[t]
        total = total + trace.square() / 2
    return total.sum(1).mean()


# J. Victor and K. Purpura, J. Neurophysiology 1996, with a soft minimum (M. Cuturi and M. Blondel, ICML 2017)
@loss("softVictorPurpura", a=uniform(0, 10, batch=2, i=4), b=uniform(0, 10, batch=2, j=3))
def _(a, b):
    softmin = lambda *x: -0.5 * torch.logsumexp(-torch.stack(x) / 0.5, 0)
    row = [torch.full((2,), float(j)) for j in range(4)]
    for i in range(4):
        new = [row[0] + 1]
        for j in range(3):
            move = row[j] + 0.3 * (a[:, i] - b[:, j]).square()
            new.append(softmin(row[j + 1] + 1, new[j] + 1, move))
        row = new
    return row[-1].mean()


# G. Hinton et al., "Distilling the Knowledge in a Neural Network", 2015
@loss("distillation", x=normal(batch=B, neuron=N), teacher=normal(batch=B, neuron=N), y=Y)
def _(x, teacher, y):
    soft = F.kl_div(F.log_softmax(x / 4, 1), F.softmax(teacher.detach() / 4, 1), reduction="batchmean") * 16
    return 0.7 * soft + 0.3 * F.cross_entropy(x, y)


# T. Chen et al., SimCLR, ICML 2020
@loss("contrastive", a=normal(batch=B, neuron=6), b=normal(batch=B, neuron=6))
def _(a, b):
    z = F.normalize(torch.cat([a, b]), dim=1)
    similar = (z @ z.T / 0.5).masked_fill(torch.eye(2 * B).bool(), -1e9)
    return F.cross_entropy(similar, (torch.arange(2 * B) + B) % (2 * B))


# P. Khosla et al., NeurIPS 2020
@loss("supervisedContrastive", x=normal(batch=6, neuron=4), y=fixed([0, 1, 0, 2, 1, 2], batch=6))
def _(x, y):
    z = F.normalize(x, dim=1)
    similar = (z @ z.T / 0.3).masked_fill(torch.eye(6).bool(), -1e9)
    same = (y[:, None] == y[None, :]).double() - torch.eye(6)
    return -((F.log_softmax(similar, 1) * same).sum(1) / same.sum(1)).mean()


# T.-Y. Lin et al., ICCV 2017, with sigmoids, as in torchvision
@loss("focal", x=normal(batch=B, neuron=N), y=bits(batch=B, neuron=N))
def _(x, y):
    y = y.double()
    p = torch.sigmoid(x)
    right = p * y + (1 - p) * (1 - y)
    alpha = 0.25 * y + 0.75 * (1 - y)
    return (alpha * (1 - right) ** 2 * F.binary_cross_entropy_with_logits(x, y, reduction="none")).mean()


# A. Graves et al., ICML 2006; blank is class 0, the labels have a length of 2
@loss("connectionistTemporal", x=normal(time=6, batch=3, neuron=4), y=fixed([[1, 2], [3, 3], [2, 1]], batch=3, label=2))
def _(x, y):
    return F.ctc_loss(F.log_softmax(x, 2), y, (6, 6, 6), (2, 2, 2), reduction="sum") / 3


# C. Szegedy et al., CVPR 2016
@loss("labelSmoothing", x=normal(batch=B, neuron=N), y=Y)
def _(x, y):
    return F.cross_entropy(x, y, label_smoothing=0.1)


# F. Schroff et al., FaceNet, CVPR 2015
@loss("triplet", a=normal(batch=B, neuron=N), p=normal(batch=B, neuron=N), n=normal(batch=B, neuron=N))
def _(a, p, n):
    return F.triplet_margin_loss(a, p, n, margin=1.0, eps=0)


# R. Koenker and G. Bassett, Econometrica 1978
@loss("quantile", x=normal(batch=B, neuron=N), y=normal(batch=B, neuron=N))
def _(x, y):
    q = torch.tensor([0.1, 0.5, 0.9])
    late = y - x
    return torch.maximum(q * late, (q - 1) * late).mean()


# V. Mnih et al., A3C, ICML 2016
@loss("actorCritic", logits=normal(batch=B, neuron=N), value=normal(batch=B), action=Y, reward=normal(batch=B))
def _(logits, value, action, reward):
    policy = torch.distributions.Categorical(logits=logits)
    advantage = reward - value
    actor = -(policy.log_prob(action) * advantage.detach()).mean()
    return actor + 0.5 * advantage.square().mean() - 0.01 * policy.entropy().mean()


# J. Schulman et al., "Proximal Policy Optimization Algorithms", 2017
@loss("proximalPolicy", logits=normal(batch=B, neuron=N), action=Y, before=uniform(-2, -0.5, batch=B), advantage=normal(batch=B))
def _(logits, action, before, advantage):
    ratio = (torch.distributions.Categorical(logits=logits).log_prob(action) - before).exp()
    return -torch.minimum(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage).mean()


# J. Schulman et al., "High-Dimensional Continuous Control Using Generalized Advantage Estimation", ICLR 2016
@loss("advantageEstimation", value=normal(time=T, batch=B), reward=normal(time=T, batch=B))
def _(value, reward):
    late, total = torch.zeros(B), 0.0
    for t in reversed(range(T)):
        after = value[t + 1] if t + 1 < T else torch.zeros(B)
        late = reward[t] + 0.99 * after - value[t] + 0.99 * 0.95 * late
        total = total + late.square()
    return total.mean() / T


@loss("huber", x=normal(batch=B, neuron=N), y=normal(batch=B, neuron=N))
def _(x, y):
    return F.huber_loss(x, y, delta=0.7)


# K. Crammer and Y. Singer, JMLR 2001
@loss("multiMargin", x=normal(batch=B, neuron=N), y=Y)
def _(x, y):
    return F.multi_margin_loss(x, y)


# F. Milletari et al., V-Net, 3DV 2016
@loss("dice", x=normal(batch=B, y=3, x=2), wanted=spikes(batch=B, y=3, x=2))
def _(x, wanted):
    p = torch.sigmoid(x)
    both = (p * wanted).sum((1, 2))
    return (1 - (2 * both + 1) / (p.square().sum((1, 2)) + wanted.square().sum((1, 2)) + 1)).mean()


@loss("cosineEmbedding", a=normal(batch=B, neuron=N), b=normal(batch=B, neuron=N), same=fixed([1.0, -1.0, 1.0, -1.0], batch=B))
def _(a, b, same):
    return F.cosine_embedding_loss(a, b, same, margin=0.1)


# A. Ng, "Sparse autoencoder", CS294A
@loss("sparsity", rate=uniform(0.05, 0.6, batch=B, neuron=N))
def _(rate):
    mean, rho = rate.mean(0), 0.1
    return (rho * (rho / mean).log() + (1 - rho) * ((1 - rho) / (1 - mean)).log()).sum()


@loss("poisson", x=normal(time=T, batch=B, neuron=N), counts=labels(4, time=T, batch=B, neuron=N))
def _(x, counts):
    return F.poisson_nll_loss(x, counts.double())


@loss("gaussian", mean=normal(batch=B, neuron=N), variance=uniform(0.3, 2, batch=B, neuron=N), y=normal(batch=B, neuron=N))
def _(mean, variance, y):
    return F.gaussian_nll_loss(mean, y, variance)


# J. Zbontar et al., Barlow Twins, ICML 2021
@loss("barlowTwins", a=normal(batch=B, neuron=N), b=normal(batch=B, neuron=N))
def _(a, b):
    whiten = lambda x: (x - x.mean(0)) / x.std(0)
    c = whiten(a).T @ whiten(b) / B
    on = (torch.diagonal(c) - 1).square().sum()
    return on + 0.005 * (c.square().sum() - torch.diagonal(c).square().sum())


# A. Bardes et al., VICReg, ICLR 2022
@loss("variance", a=normal(batch=B, neuron=N), b=normal(batch=B, neuron=N))
def _(a, b):
    def spread(x):
        hinge = torch.relu(1 - (x.var(0) + 1e-4).sqrt()).mean()
        c = torch.cov(x.T)
        return 25 * hinge + (c.square().sum() - torch.diagonal(c).square().sum()) / N

    return 25 * F.mse_loss(a, b) + spread(a) + spread(b)


# Y. Guo et al., RMP-Loss, ICCV 2023: membranes near 0 or 1
@loss("membraneRegularizer", v=normal(**V))
def _(v):
    near = torch.minimum(v.square(), (v - 1).square())
    return near.mean()


# Earth mover's distance over time (N. Bonneel et al., 2015, in one dimension)
@loss("earthMover", a=uniform(0.1, 1, **V), b=uniform(0.1, 1, **V))
def _(a, b):
    share = lambda x: (x / x.sum(0)).cumsum(0)
    return (share(a) - share(b)).abs().sum(0).mean()


# J. Göltz et al., Nature Machine Intelligence 2021
@loss("firstSpikeTimes", times=uniform(0.1, 4, batch=B, neuron=N), y=Y)
def _(times, y):
    right = times.gather(1, y[:, None])[:, 0]
    return F.cross_entropy(-times / 0.2, y) + 0.005 * (torch.exp(right / 2) - 1).mean()


# J. Hu et al., CVPR 2018, in its spiking form over time
@layer("squeezeAndExcitation", x=normal(time=2, batch=2, channel=4, y=2, x=3), a=normal(channel=4, mid=2), b=normal(mid=2, channel=4))
def _(x, a, b):
    gate = torch.sigmoid(torch.relu(x.mean((3, 4)) @ a) @ b)
    return x * gate[:, :, :, None, None]


# M. Yao et al., TA-SNN, ICCV 2021
@layer("temporalAttention", x=normal(**V), a=normal(time=T, mid=2), b=normal(mid=2, time=T))
def _(x, a, b):
    gate = torch.sigmoid(torch.relu(x.mean(2).T @ a) @ b).T
    return x * gate[:, :, None]


# Y. Dauphin et al., ICML 2017
@layer("gatedLinearUnit", x=normal(batch=B, neuron=6), w=normal(input=6, neuron=8))
def _(x, w):
    return F.glu(x @ w)


# N. Shazeer, "GLU Variants Improve Transformer", 2020
@layer("swiglu", x=normal(batch=B, neuron=4), w=normal(input=4, mid=5), g=normal(input=4, mid=5), out=normal(mid=5, neuron=4))
def _(x, w, g, out):
    return (F.silu(x @ g) * (x @ w)) @ out


# N. Shazeer et al., ICLR 2017: the 2 best of 4 experts
@layer("mixtureOfExperts", x=normal(batch=B, neuron=3), router=normal(input=3, expert=4), w=normal(expert=4, input=3, neuron=2))
def _(x, router, w):
    logits = x @ router
    best, at = logits.topk(2, 1)
    gate = torch.zeros_like(logits).scatter(1, at, F.softmax(best, 1))
    return torch.einsum("be,bi,ein->bn", gate, x, w)


# J. Ba et al., 2016
@layer("layerNorm", x=normal(**V), scale=normal(neuron=N), bias=normal(neuron=N))
def _(x, scale, bias):
    return F.layer_norm(x, (N,), scale, bias)


# B. Zhang and R. Sennrich, NeurIPS 2019
@layer("rmsNorm", x=normal(**V), scale=normal(neuron=N))
def _(x, scale):
    return F.rms_norm(x, (N,), scale, eps=1e-6)


# A. Vaswani et al., NeurIPS 2017: two heads
@layer("attention", q=normal(batch=2, token=3, neuron=4), k=normal(batch=2, token=3, neuron=4), v=normal(batch=2, token=3, neuron=4))
def _(q, k, v):
    heads = lambda x: x.unflatten(2, (2, 2)).transpose(1, 2)
    return F.scaled_dot_product_attention(heads(q), heads(k), heads(v)).transpose(1, 2).flatten(2)


# Z. Zhou et al., Spikformer, ICLR 2023
@layer("spikingAttention", q=spikes(time=2, batch=2, token=3, neuron=4), k=spikes(time=2, batch=2, token=3, neuron=4), v=spikes(time=2, batch=2, token=3, neuron=4))
def _(q, k, v):
    return (q @ k.transpose(-1, -2)) @ v * 0.125


# R. Srivastava et al., 2015
@layer("highway", x=normal(batch=B, neuron=N), w=normal(input=N, neuron=N), g=normal(input=N, neuron=N))
def _(x, w, g):
    gate = torch.sigmoid(x @ g)
    return gate * torch.relu(x @ w) + (1 - gate) * x


@layer("maxPool", x=normal(batch=2, channel=2, y=4, x=4))
def _(x):
    return F.max_pool2d(x, 2)


# I. Goodfellow et al., ICML 2013
@layer("maxout", x=normal(batch=B, neuron=N), w=normal(piece=3, input=N, neuron=4))
def _(x, w):
    return torch.einsum("bi,pin->bpn", x, w).max(1).values


@layer("causalFilter", x=normal(time=6, batch=2, neuron=N), w=normal(tap=3, neuron=N))
def _(x, w):
    padded = F.pad(x.permute(1, 2, 0), (2, 0))
    return F.conv1d(padded, w.flip(0).T[:, None, :], groups=N).permute(2, 0, 1)


# E. Perez et al., FiLM, AAAI 2018
@layer("modulation", x=normal(batch=B, channel=2, y=2), condition=normal(batch=B, input=3), w=normal(input=3, both=4))
def _(x, condition, w):
    scale, bias = (condition @ w).chunk(2, 1)
    return (1 + scale)[:, :, None] * x + bias[:, :, None]


# H. Zheng et al., tdBN, AAAI 2021
@layer("thresholdNorm", x=normal(time=3, batch=2, channel=2, y=2), scale=normal(channel=2), bias=normal(channel=2))
def _(x, scale, bias):
    folded = F.batch_norm(x.flatten(0, 1), None, None, scale, bias, training=True)
    return folded.unflatten(0, (3, 2)) * 0.5


# A. Georgopoulos et al., Science 1986: the direction of a population
@layer("populationVector", rates=uniform(batch=B, neuron=8))
def _(rates):
    angle = torch.arange(8) * (2 * math.pi / 8)
    return torch.atan2((rates * angle.sin()).sum(1), (rates * angle.cos()).sum(1)).sin()


def plain(x):
    return [float(f"{value:.12g}") for value in x.detach().double().flatten().tolist()]


def record(cases, file):
    out = {}
    for name, (inputs, function) in cases.items():
        g = torch.Generator().manual_seed(sum(map(ord, name)))
        tensors, given = {}, {}
        for key, (axes, make) in inputs.items():
            x = make(g)
            if x.is_floating_point():
                x = torch.tensor([round(v, 5) for v in x.flatten().tolist()]).reshape(x.shape).requires_grad_()
            given[key], tensors[key] = x, {"axes": list(axes), "shape": list(x.shape), "values": [float(v) if x.is_floating_point() else int(v) for v in x.flatten().tolist()]}
        result = function(**given)
        seed = torch.ones(()) if result.dim() == 0 else torch.tensor([round(v, 5) for v in torch.randn(result.shape, generator=g).flatten().tolist()]).reshape(result.shape)
        (result * seed).sum().backward()
        gradients = {key: plain(x.grad) for key, x in given.items() if x.is_floating_point() and x.grad is not None}
        out[name] = {"inputs": tensors, "seed": plain(seed), "shape": list(result.shape), "result": plain(result), "gradients": gradients}
        assert all(math.isfinite(v) for v in plain(result)), name
    text = ",\n".join(f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'))}" for name, value in out.items())
    (FOLDER / file).write_text("{" + text + "}\n")
    print(file, len(out), "cases")


record(losses, "losses.json")
record(layers, "layers.json")
