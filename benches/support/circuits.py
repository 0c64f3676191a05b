"""The networks of benches/circuits.mjs in NEST 3.10, on two threads: prints seconds by what was done as JSON."""
import json
import os
import resource
import sys
import time

os.environ.setdefault("PYNEST_QUIET", "1")
stdout = os.dup(1)
os.dup2(2, 1)  # NEST's words go to stderr
import nest
import numpy as np

nest.set_verbosity("M_ERROR")
nest.ResetKernel()
nest.set(local_num_threads=2, resolution=0.1, rng_seed=1)
measured = {}


class timed:
    def __init__(self, what):
        self.what = what

    def __enter__(self):
        self.start = time.perf_counter()

    def __exit__(self, *_):
        measured[self.what] = time.perf_counter() - self.start


WEAK = {"weight": 0.5, "delay": 1.5}


def neurons(n, **params):
    return nest.Create("iaf_psc_exp", n, params or None)


def drive(*all_neurons):
    generator = nest.Create("poisson_generator", params={"rate": 8000.0})
    recorder = nest.Create("spike_recorder")
    for each in all_neurons:
        nest.Connect(generator, each, syn_spec={"weight": 22.0, "delay": 0.1})
        nest.Connect(each, recorder)


def run(ms):
    # Connections are sorted, and buffers made, before the first step.
    start = time.perf_counter()
    nest.Prepare()
    measured["build"] += time.perf_counter() - start
    with timed("run"):
        nest.Run(ms)
    nest.Cleanup()


def small(count, size, others, ms):
    with timed("build"):
        all_neurons = [neurons(size) for _ in range(count)]
        for i in range(count):
            for j in range(others):
                to = all_neurons[(i + j * 7 + 1) % count]
                nest.Connect(all_neurons[i], to, {"rule": "fixed_indegree", "indegree": 4}, WEAK)
        drive(*all_neurons)
    run(ms)


def ring():
    nest.set(local_num_threads=1)
    with timed("build"):
        all_neurons = [neurons(5) for _ in range(200)]
        for i in range(200):
            nest.Connect(all_neurons[i], all_neurons[(i + 1) % 200], "all_to_all", WEAK)
        drive(*all_neurons)
    run(500.0)


def drawn():
    with timed("build"):
        E = neurons(10_000)
        synapse = {"weight": nest.random.lognormal(-1.0, 0.5), "delay": nest.random.uniform(0.5, 15.0)}
        nest.Connect(E, E, {"rule": "fixed_indegree", "indegree": 1000}, synapse)
        drive(E)
    run(500.0)


def graded():
    with timed("build"):
        E = nest.Create("tanh_rate_ipn", 1000, {"tau": 10.0, "sigma": 0.0})
        synapse = {"synapse_model": "rate_connection_delayed", "delay": 0.1,
                   "weight": nest.random.normal(0.0, 1.5 / np.sqrt(1000))}
        nest.Connect(E, E, "all_to_all", synapse)
    run(100.0)


def by_distance():
    with timed("build"):
        half = 3.5
        places = np.random.default_rng(1).uniform(-half, half, (50_000, 2)).tolist()
        E = nest.Create("iaf_psc_exp", positions=nest.spatial.free(places, extent=[7.0, 7.0], edge_wrap=True))
        d = nest.spatial.distance
        rule = {"rule": "pairwise_bernoulli", "p": 0.3 * nest.spatial_distributions.gaussian(d, std=0.1),
                "mask": {"circular": {"radius": 0.5}}, "allow_autapses": False}
        nest.Connect(E, E, rule, {"weight": 0.5 * (1 - d / 20), "delay": 0.5 + d / 2})


def lists():
    n, k = 20_000, 250
    i = np.arange(n * k)
    sources = i * 7919 % n
    with timed("build"):
        neurons(n)
        synapse = {"weight": sources / n, "delay": 0.5 + (sources % 100) / 10}
        nest.Connect(sources + 1, i // k + 1, "one_to_one", synapse)


def trains():
    times = [(10 * np.arange(1000) + 1 + i % 9) / 10 for i in range(1000)]
    with timed("build"):
        E = neurons(1000)
        generators = nest.Create("spike_generator", 1000, [{"spike_times": each} for each in times])
        nest.Connect(generators, E, {"rule": "fixed_indegree", "indegree": 100}, {"weight": 1.0, "delay": 1.0})
    run(1000.0)


def currents():
    t = np.arange(1, 1001.0)
    amplitudes = [380 + 50 * np.sin(t / 10 + i) for i in range(1000)]
    with timed("build"):
        E = neurons(1000)
        params = [{"amplitude_times": t, "amplitude_values": each} for each in amplitudes]
        nest.Connect(nest.Create("step_current_generator", 1000, params), E, "one_to_one", {"delay": 0.1})
    run(1000.0)


def driven(model, current, ms):
    with timed("build"):
        E = nest.Create(model, 1000, {"I_e": current})
        E.V_m = np.random.default_rng(1).uniform(-75, -60, 1000).tolist()
        nest.Connect(E, nest.Create("spike_recorder"))
    run(ms)


def voltage_based():
    with timed("build"):
        E = nest.Create("hh_psc_alpha_clopath", 500, {"I_e": 650.0})
        E.V_m = np.random.default_rng(1).uniform(-75, -60, 500).tolist()
        # NEST looks in vain for its filters where the smallest delay is above a step.
        nest.Connect(nest.Create("parrot_neuron"), nest.Create("parrot_neuron"), syn_spec={"delay": 0.1})
        synapse = {"synapse_model": "clopath_synapse", "weight": 0.5, "delay": 1.5}
        nest.Connect(E, E, "all_to_all", synapse)
    run(100.0)


def parameters():
    with timed("build"):
        E = neurons(10_000)
        nest.Connect(E, E, {"rule": "fixed_indegree", "indegree": 100}, WEAK)
        drive(E)
    values = (np.arange(10_000) / 1000).tolist()
    nest.Simulate(0.1)
    with timed("run"):
        for _ in range(20):
            E.set(I_e=values)
            nest.Simulate(1.0)


FEATURES = {
    "small-populations": lambda: small(200, 50, 25, 1000.0),
    "tiny-populations": lambda: small(2000, 5, 10, 200.0),
    "ring-of-populations": ring,
    "ring-of-populations-f64": ring,
    "drawn-weights-and-delays": drawn,
    "graded-synapses": graded,
    "wiring-by-distance": by_distance,
    "lists-of-synapses": lists,
    "trains-of-spikes": trains,
    "currents-over-time": currents,
    "adaptive-exponential-neurons": lambda: driven("aeif_cond_exp", 600.0, 1000.0),
    "hodgkin-huxley-neurons": lambda: driven("hh_psc_alpha", 650.0, 200.0),
    "voltage-based-plasticity": voltage_based,
    "parameters-between-runs": parameters,
}
FEATURES[sys.argv[1]]()
measured["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
sys.stdout.flush()
os.dup2(stdout, 1)
print(json.dumps(measured), flush=True)
