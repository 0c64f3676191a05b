/**
 * Simulation of large networks: populations, connections with delays and plasticity, recorders, built-in circuits, sweeps over parameters, SONATA.
 *
 * @packageDocumentation
 */

export * from '../circuit/index.ts';
export * as circuits from '../circuits/index.ts';
export * from '../many/index.ts';
export {
  type DriveOptions,
  driveSynapse,
  type RuleDefinition,
  type Sight,
  type SynapseEquations,
  type SynapseModel,
  type SynapseResponse,
} from '../neurons/synapse-model.ts';
export * as synapse from '../neurons/synapses.generated.ts';
export * from '../sonata/index.ts';
