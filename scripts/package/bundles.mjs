// The library as files that are loaded together. esbuild does not split CommonJS, and one file per door would contain classes twice, so
// rooms are joined into bundles here, each built once per module format, and everything else imports them.
import { dirname, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/** Rooms of src-ts by bundle, and single files of rooms. A bundle imports only from those above it. */
const bundles = {
  // What the command line begins with: no file that loads the addon, since an error of its loading is told in a sentence.
  plain: ['checks', 'terminal', 'files/limits.ts', 'costs/energy-models.ts', 'events/formats.generated.ts'],
  // With node:net, which only those who name a server load.
  address: ['study/redis/address.ts'],
  base: ['engine', 'numbers', 'files'],
  neurons: ['neurons'],
  model: [
    'data',
    'codes',
    'trace',
    'layers',
    'description',
    'compiled',
    'train',
    'weights',
    'model',
    'networks',
    'control',
  ],
  analysis: ['analysis'],
  hdf5: ['hdf5'],
  chip: ['costs', 'quantize', 'convert'],
  circuit: ['circuit/elements', 'circuit', 'circuits', 'many'],
  morphology: ['morphology'],
  sonata: ['sonata'],
  exchange: ['onnx', 'nir'],
  events: ['events'],
  trials: ['study/search', 'study/table'],
  figure: ['figure/draw', 'figure/study', 'figure'],
  report: ['report', 'study/report'],
  study: ['study', 'study/redis'],
  log: ['log'],
  view: ['view/plots', 'view/kinds', 'view'],
};
const names = Object.keys(bundles);
const bundleOfPart = new Map(
  Object.entries(bundles).flatMap(([name, parts]) => parts.map((part) => [part, name])),
);
/** The bundle that a source file belongs to; undefined for doors, programs and files of other packages. */
const bundleOf = (file) => {
  const path = relative('src-ts', file).replaceAll('\\', '/');
  return bundleOfPart.has(path) ? bundleOfPart.get(path) : bundleOfPart.get(dirname(path));
};

/**
 * What bundles must export: for each file that another bundle, a door or a program imports, its names.
 *
 * @param entryPoints - doors and programs
 * @throws when bundles import each other in a circle
 */
async function sharedFiles(entryPoints, options) {
  const all = {
    ...options,
    entryPoints,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    outdir: 'x',
  };
  const { inputs } = (await build({ ...all, splitting: true })).metafile;
  const files = new Set();
  for (const [file, { imports }] of Object.entries(inputs))
    for (const { path, external } of imports) {
      const [from, to] = [bundleOf(file), bundleOf(path)];
      if (external || to === undefined || from === to) continue;
      if (from !== undefined && names.indexOf(to) > names.indexOf(from))
        throw new Error(`${file} imports ${path}: the bundle ${from} may not import from ${to}`);
      files.add(path);
    }
  const shared = [...files].sort();
  const { outputs } = (await build({ ...all, entryPoints: shared, splitting: true })).metafile;
  const exported = new Map(
    Object.values(outputs).flatMap(({ entryPoint, exports }) => (entryPoint ? [[entryPoint, exports]] : [])),
  );
  return new Map(shared.map((file, i) => [file, { id: i, exports: exported.get(file) ?? [] }]));
}

/** Makes imports of files of other bundles imports of these bundles, which are in `folder` as seen from the output. */
const otherBundles = (shared, own, folder, extension) => ({
  name: 'other-bundles',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
      if (kind === 'entry-point') return undefined;
      const file = relative('.', resolve(resolveDir, path)).replaceAll('\\', '/');
      const bundle = bundleOf(file);
      if (bundle === undefined || bundle === own) return undefined;
      return { path: file, namespace: 'other', sideEffects: false, pluginData: bundle };
    });
    onLoad({ filter: /.*/, namespace: 'other' }, ({ path, pluginData: bundle }) => {
      const { id, exports } = shared.get(path);
      const list = exports.map((name) => `${name}$${id} as ${name}`).join(', ');
      return { contents: `export { ${list} } from 'bundle:${bundle}';` };
    });
    onResolve({ filter: /^bundle:/ }, ({ path }) => ({
      path: `${folder}/${path.slice('bundle:'.length)}${extension}`,
      external: true,
      sideEffects: false,
    }));
  },
});

/**
 * Builds bundles, doors and programs into `dist`.
 *
 * @param doors - entries in both module formats
 * @param programs - by the folder in dist that they are built into, as ES modules
 * @returns the metafiles
 */
export async function buildBundles({ doors, programs, common, esm, cjs }) {
  const entries = [...doors, ...programs].map(({ source }) => source);
  // A program lies in a room without being a part of its bundle.
  for (const source of entries) bundleOfPart.set(relative('src-ts', source).replaceAll('\\', '/'), undefined);
  const shared = await sharedFiles(entries, common);
  const files = (bundle) => [...shared].filter(([file]) => bundleOf(file) === bundle);
  const one = (format, own, folder, extra) => {
    const extension = format === 'esm' ? '.js' : '.cjs';
    return build({
      ...common,
      ...(format === 'esm' ? { ...esm, splitting: true, chunkNames: '[name]-[hash]' } : cjs),
      format,
      metafile: true,
      outExtension: { '.js': extension },
      plugins: [otherBundles(shared, own, folder, extension)],
      ...extra,
    });
  };
  const built = ['esm', 'cjs'].flatMap((format) => [
    ...names.map((name) => {
      const contents = files(name)
        .map(([file, { id, exports }]) => {
          const list = exports.map((one) => `${one} as ${one}$${id}`).join(', ');
          return `export { ${list} } from './${file}';`;
        })
        .join('\n');
      const virtual = {
        name: 'entry',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^entry$/ }, () => ({ path: name, namespace: 'entry' }));
          onLoad({ filter: /.*/, namespace: 'entry' }, () => ({ contents, resolveDir: process.cwd() }));
        },
      };
      const extension = format === 'esm' ? '.js' : '.cjs';
      return one(format, name, '.', {
        entryPoints: [{ in: 'entry', out: name }],
        outdir: 'dist/library',
        plugins: [virtual, otherBundles(shared, name, '.', extension)],
      });
    }),
    one(format, undefined, './library', {
      entryPoints: doors.map(({ source, name }) => ({ in: source, out: name })),
      outdir: 'dist',
      splitting: false,
    }),
  ]);
  for (const { source, name, folder } of programs)
    built.push(
      one('esm', undefined, folder === undefined ? './library' : '../library', {
        entryPoints: [{ in: source, out: name }],
        outdir: folder === undefined ? 'dist' : `dist/${folder}`,
      }),
    );
  return (await Promise.all(built)).map(({ metafile }) => metafile);
}
