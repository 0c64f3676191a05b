// Nonsense: one clear line, the right exit code, and the error as an object with --json.
import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { writeTensors } from '../../src-ts/doors/files.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, sequential } from '../../src-ts/index.ts';
import { folder, lapicque } from '../support/program.ts';

let path = '';
let remove = async () => {};
test.after.always(() => remove());
test.before(async () => {
  path = await folder((undo) => {
    remove = undo;
  });
  const model = await sequential(dense(3, 2), lif({ beta: 0.9 })).compile();
  await model.save(join(path, 'model.safetensors'));
  const whole = await readFile(join(path, 'model.safetensors'));
  await writeFile(join(path, 'cut.safetensors'), whole.subarray(0, whole.length - 10));
  const flipped = Buffer.from(whole);
  flipped[flipped.length - 3]! ^= 4;
  await writeFile(join(path, 'flipped.safetensors'), flipped);
  const values = new Float32Array(4 * 2 * 3).fill(0.5);
  await writeTensors(join(path, 'input.npy'), { input: { shape: [4, 2, 3], data: values } });
  await writeTensors(join(path, 'narrow.npy'), { input: { shape: [4, 3, 2], data: values } });
  values[5] = Number.NaN;
  await writeTensors(join(path, 'nan.npy'), { input: { shape: [4, 2, 3], data: values } });
  await mkdir(join(path, 'directory'));
  await writeFile(join(path, 'broken.json'), '{ "layers": ');
  await writeFile(join(path, 'unknown.json'), '{ "layer": [] }');
  await writeFile(join(path, 'history.csv'), 'epoch\n');
  await writeFile(join(path, 'broken.mjs'), '\nexport default { network: nothing };');
  const lines = [
    "import { dense, loss, sequential } from 'lapicque'; import { lif } from 'lapicque/neurons';",
    'function data() {',
  ];
  lines.push(
    "  throw new RangeError('no such digit');",
    '}',
    'const late = { async *[Symbol.asyncIterator]() {',
  );
  lines.push('  data();', '} };', 'const network = sequential(dense(3, 2), lif({ beta: 0.9 }));');
  const recipe = 'network, data: late, fit: { epochs: 1, steps: 2, loss: loss.crossEntropyCount() }';
  await mkdir(join(path, 'node_modules'));
  await symlink(resolve('.'), join(path, 'node_modules', 'lapicque'));
  const write = (name: string, last: string) => writeFile(join(path, name), [...lines, last].join('\n'));
  await symlink('late.mjs', join(path, 'link.safetensors'));
  await write('throws.mjs', 'export default () => data();');
  await write('late.mjs', `export default { ${recipe} };`);
  await write(
    'checkpoint.mjs',
    `export default { ${recipe.replace('fit: {', "fit: { checkpoint: { path: 'nowhere/c' },")} };`,
  );
});

