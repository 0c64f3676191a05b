// Collector neurons: one follows each candidate, adds up the evidence for it, and fires while the evidence exceeds a threshold.
import { frame } from './satellite-data.mjs';

const near = 4; // px, and
const alike = 5; // px/s: a winner this near to the expected place and velocity continues a candidate
const missed = 1.5; // evidence lost in a frame without a winner

/** `push(winners)` returns the candidates whose collector fires. A winner of potential p is evidence of p less `allowance`. */
export class Collectors {
  #candidates = [];
  #created = 0;

  constructor({ allowance, evidence }) {
    this.allowance = allowance;
    this.evidence = evidence;
  }

  reset() {
    this.#candidates = [];
  }

  push(winners) {
    for (const one of this.#candidates) {
      one.at = one.at.map((value, axis) => value + frame * one.velocity[axis]);
      one.winner = undefined;
    }
    const free = new Set(winners);
    for (const [winner, one] of this.#pairs(winners)) {
      if (!free.has(winner) || one.winner !== undefined) continue;
      free.delete(winner);
      Object.assign(one, { winner, at: winner.at, velocity: winner.velocity });
    }
    for (const one of this.#candidates) {
      const gain = one.winner === undefined ? -missed : one.winner.potential - this.allowance;
      one.potential = Math.min(this.evidence + 3, one.potential + gain);
    }
    this.#candidates = this.#candidates.filter(({ potential }) => potential > 0);
    for (const winner of free) {
      const potential = winner.potential - this.allowance;
      if (potential > 0)
        this.#candidates.push({
          winner,
          at: winner.at,
          velocity: winner.velocity,
          potential,
          id: this.#created++,
        });
    }
    return this.#candidates
      .filter(({ winner, potential }) => winner !== undefined && potential > this.evidence)
      .map(({ id, at, velocity }) => ({ id, at, velocity }));
  }

  /** Winners with the candidates that they may continue, the most alike first. */
  #pairs(winners) {
    const pairs = [];
    for (const winner of winners)
      for (const one of this.#candidates) {
        const distance = Math.hypot(winner.at[0] - one.at[0], winner.at[1] - one.at[1]);
        const turn = Math.hypot(winner.velocity[0] - one.velocity[0], winner.velocity[1] - one.velocity[1]);
        if (distance < near && turn < alike) pairs.push([winner, one, distance + turn / 3]);
      }
    return pairs.sort((a, b) => a[2] - b[2]);
  }
}
