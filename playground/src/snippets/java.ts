// Java 17, its standard library alone.
import { listColumns, quoteJson, toField } from './literals.ts';
import type { Language, SnippetRequest } from './request.ts';

export const java: Language = {
  id: 'java',
  name: 'Java',
  file: 'Predict.java',
  run: 'java Predict.java',
  syntax: 'java',
  write(request: SnippetRequest): string {
    const image = request.image;
    return `import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
${image === null ? '' : IMAGE_IMPORTS}
public class Predict {
  public static void main(String[] arguments) throws Exception {
${image === null ? sendRow(request) : sendImage(request, image)}
        .timeout(Duration.ofSeconds(30))
        .build();
    var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    if (response.statusCode() >= 400) {
      System.err.println(response.body());
      System.exit(1);
    }
    System.out.println(response.body());
  }
}
`;
  },
};

const IMAGE_IMPORTS = `import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
`;

/** JSON inside a text block, where backslashes and three quotes are Java's own. */
function sendRow(request: SnippetRequest): string {
  const json = JSON.stringify(Object.fromEntries(listColumns(request)), null, 2)
    .replaceAll('\\', '\\\\')
    .replaceAll('"""', '\\"""')
    .replaceAll('\n', '\n        ');
  return `    var row = """
        ${json}
        """;
    var request = HttpRequest.newBuilder(URI.create(System.getenv("PIPELINE_URL")))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(row))`;
}

function sendImage(request: SnippetRequest, { field, file }: { field: string; file: string }): string {
  return `    var boundary = "postern-form";
    var parts = new ArrayList<byte[]>();
    var head = "--" + boundary + "\\r\\nContent-Disposition: form-data; name=\\"%s\\"%s\\r\\n\\r\\n";
    parts.add(head.formatted(${quoteJson(escapeName(field))}, "; filename=\\"image\\"").getBytes("UTF-8"));
    parts.add(Files.readAllBytes(Path.of(${quoteJson(file)})));
    parts.add("\\r\\n".getBytes());
${listColumns(request).length === 0 ? '' : toColumns(request)}    parts.add(("--" + boundary + "--\\r\\n").getBytes());
    var request = HttpRequest.newBuilder(URI.create(System.getenv("PIPELINE_URL")))
        .header("Content-Type", "multipart/form-data; boundary=" + boundary)
        .POST(BodyPublishers.ofByteArrays(parts))`;
}

function toColumns(request: SnippetRequest): string {
  const entries = listColumns(request).map(
    ([name, value]) => `        Map.entry(${quoteJson(escapeName(name))}, ${quoteJson(toField(value))})`,
  );
  return `    for (var column : Map.ofEntries(
${entries.join(',\n')}).entrySet()) {
      parts.add((head.formatted(column.getKey(), "") + column.getValue() + "\\r\\n").getBytes("UTF-8"));
    }
`;
}

/** As browsers write names of form fields. */
function escapeName(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
