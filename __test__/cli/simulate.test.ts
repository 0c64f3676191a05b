// `lapicque simulate` from outside.
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import {
  type CircuitDescription,
  circuit,
  circuitOf,
  connect,
  poisson,
  population,
  record,
  simulate,
} from '../../src-ts/doors/circuit.ts';
import { readTensors } from '../../src-ts/doors/files.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { folder, json, lapicque, start } from '../support/program.ts';

const keys = [
  'model',
  'scale',
  'neurons',
  'synapses',
  'build_s',
  'sim_s',
  'bio_s',
  'real_time_factor',
  'peak_rss_mb',
  'mean_rate_hz',
  'cv_isi',
  'spikes_total',
  'syn_events',
  'threads',
  'seed',
  'dt_ms',
];

test.serial('a built-in network: keys, counts and what is recorded', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  const args = ['simulate', 'cuba', '--seconds', '0.3', '--transient', '0.1', '--seed', '2'];
  const report = await json([...args, '--threads', '2', '--record', join(path, 'a.npz')]);
  for (const key of keys) t.true(key in report, key);
  t.deepEqual(
    [report.model, report.scale, report.neurons, report.synapses, report.seed, report.dt_ms, report.bio_s],
    ['cuba', 1, 4000, 320_000, 2, 0.1, 0.3],
  );
  t.deepEqual(Object.keys(report.mean_rate_hz), ['E', 'I']);
  t.true(report.mean_rate_hz.E > 3 && report.mean_rate_hz.E < 8);
  t.true(report.cv_isi.E === null || report.cv_isi.E > 0);
  // Every neuron has 80 targets on average, one spike a neuron reaches out-degree many.
  t.true(Math.abs(report.syn_events / report.spikes_total - 80) < 8);
  t.is(report.real_time_factor, report.sim_s / report.bio_s);

  const { tensors } = await readTensors(join(path, 'a.npz'));
  const [times, ids] = [tensors.get('times')!, tensors.get('ids')!];
  t.deepEqual([times.dtype, ids.dtype], ['F64', 'U32']);
  t.is(times.data.length, report.spikes_total);
  const [at, of] = [times.data as Float64Array, ids.data as Uint32Array];
  t.true(
    at.every(
      (time, i) => time > 100 && time <= 400.001 && (i === 0 || time > at[i - 1]! || of[i]! > of[i - 1]!),
    ),
  );

  // The same bytes on another number of threads, in another place.
  await json([...args, '--threads', '1', '--record', join(path, 'b.npz')]);
  t.deepEqual(await readFile(join(path, 'b.npz')), await readFile(join(path, 'a.npz')));
  await json([...args, '--record', join(path, 'c.safetensors')], '.', { LAPICQUE_SIMD: 'portable' });
  const other = await readTensors(join(path, 'c.safetensors'));
  t.deepEqual(other.tensors.get('times')!.data, times.data);
  t.deepEqual(other.tensors.get('ids')!.data, ids.data);
});

test.serial('what nobody asked for fits steps of any length', async (t) => {
  const args = ['simulate', 'brunel', '--scale', '0.01', '--dt', '0.3', '--seconds', '0.3'];
  const { transient_s } = (await json(args)) as { transient_s: number };
  t.true(Math.abs(transient_s - 0.2001) < 1e-9, String(transient_s));
  const { code, stderr } = await lapicque([...args, '--transient', '0.2']);
  t.is(code, 2);
  t.regex(stderr, /--transient: expected a whole number of steps of 0.3 ms but got 0.2/);
});

test.serial('rates of those that are recorded', async (t) => {
  const path = join(await folder((remove) => t.teardown(remove)), 'some.json');
  const cells = (name: string) =>
    population(lif, 100, { name, like: 'nest', vLeak: 30, tauMem: 20, vThreshold: 20, vReset: 0, tauRef: 2 });
  const [E, I] = [cells('E'), cells('I')];
  const run = async (...recorders: ReturnType<typeof record.spikes>[]) => {
    await writeFile(path, JSON.stringify(circuit(E, I, ...recorders)));
    return json(['simulate', path, '--seconds', '1', '--transient', '0']);
  };
  const { E: rate } = (await run()).mean_rate_hz;
  t.true(rate > 20);
  const some = await run(record.spikes(E.slice(0, 10)));
  t.deepEqual([some.mean_rate_hz, Object.keys(some.cv_isi)], [{ E: rate }, ['E']]);
});

