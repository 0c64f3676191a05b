import { dense, LapicqueError, sequential } from 'lapicque';
import { lif } from 'lapicque/neurons';

// Not the edge runtime, which has no native addons.
export const runtime = 'nodejs';

/** One model per process; a real one is loaded: Model.load(path). */
const model = sequential(dense(4, 8), lif({ beta: 0.9 }), dense(8, 2), lif({ beta: 0.9 })).compile({
  seed: 1,
});

export async function POST(request) {
  try {
    const x = Float32Array.from(await request.json());
    const [label] = await (await model).predict({ x, shape: [1, 4] }, { steps: 10 });
    return Response.json({ label });
  } catch (error) {
    if (error instanceof LapicqueError) return Response.json(error.toJSON(), { status: 400 });
    throw error;
  }
}
