/** One layer of an integer network in C. */
import { identifiers, parameter, table } from './c-names.ts';
import type { IntegerConnection, IntegerDescription, IntegerLayer, IntegerTensors } from './description.ts';
import type { IntegerDecay } from './rules.ts';

/** What is written for a layer. */
export interface CLayer {
  readonly layer: IntegerLayer;
  /** The layer's name in C. */
  readonly own: string;
  readonly tables: readonly string[];
  /** Lines of its connections in the state. */
  readonly fields: readonly string[];
  /** Lines of the function that puts it at rest. */
  readonly reset: readonly string[];
  /** The function of its step. */
  readonly step: string;
}

interface Writing {
  readonly description: IntegerDescription;
  readonly layer: IntegerLayer;
  readonly tensors: IntegerTensors;
  readonly names: ReadonlyMap<string, string>;
  readonly prefix: string;
}

/** Lines, each indented by a number of levels. */
const indented = (levels: number, lines: readonly string[]) =>
  lines.map((line) => '    '.repeat(levels) + line);

export function layerCode(writing: Writing): CLayer {
  const { layer, tensors, names, prefix } = writing;
  const { rules, neurons, connections, aliases } = layer;
  const own = names.get(layer.name)!;
  const values = tensors.parameters[layer.name]!;
  const tables: string[] = [];
  const use = (field: string, numbers: Int32Array) => {
    const { table, value } = parameter(`${own}_${field}`, numbers);
    if (table !== undefined) tables.push(table);
    return value;
  };
  const ofCurrent = (array: Int32Array, c: number) => array.subarray(c * neurons, (c + 1) * neurons);
  const limits = (bits: number) => {
    const max = 2 ** (bits - 1) - 1;
    return `${rules.range === 'symmetric' ? -max : -max - 1}, ${max}`;
  };
  const threshold = rules.spiking ? use('threshold', values.threshold) : '';
  const vReset = rules.spiking && rules.reset === 'value' ? use('v_reset', values.vReset) : '';
  const bias = use('bias', values.bias);
  const vDecay = rules.vDecay.kind === 'none' ? '' : use('v_decay', values.vDecay);
  const start = parameter(`${own}_v_start`, values.vStart);
  if (start.table !== undefined) tables.push(start.table);
  const connectionNames = identifiers(connections.map(({ name }) => name));
  const each = rules.saturation === 'each-addition';

  const before: string[] = [];
  const receive: string[] = [];
  const after: string[] = [];
  for (let c = 0; c < rules.currents; c++) {
    const current = `state->${own}_current[${c}][j]`;
    const decay = decayLines(rules.currentDecay, current, () =>
      use(`current_decay_${c}`, ofCurrent(values.currentDecay, c)),
    );
    const add = `state->${own}_drive[j] += ${current};`;
    const order = rules.currentOrder;
    if (order === 'use-decay-add') before.push(add, ...decay);
    if (order === 'decay-add-use') before.push(...decay);
    const currentBias = use(`current_bias_${c}`, ofCurrent(values.currentBias, c));
    const inputs = [each ? '' : `state->${own}_sum[${c}][j]`, currentBias === '0' ? '' : currentBias].filter(
      Boolean,
    );
    if (inputs.length > 0)
      receive.push(`${current} = clip(${[current, ...inputs].join(' + ')}, ${limits(rules.currentBits)});`);
    if (order === 'decay-add-use') after.push(add);
    if (order === 'add-decay-use') after.push(...decay, add);
    if (order === 'add-use-decay') after.push(add, ...decay);
  }

  const v = `state->${own}_v[j]`;
  const pending = `state->${own}_own[j]`;
  const due = rules.spiking && rules.resetTiming === 'next-step' && rules.reset !== 'none';
  const subtract = `${v} -= ${pending} * ${threshold};`;
  const membrane = [
    ...(due && rules.reset === 'value' ? [`if (${pending} > 0) ${v} = ${vReset};`] : []),
    ...(due && rules.reset === 'subtract' && rules.resetScale === 'beta-threshold' ? [subtract] : []),
    ...decayLines(rules.vDecay, v, () => vDecay),
    ...(due && rules.reset === 'subtract' && rules.resetScale === 'threshold' ? [subtract] : []),
    `${v} = clip(${v} + state->${own}_drive[j]${bias === '0' ? '' : ` + ${bias}`}, ${limits(rules.vBits)});`,
  ];

  const loop = (lines: readonly string[]) =>
    lines.length === 0 ? [] : [`for (int32_t j = 0; j < ${neurons}; j++) {`, ...indented(1, lines), '}'];
  const zero = [`memset(state->${own}_drive, 0, sizeof state->${own}_drive);`];
  if (rules.currents > 0 && !each) zero.push(`memset(state->${own}_sum, 0, sizeof state->${own}_sum);`);
  if (aliases.length > 0) zero.push(`memset(state->${own}_spikes, 0, sizeof state->${own}_spikes);`);
  const fields: string[] = [];
  const inputs = connections.flatMap((connection) => {
    const name = `${own}_${connectionNames.get(connection.name)!}`;
    const { lines, weights, state } = connectionCode(writing, connection, name, limits(rules.currentBits));
    tables.push(weights);
    fields.push(...state);
    return lines;
  });
  const spikes = rules.spiking ? spikeLines(layer, own, threshold, vReset, due) : [];
  if (aliases.length > 0) tables.push(table('int32_t', `${own}_aliases`, sorted(aliases).flat()));
  const main = each ? [...receive, ...after, ...membrane] : [...before, ...receive, ...after, ...membrane];
  const steps = [...zero, ...(each ? loop(before) : []), ...inputs, ...loop(main), ...loop(spikes)];
  const first = steps.some((line) => line.includes('input[')) ? '' : '    (void)input;\n';
  return {
    layer,
    own,
    tables,
    fields,
    reset: start.value === '0' ? [] : indented(1, loop([`${v} = ${start.value};`])),
    step: `static void step_${own}(${prefix}_state *state, const int16_t *input) {\n${first}${indented(1, steps).join('\n')}\n}`,
  };
}

