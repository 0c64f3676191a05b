import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { runAll } from '../vectors/run.ts';

const fixtures = '__test__/fixtures/vectors';

function program(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['build/vectors.js', ...args], {
    encoding: 'utf8',
  });
  return { status, lines: stdout.trimEnd().split('\n'), stderr };
}

/** A directory that holds a copy of one case, changed. */
function copyOf(
  t: { teardown: (fn: () => void) => void },
  path: string,
  change: (sideCar: Record<string, object>, tensors: Buffer) => unknown,
): string {
  const directory = mkdtempSync(join(tmpdir(), 'vectors-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const json = JSON.parse(readFileSync(join(fixtures, `${path}.json`), 'utf8'));
  const tensors = readFileSync(join(fixtures, `${path}.safetensors`));
  const changed = change(json, tensors);
  // Under another name, which carries no information.
  writeFileSync(join(directory, 'case.json'), JSON.stringify(json));
  writeFileSync(join(directory, 'case.safetensors'), Buffer.isBuffer(changed) ? changed : tensors);
  return directory;
}

/** The file with one more tensor, of one F32 number. */
function withNumber(file: Buffer, name: string, value: number): Buffer {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + length));
  const data = file.subarray(8 + length);
  header[name] = { dtype: 'F32', shape: [1], data_offsets: [data.length, data.length + 4] };
  const text = JSON.stringify(header);
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([start, Buffer.from(text), data, Buffer.from(Float32Array.of(value).buffer)]);
}

/** Where the element `index` of an F32 tensor is in a safetensors file. */
function offsetOf(file: Buffer, tensor: string, index: number): number {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + length));
  return 8 + length + header[tensor].data_offsets[0] + 4 * index;
}

/** What is built of each group: nothing of these may fail, and nothing may be lost. */
const passing = {
  '01_neurons_norse': 14,
  '01_neurons_snntorch': 39,
  '01_neurons_spikingjelly': 24,
  '02_gradients': 49,
  '03_spikegen_losses': 6,
  '04_adex': 8,
  '04_hodgkin_huxley': 5,
  '04_izhikevich': 4,
  '04_nest_edges': 4,
  '04_nest_rules': 5,
  '04_srm': 1,
  '04_synapses': 6,
  '05_lmu': 6,
  '07_events_hdf5': 1,
  '08_neurobench': 3,
  '09_spike_stats': 1,
  '12_hdf5': 19,
};

for (const [group, passed] of Object.entries(passing)) {
  test(`${group} is reproduced`, async (t) => {
    const lines: string[] = [];
    const tally = await runAll(join(fixtures, group), (line) => lines.push(line));
    t.is(tally.failed, 0, lines.join('\n'));
    t.is(tally.passed, passed, lines.join('\n'));
    const sideCars = readdirSync(join(fixtures, group)).filter((name) => name.endsWith('.json'));
    t.is(tally.passed + tally.skipped, sideCars.length);
  });
}

test('options that those groups do not have are reproduced', async (t) => {
  const lines: string[] = [];
  const tally = await runAll('__test__/neurons/fixtures/options/vectors', (line) => lines.push(line));
  t.deepEqual(tally, { passed: 18, failed: 0, skipped: 0 }, lines.join('\n'));
});

test('cases drawn at random that once were not passed are', async (t) => {
  const lines: string[] = [];
  const tally = await runAll('__test__/circuit/fixtures/drawn/vectors', (line) => lines.push(line));
  t.deepEqual(tally, { passed: 14, failed: 0, skipped: 0 }, lines.join('\n'));
});

