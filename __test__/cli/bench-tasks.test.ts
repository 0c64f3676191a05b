// The benchmark tasks: that they compute what the specification says. How fast is no matter of tests.
import test from 'ava';
import { json, lapicque } from '../support/program.ts';

const keys = [
  'task',
  'threads',
  'simd',
  'batch',
  'T',
  'params',
  'steps',
  'step_ms',
  'samples_per_s',
  'fwd_ms',
  'peak_rss_mb',
  'base_rss_mb',
  'loss_first',
  'loss_last',
  'activity',
  'synaptic_operations',
  'weights_sha256',
];

// First losses of snnTorch 1.0.0 on the same data and weights. A spike that another order of sums flips moves that of
// the deep network by 8e-4.
for (const [task, loss, within, params] of [
  ['dense_static', 59.8928, 1e-3, 795_010],
  ['dense_rate', 59.8393, 1e-3, 795_010],
  ['conv', 2.344, 1e-3, 29_826],
  ['shd', 3.4577, 2e-3, 381_972],
  ['deep', 2.4301, 2e-3, 5_258_250],
] as const) {
  test.serial(`${task} begins with the specified loss`, async (t) => {
    const result = await json(['bench', task, '--steps', '2']);
    t.deepEqual(Object.keys(result), keys);
    t.true(Math.abs(result.loss_first - loss) <= within, `${result.loss_first}`);
    // Steps of this size make the recurrent network worse at first: snnTorch's third loss is 6.0858.
    if (task === 'shd') t.true(Math.abs(result.loss_last - 6.0858) < 0.05, `${result.loss_last}`);
    else t.true(result.loss_last < result.loss_first);
    t.is(result.params, params);
    t.is(result.step_ms.n, 2);
    t.true(result.peak_rss_mb >= result.base_rss_mb);
    t.regex(result.weights_sha256, /^[0-9a-f]{64}$/);
    if (task === 'shd') for (const share of result.activity) t.true(Math.abs(share - 0.06) < 0.006);
    if (task === 'deep') for (const share of result.activity) t.true(Math.abs(share - 0.05) < 0.005);
  });
}

// The peer draws its weights by torch; the size of the network and a loss near ln 10 are what both have.
test.serial('ssa is a block of Spikformer', async (t) => {
  const result = await json(['bench', 'ssa', '--steps', '2', '--batch', '2', '--T', '2']);
  t.deepEqual(Object.keys(result), keys);
  t.is(result.params, 793_610);
  t.true(Math.abs(result.loss_first - Math.log(10)) < 0.5, `${result.loss_first}`);
  t.true(result.synaptic_operations > 0);
});

test.serial('other sizes, and the same weights whatever the threads and instructions', async (t) => {
  const small = ['bench', 'dense_rate', '--size', '30-40-5', '--T', '6', '--batch', '9', '--steps', '3'];
  const one = await json([...small, '--threads', '1']);
  t.is(one.params, 30 * 40 + 40 + 40 * 5 + 5);
  t.is(one.T, 6);
  t.is(one.batch, 9);
  const other = await json([...small, '--threads', '3'], '.', { LAPICQUE_SIMD: 'portable' });
  t.is(other.simd, 'portable');
  t.is(other.threads, 3);
  t.is(other.weights_sha256, one.weights_sha256);
  const seeded = await json([...small, '--seed', '1']);
  t.not(seeded.weights_sha256, one.weights_sha256);
  const deep = await json([
    'bench',
    'deep',
    '--layers',
    '2',
    '--width',
    '24',
    '--T',
    '8',
    '--batch',
    '4',
    '--steps',
    '1',
  ]);
  t.is(deep.activity.length, 2);
});

test.serial('streams carry the state and give the same for any instructions', async (t) => {
  const small = ['bench', 'stream_deep', '--layers', '2', '--width', '32', '--T', '20', '--passes', '200'];
  const result = await json(small);
  t.deepEqual(Object.keys(result.us_per_step), ['min', 'p50', 'p99']);
  t.is(result.threads, 1);
  const portable = await json(small, '.', { LAPICQUE_SIMD: 'portable' });
  t.is(portable.output_sha256, result.output_sha256);
});

test.serial('a stream tells of its end', async (t) => {
  const { stderr } = await lapicque([
    'bench',
    'stream_deep',
    '--layers',
    '1',
    '--width',
    '3',
    '--T',
    '2',
    '--passes',
    '3',
  ]);
  t.regex(stderr, /^stream_deep: 100 %, .* in all\n$/);
});

test.serial('digits reaches the accuracy of the specification', async (t) => {
  const result = await json(['bench', 'digits']);
  t.is(result.params, 64 * 128 + 128 + 128 * 10 + 10);
  t.deepEqual(Object.keys(result.acc_count), ['mean', 'sd']);
  // snnTorch: 95.5 ± 0.8 and 96.3 ± 0.6 over five seeds; the mean of five has a standard error of 0.35.
  t.true(result.acc_count.mean > 94 && result.acc_count.mean < 97, `${result.acc_count.mean}`);
  t.true(result.acc_membrane.mean > 95.2 && result.acc_membrane.mean < 97.5, `${result.acc_membrane.mean}`);
});

test.serial('several tasks print a line each', async (t) => {
  const { stdout, code } = await lapicque([
    'bench',
    'stream_dense',
    'stream_shd',
    'stream_deep',
    '--passes',
    '200',
    '--T',
    '3',
    '--json',
  ]);
  t.is(code, 0);
  t.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).task),
    ['stream_dense', 'stream_shd', 'stream_deep'],
  );
});
