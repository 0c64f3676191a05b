// Electron and other V8 sandboxes refuse an ArrayBuffer whose memory is not V8's. Here a copy of Node lacks the functions that make one: an
// addon that asks for them is told so on stderr, and gets an error.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { library } from '../support/process.ts';

const functions = ['napi_create_external_arraybuffer', 'napi_create_external_buffer'];
const subject = process.platform === 'linux' ? test : test.skip;

/** Node without these functions: their names in the table of symbols are changed. */
function withoutExternalBuffers(path: string): number {
  const program = readFileSync(process.execPath);
  let changed = 0;
  for (const name of functions) {
    const symbol = Buffer.from(`\0${name}\0`);
    for (let at = program.indexOf(symbol); at >= 0; at = program.indexOf(symbol, at + 1)) {
      program[at + 1] = 'x'.charCodeAt(0);
      changed++;
    }
  }
  writeFileSync(path, program);
  chmodSync(path, 0o755);
  return changed;
}

/** Runs a program that was just written. A process that another test file starts meanwhile holds the file open for a moment. */
function started(program: string, args: readonly string[]) {
  for (;;) {
    const result = spawnSync(program, args, { encoding: 'utf8' });
    if ((result.error as NodeJS.ErrnoException | undefined)?.code !== 'ETXTBSY') return result;
  }
}

/** Each kind of call that gives arrays: training, runs, sessions, weights, files, codes, statistics, circuits. */
const script = `
import * as lapicque from ${JSON.stringify(library)};
const { adam, analysis, connect, dense, encode, lif, loss, circuit, poisson, population, readTensors, record, rule, sequential, tensorBytes } = lapicque;
const counted = {};
function count(name, value) {
  if (typeof value !== 'object' || value === null) return;
  if (ArrayBuffer.isView(value)) counted[name] = (counted[name] ?? 0) + 1;
  else for (const part of Object.values(value)) count(name, part);
}
const model = await sequential(dense(4, 8), lif({ beta: 0.9 }), dense(8, 2), lif({ beta: 0.9 })).compile({ seed: 1 });
const input = { x: new Float32Array(24).fill(1), shape: [3, 2, 4], y: new Uint8Array(2) };
await model.trainStep(input, { loss: loss.crossEntropyCount(), optimizer: adam() });
count('run', await model.run(input, { record: ['lif1.spikes', 'lif1.v'] }));
count('predict', await model.predict(input, { scores: true }));
count('weights', await model.weights());
count('gradients', await model.gradients());
count('bytes', await model.toBytes());
const session = await model.session();
const one = new Float32Array(4).fill(1);
count('push', session.push(one));
count('pushAsync', await session.pushAsync([one]));
count('session', session.save().toArrays());
count('tensors', [...(await readTensors(await tensorBytes({ a: { data: one, shape: [2, 2] } }, { format: 'npy' }))).tensors.values()]);
count('encode', await encode.rate({ x: one, shape: [1, 4] }, { steps: 4, seed: 1 }));
const E = population(lif, 20, { like: 'nest', name: 'E' });
const cells = circuit(E, connect(poisson(8000), E, { weight: 100 }), connect(E, E, rule.fixedInDegree(2), { weight: 1, delay: 1 }), record.spikes(), record.traces(E, ['v'], 0.1, [0]));
const simulation = await cells.compile({ dt: 0.1, seed: 1 });
const recorded = await simulation.run(100);
count('simulation', recorded);
count('statistics', await analysis.cv(recorded.of('E')));
count('state', { state: await simulation.stateBytes() });
count('synapses', await simulation.connections(E, E));
console.log(JSON.stringify(counted));
`;

subject('no array of the engine lies in memory that is not V8’s', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lapicque-external-'));
  try {
    const node = join(folder, 'node');
    t.true(withoutExternalBuffers(node) >= functions.length);
    const { stdout, stderr, status, error } = started(node, ['--input-type=module', '-e', script]);
    t.is(status, 0, stderr ?? String(error));
    // An addon that does ask for them is not even loaded.
    const other = started(node, ['-e', "require('@resvg/resvg-js')"]);
    t.regex(other.stderr, /napi_create_external/);
    t.notRegex(stderr, /has not been loaded/);
    const calls =
      'run predict weights gradients bytes push pushAsync session tensors encode simulation statistics state synapses';
    t.deepEqual(Object.keys(JSON.parse(stdout)), calls.split(' '), stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
