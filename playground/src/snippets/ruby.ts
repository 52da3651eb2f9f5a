// Ruby, with its standard library alone.
import { EXPORT_URL, type Language, TIMEOUT_SECONDS } from './language.ts';
import { type Literals, quoteRuby, toLines, toLiteral, toQuery } from './literals.ts';
import type { SnippetImage, SnippetRequest, SnippetRow } from './request.ts';

const LITERALS: Literals = {
  text: quoteRuby,
  yes: 'true',
  no: 'false',
  nothing: 'nil',
  list: (items) => `[${items.join(', ')}]`,
};

export const ruby: Language = {
  id: 'ruby',
  name: 'Ruby',
  file: 'predict.rb',
  syntax: 'ruby',
  run: 'ruby predict.rb',
  setUrl: EXPORT_URL,
  write: ({ row, image }: SnippetRequest) => `require 'json'
require 'net/http'

${image === null ? sendRow(row) : sendImage(row, image)}

http = Net::HTTP.new(url.host, url.port)
http.use_ssl = url.scheme == 'https'
http.read_timeout = ${TIMEOUT_SECONDS}
response = http.request(request)

answer = JSON.parse(response.body)
abort "#{response.code}: #{answer['message']}" unless response.is_a?(Net::HTTPSuccess)
puts JSON.generate(answer)
`,
};

function sendRow(row: SnippetRow): string {
  return `row = ${toHash(row)}

url = URI(ENV.fetch('PIPELINE_URL'))
request = Net::HTTP::Post.new(url, 'Content-Type' => 'application/json')
request.body = JSON.generate(row)`;
}

function sendImage(row: SnippetRow, { file, type }: SnippetImage): string {
  const query = toQuery(row);
  return `url = URI(ENV.fetch('PIPELINE_URL')${query === '' ? '' : ` + '${query}'`})
request = Net::HTTP::Post.new(url, 'Content-Type' => '${type}')
request.body = File.binread('${file}')`;
}

export function toHash(row: SnippetRow): string {
  return `{\n${toLines(row, '  ', (name, value) => `${quoteRuby(name)} => ${toLiteral(value, LITERALS)}`)}}`;
}
