// The languages, in the order of their tabs.
import { curl } from './curl.ts';
import { go } from './go.ts';
import { hono } from './hono.ts';
import { java } from './java.ts';
import { javascript } from './javascript.ts';
import type { Language } from './language.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import { r } from './r.ts';
import { ruby } from './ruby.ts';

export const LANGUAGES: readonly Language[] = [curl, python, javascript, hono, php, ruby, go, r, java];
