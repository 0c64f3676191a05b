/** `lapicque inspect` and `convert` of files of torch and of ONNX. */
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { invalid } from '../checks/check.ts';
import { readTensors, writeTensors } from '../files/tensor-file.ts';
import { hasTorchName } from '../files/torch-file.ts';
import { readOnnx } from '../onnx/read.ts';
import { asUsageError } from './failure.ts';
import { interruption } from './interrupt.ts';
import { bytes, output, printable, table } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';
import { checkReadable, checkWritable } from './tensors.ts';

const extension = (path: string) => extname(path).toLowerCase();

/** Whether a file is an ONNX network by its name. */
export function isOnnx(path: string): boolean {
  return extension(path) === '.onnx';
}

/** Whether a file is a torch.save file or an ONNX network, by its name. */
export function isForeign(path: string): boolean {
  return isOnnx(path) || hasTorchName(path);
}

/** The report of an ONNX file: its nodes with their layers, and the network. */
export async function inspectOnnx(path: string, options: CommonOptions): Promise<void> {
  await prepare(options);
  checkReadable(path);
  const signal = interruption();
  const network = await readOnnx(path, { signal });
  using model = await network.compile({ signal });
  const { report } = network;
  const summary = {
    path,
    kind: 'onnx',
    bytes: statSync(path).size,
    ...report,
    description: network.description,
    info: model.info,
  };
  output(options.json === true).result(summary, () =>
    [
      `${path}: ONNX network of ${printable(report.producer) || 'an unnamed program'}, opset ${report.opset}, ${bytes(summary.bytes)}`,
      printable(`from ${report.input} to ${report.output}`),
      '',
      table([
        ['node', 'operator', 'layer'],
        ...report.nodes.map(({ node, operator, layer = '' }) => [node, operator, layer]),
      ]),
      '',
      model.summary(),
      ...report.notes.map((note) => printable(`note: ${note}`)),
    ].join('\n'),
  );
}

/** Converts torch tensors to `.safetensors` or `.npz`, and an ONNX network to a lapicque model. */
export async function convertForeign(from: string, to: string, options: CommonOptions): Promise<void> {
  await prepare(options);
  asUsageError(() => {
    const endings = isOnnx(from) ? ['.safetensors'] : ['.safetensors', '.npz'];
    if (!endings.includes(extension(to))) invalid('<out>', to, `a name that ends in ${endings.join(' or ')}`);
  });
  checkReadable(from);
  checkWritable(to);
  const signal = interruption();
  const out = output(options.json === true);
  if (isOnnx(from)) {
    const network = await readOnnx(from, { signal });
    using model = await network.compile({ signal });
    await model.save(to, { signal });
    const layers = Object.keys(network.spec.nodes).length;
    const report = { from, to, kind: 'model', layers, notes: network.report.notes, bytes: statSync(to).size };
    out.result(report, () => `${to}: a model of ${layers} layers, ${bytes(report.bytes)}`);
    return;
  }
  const { tensors, metadata } = await readTensors(from, { signal });
  const stored = extension(to) === '.safetensors' ? { metadata } : {};
  if (extension(to) === '.npz' && metadata.size > 0)
    out.note(`left out, since .npz does not hold them: ${[...metadata.keys()].join(', ')}`);
  await writeTensors(to, tensors, { ...stored, signal });
  const report = { from, to, kind: 'tensors', tensors: [...tensors.keys()], bytes: statSync(to).size };
  out.result(report, () => `${to}: ${tensors.size} tensors, ${bytes(report.bytes)}`);
}