test.serial('a script and a description of your own', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  const door = (name: string) => pathToFileURL(resolve(`dist/${name}.js`)).href;
  const script = `
    import { circuit, connect, poisson, population } from '${door('circuit')}';
    import { lif } from '${door('neurons')}';
    export default ({ scale }) => {
      const cells = population(lif, 100 * scale, { name: 'cells', like: 'nest', vLeak: 0, tauMem: 20, vThreshold: 20, vReset: 0 });
      return { circuit: circuit(connect(poisson(10_000), cells, { weight: 0.2 })), dt: 0.5, transient: 0 };
    };`;
  await writeFile(join(path, 'own.mjs'), script);
  const own = await json(['simulate', join(path, 'own.mjs'), '--seconds', '1', '--scale', '3']);
  t.deepEqual([own.neurons, own.synapses, own.dt_ms, own.transient_s], [300, 0, 0.5, 0]);
  t.true(own.mean_rate_hz.cells > 10);

  const cells = population(lif, 300, {
    name: 'cells',
    like: 'nest',
    vLeak: 0,
    tauMem: 20,
    vThreshold: 20,
    vReset: 0,
  });
  const data = JSON.stringify(circuit(connect(poisson(10_000), cells, { weight: 0.2 })));
  await writeFile(join(path, 'own.json'), data);
  const described = await json([
    'simulate',
    join(path, 'own.json'),
    '--seconds',
    '1',
    '--dt',
    '0.5',
    '--transient',
    '0',
  ]);
  t.is(described.spikes_total, own.spikes_total);

  // Its own step, as the library takes it, too.
  const slow = { ...(JSON.parse(data) as CircuitDescription), dt: 0.5 };
  await writeFile(join(path, 'slow.json'), JSON.stringify(slow));
  await circuitOf(slow).save(join(path, 'slow.safetensors'));
  for (const file of ['slow.json', 'slow.safetensors']) {
    const args = ['simulate', join(path, file), '--seconds', '1', '--transient', '0'];
    const report = await json(args);
    t.is(report.dt_ms, 0.5);
    t.is(report.spikes_total, own.spikes_total);
  }
  const { times } = await simulate(circuitOf(slow), { duration: 1000 });
  t.is(times.length, own.spikes_total);
});

test.serial('without --json a table; on demand help', async (t) => {
  const { code, stdout } = await lapicque(['simulate', 'izhikevich', '--seconds', '0.2', '--transient', '0']);
  t.is(code, 0);
  t.regex(stdout, /izhikevich: 1,000 neurons, 1,000,000 synapses/);
  t.regex(stdout, /population +rate in Hz +CV of intervals\nE +[\d.]+/);
  const help = (await lapicque(['simulate', '--help'])).stdout;
  t.regex(help, /--transient/);
  for (const name of ['brunel', 'brunel-stdp', 'coba', 'cobahh', 'cuba', 'izhikevich', 'microcircuit'])
    t.regex(help, new RegExp(`[ \n]${name},`), name);
});

test.serial('wrong use ends with 2, a failure with 1', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  await writeFile(join(path, 'broken.mjs'), 'export default 7;');
  await writeFile(join(path, 'broken.json'), '{ "populations": [');
  const ends = async (expected: number, pattern: RegExp, ...args: string[]) => {
    const { code, stderr, stdout } = await lapicque(['simulate', ...args, '--json']);
    t.is(code, expected, stderr);
    t.regex(stderr, pattern);
    t.is(typeof JSON.parse(stdout).code, 'string');
  };
  await ends(2, /unknown network "brunell"; did you mean "brunel"/, 'brunell', '--seconds', '1');
  await ends(2, /--seconds/, 'brunel');
  await ends(2, /--seconds/, 'brunel', '--seconds', '-1');
  await ends(2, /--seconds/, 'brunel', '--seconds', '0.00005');
  await ends(2, /--scale/, 'brunel', '--seconds', '1', '--scale', '0');
  await ends(2, /--precision/, 'brunel', '--seconds', '1', '--precision', 'f16');
  await ends(2, /--method/, 'brunel', '--seconds', '1', '--method', 'rk4');
  await ends(2, /--method/, 'cobahh', '--seconds', '1', '--method', 'rk5');
  await ends(2, /--record/, 'cuba', '--seconds', '1', '--record', 'spikes.csv');
  // What is a network already is not scaled in words alone.
  const made = circuit(population(lif, 2, { tauMem: 20 }));
  await writeFile(join(path, 'made.json'), JSON.stringify(made));
  await made.save(join(path, 'made.safetensors'));
  await writeFile(join(path, 'made.mjs'), `export default { circuit: { compile() {} } };`);
  for (const file of ['made.json', 'made.safetensors', 'made.mjs']) {
    await ends(
      2,
      /--scale: expected no scale, because .*made/,
      join(path, file),
      '--seconds',
      '1',
      '--scale',
      '2',
    );
    await ends(2, /--method: expected no method/, join(path, file), '--seconds', '1', '--method', 'rk4');
  }
  await ends(1, /no such file/, join(path, 'nothing.mjs'), '--seconds', '1');
  await ends(1, /circuit/, join(path, 'broken.mjs'), '--seconds', '1');
  await ends(1, /malformed|broken\.json/, join(path, 'broken.json'), '--seconds', '1');
});

test.serial('Ctrl-C ends it with 130 and keeps the seconds that are done', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  const record = join(path, 'spikes.npz');
  const args = ['simulate', 'izhikevich', '--seconds', '100000', '--transient', '0', '--record', record];
  const { child, ended } = start([...args, '--threads', '1']);
  // Its first word of progress comes after five seconds; by then a second is done.
  child.stderr.once('data', () => child.kill('SIGINT'));
  const { code, stderr } = await ended;
  t.is(code, 130, stderr);
  t.regex(stderr, /interrupted after \d+ s of 100000 s; they are in/);
  t.true((await readTensors(record)).tensors.get('times')!.data.length > 1000);
});
