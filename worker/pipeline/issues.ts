// Collects what is wrong with the rows of one request, so that all of it is reported at once.
import { AppError, type Issue, type IssueCode } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** The code of the whole answer when issues of several kinds were found: a misspelt name explains a missing one. */
const PRECEDENCE: readonly IssueCode[] = ['unknown_feature', 'missing_features', 'invalid_value'];

export class IssueList {
  readonly listed: Issue[] = [];
  count = 0;
  #codes: Set<IssueCode> | null = null;
  readonly #example: string | undefined;

  /** @param example a query string that would have been right, for the callers who sent none or a wrong one. */
  constructor(example?: string) {
    this.#example = example;
  }

  add(issue: Issue): void {
    // A value that could not be read is not missing as well.
    if (issue.code === 'missing_features' && this.#isListed(issue)) return;
    this.count += 1;
    this.#codes ??= new Set();
    this.#codes.add(issue.code);
    if (this.listed.length < LIMITS.ISSUES_LISTED) this.listed.push(issue);
  }

  #isListed({ row, feature }: Issue): boolean {
    return this.listed.some((other) => other.row === row && other.feature === feature);
  }

  /** @throws AppError with every issue, if there is one. */
  throwIfAny(): void {
    if (this.count === 0) return;
    const example = this.#example;
    const code = PRECEDENCE.find((candidate) => this.#codes?.has(candidate)) ?? 'invalid_value';
    throw new AppError(code, summarise(code, this.listed, example), {
      issues: this.listed,
      issueCount: this.count,
      example,
    });
  }
}

function summarise(code: IssueCode, issues: readonly Issue[], example?: string): string {
  const first = issues.find((issue) => issue.code === code);
  if (code !== 'missing_features') return first?.message ?? code;
  const names = [...new Set(issues.filter((issue) => issue.code === code).map((issue) => issue.feature))];
  const hint = example === undefined ? '' : ` An example query: ?${example}`;
  return `Missing ${names.length === 1 ? 'feature' : 'features'}: ${names.join(', ')}.${hint}`;
}
