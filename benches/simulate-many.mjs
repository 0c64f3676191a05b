// A sweep of small networks beside the best loop of compile and run, and beside NEST: 1,000 networks of 500 neurons (400 excitatory, 100
// inhibitory, iafPscExp, in-degree 40 + 10, Poisson drive of 8 kHz, 200 ms at 0.1 ms), a weight axis and one seed a row.
//
//   node benches/simulate-many.mjs [--rows 1000] [--rounds 3] [--peer-rows 20] [--no-peer]
//
// Each round runs, in turns: simulateMany on all threads; the loop, each row on one thread with as many rows at a time as are fastest of
// 1, 2, 4 and 8; and NEST's loop (support/simulate_many.py in the Python of PEERS_SIM_PYTHON, default .peers/bin/python), of fewer rows,
// since one takes so long. Prints a JSON line: medians of ms a row, and how many times as long the loops take. `cpu_ms`: of all threads.
import { fileURLToPath } from 'node:url';
import { program } from 'commander';
import { circuit, connect, poisson, population, rule, simulateMany } from '../dist/circuit.js';
import { iafPscExp } from '../dist/neurons.js';
import { fail, load, median, positive, print, rounded, run } from './support/turns.mjs';

program
  .description('a sweep of small networks beside loops')
  .option('--rows <n>', 'networks', '1000')
  .option('--rounds <n>', 'turns', '3')
  .option('--peer-rows <n>', 'networks of NEST', '20')
  .option('--no-peer', 'without NEST')
  .parse();
const options = program.opts();
const [rows, rounds, peerRows] = ['rows', 'rounds', 'peerRows'].map((name) => positive(name, options[name]));

const weights = Float64Array.from({ length: rows }, (_, row) => 15 + (10 * row) / rows);
const seeds = Float64Array.from({ length: rows }, (_, row) => row);
const duration = 200;

/** All excitatory synapses and drives share the axis; inhibition is five times as strong. */
function described(weight) {
  const E = population(iafPscExp, 400, { name: 'E' });
  const I = population(iafPscExp, 100, { name: 'I' });
  return circuit(
    E,
    I,
    [E, I].flatMap((to) => [
      connect(E, to, rule.fixedInDegree(40), { weight, delay: 1.5, name: 'excitation' }),
      connect(I, to, rule.fixedInDegree(10), { weight: -5 * weight, delay: 1.5, name: 'inhibition' }),
      connect(poisson(8000), to, { weight: 22, name: to === E ? 'driveE' : 'driveI' }),
    ]),
  );
}

/** Wall and CPU milliseconds a row, and what the call gave. */
async function timed(call) {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const result = await call();
  const ms = (performance.now() - start) / rows;
  const { user, system } = process.cpuUsage(before);
  return { ms, cpu: (user + system) / 1000 / rows, result };
}

const swept = () =>
  timed(() =>
    simulateMany(described(20), {
      axes: { 'excitation.weight': weights, 'inhibition.weight': weights.map((w) => -5 * w) },
      design: 'zip',
      seeds,
      measure: ['spikes'],
      duration,
    }),
  );

const looped = (atATime) =>
  timed(async () => {
    const spikes = new Float64Array(rows);
    let next = 0;
    const worker = async () => {
      while (next < rows) {
        const row = next++;
        const simulation = await described(weights[row]).compile({ seed: row, threads: 1 });
        spikes[row] = (await simulation.run(duration)).times.length;
        simulation.dispose();
      }
    };
    await Promise.all(Array.from({ length: atATime }, worker));
    return spikes;
  });

/** Fails unless both ways gave the same spikes. */
function same({ columns }, spikes) {
  const differs = spikes.findIndex(
    (count, row) => count !== columns['E.spikes'][row] + columns['I.spikes'][row],
  );
  if (differs >= 0) fail(`row ${differs}: the sweep and the loop differ`);
}

const python = process.env.PEERS_SIM_PYTHON ?? '.peers/bin/python';
const script = fileURLToPath(new URL('support/simulate_many.py', import.meta.url));
const [ours, loops, peers] = [[], [], []];
for (let round = 0; round < rounds; round++) {
  const sweep = await swept();
  ours.push(sweep);
  const ways = [];
  for (const atATime of [1, 2, 4, 8]) {
    const loop = await looped(atATime);
    same(sweep.result, loop.result);
    ways.push({ ...loop, atATime });
  }
  loops.push(ways.reduce((best, way) => (way.ms < best.ms ? way : best)));
  if (options.peer) peers.push(await run(python, [script, String(peerRows)], process.cwd()));
}
const of = (all, key) => median(all.map((one) => one[key]));
const row = {
  rows,
  ms: rounded(of(ours, 'ms')),
  cpu_ms: rounded(of(ours, 'cpu')),
  at_a_time: ours[0].result.atATime,
  loop_ms: rounded(of(loops, 'ms')),
  loop_cpu_ms: rounded(of(loops, 'cpu')),
  loop_at_a_time: of(loops, 'atATime'),
  loop_ratio: rounded(of(loops, 'ms') / of(ours, 'ms')),
};
if (peers.length > 0) {
  row.nest_ms = rounded(of(peers, 'ms'));
  row.nest_ratio = rounded(of(peers, 'ms') / of(ours, 'ms'));
}
print({ ...row, load: load() });
