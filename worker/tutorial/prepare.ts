// Makes iris.votes.onnx of iris.onnx: the same forest without the two nodes that turn votes into probabilities, which
// the manifest's `normalize` does in float64 with the same result. `npm run tutorial` writes it, a test compares it.
import { readFile, writeFile } from 'node:fs/promises';
import { parseModel } from '../onnx/parse.ts';
import { pruneGraph } from '../onnx/prune.ts';
import { addFloatOutput } from '../onnx/rewrite.ts';

const VOTES = 'votes';

/** @returns the file whose only output is the votes of the trees, float32 [N, classes]. */
export function toVotes(iris: Uint8Array): Uint8Array {
  const model = parseModel(iris);
  return pruneGraph(addFloatOutput(iris, model, VOTES), model, [VOTES]).bytes;
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const here = new URL('.', import.meta.url);
  const votes = toVotes(new Uint8Array(await readFile(new URL('iris.onnx', here))));
  await writeFile(new URL('iris.votes.onnx', here), votes);
}
