// A missing, damaged or foreign binary: one typed error that names what was looked for and what helps.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeProject } from './project.mjs';

export async function errors(context) {
  const { check, run } = context;
  const folder = makeProject(context, 'errors');
  run('npm', ['install', 'lapicque', '@lapicque/report'], folder);
  const scope = join(folder, 'node_modules/@lapicque');
  const engine = readdirSync(scope).find((name) => name !== 'report');
  const directory = join(scope, engine);
  const binary = join(directory, JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).main);
  const original = readFileSync(binary);
  const caught = (program, door = 'lapicque') => {
    const modules = [
      [
        '--input-type=module',
        '-e',
        `try { const m = await import('${door}'); ${program} } catch (error) { tell(error) }; ${tell}`,
      ],
      [
        '-e',
        `(async () => { try { const m = require('${door}'); ${program} } catch (error) { tell(error) } })(); ${tell}`,
      ],
    ];
    return modules.map((args) => JSON.parse(run(process.execPath, args, folder)));
  };
  const expectWords = (found, ...words) => {
    for (const { code, message } of found) {
      if (code !== 'unsupported') throw new Error(`code ${code}: ${message}`);
      for (const word of words) if (!message.includes(word)) throw new Error(`no "${word}" in: ${message}`);
    }
  };

  await check('a damaged binary', () => {
    writeFileSync(binary, 'no binary');
    expectWords(caught(''), `@lapicque/${engine}`, process.version, 'npm install');
  });
  await check('a binary of another system', () => {
    const foreign = Buffer.from(original);
    foreign.writeUInt16LE(0xf3, 18); // e_machine: RISC-V
    writeFileSync(binary, foreign);
    expectWords(caught(''), `@lapicque/${engine}`, process.arch);
  });
  await check('a missing engine', () => {
    const aside = join(folder, 'aside');
    cpSync(directory, aside, { recursive: true });
    rmSync(directory, { recursive: true });
    expectWords(caught(''), `@lapicque/${engine}`, 'not installed', '--include=optional');
    cpSync(aside, directory, { recursive: true });
    writeFileSync(binary, original);
  });
  await check('a command that really helps', () => {
    rmSync(directory, { recursive: true });
    run('npm', ['install', '--include=optional', 'lapicque'], folder);
    expectWords(
      caught('await m.mnist()', 'lapicque/data'),
      '@lapicque/data-mnist',
      'npm install @lapicque/data-mnist',
    );
  });
  await check('an optional package that is missing', () => {
    rmSync(join(scope, 'report'), { recursive: true });
    expectWords(
      caught("await m.writeReport('out', { title: 'x', history: { loss: [1, 0.5] } })", 'lapicque/figure'),
      'npm install @lapicque/report',
    );
    expectWords(caught('await m.view()', 'lapicque/figure'), 'npm install @lapicque/viewer');
    const command = join(folder, 'node_modules/lapicque/dist/cli.js');
    const { status, stderr } = spawnSync(process.execPath, [command, 'bench', 'digits'], {
      encoding: 'utf8',
    });
    if (status === 0 || !stderr.includes('npm install @lapicque/bench')) throw new Error(`bench: ${stderr}`);
  });
  await check('the benchmarks beside the library', () => {
    run('npm', ['install', '@lapicque/bench'], folder);
    const { task } = JSON.parse(
      run('npx', ['lapicque', 'bench', 'stream_shd', '--passes', '1', '--json'], folder),
    );
    if (task !== 'stream_shd') throw new Error(`the task ${task} ran`);
  });
}

const tell =
  'function tell(error) { console.log(JSON.stringify({ code: error.code, message: error.message })) }';
