// What a surrogate whose derivative is zero for most neurons saves of a training step: `deep` and `conv` of the benchmark with
// a triangle of this width beside the fast sigmoid, on the same network; with another build of lapicque, and with snnTorch
// and SpikingJelly, which compute the whole gradient, in turns.
//
//   node benches/sparse-gradients.mjs [deep|conv] [--width 0.1] [--rounds 3] [--steps 5] [--other FOLDER] [--python PYTHON]
//
// FOLDER is another clone with its addon and dist; PYTHON has snntorch and spikingjelly (deep only). Prints a JSON line: medians of a step
// in ms, the fraction of neurons and steps whose derivative is not zero, and the fraction of the gradient of spikes that was computed.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { program } from 'commander';
import { fail, generator, load, median, positive, print, rounded, run } from './support/turns.mjs';

const here = dirname(fileURLToPath(import.meta.url));
program
  .argument('[task]', 'deep or conv', 'deep')
  .option('--width <x>', 'half of the base of the triangle', '0.1')
  .option('--rounds <n>', 'turns of each', '3')
  .option('--steps <n>', 'timed steps of a turn', '5')
  .option('--other <folder>', 'another clone')
  .option('--python <program>', 'a Python with snntorch and spikingjelly')
  .option('--turn <surrogate>', 'one turn of this process, with the clone of --other')
  .parse();
const [options, [task = 'deep']] = [program.opts(), program.args];
const [rounds, steps] = ['rounds', 'steps'].map((name) => positive(name, options[name]));
const width = Number(options.width);
if (!['deep', 'conv'].includes(task)) fail(`${task} is not deep or conv`);

if (options.turn === undefined) await compare();
else print(await turn(options.other ?? join(here, '..'), options.turn));

async function compare() {
  const turns = { sparse: [], dense: [], other: [], other_dense: [], snntorch: [], spikingjelly: [] };
  const own = (surrogate, folder) =>
    run(process.execPath, [
      fileURLToPath(import.meta.url),
      ...[task, '--turn', surrogate, '--steps', String(steps), '--width', String(width)],
      ...(folder === undefined ? [] : ['--other', folder]),
    ]);
  for (let round = 0; round < rounds; round++) {
    turns.sparse.push(await own('triangular'));
    turns.dense.push(await own('fast-sigmoid'));
    if (options.other !== undefined) {
      turns.other.push(await own('triangular', options.other));
      turns.other_dense.push(await own('fast-sigmoid', options.other));
    }
    for (const peer of ['snntorch', 'spikingjelly']) {
      if (options.python === undefined || task !== 'deep') continue;
      const script = join(here, 'support', 'sparse_gradients.py');
      turns[peer].push(await run(options.python, [script, peer, String(width), String(steps)], here));
    }
  }
  const { active, computed, activity, loss } = turns.sparse[0];
  const ms = {};
  for (const [name, all] of Object.entries(turns)) {
    if (all.length > 0) ms[name] = rounded(median(all.map(({ step_ms }) => step_ms)));
  }
  const least = {};
  for (const [name, all] of Object.entries(turns)) {
    const known = all.map(({ least_ms }) => least_ms).filter((ms) => ms !== undefined);
    if (known.length > 0) least[name] = rounded(Math.min(...known));
  }
  const ratios = (of) => {
    const ratio = {};
    for (const name of Object.keys(of)) if (name !== 'sparse') ratio[name] = rounded(of[name] / of.sparse);
    if (of.other_dense !== undefined) ratio.dense_of_other = rounded(of.other_dense / of.dense);
    return ratio;
  };
  const peak_mb = Object.fromEntries(
    Object.entries(turns).flatMap(([name, all]) =>
      all[0]?.peak_mb === undefined ? [] : [[name, all[0].peak_mb]],
    ),
  );
  print({
    ...{
      task,
      width,
      rounds,
      steps,
      step_ms: ms,
      ratio: ratios(ms),
      least_ms: least,
      least_ratio: ratios(least),
    },
    ...{ peak_mb, active, computed, activity, loss, load: load() },
  });
}