/** A state's decay; `parameter` is the neuron's. */
function decayLines(decay: IntegerDecay, state: string, parameter: () => string): string[] {
  if (decay.kind === 'none') return [];
  if (decay.kind === 'shift')
    return [`${state} -= ${decay.atLeastOne ? 'lost' : 'shifted'}(${state}, ${parameter()});`];
  const product = `(int64_t)${state} * ${parameter()}`;
  const bits = decay.fractionBits;
  const half = 2 ** (bits - 1);
  if (decay.rounding === 'toward-zero') return [`${state} = truncated(${product}, ${bits});`];
  return [`${state} = floored(${product}${decay.rounding === 'nearest' ? ` + ${half}` : ''}, ${bits});`];
}

const sorted = (aliases: IntegerLayer['aliases']) => aliases.toSorted(([a], [b]) => a - b);

function spikeLines(
  { rules, aliases }: IntegerLayer,
  own: string,
  threshold: string,
  vReset: string,
  due: boolean,
): string[] {
  const v = `state->${own}_v[j]`;
  const spikes = `state->${own}_spikes[j]`;
  const [crosses, max] = [`${v} ${rules.compare} ${threshold}`, rules.maxSpikes];
  const aliased = aliases.length > 0;
  const reset = rules.resetTiming === 'same-step' ? rules.reset : 'none';
  const whole = rules.compare === '>' ? `(${v} - 1) / ${threshold}` : `${v} / ${threshold}`;
  const capacity = aliased ? `${max} - ${spikes}` : `${max}`;
  const guard = aliased ? `${crosses} && ${spikes} < ${max}` : crosses;
  const lines = [
    'int32_t count = 0;',
    `if (${guard}) {`,
    ...(max === 1
      ? ['    count = 1;']
      : [`    count = ${whole};`, `    if (count > ${capacity}) count = ${capacity};`]),
    ...(reset === 'subtract' ? [`    ${v} -= count * ${threshold};`] : []),
    ...(reset === 'value' ? [`    ${v} = ${vReset};`] : []),
    '}',
    ...(due ? [`state->${own}_own[j] = (uint8_t)count;`] : []),
  ];
  if (!aliased) return [...lines, `${spikes} = (uint8_t)count;`];
  return [
    ...lines,
    `${spikes} = (uint8_t)(${spikes} + count);`,
    `for (int32_t a = 0; a < ${aliases.length}; a++) {`,
    `    if (${own}_aliases[2 * a] == j) {`,
    `        uint8_t *to = &state->${own}_spikes[${own}_aliases[2 * a + 1]];`,
    `        *to = (uint8_t)clip(*to + ${spikes}, 0, ${max});`,
    '    }',
    '}',
  ];
}

