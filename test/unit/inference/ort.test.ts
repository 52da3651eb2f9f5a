import { readFileSync } from 'node:fs';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import { describeRuntime } from '../../contract/runtime.ts';
import { identityModels } from '../../support/identity-models.ts';

// The same adapter and engine as in the Worker, in Node; test/http runs them in workerd.
const runtime = createOrtRuntime();
describeRuntime('ONNX Runtime', () => runtime, {
  iris: new Uint8Array(readFileSync('worker/tutorial/iris.onnx')),
  identities: identityModels(),
});
