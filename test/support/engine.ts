// Prepares the engine once for a test run that builds no Worker.
import { buildEngine } from './build.ts';

export function setup(): void {
  buildEngine();
}
