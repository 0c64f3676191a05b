// The JavaScript blocks of a page of docs as one program: what each prints, and the files that it saves.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';

/** Stands between the outputs of two blocks. */
const separator = '\u001e';

/** A block of JavaScript; a block of text directly behind it states what it prints. */
const blockPattern = /```(?:js|ts)\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g;

/** Figures follow the reader's light or dark system, and have the width of a page. */
const preload = `import { figure } from 'lapicque/figure';
const { save } = figure.Figure.prototype;
figure.Figure.prototype.save = function (path, options) {
  return save.call(this.with({ theme: 'auto', width: 640, fontSize: 13, ...this.options }), path, options);
};
`;

/** The pages whose blocks are programs. */
export const programPages = () =>
  readdirSync('docs/tutorials')
    .map((name) => join('docs/tutorials', name))
    .concat('docs/guides/theory.md', 'docs/guides/your-data.md');

/** The blocks of a page: their code, the output that the page states, and the name of a file of its own (`// NAME.mjs` in the first line). */
export function blocksOf(path) {
  return [...readFileSync(path, 'utf8').matchAll(blockPattern)].map(([, code, stated]) => ({
    code,
    stated,
    file: /^\/\/ (\w[\w-]*\.mjs)\b/.exec(code)?.[1],
  }));
}

/**
 * The pictures that a page shows: their names, their paths from the root, and whether they are of measured times, which `<!-- measured -->` above says.
 * A PNG is the top of an HTML page that the program writes: `report.png` of `report/report.html`.
 */
export function picturesOf(path) {
  return [
    ...readFileSync(path, 'utf8').matchAll(
      /(<!-- measured -->\n)?!\[[^\]]*\]\(\.\.\/(images\/tutorials\/(?:[\w-]+\/)+([\w-]+)\.(svg|png))\)/g,
    ),
  ].map(([, measured, file, name, format]) => ({
    name: format === 'svg' ? `${name}.svg` : `${name}/${name}.html`,
    file: join('docs', file),
    isMeasured: measured !== undefined,
  }));
}

/** Whether a block prints what the page states: the same lines, where `…` stands for any characters of a line. */
export function prints(stated, printed) {
  const escaped = stated.trimEnd().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('…', '.*')}$`).test(printed.trimEnd());
}

/**
 * Runs the program of a page.
 *
 * @returns what each block prints, all of it, and the bytes of each picture that the page shows: SVG, or HTML for a PNG
 */
export async function runPage(path) {
  const blocks = blocksOf(path);
  await mkdir('build', { recursive: true });
  // Inside of the package, so that it is found under its name.
  const folder = await mkdtemp(join('build', 'tutorial-'));
  try {
    for (const { code, file } of blocks) if (file !== undefined) await writeFile(join(folder, file), code);
    const program = blocks
      .map(({ code, file }) => (file === undefined ? code : ''))
      .join(`\nconsole.log('${separator}');\n`);
    const { code } = await transform(program, { loader: 'ts' });
    await writeFile(join(folder, 'program.mjs'), code);
    await writeFile(join(folder, 'preload.mjs'), preload);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', './preload.mjs', 'program.mjs'],
      { cwd: folder, timeout: 120_000, env: { ...process.env, NO_COLOR: '1' } },
    );
    const pictures = new Map();
    for (const { name, file } of picturesOf(path)) pictures.set(file, await readFile(join(folder, name)));
    return {
      printed: stdout.split(`${separator}\n`),
      stdout: stdout.replaceAll(`${separator}\n`, ''),
      pictures,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
