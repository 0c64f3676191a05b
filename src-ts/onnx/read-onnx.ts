/** Reads ONNX files. Its code is loaded at the first call, because most programs do not use ONNX and `import 'lapicque'` has to be fast. */
import type { FileSource } from '../files/file-source.ts';
import type { OnnxNetwork, OnnxOptions } from './read.ts';

/**
 * Reads a feed-forward network from an ONNX file, as torch.onnx.export and others write it: a `graph` that runs, trains and is saved like one
 * that was written here. `compile` gives the model with the file's weights. A run of one step, `[1, batch, …]`, is one pass of the network; its
 * outputs are `v`.
 *
 * Read are Conv, Gemm and MatMul with constant weights, BatchNormalization, MaxPool, AveragePool, GlobalAveragePool, GlobalMaxPool, ReduceMean
 * over pixels, Flatten, Reshape, Squeeze, Unsqueeze, Concat of channels, Add, Sub and Mul of two branches, Dropout, Identity, Constant and
 * the sizes that a Reshape follows from; of each element Relu, LeakyRelu, Sigmoid, Tanh, Clip, Floor, Ceil, Abs, Neg, Sign, Exp, Log, Sqrt,
 * Reciprocal, and Add, Sub, Mul, Div, Pow, Min and Max with a constant, which become one population without memory. Any other operator or
 * attribute is refused, by the name of its node. The first axis is the batch. Opset 13 and later; numbers in a file beside the network
 * (`model.onnx.data`) are read from its own folder only.
 *
 * @example
 * ```ts
 * const network = await readOnnx('classifier.onnx');
 * const model = await network.compile();
 * const { v } = await model.run({ x: images, shape: [1, batch, 784] });
 * ```
 * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
 * @returns the network with its weights, and a report that names the layer of each node
 * @throws LapicqueError `unsupported` for an operator, an attribute, an element type or an opset; `malformed-file`, `too-large`, `io`, `aborted`;
 * `invalid-parameter` if the file does not determine the shape of the input or the output
 */
export async function readOnnx(source: FileSource, options: OnnxOptions = {}): Promise<OnnxNetwork> {
  return await (await import('./read.ts')).readOnnx(source, options);
}
