// Java 17 or newer, with its standard library alone.
import { EXPORT_URL, type Language, TIMEOUT_SECONDS } from './language.ts';
import { toJson, toQuery, toUnits } from './literals.ts';
import type { SnippetImage, SnippetRequest, SnippetRow } from './request.ts';

const INDENT = ' '.repeat(12);

export const java: Language = {
  id: 'java',
  name: 'Java',
  file: 'Predict.java',
  syntax: 'java',
  run: 'java Predict.java',
  setUrl: EXPORT_URL,
  write: ({ row, image }: SnippetRequest) => `import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
${image === null ? '' : 'import java.nio.file.Path;\n'}import java.time.Duration;

public class Predict {
    public static void main(String[] args) throws Exception {
${image === null ? sendRow(row) : sendImage(row, image)}
            .timeout(Duration.ofSeconds(${TIMEOUT_SECONDS}))
            .build();
        var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            System.err.println(response.body()); // JSON: what is wrong stands in "message"
            System.exit(1);
        }
        System.out.println(response.body());
    }
}
`,
};

function sendRow(row: SnippetRow): string {
  return `        var row = """
${toTextBlock(toJson(row))}
${INDENT}""";
        var request = HttpRequest.newBuilder(URI.create(System.getenv("PIPELINE_URL")))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(row))`;
}

function sendImage(row: SnippetRow, { file, type }: SnippetImage): string {
  const query = toQuery(row);
  return `        var url = System.getenv("PIPELINE_URL")${query === '' ? '' : ` + "${query}"`};
        var request = HttpRequest.newBuilder(URI.create(url))
            .header("Content-Type", "${type}")
            .POST(BodyPublishers.ofFile(Path.of("${file}")))`;
}

/** Before version 18, Java reads sources in the encoding of the machine: beyond ASCII there are escapes alone. */
function toTextBlock(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('"""', '\\"\\"\\"')
    .replaceAll(/[^\0-\x7f]/g, toUnits)
    .replaceAll(/^/gm, INDENT);
}