/** The loop over the events of a connection, and its weights `[source][target]` or `[channel][row][column][target]`. */
function connectionCode(
  { description, layer, tensors, names }: Writing,
  connection: IntegerConnection,
  prefix: string,
  limits: string,
): { lines: string[]; weights: string; state: readonly string[] } {
  const name = `${prefix}_weights`;
  const { from, delay, current, shift, maxCount, projection } = connection;
  const own = names.get(layer.name)!;
  const { input } = description;
  const source = from === 'input' ? undefined : description.layers.find((other) => other.name === from);
  const [neurons, image] = source === undefined ? [input.size, input.shape] : [source.neurons, source.shape];
  const spikes =
    source === undefined
      ? delay
        ? 'state->input_before'
        : 'input'
      : `state->${names.get(from)}_${delay ? 'before' : 'spikes'}`;
  const signed = source === undefined && input.signed;
  const most = Math.min(maxCount, source === undefined ? input.maxCount : maxCount);
  const each = layer.rules.saturation === 'each-addition';
  const into = (target: string) =>
    layer.rules.currents === 0
      ? `state->${own}_drive[${target}]`
      : `state->${own}_${each ? 'current' : 'sum'}[${current}][${target}]`;
  const factor = shift === 0 ? 'n' : `n * ${2 ** shift}`;
  const [low, whole] = [signed ? -most : 0, image ?? ([1, 1, neurons] as const)];
  const pooled = maxPoolCode(prefix, connection, { counts: spikes, image: whole, low, most });
  // Behind a max pool the connection starts at its counts.
  const {
    sender,
    shape,
    pool,
    lines: before,
    state,
  } = pooled ?? { sender: spikes, shape: whole, pool: projection.pool ?? 1, lines: [], state: [] };
  const [channels, height, width] = shape;
  const size = channels * height * width;
  const [rows, columns] = [Math.floor(height / pool), Math.floor(width / pool)];
  const data = tensors.weights[connection.name]!;
  const head = [
    ...before,
    `for (int32_t k = 0; k < ${size}; k++) {`,
    `    int32_t n = clip(${sender}[k], ${low}, ${most});`,
    '    if (n == 0) continue;',
  ];
  if (projection.kind === 'dense') {
    const sources = pool === 1 ? size : channels * rows * columns;
    const weights = transposed(data, layer.neurons, sources);
    const at =
      pool === 1
        ? []
        : [
            `int32_t row = k / ${width} % ${height} / ${pool}, column = k % ${width} / ${pool};`,
            `if (row >= ${rows} || column >= ${columns}) continue;`,
            `int32_t p = (k / ${height * width} * ${rows} + row) * ${columns} + column;`,
          ];
    const term = `${factor} * ${name}[${pool === 1 ? 'k' : 'p'} * ${layer.neurons} + j]`;
    const target = into('j');
    return {
      state,
      weights: table('int8_t', name, weights),
      lines: [
        ...head,
        ...indented(1, at),
        `    for (int32_t j = 0; j < ${layer.neurons}; j++) ${each ? `${target} = clip(${target} + ${term}, ${limits});` : `${target} += ${term};`}`,
        '}',
      ],
    };
  }
  const [kernelRows, kernelColumns] = projection.kernel;
  const [outputs, outRows, outColumns] = layer.shape!;
  const window = kernelRows * kernelColumns;
  const weights = new Int8Array(data.length);
  data.forEach((weight, i) => {
    const [pixel, channel, output] = [
      i % window,
      Math.floor(i / window) % channels,
      Math.floor(i / window / channels),
    ];
    weights[(channel * window + pixel) * outputs + output] = weight;
  });
  const [strideRow, strideColumn] = projection.stride;
  const outputIndexCode = (axis: string, offset: string, stride: number, limit: number, target: string) => [
    `int32_t ${target} = ${axis} - ${offset};`,
    `if (${target} < 0${stride === 1 ? '' : ` || ${target} % ${stride} != 0`} || ${target} / ${stride} >= ${limit}) continue;`,
    ...(stride === 1 ? [] : [`${target} /= ${stride};`]),
  ];
  return {
    state,
    weights: table('int8_t', name, weights),
    lines: [
      ...head,
      `    int32_t row = k / ${width} % ${height} / ${pool}, column = k % ${width} / ${pool};`,
      `    if (row >= ${rows} || column >= ${columns}) continue;`,
      `    row += ${projection.padding[0]};`,
      `    column += ${projection.padding[1]};`,
      `    for (int32_t a = 0; a < ${kernelRows}; a++) {`,
      ...indented(2, outputIndexCode('row', 'a', strideRow, outRows, 'y')),
      `        for (int32_t b = 0; b < ${kernelColumns}; b++) {`,
      ...indented(3, outputIndexCode('column', 'b', strideColumn, outColumns, 'x')),
      `            const int8_t *w = &${name}[((k / ${height * width} * ${kernelRows} + a) * ${kernelColumns} + b) * ${outputs}];`,
      `            for (int32_t c = 0; c < ${outputs}; c++) ${into(`(c * ${outRows} + y) * ${outColumns} + x`)} += ${factor} * w[c];`,
      '        }',
      '    }',
      '}',
    ],
  };
}

