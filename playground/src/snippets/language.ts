// What makes up a snippet of one language: its text, and how a person runs it. Pure.
import type { SnippetRequest } from './request.ts';

export interface Language {
  readonly id: string;
  readonly name: string;
  /** The file that a person makes of it. */
  readonly file: string;
  /** The name of its syntax for highlight.js. */
  readonly syntax: string;
  /** What is installed first, where something must be. */
  readonly install?: string;
  readonly run: string;
  /** How the URL reaches it. */
  readonly setUrl: string;
  readonly write: (request: SnippetRequest) => string;
}

/** Each command of these has the URL from its environment. */
export const EXPORT_URL = "export PIPELINE_URL='…'";

/** A model answers in milliseconds, one that has rested in a second or two. */
export const TIMEOUT_SECONDS = 10;