/** One untimed step, then some more of one network. */
async function turn(folder, surrogate) {
  const url = pathToFileURL(join(folder, 'dist', 'index.js'));
  const doors = ['index', 'neurons'].map((name) => import(new URL(`${name}.js`, url)));
  const lapicque = Object.assign({}, ...(await Promise.all(doors)));
  const { surrogate: surrogates } = lapicque;
  const named =
    surrogate === 'triangular' ? surrogates.triangular({ width }) : surrogates.fastSigmoid({ slope: 25 });
  const { model, batch, work } = await problem(lapicque, named);
  const reports = [];
  const times = [];
  for (let step = 0; step <= steps; step++) {
    const began = performance.now();
    reports.push(await model.trainStep(batch, work));
    if (step > 0) times.push(performance.now() - began);
  }
  const [first, last] = [reports[0], reports.at(-1)];
  const [T, samples] = work.steps === undefined ? batch.shape : [work.steps, batch.shape[0]];
  const neurons = model.info.layers.map((layer) => layer.neurons);
  return {
    step_ms: median(times),
    least_ms: Math.min(...times),
    loss: [first, last].map(({ loss }) => Number(loss.toPrecision(6))),
    activity: first.spikes.slice(0, -1).map((spikes, i) => rounded(spikes / (samples * T * neurons[i]))),
    active: last.active?.map((fraction) => (fraction === null ? null : rounded(fraction))),
    computed: last.computed?.map((fraction) => (fraction === null ? null : rounded(fraction))),
    peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

async function problem({ sequential, dense, lif, li, loss, adam, networks }, surrogate) {
  const random = generator();
  const labels = (count) => Uint32Array.from({ length: count }, () => Math.floor(10 * random()));
  const uniform = (outputs, inputs, gain) =>
    Float32Array.from({ length: outputs * inputs }, () => ((2 * random() - 1) * gain) / Math.sqrt(inputs));
  if (task === 'deep') {
    const [T, samples, size] = [100, 64, 1024];
    // As in `lapicque bench deep`: 5 % of the neurons of every layer spike in a step.
    const gains = [3.66, 3.332, 3.108, 3.21, 3.178, 1];
    const layers = gains.flatMap((_, i) =>
      i < 5
        ? [dense(size, size, { name: `dense${i + 1}` }), lif({ beta: 0.9, surrogate })]
        : [dense(size, 10, { name: `dense${i + 1}` }), li({ beta: 0.9 })],
    );
    const model = await sequential(...layers).compile();
    for (const [i, gain] of gains.entries()) {
      const outputs = i < 5 ? size : 10;
      await model.setWeights({
        [`dense${i + 1}.weight`]: uniform(outputs, size, gain),
        [`dense${i + 1}.bias`]: new Float32Array(outputs),
      });
    }
    const x = Uint8Array.from({ length: T * samples * size }, () => (random() < 0.05 ? 1 : 0));
    const work = { loss: loss.crossEntropyMeanMembrane(), optimizer: adam({ lr: 1e-4 }) };
    return { model, batch: { x, y: labels(samples), shape: [T, samples, size] }, work };
  }
  const [T, samples] = [50, 128];
  const model = await networks.convSnn({ neuron: { beta: 0.5, surrogate } }).compile();
  for (const [name, outputs, inputs, gain] of [
    ['conv1', 12, 25, 2.955],
    ['conv2', 64, 300, 1.837],
    ['dense1', 10, 1024, 3.886],
  ]) {
    await model.setWeights({
      [`${name}.weight`]: uniform(outputs, inputs, gain),
      [`${name}.bias`]: new Float32Array(outputs),
    });
  }
  const x = Float32Array.from({ length: samples * 784 }, () => {
    const value = 0.36 + 0.64 * random();
    return random() < 0.19 ? value : 0;
  });
  const work = { loss: loss.crossEntropyRate(), optimizer: adam({ lr: 1e-3 }), steps: T };
  return { model, batch: { x, y: labels(samples), shape: [samples, 1, 28, 28] }, work };
}