test('cells with morphologies are compared, and a trace of another is found', async (t) => {
  const folder = '__test__/fixtures/morphology/cases';
  const lines: string[] = [];
  t.deepEqual(
    await runAll(folder, (line) => lines.push(line)),
    { passed: 14, failed: 0, skipped: 0 },
    lines.join('\n'),
  );
  const directory = mkdtempSync(join(tmpdir(), 'vectors-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const json = JSON.parse(readFileSync(join(folder, 'ampa.json'), 'utf8'));
  json.cells[0].mechanisms.pas.g_pas *= 1 + 1e-6;
  writeFileSync(join(directory, 'ampa.json'), JSON.stringify(json));
  cpSync(join(folder, 'ampa.npy'), join(directory, 'ampa.npy'));
  const changed: string[] = [];
  await runAll(directory, (line) => changed.push(line));
  t.regex(changed[0]!, /^not ok ampa\.json .*records\[0\] \(v\) deviates by \d/);
});

test('null is none, nothing said of the layout the usual one, and a tensor of one number that number', async (t) => {
  const directory = copyOf(t, '01_neurons_norse/lsnn_cell', (json, tensors) => {
    Object.assign(json, { fires: null, surrogate: null, weights: null, layout: undefined });
    Object.assign(json.params!, { beta: { tensor: 'one' }, v_th: { tensor: 'unit' } });
    return withNumber(withNumber(tensors, 'one', 1.8), 'unit', 1);
  });
  const lines: string[] = [];
  const tally = await runAll(directory, (line) => lines.push(line));
  t.deepEqual(tally, { passed: 1, failed: 0, skipped: 0 }, lines.join('\n'));
});

test('the program prints a line a case and closes with the numbers', (t) => {
  const { status, lines } = program(join(fixtures, '01_neurons_norse'));
  t.is(status, 0);
  t.is(lines.at(-1), '14 passed, 0 failed, 0 skipped');
  t.is(lines.length, 15);
  t.true(lines.includes('ok lif_cell.json'));
});

test('a tensor that differs is not ok, with its deviation, and the program fails', (t) => {
  const directory = copyOf(t, '02_gradients/bptt_leaky_ce_rate_atan2', (_, tensors) => {
    const at = offsetOf(tensors, 'grad.fc1.weight', 7);
    tensors.writeFloatLE(tensors.readFloatLE(at) + 0.5, at);
  });
  const { status, lines } = program(directory);
  t.is(status, 1);
  t.regex(
    lines[0]!,
    /^not ok case\.json {2}grad\.fc1\.weight\[7\] is .*, expected .*, off by 5\.00e-1, allowed /,
  );
  t.is(lines.at(-1), '0 passed, 1 failed, 0 skipped');
});

test('one spike too many is not ok', async (t) => {
  const directory = copyOf(t, '01_neurons_snntorch/leaky_zero_delay1', (_, tensors) => {
    const length = Number(tensors.readBigUInt64LE(0));
    const start = JSON.parse(tensors.toString('utf8', 8, 8 + length)).spk.data_offsets[0];
    tensors[8 + length + start + 3]! ^= 1;
  });
  t.deepEqual(await runAll(directory, () => {}), { passed: 0, failed: 1, skipped: 0 });
});

test('the amplitude of refractoriness is a number of thresholds, or that times the threshold', async (t) => {
  for (const amplitude of [-2, -4]) {
    const directory = copyOf(t, '04_srm/srm_psp_analytic', (json, tensors) => {
      Object.assign(json.params!, { theta: 2, refractory_amplitude: amplitude });
      // Twice the weights, potentials and threshold: the same spikes.
      const length = Number(tensors.readBigUInt64LE(0));
      const header = JSON.parse(tensors.toString('utf8', 8, 8 + length));
      for (const name of ['w', 'u_alpha', 'u_doubleexp', 'u_exp', 'u_srm0']) {
        const [start, end] = header[name].data_offsets;
        for (let at = 8 + length + start; at < 8 + length + end; at += 8)
          tensors.writeDoubleLE(2 * tensors.readDoubleLE(at), at);
      }
    });
    t.deepEqual(await runAll(directory, () => {}), { passed: 1, failed: 0, skipped: 0 });
  }
});

test('parameters come from the side-car', async (t) => {
  const directory = copyOf(t, '01_neurons_spikingjelly/lif_soft_decay1', (json) => {
    Object.assign(json.params!, { tau: 3 });
  });
  t.deepEqual(await runAll(directory, () => {}), { passed: 0, failed: 1, skipped: 0 });
});

test('a rule whose quantity is never compared is not ok', async (t) => {
  const directory = copyOf(t, '01_neurons_snntorch/leaky_zero_delay1', (json) => {
    Object.assign(json.tolerance!, { min_margin: { abs: 1 } });
  });
  const lines: string[] = [];
  await runAll(directory, (line) => lines.push(line));
  t.deepEqual(lines, ['not ok case.json  not compared: min_margin']);
});

test('an option that is not known skips the case', async (t) => {
  const directory = copyOf(t, '01_neurons_snntorch/leaky_zero_delay1', (json) => {
    Object.assign(json.params!, { state_quant: true });
  });
  const lines: string[] = [];
  await runAll(directory, (line) => lines.push(line));
  t.deepEqual(lines, ['skip case.json  snntorch.Leaky: the option state_quant is not built yet']);
});

test('files that are no cases', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vectors-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  t.is(program(directory).status, 1);
  t.regex(program(directory).stderr, /there is no case below/);
  t.is(program(join(directory, 'absent')).status, 1);
  t.is(program().status, 2);
  writeFileSync(join(directory, 'INDEX.json'), '[]');
  t.is(program(directory).status, 1);
  mkdirSync(join(directory, 'group'));
  cpSync(join(fixtures, '01_neurons_norse/iaf_cell.json'), join(directory, 'group/iaf.json'));
  writeFileSync(join(directory, 'group/broken.json'), '{"check"');
  const { status, lines } = program(directory);
  t.is(status, 1);
  t.regex(lines[0]!, /^not ok group\/broken\.json {2}/);
  t.regex(lines[1]!, /^not ok group\/iaf\.json {2}.*iaf\.safetensors/);
  t.is(lines.at(-1), '0 passed, 2 failed, 0 skipped');
});
