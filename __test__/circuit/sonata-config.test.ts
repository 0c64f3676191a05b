// Configurations of SONATA from anyone: where their outputs go, and fields of the wrong type.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadSonata, simulate } from '../../src-ts/doors/circuit.ts';
import { failure, outcome } from '../support/errors.ts';
import { lapicque } from '../support/program.ts';

// biome-ignore lint/suspicious/noExplicitAny: configurations are plain JSON, and tests put anything into them
type Config = any;

/** A folder with `project/config.json` and what it reads, beside a file that must stay as it is. */
async function project(t: ExecutionContext, change: (config: Config) => void = () => {}) {
  const root = await mkdtemp(join(tmpdir(), 'sonata-config-'));
  t.teardown(() => rm(root, { recursive: true }));
  const folder = join(root, 'project');
  await cp('__test__/circuit/fixtures/sonata/single', folder, { recursive: true });
  await writeFile(join(root, 'spikes.h5'), 'precious');
  const path = join(folder, 'config.json');
  const config = JSON.parse(await readFile(path, 'utf8'));
  change(config);
  await writeFile(path, JSON.stringify(config));
  return { root, folder, path, config };
}

async function written(path: string, options = {}): Promise<string> {
  const { circuit, dt, writeReports } = await loadSonata(path);
  const recording = await simulate(circuit, { duration: 1, dt });
  return outcome(() => writeReports(recording, options));
}

const places: Readonly<Record<string, (root: string) => object>> = {
  'the folder above': () => ({ output: { output_dir: '../' } }),
  'the folder above, by a detour': () => ({ output: { output_dir: 'a/../../' } }),
  'an absolute path': (root) => ({ output: { output_dir: root } }),
  'a variable': (root) => ({ manifest: { $OUT: root }, output: { output_dir: '$OUT' } }),
  'a folder whose name begins the same': (root) => ({ output: { output_dir: `${root}/project-other` } }),
};

for (const [what, change] of Object.entries(places)) {
  test(`a configuration writes to no folder that the caller does not name: ${what}`, async (t) => {
    const { root, path, folder } = await project(t);
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change(root) }));
    const before = await readdir(root, { recursive: true });
    t.regex(
      await written(path),
      /^invalid-parameter: output_dir: expected a folder below .* or the option folder/,
    );
    const { warnings, outputFolder } = await loadSonata(path);
    t.regex(warnings.join('\n'), /output_dir is .*, outside of the folder of the configuration/);
    t.is(outputFolder, undefined);
    // The command says so before it simulates.
    const { code, stderr } = await lapicque(['simulate', path, '--seconds', '1000', '--reports']);
    t.is(code, 2, stderr);
    t.regex(stderr, /--reports: expected --reports FOLDER, because output_dir leads out/);
    t.deepEqual(await readdir(root, { recursive: true }), before);
    t.is(await readFile(join(root, 'spikes.h5'), 'utf8'), 'precious');
    // The caller may choose any folder.
    t.is(await written(path, { folder: join(folder, 'chosen') }), 'succeeded');
    t.true((await readdir(join(folder, 'chosen'))).includes('spikes.h5'));
  });
}

test('a symbolic link of a configuration leads nowhere else', async (t) => {
  const { root, folder, path } = await project(t, (config) => {
    config.output = { spikes_file_csv: 'spikes.csv' };
  });
  await mkdir(join(root, 'elsewhere'));
  await symlink(join(root, 'elsewhere'), join(folder, 'output'));
  t.regex(await written(path), /^invalid-parameter: file_name: .*a symbolic link leads to .*elsewhere/);
  await rm(join(folder, 'output'));
  await mkdir(join(folder, 'output'));
  await symlink(join(root, 'spikes.h5'), join(folder, 'output', 'spikes.csv'));
  t.regex(await written(path), /^invalid-parameter: file_name: .*a symbolic link leads to .*spikes\.h5/);
  t.is(await readFile(join(root, 'spikes.h5'), 'utf8'), 'precious');
  t.deepEqual(await readdir(join(root, 'elsewhere')), []);
  // A folder that the caller names may be a link, its content not.
  await symlink(join(root, 'elsewhere'), join(root, 'link'));
  t.is(await written(path, { folder: join(root, 'link') }), 'succeeded');
  t.deepEqual((await readdir(join(root, 'elsewhere'))).sort(), ['spikes.csv', 'spikes.h5', 'v.h5']);
});

