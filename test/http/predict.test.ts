import { env, exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { publishTutorial, type Caller } from './support.ts';

let call: Caller;
beforeAll(async () => {
  call = await publishTutorial();
});

const QUERY = 'sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
it('answers', async () => {
  const r = await call(`?${QUERY}`);
  expect(await r.text()).toBe('{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}');
});
