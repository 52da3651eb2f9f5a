// Go, with its standard library alone, as gofmt leaves it.
import { EXPORT_URL, type Language, TIMEOUT_SECONDS } from './language.ts';
import { type Literals, quoteGo, toLiteral, toQuery } from './literals.ts';
import type { SnippetImage, SnippetRequest, SnippetRow } from './request.ts';

/** gofmt aligns what follows keys of up to so many characters. */
const ALIGNED = 40;

const LITERALS: Literals = {
  text: quoteGo,
  yes: 'true',
  no: 'false',
  nothing: 'nil',
  list: (items) => `[]any{${items.join(', ')}}`,
};

export const go: Language = {
  id: 'go',
  name: 'Go',
  file: 'predict.go',
  syntax: 'go',
  run: 'go run predict.go',
  setUrl: EXPORT_URL,
  write: ({ row, image }: SnippetRequest) => `package main

import (
${image === null ? '\t"bytes"\n' : ''}	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
${image === null ? sendRow(row) : sendImage(row, image)}
	if err != nil {
		log.Fatal(errors.Unwrap(err)) // err itself would show the URL
	}
	defer response.Body.Close()

	var answer struct {
		Prediction  any       \`json:"prediction"\`
		Probability []float64 \`json:"probability,omitempty"\`
		Message     string    \`json:"message,omitempty"\`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		log.Fatal(err)
	}
	if response.StatusCode >= 400 {
		log.Fatalf("%d: %s", response.StatusCode, answer.Message)
	}
	json.NewEncoder(os.Stdout).Encode(answer)
}
`,
};

const CLIENT = `	client := &http.Client{Timeout: ${TIMEOUT_SECONDS} * time.Second}`;

function sendRow(row: SnippetRow): string {
  return `	row, err := json.Marshal(map[string]any{
${toMap(row)}	})
	if err != nil {
		log.Fatal(err)
	}

${CLIENT}
	response, err := client.Post(os.Getenv("PIPELINE_URL"), "application/json", bytes.NewReader(row))`;
}

function sendImage(row: SnippetRow, { file, type }: SnippetImage): string {
  const query = toQuery(row);
  const url = `os.Getenv("PIPELINE_URL")${query === '' ? '' : `+"${query}"`}`;
  return `	image, err := os.Open("${file}")
	if err != nil {
		log.Fatal(err)
	}
	defer image.Close()

${CLIENT}
	response, err := client.Post(${url}, "${type}", image)`;
}

function toMap(row: SnippetRow): string {
  const keys = Object.keys(row).map(quoteGo);
  const lengths = keys.map((key) => Array.from(key).length);
  const width = Math.max(...lengths) <= ALIGNED ? Math.max(...lengths) : 0;
  return Object.values(row)
    .map((value, i) => {
      const pad = ' '.repeat(Math.max(0, width - (lengths[i] ?? 0)));
      return `\t\t${keys[i]}:${pad} ${toLiteral(value, LITERALS)},\n`;
    })
    .join('');
}
