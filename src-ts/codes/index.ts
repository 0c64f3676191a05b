// Public names of the room codes.

export { type Decoder, decode } from './decode.ts';
export { encodeTargets, type TargetOptions } from './encode-targets.ts';
export type { Encoded, RandomOptions, ShapedData } from './encoder.ts';
export * from './encoders.generated.ts';
export {
  type CodedSpikes,
  type Reconstructed,
  type ReconstructionError,
  reconstruct,
  reconstructionError,
} from './reconstruct.ts';
