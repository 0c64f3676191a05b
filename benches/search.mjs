// Searches beside Optuna's and Rustuna's: the best value within a budget over many seeds, and what a trial costs.
//
//   node benches/search.mjs [FUNCTION…] [--searches random,tpe,cma-es] [--peers optuna,rustuna] [--seeds 20] [--lag 1]
//
// FUNCTION is branin (100 trials), hartmann6 (150), rosenbrock5 (200), ackley10 (250) or mixed_conditional (100); default all. Prints a
// JSON line for each function and search: median and quartiles of the best value, ms of CPU a trial (proposal, objective, telling; the engine's
// calls as a study makes them, without its journal), and for each peer the same with `p`, two-sided, of Mann and Whitney's test between the
// two sets of values. `--lag` is a study's `parallel`: 1 is what the peers do.
//
// The peers' part is benches/support/search.py, run by SEARCH_PYTHON (default .peers/bin/python), an environment made once:
//
//   python3 -m venv .peers
//   .peers/bin/pip install optuna==5.0.0 rustuna==0.2.0 cmaes==0.13.1
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { program } from 'commander';
import { fail, load, positive, print, rounded, run } from './support/turns.mjs';

program
  .description("searches beside Optuna's and Rustuna's")
  .argument('[function...]', 'default all')
  .option('--searches <names>', 'comma-separated', 'random,tpe,cma-es')
  .option('--peers <names>', 'comma-separated; none: an empty string', 'optuna,rustuna')
  .option('--seeds <n>', 'studies of each', '20')
  .option('--lag <n>', 'trials under way together', '1')
  .parse();
const values = program.opts();
const seeds = positive('seeds', values.seeds);
const lag = positive('lag', values.lag);
const root = fileURLToPath(new URL('..', import.meta.url));
const python = resolve(root, process.env.SEARCH_PYTHON ?? '.peers/bin/python');
const script = resolve(root, 'benches/support/search.py');
const { addon } = createRequire(import.meta.url)('../native/load.cjs');

const uniform = (low, high) => ({ kind: 'uniform', low, high });
const numbers = (n, low, high) =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`x${i}`, uniform(low, high)]));
const sum = (list) => list.reduce((a, b) => a + b, 0);

/** By function: trials, space, objective. */
const functions = {
  branin: [100, { x0: uniform(-5, 10), x1: uniform(0, 15) }, branin],
  hartmann6: [150, numbers(6, 0, 1), hartmann6],
  rosenbrock5: [200, numbers(5, -2, 2), rosenbrock],
  ackley10: [250, numbers(10, -5, 5), ackley],
  mixed_conditional: [
    100,
    {
      c: { kind: 'choice', values: ['a', 'b', 'c', 'd'] },
      lr: { kind: 'log-uniform', low: 1e-5, high: 1e-1 },
      n: { kind: 'int', low: 1, high: 64 },
      m: { kind: 'when', parameter: 'c', is: ['b'], part: uniform(0, 1) },
    },
    mixed,
  ],
};

function branin({ x0, x1 }) {
  const bowl = x1 - (5.1 / (4 * Math.PI ** 2)) * x0 * x0 + (5 / Math.PI) * x0 - 6;
  return bowl * bowl + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x0) + 10;
}

function hartmann6(parameters) {
  const x = Object.values(parameters);
  const a = [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ];
  const p = [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
  ];
  const distance = (i) => sum(x.map((x, j) => a[i][j] * (x - 1e-4 * p[i][j]) ** 2));
  return -sum([1, 1.2, 3, 3.2].map((c, i) => c * Math.exp(-distance(i))));
}

function rosenbrock(parameters) {
  const x = Object.values(parameters);
  return sum(x.slice(1).map((b, i) => 100 * (b - x[i] ** 2) ** 2 + (1 - x[i]) ** 2));
}

function ackley(parameters) {
  const x = Object.values(parameters);
  const squares = sum(x.map((x) => x * x)) / x.length;
  const waves = sum(x.map((x) => Math.cos(2 * Math.PI * x))) / x.length;
  return -20 * Math.exp(-0.2 * Math.sqrt(squares)) - Math.exp(waves) + 20 + Math.E;
}

function mixed({ c, lr, n, m }) {
  const offset = { a: 0, b: 0.3, c: 0.6, d: 0.9 }[c] + (c === 'b' ? (m - 0.7) ** 2 - 0.4 : 0);
  return offset + (Math.log10(lr) + 3) ** 2 + ((n - 24) / 32) ** 2;
}

/** The best value of one study. */
function ours(kind, space, trials, objective, seed) {
  const description = { space, search: { kind }, directions: ['minimize'], seed };
  const search = unwrap(addon.NativeSearch.create(JSON.stringify(description)));
  const running = [];
  let best = Number.POSITIVE_INFINITY;
  for (let number = 0; number < trials; number++) {
    if (running.length >= lag) unwrap(search.tell(JSON.stringify(running.shift())));
    const pending = JSON.stringify(running.map((trial) => trial.parameters));
    const parameters = JSON.parse(unwrap(search.propose(number, pending)));
    const value = objective(parameters);
    running.push({ number, state: 'complete', parameters, values: [value], reports: [] });
    best = Math.min(best, value);
  }
  return best;
}

function unwrap(outcome) {
  if (outcome?.error !== undefined) fail(outcome.error.message);
  return outcome;
}

function quartiles(list) {
  const sorted = list.toSorted((a, b) => a - b);
  const at = (part) => {
    const position = part * (sorted.length - 1);
    const below = sorted[Math.floor(position)];
    return below + (sorted[Math.ceil(position)] - below) * (position % 1);
  };
  return [0.25, 0.5, 0.75].map((part) => Number(at(part).toPrecision(4)));
}

/** Two-sided p of Mann and Whitney's test, by the normal approximation with its correction for continuity. */
function mannWhitney(a, b) {
  const wins = sum(a.flatMap((x) => b.map((y) => (x < y ? 1 : x === y ? 0.5 : 0))));
  const deviation = Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12);
  const z = Math.max(0, Math.abs(wins - (a.length * b.length) / 2) - 0.5) / deviation;
  // Abramowitz and Stegun 7.1.26: to 1.5e-7.
  const t = 1 / (1 + (0.3275911 * z) / Math.SQRT2);
  const tail =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return rounded(tail * Math.exp((-z * z) / 2));
}

const chosen = program.args.length === 0 ? Object.keys(functions) : program.args;
for (const name of chosen) {
  if (functions[name] === undefined)
    fail(`unknown function ${name}: there are ${Object.keys(functions).join(', ')}`);
  const [trials, space, objective] = functions[name];
  for (const search of values.searches.split(',')) {
    // A round before, in which the engine is compiled.
    ours(search, space, trials, objective, seeds);
    const begin = process.cpuUsage();
    const found = Array.from({ length: seeds }, (_, seed) => ours(search, space, trials, objective, seed));
    const { user, system } = process.cpuUsage(begin);
    const ms = (user + system) / 1000 / (seeds * trials);
    const row = {
      function: name,
      trials,
      search,
      lag,
      load: load(),
      best: quartiles(found),
      ms: rounded(ms),
    };
    for (const peer of values.peers.split(',').filter((peer) => peer !== '')) {
      if (peer === 'rustuna' && search !== 'tpe') continue;
      const result = await run(python, [script, peer, search, name, trials, seeds].map(String));
      const p = mannWhitney(found, result.best);
      row[peer] = { best: quartiles(result.best), ms: rounded(result.ms), p, ratio: rounded(result.ms / ms) };
    }
    print(row);
  }
}
