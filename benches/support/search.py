"""One peer's searches of benches/search.mjs: python search.py PEER SAMPLER FUNCTION TRIALS SEEDS; prints JSON { best, ms }."""

import json
import math
import sys
import time
import warnings

warnings.filterwarnings("ignore")
peer, sampler, function, trials, seeds = sys.argv[1:]


def numbers(trial, n, low, high):
    return [trial.suggest_float(f"x{i}", low, high) for i in range(n)]


def branin(trial):
    x, y = trial.suggest_float("x0", -5, 10), trial.suggest_float("x1", 0, 15)
    bowl = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return bowl * bowl + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def hartmann6(trial):
    a = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
    p = [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
         [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]
    x = numbers(trial, 6, 0, 1)
    distance = [sum(a[i][j] * (x[j] - 1e-4 * p[i][j]) ** 2 for j in range(6)) for i in range(4)]
    return -sum(c * math.exp(-d) for c, d in zip([1, 1.2, 3, 3.2], distance))


def rosenbrock5(trial):
    x = numbers(trial, 5, -2, 2)
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


def ackley10(trial):
    x = numbers(trial, 10, -5, 5)
    squares = sum(v * v for v in x) / 10
    waves = sum(math.cos(2 * math.pi * v) for v in x) / 10
    return -20 * math.exp(-0.2 * math.sqrt(squares)) - math.exp(waves) + 20 + math.e


def mixed_conditional(trial):
    c = trial.suggest_categorical("c", ["a", "b", "c", "d"])
    lr = math.log10(trial.suggest_float("lr", 1e-5, 1e-1, log=True)) + 3
    n = (trial.suggest_int("n", 1, 64) - 24) / 32
    value = {"a": 0, "b": 0.3, "c": 0.6, "d": 0.9}[c] + lr * lr + n * n
    if c == "b":
        value += (trial.suggest_float("m", 0, 1) - 0.7) ** 2 - 0.4
    return value


def study(seed):
    if peer == "rustuna":
        import rustuna

        return rustuna.create_study(sampler=rustuna.samplers.TPESampler(seed=seed))
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    samplers = {
        "random": optuna.samplers.RandomSampler,
        "tpe": optuna.samplers.TPESampler,
        "cma-es": optuna.samplers.CmaEsSampler,
    }
    return optuna.create_study(sampler=samplers[sampler](seed=seed))


best, elapsed = [], 0.0
for seed in range(int(seeds)):
    one = study(seed)
    begin = time.process_time()
    one.optimize(globals()[function], n_trials=int(trials))
    elapsed += time.process_time() - begin
    best.append(min(t.values[0] for t in one.trials) if peer == "rustuna" else one.best_value)
print(json.dumps({"best": best, "ms": 1000 * elapsed / (int(seeds) * int(trials))}))
