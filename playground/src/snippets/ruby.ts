// Ruby, its standard library alone.
import { type Literals, listColumns, quoteSingle, toField, toLines, toLiteral } from './literals.ts';
import type { Language, SnippetRequest } from './request.ts';

const LITERALS: Literals = {
  text: quoteSingle,
  yes: 'true',
  no: 'false',
  nothing: 'nil',
  list: (items) => `[${items.join(', ')}]`,
};

export const ruby: Language = {
  id: 'ruby',
  name: 'Ruby',
  file: 'predict.rb',
  run: 'ruby predict.rb',
  syntax: 'ruby',
  write(request: SnippetRequest): string {
    return `require 'json'
require 'net/http'

uri = URI(ENV.fetch('PIPELINE_URL'))
${request.image === null ? sendRow(request) : sendImage(request, request.image)}
response = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https', read_timeout: 30) do |http|
  http.request(request)
end
answer = JSON.parse(response.body)
abort answer['message'] unless response.is_a?(Net::HTTPSuccess)
puts JSON.generate(answer)
`;
  },
};

function sendRow(request: SnippetRequest): string {
  return `row = {
${toLines(request, (name, value) => `${quoteSingle(name)} => ${toLiteral(value, LITERALS)}`)}}
request = Net::HTTP::Post.new(uri, 'Content-Type' => 'application/json')
request.body = JSON.generate(row)`;
}

function sendImage(request: SnippetRequest, { field, file }: { field: string; file: string }): string {
  const columns = listColumns(request).map(
    ([name, value]) => `  [${quoteSingle(name)}, ${quoteSingle(toField(value))}],\n`,
  );
  return `form = [
  [${quoteSingle(field)}, File.open(${quoteSingle(file)}, 'rb')],
${columns.join('')}]
request = Net::HTTP::Post.new(uri)
request.set_form(form, 'multipart/form-data')`;
}