test('outputs replace no file that the network is read from', async (t) => {
  for (const file of ['nodes.h5', 'edges.h5', 'config.json', 'node_types.csv', 'learning.json']) {
    const { folder, path } = await project(t, (config) => {
      config.output = { output_dir: '.', spikes_file: file };
    });
    const before = await readFile(join(folder, file));
    t.regex(
      await written(path),
      /^invalid-parameter: file_name: expected a file that the network is not read from/,
      file,
    );
    t.deepEqual(await readFile(join(folder, file)), before);
  }
});

test('below the folder of the configuration it writes as before', async (t) => {
  const { folder, path } = await project(t, (config) => {
    config.output = { output_dir: 'results/first' };
  });
  t.is((await loadSonata(path)).outputFolder, join(folder, 'results/first'));
  t.is(await written(path), 'succeeded');
  t.deepEqual((await readdir(join(folder, 'results/first'))).sort(), ['spikes.h5', 'v.h5']);
});

/** Fields that are read, with what each has to be. */
const fields: readonly (readonly [path: string, pattern: RegExp])[] = [
  ['components.synaptic_models_dir', /components\.synaptic_models_dir should be the path of a folder/],
  [
    'components.point_neuron_models_dir',
    /components\.point_neuron_models_dir should be the path of a folder/,
  ],
  ['networks.nodes.0.nodes_file', /networks\.nodes\[0\] has no nodes_file/],
  ['networks.nodes.0.node_types_file', /node_types_file should be the path of a file/],
  ['networks.edges.0.edge_types_file', /edge_types_file should be the path of a file/],
  ['networks.edges.0.enabled', /networks\.edges\[0\]\.enabled should be true or false/],
  ['node_sets_file', /node_sets_file should be the path of a file/],
  ['network', /network should be the path of a file/],
  ['simulation', /simulation should be the path of a file/],
  ['manifest.$A', /manifest\.\$A should be a text/],
  ['output.output_dir', /output\.output_dir should be the path of a folder/],
  ['output.overwrite_output_dir', /output\.overwrite_output_dir should be true or false/],
  ['reports.v.enabled', /reports\.v\.enabled should be true or false/],
  ['inputs.a', /inputs\.a should be an object/],
  ['reports.v', /reports\.v should be an object/],
];

function set(config: Config, path: string, value: unknown): void {
  const keys = path.split('.');
  let at = config;
  for (const key of keys.slice(0, -1)) {
    at[key] ??= {};
    at = at[key];
  }
  at[keys.at(-1)!] = value;
}

for (const [field, pattern] of fields) {
  test(`a number for ${field} is refused with its name`, async (t) => {
    const { path } = await project(t, (config) => set(config, field, 5));
    t.regex(await outcome(() => loadSonata(path)), new RegExp(`^malformed-file: .*${pattern.source}`));
  });
}

test('whatever stands in a field of a configuration, the answer is a network or an error with a code', async (t) => {
  t.timeout(600_000);
  const root = await mkdtemp(join(tmpdir(), 'sonata-fields-'));
  t.teardown(() => rm(root, { recursive: true }));
  await cp('__test__/circuit/fixtures/sonata', root, { recursive: true });
  /** Every value of a JSON file, by its path. */
  const paths = (value: Config, at: readonly string[] = []): string[][] =>
    typeof value !== 'object' || value === null
      ? [[...at]]
      : [[...at], ...Object.entries(value).flatMap(([key, one]) => paths(one, [...at, key]))];
  const others = [null, 5, -1, true, '', 'x', [], [[]], {}, { a: null }, [null]];
  let [refused, read] = [0, 0];
  for (const [file, start] of [
    ['reports_config.json', 'reports_config.json'],
    ['circuit_config.json', 'reports_config.json'],
    ['node_sets.json', 'reports_config.json'],
    ['single/config.json', 'single/config.json'],
  ] as const) {
    const text = await readFile(join(root, file), 'utf8');
    for (const keys of paths(JSON.parse(text)).filter((one) => one.length > 0)) {
      for (const value of others) {
        const config = JSON.parse(text);
        set(config, keys.join('.'), value);
        await writeFile(join(root, file), JSON.stringify(config));
        try {
          const error = await failure(() => loadSonata(join(root, start)));
          if (error === undefined) read += 1;
          else refused += 1;
          t.not(error?.code, 'internal');
        } catch (error) {
          t.fail(`${file}: ${keys.join('.')} = ${JSON.stringify(value)}: ${(error as Error).stack}`);
        }
      }
    }
    await writeFile(join(root, file), text);
  }
  t.log(`${read} read, ${refused} refused`);
  t.true(read > 50 && refused > 300);
});
