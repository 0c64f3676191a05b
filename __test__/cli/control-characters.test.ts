// Names and messages of files on a terminal: no command prints a character that a terminal obeys, whatever a file contains, and no name begins a
// line of its own.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { circuit, connect, poisson, population } from '../../src-ts/doors/circuit.ts';
import {
  hdf5Bytes,
  hdf5Dataset,
  type NirGraph,
  nirBytes,
  nirTensor,
  readNirGraph,
  writeTensors,
} from '../../src-ts/doors/files.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { escaped } from '../../src-ts/figure/draw/text.ts';
import { dense, sequential } from '../../src-ts/index.ts';
import { csvField } from '../../src-ts/study/table/csv.ts';
import { node, model as onnxModel, tensor } from '../support/onnx-bytes.ts';
import { lapicque } from '../support/program.ts';

/** Escape sequences (title, clearing, color) by ESC and by C1, an override of the writing direction, and a line of its own. */
const hostile =
  '\x1b]0;owned\x07\x1b[2J\x9b31m\u202eexe\u2066\u200f\x7f\x00\rx\r\nFORGED: all is well\u2028z';
/** Without NUL, which HDF5 names and command lines cannot have. */
const name = hostile.replace('\x00', '');

/** What a terminal obeys: C0 without line feed and tab, DEL, C1, and controls of the writing direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what the test looks for
const obeyed = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

test('the pattern of this test finds each character of the hostile name', (t) => {
  for (const character of '\x1b\x9b\x07\x7f\r\u202e\u2066\u200f\u2028') t.regex(character, obeyed);
  t.notRegex('plain → text\tµ\n', obeyed);
});

const graph = (of: NirGraph): NirGraph => ({
  ...of,
  nodes: new Map(
    [...of.nodes].map(([key, value]) => [key === 'input' || key === 'output' ? key : `${name}${key}`, value]),
  ),
  edges: of.edges.map(
    ([a, b]) =>
      [a, b].map((key) => (key === 'input' || key === 'output' ? key : `${name}${key}`)) as [string, string],
  ),
  metadata: new Map(),
});

const nirModel = () => sequential(dense(3, 4), lif({ tauMem: 10, like: 'nir' })).compile({ dt: 0.1 });

/** Files with the hostile name wherever a file has a text. */
async function corpus(at: string): Promise<void> {
  const file = async (path: string, content: string | Uint8Array) => {
    await writeFile(join(at, path), content);
    return path;
  };
  const data = { shape: [2], data: Float32Array.of(1, 2) };
  await writeTensors(join(at, 't.safetensors'), { [hostile]: data }, { metadata: { [hostile]: hostile } });
  await writeTensors(join(at, 't.npz'), { [name]: data });
  await file(
    'cut.safetensors',
    Buffer.concat([
      Buffer.of(60, 0, 0, 0, 0, 0, 0, 0),
      Buffer.from(JSON.stringify({ [hostile]: { dtype: hostile } })),
    ]),
  );
  const plain = await sequential(
    dense(3, 4, { name: `a${hostile}` }),
    lif({ beta: 0.9, name: `b${hostile}` }),
  ).compile();
  plain.metadata = { [hostile]: hostile };
  await plain.save(join(at, 'm.safetensors'));
  const read = await readNirGraph(await nirBytes(await nirModel()));
  await file('n.nir', await nirBytes(graph(read)));
  const bad = graph(read);
  const first = [...bad.nodes].find(([key]) => key !== 'input' && key !== 'output')!;
  const broken = new Map(bad.nodes);
  broken.set(first[0], {
    type: 'Linear',
    fields: new Map([['weight', nirTensor(new Float32Array(8), [2, 4], 'float32')]]),
    metadata: new Map(),
  });
  await file(
    'wrong.nir',
    await hdf5Bytes({ version: hostile.replace('\x00', ''), node: { type: `x${name}`, nodes: {} } }),
  );
  await file('shape.nir', await nirBytes({ ...bad, nodes: broken }));
  await file(
    'o.onnx',
    onnxModel({
      input: [3],
      output: `y${name}`,
      nodes: [node('MatMul', ['x', name], [`y${name}`], name)],
      initializers: [tensor(name, [3, 2], [1, 2, 3, 4, 5, 6])],
    }),
  );
  await file(
    'bad.onnx',
    onnxModel({
      input: [3],
      output: name,
      nodes: [node(`No${name}`, ['x'], [name], name)],
      initializers: [],
    }),
  );
  await file('e.csv', `t,x,y,${hostile}\n1,2,3,${hostile}\n`);
  await file('e.es', hostile);
  await file(
    'e.raw',
    `% evt 3.0\n% ${name.replaceAll(/[\r\n]/g, '')} ${name.replaceAll(/[\r\n]/g, '')}\n% end\n`,
  );
  await file('e.aedat', `#!AER-DAT2.0\r\n# ${name.replaceAll(/[\r\n]/g, '')}\r\n`);
  await file(
    's.h5',
    await hdf5Bytes({
      spikes: {
        [name]: { timestamps: hdf5Dataset(Float64Array.of(1)), node_ids: hdf5Dataset(BigUint64Array.of(0n)) },
      },
    }),
  );
  const cells = population(lif, 20, {
    name: `p${hostile}`,
    vLeak: 30,
    tauMem: 20,
    vThreshold: 20,
    vReset: 0,
  });
  await file('named.json', JSON.stringify(circuit(connect(poisson(100), cells, { weight: 0.2 }))));
  await file(
    'net.json',
    JSON.stringify({ populations: [{ name, size: 3, dynamics: hostile }], [hostile]: hostile }),
  );
  await file('recipe.json', JSON.stringify({ [hostile]: hostile, layers: [{ kind: hostile }] }));
  await file('thrown.mjs', `throw new Error(${JSON.stringify(hostile)});`);
  await file(
    'sonata.json',
    JSON.stringify({ networks: { nodes: [{ nodes_file: name }], edges: [] }, run: { tstop: 1, dt: 1 } }),
  );
  await file(
    'manifest.json',
    JSON.stringify({ manifest: { $A: `$${name}` }, networks: { nodes: [{ nodes_file: '$A' }] }, run: {} }),
  );
  await file(
    'study.mjs',
    `import { study } from 'lapicque/study';
const text = ${JSON.stringify(hostile)};
export default study({ name: ${JSON.stringify(name)}, search: { kind: 'random' }, space: { x: { kind: 'uniform', low: 0, high: 1 }, [text]: { kind: 'choice', values: [text, '=' + text] } },
  objective: ({ x }, trial) => { trial.set(text, text); if (trial.number === 1) throw new TypeError(text); return x; } });\n`,
  );
}

