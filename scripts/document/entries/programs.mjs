// The example programs of the reference pages. Each is run when the page is written, and the page says what it printed.
import { wholeLibrary } from '../../package/doors.mjs';

const library = new Map(Object.entries(await wholeLibrary()));
const AsyncFunction = (async () => {}).constructor;

/** The lines that a program prints. Its imports are left out: it gets the library's names. */
export async function printed(code) {
  const lines = [];
  const body = code.replaceAll(/^import .*;$/gm, '').replaceAll('console.log(', 'said(');
  const names = [...library.keys()].filter((name) => RegExp(`\\b${name}\\b`).test(body));
  await AsyncFunction(
    ...names,
    'said',
    `{\n${body}\n}`,
  )(...names.map((name) => library.get(name)), (line) => lines.push(String(line)));
  return lines;
}

/** A program as a block of Markdown, with what it prints as a comment at its end. */
export async function exampleBlock(code) {
  const [line, ...others] = await printed(code);
  if (line === undefined || others.length > 0) throw new Error(`an example prints one line:\n${code}`);
  return ['```js', `${code} // ${line}`, '```'];
}

const neuronsOf = (...names) =>
  `import { ${[...new Set(names)].sort().join(', ')} } from 'lapicque/neurons';`;
const head = (...names) => `import { dense, sequential } from 'lapicque';\n${neuronsOf(...names)}`;
const inputs = `// 100 steps of one sample with 20 inputs; every seventh value is a spike.
const x = Float32Array.from({ length: 100 * 20 }, (_, i) => Number(i % 7 === 0));`;
const outputs = (count, width) => (width === 1 ? `${count}` : `${width} * ${count}`);

/** A call with one more option. */
const withName = (call) =>
  call.endsWith('()')
    ? call.replace('()', "({ name: 'hidden' })")
    : call.replace('({ ', "({ name: 'hidden', ");

function layerProgram(factory, { layer: call, width }) {
  return `${head(factory, 'li')}

const model = await sequential(
  dense(20, ${outputs(50, width)}),
  ${withName(call)},
  dense(50, 2),
  li({ beta: 0.9 }),
).compile({ seed: 1 });
${inputs}
const { recordings } = await model.run({ x, shape: [100, 1, 20] }, { record: ['hidden.spikes'] });
let count = 0;
for (const spike of recordings['hidden.spikes'] ?? []) count += spike;
console.log(\`\${(count / (100 * 50)).toFixed(3)} spikes per neuron and step\`);`;
}

function readoutProgram(factory, { readout: call, width }) {
  return `${head(factory, 'lif')}

const model = await sequential(
  dense(20, 50),
  lif({ beta: 0.9 }),
  dense(50, ${outputs(2, width)}),
  ${call},
).compile({ seed: 1 });
${inputs}
const { v } = await model.run({ x, shape: [100, 1, 20] });
console.log(Array.from(v.slice(-2), (value) => value.toFixed(3)).join(' and '));`;
}

function stepProgram(factory, { step: call, height, dt }) {
  return `import { sequential } from 'lapicque';
import { ${factory} } from 'lapicque/neurons';

const model = await sequential(${call}).compile({ inputs: 1, dt: ${dt} });
// The same input at each of ${200 / dt} steps: 200 ms.
const { spikes } = await model.run({ x: Float32Array.of(${height}), shape: [1, 1] }, { steps: ${200 / dt} });
let count = 0;
for (const spike of spikes ?? []) count += spike;
console.log(\`\${count} spikes\`);`;
}

function circuitProgram(factory, { input }) {
  return `import { circuit, connect, poisson, population, record, simulate } from 'lapicque/circuit';
import { ${factory} } from 'lapicque/neurons';

const E = population(${factory}, 100, { name: 'E' });
const drive = ${input};
const recording = await simulate(circuit(E, drive, record.spikes()), { duration: 1000, seed: 1 });
console.log(\`\${recording.rates().E.toFixed(1)} Hz\`);`;
}

/** The example program of a neuron. */
export function neuronProgram(factory, example) {
  if ('layer' in example) return layerProgram(factory, example);
  if ('readout' in example) return readoutProgram(factory, example);
  return 'step' in example ? stepProgram(factory, example) : circuitProgram(factory, example);
}

/** The example program of a loss: training on four samples that are easy to tell apart. */
export function lossProgram({ name, reads }) {
  const neuron = reads === 'v' ? 'li' : 'lif';
  return `import { adam, dense, loss, sequential } from 'lapicque';
import { ${neuron} } from 'lapicque/neurons';

const model = await sequential(dense(20, 3), ${neuron}({ beta: 0.9 })).compile({ seed: 1 });
// 25 steps, 4 samples, 20 inputs: in a sample of class c, inputs c, c + 3, c + 6 … fire at every step.
const y = Uint32Array.of(0, 1, 2, 0);
const x = Float32Array.from({ length: 25 * 4 * 20 }, (_, i) => Number((i % 20) % 3 === y[Math.floor(i / 20) % 4]));
const options = { loss: loss.${name}(), optimizer: adam({ lr: 0.01 }) };
const batch = { x, y, shape: [25, 4, 20] };
const first = await model.trainStep(batch, options);
let last = first;
for (let step = 1; step < 20; step += 1) last = await model.trainStep(batch, options);
console.log(\`from \${first.loss.toFixed(3)} to \${last.loss.toFixed(3)}\`);`;
}
