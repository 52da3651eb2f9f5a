// The answer to a row, asked for shortly after it has changed; the last answer stays until the next one is there.
import { useEffect, useState } from 'react';
import type { PipelineSchema, Prediction } from '../../../worker/contract.ts';
import type { Row } from '../row.ts';
import { ApiFailure, transport } from '../transport.ts';
import { findEmpty } from './fields.ts';
import { toRequest } from './request.ts';

/** A moving slider changes the row sixty times a second; its answers need not be that many. */
const PAUSE_MS = 90;

export interface Answered {
  readonly row: Row;
  readonly prediction: Prediction;
  /** The body as it came. */
  readonly text: string;
  /** From sending to the last byte, as this page saw it. */
  readonly milliseconds: number;
  readonly version: string | null;
}

export interface PredictionState {
  readonly answered: Answered | null;
  readonly failure: ApiFailure | null;
  /** Names of features without a value, where nothing was sent for want of them. */
  readonly empty: readonly string[];
  readonly pending: boolean;
}

export function usePrediction(slug: string, schema: PipelineSchema, row: Row): PredictionState {
  const [state, setState] = useState<PredictionState>({ answered: null, failure: null, empty: [], pending: true });
  useEffect(() => {
    const empty = findEmpty(schema, row).filter(
      (name) => schema.features.find((f) => f.name === name)?.type === 'image',
    );
    if (empty.length > 0) {
      setState({ answered: null, failure: null, empty, pending: false });
      return;
    }
    const aborter = new AbortController();
    setState((before) => ({ ...before, empty: [], pending: true }));
    const timer = setTimeout(async () => {
      try {
        const answered = await ask(slug, schema, row, aborter.signal);
        if (!aborter.signal.aborted) setState({ answered, failure: null, empty: [], pending: false });
      } catch (error) {
        if (aborter.signal.aborted) return;
        if (!(error instanceof ApiFailure)) throw error;
        setState((before) => ({ ...before, failure: error, pending: false }));
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [slug, schema, row]);
  return state;
}

/** @throws ApiFailure */
async function ask(slug: string, schema: PipelineSchema, row: Row, signal: AbortSignal): Promise<Answered> {
  const start = performance.now();
  const response = await transport.send(`/demo/${slug}`, { ...toRequest(schema, row), signal });
  const text = await response.text();
  return {
    row,
    text,
    prediction: JSON.parse(text) as Prediction,
    milliseconds: performance.now() - start,
    version: response.headers.get('X-Model-Version'),
  };
}
