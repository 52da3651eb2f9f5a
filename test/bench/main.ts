// `npm run bench`: the Worker beside a no-op Worker, and beside the same on other platforms, in one run; then what it does
// with large models, too many requests and many pipelines. Writes docs/performance.md. `--quick --json` takes about
// three minutes and prints one JSON object on its last line.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/build.ts';
import { measureBatches, reportBatches } from './batch.ts';
import { measureBigModel, reportBigModel } from './big-model.ts';
import { measureImages, reportImages } from './images.ts';
import { measureLoad, reportLoad } from './load.ts';
import { measureProfiles, reportProfiles } from './profile.ts';
import { toJson, toPage, toTables } from './report.ts';
import { measureRequest, reportRequest } from './request.ts';
import { measureScale, reportScale } from './scale.ts';
import type { Section } from './section.ts';
import { findServers, prepare } from './servers.ts';

const PAGE = join(ROOT, 'docs/performance.md');
const quick = process.argv.includes('--quick');
const json = process.argv.includes('--json');

/** In this order. */
const parts: (() => Promise<Section>)[] = [
  async () => {
    const options = quick ? { rounds: 6, seconds: 1, starts: 9 } : { rounds: 15, seconds: 1, starts: 15 };
    return reportRequest(await measureRequest(findServers(), options));
  },
  // The quick run leaves images and profiles out: they take a minute each.
  ...(quick ? [] : [async () => reportImages(await measureImages(3, 2))]),
  async () =>
    reportBatches(
      await measureBatches(
        quick
          ? { rounds: 1, ms: 300, rows: 20_000, images: 200 }
          : { rounds: 3, ms: 1000, rows: 100_000, images: 1000 },
      ),
    ),
  ...(quick ? [] : [async () => reportProfiles(await measureProfiles({ ms: 1000, rows: 50_000, images: 1000 }))]),
  async () => reportBigModel(await measureBigModel(quick ? 1 : 5, quick ? 2 : 5)),
  async () => reportLoad(await measureLoad(quick ? 5 : 60, quick ? 4 : 20)),
  async () => reportScale(await measureScale(quick ? 5 : 20, [10, 100, 1000], 10)),
];

await prepare();
const sections: Section[] = [];
for (const part of parts) sections.push(await part());
if (!quick) writeFileSync(PAGE, toPage(sections, readFileSync(PAGE, 'utf8')));
console.log(json ? JSON.stringify(toJson(sections)) : toTables(sections));