/** The commands that read the files of {@link corpus}. */
function commandsOf(): string[][] {
  const files = [
    ...[
      't.safetensors',
      't.npz',
      'cut.safetensors',
      'm.safetensors',
      'n.nir',
      'wrong.nir',
      'shape.nir',
      'o.onnx',
      'bad.onnx',
    ],
    ...['e.csv', 'e.es', 'e.raw', 'e.aedat', 's.h5', 'thrown.mjs', `no${name}`, `no${name}.nir`],
  ];
  return [
    ...files.map((one) => ['inspect', one]),
    ...['n.nir', 'wrong.nir', 'shape.nir', `${name}.nir`].map((one) => ['verify', one]),
    ...['e.csv', 'e.es', 'e.raw', 'e.aedat'].flatMap((one) => [
      ['events', 'inspect', one],
      ['events', 'convert', one, 'out.csv'],
    ]),
    ...['n.nir', 'wrong.nir', 'o.onnx', 'bad.onnx', 't.npz'].map((one) => [
      'convert',
      one,
      'out.safetensors',
    ]),
    ['convert', 'm.safetensors', 'out.nir'],
    ...['m.safetensors', 'n.nir', 'shape.nir'].map((one) => ['run', one, '--input', 't.safetensors']),
    ['run', 'n.nir', '--input', 't.safetensors', '--record', name],
    ...['net.json', 'named.json', 'sonata.json', 'manifest.json', 'thrown.mjs', name].map((one) => [
      'simulate',
      one,
      '--seconds',
      '0.01',
    ]),
    ['train', 'recipe.json'],
    ['train', 'thrown.mjs'],
    ['generate', 'm.safetensors', '--prompt', name],
    ['bench', name],
    ['complete', '--', 'inspect', name],
    [name],
    ['inspect', 'm.safetensors', `--${name}`],
    ['sweep', 'thrown.mjs'],
    ['sweep', 'study.mjs', '--trials', '4', '--jobs', '2'],
    ['sweep', 'study.mjs', '--trials', '5', '--jobs', '1'],
    ['sweep', 'status', 'study.study'],
    ['sweep', 'show', 'study.study'],
    ['sweep', 'show', 'study.study', '--trial', '0'],
    ['sweep', 'show', 'study.study', '--trial', '1'],
    ['sweep', 'best', 'study.study'],
    ['sweep', 'export', 'study.study', '--format', 'jsonl'],
    ['sweep', 'report', 'study.study', '--format', 'html'],
    ['sweep', 'status', name],
  ];
}

