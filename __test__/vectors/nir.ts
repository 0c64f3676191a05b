/** NIR files: the parsed fields, the values of the equations as written, and the values of the library that wrote the file. */
import { dirname, join } from 'node:path';
import type { NirFramework } from '../../src-ts/nir/frameworks.ts';
import type { NirField, NirGraph } from '../../src-ts/nir/graph.ts';
import { type NirImport, readNir } from '../../src-ts/nir/import.ts';
import { using } from './check.ts';
import { isObject, type Json, number, object, type SideCar, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** A file with its equations solved as written. */
export async function nir(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const read = await opened(car, entry, 'nir');
  await using(read.model, async () => {
    compareFields(read.graph, object(entry.expected, 'expected'), comparison);
    await compareOutput(car, entry, read, object(entry.expected, 'expected').out, comparison);
  });
}

/** A file of a framework: with the framework's conventions, and with its equations solved as written. */
export async function nirFramework(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const expected = object(entry.expected, 'expected');
  const framework = text(entry.writing_framework, 'writing_framework') as NirFramework;
  if (typeof expected.nir_euler === 'string') {
    const read = await opened(car, entry, 'nir');
    await using(read.model, () => compareOutput(car, entry, read, expected.nir_euler, comparison));
  }
  const read = await opened(car, entry, framework);
  await using(read.model, async () => {
    compareFields(read.graph, expected, comparison);
    if (entry.profile_reproduces_lib_out === false)
      comparison.compared.add(text(expected.out, 'expected.out'));
    else await compareOutput(car, entry, read, expected.out, comparison);
  });
}

function opened(car: SideCar, entry: Json, framework: NirFramework): Promise<NirImport> {
  const path = join(dirname(car.path), text(entry.file, 'file'));
  const reset = isObject(entry.profile) ? entry.profile.reset : undefined;
  // A file of snnTorch is the same for both kinds of reset.
  const chosen =
    framework === 'snntorch' && (reset === 'value' || reset === 'subtract')
      ? { conventions: { reset } as const }
      : {};
  return readNir(path, { framework, dt: 1000 * number(entry.dt_s, 'dt_s'), ...chosen });
}

/** Compares the output of all steps. */
async function compareOutput(
  car: SideCar,
  entry: Json,
  { model, report }: NirImport,
  name: unknown,
  comparison: Comparison,
): Promise<void> {
  const inputs = object(entry.inputs, 'inputs');
  const { data, shape } = car.tensor(inputs.x);
  const [output] = report.outputs;
  const recording = `${output!.layer}.${output!.value}`;
  const [steps, batch] = [shape[0]!, shape[1]!];
  const input = { x: Float32Array.from(data), shape: [steps, batch, data.length / (steps * batch)] };
  const { recordings } = await model.run(input, { record: [recording] });
  const expected = car.tensor(name).shape;
  const own = [steps, batch, ...output!.shape];
  comparison.tensor(
    text(name, 'expected'),
    recordings[recording]!,
    expected.length === own.length ? own : [steps, ...output!.shape],
  );
}

/** Compares the fields of nodes by path. */
function compareFields(graph: NirGraph, expected: Json, comparison: Comparison): void {
  for (const [path, name] of Object.entries(object(expected.parse ?? {}, 'expected.parse'))) {
    const field = fieldAt(graph, path);
    if (field === undefined || typeof field === 'string')
      throw new Error(`the file has no numbers at ${path}`);
    comparison.tensor(text(name, `expected.parse.${path}`), field.data, field.shape);
  }
}

function fieldAt(graph: NirGraph, path: string): NirField | undefined {
  const slash = path.indexOf('/');
  if (slash >= 0) {
    const inner = graph.nodes.get(path.slice(0, slash));
    return inner?.type === 'NIRGraph' ? fieldAt(inner as NirGraph, path.slice(slash + 1)) : undefined;
  }
  const dot = path.lastIndexOf('.');
  const node = graph.nodes.get(path.slice(0, dot));
  return node !== undefined && 'fields' in node ? node.fields.get(path.slice(dot + 1)) : undefined;
}