const run = (...args: string[]) => ['run', 'model.safetensors', ...args];
const cases: [args: string[], code: number, error: string, message: RegExp][] = [
  [['simulat'], 2, 'unknown-name', /unknown command 'simulat'/],
  [['trian'], 2, 'unknown-name', /unknown command 'trian' \(Did you mean train\?\)/],
  // What is unknown is told of before what is missing, which it was most likely meant to be.
  [
    ['simulate', 'brunel', '--secs', '1'],
    2,
    'unknown-name',
    /unknown option '--secs' \(Did you mean --\w+\?\)/,
  ],
  [['simulate', 'brunel'], 2, 'invalid-parameter', /required option '--seconds <s>' not specified/],
  // What is to be run comes before how.
  [['simulate', 'brunnel'], 2, 'unknown-name', /unknown network "brunnel"; did you mean "brunel"/],
  [['simulate', 'nope'], 2, 'unknown-name', /unknown network "nope"; known are brunel, .*, microcircuit/],
  [['simulate', 'constructor', '--seconds', '1'], 2, 'unknown-name', /unknown network "constructor"/],
  [['simulate', 'nope.json'], 1, 'io', /nope.json: no such file/],
  [['simulate', 'directory'], 1, 'io', /directory: not a regular file/],
  [['simulate', ''], 2, 'unknown-name', /unknown network ""/],
  [['run', 'none.safetensors'], 1, 'io', /none.safetensors: No such file/],
  // Options are named as the user wrote them.
  ...(
    [
      ['izhikevich', '0.001', /--scale: expected at least 0.0025, for one neuron in I but got 0.001/],
      ['coba', '0.0006', /--scale: expected at least 0.000625, for one neuron in I/],
      ['cobahh', '1e-300', /--scale: expected at least 0.00015625, for one neuron in E/],
      ['cuba', '1e300', /--scale: expected at most 41943.04, for 2\^27 neurons in E/],
      ['brunel', '1e-9', /--scale: expected at least \S+, for one neuron in E/],
      ['brunel-stdp', '1e9', /--scale: expected at most 13421.7728, for 2\^27 neurons in E/],
      ['microcircuit', '1e5', /--scale: expected at most \d+\.\d+, for 2\^27 neurons in L4E/],
      ['microcircuit', '1e-300', /--scale: expected at least \S+, for one neuron in L4E but got 1e-300/],
      ['microcircuit', '100', /--scale: expected a scale with fewer than 2\^32 synapses from L23E to L23E/],
    ] as const
  ).map(([name, scale, message]): (typeof cases)[number] => [
    ['simulate', name, '--seconds', '1', '--scale', scale],
    2,
    'invalid-parameter',
    message,
  ]),
  [
    ['simulate', 'izhikevich', '--seconds', '1', '--seed', '9007199254740991'],
    2,
    'invalid-parameter',
    /--seed: expected an integer from 0 to \d+ but got 9007199254740991/,
  ],
  [
    ['simulate', 'coba', '--seconds', '1e-10'],
    2,
    'invalid-parameter',
    /--seconds: expected at least one step of 0.1 ms but got 1e-10/,
  ],
  [
    ['simulate', 'coba', '--seconds', '1', '--dt', '1e300'],
    2,
    'invalid-parameter',
    /--dt: expected a finite number above 0 and at most 1000000 but got 1e\+300/,
  ],
  [
    ['simulate', 'coba', '--seconds', '1', '--dt', '1e6'],
    2,
    'invalid-parameter',
    /--seconds: expected at least one step of 1000000 ms but got 1/,
  ],
  [run('--inputs', 'input.npy'), 2, 'unknown-name', /unknown option '--inputs' \(Did you mean --input\?\)/],
  [['doctor', '--bogus'], 2, 'unknown-name', /unknown option '--bogus'/],
  [['doctor', '--threads', '0'], 2, 'invalid-parameter', /--threads: expected an integer .* got 0/],
  [['doctor', '--threads', 'many'], 2, 'invalid-parameter', /--threads: .* got "many"/],
  [
    ['simulate', 'coba', '--seconds', '1', '--record', 'nowhere/spikes.npz'],
    2,
    'invalid-parameter',
    /--record: expected a file in an existing folder/,
  ],
  [
    ['simulate', 'coba', '--seconds', '1e300'],
    2,
    'invalid-parameter',
    /--seconds: expected at most 2\^40 steps of 0.1 ms/,
  ],
  [
    ['inspect', 'model.safetensors', '--seed', '-1'],
    2,
    'invalid-parameter',
    /--seed: expected an integer at least 0 but got -1/,
  ],
  [['doctor', 'more'], 2, 'invalid-parameter', /too many arguments/],
  [['bench', 'dense_rat'], 2, 'unknown-name', /did you mean "dense_rate"/],
  [['bench', 'digits', '--width', '9'], 2, 'invalid-parameter', /--width/],
  [['bench', 'dense_rate', '--size', '7-x'], 2, 'invalid-parameter', /--size/],
  [['train'], 2, 'invalid-parameter', /missing required argument 'recipe'/],
  [run(), 2, 'invalid-parameter', /--input/],
  [run('--input', 'input.npy', '--record', 'lif1.w'), 2, 'unknown-name', /"lif1.w"; did you mean "lif1.v"/],
  [run('--input', 'input.npy', '--dt', '0'), 2, 'invalid-parameter', /--dt: .* above 0 but got 0/],
  [run('--input', 'input.npy', '--output', 'out.txt'), 2, 'invalid-parameter', /--output/],
  // Nothing that is read is written over.
  [
    run('--input', 'input.npy', '--output', 'directory/../model.safetensors'),
    2,
    'invalid-parameter',
    /--output: expected another file than model.safetensors/,
  ],
  [
    ['train', 'late.mjs', '--out', 'late.mjs'],
    2,
    'invalid-parameter',
    /--out: expected another file than late.mjs/,
  ],
  [
    ['train', 'late.mjs', '--out', 'link.safetensors'],
    2,
    'invalid-parameter',
    /--out: expected another file than late.mjs/,
  ],
  [run('--input', 'none.npy'), 1, 'io', /none.npy: No such file/],
  [run('--input', 'directory'), 1, 'io', /directory/],
  [run('--input', 'nan.npy'), 1, 'non-finite', /sample 1, channel 2 is not finite at step 0/],
  [run('--input', 'narrow.npy'), 1, 'shape-mismatch', /expected shape \[4, 3, 3\]/],
  [run('--input', 'input.npy', '--output', 'nowhere/out.safetensors'), 1, 'io', /nowhere/],
  [['run', 'none.safetensors', '--input', 'input.npy'], 1, 'io', /none.safetensors/],
  [['run', 'directory', '--input', 'input.npy'], 1, 'io', /is a directory/],
  [['run', 'cut.safetensors', '--input', 'input.npy'], 1, 'malformed-file', /cut.safetensors/],
  [['run', 'flipped.safetensors', '--input', 'input.npy'], 1, 'malformed-file', /checksum/],
  [['run', 'input.npy', '--input', 'input.npy'], 1, 'malformed-file', /no lapicque model/],
  [['run', 'model.nir', '--input', 'input.npy'], 1, 'io', /No such file/],
  [['inspect', 'broken.json'], 1, 'malformed-file', /broken.json/],
  [['train', 'none.mjs'], 1, 'io', /none.mjs: no such file/],
  [['train', 'broken.json'], 1, 'malformed-file', /broken.json: SyntaxError/],
  [['train', 'unknown.json'], 1, 'unknown-name', /"layer"; did you mean "layers"/],
  [['train', 'broken.mjs'], 1, 'malformed-file', /line 2: ReferenceError: nothing is not defined/],
  [['train', 'throws.mjs'], 1, 'malformed-file', /throws.mjs, line 3: RangeError: no such digit/],
  [
    ['simulate', './throws.mjs', '--seconds', '1'],
    1,
    'malformed-file',
    /throws.mjs, line 3: RangeError: no such digit/,
  ],
  [['train', 'late.mjs'], 1, 'malformed-file', /late.mjs, line 3: RangeError: no such digit/],
  // Nothing is trained first: the loader of these throws.
  [['train', 'late.mjs', '--out', '.'], 1, 'io', /^(lapicque: )?\.: is a directory/],
  [['train', 'late.mjs', '--out', 'nowhere/a.safetensors'], 1, 'io', /there is no directory nowhere/],
  [['train', 'late.mjs', '--out', 'broken.mjs/a.safetensors'], 1, 'io', /broken.mjs/],
  [['train', 'checkpoint.mjs'], 1, 'io', /there is no directory nowhere/],
  [
    ['train', 'late.mjs', '--log', 'history.csv'],
    1,
    'io',
    /history\.csv: the file exists already; .*--append/,
  ],
];

