// A refusal that is heard: it is sent when its request's body has been read, whoever began to read it.
import { drain } from '../decode/read.ts';

/** @returns the answer: at once where there is no body, else after the body. */
export function afterBody({ body }: Request, answer: Response): Response | Promise<Response> {
  return body === null || body.locked ? answer : drain(body).then(() => answer);
}
