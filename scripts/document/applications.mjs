// Runs the applications with --full and writes the gallery's tables from their lines. `npm run applications [-- --only NAME]`
//
// docs/applications/results.json keeps the last line of each program, so that a run of one keeps the rows of the others. `-- --tables` runs nothing.
// The words of docs/applications/README.md stay; the tables between its two comments are written.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const page = 'docs/applications/README.md';
const results = 'docs/applications/results.json';
const [begin, end] = ['<!-- written by npm run applications -->', '<!-- end of the tables -->'];

const { values } = parseArgs({
  options: { only: { type: 'string' }, tables: { type: 'boolean', default: false } },
});
const names = readdirSync('examples/applications')
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.replace('.mjs', ''));
if (values.only !== undefined && !names.includes(values.only)) {
  console.error(`--only: no application ${values.only}; there are ${names.join(', ')}`);
  process.exit(2);
}

const lines = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : {};
const chosen = values.tables ? [] : names.filter((name) => values.only === undefined || name === values.only);
for (const name of chosen) {
  const started = performance.now();
  lines[name] = await lineOf(name);
  console.log(`${name}: ${Math.round((performance.now() - started) / 1000)} s`);
  write();
}
write();

/** Runs one program and returns its line. */
function lineOf(name) {
  const picture = `docs/applications/${name}.svg`;
  const program = `examples/applications/${name}.mjs`;
  const child = spawn(process.execPath, [program, '--full', '--json', '--picture', picture], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    child.on('error', reject).on('close', (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`${program} --full: exit code ${code}`));
    });
  });
}

function write() {
  const known = Object.fromEntries(names.filter((name) => lines[name]).map((name) => [name, lines[name]]));
  writeFileSync(results, `${JSON.stringify(known, null, 1)}\n`);
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${page} lacks ${begin} or ${end}`);
  const tables = [gallery(), figures(known), costs(known)].join('\n\n');
  writeFileSync(page, `${before}${begin}\n\n${tables}\n\n${end}${after}`);
}

/** Thumbnails of all applications that lead to their pages, three in a row. */
function gallery() {
  const cells = names
    .filter((name) => existsSync(`docs/applications/${name}.md`))
    .map((name) => {
      const [, title] = /^# (.*)$/m.exec(readFileSync(`docs/applications/${name}.md`, 'utf8'));
      return `[![${title}](${name}.svg)](${name}.md)<br>[${title}](${name}.md)`;
    });
  const rows = [];
  for (let i = 0; i < cells.length; i += 3)
    rows.push(`| ${[0, 1, 2].map((k) => cells[i + k] ?? '').join(' | ')} |`);
  return ['| | | |', '| --- | --- | --- |', ...rows].join('\n');
}

/** A table for each application. */
function figures(known) {
  const tables = Object.entries(known).map(([name, { title, figures: own, baseline, seeds }]) => {
    const rows = Object.entries(own).map(([figure, { mean, sd, unit = '', better }]) => {
      const beside = baseline[figure];
      const recorded =
        beside === undefined ? '' : `${withUnit(beside.value, unit)}, ${method(beside.source)}`;
      const direction = better === 'lower' ? 'lower' : 'higher';
      const value = `${number(mean)} ± ${number(sd)}${unit === '' ? '' : ` ${unit}`}`;
      return `| ${figure} | ${value} | ${recorded} | ${direction} |`;
    });
    const head = `| figure | mean ± sd over seeds ${listOf(seeds)} | baseline | better is |`;
    return [`**[${title}](${name}.md)**`, '', head, '| --- | --- | --- | --- |', ...rows].join('\n');
  });
  return tables.join('\n\n');
}

/** The method of a baseline, without the folder that recorded it. */
function method(source) {
  return source.replace(/^fixture [\w-]+: /, '');
}

function costs(known) {
  const cost = (one) => (one === undefined ? '' : `${withUnit(one.value, one.unit)} per ${one.per}`);
  const rows = Object.entries(known).map(
    ([name, { title, spikes, operations, energy, latency }]) =>
      `| [${title}](${name}.md) | ${[spikes, operations, energy, latency].map(cost).join(' | ')} |`,
  );
  const head = '| application | spikes | operations | energy | latency |';
  return [head, '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

/** `0 to 4` for consecutive seeds. */
function listOf(seeds) {
  const isRange = seeds.length > 2 && seeds.every((seed, i) => seed === seeds[0] + i);
  return isRange ? `${seeds[0]} to ${seeds.at(-1)}` : seeds.join(', ');
}

function withUnit(value, unit) {
  return unit === '' ? number(value) : `${number(value)} ${unit}`;
}

function number(value) {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