/** The counts behind a max pool, each step before the connection reads them; nothing for other pools. */
function maxPoolCode(
  prefix: string,
  { projection: { pool, pooling = 'sum' } }: IntegerConnection,
  {
    counts,
    image,
    low,
    most,
  }: { counts: string; image: readonly [number, number, number]; low: number; most: number },
) {
  if (pool === undefined || pooling === 'sum') return undefined;
  const [channels, height, width] = image;
  const [rows, columns] = [Math.floor(height / pool), Math.floor(width / pool)];
  const [before, after] = [channels * height * width, channels * rows * columns];
  const of = (what: string) => `state->${prefix}_${what}`;
  const isTotal = pooling === 'max-total';
  const larger = isTotal
    ? [
        `${of('totals')}[k] += n;`,
        `if (${of('totals')}[k] > ${of('largest')}[p]) {`,
        `    ${of('pooled')}[p] = (int16_t)(${of('pooled')}[p] + ${of('totals')}[k] - ${of('largest')}[p]);`,
        `    ${of('largest')}[p] = ${of('totals')}[k];`,
        '}',
      ]
    : [`if (n > ${of('pooled')}[p]) ${of('pooled')}[p] = (int16_t)n;`];
  return {
    sender: of('pooled'),
    shape: [channels, rows, columns] as const,
    pool: 1,
    lines: [
      `for (int32_t p = 0; p < ${after}; p++) ${of('pooled')}[p] = ${isTotal ? 0 : low};`,
      `for (int32_t k = 0; k < ${before}; k++) {`,
      `    int32_t n = clip(${counts}[k], ${low}, ${most});`,
      `    int32_t row = k / ${width} % ${height} / ${pool}, column = k % ${width} / ${pool};`,
      `    if (row >= ${rows} || column >= ${columns}) continue;`,
      `    int32_t p = (k / ${height * width} * ${rows} + row) * ${columns} + column;`,
      ...indented(1, larger),
      '}',
    ],
    state: [
      `    int16_t ${prefix}_pooled[${after}];`,
      ...(isTotal
        ? [`    int64_t ${prefix}_totals[${before}];`, `    int64_t ${prefix}_largest[${after}];`]
        : []),
    ],
  };
}

function transposed(data: Int8Array, targets: number, sources: number): Int8Array {
  const out = new Int8Array(data.length);
  for (let target = 0; target < targets; target++)
    for (let source = 0; source < sources; source++)
      out[source * targets + target] = data[target * sources + source]!;
  return out;
}
