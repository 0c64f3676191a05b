// Two spiking controllers of a quadrotor with derived weights: of its attitude, and of its landing.
import {
  beside,
  diagonal,
  identity,
  kalman,
  multiply,
  regulator,
  scale,
  subtract,
} from './linear-control.mjs';
import { dt, plant } from './quadrotor.mjs';
import { spikeCode } from './spike-coding.mjs';

/** Largest moment in N m, with both motors at the weight on average. */
export const strongest = plant.mass * plant.gravity * plant.arm;

/**
 * Attitude: an estimate of angle, rate, moment of the motors and torque of the gusts, and the moment that the regulator asks for. Inputs: measured
 * angle and rate, the moment of the last step, the reference.
 *
 * @param h - seconds per step
 */
export function attitudeNetwork(random, h = dt) {
  const lag = h / plant.lag;
  const pull = h / plant.inertia;
  const A = [
    [1, h, h * pull * (1 - lag), h * pull],
    [0, 1, pull * (1 - lag), pull],
    [0, 0, 1 - lag, 0],
    [0, 0, 0, 1 - 2 * h],
  ];
  const B = [[h * pull * lag], [pull * lag], [lag], [0]];
  const C = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
  ];
  const gust = 4.2e-4 ** 2 * (h / dt); // variance per step of the torque
  const G = kalman(A, C, diagonal([1e-10, 1e-8, 1e-8, gust]), diagonal([1e-4, 2.5e-3]));
  const [own] = regulator(
    A.slice(0, 3).map((row) => row.slice(0, 3)),
    B.slice(0, 3),
    scale(diagonal([1, 1e-3, 0]), h / dt),
    [[0.01 * (h / dt)]],
  );
  const keep = subtract(identity(4), multiply(G, C));
  return spikeCode(
    {
      F: multiply(keep, A),
      G: beside(G, multiply(keep, B), [[0], [0], [0], [0]]),
      H: [[...own.map((k) => -k), -1]],
      J: [[0, 0, 0, own[0]]],
    },
    { units: [0.005, 0.1, 0.02, 0.02], levels: 16, random, spiking: false },
  );
}

/** `(reference, angle, rate) =>` moment, by a session of `attitudeNetwork`. */
export function attitudeControl(session) {
  let moment = 0;
  session.reset();
  return (reference, angle, rate) => {
    session.push(Float32Array.of(angle, rate, moment, reference));
    moment = Math.min(Math.max(session.membrane()[0], -strongest), strongest);
    return moment;
  };
}

// Chosen on 300 landings of other seeds.
const [setPoint, proportional, integral, tau] = [1.05, 0.4, 0.1, 0.02];

/** Landing: the smoothed divergence and the integral of its error; the output is proportional to both. Inputs: divergence, 1. */
export function landingNetwork(random) {
  const rate = dt / tau;
  return spikeCode(
    {
      F: [
        [1 - rate, 0],
        [dt * (1 - rate), 1],
      ],
      G: [
        [rate, 0],
        [dt * rate, -dt * setPoint],
      ],
      H: [[proportional, integral]],
      J: [[0, -proportional * setPoint]],
    },
    { units: [0.05, 0.05], levels: 16, random, spiking: false },
  );
}

/** `divergence =>` thrust as a multiple of the weight, by a session of `landingNetwork`. */
export function landingControl(session) {
  session.reset();
  return (divergence) => {
    session.push(Float32Array.of(divergence, 1));
    return 1 + 0.3 * Math.min(Math.max(session.membrane()[0], -1), 1);
  };
}