/** Whether the machine has a program that runs another one in a terminal (util-linux). */
const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

/** Commands with an output for programs as well. */
const hasJson = ([command, what]: readonly string[]) =>
  command !== 'complete' && what !== 'export' && !(command === 'sweep' && what === 'study.mjs');

/** The problem with a text, if there is one. */
function problemOf(text: string): string | undefined {
  const found = obeyed.exec(text);
  if (found !== null)
    return `a control character: ${JSON.stringify(text.slice(Math.max(0, found.index - 60), found.index + 40))}`;
  return /^FORGED/m.test(text) ? 'a line that begins within a name' : undefined;
}

test('no command prints a control character of a file, and no name begins a line', async (t) => {
  t.timeout(600_000);
  const at = resolve(await mkdtemp(join('build', 'controls-')));
  t.teardown(() => rm(at, { recursive: true, force: true }));
  await corpus(at);
  let shown = 0;
  for (const args of commandsOf().flatMap((one) => (hasJson(one) ? [one, [...one, '--json']] : [one]))) {
    const { stdout, stderr } = await lapicque(args, at);
    for (const text of [stdout, stderr]) {
      t.is(problemOf(text), undefined, JSON.stringify(args));
      if (text.includes('\\u001b')) shown += 1;
    }
  }
  // The names are shown, escaped: the corpus reaches the commands.
  t.true(shown > 40, `${shown}`);

  // A program gets the exported texts as they are, a terminal does not.
  const { stdout: piped } = await lapicque(['sweep', 'export', 'study.study'], at);
  t.true(piped.includes(hostile));
  if (hasScript) {
    const command = `${process.execPath} ${resolve('dist/cli.js')} sweep export study.study`;
    const shownTo = spawnSync('script', ['-qec', command, '/dev/null'], { cwd: at, encoding: 'utf8' });
    t.is(obeyed.exec(shownTo.stdout.replaceAll('\r\n', '\n')), null);
    t.true(shownTo.stdout.includes('\\u001b'));
  }

  const page = (await readdir(join(at, 'study.study-report'))).find((file) => file.endsWith('.html'))!;
  const html = await readFile(join(at, 'study.study-report', page), 'utf8');
  // A line feed in HTML is a space.
  t.is(obeyed.exec(html), null, page);
  t.true(html.includes('\\u001b'));
});

test('a text of a CSV file is no formula of a spreadsheet, and numbers stay', (t) => {
  for (const text of ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', '=HYPERLINK("x")']) {
    const field = csvField(text);
    t.true(field.startsWith(`"'`) && field.endsWith('"'), field);
    t.is(field.slice(2, -1).replaceAll('""', '"'), text);
  }
  for (const text of ['-0.5', '+3', '-1e-7', '-Infinity', '-.5', 'a=b', 'x-1', 'a@b'])
    t.is(csvField(text), text);
  t.is(csvField(''), '""');
  t.is(csvField('a,"b"\nc'), '"a,""b""\nc"');
});

test('figures and pages show control characters instead of containing them', (t) => {
  t.is(escaped('<a\x1b[1m\u202e\x9b>&'), '&#60;a\\u001b[1m\\u202e\\u009b&#62;&#38;');
  t.is(escaped('two\nlines'), 'two\nlines');
});
