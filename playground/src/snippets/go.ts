// Go, its standard library alone.
import { type Literals, listColumns, quoteJson, toField, toLiteral } from './literals.ts';
import type { Language, SnippetRequest } from './request.ts';

const LITERALS: Literals = {
  text: quoteJson,
  yes: 'true',
  no: 'false',
  nothing: 'nil',
  list: (items) => `[]float64{${items.join(', ')}}`,
};

export const go: Language = {
  id: 'go',
  name: 'Go',
  file: 'predict.go',
  run: 'go run predict.go',
  syntax: 'go',
  write(request: SnippetRequest): string {
    return request.image === null ? sendRow(request) : sendImage(request, request.image);
  },
};

const toLines = (request: SnippetRequest, write: (value: Parameters<typeof toField>[0]) => string): string =>
  listColumns(request)
    .map(([name, value]) => `\t\t${quoteJson(name)}: ${write(value)},\n`)
    .join('');

function sendRow(request: SnippetRequest): string {
  return `package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	body, err := json.Marshal(map[string]any{
${toLines(request, (value) => toLiteral(value, LITERALS))}	})
	if err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Timeout: 30 * time.Second}
	response, err := client.Post(os.Getenv("PIPELINE_URL"), "application/json", bytes.NewReader(body))
${END}`;
}

function sendImage(request: SnippetRequest, { field, file }: { field: string; file: string }): string {
  const columns = toLines(request, (value) => quoteJson(toField(value)));
  const write =
    columns === ''
      ? ''
      : `	for name, value := range map[string]string{
${columns}	} {
		form.WriteField(name, value)
	}
`;
  return `package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"os"
	"time"
)

func main() {
	image, err := os.ReadFile(${quoteJson(file)})
	if err != nil {
		log.Fatal(err)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(${quoteJson(field)}, ${quoteJson(file)})
	if err != nil {
		log.Fatal(err)
	}
	part.Write(image)
${write}	form.Close()
	client := &http.Client{Timeout: 30 * time.Second}
	response, err := client.Post(os.Getenv("PIPELINE_URL"), form.FormDataContentType(), &body)
${END}`;
}

const END = `	if err != nil {
		log.Fatal("the pipeline does not answer")
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	if response.StatusCode >= 400 {
		var failure struct{ Message string }
		json.Unmarshal(text, &failure)
		log.Fatal(failure.Message)
	}
	fmt.Println(string(text))
}
`;