for (const [args, code, error, message] of cases) {
  // One after the other: other tests measure time.
  test.serial(`lapicque ${args.join(' ')}`, async (t) => {
    const plain = await lapicque(args, path);
    t.is(plain.code, code, plain.stderr);
    t.is(plain.stdout, '');
    t.regex(plain.stderr, /^lapicque: [^\n]+\n$/, 'one line');
    t.regex(plain.stderr, message);
    const object = await lapicque([...args, '--json'], path);
    t.is(object.code, code);
    t.is(JSON.parse(object.stdout).code, error);
    t.regex(JSON.parse(object.stdout).message, message);
  });
}

test('an environment that asks for the impossible', async (t) => {
  const { code, stderr } = await lapicque(['doctor'], path, { LAPICQUE_SIMD: 'sse9' });
  t.is(code, 1);
  t.regex(stderr, /LAPICQUE_SIMD.*sse9/);
});

test('a variable of the environment that is empty says nothing', async (t) => {
  const { code, stderr } = await lapicque(['doctor'], path, { LAPICQUE_THREADS: '', LAPICQUE_SIMD: ' ' });
  t.is(code, 0, stderr);
});

test('what a mistyped command most likely stands for is a field', async (t) => {
  const { stdout } = await lapicque(['trian', '--json'], path);
  t.like(JSON.parse(stdout), { kind: 'command', name: 'trian', didYouMean: 'train' });
  t.false('didYouMean' in JSON.parse((await lapicque(['xyzzy', '--json'], path)).stdout));
});

test('an output that takes nothing is told on one line', (t) => {
  if (!existsSync('/dev/full')) return t.pass();
  const { status, stderr } = spawnSync(process.execPath, [resolve('dist/cli.js'), 'doctor'], {
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    encoding: 'utf8',
  });
  t.is(status, 1);
  t.regex(stderr, /^lapicque: the output cannot be written: [^\n]*ENOSPC[^\n]*\n$/);
});
